"""Who replaces somebody's password does not come in by it: the password handed over opens nothing, the one chosen
after it opens nothing either, until somebody who does not hang from the same administrator knows the person."""
import time
import uuid

import pytest

from lib import people
from lib.client import bad_fields, problem
from lib.clinic import CHOSEN, HANDED_OVER
from test_auth import sign_in, totp

GIVEN, MINE = "entregue-De-Novo-7", "escolhida-Por-Mim-8"
SHUT = ("/api/patients", "/api/medical-records", "/api/auth/sessions", "/api/privacy/terms")


def take(clinic, user, password=HANDED_OVER, chosen=CHOSEN):
    client = clinic.client().login(user["email"], password)
    assert client.post("/api/auth/password", {"current": password, "new": chosen}).status_code == 204
    return client


@pytest.fixture(autouse=True)
def independent_officer(clinic):
    """As `plantao user add` on the machine makes one: no administrator's making."""
    clinic.store.change("UPDATE app_user SET rooted_in = NULL WHERE id = %s", uuid.UUID(clinic.user("dpo")))


@pytest.fixture
def nurse(clinic):
    """(account, client): one who chose her password and works."""
    user = clinic.new_user("NURSE")
    return user, take(clinic, user)


def reset(clinic, user, by="admin"):
    answer = clinic.client(by).post(f"/api/users/{user['id']}/resets", {"password": GIVEN})
    assert answer.status_code == 201, answer.text
    return answer


def decide(clinic, said, verdict="CONFIRMED", code=None, who="dpo"):
    return clinic.client(who).post(f"/api/resets/{said['id']}/decision", {"verdict": verdict, **({"code": code} if code else {})})


def shut(client, code):
    for path in SHUT:
        problem(client.get(path), 403, code)
    problem(client.post("/api/patients", people.patient()), 403, code)
    problem(client.post("/api/auth/totp"), 403, code)   # a factor set up now would prove nobody


def test_an_administrator_does_not_come_in_by_a_password_he_set(clinic, nurse):
    user, client = nurse
    asked = reset(clinic, user)
    assert clinic.audit_one(asked)["event"] == "user.reset"
    problem(client.get("/api/auth/me"), 401, "UNAUTHENTICATED")   # her sessions are over
    intruder = clinic.client().login(user["email"], GIVEN)        # the administrator himself
    shut(intruder, "PASSWORD_CHANGE")
    assert intruder.get("/api/auth/me").json()["resetCode"] is None
    assert intruder.post("/api/auth/password", {"current": GIVEN, "new": MINE}).status_code == 204
    shut(intruder, "RESET_PENDING")
    shut(clinic.client().login(user["email"], MINE), "RESET_PENDING")
    waiting = {r["id"]: r for r in clinic.client("dpo").pages("/api/resets", pending="true", limit=100)}
    mine = waiting[asked.json()["id"]]
    assert (mine["userId"], mine["userName"], mine["waiting"]) == (user["id"], user["name"], False)
    assert mine["askedBy"] == clinic.user("admin")
    refused = decide(clinic, asked.json(), "REFUSED")
    assert refused.status_code == 200 and refused.json()["verdict"] == "REFUSED"
    assert clinic.audit_one(refused)["event"] == "user.reset_decide"
    problem(intruder.get("/api/auth/me"), 401, "UNAUTHENTICATED")
    for password in (MINE, GIVEN, CHOSEN):
        problem(sign_in(clinic, user["email"], password), 401, "CREDENTIALS")


def test_the_person_comes_in_when_the_officer_knows_her(clinic, nurse):
    user, _ = nurse
    asked = reset(clinic, user).json()
    answer = decide(clinic, asked, code="AAAAAAAA")
    problem(answer, 409, "STATE")
    assert answer.json()["state"] == "WAITING"   # the administrator still knows the password
    client = take(clinic, user, GIVEN, MINE)
    me = client.get("/api/auth/me").json()
    assert me["resetPending"] and len(me["resetCode"]) == 8 and me["resetAt"] == asked["at"]
    assert bad_fields(decide(clinic, asked)) == bad_fields(decide(clinic, asked, code="AAAAAAAA")) == {"code": "reset_code"}
    shut(client, "RESET_PENDING")
    assert decide(clinic, asked, code=me["resetCode"]).json()["verdict"] == "CONFIRMED"
    assert client.get("/api/patients").status_code == 200
    me = client.get("/api/auth/me").json()
    assert (me["resetPending"], me["resetCode"], me["resetAt"]) == (False, None, asked["at"]), "she is told that it happened"
    again = decide(clinic, asked, "REFUSED")
    problem(again, 409, "STATE")
    assert again.json()["state"] == "DECIDED"


def test_the_code_is_nobody_elses(clinic, nurse):
    user, _ = nurse
    asked = reset(clinic, user)
    code = take(clinic, user, GIVEN, MINE).get("/api/auth/me").json()["resetCode"]
    for who, path in (("admin", f"/api/users/{user['id']}"), ("admin", "/api/users"), ("dpo", "/api/resets"), ("dpo", "/api/audit"),
                      ("admin", "/api/audit")):
        assert code not in clinic.client(who).get(path, params={"limit": 100} if path != f"/api/users/{user['id']}" else {}).text
    assert code not in asked.text
    for who in ("admin", "doctor", "auditor", "reception"):
        problem(decide(clinic, asked.json(), code=code, who=who), 403, "FORBIDDEN")


