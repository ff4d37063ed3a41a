"""Reports are read on a standby: what it may not answer the primary does, whatever becomes of it."""
import contextlib
import re
import socket
import threading
import time
import types
import uuid

import pytest

from lib import people
from lib.client import Client
from lib.postgres import Postgres, Standby
from lib.server import Plantao
from lib.store import Store

pytestmark = pytest.mark.engine("postgres")
MAX_AGE_MS = 2500
INDICATORS = "/api/hansen/indicators?from=2025-01-01&to=2025-12-31"


class Wire:
    """A way to the standby on which a listener may do something before a request with certain words goes on."""

    def __init__(self, port):
        self.port, self.words, self.then, self.asked = port, None, None, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.own_port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near = self.listener.accept()[0]
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near):
        with contextlib.closing(near), contextlib.suppress(OSError):
            with socket.create_connection(("127.0.0.1", self.port)) as far:
                back = threading.Thread(target=self._pump, args=(far, near, False), daemon=True)
                back.start()
                self._pump(near, far, True)
                back.join()

    def _pump(self, source, to, asks):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if asks and self.words and self.words in data:
                    self.words, self.asked = None, self.asked + 1
                    self.then()
                to.sendall(data)
        for s in (source, to):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)

    def when(self, words, then):
        self.words, self.then = words, then

    def close(self):
        self.listener.close()


@pytest.fixture(scope="module")
def pair(request):
    """Two servers of PostgreSQL, the program before them, and who reads reports: (primary, standby, …)."""
    with contextlib.ExitStack() as stack:
        primary = stack.enter_context(Postgres())
        database = primary.new_database().rsplit("/", 1)[1]
        standby = stack.enter_context(Standby(primary))
        wire = stack.enter_context(contextlib.closing(Wire(standby.port)))
        url = f"postgresql://plantao:{primary.password}@127.0.0.1:{primary.port},127.0.0.1:{wire.own_port}/{database}"
        server = stack.enter_context(Plantao(url, settings={"standby_max_age_ms": MAX_AGE_MS}))
        yield types.SimpleNamespace(primary=primary, standby=standby, wire=wire, url=url, server=server, database=database,
                                    auditor=server.client("auditor"), doctor=server.client("doctor"))


def read_by(server, by):
    found = re.search(rf'^plantao_aged_reads_total{{by="{by}"}} (\d+)$', server.client().get("/metrics").text, re.M)
    return int(found.group(1)) if found else 0


def until(true, what, timeout_s=60):
    deadline = time.monotonic() + timeout_s
    while not (said := true()):
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
    return said


def audit(pair, client=None):
    """A page of the trail and who it was answered by."""
    labels = ("standby", "wrote", "away", "late", "again")
    before = {by: read_by(pair.server, by) for by in labels}
    answer = (client or pair.auditor).get("/api/audit?limit=100")
    assert answer.status_code == 200, answer.text
    by = [by for by in labels if read_by(pair.server, by) > before[by]]
    assert len(by) == 1, by
    return answer, by[0]


def there(pair):
    """The standby answers (again)."""
    return until(lambda: (said := audit(pair))[1] == "standby" and said[0], "the standby does not answer")


def shown(answer, patient):
    return any(e["subjectId"] == patient["id"] for e in answer.json()["items"])


@contextlib.contextmanager
def paused(pair):
    pair.standby.sql(pair.database, "SELECT pg_wal_replay_pause()")
    until(lambda: pair.standby.sql(pair.database, "SELECT pg_get_wal_replay_pause_state()")[0][0] == "paused", "not paused")
    try:
        yield
    finally:
        pair.standby.sql(pair.database, "SELECT pg_wal_replay_resume()")


