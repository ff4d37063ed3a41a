"""Medical records: written in care, corrected by their author, put aside, never erased."""
import functools
import operator
import pathlib
import re

import pytest

from lib import people
from lib.client import bad_fields, problem

PATH = "/api/medical-records"
MEMBERS = {"id", "patientId", "doctorId", "title", "diagnosis", "treatment", "notes", "priority", "version",
           "createdAt", "updatedAt", "deletedAt"}
CLINICAL = ("title", "diagnosis", "treatment", "notes")


def test_writing(clinic):
    patient = clinic.new_patient()["id"]
    body = people.record(patient, treatment="PQT-U", notes="Sem queixas.\nRetorno.", priority="HIGH")
    answer = clinic.client("doctor").post(PATH, body)
    said = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{PATH}/{said['id']}" and answer.headers["ETag"] == '"1"'
    assert MEMBERS <= set(said)
    assert {k: said[k] for k in body} == body
    assert (said["doctorId"], said["version"], said["deletedAt"]) == (clinic.user("doctor"), 1, None)
    read = clinic.client("doctor").get(f"{PATH}/{said['id']}")
    assert read.json() == said and read.headers["ETag"] == '"1"'


def test_what_may_be_left_out(clinic):
    said = clinic.new_record()
    assert (said["treatment"], said["notes"], said["priority"]) == (None, None, "NORMAL")


@pytest.mark.parametrize("more, fields", [
    ({"title": None, "diagnosis": ""}, {"title": "required", "diagnosis": "required"}),
    ({"title": "a" * 201}, {"title": "too_long"}),
    ({"title": "é" * 200}, {}),
    ({"priority": "URGENT"}, {"priority": "choice"}),
    ({"priority": "high"}, {"priority": "choice"}),
    ({"patientId": "1"}, {"patientId": "id"}),
    ({"patientId": None, "title": 1, "diagnosis": [], "priority": 7, "x": 1, "notes": True},
     {"patientId": "required", "title": "type", "diagnosis": "type", "priority": "type", "x": "unknown", "notes": "type"}),
])
def test_every_bad_field_is_named(clinic, more, fields):
    answer = clinic.client("doctor").post(PATH, people.record(clinic.own_patient, **more))
    if fields:
        assert bad_fields(answer) == fields
    else:
        assert answer.status_code == 201


def test_writing_needs_the_care_relation(clinic):
    for who, patient in (("doctor2", clinic.own_patient), ("doctor_other", clinic.own_patient),
                         ("doctor", clinic.new_patient("admin")["id"]), ("doctor", people.nobody())):
        answer = clinic.client(who).post(PATH, people.record(patient))
        problem(answer, 404, "NOT_FOUND")
        assert clinic.audit_one(answer)["event"] == "record.create"
    assert clinic.client("nurse").post(PATH, people.record(clinic.own_patient)).status_code == 201
    for who in ("root", "admin", "reception", "patient", "auditor", "dpo"):
        problem(clinic.client(who).post(PATH, people.record(clinic.own_patient)), 403, "FORBIDDEN")


def test_who_reads(clinic):
    record = clinic.new_record("doctor", clinic.own_patient)
    path = f"{PATH}/{record['id']}"
    for who in ("doctor", "nurse", "patient"):
        assert clinic.client(who).get(path).json()["diagnosis"] == record["diagnosis"], who
    for who in ("doctor2", "doctor_other", "admin_other"):
        problem(clinic.client(who).get(path), 404, "NOT_FOUND")
        assert record["id"] not in [r["id"] for r in clinic.client(who).pages(PATH, limit=100)]
    for who in ("root", "auditor", "reception", "dpo"):
        problem(clinic.client(who).get(path), 403, "FORBIDDEN")
        problem(clinic.client(who).get(PATH), 403, "FORBIDDEN")


