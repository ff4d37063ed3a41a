"""What was acknowledged is there after the worst; two servers never share one file."""
import shutil
import subprocess
import threading
import time

import pytest

from lib import people
from lib.client import Client
from lib.server import Plantao


def writers(server, count, stop, acknowledged):
    """Threads that register patients as fast as they can and note each id they were told."""
    token = server.client("doctor").token

    def go():
        client = Client(server.url, token)
        try:
            while not stop.is_set():
                answer = client.post("/api/patients", people.patient())
                if answer.status_code == 201:
                    acknowledged.append(answer.json()["id"])
        except OSError:
            pass   # killed, as intended
        finally:
            client.close()
    threads = [threading.Thread(target=go) for _ in range(count)]
    for t in threads:
        t.start()
    return threads


@pytest.mark.parametrize("after_s", [0.05, 0.3, 1.0])
def test_kill_under_load_loses_nothing_acknowledged(make_server, after_s):
    server = make_server()
    stop, acknowledged = threading.Event(), []
    threads = writers(server, 8, stop, acknowledged)
    time.sleep(after_s)
    server.kill()
    stop.set()
    for t in threads:
        t.join()
    server.start()
    there = {p["id"] for p in server.client("doctor").pages("/api/patients", limit=100)}
    assert acknowledged or after_s < 0.3, "the load wrote nothing"
    assert set(acknowledged) <= there
    for one in acknowledged[-3:]:
        created = list(server.client("auditor").pages("/api/audit", subject=one, event="patient.create"))
        assert len(created) == 1, "a change without its audit entry"


@pytest.mark.engine("sqlite")
def test_two_servers_on_one_file(make_server):
    first = make_server()
    second = Plantao(data_dir=first.data_dir)
    try:
        with pytest.raises(AssertionError, match="did not start"):
            second.start(timeout_s=20)
        said = "".join(second.printed) + second.log_text()
        assert "lock" in said.lower() or "another" in said.lower(), said
    finally:
        second.close()
    assert first.client("doctor").get("/api/patients").status_code == 200


@pytest.mark.engine("sqlite")
def test_each_acknowledged_create_was_synced(make_server, tmp_path):
    """kill -9 cannot show a missing fsync, since the kernel lives on: so the calls are counted."""
    assert shutil.which("strace")
    server = make_server()
    doctor, count = server.client("doctor"), 20
    trace = tmp_path / "trace"
    tracer = subprocess.Popen(["strace", "-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", trace, "-p", str(server.process.pid)],
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        time.sleep(1)
        assert tracer.poll() is None, tracer.stderr.read()
        before = trace.read_text().count("sync(")
        for _ in range(count):
            assert doctor.post("/api/patients", people.patient()).status_code == 201
        time.sleep(0.2)
        assert trace.read_text().count("sync(") - before >= count
    finally:
        tracer.terminate()
        tracer.wait()
        tracer.stderr.close()


def wait_health(server, status, timeout_s=20):
    """It is found out twice a second, so it follows the database by a moment."""
    deadline = time.monotonic() + timeout_s
    while server.client().get("/health").status_code != status:
        assert time.monotonic() < deadline, f"/health does not become {status}"
        time.sleep(0.1)


@pytest.mark.engine("postgres")
def test_the_database_goes_and_comes(make_server, postgres):
    server = make_server()
    doctor = server.client("doctor")
    postgres.kill()
    try:
        answer = doctor.post("/api/patients", people.patient())
        assert answer.status_code == 503 and int(answer.headers["Retry-After"]) >= 1, answer.text
        wait_health(server, 503)
        assert server.client().get("/live").status_code == 200
    finally:
        postgres.start()
    wait_health(server, 200)
    assert doctor.post("/api/patients", people.patient()).status_code == 201
