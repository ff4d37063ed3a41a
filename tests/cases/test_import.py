"""plantao import fhir: others' files become charts, whole, once, and only where they belong.

What is expected is computed here from the files themselves, knowing nothing of the program."""
import collections
import copy
import gzip
import json
import pathlib
import signal
import subprocess
import time

import pytest

from lib.client import problem
from lib.process import dies_with_us
from lib.server import Plantao

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
SYNTHEA = sorted((DATA / "synthea").glob("*.json.gz"))
BR_CORE = sorted((DATA / "br-core").glob("*.json"))
# The kinds that become part of a chart: where the resource names its encounter, and the field of its text.
FIELDS = {
    "Condition": ("encounter", "diagnosis"), "Procedure": ("encounter", "treatment"),
    "MedicationRequest": ("encounter", "treatment"), "CarePlan": ("encounter", "treatment"),
    "Immunization": ("encounter", "treatment"), "Observation": ("encounter", "notes"),
    "DiagnosticReport": ("encounter", "notes"), "ImagingStudy": ("encounter", "notes"),
    "AllergyIntolerance": (None, "notes"), "Goal": (None, "treatment"),
}


def resources(path):
    with gzip.open(path) as file:
        return [entry["resource"] for entry in json.load(file)["entry"]]


def words(resource):
    """What a reader must find of the resource."""
    for member in ("code", "vaccineCode", "medicationCodeableConcept", "description"):
        if member in resource:
            return resource[member]["text"]
    if resource["resourceType"] == "CarePlan":
        return resource["category"][0]["text"]
    return resource["series"][0]["modality"]["display"]


def run(server, *paths, code=0, **options):
    arguments = [f"--{name}={value}" for name, value in options.items()]
    done = server.run("import", "fhir", "--json", *arguments, *paths)
    assert done.returncode == code, done.stderr + done.stdout
    return json.loads(done.stdout)


def kinds(said):
    return {row["kind"]: row for row in said["kinds"]}


def total(said, what):
    return sum(row[what] for row in said["kinds"])


def write(path, *entries):
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection",
                                "entry": [{"resource": r} for r in entries]}), encoding="utf-8")
    return path


def patients_named(client, name):
    return [p for p in client.pages("/api/patients", q=name) if p["name"] == name]


@pytest.fixture(scope="module")
def lives():
    """Every resource of the 40 files."""
    return [resource for path in SYNTHEA for resource in resources(path)]


@pytest.fixture(scope="module")
def imported(engine, new_database_url):
    """A demo server, what the import of all 40 lives said, and the patients there before."""
    with Plantao(new_database_url(engine)) as server:
        before = {p["id"] for p in server.client("doctor").pages("/api/patients", limit=100)}
        said = run(server, *sorted(SYNTHEA, key=lambda p: p.name[::-1]), care="doctor@demo.test")
        yield server, said, before


@pytest.fixture(scope="module")
def charts(imported):
    """The imported patients by id, and their records.  The demo had a few of the 40 already."""
    server, _, _ = imported
    doctor = server.client("doctor")
    patients = {p["id"]: p for p in doctor.pages("/api/patients", limit=100) if p["source"] == "fhir"}
    return patients, [r for r in doctor.pages("/api/medical-records", limit=100) if r["patientId"] in patients]


# ---- all of Synthea

def test_every_mapped_resource_is_counted_once(imported, lives):
    _, said, _ = imported
    expected = collections.Counter(r["resourceType"] for r in lives)
    rows = kinds(said)
    for kind in FIELDS:
        assert rows[kind]["created"] + rows[kind]["skipped"] == expected[kind], kind
    for kind in ("Claim", "ExplanationOfBenefit"):
        assert rows[kind]["reasons"] == {"UNMAPPED": expected[kind]}
    for kind in ("Practitioner", "Organization"):
        assert rows[kind]["reasons"] == {"SUPPORT": expected[kind]}
    assert total(said, "rejected") == 0
    assert said["files"] == {"read": 40, "failed": []}
    for kind in ("Patient", "Encounter"):
        assert rows[kind]["created"] + rows[kind]["skipped"] == expected[kind]


