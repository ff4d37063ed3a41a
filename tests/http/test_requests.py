"""What is well framed is served, whatever its form, and the connection stays in step."""
import json
import os

import pytest

from wire import chunked, get, post, request


def check_in_step(edge, wire):
    """The next request on the connection gets the next answer."""
    path = "/echo?in-step" if edge.get_path == "/echo" else edge.get_path
    answer = wire.send(request("GET", path)).answer()
    assert answer.status == 200
    assert edge.get_path != "/echo" or json.loads(answer.body)["query"] == "in-step"


def check_served(edge, data, count=1):
    with edge.wire() as wire:
        wire.send(data)
        answers = [wire.answer() for _ in range(count)]
        assert all(a.status in edge.served for a in answers), answers
        check_in_step(edge, wire)
    return answers


def echo(edge, data):
    return json.loads(check_served(edge, data)[0].body)


LONG = "a" * 8000
FORMS = {
    "plain": get("/echo"),
    "no blank behind the colon": get("/echo", "X-Test:a"),
    "blanks around a value": get("/echo", "X-Test: \t a \t "),
    "an empty value": get("/echo", "X-Test:"),
    "a value above ASCII": get("/echo", "X-Test: Jos\xc3\xa9"),
    "a tab in a value": get("/echo", "X-Test: a\tb"),
    "99 headers": get("/echo", *["X-More: a"] * 98),
    "a long header": get("/echo", f"X-Test: {LONG}"),
    "a header of the size allowed": get("/echo", "X-Test: " + "a" * ((16 << 10) - len(get("/echo", "X-Test: ")))),
    "a long target": get("/echo?" + "a" * 8180),
    "a URL": get("http://localhost/echo"),
    "a URL with a port": request("GET", "HTTP://localhost:8080/echo", host="LOCALHOST:8080"),
    "a Host with a port": request("GET", "/echo", host="localhost:8080"),
    "a Host in IPv6": request("GET", "/echo", host="[::1]:8080"),
    "an empty line before": b"\r\n" + get("/echo"),
    "characters of a query": get("/echo?a=%20b&c[]=d|e\"f'g{h}^`~!$*,;:@"),
    "a body nobody expected": request("GET", "/echo", "Content-Length: 5", body=b"abcde"),
    "an empty body": post("/echo", "Content-Length: 0"),
    "a list for the connection": get("/echo", "Connection: foo, Keep-Alive, bar"),
}


@pytest.mark.parametrize("data", list(FORMS.values()), ids=list(FORMS))
def test_forms(harness, data):
    assert echo(harness, data)["path"] == "/echo"


def test_one_byte_more_than_allowed(harness):
    data = get("/echo", "X-Test: " + "a" * ((16 << 10) - len(get("/echo", "X-Test: ")) + 1))
    with harness.wire() as wire:
        assert [a.status for a in wire.send(data).rest()] == [431]


def test_what_the_handler_sees(harness):
    seen = echo(harness, post("/echo?q=%C3%A1&", "X-Test:  one ", "x-test: two", "Content-Type: text/plain",
                              "Content-Length: 6", body=b"a\r\n\r\nb"))
    assert seen == {"method": "POST", "path": "/echo", "query": "q=%C3%A1&", "address": "127.0.0.1",
                    "body": "a\r\n\r\nb", "Host": "localhost", "X-Test": "one", "Content-Type": "text/plain",
                    "X-Forwarded-For": None, "Cookie": None, "tls": False, "gzip": False, "arrived": True, "slot": True}


def test_a_query_may_be_empty_or_absent(harness):
    assert echo(harness, get("/echo"))["query"] is None
    assert echo(harness, get("/echo?"))["query"] == ""
    assert echo(harness, get("/echo??a?"))["query"] == "?a?"


def test_the_authority_of_a_url_is_the_host(harness):
    assert echo(harness, get("http://localhost?a=b"))["path"] == "/"
    seen = echo(harness, request("GET", "https://other.example/echo", host="other.example"))
    assert seen["Host"] == "other.example" and seen["path"] == "/echo" and seen["tls"] is False


def test_options_of_the_server(harness):
    assert echo(harness, request("OPTIONS", "*"))["path"] == "*"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_methods(harness, method):
    assert echo(harness, request(method, "/echo"))["method"] == method


def test_head(edge):
    with edge.wire() as wire:
        whole = wire.send(get(edge.get_path)).answer()
        bare = wire.send(request("HEAD", edge.get_path)).answer(head=True)
        assert bare.status == whole.status == 200
        assert [n for n, _ in bare.headers] == [n for n, _ in whole.headers]
        assert int(bare.header("Content-Length")) > 0
        check_in_step(edge, wire)


# ---- HTTP/1.0 and the life of a connection

def test_http_1_0_ends_the_connection(edge):
    with edge.wire() as wire:
        answers = wire.send(request("GET", edge.get_path, version="1.0", host=None)).rest()
    assert [(a.status, a.header("Connection")) for a in answers] == [(200, "close")]


