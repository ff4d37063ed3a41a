"""Many connections at once: answers stay with their questions, memory stays small, ceilings hold."""
import json
import os
import resource
import threading
import time

import pytest

from lib.server import build
from wire import chunked, get, post

NEEDED_FILES = 13_000


@pytest.fixture(scope="module", autouse=True)
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < NEEDED_FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (NEEDED_FILES, max(hard, NEEDED_FILES)))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def close(wires):
    for wire in wires:
        wire.socket.close()


def accepted(edge, n):
    """The kernel completes a connection before the server has taken it: waits until all are taken
    (and the asking ones that are gone are let go)."""
    deadline = time.monotonic() + 20
    while (open_now := edge.figures()["connections"]) != n and time.monotonic() < deadline:
        time.sleep(0.01)
    assert open_now == n


def test_2000_idle_connections_cost_little(make_edge):
    edge = make_edge()
    before = edge.rss_kib()
    idle = [edge.wire() for _ in range(1000)]
    for wire in idle:
        wire.send(get("/echo"))
    assert all(wire.answer().status == 200 for wire in idle)
    idle += [edge.wire() for _ in range(1000)]
    accepted(edge, 2001)
    grown = edge.rss_kib() - before
    # The thousand that asked all at once had a block each, of which EXCHANGES_KEPT are kept.
    assert grown < 16 * 1024 or build() in ("address", "thread"), f"{grown} KiB"
    for wire in idle[::100]:
        assert wire.send(get("/echo")).answer().status == 200
    close(idle)


def test_12000_connections(make_edge):
    edge = make_edge(threads=2)
    idle = [edge.wire() for _ in range(11_998)]
    accepted(edge, 11_999)
    for wire in idle[::500]:
        assert json.loads(wire.send(get("/echo")).answer().body)["path"] == "/echo"
    rss = edge.rss_kib()
    close(idle)
    assert rss < 100 * 1024 or build() != "plain", f"{rss} KiB"


def test_the_ceiling_of_connections(make_edge):
    edge = make_edge(connections_max=20)
    held = [edge.wire() for _ in range(20)]
    assert all(w.send(get("/echo")).answer().status == 200 for w in held)
    with edge.wire() as one_more:
        one_more.send(get("/echo"))
        assert one_more.rest() == []
    held.pop().socket.close()
    deadline = time.monotonic() + 20
    while True:   # until the server has seen the end of the one that left
        with edge.wire() as again:
            answers = again.send(get("/echo", "Connection: close")).rest()
        if answers:
            break
        assert time.monotonic() < deadline
    assert answers[0].status == 200
    close(held)
    held = []
    while (figures := _figures(edge)) is None or figures["connections"] > 1:
        assert time.monotonic() < deadline
    assert figures["refusedConnections"] >= 1


def _figures(edge):
    with edge.wire() as wire:
        answer = wire.send(get("/figures")).answer()
    return json.loads(answer.body) if answer else None


def test_loopback_and_proxies_have_no_ceiling_of_their_own(make_edge):
    edge = make_edge(connections_per_address_max=5)
    held = [edge.wire() for _ in range(30)]
    assert all(w.send(get("/echo")).answer().status == 200 for w in held)
    close(held)


def test_bodies_share_a_ceiling(make_edge):
    """100 clients hold back the last byte of a large body: memory stays bounded, who is refused knows why,
    who was let in is served, and afterwards there is room again."""
    edge = make_edge(body_max=1 << 20, body_timeout_ms=120_000)
    before = edge.rss_kib()
    body = b"b" * ((1 << 20) - 1)
    held = [edge.wire().send(post("/sum", f"Content-Length: {1 << 20}", body=body)) for _ in range(100)]
    served, refused = 0, 0
    rss = edge.rss_kib()
    for wire in held:
        answer = wire.send(b"b").answer()
        served += answer.status == 200
        refused += answer.status == 503
    close(held)
    assert (served + refused, served >= 20, refused >= 10) == (100, True, True), (served, refused)
    assert rss - before < 90 * 1024 or build() != "plain", f"{rss - before} KiB"
    with edge.wire() as wire:
        assert wire.send(chunked("/sum", b"80000\r\n%s\r\n0\r\n\r\n" % body[:0x80000])).answer().status == 200


def test_no_more_descriptors(make_edge):
    """The server runs out of descriptors: who comes too late is turned away, the others are served, and it recovers."""
    edge = make_edge(connections_max=12_000)
    resource.prlimit(edge.process.pid, resource.RLIMIT_NOFILE, (64, 64))
    wires = [edge.wire() for _ in range(200)]
    served = sum(w.send(get("/echo", "Connection: close")).rest() != [] for w in wires)
    close(wires)
    assert 10 <= served < 200
    assert edge.ask("/echo")["path"] == "/echo"
    cpu = _cpu(edge)
    time.sleep(0.5)
    assert _cpu(edge) - cpu < 0.3, "it spins"


def _cpu(edge):
    with open(f"/proc/{edge.process.pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_answers_stay_with_their_questions(make_edge, threads):
    edge = make_edge(threads=threads, workers=8)
    wrong = []

    def talk(who):
        with edge.wire() as wire:
            for turn in range(30):
                paths = [f"/{door}?ms={(who + turn) % 4}&n={who}.{turn}.{i}"
                         for i, door in enumerate(["slow", "echo", "now", "echo", "slow"])]
                wire.send(b"".join(get(p) for p in paths))
                for p in paths:
                    said = json.loads(wire.answer().body)
                    if f"{said['path']}?{said['query']}" != p:
                        wrong.append((p, said))

    clients = [threading.Thread(target=talk, args=(i,)) for i in range(24)]
    for c in clients:
        c.start()
    for c in clients:
        c.join()
    assert wrong == []
    # The edge may still be waking up to the ends of the connections; the requests are counted.
    assert edge.figures()["requests"] >= 24 * 30 * 5


def test_idle_it_sleeps(make_edge):
    edge = make_edge(threads=2)
    wires = [edge.wire() for _ in range(50)]
    assert all(w.send(get("/echo")).answer().status == 200 for w in wires)
    before = _cpu(edge)
    time.sleep(1)
    assert _cpu(edge) - before < 0.1
    close(wires)