def test_every_encounter_is_one_record_with_all_its_words(charts, lives):
    patients, all_records = charts
    assert len(patients) == 40
    records = collections.defaultdict(list)
    for record in all_records:
        records[(patients[record["patientId"]]["name"], record["createdAt"])].append(record)
    names = {"urn:uuid:" + r["id"]: " ".join([*r["name"][0]["given"], r["name"][0]["family"]])
             for r in lives if r["resourceType"] == "Patient"}
    by_encounter = collections.defaultdict(list)
    for r in lives:
        where = FIELDS.get(r["resourceType"], (None,))[0]
        if where:
            by_encounter[r[where]["reference"]].append(r)
    encounters = [r for r in lives if r["resourceType"] == "Encounter"]
    for encounter in encounters:
        at = encounter["period"]["start"].replace("+00:00", ".000Z")
        candidates = records[(names[encounter["subject"]["reference"]], at)]
        inside = by_encounter["urn:uuid:" + encounter["id"]]
        assert any(all(words(r) in (c[FIELDS[r["resourceType"]][1]] or "") for r in inside) for c in candidates), \
            (encounter["id"], at, len(candidates))
        if not any(r["resourceType"] == "Condition" for r in inside):
            reason = encounter.get("reasonCode", encounter["type"])[0]
            text = reason.get("text") or reason["coding"][0]["display"]
            assert any(c["diagnosis"].startswith(text) for c in candidates)
    loose = {r["patient"]["reference"] for r in lives if r["resourceType"] == "AllergyIntolerance"}
    assert (len(encounters), len(loose)) == (704, 3)
    assert len(all_records) == len(encounters) + len(loose)


def test_what_names_no_encounter_is_one_further_record(charts, lives):
    patients, records = charts
    allergies = collections.defaultdict(list)
    for r in lives:
        if r["resourceType"] == "AllergyIntolerance":
            allergies[r["patient"]["reference"]].append(r["code"]["text"])
    further = [r["notes"] for r in records if r["title"] == "Dados importados sem atendimento"]
    known = sorted({word for words in allergies.values() for word in words})
    assert sorted([word for word in known if f"• {word} [" in notes] for notes in further) == sorted(
        sorted(words) for words in allergies.values())


def test_newest_first(imported):
    server, _, _ = imported
    times = [r["createdAt"] for r in server.client("doctor").pages("/api/medical-records", limit=100)]
    assert times == sorted(times, reverse=True)
    assert times[-1] < "1970"   # some lives are long


def test_values_keep_their_units(charts, lives):
    patients, records = charts
    height = next(r for r in lives if r["resourceType"] == "Observation" and r["code"]["text"] == "Body Height")
    owner = next(r for r in lives if r["resourceType"] == "Patient" and height["subject"]["reference"].endswith(r["id"]))
    name = f"{owner['name'][0]['given'][0]} {owner['name'][0]['family']}"
    said = f"{height['valueQuantity']['value']:.4f}".rstrip("0").rstrip(".").replace(".", ",") + " cm"
    assert any(said in (r["notes"] or "") for r in records if patients[r["patientId"]]["name"] == name), said


def test_doctor_finds_a_chart_by_a_word_of_its_diagnosis(imported, charts, lives):
    server, _, _ = imported
    imported_patients, _ = charts
    conditions = collections.defaultdict(set)
    for r in lives:
        if r["resourceType"] == "Condition":
            conditions[r["code"]["text"]].add(r["encounter"]["reference"])
    assert len(conditions) > 40
    named = set.union(*conditions.values())
    for r in lives:   # without a Condition the reason is the diagnosis
        if r["resourceType"] == "Encounter" and "urn:uuid:" + r["id"] not in named and "reasonCode" in r:
            conditions[r["reasonCode"][0]["coding"][0]["display"]].add("urn:uuid:" + r["id"])
    for text, encounters in conditions.items():
        query = " ".join(text.upper().replace("(", " ").replace(")", " ").split()[:2])
        hits = server.client("doctor").pages("/api/medical-records", q=query, limit=100)
        assert sum(text in (h["diagnosis"] or "") for h in hits
                   if h["patientId"] in imported_patients) == len(encounters), text


