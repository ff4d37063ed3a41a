"""Two stores that differ only in what a role may not see, asked the same questions side by side.

What must differ whatever is hidden is named here and nowhere else, with its reason: everything
else of an answer, its status, headers and body, has to be the same byte for byte."""
import base64
import concurrent.futures
import itertools
import json
import re
import time
import uuid

from lib.clinic import DEMO
from lib.client import Client
from lib.walk import PARAMETER, ROUTES, BY_NAME, _items, resolved, kinds, House

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
CURSOR = re.compile(r'(?<="nextCursor":")[A-Za-z0-9_-]{38}(?=")')
SEQ = re.compile(r'(?<="seq":)\d+')
KEYED = re.compile(r"\b(?:[A-Za-z0-9_-]{43,}|[A-Z2-7]{32})\b")

# What differs between two stores that are equal in every way, and why.
MUST_DIFFER = {
    "ids": "UUIDv7 hold the time and random bits; the same id has the same number on both sides",
    "times": "two stores are not written in the same millisecond",
    "cursors": "an id with a keyed token of the store behind it",
    "seq": "PostgreSQL numbers the trail's entries by the cluster's transactions; the same entry has the same number",
    "keyed": "tokens of sessions, second factors, public keys, hashes and signatures are random or keyed; their length stays",
    "Date": "the clock of the answer",
}
# Doors whose figures go by the clock or a key, not by what is stored: their shape is compared, not their values.
BY_THE_CLOCK = {
    "GET /api/audit/keys": "a key's id is a hash of the key, which is random",
    "POST /api/privacy/encrypted-extracts": "the same, and as long as what it tells; encrypted anew each time",
    "POST /api/privacy/extracts": "tells of charts by design, anonymised: test_extract.py recounts that nobody stands alone",
    "GET /health": "durations of writes, free disk and memory",
    "GET /metrics": "durations, memory, descriptors, start times",
    "GET /api/audit/heads": "batches are closed once a second: how many entries one holds goes by the clock",
    "GET /api/audit/{id}/proof": "the path through a batch is as long as the batch happens to be",
}
# Doors that answer by a whole identifier (CPF, CNS) or open a chart on purpose: they are asked about what is equal on both sides.
ONLY_EQUAL = {
    "POST /api/patients/{id}/break-glass": "opens the chart: afterwards it is not hidden from who opened it",
}


SEALED_S = 3   # after so long an entry of the trail has its signed head


class Twin(tuple):
    """The same thing in both stores: (its id in one, its id in the other)."""

    def __new__(cls, one, other):
        return super().__new__(cls, (one, other))


def sided(value, side):
    """value as the store of that side knows it."""
    if isinstance(value, Twin):
        return value[side]
    if isinstance(value, dict):
        return {k: sided(v, side) for k, v in value.items()}
    if isinstance(value, list):
        return [sided(v, side) for v in value]
    return value


class Names:
    """Numbers in the order of first sight."""

    def __init__(self):
        self.known = {}

    def __call__(self, kind, text):
        return f"<{kind} {self.known.setdefault((kind, text), len(self.known))}>"


def _in_cursor(names, text):
    """The id before the keyed token; the trail's lists have their entry's number there."""
    raw = base64.urlsafe_b64decode(text + "==")[:16]
    return names("seq", str(int.from_bytes(raw, "big"))) if raw.startswith(bytes(8)) else names("id", str(uuid.UUID(bytes=raw)))


def plain(names, text):
    """An answer's text without what must differ."""
    text = CURSOR.sub(lambda m: f"<cursor {_in_cursor(names, m[0])}>", text)
    text = SEQ.sub(lambda m: names("seq", m[0]), text)
    text = UUID.sub(lambda m: names("id", m[0]), text)
    text = TIME.sub("<time>", text)
    return KEYED.sub(lambda m: f"<keyed, {len(m[0])}>", text)


