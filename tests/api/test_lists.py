"""Lists in pages: newest first, and stable while others write."""
import pytest

from lib.client import bad_fields

RECORDS = "/api/medical-records"


def ids(items):
    return [r["id"] for r in items]


def test_newest_first_in_pages(doctor, patient, new_record):
    made = [new_record(title=f"n{i}")["id"] for i in range(7)]
    assert ids(doctor.pages(RECORDS, limit=3, patientId=patient["id"])) == made[::-1]
    page = doctor.get(RECORDS, params={"patientId": patient["id"], "limit": 3}).json()
    assert len(page["items"]) == 3 and page["nextCursor"]


def test_stable_while_others_write(doctor, patient, new_record):
    made = [new_record()["id"] for _ in range(4)]
    query = {"patientId": patient["id"], "limit": 2}
    first = doctor.get(RECORDS, params=query).json()
    new_record()
    second = doctor.get(RECORDS, params={**query, "cursor": first["nextCursor"]}).json()
    assert ids(first["items"] + second["items"]) == made[::-1]
    assert second["nextCursor"] is None


def test_a_full_last_page_ends_the_list(doctor, patient, new_record):
    made = [new_record()["id"] for _ in range(4)]
    page = doctor.get(RECORDS, params={"patientId": patient["id"], "limit": 4}).json()
    assert ids(page["items"]) == made[::-1] and page["nextCursor"] is None


def test_twenty_unless_asked(doctor, patient, new_record):
    for _ in range(21):
        new_record()
    assert len(doctor.get(RECORDS, params={"patientId": patient["id"]}).json()["items"]) == 20


@pytest.mark.parametrize("path", [RECORDS, "/api/patients", "/api/audit", "/api/users"])
@pytest.mark.parametrize("query, field", [({"limit": 0}, "limit"), ({"limit": 101}, "limit"), ({"limit": "x"}, "limit"),
                                          ({"limit": ["1", "2"]}, "limit"), ({"nonesuch": "1"}, "nonesuch")])
def test_bad_parameters_are_named(admin, path, query, field):
    answer = admin.get(path, params=query)
    assert answer.status_code == 400 or field in bad_fields(answer), answer.text
    assert answer.status_code == 422 or query == {"limit": ["1", "2"]}, "only a parameter that stands twice is malformed"


@pytest.mark.parametrize("cursor", ["AAAA", "x" * 60, "%00", "../..", "1"])
def test_a_foreign_cursor_is_refused(doctor, cursor):
    assert doctor.get(RECORDS, params={"cursor": cursor}).status_code == 400
