"""The demo is the same clinic every time: people, numbers, charts, and who cares for whom."""
import re

import pytest

from lib.client import USERS, problem

PEOPLE, LIVES = 30, 5


def check_digits(base, weights):
    rest = sum(int(d) * w for d, w in zip(base, weights)) % 11
    return "0" if rest < 2 else str(11 - rest)


def cpf_right(cpf):
    first = check_digits(cpf[:9], range(10, 1, -1))
    return re.fullmatch(r"\d{11}", cpf) and cpf[9:] == first + check_digits(cpf[:9] + first, range(11, 1, -1))


def cns_right(cns):
    """Definitive numbers (1, 2) carry 000 or 001; for all the weighted sum is a multiple of 11."""
    return (re.fullmatch(r"[12]\d{10}00[01]\d", cns)
            and sum(int(d) * w for d, w in zip(cns, range(15, 0, -1))) % 11 == 0)


def everything(server, who):
    client = server.client(who)
    patients = {p["id"]: p for p in client.pages("/api/patients", limit=100)}
    records = {r["id"]: r for r in client.pages("/api/medical-records", limit=100)}
    return patients, records


def plain(records):
    return {i: {k: v for k, v in r.items() if k not in ("createdAt", "updatedAt")} for i, r in records.items()}


def test_people_are_whole(server):
    patients, _ = everything(server, "admin")
    people = [p for p in patients.values() if p["source"] is None and p["createdAt"] < "9"]
    typed = [p for p in people if p["email"] is None or p["email"].endswith(".example")]
    assert len(typed) >= PEOPLE
    for p in typed[-PEOPLE:]:
        assert cpf_right(p["cpf"]) and cns_right(p["cns"]), p["name"]
        for field in ("name", "birthDate", "sex", "motherName", "phone", "address"):
            assert p[field], (p["name"], field)
    assert len([p for p in patients.values() if p["source"] == "fhir"]) >= LIVES


def test_two_demos_are_alike(make_server):
    one, two = make_server(), make_server()
    for who in ("doctor", "doctor2", "doctor_other"):
        mine, theirs = everything(one, who), everything(two, who)
        assert mine[0].keys() == theirs[0].keys()
        assert plain(mine[0]) == plain(theirs[0])
        assert plain(mine[1]) == plain(theirs[1])
    assert one.client("doctor").user["id"] == two.client("doctor").user["id"]


def test_who_cares_for_whom(make_server):
    server = make_server()
    doctor, nurse, second = (everything(server, who) for who in ("doctor", "nurse", "doctor2"))
    assert doctor[0].keys() == nurse[0].keys() and len(doctor[0]) == PEOPLE - 6 + LIVES
    assert len(second[0]) == 6 and not doctor[0].keys() & second[0].keys()
    assert len(second[1]) == 6 and all(r["patientId"] in second[0] for r in second[1].values())
    assert len(everything(server, "admin")[0]) == PEOPLE + LIVES
    other = everything(server, "doctor_other")
    assert len(other[0]) == 2 and len(other[1]) == 2
    me = everything(server, "patient")
    assert [p["name"] for p in me[0].values()] == ["Maria das Dores Lima"]
    assert len(me[1]) == 4 and set(me[1]) <= set(doctor[1])
    for record in second[1].values():
        problem(server.client("doctor").get(f"/api/medical-records/{record['id']}"), 404)


def test_charts_are_of_several_hands(server):
    _, records = everything(server, "doctor")
    doctor, nurse = (server.client(who).user["id"] for who in ("doctor", "nurse"))
    assert {doctor, nurse} <= {r["doctorId"] for r in records.values()}
    hits = list(server.client("doctor").pages("/api/medical-records", q="hanseniase", limit=100))
    assert len({h["patientId"] for h in hits}) >= 7
    assert {r["priority"] for r in records.values()} == {"CRITICAL", "HIGH", "NORMAL", "LOW"}


def test_it_says_how_much_there_is(make_server):
    server = make_server()
    printed = "".join(server.printed)
    assert f"{PEOPLE} patients, {LIVES} imported lives (Synthea), 94 medical records" in printed
    for email in USERS.values():
        assert email in printed
    server.restart()
    assert f"{PEOPLE} patients, {LIVES} imported lives (Synthea), 94 medical records" in "".join(server.printed)


def test_a_real_installation_is_no_demo(make_server, tmp_path):
    server = make_server(start=False, demo=False)
    (tmp_path / "senha").write_text("uma-senha-longa-77", encoding="utf-8")
    assert server.run("init", "--tenant", "sol", "--admin", "ana@sol.example",
                      "--password-file", tmp_path / "senha").returncode == 0
    done = server.run("serve", "--demo")
    assert done.returncode == 1 and "--demo is refused" in done.stderr


@pytest.mark.engine("postgres")
def test_a_seeded_store_has_statistics(make_server, postgres):
    """Without them PostgreSQL plans for empty tables. Its own turn (autoanalyze) does not count here."""
    server = make_server(start=False, demo=False)
    done = server.run("seed", "--doctors", 2, "--patients", 100, "--records", 300)
    assert done.returncode == 0 and "statistics" not in done.stderr, done.stderr
    taken = postgres.sql(server.settings["database_url"], "SELECT relname FROM pg_stat_user_tables WHERE analyze_count > 0")
    assert {"medical_record", "care", "record_words", "patient"} <= {name for (name,) in taken}


def test_seeding_leaves_what_a_driver_needs(make_server, tmp_path):
    server = make_server(start=False, demo=False)
    numbers = ["--doctors", 2, "--patients", 4, "--records", 8]
    done = server.run("seed", *numbers, "--out", tmp_path / "no" / "ids")
    assert done.returncode == 1 and "No such file or directory" in done.stderr and "demo:" not in done.stdout
    done = server.run("seed", *numbers, "--out", tmp_path / "ids")
    assert done.returncode == 0, done.stderr
    lines = {f.name: len(f.read_text().splitlines()) for f in (tmp_path / "ids").iterdir()}
    assert lines == {"tokens.txt": 2, "doctors.txt": 2, "patients.txt": 4, "records.txt": 8}
