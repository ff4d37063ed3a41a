"""What no honest client sends, to the real program: odd paths, bodies that grow when unpacked, JSON at its worst.
Framing and slowness have tests/http; JSON's grammar has tests/unit/base/test_json_grammar.c."""
import gzip
import socket

import pytest

from lib.client import problem
from lib.server import Plantao


@pytest.fixture(scope="module")
def hostile(engine, new_database_url):
    with Plantao(new_database_url(engine)) as server:
        yield server


def raw(server, target, *lines, body=b""):
    """The status of a request that no library would send."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as s:
        head = "".join(f"{line}\r\n" for line in [f"GET {target} HTTP/1.1", "Host: x", "Connection: close", *lines, ""])
        s.sendall(head.encode("latin-1") + body)
        got = b""
        while piece := s.recv(65536):
            got += piece
    return int(got.split(b" ", 2)[1])


PATHS = [
    "/../../etc/passwd", "/api/../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2fmaster.key",
    "/api//patients", "/api/patients/", "/api/patients/%00", "/api/patients/..", "/./api/patients", "/api/patients%2f..",
    "/api\\patients", "/%ff%fe", "/api/patients/" + "a" * 4000, "/" + "%2f" * 1000, "/api/patients;x=1", "/API/PATIENTS",
    "/api/patients/%252e%252e", "//api/patients", "/proc/self/environ", "/plantao.db", "/.git/config",
]


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("path", PATHS, ids=lambda p: p[:40])
def test_a_path_leads_nowhere_else(hostile, path):
    """Nothing behind a sign-in answers 2xx to nobody, and no file of the machine is an answer."""
    assert raw(hostile, path) in (400, 401, 404, 405, 414)


WORST = {
    "deep arrays": b"[" * 100000,
    "deep objects": b'{"a":' * 50000,
    "deep and closed": b"[" * 5000 + b"]" * 5000,
    "a number without end": b'{"email":' + b"9" * 100000 + b"}",
    "an exponent": b'{"email":1e999999999}',
    "a lone surrogate": b'{"email":"\\ud800"}',
    "a zero": b'{"email":"a\\u0000b"}',
    "not UTF-8": b'{"email":"\xff\xfe"}',
    "overlong UTF-8": b'{"email":"\xc0\xaf"}',
    "a mark in front": b'\xef\xbb\xbf{"email":"a@b.c"}',
    "the same name twice": b'{"email":"a@b.c","email":"d@e.f","password":"x"}',
    "many names": b"{" + b",".join(b'"n%d":1' % i for i in range(20000)) + b"}",
    "two values": b"{}{}",
    "a comment": b'{"email":"a@b.c"/**/}',
    "NaN": b'{"email":NaN}',
    "cut": b'{"email":"a@b',
    "nothing": b"",
    "blanks": b" " * 100000,
}


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("name", list(WORST))
def test_the_worst_of_json_is_refused(hostile, name):
    answer = hostile.client().request("POST", "/api/auth/login", data=WORST[name], headers={"Content-Type": "application/json"})
    problem(answer, answer.status_code)
    assert answer.status_code in (400, 413, 422), answer.text


@pytest.mark.engine("sqlite")
def test_a_packed_body_is_not_unpacked(hostile):
    """A gzip bomb needs somebody who unpacks it."""
    bomb = gzip.compress(b"0" * (64 << 20), 9)
    answer = hostile.client().request("POST", "/api/auth/login", data=bomb,
                                      headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})
    assert answer.status_code in (400, 415), answer.text


@pytest.mark.engine("sqlite")
def test_it_serves_on(hostile):
    assert hostile.client("doctor").get("/api/patients").status_code == 200
