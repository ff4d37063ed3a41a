"""A case from notification to cure, and every way of not getting there."""
import json

import pytest

from lib import people
from lib.client import bad_fields, problem
from lib.hansen import CASES, assess, board, day, done, dose, mb, opened, pb, view
from lib.server import program_name


@pytest.fixture
def doctor(clinic):
    return clinic.client("doctor")


@pytest.fixture
def new_patient(clinic):
    return lambda **more: clinic.new_patient("doctor", **more)["id"]


def discharge(client, case, on, code="CURA", **more):
    return client.post(f"{CASES}/{case['id']}/discharge", {"on": on, "discharge": code, **more})


# ---- opening

def test_class_grade_and_index_are_computed(doctor, new_patient):
    case = opened(doctor, mb(new_patient(), day(-10), smear="POSITIVA", findings={"smearSites": [3, 2, 2, 3]}))
    assert (case["operationalClass"], case["regimen"], case["plannedDoses"], case["windowMonths"]) == ("MB", "PQT_MB_12", 12, 18)
    assert case["state"] == "DIAGNOSED" and case["ageGroup"] == "15_MAIS" and case["gifDiagnosis"] == 1
    computed = case["computed"]
    assert computed["classByRule"] == "MB" and computed["smearIndex"] == "2.50" and (computed["gif"], computed["omp"]) == (1, 1)
    assert computed["flags"] == ["INVESTIGAR_RESISTENCIA"]
    assert "content" not in case and "weightKg" in case["findings"]


def test_one_open_case_a_patient(doctor, new_patient):
    patient = new_patient()
    opened(doctor, mb(patient, day(-10)))
    problem(doctor.post(CASES, mb(patient, day(-10))), 409, "DUPLICATE")


@pytest.mark.parametrize("change, fields", [
    ({"diagnosedOn": day(1)}, {"diagnosedOn": "future"}),
    ({"diagnosedOn": "1979-01-01"}, {"diagnosedOn": "order"}),
    ({"operationalClass": "PB"}, {"operationalClass": "class_rule"}),
    ({"regimen": "PQT_PB_6"}, {"regimen": "contradiction"}),
    ({"regimen": "OUTRO"}, {"plannedDoses": "required", "windowMonths": "required"}),
    ({"plannedDoses": 24}, {"plannedDoses": "contradiction"}),
    ({"entryMode": "RECIDIVA"}, {"detectionMode": "contradiction"}),
    ({"municipality": "2611607"}, {"municipality": "municipality"}),
    ({"unit": "12"}, {"unit": "format"}),
    ({"smear": "NEGATIVA", "findings": {"smearSites": [1, 0]}}, {"findings.smearSites": "contradiction"}),
    ({"findings": {"lesionCount": 2}}, {"findings.lesionCount": "contradiction"}),
    ({"findings": {"lesions": [{"site": "mao", "count": 1}]}}, {"findings.lesions[0].side": "required"}),
    ({"findings": {"lesions": [{"site": "face", "side": "D", "count": 1}]}}, {"findings.lesions[0].side": "contradiction"}),
    ({"findings": {"disability": {"olhoD": 3}}}, {"findings.disability.olhoD": "too_large"}),
    ({"findings": {"weightKg": "640,5"}}, {"findings.weightKg": "weight"}),
])
def test_contradictions_are_named(doctor, new_patient, change, fields):
    assert bad_fields(doctor.post(CASES, mb(new_patient(), day(-10), **change))) == fields


def test_in_doubt_it_is_mb(doctor, new_patient):
    """At most five lesions without a negative smear is no clean PB."""
    body = pb(new_patient(), day(-3), smear="NAO_REALIZADA")
    assert bad_fields(doctor.post(CASES, {**body, "operationalClass": "PB"})) == {"classReason": "class_reason"}
    case = opened(doctor, body)
    assert case["operationalClass"] == "MB" and case["computed"]["classByRule"] == "REVISAR_MB"
    assert case["computed"]["flags"] == ["DUVIDA_TRATAR_COMO_MB"]