def shape(text):
    """Numbers, hashes and ids gone; a list is as its first element is."""
    def walk(value):
        if isinstance(value, dict):
            return {k: walk(v) for k, v in value.items()}
        if isinstance(value, list):
            return [walk(v) for v in value[:1]]
        return value if isinstance(value, bool) or value is None else type(value).__name__
    try:
        return json.dumps(walk(json.loads(text)))
    except ValueError:
        return "\n".join(sorted({re.sub(r"[0-9.eE+-]+$", "<n>", line) for line in text.splitlines()}))


class Pair:
    """pair.ask("reception", "GET", "/api/patients/", twin) on both, compared; the answers come back."""

    def __init__(self, one, other):
        self.servers = (one, other)
        self.names = (Names(), Names())
        self.clients = {}
        self.asked = 0
        self.pool = concurrent.futures.ThreadPoolExecutor(2)
        self.differ = []     # (what was asked, one, other)

    def client(self, who, side):
        if (who, side) not in self.clients:
            base = Client(self.servers[side].url)
            self.clients[who, side] = base.login(DEMO[who]) if who else base
        return self.clients[who, side]

    def drop(self, who):
        for side in (0, 1):
            self.clients.pop((who, side)).close()

    def send(self, who, method, path, body=None, **more):
        """path: a text, or pieces of which some are Twins.  Both answers, not compared."""
        self.asked += 1
        pieces = [path] if isinstance(path, str) else path

        def ask(side):
            headers = {"Accept-Encoding": "identity", "X-Request-Id": f"walk-{self.asked}", **more.get("headers", {})}
            sent = {"json": sided(body, side)} if body is not None else {}
            target = "".join(sided(p, side) for p in pieces)
            return self.client(who, side).request(method, target, headers=headers, **sent)
        return list(self.pool.map(ask, (0, 1)))

    def same(self, who, method, path, body=None, of=None, **more):
        """Both answers; a difference is noted."""
        answers = self.send(who, method, path, body, **more)
        shown = [self.shown(side, a, of) for side, a in enumerate(answers)]
        if shown[0] != shown[1]:
            self.differ.append((f"{who}: {method} {answers[0].request.path_url} {body if body is not None else ''}", *shown))
        return answers

    def shown(self, side, answer, of):
        clock = of in BY_THE_CLOCK and answer.status_code < 400
        lines = [f"{answer.status_code}"]
        for name, value in sorted(answer.headers.items()):
            if name == "Date" or (name == "Vary" and clock):   # a long answer varies by encoding, a short one does not
                continue
            if name == "Content-Length":   # ids and times have one length; numbers of the trail have not
                value = "as long as the body" if int(value) == len(answer.content) else value
            if name == "ETag" and clock:
                value = "<etag>"
            lines.append(f"{name}: {plain(self.names[side], value)}")
        if answer.headers.get("Content-Type") == "application/octet-stream":   # encrypted: random, of the same length
            lines.append("<sealed>" if clock else f"<sealed, {len(answer.content)}>")
            return "\n".join(lines)
        lines.append(shape(answer.text) if clock else plain(self.names[side], answer.text))
        return "\n".join(lines)

    def make(self, who, path, body):
        """POSTs to both and gives the Twin of what was made.  The caller's bodies may differ: body is a pair of them."""
        bodies = body if isinstance(body, tuple) and not isinstance(body, Twin) else (body, body)
        pieces = [path] if isinstance(path, str) else path
        made = []
        for side in (0, 1):
            answer = self.client(who, side).post("".join(sided(p, side) for p in pieces), sided(bodies[side], side))
            assert answer.status_code < 300, f"{path}: {answer.status_code} {answer.text}"
            made.append(answer.json().get("id") if answer.content else None)
        return Twin(*made)

    def do(self, who, method, path, bodies=(None, None)):
        """A change on both with bodies that may differ, as long as both succeed."""
        for side in (0, 1):
            more = {"json": sided(bodies[side], side)} if bodies[side] is not None else {}
            answer = self.client(who, side).request(method, "".join(sided(p, side) for p in path), **more)
            assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"

    def close(self):
        self.pool.shutdown()
        for client in self.clients.values():
            client.close()


