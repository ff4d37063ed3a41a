"""The SINAN form, the month's bulletin and indicators: what they say of cases, and to whom."""
import csv
import io
import json
import random

import pytest

from lib.client import bad_fields, problem
from lib.hansen import CASES, assess, day, done, dose, mb, opened, pb
from lib.server import program_name
from lib.vectors import VECTORS, read


@pytest.fixture
def doctor(clinic):
    return clinic.client("doctor")


def unit():
    """A health unit of the test's own, so that nobody else's cases are counted."""
    return f"{random.SystemRandom().randrange(10**7):07d}"


def form(client, case, **query):
    answer = client.get(f"{CASES}/{case['id']}/notification", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


# ---- the form

def test_form_has_the_codes_of_the_dictionary(clinic, doctor):
    patient = clinic.new_patient("doctor", birthDate="2008-01-31", sex="M", motherName="Mãe de Tal")
    case = opened(doctor, mb(patient["id"], "2026-01-30", smear="POSITIVA", findings={"race": "PARDA"}))
    dose(doctor, case, "2026-02-01")
    done(doctor, case, "contacts", {"kind": "DOMICILIAR", "name": "Alguém"})
    said = json.loads(form(doctor, case, format="json")["document"])
    wanted = {"ID_AGRAVO": "A309", "DT_DIAG": "30/01/2026", "NU_IDADE_N": "4017", "CS_SEXO": "M", "CS_RACA": "4",
              "ID_MN_RESI": "2611606", "ID_UNIDADE": "1234567", "NU_LESOES": "7", "NERVOSAFET": "1", "FORMACLINI": "3",
              "CLASSOPERA": "2", "CLASSATUAL": "2", "AVALIA_N": "1", "MODOENTR": "1", "MODODETECT": "2", "BACILOSCOP": "1",
              "DTINICTRAT": "01/02/2026", "ESQ_INI_N": "2", "CONTREG": "1", "CONTEXAM": "0", "DOSE_RECEB": "1",
              "EPIS_RACIO": "4", "AVAL_ATU_N": None, "TPALTA_N": None, "DT_NOTIFIC": None, "NM_MAE_PAC": "Mãe de Tal"}
    assert {k: said["fields"][k] for k in wanted} == wanted
    assert said["complete"] is False and said["missing"] == ["DT_NOTIFIC"] and "SINAN NET v5" in said["layout"]
    done(doctor, case, "notification", {"notifiedOn": "2026-02-03", "sinanNumber": "7654321"})
    said = json.loads(form(doctor, case, format="json")["document"])
    assert said["complete"] is True and said["missing"] == [] and said["fields"]["NU_NOTIFIC"] == "7654321"


def test_not_evaluated_is_code_3_and_an_infant_has_months(clinic, doctor):
    patient = clinic.new_patient("doctor", birthDate="2026-01-15")
    body = pb(patient["id"], "2026-08-14")
    body["findings"] = {"lesionCount": 1, "disability": {"olhoD": 0}}
    fields = json.loads(form(doctor, opened(doctor, body), format="json")["document"])["fields"]
    assert fields["AVALIA_N"] == "3" and fields["NU_IDADE_N"] == "3006" and fields["CS_RACA"] is None


def test_form_as_page_and_table_is_signed_and_audited(clinic, doctor):
    name = '<b>"Fulano" & Cia</b>'
    patient = clinic.new_patient("doctor", name=name, motherName="=SOMA(A1)")
    case = opened(doctor, mb(patient["id"], day(-30)))
    answer = doctor.get(f"{CASES}/{case['id']}/notification")
    assert clinic.audit_one(answer)["event"] == "hansen.form"
    page = answer.json()
    assert page["mediaType"] == "text/html" and len(page["sha256"]) == 64 and page["signature"] and page["publicKey"]
    assert "&lt;b&gt;&quot;Fulano&quot; &amp; Cia&lt;/b&gt;" in page["document"] and name not in page["document"]
    assert "@media print" in page["document"] and "falta preencher" in page["document"]
    assert f"Emitido por {program_name()} em 20" in page["document"] and page["madeBy"] == program_name()
    assert json.loads(form(doctor, case, format="json")["document"])["madeBy"] == program_name()
    header, row = csv.reader(io.StringIO(form(doctor, case, format="csv")["document"]))
    assert dict(zip(header, row))["PROGRAMA"] == program_name()
    assert dict(zip(header, row))["NM_MAE_PAC"] == "'=SOMA(A1)" and dict(zip(header, row))["NM_PACIENT"] == name
    problem(clinic.client("doctor2").get(f"{CASES}/{case['id']}/notification"), 404)
    problem(clinic.client("admin").get(f"{CASES}/{case['id']}/notification"), 403)


# ---- the bulletin

def test_bulletin_stands_as_the_month_ended(clinic, doctor):
    where = unit()
    case = opened(doctor, pb(clinic.new_patient("doctor")["id"], "2026-01-10", unit=where))
    for on in ("2026-01-10", "2026-02-07", "2026-03-07", "2026-04-04", "2026-05-02", "2026-05-30"):
        dose(doctor, case, on)
    assess(doctor, case, "2026-05-30", "ULTIMA_DOSE")
    done(doctor, case, "discharge", {"on": "2026-06-01", "discharge": "CURA", "clinicalEvaluation": True})
    bulletin = lambda month: doctor.get("/api/hansen/bulletin", params={"month": month, "unit": where}).json()["items"]
    assert bulletin("2025-12") == [] and bulletin("2026-07") == []
    march, = bulletin("2026-03")
    assert (march["doses"], march["lastSeenOn"], march["discharge"], march["classNow"], march["regimenNow"]) == (3, "2026-03-07", None, 1, 1)
    june, = bulletin("2026-06")
    assert (june["doses"], june["discharge"], june["gradeNow"], june["dischargedOn"], june["reaction"]) == (6, 1, 0, "2026-06-01", 4)
    table = doctor.get("/api/hansen/bulletin.csv", params={"month": "2026-06", "unit": where})
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8" and clinic.audit_one(table)["event"] == "hansen.bulletin"
    header, row = csv.reader(io.StringIO(table.content.decode()))
    assert doctor.get("/api/hansen/bulletin").json()["madeBy"] == dict(zip(header, row))["PROGRAMA"] == program_name()
    assert dict(zip(header, row))["DTALTA_N"] == "01/06/2026" and dict(zip(header, row))["TPALTA_N"] == "1"
    assert bad_fields(doctor.get("/api/hansen/bulletin?month=2026-13")) == {"month": "date"}
    problem(clinic.client("auditor").get("/api/hansen/bulletin"), 403)


# ---- indicators

def indicators(client, **query):
    answer = client.get("/api/hansen/indicators", params={"from": "2026-01-01", "to": "2026-12-31", **query})
    assert answer.status_code == 200, answer.text
    said = answer.json()
    return said, {i["indicator"]: i for i in said["items"]}


def add_cohort(clinic, doctor, where):
    """Of 2025, PB: one cured, one abandoned, one in treatment with an unexamined contact; of 2024, MB: one in treatment.
    New in 2026: one child with grade 2, one not evaluated, one relapse."""
    def case(body, diagnosed, **more):
        return opened(doctor, {**body(clinic.new_patient("doctor", **more)["id"], diagnosed), "unit": where})

    cured = case(pb, "2025-01-10")
    for on in ("2025-01-10", "2025-02-07", "2025-03-07", "2025-04-04", "2025-05-02", "2025-05-30"):
        dose(doctor, cured, on)
    assess(doctor, cured, "2025-05-30", "ULTIMA_DOSE")
    done(doctor, cured, "discharge", {"on": "2025-06-01", "discharge": "CURA", "clinicalEvaluation": True})
    lost = case(pb, "2025-03-01")
    dose(doctor, lost, "2025-03-01")
    done(doctor, lost, "discharge", {"on": "2025-09-01", "discharge": "ABANDONO"})
    late = case(pb, "2025-11-01")
    for name in ("Um", "Dois"):
        contact = done(doctor, late, "contacts", {"kind": "DOMICILIAR", "name": name})
    assert doctor.put(f"/api/hansen/contacts/{contact['id']}", {"examinedOn": "2025-12-01", "result": "DESCARTADO", "version": 1}).status_code == 200
    case(mb, "2024-06-01")
    child = mb(clinic.new_patient("doctor", birthDate="2015-01-01")["id"], "2026-02-01", unit=where)
    child["findings"]["disability"]["maoD"] = 2
    opened(doctor, child)
    unseen = mb(clinic.new_patient("doctor")["id"], "2026-03-01", unit=where)
    del unseen["findings"]["disability"]
    opened(doctor, unseen)
    relapse = mb(clinic.new_patient("doctor")["id"], "2026-03-01", unit=where, entryMode="RECIDIVA")
    del relapse["detectionMode"]
    opened(doctor, relapse)


def test_indicators_count_and_band(clinic, doctor):
    where = unit()
    add_cohort(clinic, doctor, where)
    said, by_name = indicators(clinic.client("auditor"), unit=where, population=100000, populationUnder15=10000)
    figures = {n: (i["numerator"], i["denominator"], i["value"], i["band"]) for n, i in by_name.items()}
    assert figures == {
        "deteccao_geral_100k": (2, 100000, "2.00", "Medio"),
        "deteccao_0_14_100k": (1, 10000, "10.00", "Hiperendemico"),
        "gif2_por_milhao": (1, 100000, "10.00", None),
        "gif2_diagnostico_pct": (1, 1, "100.00", "Alto"),
        "gif_avaliado_diagnostico_pct": (1, 2, "50.00", "Precario"),
        "gif_avaliado_cura_pct": (0, 0, None, None),
        "cura_coorte_pct": (1, 4, "25.00", "Precario"),
        "contatos_examinados_pct": (1, 2, "50.00", "Precario"),
        "abandono_pct": (1, 4, "25.00", "Precario"),
        "prevalencia_10k": (5, 100000, "0.50", "Baixo"),
    }
    assert by_name["gif_avaliado_cura_pct"]["reason"] == "DENOMINADOR_ZERO" and said["cohortYear"] == 2026
    assert by_name["deteccao_geral_100k"]["smallCell"] and not by_name["prevalencia_10k"]["smallCell"]
    assert said["protocolVersion"] == "PCDT-2022.1" and "LGPD" in said["notice"]


def test_small_cells_are_not_published_and_rates_need_people(clinic, doctor):
    where = unit()
    add_cohort(clinic, doctor, where)
    _, by_name = indicators(doctor, unit=where, population=100000, publish="true")
    for name in ("deteccao_geral_100k", "cura_coorte_pct", "contatos_examinados_pct"):
        item = by_name[name]
        assert item["suppressed"] and item["numerator"] is None and item["value"] is None and item["reason"] == "CELULA_PEQUENA"
    assert by_name["prevalencia_10k"]["value"] == "0.50"
    _, by_name = indicators(doctor, unit=where)
    assert by_name["deteccao_geral_100k"]["reason"] == "SEM_POPULACAO" and by_name["deteccao_geral_100k"]["numerator"] == 2


def test_indicators_are_the_institutions_alone(clinic, doctor):
    where = unit()
    opened(doctor, mb(clinic.new_patient("doctor")["id"], "2026-02-01", unit=where))
    # A doctor without a care relation counts the same, another institution counts nothing.
    assert indicators(clinic.client("doctor2"), unit=where)[1]["deteccao_geral_100k"]["numerator"] == 1
    assert indicators(clinic.client("admin_other"), unit=where)[1]["deteccao_geral_100k"]["numerator"] == 0
    assert indicators(doctor, unit=where, municipality="3550308")[1]["deteccao_geral_100k"]["numerator"] == 0
    problem(clinic.client("patient").get("/api/hansen/indicators?from=2026-01-01&to=2026-12-31"), 403)
    assert bad_fields(doctor.get("/api/hansen/indicators?from=2026-02-01&to=2026-01-31")) == {"to": "order"}


def test_cohort_in_sql_is_the_calculators(clinic, doctor):
    """Every row of coorte_cura.csv that can be a case: SQL puts it where the calculator does."""
    path, = (p for p in VECTORS if p.stem == "coorte_cura")
    header, rows = read(path)
    entries = {1: "CASO_NOVO", 2: "TRANSFERENCIA_MESMO_MUNICIPIO", 6: "RECIDIVA", 7: "OUTROS_REINGRESSOS"}
    regimens = {1: "PQT_PB_6", 2: "PQT_MB_12", 3: "OUTRO"}
    discharges = {1: "CURA", 2: "TRANSFERENCIA_MESMO_MUNICIPIO", 3: "TRANSFERENCIA_OUTRO_MUNICIPIO", 6: "OBITO", 7: "ABANDONO", 8: "ERRO_DIAGNOSTICO"}
    tried = 0
    for row in (dict(zip(header, r)) for r in rows):
        entry, out = entries.get(int(row["MODOENTR"])), row["TPALTA_N"]
        year = int(row["ano_diagnostico"])
        if entry is None or (out and int(out) not in discharges) or year > 2026:
            continue
        where = unit()
        body = {**(pb if row["CLASSATUAL"] == "1" else mb)(clinic.new_patient("doctor")["id"], f"{year}-01-05"), "unit": where, "entryMode": entry}
        if entry != "CASO_NOVO":
            del body["detectionMode"]
        opened(doctor, body)
        # What no door lets one write (a regimen of the other class, a cure without its doses) is put there by hand.
        clinic.store.change("UPDATE hansen_case SET regimen = %s, discharge = %s WHERE unit = %s", regimens[int(row["ESQ_ATU_N"])],
                            discharges[int(out)] if out else None, where)
        answer = doctor.get("/api/hansen/indicators", params={"from": "2020-01-01", "to": f"{row['ano_avaliacao']}-12-31", "unit": where})
        item = {i["indicator"]: i for i in answer.json()["items"]}["cura_coorte_pct"]
        assert (item["denominator"], item["numerator"]) == (int(row["expected_denominador"] == "sim"), int(row["expected_numerador"] == "sim")), row
        tried += 1
    assert tried >= 8


def test_command_line_says_the_same(clinic, doctor):
    where = unit()
    add_cohort(clinic, doctor, where)
    wanted, _ = indicators(doctor, unit=where, population=100000)
    arguments = ["hansen", "indicators", "--from", "2026-01-01", "--to", "2026-12-31", "--unit", where, "--population", "100000",
                 "--tenant", tenant_of(clinic)]
    said = clinic.server.run(*arguments, "--json")
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout) == wanted
    table = clinic.server.run(*arguments)
    rows = list(csv.DictReader(io.StringIO(table.stdout)))
    assert {r["indicador"]: r["numerador"] for r in rows}["prevalencia_10k"] == "5"
    assert clinic.server.run("hansen", "indicators", "--from", "x").returncode == 2


def tenant_of(clinic):
    me = clinic.client("doctor").user["tenantId"]
    return next(t["slug"] for t in clinic.client("root").get("/api/tenants").json()["items"] if t["id"] == me)
