"""The life of the process: it says where it listens, stops when asked, and a kill costs nothing."""
import time

from lib.client import USERS


def test_ready_when_it_says_so(make_server):
    server = make_server()
    for path in ("/live", "/ready", "/health"):
        assert server.client().get(path).status_code == 200, path


def test_prints_one_login_per_role(make_server):
    printed = "".join(make_server().printed)
    for who, email in USERS.items():
        assert who.endswith("_other") or email in printed


def test_stops_in_peace(make_server):
    server = make_server()
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 11
    assert server.log("stopped")


def test_demo_keeps_its_data(make_server):
    server = make_server()
    patients = sorted(p["id"] for p in server.client("doctor").pages("/api/patients"))
    assert patients
    server.restart()
    assert sorted(p["id"] for p in server.client("doctor").pages("/api/patients")) == patients


def test_starts_again_after_kill(make_server):
    server = make_server()
    server.kill()
    server.start()
    assert server.client().get("/ready").status_code == 200


def test_log_holds_no_personal_data(make_server):
    server = make_server()
    patient = next(server.client("doctor").pages("/api/patients"))
    server.client("doctor").get(f"/api/patients/{patient['id']}")
    server.stop()
    text = server.log_text()
    for value in (patient["name"], patient["cpf"], patient["motherName"], *USERS.values(), "plantao-demo-2026"):
        if value:
            assert value not in text
