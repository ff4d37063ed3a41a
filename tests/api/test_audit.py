"""The trail: who did what to whom, written before the answer leaves."""
import uuid

import pytest

from lib.client import USERS, problem


@pytest.fixture
def trail(server):
    """trail(subject): the entries about it, newest first, without those that this very question leaves."""
    def entries(subject, **more):
        found = server.client("auditor").pages("/api/audit", subject=subject, **more)
        return [e for e in found if e["event"] != "audit.read"]
    return entries


def events(entries):
    return [e["event"] for e in entries]


def test_each_act_leaves_one_entry(doctor, new_record, trail):
    record = new_record()
    path = f"/api/medical-records/{record['id']}"
    assert events(trail(record["id"])) == ["record.create"]
    doctor.get(path)
    doctor.get(path, headers={"If-None-Match": '"1"'})
    doctor.put(path, {"title": "A", "diagnosis": "B", "version": 1})
    doctor.get(path + "/versions")
    doctor.delete(path)
    doctor.post(path + "/restore")
    assert events(trail(record["id"])) == ["record.restore", "record.delete", "record.versions", "record.update", "record.read",
                                           "record.read", "record.create"]


def test_an_entry_says_who_and_when(doctor, new_record, trail):
    record = new_record()
    entry = trail(record["id"])[0]
    assert entry["actorId"] == doctor.user["id"] and entry["subjectId"] == record["id"]
    assert entry["event"] == "record.create" and entry["at"][:10] == record["createdAt"][:10]


@pytest.mark.parametrize("who, status", [("doctor2", 404), ("auditor", 403)])
def test_a_refusal_leaves_an_entry(server, new_record, trail, who, status):
    record = new_record()
    problem(server.client(who).get(f"/api/medical-records/{record['id']}"), status)
    entry = trail(record["id"])[0]
    assert (entry["event"], entry["status"], entry["actorId"]) == ("record.read", status, server.client(who).user["id"])


def test_a_failed_sign_in_leaves_an_entry(make_server):
    server = make_server()
    nurse = server.client("nurse").user["id"]
    problem(server.client().post("/api/auth/login", {"email": USERS["nurse"], "password": "wrong-password-1"}), 401)
    entry = next(server.client("auditor").pages("/api/audit", event="auth.login", actor=nurse))
    assert entry["status"] == 401


def test_filters(doctor, new_record, server, trail):
    record = new_record()
    doctor.get(f"/api/medical-records/{record['id']}")
    assert events(trail(record["id"], event="record.read")) == ["record.read"]
    assert events(trail(record["id"], actor=str(uuid.uuid4()))) == []
    assert len(trail(record["id"], actor=doctor.user["id"])) == 2
    assert trail(record["id"], to="2000-01-01T00:00:00Z") == []


@pytest.mark.parametrize("who, status", [("auditor", 200), ("admin", 200), ("doctor", 403), ("nurse", 403), ("patient", 403), ("root", 403)])
def test_who_reads_the_trail(server, who, status):
    assert server.client(who).get("/api/audit").status_code == status


def test_tenants_have_their_own(server, new_record):
    record = new_record()
    assert list(server.client("admin_other").pages("/api/audit", subject=record["id"])) == []


def test_the_auditor_sees_no_clinical_text(server, doctor, new_record):
    record = new_record(diagnosis="Segredo bem guardado", notes="Segredo bem guardado")
    answer = server.client("auditor").get("/api/audit", params={"subject": record["id"]})
    assert "Segredo" not in answer.text


def test_who_opened_the_chart(server, doctor, patient):
    doctor.get(f"/api/patients/{patient['id']}")
    path = f"/api/patients/{patient['id']}/access-log"
    for who in ("doctor", "admin", "auditor"):
        answer = server.client(who).get(path)
        assert answer.status_code == 200, (who, answer.text)
        assert any(e["event"] == "patient.read" for e in answer.json()["items"])
    for who in ("doctor2", "doctor_other"):
        problem(server.client(who).get(path), 404)


def test_a_patient_sees_who_opened_the_own_chart(server, doctor):
    me = server.client("patient")
    own = next(me.pages("/api/patients"))
    doctor.get(f"/api/patients/{own['id']}")
    answer = me.get(f"/api/patients/{own['id']}/access-log")
    assert answer.status_code == 200 and any(e.get("actorId") == doctor.user["id"] for e in answer.json()["items"])
