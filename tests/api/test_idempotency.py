"""The same call sent twice is done once."""
import threading
import uuid

from lib import people
from lib.client import problem

RECORDS = "/api/medical-records"


def send(client, key, body, path=RECORDS):
    return client.post(path, body, headers={"Idempotency-Key": key})


def count(client, patient):
    return len(list(client.pages(RECORDS, patientId=patient["id"])))


def test_second_call_gets_the_first_answer(doctor, patient):
    key, body = str(uuid.uuid4()), {"patientId": patient["id"], "title": "A", "diagnosis": "B"}
    first, second = send(doctor, key, body), send(doctor, key, body)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert first.headers["Location"] == second.headers["Location"] and first.headers["ETag"] == second.headers["ETag"]
    assert count(doctor, patient) == 1


def test_another_body_is_refused(doctor, patient):
    key, body = str(uuid.uuid4()), {"patientId": patient["id"], "title": "A", "diagnosis": "B"}
    send(doctor, key, body)
    problem(send(doctor, key, {**body, "title": "C"}), 422, "IDEMPOTENCY_REUSED")
    assert count(doctor, patient) == 1


def test_keys_belong_to_their_caller(server, doctor, patient):
    key = str(uuid.uuid4())
    mine = send(doctor, key, people.patient(), "/api/patients")
    theirs = send(server.client("doctor_other"), key, people.patient(), "/api/patients")
    assert mine.status_code == theirs.status_code == 201
    assert mine.json()["id"] != theirs.json()["id"]


def test_a_refusal_may_be_mended_under_a_new_key(doctor, patient):
    key = str(uuid.uuid4())
    assert send(doctor, key, {"patientId": patient["id"]}).status_code == 422
    assert send(doctor, str(uuid.uuid4()), {"patientId": patient["id"], "title": "A", "diagnosis": "B"}).status_code == 201


def test_keys_have_a_length(doctor, patient):
    body = {"patientId": patient["id"], "title": "A", "diagnosis": "B"}
    assert send(doctor, uuid.uuid4().hex * 4, body).status_code == 201
    assert send(doctor, uuid.uuid4().hex * 4 + "x", body).status_code in (400, 422)


def test_twins_at_the_same_moment_write_once(server, doctor, patient):
    key, body, answers = str(uuid.uuid4()), {"patientId": patient["id"], "title": "A", "diagnosis": "B"}, []
    gate = threading.Barrier(8)

    def go():
        own = type(doctor)(server.url, doctor.token)
        gate.wait()
        answers.append(send(own, key, body))
        own.close()
    threads = [threading.Thread(target=go) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {a.status_code for a in answers} <= {201, 409}
    assert len({a.json()["id"] for a in answers if a.status_code == 201}) == 1
    assert count(doctor, patient) == 1


def test_keys_outlive_a_kill(make_server):
    server = make_server()
    doctor, key, body = server.client("doctor"), str(uuid.uuid4()), people.patient()
    first = send(doctor, key, body, "/api/patients")
    assert first.status_code == 201
    server.kill()
    server.start()
    again = send(server.client("doctor"), key, body, "/api/patients")
    assert again.status_code == 201 and again.json()["id"] == first.json()["id"]
