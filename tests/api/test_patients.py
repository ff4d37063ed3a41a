"""The register of patients: who may, what is hidden, the care relation, corrections, putting aside."""
import datetime

import pytest

from lib import people
from lib.client import bad_fields, problem

MEMBERS = {"id", "name", "birthDate", "sex", "cpf", "cns", "motherName", "phone", "email", "address", "identifiers",
           "source", "version", "createdAt", "updatedAt", "deletedAt"}


def test_registering(clinic):
    body = people.patient(cns=people.cns(), motherName="Josefa", phone="(81) 98888-0101", email="a@b.test", address="Rua A")
    answer = clinic.client("doctor").post("/api/patients", body)
    said = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/patients/{said['id']}" and answer.headers["ETag"] == '"1"'
    assert MEMBERS <= set(said)
    assert {k: said[k] for k in body} == body
    assert said["version"] == 1 and said["deletedAt"] is None
    made = datetime.datetime.fromisoformat(said["createdAt"].replace("Z", "+00:00"))
    assert made.utcoffset() == datetime.timedelta(0)
    assert abs(datetime.datetime.now(datetime.timezone.utc) - made) < datetime.timedelta(minutes=5)
    assert said["id"][14] == "7", "a UUIDv7"
    assert clinic.client("doctor").get(f"/api/patients/{said['id']}").json() == said


def test_punctuation_is_taken_and_not_kept(clinic):
    cpf = people.cpf()
    said = clinic.new_patient(cpf=f"{cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}-{cpf[9:]}")
    assert said["cpf"] == cpf


def test_one_cpf_one_patient(clinic):
    first = clinic.new_patient()
    problem(clinic.client("admin").post("/api/patients", people.patient(cpf=first["cpf"])), 409, "DUPLICATE")
    other = clinic.client("doctor_other").post("/api/patients", people.patient(cpf=first["cpf"]))
    assert other.status_code == 201, "another institution has its own register"
    second = clinic.new_patient()
    body = {"name": second["name"], "cpf": first["cpf"], "version": 1}
    problem(clinic.client("doctor").put(f"/api/patients/{second['id']}", body), 409, "DUPLICATE")


def test_one_cns_one_patient(clinic):
    cns = people.cns()
    clinic.new_patient(cns=cns)
    problem(clinic.client("doctor").post("/api/patients", people.patient(cns=cns)), 409, "DUPLICATE")


@pytest.mark.parametrize("more, fields", [
    ({"cpf": None}, {"cpf": "cpf_or_cns"}),
    ({"cpf": "31827594005"}, {"cpf": "cpf"}),
    ({"cpf": "11111111111"}, {"cpf": "cpf"}),
    ({"cns": "700000000000001"}, {"cns": "cns"}),
    ({"name": ""}, {"name": "required"}),
    ({"name": "   "}, {"name": "required"}),
    ({"name": "a" * 201}, {"name": "too_long"}),
    ({"name": "a\u0001b"}, {"name": "control"}),
    ({"sex": "X"}, {"sex": "choice"}),
    ({"birthDate": "1980-02-30"}, {"birthDate": "date"}),
    ({"birthDate": "2999-01-01"}, {"birthDate": "future"}),
    ({"email": "a@"}, {"email": "email"}),
    ({"phone": "12"}, {"phone": "phone"}),
    ({"nickname": "x"}, {"nickname": "unknown"}),
    ({"name": 7, "sex": [], "address": {}}, {"name": "type", "sex": "type", "address": "type"}),
])
def test_every_bad_field_is_named(clinic, more, fields):
    assert bad_fields(clinic.client("doctor").post("/api/patients", people.patient(**more))) == fields


def test_correcting(clinic):
    before = clinic.new_patient()
    body = {"name": "Nome Corrigido", "cpf": before["cpf"], "version": 1}
    answer = clinic.client("doctor").put(f"/api/patients/{before['id']}", body)
    after = answer.json()
    assert answer.status_code == 200 and answer.headers["ETag"] == '"2"'
    assert (after["version"], after["name"], after["birthDate"], after["sex"]) == (2, "Nome Corrigido", None, None)
    stale = problem(clinic.client("doctor").put(f"/api/patients/{before['id']}", body), 409, "STALE")
    assert stale["currentVersion"] == 2
    body.pop("version")
    problem(clinic.client("doctor").put(f"/api/patients/{before['id']}", body), 428, "PRECONDITION")
    by_tag = clinic.client("doctor").put(f"/api/patients/{before['id']}", body, headers={"If-Match": '"2"'})
    assert by_tag.status_code == 200
    clash = clinic.client("doctor").put(f"/api/patients/{before['id']}", {**body, "version": 3}, headers={"If-Match": '"2"'})
    problem(clash, 400, "VERSION_CONFLICT")