def test_no_criterion_asks_for_a_reason(doctor, new_patient):
    body = pb(new_patient(), day(-3), findings={"lesionCount": 0})
    assert bad_fields(doctor.post(CASES, body)) == {"operationalClass": "required"}
    body["operationalClass"] = "MB"
    assert bad_fields(doctor.post(CASES, body)) == {"classReason": "class_reason"}
    assert opened(doctor, {**body, "classReason": "Biópsia com bacilos"})["computed"]["classReason"] == "Biópsia com bacilos"


# ---- the journey

def test_from_notification_to_cure_with_every_step_audited(clinic, new_patient):
    doctor, nurse = clinic.client("doctor"), clinic.client("nurse")
    patient = new_patient()
    caring = doctor.post(f"/api/patients/{patient}/care", {"userId": clinic.user("nurse")})
    assert caring.status_code == 204, caring.text
    start = -5 * 28 - 5
    calls = []

    def call(client, method, path, body=None, event=None, status=201):
        answer = client.request(method, path, **({"json": body} if body else {}))
        assert answer.status_code == status, answer.text
        entry = clinic.audit_one(answer)
        assert (entry["event"], entry["status"]) == (event, status)
        calls.append(event)
        return answer.json()

    case = call(doctor, "POST", CASES, pb(patient, day(start)), "hansen.case_open")
    path = f"{CASES}/{case['id']}"
    assert [s["code"] for s in view(doctor, case)["nextSteps"]] == ["FIRST_DOSE", "ASSESSMENT", "NOTIFY"]
    call(nurse, "POST", f"{path}/notification", {"notifiedOn": day(start + 2), "sinanNumber": "1234567"}, "hansen.notify", 200)
    call(doctor, "POST", f"{path}/assessments", {"assessedOn": day(start), "reason": "DIAGNOSTICO"}, "hansen.assess")
    contact = call(nurse, "POST", f"{path}/contacts", {"kind": "DOMICILIAR", "name": "Irmã"}, "hansen.contact")
    call(nurse, "PUT", f"/api/hansen/contacts/{contact['id']}",
         {"examinedOn": day(start + 5), "result": "DESCARTADO", "bcgScars": 1, "ageMonths": 300, "version": 1}, "hansen.contact", 200)
    for n in range(6):
        said = call(nurse, "POST", f"{path}/doses", {"takenOn": day(start + 28 * n), "selfTaken": 27}, "hansen.dose")
        assert said["number"] == n + 1 and said["dose"]["proposal"]["result"]["rifampicinaMensalMg"] == "600.0"
        if n == 3:
            call(doctor, "POST", f"{path}/assessments", {"assessedOn": day(start + 28 * n), "reason": "TRIMESTRAL"}, "hansen.assess")
    looked = view(doctor, case)
    assert [s["code"] for s in looked["nextSteps"]] == ["FINAL_ASSESSMENT", "CURE_EVALUATION"]
    call(doctor, "POST", f"{path}/assessments", {"assessedOn": day(start + 140), "reason": "ULTIMA_DOSE", "sites":
         dict.fromkeys(("olhoD", "olhoE", "maoD", "maoE", "peD", "peE"), 0)}, "hansen.assess")
    call(doctor, "POST", f"{path}/discharge", {"on": day(-1), "discharge": "CURA", "clinicalEvaluation": True}, "hansen.discharge", 200)
    cured = call(doctor, "GET", path, None, "hansen.case_read", 200)
    assert cured["case"]["state"] == "CURED" and cured["case"]["gifDischarge"] == 0 and cured["nextSteps"] == []
    assert [e["kind"] for e in cured["events"]].count("DOSE") == 6 and cured["events"][-1]["change"]["to"] == "CURED"
    assert case["id"] not in [i["id"] for i in board(doctor)["items"]]
    trail = clinic.client("auditor").get("/api/audit", params={"subject": case["id"]}).json()["items"]
    assert {"hansen.case_open", "hansen.notify", "hansen.discharge", "hansen.case_read"} <= {e["event"] for e in trail}


