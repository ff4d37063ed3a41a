"""What operators and their programs ask: health, metrics, documents."""
import re
import subprocess

import pytest


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
