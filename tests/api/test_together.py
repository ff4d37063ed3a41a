"""Requests of one moment share transactions: each has its own answer, its own trail, and undoes nothing of another's."""
import concurrent.futures
import uuid

from lib import people
from lib.client import Client, problem

RECORDS = "/api/medical-records"


def at_once(client, calls):
    """The answers of calls(client), all sent at the same moment."""
    def one(call):
        own = Client(client.base, client.token)
        try:
            return call(own)
        finally:
            own.close()

    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def test_each_gets_its_own_answer(doctor):
    patients = [doctor.post("/api/patients", people.patient()).json()["id"] for _ in range(6)]
    records = [doctor.post(RECORDS, people.record(p, title=f"Title {i}")).json() for i, p in enumerate(patients)]

    def read(r):
        return lambda c: c.get(f"{RECORDS}/{r['id']}")

    def write(i):
        return lambda c: c.post(RECORDS, people.record(patients[i % 6], title=f"New {i}"))

    calls = [read(records[i % 6]) for i in range(24)] + [write(i) for i in range(24)]
    for _ in range(3):
        answers = at_once(doctor, calls)
        for i, a in enumerate(answers[:24]):
            assert a.status_code == 200 and a.json() == records[i % 6]
        for i, a in enumerate(answers[24:]):
            assert a.status_code == 201, a.text
            assert a.json()["title"] == f"New {i}" and a.json()["patientId"] == patients[i % 6]
            assert doctor.get(a.headers["Location"]).json() == a.json()


def test_a_refusal_undoes_nothing_of_the_others(doctor, patient):
    """Beside good ones: a patient of nobody's care, a number that another has, a version that is no more."""
    taken = people.cpf()
    doctor.post("/api/patients", people.patient(cpf=taken))
    for _ in range(3):
        stale = doctor.post(RECORDS, people.record(patient["id"])).json()
        change = {"title": "T", "diagnosis": "D", "version": 1}
        calls = {
            "good": lambda c: c.post(RECORDS, people.record(patient["id"])),
            "unknown": lambda c: c.post(RECORDS, people.record(people.nobody())),
            "taken": lambda c: c.post("/api/patients", people.patient(cpf=taken)),
            "new": lambda c: c.post("/api/patients", people.patient()),
            "correct": lambda c: c.put(f"{RECORDS}/{stale['id']}", change),
        }
        kinds = list(calls) * 8
        answers = at_once(doctor, [calls[k] for k in kinds])
        by_kind = {k: [a for kind, a in zip(kinds, answers) if kind == k] for k in calls}
        assert {a.status_code for a in by_kind["good"]} == {201}
        assert {a.status_code for a in by_kind["new"]} == {201}
        for a in by_kind["unknown"]:
            problem(a, 404)
        for a in by_kind["taken"]:
            problem(a, 409)
        assert sorted(a.status_code for a in by_kind["correct"]) == [200] + [409] * 7
        for a in by_kind["good"]:
            assert doctor.get(f"{RECORDS}/{a.json()['id']}").json() == a.json()
        assert len(doctor.get(f"{RECORDS}/{stale['id']}/versions").json()["items"]) == 2


def test_each_has_one_entry_in_the_trail(server, doctor, patient):
    auditor = server.client("auditor")
    record = doctor.post(RECORDS, people.record(patient["id"])).json()
    ids = [f"together-{uuid.uuid4().hex[:20]}" for _ in range(30)]

    def call(i, request_id):
        h = {"X-Request-Id": request_id}
        if i % 3 == 0:
            return lambda c: c.get(f"{RECORDS}/{record['id']}", headers=h)
        if i % 3 == 1:
            return lambda c: c.post(RECORDS, people.record(patient["id"]), headers=h)
        return lambda c: c.post(RECORDS, people.record(people.nobody()), headers=h)

    answers = at_once(doctor, [call(i, r) for i, r in enumerate(ids)])
    entries = {}
    for e in auditor.pages("/api/audit", subject=patient["id"]):
        entries.setdefault(e["requestId"], []).append(e)
    for i, (request_id, a) in enumerate(zip(ids, answers)):
        assert a.status_code == (200, 201, 404)[i % 3], a.text
        if i % 3 == 2:
            continue   # of no patient
        (entry,) = entries[request_id]
        assert entry["status"] == a.status_code and entry["event"] == ("record.read", "record.create")[i % 3]
