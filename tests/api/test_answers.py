"""What holds for every answer: problems, languages, ids, hardening, methods, encodings."""
import gzip
import re

import pytest
import requests

from lib.client import problem

RECORDS = "/api/medical-records"
NO_OBJECT = (b"[]", b'"x"', b"null")   # well-formed, of the wrong type: either answer is right
HARDENING = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def raw(client, data, path=RECORDS, **headers):
    return client.request("POST", path, data=data, headers={"Content-Type": "application/json", **headers})


@pytest.mark.parametrize("body", [
    b"", b"{", b"nonsense", b"[]", b'"x"', b"null", b'{"a":1}{', b'{"title":"a","title":"b"}', b'{"title":"\xff\xfe"}',
    b'{"title":"\\ud800"}', b'{"title":NaN}', b'{"title":01}', b"{'title':1}", b'{"title":"a",}', b'{"title":"a\x01"}',
    b'\xef\xbb\xbf{"title":"a"}', b'{"a":' * 200 + b"1" + b"}" * 200, b'{"title":"\\u0000"}',
])
def test_malformed_json(doctor, body):
    answer = raw(doctor, body)
    problem(answer, 422 if body in NO_OBJECT and answer.status_code == 422 else 400)


def test_media_type(doctor):
    problem(doctor.request("POST", RECORDS, data=b"a=1", headers={"Content-Type": "application/x-www-form-urlencoded"}), 415)
    problem(doctor.request("POST", RECORDS, data=b"{}", headers={"Content-Type": "text/plain"}), 415)
    assert raw(doctor, b"{}", **{"Content-Type": "application/json; charset=utf-8"}).status_code == 422


def test_too_large(doctor):
    problem(raw(doctor, b'{"notes":"' + b"a" * (2 << 20) + b'"}'), 413)
    assert doctor.get("/api/" + "a" * 9_000).status_code in (404, 414)
    problem(doctor.get("/api/auth/me", headers={"X-Long": "a" * 40_000}), 431)


def test_unknown_path(doctor):
    problem(doctor.get("/api/nonesuch"), 404)


def test_unknown_method(doctor):
    answer = doctor.patch(RECORDS, {})
    problem(answer, 405)
    assert {m.strip() for m in answer.headers["Allow"].split(",")} >= {"GET", "POST"}


def test_options(doctor):
    answer = doctor.request("OPTIONS", RECORDS)
    assert answer.status_code in (200, 204)
    assert {m.strip() for m in answer.headers["Allow"].split(",")} >= {"GET", "HEAD", "POST", "OPTIONS"}


def test_head_is_get_without_body(doctor):
    got, head = doctor.get(RECORDS), doctor.request("HEAD", RECORDS)
    assert head.status_code == 200 and not head.content
    assert head.headers["Content-Type"] == got.headers["Content-Type"]


def test_language(server):
    client = server.client()
    title = client.get("/api/auth/me").json()["title"]
    english = client.get("/api/auth/me", headers={"Accept-Language": "en"}).json()["title"]
    assert title != english
    assert client.get("/api/auth/me", headers={"Accept-Language": "en-US,en;q=0.9,pt;q=0.1"}).json()["title"] == english
    for asked in ("pt-BR", "pt", "de", "en;q=0.1, pt-BR", "", "*"):
        assert client.get("/api/auth/me", headers={"Accept-Language": asked}).json()["title"] == title, asked


@pytest.mark.parametrize("path", ["/live", "/health", "/api/auth/me", RECORDS, "/nonesuch", "/"])
@pytest.mark.parametrize("who", ["doctor", None])
def test_every_answer_is_hardened(server, path, who):
    headers = server.client(who).get(path, headers={"Accept": "text/html"} if path == "/" else {}).headers
    for name, value in HARDENING.items():
        assert headers[name] == value
    assert "default-src" in headers["Content-Security-Policy"] and "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"]
    assert "Strict-Transport-Security" not in headers, "plain HTTP promises no TLS"
    assert headers["X-Request-Id"]
    assert not re.search(r"\d", headers.get("Server", "")), "no version to shop for"


def test_personal_answers_are_not_stored(doctor):
    for path in ("/api/auth/me", "/api/patients", RECORDS):
        assert doctor.get(path).headers["Cache-Control"] == "no-store"


def test_request_ids_differ(doctor):
    ids = {doctor.get("/api/auth/me").headers["X-Request-Id"] for _ in range(5)}
    assert len(ids) == 5


def test_no_cross_origin_sharing(doctor):
    answer = doctor.get("/api/auth/me", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_large_answers_are_compressed_on_request(server):
    def sent(coding):
        with requests.get(f"{server.url}/api/openapi.json", headers={"Accept-Encoding": coding}, stream=True, timeout=10) as answer:
            assert answer.status_code == 200
            return answer.headers.get("Content-Encoding"), answer.raw.read(decode_content=False)
    (packed, small), (plain, large) = sent("gzip"), sent("identity")
    assert packed == "gzip" and plain is None
    assert gzip.decompress(small) == large and len(small) < len(large) / 3


@pytest.mark.parametrize("path", ["/%00", "/%ff", "/%2e%2e/%2e%2e/etc/passwd", "/api/%zz", "//api/patients", "/api/patients/"])
def test_odd_paths(server, path):
    answer = server.client("doctor").session.get(server.url + path, timeout=10)
    assert 400 <= answer.status_code < 500, answer.status_code
