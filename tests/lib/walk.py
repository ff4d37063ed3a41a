"""The walker: it knows no feature.  What a door takes, gives, demands and records it reads from
`plantao routes --json` and `plantao openapi`; values it makes from the schemas."""
import itertools
import json
import re
import subprocess
import time

import jsonschema

from . import people
from .server import binary

WHO = {"SUPERADMIN": "root", "ADMIN": "admin", "DOCTOR": "doctor", "NURSE": "nurse", "RECEPTIONIST": "reception",
       "PATIENT": "patient", "AUDITOR": "auditor", "DPO": "dpo"}
PARAMETER = re.compile(r"\{(\w+)(:text)?\}")
ATTEMPTS = 8
# What undoes something is tried on what has just been done.
BEFORE = {
    "POST /api/patients/{id}/restore": "DELETE /api/patients/{id}",
    "POST /api/medical-records/{id}/restore": "DELETE /api/medical-records/{id}",
    "DELETE /api/patients/{id}/care/{userId}": "POST /api/patients/{id}/care",
    "DELETE /api/hansen/cases/{id}/doses/last": "POST /api/hansen/cases/{id}/doses",
    "POST /api/hansen/cases/{id}/reopen": "POST /api/hansen/cases/{id}/discharge",
}
# What the spine may answer at any door that is not open to everybody.
SPINE = {"UNAUTHENTICATED", "REAUTHENTICATION_REQUIRED", "FORBIDDEN", "INVALID", "MALFORMED", "MEDIA_TYPE", "TOO_LARGE", "RATE", "STORE_UNAVAILABLE"}


def _printed(*arguments):
    return json.loads(subprocess.run([binary(), *arguments], capture_output=True, check=True, text=True).stdout)


DOCUMENT = _printed("openapi")


class Route:
    def __init__(self, row):
        self.__dict__.update(row)
        self.name = f"{self.method} {self.path}"
        self.parameters = [(m[1], bool(m[2])) for m in PARAMETER.finditer(self.path)]
        self.ids = [name for name, text in self.parameters if not text]
        self.operation = DOCUMENT["paths"].get(PARAMETER.sub(r"{\1}", self.path), {}).get(self.method.lower())
        self.public = self.permission == "PUBLIC"

    def __repr__(self):
        return self.name

    def in_type(self):
        return self.__dict__["in"]

    def body_schema(self):
        body = (self.operation or {}).get("requestBody")
        return resolved(body["content"]["application/json"]["schema"]) if body else None

    def query_schemas(self, needed=False):
        return {p["name"]: p["schema"] for p in self.operation["parameters"]
                if p["in"] == "query" and (p["required"] or not needed)}


ROUTES = [Route(row) for row in _printed("routes", "--json")]
BY_NAME = {r.name: r for r in ROUTES}


def resolved(schema):
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def kinds(schema):
    kind = schema.get("type", "object")
    return [kind] if isinstance(kind, str) else [k for k in kind if k != "null"]


def check_answer(route, answer):
    """Only declared statuses and codes, and bodies of the declared shape."""
    said = route.operation["responses"].get(str(answer.status_code))
    assert said, f"{route} answers {answer.status_code}, which it does not declare: {answer.text[:300]}"
    kind = answer.headers.get("Content-Type", "").split(";")[0]
    shapes = {k.split(";")[0]: v["schema"] for k, v in said.get("content", {}).items()}
    if not shapes:
        assert not answer.content, f"{route} gives a body it does not declare"
        return
    assert kind in shapes, f"{route} answers {kind}, declared are {list(shapes)}"
    if kind.endswith("json"):
        resolver = jsonschema.RefResolver("", DOCUMENT)
        jsonschema.Draft202012Validator(shapes[kind], resolver=resolver).validate(answer.json())
    if answer.status_code >= 400:
        assert answer.json()["code"] in SPINE | set(route.errors), f"{route}: undeclared {answer.json()['code']}"


