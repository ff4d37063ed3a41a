"""Protocols and calculators over HTTP: every vector, what is refused, who may, and that a protocol is readable."""
import re

import pytest

from lib.client import bad_fields, problem
from lib.vectors import VECTORS, inputs_of, read

CALCULATORS = "/api/hansen/calculators"
PROTOCOLS = "/api/hansen/protocols"


def json_name(column):
    """As answers name a column: camelCase without expected_; names with capitals of their own stay."""
    name = {"expected": "verdict"}.get(column, column.removeprefix("expected_"))
    return name if re.search("[A-Z]", name) else re.sub("_([a-z])", lambda m: m[1].upper(), name)


def compute(client, name, **inputs):
    answer = client.post(f"{CALCULATORS}/{name}", inputs)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("path", VECTORS, ids=lambda p: p.stem)
def test_every_vector(server, path):
    client = server.client("doctor")
    header, records = read(path)
    wanted = inputs_of(path.stem, header)
    results = [h for h in header if h not in wanted and h not in ("note", "source")]
    for record in records:
        row = dict(zip(header, record))
        # One half of the rows under the names of the CSV, the other in camelCase; blank cells not sent.
        name = str if len(record[0]) % 2 else json_name
        said = compute(client, path.stem, **{name(h): row[h] for h in wanted if row[h]})
        assert said["status"] == "RESPONDIDO"
        assert {h: said["result"][json_name(h)] or "" for h in results} == {h: row[h] for h in results}
        assert said["sources"] and all(s["document"] and s["section"] for s in said["sources"])
        assert said["calculator"] == path.stem and said["notice"]
        assert {h: said["inputs"][json_name(h)] or "" for h in wanted} == {h: row[h] for h in wanted}


def test_answer_names_everything(server):
    said = compute(server.client("doctor"), "pqtu_dose", weightKg=29.9, **{"class": "MB"})
    assert said["result"]["rifampicinaMensalMg"] == "299.0"
    assert said["flags"] == ["DAPSONA_ACIMA_50MG_REVISAR", "PRESCRICAO_MEDICA"]
    assert [w["code"] for w in said["warnings"]] == said["flags"] and all(w["message"] for w in said["warnings"])
    assert any("10 mg/kg × 29,9 kg = 299 mg" in s for s in said["steps"])
    assert said["sources"][0]["page"].startswith("58") and said["sources"][0]["confidence"] == "HIGH"
    assert said["protocolVersion"] == "PCDT-2022.1" and said["reviewState"] == "PENDING"


def test_json_values_of_each_kind(server):
    client = server.client("doctor")
    assert compute(client, "ib", sitios=[2, 0, 3])["result"]["ib"] == "1.67"
    assert compute(client, "pqtu_dose", inputs={"weight_kg": 70, "class": "PB", "gestante": True})["result"]["band"] == "ADULTO"
    assert compute(client, "pqtu_dose", weight_kg="29,9", idade_anos=None, **{"class": "mb"})["inputs"]["weightKg"] == "29,9"
    # Numbers are read as they are written: 0.1 + 0.2 is somebody else's problem.
    assert compute(client, "pqtu_dose", weightKg=20.3, **{"class": "MB"})["result"]["clofaziminaSemanalMg"] == "142.1"


def test_refusal_is_an_answer_without_a_dose(server):
    said = compute(server.client("doctor"), "pqtu_dose", weightKg=28, idadeAnos=40, **{"class": "MB"})
    assert said["status"] == "RECUSADO" and "CONSULTAR_PROFISSIONAL" in said["flags"]
    assert set(said["result"].values()) == {None}


def test_wrong_inputs_name_every_field(server):
    client = server.client("doctor")
    ask = lambda body: client.post(f"{CALCULATORS}/pqtu_dose", body)  # noqa: E731
    assert bad_fields(ask({"weightKg": -5, "class": "X"})) == {"weightKg": "too_small", "class": "format"}
    assert bad_fields(ask({"weightKg": 70000, "class": "MB"})) == {"weightKg": "weight"}
    assert bad_fields(ask({})) == {"weightKg": "required", "class": "required"}
    assert bad_fields(ask({"weightKg": 1e2, "class": "MB", "dose": 1, "idade_anos": "x"}))["dose"] == "unknown"
    assert bad_fields(ask({"weightKg": True, "class": {}})) == {"weightKg": "type", "class": "type"}
    assert bad_fields(ask({"weightKg": 70, "weight_kg": 70, "class": "MB"})) == {"weight_kg": "contradiction"}
    assert bad_fields(ask([70, "MB"])) == {"$": "type"}
    raw = lambda text: client.request("POST", f"{CALCULATORS}/pqtu_dose", data=text, headers={"Content-Type": "application/json"})  # noqa: E731
    assert bad_fields(raw("null")) == {"$": "type"}
    problem(raw("{"), 400)
    problem(raw('{"weightKg":1,"weightKg":70,"class":"MB"}'), 400)
    problem(client.post(f"{CALCULATORS}/nothing", {}), 404)