def test_putting_aside_and_back(clinic):
    patient = clinic.new_patient()
    path = f"/api/patients/{patient['id']}"
    problem(clinic.client("doctor").delete(path), 403, "FORBIDDEN")
    answer = clinic.client("admin").delete(path + "?reason=duplicado")
    assert answer.status_code == 204
    entry = clinic.audit_one(answer)
    assert entry["reason_sealed"] and entry["before_sealed"] and entry["after_sealed"]
    problem(clinic.client("doctor").get(path), 404)
    problem(clinic.client("admin").delete(path), 404)
    listed = clinic.client("admin").pages("/api/patients", deleted="true", limit=100)
    assert patient["id"] in [p["id"] for p in listed]
    problem(clinic.client("doctor").get("/api/patients?deleted=true"), 403)
    answer = clinic.client("admin").post(path + "/restore")
    assert answer.status_code == 200
    entry = clinic.audit_one(answer)
    assert entry["before_sealed"] and entry["after_sealed"]
    assert clinic.client("doctor").get(path).status_code == 200


# ---- the care relation

def test_care_decides_who_sees_a_chart(clinic):
    patient = clinic.new_patient("doctor")
    path = f"/api/patients/{patient['id']}"
    for who in ("doctor2", "nurse", "doctor_other", "admin_other", "patient"):
        problem(clinic.client(who).get(path), 404, "NOT_FOUND")
        shown = [p["id"] for p in clinic.client(who).pages("/api/patients", limit=100)]
        assert patient["id"] not in shown, who
    for who in ("doctor", "admin", "reception"):
        assert clinic.client(who).get(path).status_code == 200, who
    for who in ("root", "auditor", "dpo"):
        problem(clinic.client(who).get(path), 403, "FORBIDDEN")


def test_care_is_given_shown_and_ended(clinic):
    patient = clinic.new_patient("doctor")
    path, nurse = f"/api/patients/{patient['id']}", clinic.user("nurse")
    given = clinic.client("doctor").post(path + "/care", {"userId": nurse})
    assert given.status_code == 204
    assert clinic.audit_one(given)["patient_id"] == patient["id"]
    assert clinic.client("nurse").get(path).status_code == 200
    carers = {c["userId"] for c in clinic.client("doctor").get(path + "/care").json()["items"]}
    assert carers == {nurse, clinic.user("doctor")}
    assert clinic.client("doctor").delete(f"{path}/care/{nurse}").status_code == 204
    problem(clinic.client("nurse").get(path), 404)
    problem(clinic.client("doctor").delete(f"{path}/care/{nurse}"), 404)


def test_care_ends_by_itself(clinic):
    patient = clinic.new_patient("doctor")
    body = {"userId": clinic.user("nurse"), "until": "2020-01-01T00:00:00Z"}
    refused = clinic.client("doctor").post(f"/api/patients/{patient['id']}/care", body)
    assert bad_fields(refused) == {"until": "order"}
    body["until"] = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1.5)).isoformat()
    assert clinic.client("doctor").post(f"/api/patients/{patient['id']}/care", body).status_code == 204
    deadline = datetime.datetime.now() + datetime.timedelta(seconds=20)
    while clinic.client("nurse").get(f"/api/patients/{patient['id']}").status_code != 404:
        assert datetime.datetime.now() < deadline


def test_nobody_gives_care_to_strangers(clinic):
    patient = clinic.new_patient("doctor")
    path = f"/api/patients/{patient['id']}/care"
    for user in (clinic.user("doctor_other"), people.nobody()):
        assert bad_fields(clinic.client("doctor").post(path, {"userId": user})) == {"userId": "not_found"}
    problem(clinic.client("doctor2").post(path, {"userId": clinic.user("doctor2")}), 404)
    problem(clinic.client("admin_other").get(path), 404)


# ---- who sees what

def test_the_reception_sees_part_of_the_identity(clinic):
    cpf, cns = people.cpf(), people.cns()
    patient = clinic.new_patient("doctor", name="Maria das Dores", cpf=cpf, cns=cns, motherName="Josefa")
    said = clinic.client("reception").get(f"/api/patients/{patient['id']}").json()
    assert said["cpf"] == f"***.{cpf[3:6]}.{cpf[6:9]}-**"
    assert said["motherName"] is None and said["birthDate"] is None
    assert {"cpf", "cns", "motherName", "birthDate"} <= set(said["masked"])
    assert cns not in str(said) and cpf not in str(said) and "Josefa" not in str(said)
    assert "masked" not in patient or not patient["masked"]


