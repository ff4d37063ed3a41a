"""Limits of time, clients that stop, stall or go away.  The limits are short, the patience is long:
a loaded machine makes these slow, not wrong."""
import json
import signal
import socket
import struct
import threading
import time

import pytest

from wire import get, post, request

SHORT = 0.4   # seconds
PATIENT_MS = 60_000


@pytest.fixture(scope="module")
def hasty():
    """Every limit is short."""
    from conftest import Edge
    one = Edge(header_timeout_ms=int(SHORT * 1000), body_timeout_ms=int(SHORT * 1000), idle_timeout_ms=int(SHORT * 1000))
    yield one
    one.stop()


def trickle(wire, data):
    """Keeps sending, a byte at a time, until the server has had enough; its answers and the seconds it took."""
    began = time.monotonic()
    stop = threading.Event()

    def send():
        for i in range(len(data)):
            if stop.wait(SHORT / 10):
                return
            wire.send(data[i:i + 1])

    thread = threading.Thread(target=send)
    thread.start()
    answers = wire.rest()
    took = time.monotonic() - began
    stop.set()
    thread.join()
    return answers, took


@pytest.mark.parametrize("data", [
    b"GET /hidden HTTP/1.1\r\nHost: a\r\nX-Slow: " + b"a" * 200,
    b"GET /" + b"a" * 200,
    b"GET /hidden HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 40,
], ids=["value", "target", "lines"])
def test_a_header_that_trickles_in(hasty, data):
    hasty.executed()
    with hasty.wire() as wire:
        answers, took = trickle(wire, data)
    assert [a.status for a in answers] == [408] and answers[0].header("Connection") == "close"
    assert SHORT * 0.9 <= took < 15
    assert hasty.executed() == []


@pytest.mark.parametrize("head, body", [
    (post("/hidden", "Content-Length: 200"), b"a" * 200),
    (post("/hidden", "Content-Length: 200000"), b"a" * 200),
    (post("/hidden", "Transfer-Encoding: chunked"), b"1\r\na\r\n" * 40),
    (post("/hidden", "Transfer-Encoding: chunked"), b"FFF\r\n" + b"a" * 200),
], ids=["length", "long", "chunks", "chunk"])
def test_a_body_that_trickles_in(hasty, head, body):
    hasty.executed()
    with hasty.wire() as wire:
        answers, took = trickle(wire.send(head), body)
    assert [a.status for a in answers] == [408] and SHORT * 0.9 <= took < 15
    assert hasty.executed() == []


def test_a_body_that_never_comes(hasty):
    with hasty.wire() as wire:
        answers = wire.send(post("/hidden", "Content-Length: 5", "Expect: 100-continue")).rest()
    assert [a.status for a in answers] == [100, 408]


def test_a_connection_without_a_request_ends_silently(hasty):
    with hasty.wire() as wire:
        assert wire.wait_end() >= SHORT * 0.9
        assert wire.got == b""
    with hasty.wire() as wire:
        assert wire.send(get("/echo")).answer().status == 200
        assert wire.wait_end() >= SHORT * 0.9
        assert wire.got == b""


def test_requests_keep_a_connection_alive(hasty):
    """Longer than each limit, as each is for one phase."""
    with hasty.wire() as wire:
        for _ in range(12):
            assert wire.send(get("/slow?ms=50")).answer().status == 200
            time.sleep(0.05)


def test_the_handler_may_take_its_time(hasty):
    with hasty.wire() as wire:
        assert wire.send(get(f"/slow?ms={int(SHORT * 4000)}")).answer().status == 200


# ---- clients that say no more

def test_a_client_that_will_send_no_more_is_answered(edge):
    with edge.wire() as wire:
        answers = wire.send(get(edge.get_path) * 3).end().rest()
    assert [a.status for a in answers] == [200, 200, 200]


def test_also_when_the_answer_takes_time(harness):
    with harness.wire() as wire:
        answers = wire.send(get("/slow?ms=300") + get("/echo")).end().rest()
    assert [a.status for a in answers] == [200, 200]


