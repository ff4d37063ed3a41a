"""HTTP as a user of the API sees it: a base address, a token, and answers that are checked as a matter of course."""
import requests

PASSWORD = "plantao-demo-2026"
USERS = {
    "root": "root@demo.test",
    "admin": "admin@demo.test",
    "doctor": "doctor@demo.test",
    "doctor2": "doctor2@demo.test",
    "nurse": "nurse@demo.test",
    "patient": "patient@demo.test",
    "auditor": "auditor@demo.test",
    "admin_other": "admin@demo2.test",
    "doctor_other": "doctor@demo2.test",
}
TIMEOUT_S = 30


class Client:
    """client.get("/api/auth/me"); the session keeps connections open, but no cookies: identity is the token alone."""

    def __init__(self, base, token=None, user=None):
        self.base = base
        self.token = token
        self.user = user or {}
        self.session = requests.Session()
        self.session.trust_env = False   # no proxy of the machine between us and loopback
        self.session.cookies.set_policy(_NoCookies())

    def request(self, method, path, token=..., headers=None, **more):
        """token=None asks as nobody.  Any answer is returned; the test says what it expects."""
        sent = dict(headers or {})
        token = self.token if token is ... else token
        if token:
            sent.setdefault("Authorization", f"Bearer {token}")
        more.setdefault("timeout", TIMEOUT_S)
        more.setdefault("allow_redirects", False)
        return self.session.request(method, self.base + path, headers=sent, **more)

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, json=body, **more)

    def put(self, path, body=None, **more):
        return self.request("PUT", path, json=body, **more)

    def patch(self, path, body=None, **more):
        return self.request("PATCH", path, json=body, **more)

    def delete(self, path, **more):
        return self.request("DELETE", path, **more)

    def login(self, email, password=PASSWORD, **more):
        """A new Client signed in as email; fails the test when the server refuses."""
        answer = self.post("/api/auth/login", {"email": email, "password": password, **more}, token=None)
        assert answer.status_code == 200, f"login {email}: {answer.status_code} {answer.text}"
        said = answer.json()
        return Client(self.base, said["token"], said["user"])

    def pages(self, path, **query):
        """Every item of a list, page by page."""
        seen, cursor = set(), None
        while True:
            answer = self.get(path, params={**query, **({"cursor": cursor} if cursor else {})})
            assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
            page = answer.json()
            yield from page["items"]
            cursor = page["nextCursor"]
            if not cursor:
                return
            assert cursor not in seen, f"{path}: the cursor {cursor} came twice"
            seen.add(cursor)

    def close(self):
        self.session.close()

    __del__ = close   # a client that a test drops takes its connection with it


class _NoCookies(requests.cookies.cookielib.DefaultCookiePolicy):
    def set_ok(self, cookie, request):
        return False


def problem(answer, status, code=None):
    """Asserts an RFC 9457 answer and returns its body."""
    assert answer.status_code == status, f"{answer.status_code}, not {status}: {answer.text}"
    assert answer.headers["Content-Type"].split(";")[0] == "application/problem+json", answer.headers
    body = answer.json()
    for member in ("type", "title", "status", "code", "requestId"):
        assert member in body, f"no {member} in {body}"
    assert body["status"] == status
    assert body["requestId"] == answer.headers["X-Request-Id"]
    if code is not None:
        assert body["code"] == code, body
    return body


def bad_fields(answer):
    """The fields a 422 names, each with its code."""
    body = problem(answer, 422)
    return {e["field"]: e["code"] for e in body.get("errors", [])}
