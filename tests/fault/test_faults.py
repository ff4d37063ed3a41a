"""Whatever the program calls may fail: it answers 500 or 503, keeps what it acknowledged, loses nothing else, and goes on.

A clinic's usual requests are run with the first call failing, then the second, and so on until a run meets none.
make faults does them all; otherwise a sample of the numbers, growing by a quarter."""
import os
import time

import pytest
import requests

from lib import people
from lib.client import Client
from lib.faults import KINDS, FaultyPlantao

ALL = os.environ.get("PLANTAO_TEST_FAULTS_ALL") == "1"
STEPS_MAX = 1000000 if ALL else 14


class Clinic:
    """Some requests, and a ledger of what the answers promised."""

    def __init__(self, server):
        self.server = server
        self.doctor = server.client("doctor")
        answer = self.doctor.post("/api/patients", people.patient())
        self.patient = answer.json()["id"]
        self.kept, self.denied = {}, []

    def ask(self, method, path, body=None):
        """The answer, or None when the connection broke or could not be taken.  Anything but what is usual is a problem document of 500 or 503."""
        client = Client(self.server.url, self.doctor.token)
        try:
            answer = client.request(method, path, json=body, timeout=5)
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError, requests.exceptions.ReadTimeout):
            return None
        finally:
            client.close()
        if answer.status_code >= 500:
            assert answer.status_code in (500, 503), answer.text
            assert answer.headers["Content-Type"] == "application/problem+json"
            if answer.status_code == 503:
                assert int(answer.headers["Retry-After"]) >= 1
        return answer

    def write(self):
        title = people.word()
        answer = self.ask("POST", "/api/medical-records", people.record(self.patient, title=title))
        if answer is not None and answer.status_code == 201:
            self.kept[answer.json()["id"]] = title
        elif answer is not None:
            assert answer.status_code >= 500, answer.text
            self.denied.append(title)
        return answer

    def round(self, from_on):
        for method, path, body, usual in [
            ("GET", "/api/auth/me", None, 200),
            ("GET", f"/api/patients/{self.patient}", None, 200),
            ("GET", "/api/patients?limit=5", None, 200),
            ("GET", f"/api/medical-records?patientId={self.patient}&limit=5", None, 200),
            ("GET", f"/api/patients/{people.nobody()}", None, 404),
            ("POST", "/api/medical-records", {"patientId": self.patient}, 422),
        ]:
            answer = self.ask(method, path, body)
            if answer is None and from_on:
                return   # no connection can be had: the next one neither
            assert answer is None or answer.status_code == usual or answer.status_code >= 500, f"{method} {path}: {answer.text}"
        self.write()

    def check(self, unsure=()):
        """With nothing failing any more."""
        there = {r["id"]: r["title"] for r in self.doctor.pages("/api/medical-records", patientId=self.patient, limit=100)}
        for record, title in self.kept.items():
            assert there.get(record) == title, f"{record} was acknowledged and is gone"
        if "denied" not in unsure:
            assert not set(self.denied) & set(there.values()), "what was refused is there all the same"


def settle(server):
    """A store that was lost is found again within a look of the watch."""
    deadline = time.monotonic() + 30
    while server.client().get("/ready").status_code != 200:
        assert time.monotonic() < deadline, f"it does not recover: {server.log_text()[-3000:]}"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def faulty(engine, new_database_url):
    with FaultyPlantao(new_database_url(engine), settings={"database_statement_timeout_ms": 3000}) as server:
        yield server


@pytest.fixture
def own(engine, new_database_url):
    """One that does not outlive its test."""
    with FaultyPlantao(new_database_url(engine)) as server:
        yield server


@pytest.mark.engine("sqlite")   # the watch over the keys is the same
def test_the_watch_bears_a_failing_call(own):
    """What the server does by itself four times a second, with nobody asking: each of its calls once, also those of the process
    that opens its keys, whose answer it waits for."""
    for n in range(16):
        own.arm("system call", n)
        deadline = time.monotonic() + 30
        while own.failed() == 0:
            assert time.monotonic() < deadline, "the watch is silent"
            time.sleep(0.02)
        own.disarm()
        settle(own)


@pytest.mark.parametrize("from_on", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_it_bears_a_failing(faulty, engine, kind, from_on):
    if engine == "postgres" and kind in ("library's memory", "disk"):
        pytest.skip("SQLite's alone")
    clinic = Clinic(faulty)
    n = runs = 0
    while True:
        faulty.arm(kind, n, from_on)
        clinic.round(from_on)
        met, failed, last = faulty.disarm()
        runs += 1
        settle(faulty)
        if failed == 0 or runs == STEPS_MAX:
            break
        n = n + 1 if ALL else n + 1 + n // 2
    # A connection that ends while it commits may have committed: PostgreSQL alone knows.  A disk that refuses the sync,
    # and then to write the same once more, leaves a commit of which nobody knows.
    clinic.check(unsure=("denied",) if engine == "postgres" or (kind == "disk" and from_on) else ())
    print(f"{engine}, {kind}, {'from on' if from_on else 'once'}: {runs} runs, the last from call {n} of {met} ({last}); "
          f"{len(clinic.kept)} kept, {len(clinic.denied)} denied")
    assert clinic.kept or (from_on and clinic.denied)


# ---- the intruder

@pytest.mark.engine("sqlite")
def test_an_intruder_inside_the_server(own):
    """The thread that received it opens what it should not, then starts a program."""
    if own.log("CONFINED")[0]["landlock"]:
        it_reads_no_key_and_no_other_file(own)
    with pytest.raises(requests.ConnectionError):
        own.client().get("/live", headers={"X-Test-Intruder": "exec"})
    assert own.process.wait(10) == -31, "killed by SIGSYS"
    own.process = None


def it_reads_no_key_and_no_other_file(own):
    for path in (own.data_dir / "master.key", "/etc/shadow", "/etc/hostname", own.data_dir / "plantao.db"):
        own.client().get("/live", headers={"X-Test-Intruder": f"open {path}"})
    said = [line for line in own.log_text().splitlines() if line.startswith("intruder: ")]
    assert [line.rsplit(": ", 1)[1] for line in said] == ["Permission denied"] * 3 + ["OPENED"], said