@pytest.mark.parametrize("data", [b"GET /hidden HT", get("/hidden")[:-2], post("/hidden", "Content-Length: 5", body=b"abc"),
                                  post("/hidden", "Transfer-Encoding: chunked", body=b"5\r\nabc")])
def test_half_a_request_is_refused(harness, data):
    harness.executed()
    with harness.wire() as wire:
        answers = wire.send(data).end().rest()
    assert [a.status for a in answers] == [400]
    assert harness.executed() == []


def test_nothing_at_all(edge):
    with edge.wire() as wire:
        assert wire.end().rest() == []


def vanish(wire):
    """Closes with a reset, as a crashed client's kernel does."""
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.socket.close()


def wait_for_connections(edge, n):
    """Until only n are open; the one that asks is one of them."""
    deadline = time.monotonic() + 20
    while (open_now := edge.figures()["connections"]) > n:
        assert time.monotonic() < deadline, f"{open_now} connections are open, not {n}"
        time.sleep(0.05)


@pytest.mark.parametrize("data", [
    b"", b"GET /ec", post("/echo", "Content-Length: 5", body=b"ab"), get("/slow?ms=300"), get("/big?n=9000000"),
    get("/slow?ms=50") * 50, b"GET / HTTP/9.9\r\n\r\n",
], ids=["idle", "header", "body", "work", "write", "pipeline", "refused"])
def test_clients_that_vanish_leave_nothing(make_edge, data):
    edge = make_edge()
    for _ in range(20):
        wire = edge.wire().send(data)
        time.sleep(0.01)
        vanish(wire)
    wait_for_connections(edge, 1)
    assert edge.ask("/echo")["method"] == "GET"


# ---- slow readers

def test_a_client_that_reads_nothing_holds_up_nobody_and_goes(make_edge):
    edge = make_edge(body_timeout_ms=int(SHORT * 3000), threads=1)
    with edge.wire(receive_buffer=4096) as lazy:
        lazy.send(get("/big?n=30000000&binary=1"))
        began = time.monotonic()
        for _ in range(20):
            assert edge.ask("/echo")["path"] == "/echo"
        assert time.monotonic() - began < 10
        wait_for_connections(edge, 1)
        lazy.wait_end()


def test_a_client_that_reads_slowly_gets_all(make_edge):
    """Each stretch of 64 KiB comes well within the limit, all of it takes several limits."""
    edge = make_edge(body_timeout_ms=int(SHORT * 5000))
    n = 12_000_000
    with edge.wire(receive_buffer=16384) as slow:
        slow.send(get(f"/big?n={n}&binary=1"))
        began, got, end = time.monotonic(), 0, None
        while end is None or got < end:
            piece = slow.socket.recv(40_000)
            assert piece, f"cut off after {got} bytes and {time.monotonic() - began} s"
            got += len(piece)
            if end is None:
                end = piece.index(b"\r\n\r\n") + 4 + n
            time.sleep(0.008)
    assert got == end
    assert time.monotonic() - began > SHORT * 5


def test_many_slow_readers(make_edge):
    edge = make_edge(threads=2)
    lazy = [edge.wire(receive_buffer=16384).send(get("/big?n=3000000&binary=1")) for _ in range(20)]
    assert edge.ask("/echo")["path"] == "/echo"
    for wire in lazy:
        assert len(wire.answer().body) == 3_000_000
        wire.socket.close()


# ---- refusals reach who is still sending

def test_who_sends_a_huge_body_still_reads_the_refusal(edge):
    with edge.wire() as wire:
        head = post(edge.post_path, f"Content-Length: {64 << 20}")
        answers = wire.send(head + b"a" * (8 << 20)).rest()
    assert [a.status for a in answers] == [413]


# ---- the end

