"""Openings outside care, consents and requests, from the asking to the end."""
import time
import uuid

import pytest

from lib import people
from lib.client import problem
from lib.store import Store


@pytest.fixture
def dpo(server):
    return server.client().login("dpo@demo.test")


def test_a_chart_opens_outside_care_with_a_reason_for_a_time_and_under_review(server, doctor, patient, dpo, engine, request):
    other, path = server.client("doctor2"), f"/api/patients/{patient['id']}"
    assert other.get(path).status_code == 404
    found = other.post("/api/patients/locate", {"cpf": patient["cpf"]}).json()
    assert found == {"id": patient["id"], "inCare": False}
    problem(other.post(f"{path}/break-glass", {"reason": "curto"}), 422)
    opened = other.post(f"{path}/break-glass", {"reason": "Emergência no plantão da noite", "minutes": 5})
    assert opened.status_code == 201 and other.get(path).status_code == 200
    waiting = {g["id"]: g for g in dpo.pages("/api/break-glass", pending="true", limit=100)}
    assert waiting[opened.json()["id"]]["reason"] == "Emergência no plantão da noite"
    problem(doctor.post(f"/api/break-glass/{opened.json()['id']}/review", {"verdict": "JUSTIFIED"}), 403)
    judged = dpo.post(f"/api/break-glass/{opened.json()['id']}/review", {"verdict": "UNJUSTIFIED", "note": "Sem plantão neste dia."})
    assert judged.status_code == 200 and judged.json()["verdict"] == "UNJUSTIFIED"
    assert any(line["id"] == opened.json()["id"] for line in server.wait_log("BREAK_GLASS"))
    store = Store(server, request.getfixturevalue("postgres") if engine == "postgres" else None)
    store.change("UPDATE care SET until = %s WHERE kind = 'BREAK_GLASS' AND patient_id = %s", int(time.time() * 1000) - 1,
                 uuid.UUID(patient["id"]))
    assert other.get(path).status_code == 404, "its time is over"


def test_a_consent_is_given_to_a_version_and_taken_back_once(doctor, patient, dpo):
    term = {"purpose": "SURVEY", "title": "Pesquisa", "body": "Podemos perguntar como foi o atendimento?"}
    first, second = (dpo.post("/api/privacy/terms", term).json() for _ in range(2))
    assert second["version"] == first["version"] + 1
    path = f"/api/patients/{patient['id']}/consents"
    given = doctor.post(path, {"termId": second["id"], "proof": "Assinou em papel"}).json()
    assert [c["id"] for c in doctor.get(path).json()["items"]] == [given["id"]] and given["withdrawnAt"] is None
    assert doctor.post(f"/api/consents/{given['id']}/withdraw").json()["withdrawnAt"]
    problem(doctor.post(f"/api/consents/{given['id']}/withdraw"), 409)
    problem(doctor.post(path, {"termId": people.nobody()}), 422)


def test_erasure_waits_for_the_law_and_then_destroys_the_key(doctor, patient, new_record, dpo, server, engine, request):
    """With a record of today the 20 years hold it; without any the key goes and a certificate stays."""
    def ask(who):
        asked = doctor.post(f"/api/patients/{who}/requests", {"kind": "ERASURE"}).json()
        return dpo.post(f"/api/privacy/requests/{asked['id']}/decide", {"decision": "GRANT", "answer": "Atendido conforme a lei.",
                                                                        "approval": "Ata 7 da comissão", "version": 1})
    new_record()
    assert ask(patient["id"]).status_code in (409, 422)
    empty = doctor.post("/api/patients", people.patient()).json()["id"]
    assert ask(empty).status_code == 204
    assert empty in {c["patientId"] for c in dpo.get("/api/privacy/certificates").json()["items"]}
    store = Store(server, request.getfixturevalue("postgres") if engine == "postgres" else None)
    key, = store.rows("SELECT wrapped_key, destroyed_at FROM patient_key WHERE patient_id = %s", uuid.UUID(empty))
    assert key["wrapped_key"] is None and key["destroyed_at"]
    aged = doctor.post("/api/patients", people.patient()).json()["id"]
    texts = {doctor.post("/api/medical-records", people.record(aged)).json()["id"] for _ in range(3)}
    words = "SELECT record_id, length(words) AS n, bloom_low, bloom_high FROM record_words WHERE patient_id = %s"
    assert all(row["n"] > 0 for row in store.rows(words, uuid.UUID(aged)))
    store.change("UPDATE medical_record SET updated_at = 1 WHERE patient_id = %s", uuid.UUID(aged))
    assert ask(aged).status_code == 204
    left = store.rows(words, uuid.UUID(aged))
    assert {row["record_id"] for row in left} == texts and {(row["n"], row["bloom_low"], row["bloom_high"]) for row in left} == {(0, 0, 0)}, \
        "a row for each record, without a word or a trace of one"
