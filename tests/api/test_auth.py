"""Sign-in, sign-out, one's own account, sessions, passwords, second factor, lock-out."""
import base64
import hashlib
import hmac
import struct
import time
import uuid

import pytest

from lib import people
from lib.client import Client, bad_fields, problem
from lib.clinic import CHOSEN, HANDED_OVER, ROLES


def totp(secret, step):
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06}"


@pytest.fixture
def colleague(clinic):
    """An account of the test's own: (e-mail, client)."""
    user = clinic.new_user("NURSE")
    clinic.store.change("UPDATE app_user SET password_must_change = 0 WHERE id = %s", uuid.UUID(user["id"]))
    return user["email"], clinic.client().login(user["email"], HANDED_OVER)


def sign_in(clinic, email, password=HANDED_OVER, **more):
    return clinic.client().post("/api/auth/login", {"email": email, "password": password, **more})


# ---- in and out

def test_sign_in_says_who_one_is(clinic, colleague):
    answer = sign_in(clinic, colleague[0])
    said = answer.json()
    assert answer.status_code == 200
    assert set(said["user"]) >= {"id", "name", "email", "role", "tenantId"}
    assert (said["user"]["email"], said["user"]["role"]) == (colleague[0], "NURSE")
    assert len(said["token"]) == 43
    cookie = answer.headers["Set-Cookie"]
    assert f"={said['token']};" in cookie and "HttpOnly" in cookie and "SameSite=Strict" in cookie


def test_every_role_sees_itself(clinic):
    for who, role in ROLES.items():
        me = clinic.client(who).get("/api/auth/me").json()
        assert (me["role"], me["email"]) == (role, clinic.emails[who])


def test_the_address_is_known_in_any_case(clinic, colleague):
    assert sign_in(clinic, colleague[0].upper()).status_code == 200


def test_sign_out_kills_the_token_at_once(clinic, colleague):
    token = sign_in(clinic, colleague[0]).json()["token"]
    one = Client(clinic.server.url, token)
    assert one.get("/api/auth/me").status_code == 200
    answer = one.post("/api/auth/logout")
    assert answer.status_code == 204 and not answer.content
    problem(one.get("/api/auth/me"), 401, "UNAUTHENTICATED")
    assert colleague[1].get("/api/auth/me").status_code == 200, "the other session lives on"


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x", "Bearer " + "A" * 43, "Basic YTpi", "bearer\t" + "B" * 43])
def test_no_other_token_is_taken(clinic, header):
    answer = clinic.client().get("/api/auth/me", headers={"Authorization": header})
    problem(answer, 401, "UNAUTHENTICATED")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_wrong_scheme_does_not_fall_back_to_the_cookie(clinic):
    token = clinic.client("doctor").token
    headers = {"Authorization": "Basic YTpi", "Cookie": f"plantao_session={token}"}
    problem(clinic.client().get("/api/auth/me", headers=headers), 401)


def test_tokens_rest_as_hashes_only(clinic):
    token = clinic.client("doctor").token
    raw = base64.urlsafe_b64decode(token + "=")
    sums = {bytes(r["token_sha256"]) for r in clinic.store.rows("SELECT token_sha256 FROM session")}
    assert hashlib.sha256(token.encode()).digest() in sums or hashlib.sha256(raw).digest() in sums
    assert token.encode() not in sums and raw not in sums


# ---- sessions

def test_sessions_are_listed_and_ended_one_by_one(clinic, colleague):
    email, here = colleague
    there = clinic.client().login(email, HANDED_OVER)
    items = here.get("/api/auth/sessions").json()["items"]
    assert len(items) == 2 and [s["current"] for s in items].count(True) == 1
    other = next(s["id"] for s in items if not s["current"])
    assert here.delete(f"/api/auth/sessions/{other}").status_code == 204
    problem(there.get("/api/auth/me"), 401)
    assert here.get("/api/auth/me").status_code == 200


def test_nobody_ends_the_sessions_of_another(clinic, colleague):
    mine = colleague[1].get("/api/auth/sessions").json()["items"][0]["id"]
    problem(clinic.client("doctor").delete(f"/api/auth/sessions/{mine}"), 404, "NOT_FOUND")
    problem(clinic.client("doctor").delete(f"/api/auth/sessions/{people.nobody()}"), 404, "NOT_FOUND")
    assert colleague[1].get("/api/auth/me").status_code == 200


def test_an_idle_session_ends(clinic, colleague):
    clinic.store.change("UPDATE session SET seen_at = seen_at - 31 * 60000 WHERE user_id = %s", _uuid(colleague[1]))
    problem(colleague[1].get("/api/auth/me"), 401, "UNAUTHENTICATED")


def test_a_used_session_is_kept_awake(clinic, colleague):
    clinic.store.change("UPDATE session SET seen_at = seen_at - 20 * 60000 WHERE user_id = %s", _uuid(colleague[1]))
    before = _seen(clinic, colleague)
    assert colleague[1].get("/api/auth/me").status_code == 200
    assert _seen(clinic, colleague) > before + 19 * 60000