def test_who_may_see_an_imported_chart(imported, charts):
    server, _, before = imported
    patients, records = charts
    path = f"/api/medical-records/{records[0]['id']}"
    masked = server.client("admin").get(path).json()
    assert masked["diagnosis"] is None and {"title", "diagnosis", "treatment", "notes"} <= set(masked["masked"])
    for who in ("doctor2", "doctor_other", "patient"):
        problem(server.client(who).get(path), 404)
    problem(server.client("root").get(path), 403)
    assert not {p["id"] for p in server.client("doctor2").pages("/api/patients", limit=100)} & set(patients)


def test_every_creation_is_in_the_audit_trail(imported, charts):
    server, said, _ = imported
    patients, records = charts
    auditor = server.client("auditor")
    created = said["records"]["created"] + kinds(said)["Patient"]["created"]
    entries = list(auditor.pages("/api/audit", event="import.fhir", limit=100))
    assert len(entries) >= created and created > 600
    subjects = {e["subjectId"] for e in entries}
    assert set(patients) <= subjects and {r["id"] for r in records} <= subjects


def test_twice_creates_nothing_twice(imported, charts):
    server, first, before = imported
    patients, records = charts
    again = run(server, *SYNTHEA)
    assert total(again, "created") == total(again, "updated") == 0
    assert again["records"] == {"created": 0, "updated": 0}
    for kind, row in kinds(first).items():
        if row["created"]:
            assert kinds(again)[kind]["reasons"] == {"ALREADY": row["created"] + row["reasons"].get("ALREADY", 0)}, kind
    doctor = server.client("doctor")
    assert {p["id"] for p in doctor.pages("/api/patients", limit=100)} == before | set(patients)
    now = {r["id"]: r["version"] for r in doctor.pages("/api/medical-records", limit=100) if r["patientId"] in patients}
    assert now == {r["id"]: 1 for r in records}


# ---- BR Core

def test_br_core(make_server):
    server = make_server()
    said = run(server, *BR_CORE)
    assert kinds(said)["Patient"]["created"] == 3
    assert kinds(said)["Encounter"]["created"] == 1
    assert said["records"]["created"] == 4   # the encounter, and one for each patient's loose resources
    assert total(said, "rejected") == 0
    assert said["warnings"] == {"UNVERIFIED": 6, "OTHER_ENCOUNTER": 1}
    loaded = [json.loads(path.read_text(encoding="utf-8")) for path in BR_CORE]
    expected = collections.Counter(r["resourceType"] for r in loaded)
    assert {row["kind"] for row in said["kinds"]} == set(expected)
    for kind, row in kinds(said).items():
        assert row["created"] + row["skipped"] == expected[kind], kind
        assert row["created"] or set(row["reasons"]) == {"SUPPORT"}, kind
    doctor = server.client("doctor")
    joao = patients_named(doctor, "João Carlos Silva")[0]
    assert (joao["birthDate"], joao["sex"], joao["cpf"], joao["cns"]) == ("1985-03-01", "M", None, None)
    assert {(i["system"], i["value"], i["verified"]) for i in joao["identifiers"]} == {
        ("https://saude.gov.br/fhir/sid/cpf", "12345678901", False),
        ("https://saude.gov.br/fhir/sid/cns", "987654321098765", False)}
    ana = patients_named(doctor, "Ana Beatriz Oliveira")[0]
    assert ana["motherName"] == "Juliana Cristina Oliveira"
    assert ana["address"] == "Rua da Bahia, 300, Centro, Belo Horizonte, MG, 30160-010"
    hit = list(doctor.pages("/api/medical-records", q="CORONAVIRUS infecções"))
    assert [h["patientId"] for h in hit] == [joao["id"]]
    again = run(server, *reversed(BR_CORE))
    assert total(again, "created") == total(again, "updated") == 0


def test_one_file_at_a_time_ends_alike(make_server):
    """Patients first, since nothing else can be placed before them; then every other file alone."""
    server = make_server()
    patients = [p for p in BR_CORE if p.name.startswith("Patient-")]
    for path in (*patients, *(p for p in BR_CORE if p not in patients)):
        run(server, path)
    again = run(server, *BR_CORE)
    assert total(again, "created") == total(again, "updated") == 0
    joao = patients_named(server.client("doctor"), "João Carlos Silva")[0]
    mine = list(server.client("doctor").pages("/api/medical-records", patientId=joao["id"]))
    assert len(mine) == 2
    text = " ".join(str(r[f]) for r in mine for f in ("diagnosis", "treatment", "notes"))
    for word in ("levofloxacino", "veneno de vespa", "Colesterol Total", "coronavírus", "COMIRNATY", "Eletrocardiograma"):
        assert word in text, word