def test_calculators_describe_themselves(server):
    client = server.client("nurse")
    rows = {row["name"]: row for row in client.get(CALCULATORS).json()["items"]}
    assert {p.stem for p in VECTORS} <= set(rows)
    for path in VECTORS:
        header, _ = read(path)
        assert {json_name(h) for h in inputs_of(path.stem, header)} <= {c["name"] for c in rows[path.stem]["inputs"]}
    one = client.get(f"{CALCULATORS}/bcg_contato", headers={"Accept-Language": "en"}).json()
    assert one["summary"] == "BCG for contacts"
    assert "gestante" in one["inputs"][2]["oneOf"]
    problem(client.get(f"{CALCULATORS}/nothing"), 404)


def test_who_may(server):
    for user, status in (("doctor", 200), ("nurse", 200), ("admin", 200), ("patient", 403), ("root", 403)):
        assert server.client(user).post(f"{CALCULATORS}/cpf", {"input": "1"}).status_code == status, user
    assert server.client("patient").get(PROTOCOLS).status_code == 200
    problem(server.client().post(f"{CALCULATORS}/cpf", {"input": "1"}, token=None), 401)
    problem(server.client().get(PROTOCOLS, token=None), 401)


def test_protocol_is_readable(server):
    page = server.client("doctor").get(PROTOCOLS).json()
    assert page["versions"][-1] == page["version"] and re.fullmatch("[0-9a-f]{64}", page["sha256"])
    assert page["reviewState"] == "PENDING"
    assert len({row["id"] for row in page["items"]}) == len(page["items"]) > 200
    for row in page["items"]:
        assert row["text"] and row["textEn"] and row["source"]["document"] and row["source"]["section"]
        assert row["validFrom"] and row["review"] == "PENDING" and row["source"]["confidence"] in ("LOW", "MEDIUM", "HIGH")


def test_protocol_is_searchable(server):
    client = server.client("doctor")
    found = lambda **query: [r["id"] for r in client.get(PROTOCOLS, params=query).json()["items"]]  # noqa: E731
    assert found(q="GESTACAO vitamina") == found(q="gestação VITAMINA") == ["cuidado.vitamina_k"]
    assert found(q="hipopotamo") == []
    assert set(found(topic="COURSE")) >= {"curso.pb", "curso.mb"}
    assert found(topic="COURSE", q="12 doses") == ["curso.mb", "curso.nao_estender"]
    row = client.get(f"{PROTOCOLS}/curso.pb").json()
    assert (row["count"], row["windowMonths"], row["classes"]) == (6, 9, "PB")
    band = client.get(f"{PROTOCOLS}/pqtu.faixa.infantil_30_50").json()
    assert (band["from"], band["fromIncluded"], band["to"], band["toIncluded"]) == ("30", True, "50", True)
    assert client.get(f"{PROTOCOLS}/indicador.deteccao_geral_100k.Muito alto").json()["from"] == "20"


def test_versions_stay(server):
    client = server.client("doctor")
    version = client.get(PROTOCOLS).json()["version"]
    assert client.get(PROTOCOLS, params={"version": version}).json()["version"] == version
    problem(client.get(PROTOCOLS, params={"version": "PCDT-1999.1"}), 404)
    problem(client.get(f"{PROTOCOLS}/nothing"), 404)
    assert bad_fields(client.get(PROTOCOLS, params={"nothing": "1"})) == {"nothing": "unknown"}


def test_calculations_are_counted_and_leave_no_audit_entry(server):
    client, auditor = server.client("doctor"), server.client("auditor")
    count = lambda: int(re.search(r'calculations_total{calculator="omp"} (\d+)', client.get("/metrics").text)[1])  # noqa: E731
    newest = lambda: auditor.get("/api/audit", params={"limit": 5}).json()["items"]  # noqa: E731
    before, _ = count(), newest()
    compute(client, "omp", olho_d=0, olho_e=2, mao_d=0, mao_e=0, pe_d=1, pe_e=2)
    assert count() == before + 1
    assert not [e for e in newest() if "hansen" in str(e)]
    for name in ("calculators_exact", "protocol_intact"):
        assert f"plantao_{name} 1" in client.get("/metrics").text
