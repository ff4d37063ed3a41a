"""Extracts for research: k and l are counted here again, from the rows alone, by somebody who did not make them."""
import collections
import json
import random
import re
import subprocess

import pytest

from lib import people
from lib.age import PHRASE, opened
from lib.client import problem
from lib.server import program_name
from lib.store import Store

COMMON = ["Hanseníase paucibacilar", "Hanseníase multibacilar", "Hipertensão essencial", "Diabetes mellitus tipo 2"]
PATH = "/api/privacy/extracts"


@pytest.fixture(scope="module")
def clinics(new_database_url):
    """A demo with a hundred patients more, on each engine: most with what many have, some with what nobody else has."""
    import contextlib
    from lib.server import Plantao
    made = {}
    with contextlib.ExitStack() as stack:
        def open_clinic(engine):
            if engine not in made:
                server = stack.enter_context(Plantao(new_database_url(engine)))
                made[engine] = (server, furnish(server))
            return made[engine]
        yield open_clinic


def furnish(server):
    chance, doctor, rare = random.Random(7), server.client("doctor"), []
    for i in range(100):
        body = people.patient(birthDate=f"{chance.randint(1935, 2020)}-0{chance.randint(1, 9)}-11", sex=chance.choice("FFMMMI"))
        patient = doctor.post("/api/patients", body).json()["id"]
        text = chance.choice(COMMON) if i % 8 else f"Doença {people.word()}"
        rare += [] if i % 8 else [text]
        if i % 10 != 9:   # some without a record
            answer = doctor.post("/api/medical-records", people.record(patient, diagnosis=text))
            assert answer.status_code == 201
    return rare


@pytest.fixture
def clinic(engine, clinics):
    server, rare = clinics(engine)
    return server, rare, server.client().login("dpo@demo.test")


def recount(said):
    """The smallest class and the least diverse one; every claim of the report."""
    classes = collections.defaultdict(list)
    for row in said["rows"]:
        classes[row["age"], row["sex"], row["year"]].append(row["diagnosis"])
    smallest, poorest = min(map(len, classes.values())), min(len(set(c)) for c in classes.values())
    texts = collections.Counter(row["diagnosis"] for row in said["rows"])
    del texts["outro"]
    assert all(n >= said["k"] for n in texts.values()), texts
    assert (said["kReached"], said["lReached"], said["classes"]) == (smallest, poorest, len(classes))
    assert smallest >= said["k"] and poorest >= said["l"]
    assert said["released"] == len(said["rows"])
    assert said["considered"] == said["released"] + said["suppressed"] + said["withoutRecord"]
    assert said["diagnoses"] - said["rareDiagnoses"] == len(texts)


@pytest.mark.parametrize("k, l", [(5, 1), (5, 2), (5, 3), (8, 2), (12, 2), (40, 1)])
def test_nobody_stands_alone(clinic, k, l):
    server, rare, dpo = clinic
    answer = dpo.post(PATH, {"project": "estudo", "k": k, "l": l})
    assert answer.status_code == 200, answer.text
    said = answer.json()
    recount(said)
    assert said["released"] > 0 and not any(r["pseudonym"] for r in said["rows"])
    assert not any(text in answer.text for text in rare)
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}|\d{11}|\d{4}-\d\d-\d\d", answer.text), "an id, a number or a date"
    assert said["rows"] == sorted(said["rows"], key=lambda r: (r["age"], r["sex"], r["year"], r["diagnosis"])), "the order tells something"


def test_more_is_asked_more_is_lost(clinic):
    *_, dpo = clinic
    said = [dpo.post(PATH, {"project": "estudo", "k": k, "l": 1}).json() for k in (5, 15, 40)]
    detail = [len({(r["age"], r["sex"], r["year"]) for r in s["rows"]}) for s in said]
    assert detail == sorted(detail, reverse=True)


def test_pseudonyms_join_within_a_project_alone(clinic):
    *_, dpo = clinic
    one, again, other = ({r["pseudonym"] for r in dpo.post(PATH, {"project": p, "pseudonyms": True}).json()["rows"]}
                         for p in ("estudo-a", "estudo-a", "estudo-b"))
    assert one == again and one and not one & other
    assert all(re.fullmatch("[0-9a-f]{32}", p) for p in one)


def test_who_is_restricted_is_left_out(clinic):
    server, _, dpo = clinic
    before = dpo.post(PATH, {"project": "estudo"}).json()["considered"]
    doctor = server.client("doctor")
    patient = doctor.post("/api/patients", people.patient()).json()["id"]
    assert dpo.post(PATH, {"project": "estudo"}).json()["considered"] == before + 1
    asked = doctor.post(f"/api/patients/{patient}/requests", {"kind": "OPPOSITION"}).json()["id"]
    decided = dpo.post(f"/api/privacy/requests/{asked}/decide", {"decision": "RESTRICT", "answer": "Uso secundário parado.", "version": 1})
    assert decided.status_code == 204, decided.text
    assert dpo.post(PATH, {"project": "estudo"}).json()["considered"] == before


def test_what_is_refused(clinic):
    *_, dpo = clinic
    for body in ({"project": "estudo", "k": 4}, {"project": "estudo", "l": 0}, {"project": "../x"}, {}):
        problem(dpo.post(PATH, body), 422)
    problem(dpo.post(PATH, {"project": "estudo", "k": 1000}), 409, "STATE")


def test_the_trail_and_the_command(clinic, engine, request):
    server, _, dpo = clinic
    store = Store(server, request.getfixturevalue("postgres") if engine == "postgres" else None)
    entry, = store.audit(dpo.post(PATH, {"project": "estudo"}).headers["X-Request-Id"])
    assert entry["event"] == "privacy.extract" and entry["status"] == 200
    made = server.run("extract", "--project", "estudo", "--k", "6", "--pseudonyms")
    assert made.returncode == 0, made.stderr
    recount(json.loads(made.stdout))
    assert json.loads(made.stdout)["madeBy"] == program_name()
    assert store.rows("SELECT count(*) AS n FROM audit_entry WHERE route = 'plantao extract'")[0]["n"] == 1
    assert server.run("extract", "--project", "estudo", "--k", "4").returncode == 2
    assert server.run("extract", "--project", "estudo", "--k", "999").returncode == 1


def test_an_extract_leaves_under_a_passphrase(clinic, tmp_path):
    server, rare, dpo = clinic
    body = {"extract": {"project": "estudo", "k": 6}, "passphrase": PHRASE}
    answer = dpo.post("/api/privacy/encrypted-extracts", body)
    assert answer.status_code == 200 and b"considered" not in answer.content, answer.text
    (tmp_path / "extract.age").write_bytes(answer.content)
    said = opened(tmp_path / "extract.age")
    recount(said)
    assert said == dpo.post(PATH, body["extract"]).json()
    problem(dpo.post("/api/privacy/encrypted-extracts", {**body, "passphrase": "curta"}), 422)

    (tmp_path / "phrase").write_text(PHRASE)
    with open(tmp_path / "extract.age", "wb") as out:
        subprocess.run([server.program, "extract", "--project", "estudo", "--k", "6", "--passphrase-file", tmp_path / "phrase"],
                       env=server.environment(), cwd=server.dir, stdout=out, check=True, timeout=120)
    assert opened(tmp_path / "extract.age") == said