def test_draining(make_edge):
    edge = make_edge()
    with edge.wire() as kept, edge.wire() as busy:
        assert kept.send(get("/echo")).answer().header("Connection") is None
        busy.send(get("/slow?ms=500"))
        time.sleep(0.1)
        assert edge.ask("/drain") == {}
        answer = busy.answer()
        assert (answer.status, answer.header("Connection")) == (200, "close")
        assert busy.answer() is None
        with pytest.raises(ConnectionRefusedError):
            for _ in range(200):   # until the edge's thread has heard of it
                socket.create_connection(("127.0.0.1", edge.port)).close()
                time.sleep(0.01)
        assert [(a.status, a.header("Connection")) for a in kept.send(get("/echo")).rest()] == [(200, "close")]


@pytest.mark.parametrize("threads", [1, 3])
def test_sigterm_finishes_what_runs(make_edge, threads):
    edge = make_edge(threads=threads, stop_timeout_ms=20_000)
    idle = edge.wire()
    half = edge.wire().send(b"GET / HT")
    working = [edge.wire().send(get("/slow?ms=700")) for _ in range(3)]
    writing = edge.wire(receive_buffer=16384).send(get("/big?n=8000000&binary=1"))
    sending = edge.wire().send(post("/echo", "Content-Length: 10", body=b"abcde"))
    time.sleep(0.2)
    stopping = threading.Thread(target=edge.stop)
    stopping.start()
    time.sleep(0.2)
    assert [a.status for a in sending.send(b"fghij").rest()] == [200]
    assert [[a.status for a in w.rest()] for w in working] == [[200]] * 3
    assert len(writing.answer().body) == 8_000_000
    stopping.join()
    for wire in (idle, half, *working, writing, sending):
        wire.wait_end()
        wire.socket.close()


def test_sigterm_does_not_wait_for_ever(make_edge):
    edge = make_edge(stop_timeout_ms=300, workers=2)
    stuck = edge.wire().send(get(f"/slow?ms={PATIENT_MS}"))
    lazy = edge.wire(receive_buffer=4096).send(get("/big?n=30000000"))
    time.sleep(0.2)
    began = time.monotonic()
    edge.stop(signal.SIGTERM)
    assert time.monotonic() - began < 15
    for wire in (stuck, lazy):
        wire.wait_end()
        wire.socket.close()


def test_an_open_socket_is_taken_over(make_edge):
    """Hand-over: the socket outlives one server and the next answers who waits on it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        port = listener.getsockname()[1]
        for _ in range(2):
            edge = make_edge(listen_fd=listener.fileno(), pass_fds=[listener.fileno()])
            assert edge.port == port
            assert edge.ask("/echo")["path"] == "/echo"
            edge.stop()
        waiting = edge.wire().send(get("/echo"))
        edge = make_edge(listen_fd=listener.fileno(), pass_fds=[listener.fileno()])
        assert json.loads(waiting.answer().body)["path"] == "/echo"
        waiting.socket.close()


def test_what_does_not_start(harness):
    from conftest import Edge
    for settings, why in (
        ({"listen": f"127.0.0.1:{harness.port}"}, "Address already in use"),
        ({"listen": "127.0.0.1"}, "not an address and a port"),
        ({"listen": "::1:80"}, "not an address and a port"),
        ({"listen": "127.0.0.1:99999"}, "not an address and a port"),
        ({"listen": "nowhere.invalid:80"}, "nowhere.invalid:80: "),
        ({"listen": "192.0.2.1:80"}, "Cannot assign requested address"),
        ({"trusted_proxies": "10.0.0.0/8, 10.0.0.0/33"}, "trusted_proxies: not an address or network: 10.0.0.0/33"),
        ({"tls_cert": "/nowhere.pem"}, "certificate and key go together"),
        ({"tls_cert": "/nowhere.pem", "tls_key": "/nowhere.key"}, "/nowhere.pem: "),
    ):
        with pytest.raises(AssertionError, match="did not start") as failure:
            Edge(**settings)
        assert why in str(failure.value), failure.value


def test_it_listens_on_ipv6_too(make_edge):
    edge = make_edge(listen="[::1]:0")
    with socket.create_connection(("::1", edge.port)) as s:
        s.sendall(request("GET", "/echo", "Connection: close"))
        said = b""
        while piece := s.recv(65536):
            said += piece
    assert b'"address":"::1"' in said