class House:
    """A clinic's accounts by role, and ids of every collection by whoever may see or make them."""

    def __init__(self, clinic):
        self.clinic = clinic
        self.named = {}

    # ---- asking
    def client(self, role, other=False):
        return self.clinic.client(WHO[role] + ("_other" if other else ""))

    def ask(self, route, path, role=None, body=None, other=False):
        """role None asks as nobody.  A session that an earlier call ended is made anew."""
        more = {"json": body} if body is not None else {}
        client = self.client(role, other) if role else self.clinic.client()
        answer = client.request(route.method, path, **more)
        if role and answer.status_code == 401 and answer.json()["code"] == "UNAUTHENTICATED":
            self.clinic.drop(WHO[role])
            answer = self.client(role, other).request(route.method, path, **more)
        return answer

    def check_trail(self, route, answer, event=None):
        entries = self.clinic.audit(answer)
        wanted = [(event or route.audit, answer.status_code)] if route.audit else []
        assert [(e["event"], e["status"]) for e in entries] == wanted, f"{route}: the trail's entries"

    # ---- values
    def value(self, schema, name, role, variant, other=False):
        schema = resolved(schema)
        choices = [c for c in schema.get("enum", ()) if c is not None]
        if choices:
            return choices[variant % len(choices)]
        kind, form = kinds(schema)[0], schema.get("format", "")
        if kind == "object":
            return self.body(schema, role, variant, other)
        if kind == "array":
            return [self.value(schema["items"], name, role, variant, other)]
        if kind == "boolean":
            return False
        if kind == "integer":
            return schema.get("minimum", 1)
        makers = {"uuid": lambda: self.named_id(name, role, variant, other), "cpf": people.cpf, "cns": people.cns,
                  "email": lambda: f"{people.word()}@clinica.test", "phone": lambda: "81988880101",
                  "cnpj": lambda: "11222333000181", "cep": lambda: "50030230", "date": lambda: "1990-05-17",
                  "weight": lambda: "62.5", "cnes": lambda: "2752700", "municipality": lambda: "2611606",
                  "date-time": lambda: ("2026-01-02T03:04:05Z", "2099-01-02T03:04:05Z")[variant % 2]}
        return makers[form]() if form in makers else _text(schema, name)

    def body(self, schema, role, variant, other=False):
        """Even variants: what is required, and the version; odd ones: everything."""
        properties = schema.get("properties", {})
        needed = set(schema.get("required", ())) | {"version"} | ({"cpf"} if {"cpf", "cns"} <= set(properties) else set())
        inside = {name: variant if kinds(resolved(s))[0] == "object" else variant // 2 for name, s in properties.items()}
        return {name: self.value(s, name, role, inside[name], other) for name, s in properties.items()
                if variant % 2 or name in needed}

    # ---- ids
    def named_id(self, name, role, variant, other=False):
        """patientId → one of /api/patients, termId → one of /api/privacy/terms; the same each time."""
        key = (name, role, other)
        if not self.named.get(key):
            plural = re.sub(r"Id$", "", name) + "s"
            path = next((r.path for r in ROUTES if r.method == "GET" and r.path.rsplit("/", 1)[1] == plural), None)
            self.named[key] = list(itertools.islice(self.ids(path, role, other), 2)) if path else []
        found = self.named[key]
        return found[variant % len(found)] if found else people.nobody()

    def ids(self, collection, role, other=False):
        """Candidates, the most promising first: made by the role, seen by it, made or seen by another."""
        last = collection.rsplit("/", 1)[1]
        makers = [r for r in ROUTES if r.method == "POST" and r.in_type() and r.path.rsplit("/", 1)[1] == last]
        lists = BY_NAME.get(f"GET {collection}")
        for who in [role] + [r for r in WHO if r != role]:
            if other and f"{WHO[who]}_other" not in self.clinic.emails:
                continue
            for maker in (m for m in makers if who in m.roles):
                yield from self.made(maker, who, other)
            if lists and who in lists.roles and not lists.parameters:
                yield from [i["id"] for i in _items(self.ask(lists, collection, who, other=other)) if "id" in i][:2]

    def made(self, route, role, other):
        paths = itertools.islice(self.paths(route, role, other), 5)
        for variant, path in enumerate(path for path in paths for _ in range(2)):
            answer = self.ask(route, path, role, self.body(route.body_schema(), role, variant, other), other)
            if answer.status_code == 201 and "id" in answer.json():
                return [answer.json()["id"]]
        return []

    def paths(self, route, role, other=False):
        """Filled paths to try at a route, in order of promise."""
        if not route.parameters:
            yield self.with_query(route, route.path, role)
            return
        (first, text), rest = route.parameters[0], route.parameters[1:]
        collection = route.path[:route.path.index("{") - 1]
        any_id = False
        for value in self.texts(collection, first, role) if text else self.ids(collection, role, other):
            any_id = True
            path = route.path.replace(PARAMETER.search(route.path)[0], str(value), 1)
            for name, _ in rest:
                path = path.replace(PARAMETER.search(path)[0], self.named_id(name, "ADMIN", 0, other), 1)
            yield self.with_query(route, path, role)
        assert any_id, f"nothing to try {route} on"

    def with_query(self, route, path, role):
        needed = {n: self.value(s, n, role, 0) for n, s in route.query_schemas(needed=True).items()}
        return path + ("?" + "&".join(f"{n}={v}" for n, v in needed.items()) if needed else "")

    def texts(self, collection, name, role):
        lists = BY_NAME.get(f"GET {collection}")
        return [i[name] for i in _items(self.ask(lists, collection, role)) if name in i][:2] if lists else ["x"]

    def dummy_path(self, route):
        return PARAMETER.sub(lambda m: "x" if m[2] else people.nobody(), route.path)

    # ---- carrying out
    def attempts(self, route, role):
        """Calls of a role that may, until one succeeds: each path with what is required, then with everything."""
        tries = ((path, variant) for path in self.paths(route, role) for variant in range(2 if route.in_type() else 1))
        for number, (path, _) in enumerate(itertools.islice(tries, ATTEMPTS)):
            self.do_before(route, path, role)
            body = None
            if route.in_type():
                body = self.body(route.body_schema(), role, number)
                if route.method == "PUT":
                    body.update(self.current(route, path, role, body))
            answer = self.ask(route, path, role, body)
            yield answer
            if answer.status_code >= 300 and "Retry-After" in answer.headers:   # it says itself when it will be there
                time.sleep(min(int(answer.headers["Retry-After"]), 3))
                answer = self.ask(route, path, role, body)
                yield answer
            if answer.status_code < 300:
                return

    def do_before(self, route, path, role):
        if route.name in BEFORE:
            first = BY_NAME[BEFORE[route.name]]
            named = {m[1]: value for word, value in zip(route.path.split("/"), path.split("?")[0].split("/"))
                     if (m := PARAMETER.match(word))}
            body = self.body(first.body_schema(), role, 0) if first.in_type() else None
            if body:
                body.update({k: v for k, v in named.items() if k in body})
            self.ask(first, PARAMETER.sub(lambda m: named[m[1]], first.path), role, body)

    def current(self, route, path, role, body):
        """What stands there now, so that a correction corrects nothing it does not mean."""
        reads = BY_NAME.get(f"GET {route.path}")
        if reads:
            now = self.ask(reads, path, role).json()
        else:
            collection = route.path[:route.path.index("{") - 1]
            items = _items(self.ask(BY_NAME[f"GET {collection}"], collection, role))
            now = next((i for i in items if i["id"] == path.rsplit("/", 1)[1]), {})
        hidden = now.get("masked") or ()
        return {k: now[k] for k in body if now.get(k) is not None and k not in hidden}


def _items(answer):
    if answer.status_code != 200:
        return []
    said = answer.json()
    return next((v for v in said.values() if isinstance(v, list) and v and isinstance(v[0], dict)), [])


def _text(schema, name):
    if "password" in name.lower() or name in ("new", "current"):
        return f"{people.word()}-7A"
    text = people.word()
    least, most = schema.get("minLength", 0), schema.get("maxLength", 10000)
    return (text + "x" * least)[:max(least, min(len(text), most))]


def wrong_type(schema):
    kind = kinds(resolved(schema))[0]
    return {"string": 7, "integer": "x", "boolean": "x", "array": "x", "object": "x"}[kind]


def bad_query_value(schema):
    """A text that the parameter refuses, or None where any text will do."""
    schema = resolved(schema)
    if kinds(schema)[0] in ("integer", "boolean") or "enum" in schema or schema.get("format"):
        return "~"
    return "a" * (schema["maxLength"] + 1) if "maxLength" in schema else None

