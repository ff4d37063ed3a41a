"""Finding records by their words, though nothing of them lies readable on disk."""
import pytest

from lib.people import word


@pytest.fixture
def found(doctor, patient):
    def ids(q, client=doctor, **more):
        return {r["id"] for r in client.pages("/api/medical-records", q=q, **more)}
    return ids


@pytest.mark.parametrize("field", ["title", "diagnosis", "treatment", "notes"])
def test_each_field_is_found(new_record, found, field):
    rare = word()
    record = new_record(**{field: f"antes {rare} depois"})
    assert found(rare) == {record["id"]}


def test_every_word_must_match(new_record, found):
    one, two = word(), word()
    both = new_record(title=one, notes=f"{two}")
    new_record(title=one)
    assert found(f"{one} {two}") == {both["id"]}
    assert found(f"{two} {one}") == {both["id"]}
    assert found(f"{one} {word()}") == set()


@pytest.mark.parametrize("written, asked", [
    ("Hipertensão", "hipertensao"), ("HIPERTENSÃO", "hipertensão"), ("lesão", "lesões"), ("lesões", "lesao"), ("mão", "mãos"),
    ("pães", "pão"), ("paciente", "pacientes"), ("infecção", "infecções"), ("irmãos", "irmão"), ("órgão", "órgãos"),
    ("cicatrizes", "cicatriz"), ("neural", "neurais"), ("açúcar", "acucar"),
])
def test_case_accents_and_number_meet(new_record, found, written, asked):
    rare = word()
    record = new_record(diagnosis=f"{rare} com {written}, crônica")
    assert found(f"{asked} {rare}") == {record["id"]}


def test_correcting_changes_what_is_found(doctor, new_record, found):
    before, after = word(), word()
    record = new_record(diagnosis=before)
    body = {"title": "A", "diagnosis": after, "version": 1}
    assert doctor.put(f"/api/medical-records/{record['id']}", body).status_code == 200
    assert found(before) == set() and found(after) == {record["id"]}


def test_a_removed_record_is_not_found(doctor, new_record, found):
    rare = word()
    record = new_record(diagnosis=rare)
    doctor.delete(f"/api/medical-records/{record['id']}")
    assert found(rare) == set()


def test_what_a_role_may_not_see_does_not_match(server, admin, new_record):
    rare = word()
    new_record(title=rare, diagnosis=rare, treatment=rare, notes=rare)
    answer = admin.get("/api/medical-records", params={"q": rare})
    assert answer.status_code in (200, 403), answer.text
    assert answer.status_code == 403 or answer.json()["items"] == []
    for who in ("doctor2", "doctor_other"):
        assert list(server.client(who).pages("/api/medical-records", q=rare)) == []


def test_search_and_filter_together(new_record, found):
    rare = word()
    low = new_record(title=rare, priority="LOW")
    new_record(title=rare, priority="HIGH")
    assert found(rare, priority="LOW") == {low["id"]}


def test_search_pages(doctor, new_record):
    rare = word()
    made = [new_record(title=rare)["id"] for _ in range(5)]
    assert [r["id"] for r in doctor.pages("/api/medical-records", q=rare, limit=2)] == made[::-1]


@pytest.mark.parametrize("q", ["%", "_", "'", '"', "a OR b", "*", "\\", "a" * 200])
def test_signs_of_query_languages_are_only_signs(doctor, q):
    assert doctor.get("/api/medical-records", params={"q": q}).status_code in (200, 422)


def test_a_long_record_is_searched_to_its_end(patient, new_record, found):
    """On PostgreSQL what a search reads is an index, whose entries have an end; the words of a long record lie beside it."""
    first, last, later = word(), word(), word()
    filler = " ".join(f"{a}{b}{c}x" for a in "bcdfgk" for b in "aeiou" for c in "bcdfghjklmnpqrstvz")
    long = new_record(notes=f"{first} {filler} {last}")
    short = new_record(notes=f"{last} {later}")
    assert found(f"{first} {last}") == {long["id"]}
    assert found(last) == found(last, patientId=patient["id"]) == {long["id"], short["id"]}
    assert found(f"{last} bobx bobzz") == set() and found(f"{later} {first}") == set()