def test_cure_names_what_is_missing(doctor, new_patient):
    case = opened(doctor, pb(new_patient(), day(-150)))
    problem(discharge(doctor, case, day(0)), 409, "STATE")
    dose(doctor, case, day(-150))
    refused = problem(discharge(doctor, case, day(0)), 409, "DISCHARGE_UNMET")
    assert {e["field"]: e["code"] for e in refused["errors"]} == {
        "doses": "doses_missing", "assessment": "assessment_missing", "clinicalEvaluation": "evaluation_missing"}
    for n in range(1, 6):
        dose(doctor, case, day(-150 + 28 * n))
    refused = problem(discharge(doctor, case, day(0), clinicalEvaluation=True), 409, "DISCHARGE_UNMET")
    assert [e["code"] for e in refused["errors"]] == ["assessment_missing"]
    problem(doctor.post(f"{CASES}/{case['id']}/doses", {"takenOn": day(0)}), 409, "DOSES_COMPLETE")
    assess(doctor, case, day(0), "ULTIMA_DOSE")
    assert discharge(doctor, case, day(0), clinicalEvaluation=True).json()["state"] == "CURED"


def test_beyond_the_window_a_doctor_decides(clinic, doctor, new_patient):
    patient = new_patient()
    assert doctor.post(f"/api/patients/{patient}/care", {"userId": clinic.user("nurse")}).status_code == 204
    case = opened(doctor, pb(patient, day(-330)))
    for n in range(6):
        dose(doctor, case, day(-330 + 62 * n))
    assess(doctor, case, day(0))
    refused = problem(discharge(doctor, case, day(0), clinicalEvaluation=True), 409, "DISCHARGE_UNMET")
    assert [e["code"] for e in refused["errors"]] == ["window_passed"]
    looked = view(doctor, case)
    assert looked["calendar"]["fits"] is False and "WINDOW" in [s["code"] for s in looked["nextSteps"]]
    late = {"clinicalEvaluation": True, "outsideWindow": True}
    for who, more, missing in ((clinic.client("nurse"), {"reason": "Doses completas"}, {"outsideWindow": "doctor_decides"}),
                               (doctor, {}, {"reason": "required"}),
                               (doctor, {"reason": "x", "clinicalEvaluation": False}, {"clinicalEvaluation": "evaluation_missing"})):
        refused = problem(discharge(who, case, day(0), **{**late, **more}), 409, "DISCHARGE_UNMET")
        assert {e["field"]: e["code"] for e in refused["errors"]} == missing
    assert discharge(doctor, case, day(0), **late, reason="Seis doses em onze meses; sem sinal de atividade").json()["state"] == "CURED"
    change = view(doctor, case)["events"][-1]["change"]
    assert change["outsideWindow"] is True and change["reason"].startswith("Seis doses")


def test_within_the_window_nothing_is_decided_outside_it(doctor, new_patient):
    case = opened(doctor, pb(new_patient(), day(-150)))
    for n in range(6):
        dose(doctor, case, day(-150 + 28 * n))
    assess(doctor, case, day(0))
    assert discharge(doctor, case, day(0), clinicalEvaluation=True, outsideWindow=True).json()["state"] == "CURED"
    assert view(doctor, case)["events"][-1]["change"]["outsideWindow"] is False


def test_illegal_moves_name_state_and_what_it_allows(doctor, new_patient):
    case = opened(doctor, mb(new_patient(), day(-10)))
    assert discharge(doctor, case, day(0), "OBITO").status_code == 200
    for what, body in (("doses", {"takenOn": day(0)}), ("assessments", {"assessedOn": day(0), "reason": "QUEIXA"}),
                       ("reactions", {"startedOn": day(0), "type": "TIPO_1"}), ("notification", {"notifiedOn": day(0)}),
                       ("discharge", {"on": day(0), "discharge": "CURA"}),
                       ("adverse-events", {"on": day(0), "drug": "dapsona", "severity": "LEVE", "description": "x"})):
        said = problem(doctor.post(f"{CASES}/{case['id']}/{what}", body), 409, "STATE")
        assert said["state"] == "DECEASED" and said["allowed"] == ["CONTACT", "REOPEN", "REOPEN_UNTREATED"], what
    again = done(doctor, case, "reopen", {"on": day(0), "reason": "Engano de pessoa"})
    assert again["state"] == "DIAGNOSED" and again["discharge"] is None


# ---- doses

