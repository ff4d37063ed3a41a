"""Many clients at once: what they ask, and tests/load/load.c that asks it."""
import json
import os
import pathlib
import subprocess
import tempfile
import time

from lib import people
from lib.process import ROOT, plain_environment
from lib.server import binary


def program():
    return os.environ.get("PLANTAO_LOAD", str(pathlib.Path(binary()).parent / "tests" / "load"))


def ask(method, path, token=None, body=None):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    text = json.dumps(body).encode() if body is not None else b""
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(text)}"]
    return "\r\n".join([*lines, "", ""]).encode() + text


class Crowd:
    """A clinic with some charts, and its usual day: mostly reading, some lists, a few writings.  With more lists, of longer
    pages, it is the day of the reports."""

    def __init__(self, server, charts=40, page=20, lists=1):
        self.server = server
        doctor = server.client("doctor")
        token = doctor.token
        self.requests = [("vital", 1, ask("GET", "/live")), ("vital", 1, ask("GET", "/ready"))]
        self.patients = []
        for _ in range(charts):
            patient = doctor.post("/api/patients", people.patient()).json()["id"]
            record = doctor.post("/api/medical-records", people.record(patient)).json()["id"]
            self.patients.append(patient)
            self.requests += [
                ("read", 3, ask("GET", f"/api/medical-records/{record}", token)),
                ("read", 1, ask("GET", f"/api/patients/{patient}", token)),
                ("bulk", 1, ask("GET", f"/api/medical-records?patientId={patient}&limit={page}", token)),
                ("write", 1, ask("POST", "/api/medical-records", token, people.record(patient)))]
        self.requests.append(("bulk", charts * lists, ask("GET", f"/api/patients?limit={page}", token)))

    def start(self, clients, seconds, rate=0):
        """The running program; `figures` waits for it."""
        with tempfile.NamedTemporaryFile(suffix=".requests", delete=False) as f:
            for kind, weight, text in self.requests:
                f.write(f"{kind} {weight} {len(text)}\n".encode() + text)
        return subprocess.Popen([program(), str(self.server.port), str(seconds), str(clients), f.name, str(rate)],
                                stdout=subprocess.PIPE, text=True, cwd=ROOT, env=plain_environment()), f.name

    def report(self, started):
        """{"seconds", "due", "sent", "classes"}: tests/load/load.c."""
        process, path = started
        try:
            text, _ = process.communicate()
        finally:
            os.unlink(path)
        assert process.returncode == 0, "the load program failed"
        return json.loads(text)

    def figures(self, started):
        return self.report(started)["classes"]

    def run(self, clients, seconds, rate=0):
        return self.figures(self.start(clients, seconds, rate))


def served(figures):
    return sum(c["served"]["count"] for c in figures.values())


def refused(figures):
    return sum(c["refused"]["count"] for c in figures.values())


def metric(server, name):
    """The sum of a metric over its labels."""
    lines = server.client().get("/metrics").text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((name + " ", name + "{")))


def wait_until(true, timeout_s=30):
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