def test_an_old_session_ends_though_used(clinic, colleague):
    clinic.store.change("UPDATE session SET expires_at = created_at - 1 WHERE user_id = %s", _uuid(colleague[1]))
    problem(colleague[1].get("/api/auth/me"), 401, "UNAUTHENTICATED")


@pytest.mark.parametrize("change, back, status, code", [
    ("app_user SET disabled_at = 1", "app_user SET disabled_at = NULL", 401, "UNAUTHENTICATED"),
    ("app_user SET password_must_change = 1", "app_user SET password_must_change = 0", 403, "PASSWORD_CHANGE"),
    ("session SET seen_at = seen_at - 31 * 60000", "session SET seen_at = seen_at + 31 * 60000", 401, "UNAUTHENTICATED"),
    ("session SET expires_at = created_at - 1", "session SET expires_at = created_at + 3600000", 401, "UNAUTHENTICATED")])
def test_what_another_program_changes_counts_at_the_next_request(clinic, colleague, change, back, status, code):
    """However often who asks was found before."""
    client = colleague[1]
    column = "id" if change.startswith("app_user") else "user_id"
    for _ in range(2):
        assert [client.get("/api/medical-records").status_code for _ in range(3)] == [200] * 3
        clinic.store.change(f"UPDATE {change} WHERE {column} = %s", _uuid(client))
        problem(client.get("/api/medical-records"), status, code)
        clinic.store.change(f"UPDATE {back} WHERE {column} = %s", _uuid(client))
    assert client.get("/api/medical-records").status_code == 200


def test_another_role_counts_at_the_next_request(clinic, colleague):
    client, admin = colleague[1], clinic.client("admin")
    for role, may in (("RECEPTIONIST", 403), ("NURSE", 200)) * 2:
        assert [client.get("/api/auth/me").status_code for _ in range(3)] == [200] * 3
        me = admin.get(f"/api/users/{client.user['id']}").json()
        body = {"name": me["name"], "role": role, "version": me["version"]}
        assert admin.put(f"/api/users/{me['id']}", body).status_code == 200
        assert client.get("/api/medical-records").status_code == may
        assert client.get("/api/auth/me").json()["role"] == role


def test_a_revoked_session_ends_however_often_it_was_used(clinic, colleague):
    email, here = colleague
    for _ in range(2):
        there = clinic.client().login(email, HANDED_OVER)
        assert [there.get("/api/auth/me").status_code for _ in range(3)] == [200] * 3
        other = next(s["id"] for s in here.get("/api/auth/sessions").json()["items"] if not s["current"])
        assert here.delete(f"/api/auth/sessions/{other}").status_code == 204
        problem(there.get("/api/auth/me"), 401, "UNAUTHENTICATED")


def _uuid(client):
    return uuid.UUID(client.user["id"])


def _seen(clinic, colleague):
    return clinic.store.rows("SELECT seen_at FROM session WHERE user_id = %s", _uuid(colleague[1]))[0]["seen_at"]


# ---- passwords

def test_a_changed_password_ends_the_other_sessions(clinic, colleague):
    email, here = colleague
    there = clinic.client().login(email, HANDED_OVER)
    assert here.post("/api/auth/password", {"current": HANDED_OVER, "new": "terceira-Senha-77"}).status_code == 204
    assert here.get("/api/auth/me").status_code == 200
    problem(there.get("/api/auth/me"), 401)
    problem(sign_in(clinic, email), 401, "CREDENTIALS")
    assert sign_in(clinic, email, "terceira-Senha-77").status_code == 200


def test_a_changed_password_is_answered_again(colleague):
    """What the first call changed, the old password, must not make its repetition wrong."""
    def change(new):
        return colleague[1].post("/api/auth/password", {"current": HANDED_OVER, "new": new}, headers={"Idempotency-Key": key})
    key = str(uuid.uuid4())
    first, again = change("terceira-Senha-77"), change("terceira-Senha-77")
    assert (first.status_code, again.status_code) == (204, 204), again.text
    assert again.headers["Idempotency-Replayed"] == "true"
    problem(change("quarta-Senha-777"), 422, "IDEMPOTENCY_REUSED")
    problem(colleague[1].post("/api/auth/password", {"current": HANDED_OVER, "new": "quarta-Senha-777"}), 401, "CREDENTIALS")


def test_the_current_password_is_asked(clinic, colleague):
    problem(colleague[1].post("/api/auth/password", {"current": "x" * 12, "new": "outra-Senha-1234"}), 401, "CREDENTIALS")


@pytest.mark.parametrize("new, code", [
    ("curta-1", "password_weak"), ("somente-letras-aqui", "password_weak"), ("12345678901234", "password_weak"),
    ("conta-Nova-2026-x", "password_weak"), ("senha12345", "password_common"), (HANDED_OVER, "password_same")])
def test_bad_passwords_are_refused(clinic, colleague, new, code):
    assert bad_fields(colleague[1].post("/api/auth/password", {"current": HANDED_OVER, "new": new})) == {"new": code}