def test_dose_days_and_calendar(doctor, new_patient):
    case = opened(doctor, mb(new_patient(), day(-100)))
    post = lambda **b: doctor.post(f"{CASES}/{case['id']}/doses", b)
    assert bad_fields(post(takenOn=day(-101))) == {"takenOn": "order"}
    assert bad_fields(post(takenOn=day(1))) == {"takenOn": "future"}
    dose(doctor, case, day(-100))
    assert bad_fields(post(takenOn=day(-100))) == {"takenOn": "order"}
    assert bad_fields(post(takenOn=day(-73))) == {"takenOn": "early"}
    early = dose(doctor, case, day(-75), earlyReason="Viagem")
    assert early["number"] == 2 and early["dose"]["flags"] == ["DOSE_ANTECIPADA"]
    late = dose(doctor, case, day(-40))
    assert late["dose"]["flags"] == ["DOSE_ATRASADA"]
    calendar = view(doctor, case)["calendar"]
    assert [s["status"] for s in calendar["slots"]] == ["TAKEN"] * 3 + ["OVERDUE"] + ["PLANNED"] * 8
    assert [s["lateDays"] for s in calendar["slots"][:4]] == [0, -3, 7, 12]
    assert calendar["nextOn"] == day(-12) and calendar["slots"][4]["plannedOn"] == day(28) and calendar["fits"] is True


def test_the_last_dose_is_taken_back(clinic, doctor, new_patient):
    case = opened(doctor, mb(new_patient(), day(-100)))
    last = f"{CASES}/{case['id']}/doses/last"
    assert bad_fields(doctor.delete(last)) == {"reason": "required"}
    assert problem(doctor.delete(f"{last}?reason=erro"), 409, "STATE")["state"] == "DIAGNOSED"
    dose(doctor, case, day(-100))
    dose(doctor, case, day(-72))
    gone = doctor.delete(f"{last}?reason=erro")
    assert gone.status_code == 204 and clinic.audit_one(gone)["event"] == "hansen.dose_remove"
    assert view(doctor, case)["case"]["lastDoseOn"] == day(-100)
    assert doctor.delete(f"{last}?reason=erro").status_code == 204
    looked = view(doctor, case)
    assert looked["case"]["state"] == "DIAGNOSED" and looked["case"]["startedOn"] is None and looked["events"] == []
    assert dose(doctor, case, day(-72))["number"] == 1


def test_a_dose_is_written_once_whatever_is_repeated(doctor, new_patient):
    case = opened(doctor, mb(new_patient(), day(-100)))
    key = {"Idempotency-Key": people.word()}
    answers = [doctor.post(f"{CASES}/{case['id']}/doses", {"takenOn": day(-100)}, headers=key) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 201] and answers[0].json() == answers[1].json()
    assert view(doctor, case)["case"]["doses"] == 1


# ---- abandonment

def test_abandonment_is_detected_and_decided(doctor, new_patient):
    lost = opened(doctor, pb(new_patient(), day(-130)))
    dose(doctor, lost, day(-130))
    missed = opened(doctor, mb(new_patient(), day(-130)))
    dose(doctor, missed, day(-130))
    by_id = {i["id"]: i for i in board(doctor)["items"]}
    assert by_id[lost["id"]]["attendance"] == "ABANDONO" and by_id[missed["id"]]["attendance"] == "FALTOSO"
    assert "DECIDE_ABANDONMENT" in [s["code"] for s in by_id[lost["id"]]["nextSteps"]]
    assert "SEARCH" in [s["code"] for s in by_id[missed["id"]]["nextSteps"]]
    early = problem(discharge(doctor, missed, day(0), "ABANDONO"), 409, "DISCHARGE_UNMET")
    assert [(e["field"], e["code"]) for e in early["errors"]] == [("on", "not_abandoned")]
    assert discharge(doctor, lost, day(0), "ABANDONO", reason="Três visitas").json()["state"] == "ABANDONED"
    assert lost["id"] not in {i["id"] for i in board(doctor)["items"]}
    # Who comes back is a new case, and says so by its mode of entry.
    back = opened(doctor, {**pb(lost["patientId"], day(0)), "entryMode": "OUTROS_REINGRESSOS", "detectionMode": None})
    assert back["entryMode"] == "OUTROS_REINGRESSOS"
    # Then the old one cannot be opened again beside it.
    problem(doctor.post(f"{CASES}/{lost['id']}/reopen", {"on": day(0), "reason": "voltou"}), 409, "DUPLICATE")