# ---- new things for old charts

PATIENT = {"resourceType": "Patient", "id": "6a0d9c1e-0001-4000-8000-000000000001",
           "name": [{"family": "Teste", "given": ["Íris", "da"]}], "birthDate": "1990-05-06"}
SUBJECT = {"reference": f"Patient/{PATIENT['id']}"}
ENCOUNTER = {"resourceType": "Encounter", "id": "6a0d9c1e-0002-4000-8000-000000000001", "status": "finished",
             "class": {"code": "AMB"}, "type": [{"text": "Consulta"}], "subject": SUBJECT,
             "period": {"start": "2024-03-01T10:00:00-03:00"}}


def observation(n, **more):
    return {"resourceType": "Observation", "id": f"6a0d9c1e-0003-4000-8000-{n:012}", "status": "final",
            "code": {"text": "Glicemia"}, "subject": SUBJECT, "valueQuantity": {"value": n, "unit": "mg/dL"},
            "encounter": {"reference": f"Encounter/{ENCOUNTER['id']}"}, **more}


def only_record(server):
    patient = patients_named(server.client("doctor"), "Íris da Teste")[0]
    record, = server.client("doctor").pages("/api/medical-records", patientId=patient["id"])
    return record


def test_late_results_become_a_new_version(make_server, tmp_path):
    server = make_server()
    run(server, write(tmp_path / "a.json", PATIENT, ENCOUNTER, observation(90)))
    said = run(server, write(tmp_path / "b.json", observation(91), observation(90)))
    assert said["records"] == {"created": 0, "updated": 1}
    assert kinds(said)["Observation"]["updated"] == 1
    record = only_record(server)
    assert record["version"] == 2 and record["diagnosis"] == "Consulta"
    assert record["notes"].count("Glicemia: 90 mg/dL") == record["notes"].count("Glicemia: 91 mg/dL") == 1
    versions = server.client("doctor").get(f"/api/medical-records/{record['id']}/versions").json()["items"]
    assert "91 mg/dL" not in versions[0]["notes"]
    found = server.client("doctor").get("/api/medical-records", params={"q": "glicemia 91"}).json()["items"]
    assert [f["id"] for f in found] == [record["id"]]
    assert run(server, tmp_path / "b.json")["records"] == {"created": 0, "updated": 0}
    assert only_record(server)["version"] == 2


def test_a_removed_record_stays_removed(make_server, tmp_path):
    server = make_server()
    run(server, write(tmp_path / "a.json", PATIENT, ENCOUNTER))
    record = only_record(server)
    assert server.client("doctor").delete(f"/api/medical-records/{record['id']}").status_code == 204
    said = run(server, write(tmp_path / "b.json", PATIENT, ENCOUNTER, observation(1)))
    assert kinds(said)["Observation"]["reasons"] == {"RECORD_REMOVED": 1}
    problem(server.client("doctor").get(f"/api/medical-records/{record['id']}"), 404)


def test_more_than_a_record_holds_is_counted(make_server, tmp_path):
    server = make_server()
    long = [observation(n, note=[{"text": f"{n} " + "x" * 990}]) for n in range(120)]
    said = run(server, write(tmp_path / "a.json", PATIENT, ENCOUNTER, *long), code=1)
    row = kinds(said)["Observation"]
    assert row["created"] + row["reasons"]["NO_ROOM"] == 120 and row["created"] > 80
    record = only_record(server)
    assert f"[{row['reasons']['NO_ROOM']} itens da origem não couberam neste campo]" in record["notes"]
    assert len(record["notes"]) <= 100_000
    again = run(server, tmp_path / "a.json", code=1)
    assert kinds(again)["Observation"]["reasons"] == {"ALREADY": row["created"], "NO_ROOM": row["reasons"]["NO_ROOM"]}
    assert only_record(server)["version"] == 1