def test_http_1_0_may_stay(edge):
    with edge.wire() as wire:
        answer = wire.send(request("GET", edge.get_path, "Connection: keep-alive", version="1.0")).answer()
        assert (answer.status, answer.header("Connection")) == (200, "keep-alive")
        check_in_step(edge, wire)


@pytest.mark.parametrize("value", ["close", "Close", "foo, close", "close, keep-alive", "keep-alive\r\nConnection: close"])
def test_the_client_may_end_it(edge, value):
    with edge.wire() as wire:
        answers = wire.send(get(edge.get_path, f"Connection: {value}") + get(edge.get_path)).rest()
    assert [(a.status, a.header("Connection")) for a in answers] == [(200, "close")]


def test_the_handler_may_end_it(harness):
    with harness.wire() as wire:
        answers = wire.send(get("/close") + get("/hidden")).rest()
    assert [(a.status, a.header("Connection")) for a in answers] == [(200, "close")]


# ---- bodies

def check_body(edge, data, body):
    [answer] = check_served(edge, data)
    assert edge.post_path != "/echo" or json.loads(answer.body)["body"] == body.decode()


@pytest.mark.parametrize("n", [1, 2000, 3000, 3072, 4000, 70_000, 1 << 20])
@pytest.mark.parametrize("way", ["at once", "header first", "pieces"])
def test_bodies_of_a_length(harness, n, way):
    body = os.urandom(n)
    head = post("/sum", f"Content-Length: {n}")
    with harness.wire() as wire:
        if way == "at once":
            wire.send(head + body)
        elif way == "header first":
            wire.send(head).send(body)
        else:
            wire.send_slowly(head + body, step=max(1, n // 37))
        assert json.loads(wire.answer().body) == {"n": n, "fnv": fnv(body)}
        check_in_step(harness, wire)


def fnv(data):
    h = 2166136261
    for byte in data:
        h = (h ^ byte) * 16777619 & 0xFFFFFFFF
    return h


def pieces(body, sizes):
    out, at, i = b"", 0, 0
    while at < len(body):
        piece = body[at:at + sizes[i % len(sizes)]]
        out += b"%x\r\n%s\r\n" % (len(piece), piece)
        at, i = at + len(piece), i + 1
    return out + b"0\r\n\r\n"


@pytest.mark.parametrize("n", [0, 1, 5000, 100_000, 1 << 20])
@pytest.mark.parametrize("sizes", [[1, 2, 3], [1000], [65536, 1]], ids=str)
def test_bodies_in_chunks(harness, n, sizes):
    if n > 100_000 and sizes[0] == 1:
        sizes = [700, 1]
    body = os.urandom(n)
    with harness.wire() as wire:
        wire.send(chunked("/sum", pieces(body, sizes)))
        assert json.loads(wire.answer().body) == {"n": n, "fnv": fnv(body)}
        check_in_step(harness, wire)


CHUNK_FORMS = {
    "plain": b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    "upper case": b"A\r\nabcde\r\nfgh\r\n0\r\n\r\n",
    "lower case": b"a\r\nabcde\r\nfgh\r\n0\r\n\r\n",
    "leading zeros": b"0003\r\nabc\r\n000\r\n\r\n",
    "extensions": b'3;a=b;c="d e"\r\nabc\r\n0;last\r\n\r\n',
    "trailers": b"3\r\nabc\r\n0\r\nX-Check: 1\r\nX-Other: 2\r\n\r\n",
    "a request inside": b"21\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("slowly", [False, True], ids=["at once", "byte by byte"])
@pytest.mark.parametrize("body", list(CHUNK_FORMS.values()), ids=list(CHUNK_FORMS))
def test_forms_of_chunks(edge, body, slowly):
    data = chunked(edge.post_path, body)
    edge.executed()
    with edge.wire() as wire:
        wire.send_slowly(data) if slowly else wire.send(data)
        assert wire.answer().status in edge.served
        check_in_step(edge, wire)
    assert edge.executed() in (["POST /echo", "GET /echo"], None)


def test_a_body_byte_by_byte(edge):
    body = b'{"a": "bcdefghijklmnopqrstuvwxyz"}'
    data = post(edge.post_path, f"Content-Length: {len(body)}", body=body)
    with edge.wire() as wire:
        assert wire.send_slowly(data, pause_s=0.001).answer().status in edge.served
        check_in_step(edge, wire)


def test_a_request_in_a_body_is_a_body(edge):
    inner = get("/hidden") * 3
    edge.executed()
    check_served(edge, post(edge.post_path, f"Content-Length: {len(inner)}", body=inner))
    assert edge.executed() in (["POST /echo", "GET /echo"], None)


def test_post_and_get_in_one_segment(edge):
    check_served(edge, post(edge.post_path, "Content-Length: 5", body=b"abcde") + get(edge.get_path), count=2)
    check_served(edge, chunked(edge.post_path, b"5\r\nabcde\r\n0\r\n\r\n") + get(edge.get_path), count=2)


def test_an_empty_line_behind_a_body(edge):
    check_served(edge, post(edge.post_path, "Content-Length: 5", body=b"abcde\r\n") + get(edge.get_path), count=2)


# ---- Expect

@pytest.mark.parametrize("value", ["100-continue", "100-Continue"])
def test_continue(edge, value):
    with edge.wire() as wire:
        wire.send(post(edge.post_path, "Content-Length: 5", f"Expect: {value}"))
        first = wire.answer()
        assert (first.status, first.headers) == (100, [])
        assert wire.send(b"abcde").answer().status in edge.served
        check_in_step(edge, wire)


def test_continue_with_chunks(edge):
    with edge.wire() as wire:
        assert wire.send(chunked(edge.post_path, b"", "Expect: 100-continue")).answer().status == 100
        assert wire.send(b"5\r\nabcde\r\n0\r\n\r\n").answer().status in edge.served
        check_in_step(edge, wire)


def test_no_continue_when_the_body_is_there(edge):
    check_served(edge, post(edge.post_path, "Content-Length: 5", "Expect: 100-continue", body=b"abcde"))
    check_served(edge, get(edge.get_path, "Expect: 100-continue"))


# ---- pipelining

def test_200_pipelined(harness):
    with harness.wire() as wire:
        wire.send(b"".join(get(f"/echo?n={i}") for i in range(200)))
        assert [json.loads(wire.answer().body)["query"] for _ in range(200)] == [f"n={i}" for i in range(200)]
        check_in_step(harness, wire)


def test_200_pipelined_anywhere(edge):
    check_served(edge, get(edge.get_path) * 200, count=200)


def test_pipelined_of_all_kinds_in_order(harness):
    """Slow and fast, in the handler and on the edge's own thread, large and small: the order is that of the requests."""
    kinds = [get("/slow?ms=30&n={}"), get("/now?n={}"), get("/echo?n={}"),
             post("/echo?n={}", "Content-Length: 4000", body=b"b" * 4000),
             chunked("/echo?n={}", b"5\r\nabcde\r\n0\r\n\r\n"), get("/close-not?n={}", "X-Test: " + "a" * 6000)]
    data = b"".join(kinds[i % 6].replace(b"{}", b"%d" % i) for i in range(60))
    with harness.wire() as wire:
        wire.send(data)
        for i in range(60):
            answer = wire.answer()
            if i % 6 == 5:
                assert answer.status == 404
            else:
                assert json.loads(answer.body)["query"].endswith(f"n={i}")
        check_in_step(harness, wire)


# ---- who asks

@pytest.mark.parametrize("forwarded, address", [
    (["X-Forwarded-For: 203.0.113.9"], "203.0.113.9"),
    (["X-Forwarded-For: 198.51.100.1, 203.0.113.9"], "203.0.113.9"),
    (["X-Forwarded-For: 198.51.100.1, 203.0.113.9, 10.1.2.3, 127.0.0.1"], "203.0.113.9"),
    (["X-Forwarded-For: 198.51.100.1", "X-Forwarded-For: 203.0.113.9"], "203.0.113.9"),
    (["X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 10.1.2.3"], "203.0.113.9"),
    (["X-Forwarded-For: 203.0.113.9:4711"], "203.0.113.9"),
    (["X-Forwarded-For: 2001:db8::9"], "2001:db8::9"),
    (["X-Forwarded-For: [2001:db8::9]:4711"], "2001:db8::9"),
    (["X-Forwarded-For: ::ffff:203.0.113.9"], "203.0.113.9"),
    (["X-Forwarded-For: 203.0.113.9, unknown"], "127.0.0.1"),
    (["X-Forwarded-For: 203.0.113.9, unknown, 10.1.2.3"], "10.1.2.3"),
    (["X-Forwarded-For: 10.9.9.9"], "10.9.9.9"),
    (["X-Forwarded-For: ,"], "127.0.0.1"),
    ([], "127.0.0.1"),
])
def test_the_address_a_trusted_proxy_names(proxied, forwarded, address):
    with proxied.wire() as wire:
        assert json.loads(wire.send(get("/echo", *forwarded)).answer().body)["address"] == address


@pytest.fixture(scope="module")
def proxied():
    from conftest import Edge
    one = Edge(trusted_proxies="10.0.0.0/8, 127.0.0.1")
    yield one
    one.stop()


def test_nobody_else_is_believed(harness):
    with harness.wire() as wire:
        seen = json.loads(wire.send(get("/echo", "X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https")).answer().body)
    assert (seen["address"], seen["tls"]) == ("127.0.0.1", False)


def test_a_trusted_proxy_tells_of_tls(proxied):
    with proxied.wire() as wire:
        assert json.loads(wire.send(get("/echo", "X-Forwarded-Proto: https")).answer().body)["tls"] is True
        assert json.loads(wire.send(get("/echo", "X-Forwarded-Proto: http")).answer().body)["tls"] is False