# ---- reactions, adverse events, contacts

def test_reaction_proposals_come_from_the_calculators(doctor, new_patient):
    case = opened(doctor, mb(new_patient(), day(-40)))
    dose(doctor, case, day(-40))
    first = done(doctor, case, "reactions", {"startedOn": day(-10), "type": "TIPO_1", "weightKg": "60"})
    proposal, = first["reaction"]["proposals"]
    assert proposal["calculator"] == "prednisona_desmame" and proposal["result"]["doseInicialMg"] == "60"
    second = done(doctor, case, "reactions", {"startedOn": day(-5), "type": "TIPO_2", "neutrophils": 700})
    proposal, = second["reaction"]["proposals"]
    assert proposal["calculator"] == "talidomida_gate" and proposal["result"]["verdict"] is None, "what was not asked is no \"no\""
    assert proposal["status"] == "INVALIDO" and [w["field"] for w in proposal["warnings"]] == ["corticoide"]
    third = done(doctor, case, "reactions", {"startedOn": day(-4), "type": "TIPO_2", "neutrophils": 700, "contraceptiveMethods": 0, **dict.fromkeys(
        ("reproductivePotential", "pregnant", "breastfeeding", "corticoid"), "NAO")})
    assert third["reaction"]["proposals"][0]["result"]["verdict"].startswith("NEGAR")
    looked = view(doctor, case)
    assert looked["case"]["reaction"] == "TIPOS_1_E_2" and "REACTION" in [s["code"] for s in looked["nextSteps"]]
    change = {"endedOn": day(-1), "treatment": "Prednisona 60 mg"}
    problem(doctor.put(f"/api/hansen/reactions/{first['id']}", change), 428, "PRECONDITION")
    stale = problem(doctor.put(f"/api/hansen/reactions/{first['id']}", {**change, "version": 9}), 409, "STALE")
    assert stale["currentVersion"] == 1
    ended = doctor.put(f"/api/hansen/reactions/{first['id']}", change, headers={"If-Match": '"1"'})
    assert ended.status_code == 200 and ended.json()["untilDay"] == day(-1) and ended.json()["reaction"]["treatment"]


def test_enl_in_a_child(doctor, new_patient):
    case = opened(doctor, mb(new_patient(birthDate="2016-01-01"), day(-40), findings={"weightKg": "30"}))
    assert case["ageGroup"] == "0_14"
    said = done(doctor, case, "reactions", {"startedOn": day(-5), "type": "TIPO_2"})
    assert [p["calculator"] for p in said["reaction"]["proposals"]] == ["clofazimina_enh_crianca"]


def test_contacts_are_patients_or_names(clinic, doctor, new_patient):
    case = opened(doctor, mb(new_patient(), day(-40)))
    post = lambda **b: doctor.post(f"{CASES}/{case['id']}/contacts", {"kind": "DOMICILIAR", "name": "Alguém", **b})
    assert bad_fields(post(name=" ")) == {"name": "required"}
    assert bad_fields(post(contactPatientId=case["patientId"])) == {"contactPatientId": "contradiction"}
    assert bad_fields(post(contactPatientId=people.nobody())) == {"contactPatientId": "not_found"}
    other = clinic.new_patient("doctor2")["id"]
    assert bad_fields(post(contactPatientId=other)) == {"contactPatientId": "not_found"}
    ours = post(contactPatientId=new_patient(name="Filho de Casa", birthDate="2024-01-01")).json()
    assert ours["details"]["name"] == "Filho de Casa"
    waiting = {i["id"]: i for i in board(doctor)["items"]}[case["id"]]
    assert "CONTACTS" in [s["code"] for s in waiting["nextSteps"]]
    exam = doctor.put(f"/api/hansen/contacts/{ours['id']}", {"examinedOn": day(0), "result": "DESCARTADO", "bcgScars": 1, "version": 1})
    assert exam.json()["examination"]["bcg"]["result"]["verdict"] == "APLICAR_1_DOSE"
    assert exam.json()["version"] == 2 and exam.headers["ETag"] == '"2"'
    name = post(name="Vizinho").json()
    exam = doctor.put(f"/api/hansen/contacts/{name['id']}", {"examinedOn": day(0), "result": "INCONCLUSIVO", "version": 1})
    assert exam.json()["examination"]["bcg"] is None, "without age and scars no rule is applied"