CPF = "52998224725"


def test_a_known_cpf_is_the_same_patient(make_server, tmp_path):
    server = make_server()
    doctor = server.client("doctor")
    made = doctor.post("/api/patients", {"name": "Lia Conhecida", "birthDate": "1990-05-06", "cpf": CPF})
    assert made.status_code == 201, made.text
    known = {**PATIENT, "identifier": [{"system": "https://saude.gov.br/fhir/sid/cpf", "value": "529.982.247-25"}]}
    said = run(server, write(tmp_path / "a.json", known, ENCOUNTER))
    assert said["warnings"]["MATCHED"] == 1 and said["records"]["created"] == 1
    record, = doctor.pages("/api/medical-records", patientId=made.json()["id"])
    assert record["title"] == "01/03/2024 · Consulta"
    other = {**known, "id": "6a0d9c1e-0001-4000-8000-000000000002", "birthDate": "1991-05-06"}
    meeting = copy.deepcopy(ENCOUNTER)
    meeting.update(id="6a0d9c1e-0002-4000-8000-000000000002", subject={"reference": f"Patient/{other['id']}"})
    said = run(server, write(tmp_path / "b.json", other, meeting), code=1)
    assert kinds(said)["Patient"]["reasons"] == {"IDENTITY": 1}
    assert kinds(said)["Encounter"]["reasons"] == {"IDENTITY": 1}
    assert {(r["kind"], r["reason"]) for r in said["rejected"]} == {("Patient", "IDENTITY"), ("Encounter", "IDENTITY")}


def test_an_unknown_patient_is_refused_by_name(make_server, tmp_path):
    server = make_server()
    path = tmp_path / "alone.json"
    path.write_text(json.dumps(observation(5)), encoding="utf-8")
    said = run(server, path, code=1)
    assert said["rejected"] == [{"kind": "Observation", "id": observation(5)["id"], "reason": "PATIENT_UNKNOWN"}]
    assert said["records"]["created"] == 0


# ---- bad files and bad days

