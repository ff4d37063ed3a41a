"""plantao doctor --privacy: every promise has its evidence, and each is broken once to see that the row says so."""
import json
import time
import uuid

import pytest

from lib import people
from lib.server import build
from lib.store import Store

DAY_MS = 86400000
ROWS = ["sealed", "plaintext", "keys", "masked", "audited", "audit_whole", "purposes", "consented", "break_glass", "requests",
        "erasable", "retained", "incidents", "no_core_dumps"]


@pytest.fixture
def house(make_server, engine, request):
    server = make_server()
    doctor, other = server.client("doctor"), server.client("doctor2")
    dpo = server.client().login("dpo@demo.test")
    patient = doctor.post("/api/patients", people.patient(name="Zacarias Zxverificado")).json()["id"]
    doctor.post("/api/medical-records", people.record(patient))
    term = dpo.post("/api/privacy/terms", {"purpose": "SURVEY", "title": "Pesquisa", "body": "Podemos perguntar como foi?"}).json()["id"]
    doctor.post(f"/api/patients/{patient}/consents", {"termId": term})
    doctor.post(f"/api/patients/{patient}/requests", {"kind": "ACCESS"})
    other.post(f"/api/patients/{patient}/break-glass", {"reason": "Emergência no plantão"})
    dpo.post("/api/incidents", {"kind": "LOSS", "title": "Um notebook perdido"})
    return server, Store(server, request.getfixturevalue("postgres") if engine == "postgres" else None), patient


def looked(server):
    done = server.run("doctor", "--privacy", "--json")
    rows = {row["check"]: row for row in json.loads(done.stdout)}
    assert (done.returncode == 1) == any(r["result"] == "fail" for r in rows.values()), done.stdout
    for row in rows.values():
        assert row["evidence"] and ("remedy" in row) == (row["result"] in ("fail", "warn"))
    return rows


def results(server):
    return {name: row["result"] for name, row in looked(server).items()}


def test_every_promise_and_every_breach(house, engine):
    server, store, patient = house
    deadline = time.monotonic() + 20
    while (sound := results(server))["audit_whole"] != "ok":   # the last entries get their head within a second or two
        assert time.monotonic() < deadline, looked(server)["audit_whole"]
    assert list(sound) == ROWS
    if build() == "address":   # its search for leaks traces the process, which therefore can be dumped, and that is said
        assert sound.pop("no_core_dumps") == "fail"
    assert set(sound.values()) <= {"ok", "skipped"}, looked(server)
    assert sound["plaintext"] == ("ok" if engine == "sqlite" else "skipped")

    old = int(time.time() * 1000) - 30 * DAY_MS
    tenant = uuid.UUID(store.rows("SELECT tenant_id FROM patient WHERE id = %s", uuid.UUID(patient))[0]["tenant_id"])
    breaches = {
        "consented": ("UPDATE consent SET purpose = 'IMAGE'", "UPDATE consent SET purpose = 'SURVEY'", "fail"),
        "break_glass": (f"UPDATE break_glass SET at = {old}", None, "warn"),
        "requests": ("UPDATE subject_request SET due = 1", None, "fail"),
        "incidents": ("UPDATE incident SET due = 1", None, "fail"),
        "retained": ("UPDATE medical_record SET updated_at = 1", None, "warn"),
    }
    for breach, _, _ in breaches.values():
        store.change(breach)
    store.change("INSERT INTO erasure_certificate(tenant_id, id, patient_id, request_id, last_entry, approval, at, by_user, records) "
                 "VALUES (%s, %s, %s, %s, 0, 'x', 1, %s, 1)", tenant, uuid.uuid4(), uuid.UUID(patient), uuid.uuid4(), uuid.uuid4())
    seen = results(server)
    assert {name: seen[name] for name in breaches} == {name: wanted for name, (_, _, wanted) in breaches.items()}
    assert seen["erasable"] == "fail"


@pytest.mark.engine("sqlite")
def test_a_readable_name_is_found(house):
    server, store, _ = house
    store.change("CREATE TABLE forgotten AS SELECT 'Zacarias Zxverificado' AS name")
    row = looked(server)["plaintext"]
    assert row["result"] == "fail" and "plantao.db" in row["evidence"] and "Zacarias" not in row["evidence"]


def test_a_value_that_is_not_sealed_is_found(house):
    server, store, patient = house
    store.change("UPDATE patient SET name_sealed = %s WHERE id = %s", b"Zacarias Zxverificado, em claro e bem comprido", uuid.UUID(patient))
    assert results(server)["sealed"] == "fail"


def test_without_its_key_nothing_is_promised(house):
    server, *_ = house
    (server.data_dir / "master.key").rename(server.dir / "away.key")
    seen = looked(server)
    (server.dir / "away.key").rename(server.data_dir / "master.key")
    assert seen["sealed"]["result"] == seen["keys"]["result"] == "fail" and "master key" in seen["keys"]["evidence"]