class Walker(House):
    """Every door of the rows, with ids that are Twins and words that hidden fields hold."""

    def __init__(self, pair, twins, words):
        super().__init__(None)
        self.pair = pair
        self.twins = twins      # {"patients": [Twin, …], "medical-records": […]}: the last word of the collection's path
        self.words = words      # what to search for: of one side, of the other, of both
        self.listed = {}

    def candidates(self, collection, who):
        """Twins to put in place of an id, those that were made first.  Without any: what the lists of both show."""
        name = collection.rstrip("/").rsplit("/", 1)[1]
        if name not in self.twins:
            lists = BY_NAME.get(f"GET {collection}")
            roles = [r for r in DEMO if lists and self.role(r) in lists.roles]
            found = []
            for one in [who] * (who in roles) + roles:
                answers = self.pair.send(one, "GET", collection)
                items = [_items(a) for a in answers]
                found = [Twin(a["id"], b["id"]) for a, b in zip(*items) if "id" in a][:2]
                if found:
                    break
            found = found or self.made_twins(name)
            if name == "audit":
                time.sleep(SEALED_S)   # a proof asked for earlier is refused on one side or the other
            self.twins[name] = found
        return self.twins[name]

    def made_twins(self, name):
        """What no list shows is made: by the first who may, in the first place that takes it."""
        for maker in (r for r in ROUTES if r.method == "POST" and r.in_type() and r.path.rsplit("/", 1)[1] == name):
            for who in (w for w in DEMO if self.role(w) in maker.roles):
                for way, variant in itertools.product(self.pathways(maker, who)[:3], range(4)):
                    answers = self.pair.send(who, "POST", way, self.body(maker.body_schema(), self.role(who), variant))
                    if all(a.status_code == 201 and "id" in a.json() for a in answers):
                        return [Twin(*(a.json()["id"] for a in answers))]
        return []

    @staticmethod
    def role(who):
        return {"root": "SUPERADMIN", "doctor2": "DOCTOR", "reception": "RECEPTIONIST", "admin_other": "ADMIN",
                "doctor_other": "DOCTOR"}.get(who, (who or "nobody").upper())

    def named_id(self, name, role, variant, other=False):
        plural = re.sub(r"Id$", "", name) + "s"
        path = next((r.path for r in ROUTES if r.method == "GET" and r.path.rsplit("/", 1)[1] == plural), None)
        found = self.candidates(path, "admin") if path else []
        nobody = "018cc251-f400-7000-8000-000000000001"
        return found[variant % len(found)] if found else Twin(nobody, nobody)

    def pathways(self, route, who):
        """The door's path with every candidate in place of its id, as pieces."""
        if not route.parameters:
            return [[route.path]]
        ways = [[]]
        rest = route.path
        for name, text in route.parameters:
            match = PARAMETER.search(rest)
            before, rest = rest[:match.start()], rest[match.end():]
            collection = route.path[:route.path.index("{") - 1]
            if text:
                values = self.texts_of(collection, name)
            elif name == "id":
                values = self.candidates(collection, who)
            else:
                values = [self.named_id(name, "ADMIN", 0)]
            assert values, f"{route}: no id to try; give {collection.rsplit('/', 1)[1]} to the walker"
            if route.name in ONLY_EQUAL:
                values = values[-1:]
            ways = [way + [before, v] for way in ways for v in values]
        return [way + [rest] for way in ways]

    def texts_of(self, collection, name):
        key = (collection, name)
        if key not in self.listed:
            said = _items(self.pair.send("doctor", "GET", collection)[0])
            self.listed[key] = [i[name] for i in said if name in i][:1]
        return self.listed[key]

    def queries(self, route, who):
        """Each parameter with each kind of value, one at a time, beside what the door demands; a search also within
        what an id narrows it to, which may be another statement."""
        schemas = route.query_schemas()
        needed = [f"{n}={self.query_value(n, s)[0]}" for n, s in route.query_schemas(needed=True).items()]
        yield needed
        for name, schema in schemas.items():
            values = self.query_value(name, schema)
            for value in values if route.audit else values[:1]:   # no person's data behind the others
                yield [q for q in needed if not q.startswith(f"{name}=")] + [(f"{name}=", value)]
        for name in (n for n in schemas if n == "q" and route.audit):
            for other in (n for n, s in schemas.items() if resolved(s).get("format") == "uuid"):
                for word in self.words[:2]:
                    yield [*needed, (f"{other}=", self.query_value(other, schemas[other])[0]), (f"{name}=", word)]

    def query_value(self, name, schema):
        schema = resolved(schema)
        choices = [c for c in schema.get("enum", ()) if c is not None]
        kind, form = kinds(schema)[0], schema.get("format", "")
        if choices:
            return choices
        if name == "cursor":
            return ["x"]
        if form == "uuid":
            found = self.named_id(name if name.endswith("Id") else {"subject": "patientId", "actor": "userId"}.get(name, name),
                                  "ADMIN", 0)
            return [found]
        if form == "date-time":
            return ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"]
        if form == "date":
            return ["1990-05-17"]
        if kind == "boolean":
            return ["true", "false"]
        if kind == "integer":
            return ["1", "100"]
        return self.words

    def read(self, route, who):
        for way in self.pathways(route, who):
            for query in self.queries(route, who):
                pieces = list(way)
                for i, part in enumerate(query):
                    pieces += ["?" if i == 0 else "&", *([part] if isinstance(part, str) else part)]
                answers = self.pair.same(who, route.method, pieces, of=route.name)
                for answer in answers[:1]:
                    if "ETag" in answer.headers:
                        self.pair.same(who, route.method, pieces, of=route.name,
                                       headers={"If-None-Match": answer.headers["ETag"]})
                if route.operation and answers[0].status_code == 200 and any(
                        a.headers["Content-Type"].startswith("application/json") and a.json().get("nextCursor")
                        for a in answers):
                    self.follow(route, who, pieces, answers)

    def follow(self, route, who, pieces, answers):
        """The pages behind the first, at most two."""
        for _ in range(2):
            cursors = [a.json().get("nextCursor") for a in answers]
            if not all(cursors):
                return
            bare = [p for p in pieces]
            sep = "&" if any(isinstance(p, str) and p == "?" for p in bare) else "?"
            answers = self.pair.same(who, route.method, [*bare, sep, "cursor=", Twin(*cursors)], of=route.name)
            if any(a.status_code != 200 for a in answers):
                return

    def write(self, route, who):
        role = self.role(who)
        for way in self.pathways(route, who)[:3]:
            variants = range(2 if route.in_type() else 1)
            for variant in variants:
                body = self.body(route.body_schema(), role, variant) if route.in_type() else None
                if body and "version" in body:
                    body["version"] = self.version(route, way) or 1
                self.pair.same(who, route.method, way, body, of=route.name)
            if route.in_type():
                self.pair.same(who, route.method, way, {"zzUnknown": 1}, of=route.name)

    def version(self, route, way):
        """The version there is, as somebody who sees the thing says; nobody: 1."""
        for who in ("doctor2", "admin", "dpo"):
            said = self.pair.send(who, "GET", way)[0]
            if said.status_code == 200 and said.headers["Content-Type"].startswith("application/json"):
                return said.json().get("version")
        return None


def readers(who):
    return [r for r in ROUTES if not r.writes and (r.public or Walker.role(who) in r.roles)]


def writers(who):
    order = {"POST": 0, "PUT": 1, "PATCH": 1, "DELETE": 2}
    ends = ("logout", "/password", "/totp", "/sessions")
    found = [r for r in ROUTES if r.writes and not r.public and Walker.role(who) in r.roles]
    last = [r for r in found if any(e in r.path for e in ends)]
    return sorted((r for r in found if r not in last), key=lambda r: order[r.method]), last


def refused(who):
    return [r for r in ROUTES if not r.public and Walker.role(who) not in r.roles]


__all__ = ["itertools", "Pair", "Twin", "Walker", "readers", "writers", "refused"]