def new_patient(client, **more):
    answer = client.post("/api/patients", people.patient(), **more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_reports_are_read_there_and_audited_on_the_primary(pair, engine):
    answer = there(pair)
    [entry] = Store(pair.server, pair.primary).audit(answer.headers["X-Request-Id"])
    assert entry["status"] == 200 and entry["event"] == "audit.read"
    seen = pair.standby.sql(pair.database, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'plantao'")
    assert seen[0][0] >= 1
    reports = pair.server.client().get("/health").json()["checks"]["reports"]
    assert reports["status"] == "ok" and not reports["unit"].startswith("ms behind was the standby last; 0 "), reports


def test_what_care_relies_on_is_never_asked_there(pair, engine):
    patient = new_patient(pair.doctor)
    there(pair)
    before = {by: read_by(pair.server, by) for by in ("standby", "again")}
    with paused(pair):
        for path in ("/api/patients?limit=5", f"/api/patients/{patient['id']}", f"/api/medical-records?patientId={patient['id']}",
                     "/api/hansen/board", "/api/hansen/bulletin?month=2026-01", "/api/auth/me", "/api/hansen/cases"):
            assert pair.doctor.get(path).status_code == 200, path
    assert {by: read_by(pair.server, by) for by in before} == before


def test_one_that_lags_answers_within_the_bound_and_not_beyond(pair, engine):
    for _ in range(10):   # on a slow machine the bound may be over before the question comes
        there(pair)
        with paused(pair):
            patient = new_patient(pair.doctor)
            answer, by = audit(pair)
            if by != "standby":
                continue
            assert not shown(answer, patient), "the standby is paused: it cannot know"
            late = read_by(pair.server, "late")
            answer = until(lambda: (said := audit(pair))[1] == "late" and said[0], "the bound was never over")
            assert shown(answer, patient) and read_by(pair.server, "late") > late
        break
    else:
        raise AssertionError("the standby never answered while it was paused")
    assert shown(there(pair), patient)


def test_who_wrote_reads_what_he_wrote(pair, engine):
    there(pair)
    admin = pair.server.client("admin")
    with paused(pair):
        answer, by = audit(pair, admin)
        for _ in range(3):
            patient = new_patient(admin)
            answer, by = audit(pair, admin)
            assert by == "wrote" and shown(answer, patient)


def test_who_wrote_through_the_other_node_too(pair, engine):
    there(pair)
    other = Plantao(pair.url, demo=False, settings={"master_key_file": pair.server.data_dir / "master.key"})
    with other:
        admin = other.client("admin")
        patient = new_patient(admin, headers={"Idempotency-Key": str(uuid.uuid4())})
        answer, by = audit(pair, Client(pair.server.url, admin.token))
        assert by == "wrote" and shown(answer, patient)


def test_one_that_is_killed_while_it_reads_is_not_missed(pair, engine):
    """The reading goes on at the primary; so do all others until the standby is back."""
    there(pair)
    before, answer = read_by(pair.server, "again"), None
    pair.wire.when(b"hansen_case", pair.standby.kill)
    nurse = pair.server.client("nurse")

    def read_until_killed():
        nonlocal answer
        answer = nurse.get(INDICATORS)
        assert answer.status_code == 200, answer.text
        return pair.wire.asked
    until(read_until_killed, "the standby was never asked")
    assert read_by(pair.server, "again") == before + 1
    [entry] = Store(pair.server, pair.primary).audit(answer.headers["X-Request-Id"])
    assert entry["status"] == 200
    assert audit(pair)[1] == "away"
    assert pair.server.client().get("/ready").status_code == 200, "its loss is not the database's"
    pair.standby.start()
    there(pair)


def test_after_a_promotion_the_new_primary_answers(pair, engine):
    there(pair)
    patient = new_patient(pair.doctor)
    flushed = pair.primary.sql(pair.database, "SELECT pg_current_wal_lsn()")[0][0]
    until(lambda: pair.standby.sql(pair.database, "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", flushed)[0][0], "behind")
    pair.primary.kill()
    pair.standby.promote()
    answer, by = audit(pair)
    assert by == "away" and shown(answer, patient)
    patient = new_patient(pair.doctor)
    assert shown(audit(pair)[0], patient)
