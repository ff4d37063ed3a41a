"""Names beside ids: for whoever may know them, as far as they may see them, and never of others."""
RECORDS = "/api/medical-records"


def account(clinic, who):
    return clinic.client("admin").get(f"/api/users/{clinic.user(who)}").json()["name"]


def named(clinic, who, **query):
    return clinic.client(who).get(RECORDS, params={**query, "names": "true"}).json()["items"]


def test_records_are_named_when_asked(clinic):
    patient = clinic.new_patient()
    record = clinic.new_record(patient=patient["id"])
    assert (record["patientName"], record["doctorName"]) == (None, None)
    plain = clinic.client("doctor").get(RECORDS, params={"patientId": patient["id"]}).json()["items"]
    assert [(r["patientName"], r["doctorName"]) for r in plain] == [(None, None)]
    expected = (patient["name"], account(clinic, "doctor"))
    assert [(r["patientName"], r["doctorName"]) for r in named(clinic, "doctor", patientId=patient["id"])] == [expected]
    one = clinic.client("doctor").get(f"{RECORDS}/{record['id']}", params={"names": "true"}).json()
    assert (one["patientName"], one["doctorName"]) == expected


def test_more_people_than_one_question_holds(clinic):
    """One question asks for sixteen."""
    patients = [clinic.new_patient() for _ in range(35)]
    for p in patients + patients[:3]:
        clinic.new_record(patient=p["id"])
    items = named(clinic, "doctor", limit=38)
    known = {p["id"]: p["name"] for p in patients}
    assert [r["patientName"] for r in items] == [known[r["patientId"]] for r in items]
    assert len({r["patientName"] for r in items}) == 35


def test_the_administration_sees_names_and_no_clinical_text(clinic):
    patient = clinic.new_patient()
    clinic.new_record(patient=patient["id"])
    (seen,) = named(clinic, "admin", patientId=patient["id"])
    assert (seen["patientName"], seen["title"]) == (patient["name"], None)
    assert "patientName" not in seen["masked"] and "title" in seen["masked"]


def test_names_reach_no_further_than_charts(clinic):
    patient = clinic.new_patient()
    record = clinic.new_record(patient=patient["id"])
    stranger = clinic.client("doctor2")
    assert stranger.get(f"{RECORDS}/{record['id']}", params={"names": "true"}).status_code == 404
    assert all(r["patientId"] != patient["id"] for r in named(clinic, "doctor2", limit=100))


def test_who_was_put_aside_is_named_to_the_administration_alone(clinic):
    patient = clinic.new_patient()
    clinic.new_record(patient=patient["id"])
    assert clinic.client("admin").delete(f"/api/patients/{patient['id']}").status_code == 204
    assert [r["patientName"] for r in named(clinic, "admin", patientId=patient["id"])] == [patient["name"]]
    assert {r["patientName"] for r in named(clinic, "doctor", patientId=patient["id"])} <= {None}


def test_those_who_care_have_names(clinic):
    patient = clinic.new_patient()
    path = f"/api/patients/{patient['id']}/care"
    assert clinic.client("doctor").post(path, {"userId": clinic.user("nurse")}).status_code == 204
    said = {c["userId"]: c["userName"] for c in clinic.client("doctor").get(path).json()["items"]}
    assert said == {clinic.user(who): account(clinic, who) for who in ("doctor", "nurse")}


def test_the_officer_sees_a_part_of_the_name_of_a_chart_that_was_opened(clinic):
    patient = clinic.new_patient(name="Conceição de Teste")
    opened = clinic.client("doctor2").post(f"/api/patients/{patient['id']}/break-glass",
                                           {"reason": "Trazida inconsciente ao pronto-socorro."})
    assert opened.status_code == 201 and opened.json()["patientName"] == "Conceição de Teste"
    (seen,) = [g for g in clinic.client("dpo").get("/api/break-glass", params={"limit": 100}).json()["items"]
               if g["patientId"] == patient["id"]]
    assert (seen["patientName"], seen["userName"]) == ("Conceição ***", account(clinic, "doctor2"))
    assert seen["masked"] == ["patientName"]


def test_the_trail_names_who_acted(clinic):
    assert clinic.client("doctor").get(f"/api/patients/{clinic.own_patient}").status_code == 200
    asked = {"subject": clinic.own_patient, "actor": clinic.user("doctor"), "limit": 1}
    (entry,) = clinic.client("auditor").get("/api/audit", params=asked).json()["items"]
    assert entry["actorName"] == account(clinic, "doctor")
    assert clinic.client("auditor").get(f"/api/audit/{entry['id']}").json()["actorName"] == entry["actorName"]
