"""Rules of accounts that a certification asks for (SBIS NGS1): an administrator remains, everybody is told of the sign-in
before and of failed attempts, a patient contests what his record says."""
import time
import uuid

from lib import people
from lib.client import bad_fields, problem
from lib.clinic import HANDED_OVER
from test_auth import sign_in
from test_resets import take


def put(client, user, **change):
    body = {"name": user["name"], "role": user["role"], "version": user["version"], **change}
    return client.put(f"/api/users/{user['id']}", body)


def test_an_administrator_remains(clinic):
    """The last who is active is neither disabled nor given another role, by himself or another."""
    admin = clinic.client("admin")
    second = clinic.new_user("ADMIN")
    other = take(clinic, second)
    actives = [u for u in admin.pages("/api/users", limit=100) if u["role"] == "ADMIN" and not u["disabledAt"]]
    for user in (u for u in actives if u["id"] not in (second["id"], clinic.user("admin"))):
        assert put(admin, user, disabled=True).status_code == 200
    me = admin.get(f"/api/users/{clinic.user('admin')}").json()
    second = admin.get(f"/api/users/{second['id']}").json()
    assert put(admin, second, disabled=True).status_code == 200   # there is one more: himself
    problem(other.get("/api/users"), 401, "UNAUTHENTICATED")
    problem(put(admin, me, disabled=True), 409, "STATE")
    problem(put(admin, me, role="NURSE"), 409, "STATE")
    assert admin.get("/api/users").status_code == 200


def test_the_sign_in_before_and_failed_attempts_are_told(clinic):
    user = clinic.new_user("NURSE")
    first = sign_in(clinic, user["email"]).json()
    assert first["user"]["lastLoginAt"] is None and first["failures"] == 0
    time.sleep(0.01)
    for _ in range(2):
        problem(sign_in(clinic, user["email"], "errada-9999"), 401, "CREDENTIALS")
    second = sign_in(clinic, user["email"]).json()
    assert second["failures"] == 2
    third = sign_in(clinic, user["email"], HANDED_OVER).json()
    assert third["failures"] == 0 and third["user"]["lastLoginAt"] > second["user"]["lastLoginAt"] > user["createdAt"]


def test_a_patient_contests_and_is_answered(clinic):
    patient, own, dpo = clinic.client("patient"), clinic.own_patient, clinic.client("dpo")
    asked = patient.post(f"/api/patients/{own}/requests", {"kind": "CORRECTION", "details": "Nunca fumei."}).json()
    assert asked["status"] == "OPEN" and asked["due"]
    problem(clinic.client("doctor").post(f"/api/privacy/requests/{asked['id']}/decide", {"decision": "DENY", "answer": "Não."}), 403, "FORBIDDEN")
    said = dpo.post(f"/api/privacy/requests/{asked['id']}/decide",
                    {"decision": "GRANT", "answer": "O médico corrigiu o registro.", "version": asked["version"]})
    assert said.status_code == 204, said.text
    seen = next(r for r in patient.pages("/api/privacy/requests", limit=100) if r["id"] == asked["id"])
    assert seen["status"] != "OPEN" and seen["answer"] == "O médico corrigiu o registro."


def test_an_account_is_bound_to_a_cpf(clinic):
    """Checked, shown in part, one active account a person, and no digit of it readable in the store."""
    admin, cpf = clinic.client("admin"), people.cpf()
    user = clinic.new_user("NURSE", cpf=cpf)
    shown = f"***.{cpf[3:6]}.{cpf[6:9]}-**"
    assert user["cpf"] == shown == admin.get(f"/api/users/{user['id']}").json()["cpf"]
    assert shown in [u["cpf"] for u in admin.pages("/api/users", limit=100)]
    row, = clinic.store.rows("SELECT * FROM app_user WHERE id = %s", uuid.UUID(user["id"]))
    assert all(cpf.encode() not in bytes(v) for v in row.values() if isinstance(v, (bytes, memoryview))) and row["cpf_token"]

    body = {"email": f"{people.word()}@clinica.test", "name": "Outra Conta", "role": "DOCTOR", "password": HANDED_OVER}
    problem(admin.post("/api/users", {**body, "cpf": f"{cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}-{cpf[9:]}"}), 409, "DUPLICATE")
    assert bad_fields(admin.post("/api/users", {**body, "cpf": "11111111111"})) == {"cpf": "cpf"}
    elsewhere = clinic.client("admin_other").post("/api/users", {**body, "cpf": cpf})
    assert elsewhere.status_code == 201, "another institution's accounts are its own"

    second = clinic.new_user("DOCTOR")
    assert second["cpf"] is None
    problem(put(admin, second, cpf=cpf), 409, "DUPLICATE")
    kept = put(admin, user, name="Nome Novo").json()
    assert kept["cpf"] == shown, "what is not given stays"
    assert put(admin, kept, disabled=True).status_code == 200
    assert put(admin, second, cpf=cpf).json()["cpf"] == shown


def test_who_makes_an_account_that_opens_charts_is_heard(clinic):
    """Made, or promoted; not the desk's, and not again when only its name changes."""
    admin = clinic.client("admin")
    desk, doctor = clinic.new_user("RECEPTIONIST"), clinic.new_user("DOCTOR")
    promoted = put(admin, desk, role="NURSE").json()
    assert put(admin, promoted, name="Nome Novo").status_code == 200
    last, heard, deadline = clinic.new_user("NURSE"), [], time.monotonic() + 30
    while last["id"] not in heard:   # what was logged before it is there then
        assert time.monotonic() < deadline, heard
        heard = [line["id"] for line in clinic.server.wait_log("CLINICAL_ACCOUNT")]
    assert heard.count(doctor["id"]) == 1 and heard.count(desk["id"]) == 1