def test_the_administration_sees_that_not_what(clinic):
    record = clinic.new_record(treatment="PQT-U", notes="segredo")
    said = clinic.client("admin").get(f"{PATH}/{record['id']}").json()
    for one in (said, next(r for r in clinic.client("admin").pages(PATH, limit=100) if r["id"] == record["id"])):
        assert all(one[k] is None for k in CLINICAL)
        assert set(one["masked"]) == set(CLINICAL)
        assert one["patientId"] == record["patientId"]
    versions = clinic.client("admin").get(f"{PATH}/{record['id']}/versions").json()["items"]
    assert all(v[k] is None for v in versions for k in CLINICAL)


# ---- correcting

def test_correcting_keeps_the_old_version(clinic):
    record = clinic.new_record(treatment="primeiro", priority="LOW")
    path = f"{PATH}/{record['id']}"
    answer = clinic.client("doctor").put(path, {"title": "Novo", "diagnosis": "Outro", "version": 1})
    after = answer.json()
    assert answer.status_code == 200 and answer.headers["ETag"] == '"2"'
    assert (after["title"], after["treatment"], after["priority"], after["version"]) == ("Novo", None, "NORMAL", 2)
    assert (after["createdAt"], after["patientId"]) == (record["createdAt"], record["patientId"])
    versions = clinic.client("doctor").get(path + "/versions").json()["items"]
    assert [v["version"] for v in versions] == [1, 2]
    assert (versions[0]["treatment"], versions[1]["treatment"]) == ("primeiro", None)
    assert all(v["authorId"] == clinic.user("doctor") and v["at"] for v in versions)


def test_stale_missing_and_clashing_versions(clinic):
    path = f"{PATH}/{clinic.new_record()['id']}"
    put = lambda body, **headers: clinic.client("doctor").put(path, body, headers=headers)   # noqa: E731
    body = {"title": "Novo", "diagnosis": "Outro"}
    problem(put(body), 428, "PRECONDITION")
    assert put({**body, "version": 1}).status_code == 200
    assert problem(put({**body, "version": 1}), 409, "STALE")["currentVersion"] == 2
    assert problem(put(body, **{"If-Match": '"1"'}), 409, "STALE")["currentVersion"] == 2
    problem(put({**body, "version": 1}, **{"If-Match": '"2"'}), 400, "VERSION_CONFLICT")
    assert put({**body, "version": 2}, **{"If-Match": '"2"'}).status_code == 200
    assert put(body, **{"If-Match": '"3"'}).headers["ETag"] == '"4"'
    assert bad_fields(put(body, **{"If-Match": "abc"})) == {"If-Match": "format"}
    assert bad_fields(put({**body, "version": 0})) == {"version": "too_small"}
    assert bad_fields(put({**body, "version": 4, "patientId": people.nobody()})) == {"patientId": "unknown"}


def test_only_the_author_corrects(clinic):
    record = clinic.new_record("doctor", clinic.own_patient)
    body = {"title": "Novo", "diagnosis": "Outro", "version": 1}
    problem(clinic.client("nurse").put(f"{PATH}/{record['id']}", body), 403, "NOT_AUTHOR")
    problem(clinic.client("admin").put(f"{PATH}/{record['id']}", body), 403, "FORBIDDEN")
    problem(clinic.client("doctor2").put(f"{PATH}/{record['id']}", body), 404, "NOT_FOUND")
    problem(clinic.client("doctor_other").put(f"{PATH}/{record['id']}", body), 404, "NOT_FOUND")


def test_not_modified_is_audited_all_the_same(clinic):
    record = clinic.new_record()
    path = f"{PATH}/{record['id']}"
    for tag in ('"1"', '"0", "1"', 'W/"1"', "*"):
        answer = clinic.client("doctor").get(path, headers={"If-None-Match": tag})
        assert answer.status_code == 304 and not answer.content, tag
        assert answer.headers["ETag"] == '"1"'
        assert clinic.audit_one(answer)["event"] == "record.read"
    assert clinic.client("doctor").get(path, headers={"If-None-Match": '"11"'}).status_code == 200
    assert clinic.client("doctor").get(path, headers={"If-None-Match": '"2"'}).status_code == 200