def test_bad_files_are_named_and_the_others_go_on(make_server, tmp_path):
    server = make_server()
    whole = SYNTHEA[0].read_bytes()
    bad = {
        "cut.json.gz": whole[:len(whole) // 2], "empty.json": b"", "text.json": b"not JSON",
        "twice.json": b'{"resourceType":"Patient","resourceType":"Patient"}', "list.json": b"[]",
        "latin1.json": b'{"resourceType":"Patient","name":[{"text":"Jo\xe3o"}]}',
        "deep.json": b'{"resourceType":"Patient","x":' + b"[" * 5000 + b"]" * 5000 + b"}",
    }
    paths = []
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
        paths.append(tmp_path / name)
    paths.insert(3, write(tmp_path / "good.json", PATIENT, ENCOUNTER))
    paths += [tmp_path / "missing.json", tmp_path]
    said = run(server, *paths, code=1)
    assert said["files"]["read"] == 1
    assert {pathlib.Path(f["file"]).name for f in said["files"]["failed"]} == {*bad, "missing.json", tmp_path.name}
    assert all(f["reason"] for f in said["files"]["failed"])
    assert said["records"]["created"] == 1
    told = server.run("import", "fhir", tmp_path / "latin1.json")
    assert told.returncode == 1 and "latin1.json: invalid UTF-8" in told.stderr


def test_a_small_file_that_unpacks_to_a_huge_one(make_server, tmp_path):
    server = make_server()
    bomb = tmp_path / "bomb.json.gz"
    with gzip.open(bomb, "wb", compresslevel=9) as file:
        for _ in range(300):
            file.write(b" " * (1 << 20))
    nested = tmp_path / "nested.json.gz"   # unpacked once, and no further
    nested.write_bytes(gzip.compress(bomb.read_bytes()))
    said = run(server, bomb, nested, code=1)
    reasons = {pathlib.Path(f["file"]).name: f["reason"] for f in said["files"]["failed"]}
    assert "256 MiB" in reasons["bomb.json.gz"]
    assert reasons["nested.json.gz"].startswith(("NUL", "invalid UTF-8"))


def test_killed_in_the_middle_and_run_again(make_server, lives):
    server = make_server()
    doctor = server.client("doctor")

    def imported():
        return [p["id"] for p in doctor.pages("/api/patients", limit=100) if p["source"] == "fhir"]

    at_start, seen = set(imported()), []
    for wait_s in (0.15, 0.4, 0.8):
        child = subprocess.Popen([server.program, "import", "fhir", *map(str, SYNTHEA)], env=server.environment(),
                                 cwd=server.dir, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                 preexec_fn=dies_with_us())
        time.sleep(wait_s)
        child.send_signal(signal.SIGKILL)
        child.wait()
        seen.append(len(imported()))
    assert seen == sorted(seen) and seen[-1] <= 40
    rows = kinds(run(server, *SYNTHEA))
    assert rows["Patient"]["created"] + rows["Patient"]["skipped"] == 40
    names = collections.Counter(p["name"] for p in doctor.pages("/api/patients", limit=100) if p["source"] == "fhir")
    assert sum(names.values()) == 40 and set(names.values()) == {1} and at_start <= set(imported())
    mine = set(imported())
    records = [r for r in doctor.pages("/api/medical-records", limit=100) if r["patientId"] in mine]
    assert len(records) == 707
    encounters = collections.Counter(r["period"]["start"][:19] for r in lives if r["resourceType"] == "Encounter")
    loose = "Dados importados sem atendimento"
    assert collections.Counter(r["createdAt"][:19] for r in records if r["title"] != loose) == encounters


# ---- where it runs

def test_without_a_server(make_server, tmp_path):
    server = make_server()
    server.stop()
    assert run(server, write(tmp_path / "a.json", PATIENT, ENCOUNTER))["records"]["created"] == 1
    trail = json.loads(server.run("audit", "verify", "--json", "--grace", "0").stdout)
    assert trail["ok"] and trail["unsealed"] == 0, trail   # what a command writes has its signed head when it ends
    server.start()
    assert only_record(server)["title"] == "01/03/2024 · Consulta"


def test_into_a_real_installation(make_server, tmp_path):
    server = make_server(start=False, demo=False)
    password = tmp_path / "senha"
    password.write_text("uma-senha-longa-77", encoding="utf-8")
    for command in (["init", "--tenant", "sol", "--admin", "ana@sol.example", "--password-file", password],
                    ["user", "add", "--email", "bia@sol.example", "--name", "Bia", "--role", "DOCTOR",
                     "--password-file", password]):
        done = server.run(*command)
        assert done.returncode == 0, done.stderr
    path = write(tmp_path / "a.json", PATIENT, ENCOUNTER)
    assert run(server, path)["records"]["created"] == 1   # nobody's care: the administrator answers for it
    assert total(run(server, path, care="bia@sol.example", tenant="sol"), "created") == 0
    for wrong in (["--care", "ana@sol.example"], ["--care", "nobody@sol.example"], ["--tenant", "lua"]):
        done = server.run("import", "fhir", *wrong, path)
        assert done.returncode == 1 and done.stderr, wrong


def test_calls_that_make_no_sense(make_server):
    server = make_server(start=False)
    for arguments in ([], ["fhir"], ["hl7", "x"], ["fhir", "--what", "x"]):
        done = server.run("import", *arguments)
        assert done.returncode == 2, arguments
        assert "plantao help import" in done.stderr
    assert server.run("import", "--help").returncode == 0


def test_the_count_for_people(make_server, tmp_path):
    server = make_server()
    claim = {"resourceType": "Claim", "id": "c", "status": "active"}
    path = write(tmp_path / "a.json", PATIENT, ENCOUNTER, observation(3), claim)
    done = server.run("import", "fhir", path)
    assert done.returncode == 0
    for line in ("files: 1 read, 0 failed", "medical records: 1 created", "without a place in the chart: Claim 1"):
        assert line in done.stdout, done.stdout
    done = subprocess.run([server.program, "import", "fhir", path], env={**server.environment(), "LC_ALL": "pt_BR.UTF-8"},
                          capture_output=True, text=True, encoding="utf-8", cwd=server.dir)
    assert "já importado: " in done.stdout and "arquivos: 1 lidos" in done.stdout
    assert "Íris" not in done.stdout + done.stderr