def test_a_second_factor_from_before_proves_the_person(clinic, nurse):
    user, client = nurse
    secret = client.post("/api/auth/totp").json()["secret"]
    assert client.post("/api/auth/totp/confirm", {"code": totp(secret, int(time.time()) // 30 - 1)}).status_code == 204
    asked = reset(clinic, user).json()
    problem(sign_in(clinic, user["email"], GIVEN), 401, "TOTP_REQUIRED")   # as far as the administrator comes
    said = sign_in(clinic, user["email"], GIVEN, totp=totp(secret, int(time.time()) // 30)).json()
    client = clinic.client()
    client.session.headers["Authorization"] = f"Bearer {said['token']}"
    problem(client.get("/api/patients"), 403, "PASSWORD_CHANGE")
    assert client.post("/api/auth/password", {"current": GIVEN, "new": MINE}).status_code == 204
    assert client.get("/api/patients").status_code == 200
    ended = next(r for r in clinic.client("dpo").pages("/api/resets", limit=100) if r["id"] == asked["id"])
    assert ended["verdict"] == "OWN_FACTOR"


def test_an_officer_of_the_administrators_own_making_confirms_nothing_of_his(clinic, nurse):
    """Also one that a second administrator made, who is the first one's making, and one that was given the role."""
    user, _ = nurse
    asked = reset(clinic, user).json()
    code = take(clinic, user, GIVEN, MINE).get("/api/auth/me").json()["resetCode"]
    second = take(clinic, clinic.new_user("ADMIN"))
    made = second.post("/api/users", {"email": f"{people.word()}@clinica.test", "name": "Conta Nova", "role": "DPO",
                                      "password": HANDED_OVER}).json()
    given = clinic.new_user("NURSE")
    clinic.store.change("UPDATE app_user SET rooted_in = NULL WHERE id = %s", uuid.UUID(given["id"]))
    body = {"name": given["name"], "role": "DPO", "version": given["version"]}
    assert second.put(f"/api/users/{given['id']}", body).status_code == 200
    for officer in (clinic.new_user("DPO"), made, given):
        answer = take(clinic, officer).post(f"/api/resets/{asked['id']}/decision", {"verdict": "CONFIRMED", "code": code})
        problem(answer, 409, "STATE")
        assert answer.json()["state"] == "SAME_ROOT"


def test_nobody_resets_or_decides_or_promotes_himself(clinic):
    admin, dpo = clinic.client("admin"), clinic.client("dpo")
    problem(admin.post(f"/api/users/{clinic.user('admin')}/resets", {"password": GIVEN}), 409, "STATE")
    me = admin.get(f"/api/users/{clinic.user('admin')}").json()
    second = clinic.new_user("ADMIN")
    problem(admin.put(f"/api/users/{me['id']}", {"name": me["name"], "role": "DOCTOR", "version": me["version"]}), 409, "STATE")
    assert dpo.get("/api/auth/me").json()["role"] == "DPO"
    officer = clinic.new_user("DPO")
    clinic.store.change("UPDATE app_user SET rooted_in = NULL WHERE id = %s", uuid.UUID(officer["id"]))
    client = take(clinic, officer)
    asked = take(clinic, second).post(f"/api/users/{officer['id']}/resets", {"password": GIVEN}).json()
    problem(client.get("/api/resets"), 401, "UNAUTHENTICATED")
    own = take(clinic, officer, GIVEN, MINE)
    problem(own.post(f"/api/resets/{asked['id']}/decision", {"verdict": "CONFIRMED", "code": own.get("/api/auth/me").json()["resetCode"]}),
            403, "RESET_PENDING")


def test_a_later_reset_overtakes_an_earlier_one(clinic, nurse):
    user, _ = nurse
    first = reset(clinic, user).json()
    code = take(clinic, user, GIVEN, MINE).get("/api/auth/me").json()["resetCode"]
    answer = clinic.client("admin").post(f"/api/users/{user['id']}/resets", {"password": "entregue-Outra-Vez-9"})
    assert answer.status_code == 201
    assert decide(clinic, first, code=code).json()["state"] == "DECIDED"
    client = take(clinic, user, "entregue-Outra-Vez-9", "escolhida-Mais-Uma-10")
    shut(client, "RESET_PENDING")
    assert bad_fields(decide(clinic, answer.json(), code=code)) == {"code": "reset_code"}


def test_the_machine_itself_may_confirm(clinic, nurse):
    user, _ = nurse
    assert clinic.server.run("user", "confirm", "--email", user["email"]).returncode == 1
    reset(clinic, user)
    client = take(clinic, user, GIVEN, MINE)
    shut(client, "RESET_PENDING")
    assert clinic.server.run("user", "confirm", "--email", user["email"]).returncode == 0
    assert client.get("/api/patients").status_code == 200


def test_the_alert(clinic, nurse):
    asked = reset(clinic, nurse[0]).json()
    assert any(line["id"] == asked["id"] for line in clinic.server.wait_log("ACCOUNT_RESET"))