# ---- putting aside

def test_putting_aside_and_back(clinic):
    record = clinic.new_record("doctor", clinic.own_patient, treatment="fica")
    path = f"{PATH}/{record['id']}"
    problem(clinic.client("nurse").delete(path), 403, "NOT_AUTHOR")
    problem(clinic.client("doctor2").delete(path), 404)
    answer = clinic.client("doctor").delete(path + "?reason=engano")
    assert answer.status_code == 204 and not answer.content
    assert clinic.audit_one(answer)["reason_sealed"]
    for who in ("doctor", "nurse", "patient", "admin"):
        problem(clinic.client(who).get(path), 404)
        assert record["id"] not in [r["id"] for r in clinic.client(who).pages(PATH, patientId=clinic.own_patient, limit=100)]
    problem(clinic.client("doctor").get(path + "?deleted=true"), 404)
    problem(clinic.client("doctor").get(PATH + "?deleted=true"), 403)
    assert clinic.client("admin").get(path + "?deleted=true").json()["deletedAt"]
    assert record["id"] in [r["id"] for r in clinic.client("admin").pages(PATH, deleted="true", limit=100)]
    problem(clinic.client("doctor").delete(path), 404)
    problem(clinic.client("doctor").put(path, {"title": "x", "diagnosis": "y", "version": 2}), 404)
    problem(clinic.client("nurse").post(path + "/restore"), 403, "NOT_AUTHOR")
    back = clinic.client("doctor").post(path + "/restore")
    assert back.status_code == 200 and back.json()["treatment"] == "fica" and back.json()["deletedAt"] is None
    assert clinic.client("patient").get(path).status_code == 200


def test_the_administration_puts_aside_and_back(clinic):
    path = f"{PATH}/{clinic.new_record()['id']}"
    assert clinic.client("admin").delete(path).status_code == 204
    back = clinic.client("admin").post(path + "/restore")
    assert back.status_code == 200 and back.json()["title"] is None
    problem(clinic.client("admin").post(path + "/restore"), 409)
    versions = clinic.client("doctor").get(path + "/versions").json()["items"]
    assert [v["version"] for v in versions] == [1, 2, 3], "no version is missing from the history"
    problem(clinic.client("admin_other").delete(path), 404)


# ---- lists

def test_filters(clinic):
    patient = clinic.new_patient()["id"]
    other = clinic.new_record("doctor")
    low = clinic.new_record("doctor", patient, priority="LOW")
    high = clinic.new_record("doctor", patient, priority="HIGH")
    listed = lambda **q: [r["id"] for r in clinic.client("doctor").pages(PATH, limit=100, **q)]   # noqa: E731
    assert listed(patientId=patient) == [high["id"], low["id"]], "newest first"
    assert listed(patientId=patient, priority="LOW") == [low["id"]]
    assert listed(patientId=patient, doctorId=clinic.user("doctor")) == [high["id"], low["id"]]
    assert listed(patientId=patient, doctorId=clinic.user("doctor2")) == []
    mine = listed(doctorId=clinic.user("doctor"))
    assert {other["id"], low["id"], high["id"]} <= set(mine)
    assert listed(patientId=patient, **{"from": high["createdAt"]}) == [high["id"]]
    assert listed(patientId=patient, to=high["createdAt"]) == [low["id"]]
    assert listed(patientId=people.nobody()) == []


@pytest.mark.parametrize("query, fields", [
    ("limit=0", {"limit": "too_small"}), ("limit=101", {"limit": "too_large"}), ("limit=x", {"limit": "type"}),
    ("limit=1&limit=2", {"limit": "format"}), ("priority=X", {"priority": "choice"}), ("patientId=7", {"patientId": "id"}),
    ("from=ontem", {"from": "time"}), ("deleted=sim", {"deleted": "type"}), ("colour=red", {"colour": "unknown"}),
    ("q=" + "a" * 201, {"q": "too_long"}), ("q=%ff", {"q": "format"}),
    ("limit=0&priority=X&colour=1", {"limit": "too_small", "priority": "choice", "colour": "unknown"}),
])
def test_every_bad_parameter_is_named(clinic, query, fields):
    assert bad_fields(clinic.client("doctor").get(f"{PATH}?{query}")) == fields