# ---- correcting, conflicts, who may

def test_correction_needs_the_version_and_keeps_the_rule(doctor, new_patient):
    patient = new_patient()
    case = opened(doctor, pb(patient, day(-20)))
    body = {k: v for k, v in mb(patient, day(-20)).items() if k != "patientId"}
    path = f"{CASES}/{case['id']}"
    problem(doctor.put(path, body), 428, "PRECONDITION")
    assert problem(doctor.put(path, {**body, "version": 7}), 409, "STALE")["currentVersion"] == 1
    changed = doctor.put(path, {**body, "version": 1}).json()
    assert (changed["operationalClass"], changed["initialClass"], changed["plannedDoses"], changed["version"]) == ("MB", "PB", 12, 2)


def test_who_may(clinic, doctor, new_patient):
    case = opened(doctor, mb(new_patient(), day(-20)))
    path = f"{CASES}/{case['id']}"
    for who in ("admin", "auditor", "reception", "dpo", "root"):
        problem(clinic.client(who).get(path), 403, "FORBIDDEN")
        problem(clinic.client(who).get("/api/hansen/board"), 403, "FORBIDDEN")
    for who in ("doctor2", "doctor_other"):
        problem(clinic.client(who).get(path), 404, "NOT_FOUND")
        problem(clinic.client(who).post(f"{path}/doses", {"takenOn": day(-20)}), 404, "NOT_FOUND")
        assert case["id"] not in [i["id"] for i in board(clinic.client(who))["items"]]
    problem(clinic.client("doctor2").post(CASES, mb(case["patientId"], day(-20))), 404, "NOT_FOUND")
    reaction = done(doctor, case, "reactions", {"startedOn": day(-2), "type": "TIPO_1"})
    contact = done(doctor, case, "contacts", {"kind": "SOCIAL", "name": "Vizinha"})
    for who in ("doctor2", "doctor_other"):
        for there in (f"/api/hansen/reactions/{reaction['id']}", f"/api/hansen/contacts/{contact['id']}"):
            problem(clinic.client(who).get(there), 404, "NOT_FOUND")
        exam = {"examinedOn": day(0), "result": "DESCARTADO", "version": 1}
        problem(clinic.client(who).put(f"/api/hansen/contacts/{contact['id']}", exam), 404, "NOT_FOUND")
        problem(clinic.client(who).get(f"{path}/notification"), 404, "NOT_FOUND")


def test_a_patient_sees_only_his_own(clinic, doctor, new_patient):
    other = opened(doctor, mb(new_patient(), day(-20)))
    patient = clinic.client("patient")
    problem(patient.get(f"{CASES}/{other['id']}"), 404)
    mine = list(patient.pages(CASES))
    assert {c["patientId"] for c in mine} <= {clinic.own_patient}
    problem(patient.post(CASES, mb(clinic.own_patient, day(-20))), 403, "FORBIDDEN")


def test_a_list_names_patients_when_asked(clinic, doctor, new_patient):
    case = opened(doctor, mb(new_patient(), day(-20)))
    name = doctor.get(f"/api/patients/{case['patientId']}").json()["name"]
    query = {"patientId": case["patientId"]}
    assert [c["patientName"] for c in doctor.get(CASES, params=query).json()["items"]] == [None]
    assert [c["patientName"] for c in doctor.get(CASES, params={**query, "names": "true"}).json()["items"]] == [name]
    assert "patientName" not in case


def test_nothing_readable_rests_in_the_store(clinic, doctor, new_patient):
    name, note = people.word(), people.word()
    case = opened(doctor, mb(new_patient(), day(-40), findings={"notes": note}))
    done(doctor, case, "contacts", {"kind": "SOCIAL", "name": name})
    rows = clinic.store.rows("SELECT content_sealed FROM hansen_case UNION ALL SELECT content_sealed FROM hansen_contact")
    assert len(rows) >= 2 and all(row["content_sealed"] for row in rows)
    assert not any(word.encode() in bytes(row["content_sealed"]) for row in rows for word in (name, note, '"lesionCount"'))


