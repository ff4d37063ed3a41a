"""After a day's work of a demo clinic no patient's name, number, address, diagnosis or note stands in any file
that the program or PostgreSQL has written: data, logs of changes, temporary files, what was printed, what was logged."""
import base64
import pathlib
import urllib.parse

import pytest

from lib import people
from plaintext import Needles, folded

IDENTITY = ("name", "cpf", "cns", "motherName", "phone", "email", "address")
CLINICAL = ("title", "diagnosis", "treatment", "notes")
PLAIN = {"consulta", "retorno", "primeira"}   # words of the program's own texts


@pytest.fixture
def house(engine, make_server, request, tmp_path):
    """A server that logs all it can, on a PostgreSQL that logs every statement with its parameters."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    files = []
    if engine == "postgres":
        pg = request.getfixturevalue("postgres")
        for name, value in (("log_statement", "'all'"), ("log_min_duration_statement", "0"), ("log_parameter_max_length", "-1"),
                            ("log_parameter_max_length_on_error", "-1"), ("log_min_error_statement", "debug1")):
            pg.sql("postgres", f"ALTER SYSTEM SET {name} = {value}")
        pg.sql("postgres", "SELECT pg_reload_conf()")
        files.append(pg.dir)
    server = make_server(settings={"log_level": "debug", "audit_heads_file": scratch / "heads.jsonl"})
    yield server, [server.dir, scratch, *files], scratch
    if engine == "postgres":
        pg.sql("postgres", "ALTER SYSTEM RESET ALL")
        pg.sql("postgres", "SELECT pg_reload_conf()")


def all_that_is_known(server, needles):
    """Of the patients of the demo and their charts, as those see them who may."""
    patients = {p["id"]: p for who in ("admin", "admin_other") for p in server.client(who).pages("/api/patients", limit=100)}
    records = [r for who in ("doctor", "doctor2", "doctor_other") for r in server.client(who).pages("/api/medical-records", limit=100)]
    assert len(patients) > 10 and len(records) > 30
    for thing, fields in [(p, IDENTITY) for p in patients.values()] + [(r, CLINICAL) for r in records]:
        for field in fields:
            text = thing[field]
            if text and len(text) >= WORD_MIN and folded(text).lower() not in PLAIN:
                needles.add(text[:200])
    for p in patients.values():
        needles.add_words(p["name"], PLAIN).add_words(p["motherName"] or "", PLAIN)
    return patients


WORD_MIN = 8


def a_days_work(server, needles, scratch):
    """Everything that touches persons, also what fails, with words that stand nowhere else."""
    w = {name: f"Zx{name}{people.word()[2:]}" for name in ("nome", "mae", "rua", "achado", "droga", "nota", "busca", "motivo", "ruim", "senha")}
    doctor, other, dpo, admin = (server.client(who) for who in ("doctor", "doctor2", "admin", "admin"))
    dpo = server.client().login("dpo@demo.test")
    cpf, cns = people.cpf(), people.cns()
    body = {"name": f"Ana {w['nome']}", "birthDate": "1961-02-03", "sex": "F", "cpf": cpf, "cns": cns, "motherName": f"Rosa {w['mae']}",
            "phone": "81987650123", "email": f"{w['nome'].lower()}@casa.test", "address": f"Rua {w['rua']}, 12"}
    patient = doctor.post("/api/patients", body, headers={"Idempotency-Key": "um-cadastro"}).json()
    path = f"/api/patients/{patient['id']}"
    text = {"title": f"Consulta {w['achado']}", "diagnosis": f"Suspeita de {w['achado']}", "treatment": f"{w['droga']} 10 mg", "notes": w["nota"]}
    record = doctor.post("/api/medical-records", {"patientId": patient["id"], **text}, headers={"Idempotency-Key": "um-registro"}).json()
    doctor.put(f"/api/medical-records/{record['id']}", {**text, "notes": w["nota"] + " revista", "version": 1})
    doctor.put(path, {**body, "name": f"Ana Maria {w['nome']}", "version": 1})
    for q in (w["nome"], cpf, f"ana {w['nome'].lower()}"):
        doctor.get("/api/patients", params={"q": q})
    for q in (w["achado"], w["busca"]):
        doctor.get("/api/medical-records", params={"q": q})
    for form in ("json", "fhir", "html"):
        assert doctor.get(path + "/export", params={"format": form}).status_code == 200
    other.post("/api/patients/locate", {"cpf": cpf})
    other.post(path + "/break-glass", {"reason": f"Emergência: {w['motivo']}"})
    term = dpo.post("/api/privacy/terms", {"purpose": "SURVEY", "title": "Pesquisa", "body": "Podemos perguntar como foi?"}).json()
    doctor.post(path + "/consents", {"termId": term["id"], "proof": f"Assinado por {w['nome']}"})
    asked = doctor.post(path + "/requests", {"kind": "ERASURE", "details": f"Apaguem {w['achado']}"}).json()
    dpo.post(f"/api/privacy/requests/{asked['id']}/decide", {"decision": "RESTRICT", "answer": f"Guardamos {w['achado']} por lei.", "version": 1})
    dpo.post("/api/incidents", {"kind": "LEAK", "title": f"Vazou {w['nome']}", "description": f"Uma lista com {w['nome']}"})
    doctor.delete(f"/api/medical-records/{record['id']}", params={"reason": w["motivo"]})
    gone = doctor.post("/api/patients", people.patient(name=f"Bia {w['rua']}")).json()
    asked = doctor.post(f"/api/patients/{gone['id']}/requests", {"kind": "ERASURE"}).json()
    decided = dpo.post(f"/api/privacy/requests/{asked['id']}/decide",
                       {"decision": "GRANT", "answer": "Não há prontuário: apagado.", "approval": "Ata 1", "version": 1})
    assert decided.status_code == 204, decided.text
    doctor.post("/api/assistant/ask", {"question": f"O paciente {w['nome']} CPF {cpf} toma quantas doses?"})

    bad = w["ruim"]   # what is refused is not kept either
    doctor.post("/api/patients", {"name": bad, "cpf": "11111111111", "sex": bad, bad: bad})
    doctor.post("/api/patients", body)   # a duplicate
    doctor.get(f"/api/patients/{urllib.parse.quote(bad)}")
    doctor.get(f"/api/medical-records?q={bad}&nome={bad}")
    doctor.get(f"/nenhum/{bad}?nome={bad}", headers={"User-Agent": bad, "Referer": f"http://{bad}.test", "X-Request-Id": "w" * 99 + bad})
    doctor.request("POST", "/api/medical-records", data=f'{{"title":"{bad}"'.encode(), headers={"Content-Type": "application/json"})
    doctor.request("POST", "/api/medical-records", data=bad, headers={"Content-Type": f"text/{bad}"})
    for email in (body["email"], f"{bad}@casa.test", "doctor@demo.test"):
        server.client().post("/api/auth/login", {"email": email, "password": w["senha"]}, token=None)
    server.client().get("/api/patients", headers={"Authorization": f"Bearer {bad}"}, token=None)
    bundle = scratch / "in.json"
    bundle.write_text('{"resourceType":"Patient","name":[{"text":"' + bad + '"}],"identifier":[{"system":"x","value":"' + bad + '"}]}', encoding="utf-8")
    server.run("import", "fhir", bundle)
    bundle.write_text('{"resourceType":"Patient", "name": ' + bad, encoding="utf-8")
    server.run("import", "fhir", bundle)
    bundle.unlink()
    for value in (*w.values(), cpf, cns, *(body[f] for f in IDENTITY), *text.values()):
        needles.add(value).add_words(value, PLAIN)
    return patient


def test_nothing_readable_of_a_patient_is_on_disk(house, engine, request):
    server, places, scratch = house
    needles = Needles()
    all_that_is_known(server, needles)
    a_days_work(server, needles, scratch)
    assert len(needles) > 2000
    (scratch / "printed").write_text("".join(server.printed), encoding="utf-8")
    # PostgreSQL's catalogue names countries and languages; template1 is a database that the program never wrote to.
    template = request.getfixturevalue("postgres").data / "base" / "1" if engine == "postgres" else scratch / "in.json"
    needles.forget(needle for _, needle in needles.found(template))
    assert needles.found(*places) == set(), "with the server running"
    server.kill()   # what a crash leaves: the log of changes as it was
    server.start()
    server.stop()
    assert needles.found(*places) == set(), "after a crash and an orderly end"


@pytest.mark.parametrize("how", ["plain", "folded", "upper", "latin-1", "utf-16", "utf-16-be", "base64", "base64-inside", "hex", "word"])
def test_what_is_planted_is_found(tmp_path, how):
    """The looking finds; if not, the test above would prove nothing."""
    name = "Conceição Guimarães Zxavier"
    raw = name.encode()
    planted = {"plain": raw, "folded": folded(name).encode(), "upper": folded(name).upper().encode(), "latin-1": name.encode("latin-1"),
               "utf-16": name.encode("utf-16-le"), "utf-16-be": name.encode("utf-16-be"), "base64": base64.b64encode(raw),
               "base64-inside": base64.b64encode(b"{\"name\":\"" + raw + b"\"}"), "hex": raw.hex().encode(), "word": b"zxavier"}[how]
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "plantao.db-wal").write_bytes(bytes(range(256)) * 40 + planted + bytes(5000))
    found = Needles().add(name).add_words(name).found(tmp_path)
    assert {pathlib.Path(f).name for f, _ in found} == {"plantao.db-wal"}


@pytest.mark.engine("postgres")
def test_what_is_planted_in_postgres_is_found(postgres):
    url = postgres.new_database()
    postgres.sql(url, "CREATE TABLE planted AS SELECT 'Conceição Zxplantada'::text AS name")
    postgres.sql(url, "CHECKPOINT")
    found = Needles().add("Conceição Zxplantada").found(postgres.dir)
    assert {"pg_wal", "base"} <= {part for f, _ in found for part in pathlib.Path(f).parts}


def test_the_server_leaves_no_core(house):
    server, *_ = house
    limits = pathlib.Path(f"/proc/{server.process.pid}/limits").read_text(encoding="ascii")
    line = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert line.split()[4:6] == ["0", "0"], line
