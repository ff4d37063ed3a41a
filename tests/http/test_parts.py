"""Answers that leave bit by bit: framing, the connection afterwards, clients that stall or go away, draining."""
import socket
import struct
import time

import pytest

from wire import get


def told(harness, until):
    """How far the maker of the parts came, once that is so."""
    deadline = time.monotonic() + 30
    while True:
        with harness.wire() as wire:
            n = int(wire.send(get("/told")).answer().body)
        if until(n):
            return n
        assert time.monotonic() < deadline, n
        time.sleep(0.05)


def test_chunks_and_then_the_next_request(harness):
    with harness.wire() as wire:
        wire.send(get("/parts?n=3&size=5") + get("/echo"))
        first = wire.answer()
        assert first.header("Transfer-Encoding") == "chunked" and first.header("Content-Length") is None
        assert first.body == b"aaaaabbbbbccccc"
        assert wire.answer().status == 200


def test_a_part_leaves_when_it_is_made(harness):
    with harness.wire() as wire:
        wire.send(get("/parts?n=2&ms=700"))
        while b"\r\n\r\n" not in wire.got:
            assert wire._more()
        wire.got = wire.got.partition(b"\r\n\r\n")[2]
        came = [time.monotonic() for _ in wire.chunks()]
        assert came[1] - came[0] > 0.35


def test_head_has_no_body(harness):
    with harness.wire() as wire:
        wire.send(get("/parts", method="HEAD") + get("/echo"))
        assert wire.answer(head=True).header("Transfer-Encoding") == "chunked"
        assert wire.answer().status == 200


def test_an_old_client_gets_it_unframed(harness):
    with harness.wire() as wire:
        wire.send(get("/parts?n=2&size=3", "Connection: keep-alive", version="1.0"))
        wire.wait = wire.wait_end
        data = b""
        while wire._more():
            pass
        data = bytes(wire.got)
        head, _, body = data.partition(b"\r\n\r\n")
        assert b"chunked" not in head and b"Connection: close" in head and body == b"aaabbb"


def test_a_large_one_to_a_slow_client(harness):
    with harness.wire(receive_buffer=4096) as wire:
        wire.send(get("/parts?n=200&size=20000"))
        time.sleep(0.3)
        assert len(wire.answer().body) == 200 * 20000


def test_a_client_that_leaves_is_told_to_the_maker(harness):
    with harness.wire() as wire:
        wire.send(get("/parts?n=400&ms=10&size=1000"))
        wire._more()
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert told(harness, lambda n: n < 0) > -400


@pytest.fixture(scope="module")
def hasty():
    from conftest import Edge
    one = Edge(body_timeout_ms=400)
    yield one
    one.stop()


def test_a_client_that_stops_taking(hasty):
    with hasty.wire(receive_buffer=4096) as wire:
        wire.send(get("/parts?n=3000&ms=2&size=50000"))
        assert told(hasty, lambda n: n < 0) > -3000


def test_a_slow_maker_has_no_limit(hasty):
    with hasty.wire() as wire:
        wire.send(get("/parts?n=2&ms=1000"))
        assert len(wire.answer().body) == 16


def test_draining_waits_for_the_end(make_edge):
    edge = make_edge()
    with edge.wire() as wire:
        wire.send(get("/parts?n=4&ms=300"))
        while b"\r\n\r\n" not in wire.got:
            assert wire._more()
        edge.process.terminate()
        wire.got = wire.got.partition(b"\r\n\r\n")[2]
        assert len(b"".join(wire.chunks())) == 32
    edge.process.wait(20)
