"""What goes out: lengths, bodies and none, compression, headers that cannot be broken out of."""
import gzip
import json
import re
import time
from email.utils import parsedate_to_datetime

import pytest

from wire import get, request


def ask(harness, data, head=False):
    with harness.wire() as wire:
        return wire.send(data).answer(head)


# ---- compression

TEXT = 30_000


def big(harness, *lines, binary=0, n=TEXT, method="GET"):
    return ask(harness, get(f"/big?n={n}&binary={binary}", *lines, method=method), head=method == "HEAD")


@pytest.mark.parametrize("accepted", ["gzip", "deflate, gzip;q=0.5", "br;q=1.0, gzip;q=0.001", "GZIP", "*", "identity;q=0, *;q=1",
                                      " gzip ; q=1"])
def test_who_takes_gzip_gets_it(harness, accepted):
    plain = big(harness).body
    answer = big(harness, f"Accept-Encoding: {accepted}")
    assert answer.header("Content-Encoding") == "gzip" and answer.header("Vary") == "Accept-Encoding"
    assert len(answer.body) < TEXT / 3 and gzip.decompress(answer.body) == plain and len(plain) == TEXT


@pytest.mark.parametrize("accepted", [None, "", "identity", "deflate, br", "gzip;q=0", "gzip;q=0.000, *", "*;q=0", "gzippo"])
def test_who_does_not_gets_the_plain_answer(harness, accepted):
    answer = big(harness, *([f"Accept-Encoding: {accepted}"] if accepted is not None else []))
    assert answer.header("Content-Encoding") is None and answer.header("Vary") == "Accept-Encoding"
    assert len(answer.body) == TEXT


def test_small_answers_and_pictures_are_left_alone(harness):
    for answer in (big(harness, "Accept-Encoding: gzip", n=1000), big(harness, "Accept-Encoding: gzip", binary=1)):
        assert answer.header("Content-Encoding") is None and answer.header("Vary") is None


def test_fixed_memory_is_compressed_too(harness):
    answer = ask(harness, get("/fixed", "Accept-Encoding: gzip"))
    assert gzip.decompress(answer.body) == b"a" * 8192 == ask(harness, get("/fixed")).body
    assert answer.header("ETag") == '"asset"'


# ---- HEAD

@pytest.mark.parametrize("path", ["/echo", "/big?n=100000", "/big?n=2000000", "/fixed", "/status?code=404"])
@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_head_has_the_headers_of_get(harness, path, accepted):
    with harness.wire() as wire:
        lines = [f"Accept-Encoding: {accepted}"]
        whole = wire.send(get(path, *lines)).answer()
        bare = wire.send(get(path, *lines, method="HEAD")).answer(head=True)
        length = "Content-Length"
        same = [(n, v) for n, v in whole.headers if n not in ("Date", length)]
        assert [(n, v) for n, v in bare.headers if n not in ("Date", length)] == same
        # The echo names its method, so its own length may differ by what GET and HEAD differ.
        assert abs(int(bare.header(length)) - int(whole.header(length))) <= (30 if path == "/echo" else 0)
        assert json.loads(wire.send(get("/echo")).answer().body)["method"] == "GET"


# ---- answers without a body

@pytest.mark.parametrize("code", [204, 304])
def test_no_body_and_no_length(harness, code):
    with harness.wire() as wire:
        answer = wire.send(get(f"/status?code={code}")).answer()
        assert answer.status == code and answer.header("Content-Length") is None
        assert wire.send(get("/echo")).answer().status == 200


def test_no_body_where_there_could_be_one(harness):
    with harness.wire() as wire:
        answer = wire.send(get("/status?code=200&empty=1")).answer()
        assert (answer.header("Content-Length"), answer.header("Content-Type"), answer.body) == ("0", None, b"")
        assert wire.send(get("/echo")).answer().status == 200


@pytest.mark.parametrize("code", [200, 201, 202, 301, 400, 401, 403, 404, 405, 409, 412, 415, 422, 428, 429, 500, 503])
def test_a_status_has_its_reason(harness, code):
    answer = ask(harness, get(f"/status?code={code}"))
    assert answer.status == code and re.match(rb"HTTP/1\.1 \d{3} [A-Z][A-Za-z ]+\r\n", answer.head)


# ---- headers

def test_the_date_is_now(harness):
    said = parsedate_to_datetime(ask(harness, get("/echo")).header("Date")).timestamp()
    assert abs(said - time.time()) < 30


def test_nothing_breaks_out_of_a_header(harness):
    answer = ask(harness, get("/headers"))
    assert answer.header("X-Good") == "yes"
    assert answer.header("X-Injected") is None and answer.header("X-Evil") is None


def test_large_headers(harness):
    with harness.wire() as wire:
        answer = wire.send(get("/headers?large=1")).answer()
        assert [len(v) for n, v in answer.headers if n == "X-Large"] == [2999] * 10
        assert answer.body == b"{}"
        assert wire.send(get("/echo")).answer().status == 200


@pytest.mark.parametrize("n", [1, 3500, 3800, 3900, 4000, 4096, 4200, 65536, 10_000_000])
def test_bodies_around_the_buffers(harness, n):
    """Copied behind the header, or sent from where they are."""
    with harness.wire() as wire:
        wire.send(get(f"/big?n={n}&binary=1") * 2)
        first, second = wire.answer(), wire.answer()
        assert first.body == second.body and len(first.body) == n
        assert first.body.startswith(b"line 0 of a large answer\n"[:n])
        assert wire.send(request("GET", "/echo")).answer().status == 200