def test_codes_are_served_with_their_numbers(clinic):
    said = clinic.client("reception").get("/api/hansen/codes").json()
    sets = {s["name"]: s for s in said["items"]}
    assert sets["clinicalForm"]["field"] == "FORMACLINI"
    assert {c["name"]: c["sinan"] for c in sets["discharge"]["codes"]}["ABANDONO"] == 7
    assert {c["name"]: c["sinan"] for c in sets["smear"]["codes"]} == {"POSITIVA": 1, "NEGATIVA": 2, "NAO_REALIZADA": 3}


# ---- the chart's export

def exported(client, patient, form):
    answer = client.get(f"/api/patients/{patient}/export", params={"format": form})
    assert answer.status_code == 200, answer.text
    return answer.json()["document"]


def test_a_case_is_in_the_charts_export(doctor, new_patient):
    patient = new_patient()
    case = opened(doctor, mb(patient, day(-60)))
    dose(doctor, case, day(-58), note="Tomou bem <na unidade>")
    assess(doctor, case, day(-50))
    done(doctor, case, "reactions", {"startedOn": day(-20), "type": "TIPO_1", "neuritis": False, "weightKg": "64,5",
                                     "treatment": "Prednisona conforme a médica"})
    done(doctor, case, "adverse-events", {"on": day(-10), "drug": "DAPSONA", "severity": "LEVE", "description": "Tontura leve"})
    done(doctor, case, "contacts", {"kind": "DOMICILIAR", "name": "Zulmira Contatada", "relation": "irmã"})

    chart = json.loads(exported(doctor, patient, "json"))
    assert chart["madeBy"] == program_name()
    history, = chart["hansenCases"]
    assert history["item"]["id"] == case["id"] and history["item"]["doses"] == 1
    assert [e["kind"] for e in history["events"]].count("DOSE") == 1
    assert {e["kind"] for e in history["events"]} >= {"DOSE", "ASSESSMENT", "REACTION", "ADVERSE_EVENT"}
    assert history["contacts"] == [{"kind": "DOMICILIAR", "relation": "irmã", "examinedOn": None}]

    kinds, bundle = {}, json.loads(exported(doctor, patient, "fhir"))
    assert bundle["meta"]["source"] == f"urn:plantao:{program_name().split()[1]}"
    for entry in bundle["entry"]:
        kinds.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    disease = next(c for c in kinds["Condition"] if "coding" in c["code"])
    assert disease["code"]["coding"][0]["code"] == "A30.3" and disease["clinicalStatus"]["coding"][0]["code"] == "active"
    episode, = kinds["EpisodeOfCare"]
    assert episode["status"] == "active" and episode["diagnosis"][0]["condition"]["reference"] == f"urn:uuid:{case['id']}"
    assert kinds["MedicationAdministration"][0]["effectiveDateTime"] == day(-58)
    assert {o["code"]["text"]: o["valueInteger"] for o in kinds["Observation"]} == {"Grau de incapacidade física (GIF)": 0, "Soma OMP": 0}
    assert kinds["AdverseEvent"][0]["event"]["text"] == "Tontura leve" and len(kinds["Condition"]) == 2

    page = exported(doctor, patient, "html")
    for said in ("Hanseníase", "Dimorfa", "Dose supervisionada", "&lt;na unidade&gt;", "Tontura leve", "1 contatos", f"Emitido por {program_name()} em 20"):
        assert said in page
    for form in ("json", "fhir", "html"):
        assert "Zulmira" not in exported(doctor, patient, form), "another person's name is not the patient's data"


def test_who_comes_back_is_told_to_ask_a_professional(doctor, new_patient):
    case = opened(doctor, mb(new_patient(), day(-1), entryMode="OUTROS_REINGRESSOS", detectionMode=None))
    codes = [s["code"] for s in view(doctor, case)["nextSteps"]]
    assert "RETURNED" in codes and codes.index("RETURNED") < codes.index("FIRST_DOSE")
    dose(doctor, case, day(0))
    assert "RETURNED" not in [s["code"] for s in view(doctor, case)["nextSteps"]]
