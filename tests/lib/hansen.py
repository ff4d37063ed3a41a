"""A hanseníase case as tests open it and follow it up."""
import datetime

CASES = "/api/hansen/cases"


def day(offset=0):
    """The day so many days from today, in Brasília, as the program reckons it."""
    now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=-3)))
    return (now.date() + datetime.timedelta(days=offset)).isoformat()


def mb(patient_id, diagnosed, **more):
    """Seven lesions: MB whatever else."""
    findings = {"lesionCount": 7, "nerveCount": 1, "weightKg": "64.5", "lesions": [{"site": "antebraco", "side": "D", "count": 3}],
                "disability": {"olhoD": 0, "olhoE": 0, "maoD": 1, "maoE": 0, "peD": 0, "peE": 0}, **more.pop("findings", {})}
    return {"patientId": patient_id, "municipality": "2611606", "unit": "1234567", "diagnosedOn": diagnosed,
            "entryMode": "CASO_NOVO", "detectionMode": "DEMANDA_ESPONTANEA", "clinicalForm": "DIMORFA",
            "smear": "NAO_REALIZADA", "findings": findings, **more}


def pb(patient_id, diagnosed, **more):
    return {**mb(patient_id, diagnosed), "clinicalForm": "TUBERCULOIDE", "smear": "NEGATIVA",
            "findings": {"lesionCount": 2, "weightKg": "58",
                         "disability": dict.fromkeys(("olhoD", "olhoE", "maoD", "maoE", "peD", "peE"), 0)}, **more}


def opened(client, body):
    answer = client.post(CASES, body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def done(client, case, what, body):
    answer = client.post(f"{CASES}/{case['id']}/{what}", body)
    assert answer.status_code in (200, 201), f"{what}: {answer.status_code} {answer.text}"
    return answer.json()


def dose(client, case, on, **more):
    return done(client, case, "doses", {"takenOn": on, **more})


def assess(client, case, on, reason="TRIMESTRAL", **more):
    sites = dict.fromkeys(("olhoD", "olhoE", "maoD", "maoE", "peD", "peE"), 0)
    return done(client, case, "assessments", {"assessedOn": on, "reason": reason, "sites": sites, **more})


def view(client, case):
    answer = client.get(f"{CASES}/{case['id']}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def board(client, **query):
    answer = client.get("/api/hansen/board", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()
