"""Every route, role and engine against its row."""
import itertools
import re
import subprocess
import time
import uuid

import pytest

from lib.client import bad_fields, problem
from lib.clinic import Clinic
from lib.server import Plantao, binary
from lib.walk import DOCUMENT, PARAMETER, ROUTES, WHO, House, bad_query_value, check_answer, resolved, wrong_type

# A door whose success takes what no schema can say counts as reached by its own refusal.
REACHED_BY = {
    "POST /api/auth/login": "CREDENTIALS",
    "POST /api/auth/password": "CREDENTIALS",
    "POST /api/auth/totp/confirm": "CREDENTIALS",
    "POST /api/auth/totp/remove": "CREDENTIALS",
    "POST /api/patients/locate": "NOT_FOUND",
    "POST /api/hansen/calculators/{name:text}": "INVALID",
}

guarded = pytest.mark.parametrize("route", [r for r in ROUTES if not r.public], ids=repr)
with_ids = pytest.mark.parametrize("route", [r for r in ROUTES if r.ids], ids=repr)
with_body = pytest.mark.parametrize("route", [r for r in ROUTES if "properties" in (r.body_schema() or ())], ids=repr)
every = pytest.mark.parametrize("route", ROUTES, ids=repr)


# ---- the rows among themselves

def plain(path):
    return PARAMETER.sub(r"{\1}", path)


def test_the_document_has_exactly_the_routes():
    documented = {f"{method.upper()} {path}" for path, item in DOCUMENT["paths"].items() for method in item}
    assert documented == {f"{r.method} {plain(r.path)}" for r in ROUTES}


def test_every_unsafe_door_has_a_quota():
    assert [r.name for r in ROUTES if r.writes and not r.rate] == ["POST /api/auth/logout"]


def test_only_doors_without_persons_go_unrecorded():
    for route in ROUTES:
        assert route.audit or not (route.ids or route.writes), route


