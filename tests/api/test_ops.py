"""What operators and their programs ask: health, metrics, documents."""
import datetime
import re
import subprocess
import time

import pytest

from lib.store import Store


def test_health(server):
    answer = server.client().get("/health")
    body = answer.json()
    assert answer.status_code == 200 and body["status"]
    assert {"database", "disk", "memory", "clock"} <= set(body["checks"])


@pytest.mark.parametrize("path", ["/live", "/ready"])
def test_probes(server, path):
    assert server.client().get(path).status_code == 200


def test_metrics_are_what_prometheus_reads(server):
    server.client("doctor").get("/api/patients")
    text = server.client().get("/metrics").text
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^plantao_http_requests_total\{[^}]*patients[^}]*\} [1-9]", text, re.M)


def test_openapi(server):
    answer = server.client().get("/api/openapi.json")
    body = answer.json()
    assert body["openapi"].startswith("3.1")
    assert {"get", "post"} <= set(body["paths"]["/api/medical-records"])
    assert {"get", "put", "delete"} <= set(body["paths"]["/api/medical-records/{id}"])


def test_docs_page(server):
    answer = server.client().get("/api/docs")
    assert answer.status_code == 200 and "html" in answer.headers["Content-Type"]


def test_each_request_can_be_logged(make_server):
    """At level debug: by the request's id and its route, without what stood in path, query or body."""
    server = make_server(settings={"log_level": "debug"})
    patient = next(server.client("doctor").pages("/api/patients"))
    answer = server.client("doctor").get(f"/api/patients/{patient['id']}", params={})
    line = next(e for e in server.wait_log("request") if e["requestId"] == answer.headers["X-Request-Id"])
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/patients/{id}", 200) and line["us"] > 0
    assert patient["id"] not in str(line) and patient["name"] not in str(line)


MINUTE_MS = 60_000


def test_the_service_remembers_how_it_did(request, engine, make_server):
    """A minute without a row was without the service; what is shown is in memory, and needs no store."""
    server = make_server()
    assert server.client().get("/api/service/history").json() == {"day": [], "week": []}
    server.stop()
    store = Store(server, request.getfixturevalue("postgres") if engine == "postgres" else None)
    now = int(time.time() * 1000) // MINUTE_MS * MINUTE_MS
    first = now - 200 * MINUTE_MS
    for at in range(first, now - 10 * MINUTE_MS, MINUTE_MS):
        if not now - 60 * MINUTE_MS <= at < now - 30 * MINUTE_MS:
            store.change("INSERT INTO service_minute(at, up_ms, requests, failures, busy_us, p99_us) "
                         "VALUES (%s, %s, 100, 2, 50000, 2500)", at, MINUTE_MS)
    server.start()

    deadline = time.monotonic() + 60
    while not (body := server.client().get("/api/service/history").json())["week"]:
        assert time.monotonic() < deadline, "the history is never read"
        time.sleep(0.1)
    for slots, step in ((body["day"], 15), (body["week"], 60)):
        starts = [datetime.datetime.fromisoformat(s["at"].replace("Z", "+00:00")).timestamp() for s in slots]
        assert [b - a for a, b in zip(starts, starts[1:])] == [step * 60] * (len(slots) - 1), "no slot is left out"
        # of 200 minutes the oldest is not whole, 30 have no row; the present one is not over
        minutes = sum(s["watchedMs"] for s in slots) // MINUTE_MS
        assert 199 <= minutes <= 202, "the minute may have turned meanwhile"
        assert 159 * MINUTE_MS <= sum(s["upMs"] for s in slots) <= 161 * MINUTE_MS
        assert sum(s["requests"] for s in slots) >= 15_900 and sum(s["failures"] for s in slots) == 318
        assert max(s["p99Us"] for s in slots) >= 2500
    assert any(s["watchedMs"] and s["upMs"] == 0 and s["requests"] == 0 for s in body["day"]), "the outage shows"
    # the minute that was running when the program stopped is on disk
    server.stop()
    assert store.rows("SELECT at FROM service_minute WHERE at >= %s", now - 5 * MINUTE_MS)