def test_an_unparsable_id_is_named(clinic):
    for bad in ("7", "x" * 36, people.nobody() + "0"):
        assert bad_fields(clinic.client("doctor").get(f"{PATH}/{bad}")) == {"id": "id"}


def test_words_rest_sealed(clinic):
    word = people.word()
    record = clinic.new_record(title=word, diagnosis=word, treatment=word, notes=word)
    body = {"title": "x", "diagnosis": "y", "version": 1}
    assert clinic.client("doctor").put(f"{PATH}/{record['id']}", body).status_code == 200
    for table in ("medical_record", "medical_record_version", "record_words", "audit_entry", "idempotency"):
        for row in clinic.store.rows(f"SELECT * FROM {table}"):
            for value in row.values():
                raw = bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
                assert word.encode() not in raw, table


def test_the_filter_of_words_is_theirs(clinic):
    """A bit for each word, whoever wrote it: the program now, or the migration for what was there before."""
    record, other = clinic.new_record(), clinic.new_record()
    body = {"title": people.word(), "diagnosis": people.word(), "version": 1}
    assert clinic.client("doctor").put(f"{PATH}/{other['id']}", body).status_code == 200
    read = "SELECT record_id, words, bloom_low, bloom_high FROM record_words"
    before = {r["record_id"]: r for r in clinic.store.rows(read)}
    for row in before.values():
        mask = 2**64 - 1
        assert (row["bloom_high"] & mask) << 64 | (row["bloom_low"] & mask) == functools.reduce(
            operator.or_, (1 << first % 128 for first in bytes(row["words"])[::6]), 0)
    assert {record["id"], other["id"]} <= before.keys()
    if clinic.store.url is None:
        return
    text = (pathlib.Path(__file__).parents[2] / "migrations/0015_words_bloom.sql").read_text(encoding="utf-8")
    clinic.store.change("UPDATE record_words SET bloom_low = -1, bloom_high = -1")
    clinic.store.change(re.search(r"^UPDATE record_words w.*?;$", text, re.M | re.S)[0].replace("%", "%%"))
    assert {r["record_id"]: r for r in clinic.store.rows(read)} == before


def test_each_record_has_one_row_of_words(clinic):
    """A chart is read through them on SQLite: of the seeded, the imported, the written, the put aside."""
    doctor = clinic.client("doctor")
    wordless, aside, back = clinic.new_record(title="!", diagnosis="?"), clinic.new_record(), clinic.new_record()
    for record in (aside, back):
        assert doctor.delete(f"{PATH}/{record['id']}?reason=engano").ok
    assert doctor.post(f"{PATH}/{back['id']}/restore").status_code == 200
    rows = clinic.store.rows(
        "SELECT r.id, r.source, r.deleted_at, w.patient_id AS found, w.deleted, length(w.words) AS bytes FROM medical_record r LEFT JOIN"
        " record_words w ON w.tenant_id = r.tenant_id AND w.patient_id = r.patient_id AND w.record_id = r.id")
    assert not [r for r in rows if r["found"] is None or r["deleted"] != int(r["deleted_at"] is not None)]
    assert len(rows) == clinic.store.rows("SELECT count(*) AS n FROM record_words")[0]["n"]
    assert [r["bytes"] for r in rows if r["id"] == wordless["id"]] == [0]
    assert {r["id"]: r["deleted"] for r in rows if r["deleted"]}.keys() >= {aside["id"]}
    if clinic.store.url is None:
        assert {r["source"] is None for r in rows} == {True, False}, "the demo has imported ones"