def test_the_reception_erases_nothing_it_cannot_see(clinic):
    """It corrects what it was shown; what was hidden from it stays."""
    patient = clinic.new_patient("doctor", name="Maria das Dores", cns=people.cns(), motherName="Josefa", phone="81988880101")
    path = f"/api/patients/{patient['id']}"
    shown = clinic.client("reception").get(path).json()
    body = {"name": shown["name"], "address": "Rua Nova, 7", "version": 1}
    answer = clinic.client("reception").put(path, body)
    assert answer.status_code == 200, answer.text
    after = clinic.client("doctor").get(path).json()
    assert after["address"] == "Rua Nova, 7"
    for member in ("name", "cpf", "cns", "motherName", "birthDate", "sex", "phone"):
        assert after[member] == patient[member], member


def test_a_patient_sees_himself_alone(clinic):
    client = clinic.client("patient")
    assert [p["id"] for p in client.pages("/api/patients")] == [clinic.own_patient]
    assert client.get(f"/api/patients/{clinic.own_patient}").status_code == 200
    problem(client.post("/api/patients", people.patient()), 403)
    problem(client.put(f"/api/patients/{clinic.own_patient}", {"name": "x", "version": 1}), 403)


def test_names_and_numbers_rest_sealed(clinic):
    name = people.word()
    patient = clinic.new_patient(name=f"Fulana {name}", motherName=name, address=name)
    row = clinic.store.rows("SELECT * FROM patient WHERE version > 0")
    text = b"".join(bytes(v) if isinstance(v, (bytes, memoryview)) else str(v).encode() for r in row for v in r.values())
    assert name.encode() not in text and patient["cpf"].encode() not in text


# ---- finding

@pytest.mark.parametrize("typed", ["jo", "joao", "JOÃO", "silva jo", "Joa Sil", "joao da silva"])
def test_found_while_one_types(clinic, typed):
    tail = people.word()
    patient = clinic.new_patient(name=f"João da Silva {tail}")
    clinic.new_patient(name=f"Pedro da Silva {tail}")
    found = clinic.client("doctor").get("/api/patients", params={"q": f"{typed} {tail[:8]}"}).json()["items"]
    assert [p["id"] for p in found] == [patient["id"]]


def test_found_by_whole_cpf_or_cns(clinic):
    patient = clinic.new_patient(cns=people.cns())
    cpf = patient["cpf"]
    for q in (cpf, f"{cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}-{cpf[9:]}", patient["cns"]):
        assert [p["id"] for p in clinic.client("doctor").get("/api/patients", params={"q": q}).json()["items"]] == [patient["id"]]
        assert clinic.client("doctor2").get("/api/patients", params={"q": q}).json()["items"] == []
    assert clinic.client("doctor").get("/api/patients", params={"q": cpf[:8]}).json()["items"] == []


def test_a_corrected_name_is_found_anew_and_the_old_one_not(clinic):
    old, new = people.word(), people.word()
    patient = clinic.new_patient(name=f"Ana {old}")
    body = {"name": f"Ana {new}", "cpf": patient["cpf"], "version": 1}
    clinic.client("doctor").put(f"/api/patients/{patient['id']}", body)
    find = lambda q: [p["id"] for p in clinic.client("doctor").get("/api/patients", params={"q": q}).json()["items"]]   # noqa: E731
    assert find(new) == [patient["id"]] and find(old) == []


# ---- the access log

def test_who_opened_this_chart(clinic):
    patient = clinic.own_patient
    opened = clinic.client("doctor").get(f"/api/patients/{patient}")
    assert opened.status_code == 200
    for who in ("patient", "doctor", "nurse", "admin", "auditor"):
        answer = clinic.client(who).get(f"/api/patients/{patient}/access-log")
        assert answer.status_code == 200, who
        rows = answer.json()["items"]
        assert any(r["actorId"] == clinic.user("doctor") and r["event"] == "patient.read" for r in rows), who
        assert all(r["actorName"] and r["eventText"] for r in rows)
    for who in ("doctor2", "admin_other"):
        problem(clinic.client(who).get(f"/api/patients/{patient}/access-log"), 404)
    for who in ("root", "reception"):
        problem(clinic.client(who).get(f"/api/patients/{patient}/access-log"), 403)
    stranger = clinic.new_patient("doctor")["id"]
    problem(clinic.client("patient").get(f"/api/patients/{stranger}/access-log"), 404)