def test_a_password_handed_over_opens_nothing_but_its_change(clinic):
    email = clinic.new_user("NURSE")["email"]
    client = clinic.client().login(email, HANDED_OVER)
    assert client.user["passwordMustChange"] is True
    problem(client.get("/api/patients"), 403, "PASSWORD_CHANGE")
    assert client.get("/api/auth/me").status_code == 200
    assert client.post("/api/auth/password", {"current": HANDED_OVER, "new": CHOSEN}).status_code == 204
    assert client.get("/api/patients").status_code == 200


def test_passwords_rest_as_argon2id(clinic, colleague):
    rest = clinic.store.rows("SELECT password_phc FROM app_user WHERE id = %s", _uuid(colleague[1]))[0]["password_phc"]
    assert rest.startswith("$argon2id$")


# ---- lock-out

def unlock(clinic):
    """The time passes: every locked account may try again."""
    clinic.store.change("UPDATE login_attempt SET locked_until = 1 WHERE locked_until > 0")


def test_the_delay_grows_with_every_failure(clinic, colleague):
    email, waits = colleague[0], []
    for _ in range(5):
        problem(sign_in(clinic, email, "errada-9999"), 401, "CREDENTIALS")
    for _ in range(3):
        answer = sign_in(clinic, email)   # the right one: it does not help now
        problem(answer, 429, "LOCKED_OUT")
        waits.append(int(answer.headers["Retry-After"]))
        unlock(clinic)
        problem(sign_in(clinic, email, "errada-9999"), 401, "CREDENTIALS")
    assert 20 <= waits[0] <= 30 and waits[0] < waits[1] < waits[2], waits
    assert waits[2] > 100
    unlock(clinic)
    said = sign_in(clinic, email).json()
    assert said["failures"] == 8, "the person learns of the attempts"
    assert sign_in(clinic, email).json()["failures"] == 0


def test_an_unknown_account_answers_alike(clinic, colleague):
    def story(email):
        answers = [sign_in(clinic, email, "errada-9999") for _ in range(6)]
        return [(a.status_code, {k: v for k, v in a.json().items() if k != "requestId"},
                 {k for k in a.headers if k not in ("Retry-After",)}) for a in answers]

    assert story(colleague[0]) == story(f"{people.word()}@ninguem.test")


def test_an_unknown_account_takes_as_long(clinic, colleague):
    def least_s(email):
        best = 9.0
        for _ in range(3):
            began = time.monotonic()
            sign_in(clinic, email, "errada-9999")
            best = min(best, time.monotonic() - began)
        return best

    known, unknown = least_s(colleague[0]), least_s(f"{people.word()}@ninguem.test")
    assert unknown > known / 3 and known > unknown / 3, (known, unknown)


def test_a_disabled_account_answers_like_an_unknown_one(clinic, colleague):
    me = clinic.client("admin").get(f"/api/users/{colleague[1].user['id']}").json()
    body = {"name": me["name"], "role": me["role"], "disabled": True, "version": me["version"]}
    assert clinic.client("admin").put(f"/api/users/{me['id']}", body).status_code == 200
    problem(colleague[1].get("/api/auth/me"), 401, "UNAUTHENTICATED")
    problem(sign_in(clinic, colleague[0]), 401, "CREDENTIALS")


# ---- second factor

def test_the_second_factor(clinic, colleague):
    email, client = colleague
    offer = client.post("/api/auth/totp").json()
    assert offer["uri"].startswith("otpauth://totp/") and offer["secret"] in offer["uri"]
    assert sign_in(clinic, email).status_code == 200, "not asked before it is confirmed"
    step = int(time.time()) // 30
    wrong = f"{(int(totp(offer['secret'], step)) + 1) % 1000000:06}"
    problem(client.post("/api/auth/totp/confirm", {"code": wrong}), 401, "CREDENTIALS")
    assert client.post("/api/auth/totp/confirm", {"code": totp(offer["secret"], step - 1)}).status_code == 204
    assert client.get("/api/auth/me").json()["totp"] is True
    problem(sign_in(clinic, email), 401, "TOTP_REQUIRED")
    problem(sign_in(clinic, email, totp="000000"), 401, "CREDENTIALS")
    code = totp(offer["secret"], int(time.time()) // 30)
    assert sign_in(clinic, email, totp=code).status_code == 200
    problem(sign_in(clinic, email, totp=code), 401, "CREDENTIALS")   # a code opens once
    problem(client.post("/api/auth/totp"), 409, "STATE")
    problem(client.post("/api/auth/totp/remove", {"password": "errada-9999"}), 401, "CREDENTIALS")
    assert client.post("/api/auth/totp/remove", {"password": HANDED_OVER}).status_code == 204
    assert sign_in(clinic, email).status_code == 200


def test_the_secret_rests_sealed(clinic, colleague):
    secret = base64.b32decode(colleague[1].post("/api/auth/totp").json()["secret"])
    rest = clinic.store.rows("SELECT totp_sealed FROM app_user WHERE id = %s", _uuid(colleague[1]))[0]["totp_sealed"]
    assert secret not in bytes(rest)