@pytest.fixture(scope="module")
def matrix(tmp_path_factory):
    """docs/permissions.md as {permission: roles}."""
    made = tmp_path_factory.mktemp("docs")
    subprocess.run([binary(), "docs", made], check=True)
    lines = [line for line in (made / "permissions.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    roles = [c.strip() for c in lines[0].split("|")[2:-1]]
    rows = {}
    for line in lines[1:]:
        cells = [c.strip() for c in line.split("|")[1:-1]]
        if len(cells) == len(roles) + 1:
            rows[cells[0]] = {role for role, cell in zip(roles, cells[1:]) if cell}
    return rows


@guarded
def test_the_matrix_says_who_may(route, matrix):
    assert matrix[route.permission] == set(route.roles)


# ---- who may not

@guarded
def test_nobody_is_let_in(house, route):
    answer = house.ask(route, house.dummy_path(route))
    problem(answer, 401, "UNAUTHENTICATED")
    house.check_trail(route, answer, "access.refused")


@guarded
def test_no_other_role_is_let_in(house, route, matrix):
    for role in sorted(set(WHO) - matrix[route.permission]):
        answer = house.ask(route, house.dummy_path(route), role)
        problem(answer, 403, "FORBIDDEN")
        check_answer(route, answer)
        house.check_trail(route, answer)


@with_ids
def test_another_tenant_is_not_there(house, route):
    if set(route.roles) == {"SUPERADMIN"}:
        assert route.permission == "TENANT_ADMIN"   # the platform's own doors have no other side
        return
    role = route.roles[0]
    for path in itertools.islice(house.paths(route, "ADMIN", other=True), 1):
        body = house.body(route.body_schema(), role, 1) if route.in_type() else None
        answer = house.ask(route, path, role, body)
        problem(answer, 404, "NOT_FOUND")
        check_answer(route, answer)
        house.check_trail(route, answer)


# ---- who acts now

# Accounts, institutions, what the data-protection officer decides, the second factor, whole charts leaving.
CRITICAL = {"POST /api/users", "PUT /api/users/{id}", "POST /api/users/{id}/resets", "POST /api/resets/{id}/decision",
            "DELETE /api/patients/{id}", "POST /api/patients/{id}/restore", "POST /api/tenants", "PUT /api/tenants/{id}",
            "POST /api/privacy/terms", "POST /api/privacy/requests/{id}/decide", "POST /api/privacy/extracts",
            "POST /api/auth/totp", "POST /api/auth/totp/confirm", "POST /api/auth/totp/remove", "GET /api/patients/{id}/export", "POST /api/patients/{id}/encrypted-export",
            "POST /api/privacy/encrypted-extracts"}


def test_the_critical_acts_are_these():
    assert {r.name for r in ROUTES if r.recentSignIn} == CRITICAL


@pytest.mark.parametrize("route", [r for r in ROUTES if r.recentSignIn], ids=repr)
def test_a_critical_act_asks_for_a_sign_in_of_now(house, route):
    client = house.clinic.client().login(house.clinic.emails[WHO[route.roles[0]]])
    mine = next(s["id"] for s in client.get("/api/auth/sessions").json()["items"] if s["current"])
    minutes = house.clinic.server.settings["reauthentication_minutes"]
    aged = "UPDATE session SET created_at = created_at - %s WHERE id = %s"
    house.clinic.store.change(aged, minutes * 60000, uuid.UUID(mine))
    answer = client.request(route.method, house.dummy_path(route))
    problem(answer, 401, "REAUTHENTICATION_REQUIRED")
    assert answer.headers["WWW-Authenticate"] == f'Bearer error="insufficient_user_authentication", max_age="{minutes * 60}"'
    check_answer(route, answer)
    house.check_trail(route, answer)
    assert client.get("/api/auth/me").status_code == 200, "the session lives on"
    house.clinic.store.change(aged, -60000, uuid.UUID(mine))
    assert "REAUTHENTICATION" not in client.request(route.method, house.dummy_path(route)).text


# ---- who may

@every
def test_each_role_that_may_gets_through(house, route):
    reached = []
    for role in route.roles if not route.public else ["ADMIN"]:
        for answer in house.attempts(route, role):
            check_answer(route, answer)
            house.check_trail(route, answer)
            code = "" if answer.status_code < 300 else answer.json()["code"]
            reached.append(code)
            assert code not in ("FORBIDDEN", "UNAUTHENTICATED"), f"{role} may, but is refused"
    assert REACHED_BY.get(route.name, "") in reached, f"{route}: never a success, only {set(reached)}"


# ---- bad input

def refused(house, route, fields, body=None, path=None):
    role = route.roles[0] if not route.public else None
    answer = house.ask(route, path or house.dummy_path(route), role, body)
    named = bad_fields(answer)
    assert set(named) == set(fields), f"{route}: {answer.request.body or answer.request.path_url}"
    check_answer(route, answer)
    house.check_trail(route, answer)
    return named


@with_body
def test_every_wrong_type_is_named(house, route):
    properties = route.body_schema()["properties"]
    named = refused(house, route, properties, {name: wrong_type(s) for name, s in properties.items()})
    assert set(named.values()) == {"type"}


@with_body
def test_every_missing_and_unknown_member_is_named(house, route):
    needed = route.body_schema().get("required", [])
    named = refused(house, route, [*needed, "zzUnknown", "zzOther"], {"zzUnknown": 1, "zzOther": None})
    assert set(named.values()) == ({"required", "unknown"} if needed else {"unknown"})


@with_body
def test_every_overlong_or_foreign_value_is_named(house, route):
    schema, role = route.body_schema(), route.roles[0]
    body, bad = house.body(schema, role, 1), set()
    for name, s in schema["properties"].items():
        s = resolved(s)
        if "enum" in s or s.get("format") in ("uuid", "date", "date-time", "cpf", "cns", "cnpj", "email", "phone", "weight", "cnes", "municipality"):
            body[name] = "~"
        elif "maxLength" in s:
            body[name] = "a" * (s["maxLength"] + 1)
        elif "minimum" in s:
            body[name] = s["minimum"] - 1
        else:
            continue
        bad.add(name)
    if bad:
        refused(house, route, bad, body)
    else:
        assert not any(resolved(s).get("type") == "string" and "maxLength" in s for s in schema["properties"].values())


@every
def test_every_bad_parameter_is_named(house, route):
    bad = {name: value for name, s in route.query_schemas().items() if (value := bad_query_value(s)) is not None}
    query = "&".join(f"{name}={value}" for name, value in {**bad, "zzUnknown": "1"}.items())
    role = None if route.public else route.roles[0]
    body = house.body(route.body_schema(), role or "ADMIN", 1) if route.in_type() else None
    answer = house.ask(route, f"{house.dummy_path(route)}?{query}", role, body)
    assert set(bad_fields(answer)) == {*bad, "zzUnknown"}
    house.check_trail(route, answer)


@with_ids
def test_every_bad_id_is_named(house, route):
    refused(house, route, route.ids, path=PARAMETER.sub("x", route.path))


# ---- quotas

def test_every_door_has_its_quota():
    """One reading and one writing a minute: whatever the door, the second is refused."""
    settings = {"rate_limit_read_per_min": 1, "rate_limit_write_per_min": 1, "rate_limit_ask_per_min": 1,
                "rate_limit_address_factor": 10000}
    with Plantao(settings=settings) as server:
        house = House(Clinic(server))
        for route in (r for r in ROUTES if r.rate in ("read", "write", "ask")):
            role, deadline = route.roles[0], time.monotonic() + 30
            while (answer := house.ask(route, house.dummy_path(route), role)).status_code != 429:
                assert time.monotonic() < deadline, f"{route} is never refused"
            problem(answer, 429, "RATE")
            assert 1 <= int(answer.headers["Retry-After"]) <= 60
            assert re.fullmatch(r'"(read|write|ask)";r=0;t=\d+', answer.headers["RateLimit"])
            assert answer.headers["RateLimit-Policy"] == f'"{route.rate}";q=1;w=60'
            assert house.clinic.audit(answer) == [], "a flood must not fill the trail"
        house.clinic.close()
