"""A clinic with an account of every role: the demo, or an installation made by `plantao init`
whose accounts were made over the API.  Tests do not see the difference."""
import functools
import uuid

from . import people
from .client import PASSWORD, USERS, Client
from .server import Plantao
from .store import Store

DEMO = {**USERS, "dpo": "dpo@demo.test", "reception": "reception@demo.test"}
ROLES = {
    "root": "SUPERADMIN",
    "admin": "ADMIN",
    "doctor": "DOCTOR",
    "doctor2": "DOCTOR",
    "nurse": "NURSE",
    "reception": "RECEPTIONIST",
    "patient": "PATIENT",
    "auditor": "AUDITOR",
    "dpo": "DPO",
    "admin_other": "ADMIN",
    "doctor_other": "DOCTOR",
}
HANDED_OVER, CHOSEN = "entregue-Uma-2026", "escolhida-Outra-2026"


class Clinic:
    """clinic.client("doctor").get("/api/patients"); clinic.audit(answer) is what the trail says of it."""

    def __init__(self, server, postgres=None):
        self.server = server
        self.store = Store(server, postgres)
        self.emails, self.password = dict(DEMO), PASSWORD
        self._clients = {None: Client(server.url)}

    def client(self, who=None):
        if who not in self._clients:
            self._clients[who] = self.fresh(who)
        return self._clients[who]

    def drop(self, who):
        """Its session is over; the next client() signs in anew."""
        self._clients.pop(who).close()

    def fresh(self, who):
        """A session of its own, which may be ended."""
        return self.client().login(self.emails[who], self.password)

    def close(self):
        for client in self._clients.values():
            client.close()

    @functools.cached_property
    def own_patient(self):
        """The patient whom the account `patient` belongs to; the doctor and the nurse care for him."""
        return self.client("patient").user["patientId"]

    def user(self, who):
        return self.client(who).user["id"]

    # ---- things to work with
    def new_patient(self, by="doctor", **more):
        return self._created(by, "/api/patients", people.patient(**more))

    def new_record(self, by="doctor", patient=None, **more):
        return self._created(by, "/api/medical-records", people.record(patient or self.new_patient(by)["id"], **more))

    def new_user(self, role="DOCTOR", **more):
        body = {"email": f"{people.word()}@clinica.test", "name": "Conta Nova", "role": role, "password": HANDED_OVER}
        return self._created("admin", "/api/users", {**body, **more})

    def open_account(self, admin, who, role):
        """An account that the clinic came without, its password taken already."""
        self.emails[who] = f"{people.word()}@clinica.test"
        user = self._created(admin, "/api/users", {"email": self.emails[who], "name": "Conta Nova", "role": role,
                                                   "password": self.password})
        self.store.change("UPDATE app_user SET password_must_change = 0 WHERE id = %s", uuid.UUID(user["id"]))

    def _created(self, by, path, body):
        answer = self.client(by).post(path, body)
        assert answer.status_code == 201, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    # ---- the trail
    def audit(self, answer):
        return self.store.audit(answer.headers["X-Request-Id"])

    def audit_one(self, answer):
        entries = self.audit(answer)
        assert len(entries) == 1, f"{len(entries)} entries for {answer.request.method} {answer.request.path_url}"
        assert entries[0]["status"] == answer.status_code
        return entries[0]


class Installation(Clinic):
    """What `plantao init` made: no demo account, every other account handed over and then taken."""

    def __init__(self, server, postgres=None):
        super().__init__(server, postgres)
        self.emails, self.password = {who: _address(who) for who in ROLES}, CHOSEN

    def furnish(self):
        for admin, whom in (("admin", ("doctor", "doctor2", "nurse", "reception", "auditor", "dpo")),
                            ("admin_other", ("doctor_other",))):
            for who in whom:
                self._account(admin, who)
        self._take("root")
        patient = self.new_patient("doctor")
        caring = self.client("doctor").post(f"/api/patients/{patient['id']}/care", {"userId": self.user("nurse")})
        assert caring.status_code == 204, caring.text
        self._account("admin", "patient", patientId=patient["id"])
        return self

    def _account(self, admin, who, **more):
        made = self.client(admin).post("/api/users", {"email": self.emails[who], "name": f"Conta {ROLES[who]}",
                                                      "role": ROLES[who], "password": HANDED_OVER, **more})
        assert made.status_code == 201, made.text
        self._take(who)

    def _take(self, who):
        """The first sign-in with the password handed over, and the change it asks for."""
        client = self.client().login(self.emails[who], HANDED_OVER)
        changed = client.post("/api/auth/password", {"current": HANDED_OVER, "new": CHOSEN})
        assert changed.status_code == 204, changed.text
        self._clients[who] = client


def _address(who):
    name, _, other = who.partition("_")
    return f"{name}@{'vizinha' if other else 'aurora'}.test"


def _run(server, *arguments):
    done = server.run(*arguments)
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"


def installed(database_url=None, **more):
    """A server, not started, on a database where `plantao init` has made two institutions."""
    server = Plantao(database_url, demo=False, **more)
    for name, text in (("chosen", CHOSEN), ("handed-over", HANDED_OVER)):
        (server.dir / name).write_text(text + "\n", encoding="utf-8")
    for tenant, admin in (("aurora", "admin"), ("vizinha", "admin_other")):
        _run(server, "init", "--tenant", tenant, "--admin", _address(admin), "--password-file", server.dir / "chosen")
    _run(server, "user", "add", "--tenant", "aurora", "--email", _address("root"), "--name", "Raiz",
         "--role", "SUPERADMIN", "--password-file", server.dir / "handed-over")
    return server
