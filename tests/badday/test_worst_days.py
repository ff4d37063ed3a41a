"""A full disk, and the end of a working day: nothing acknowledged is lost, and the server comes back by itself."""
import contextlib
import os
import pathlib
import subprocess
import threading
import time

import pytest

from lib import people
from lib.client import Client, problem
from lib.server import Plantao

FULL = "a" * 20000


@contextlib.contextmanager
def small_disk(path, size):
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", path], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", path], check=True)


def can_mount(tmp_path):
    if os.geteuid() != 0:
        return False
    probe = tmp_path / "probe"
    probe.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", probe], capture_output=True).returncode != 0:
        return False
    subprocess.run(["umount", probe], check=True)
    return True


def wait_until(true, timeout_s=30):
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.engine("sqlite")
def test_a_full_disk(engine, tmp_path):
    if not can_mount(tmp_path):
        pytest.skip("only root may mount a small disk")
    with small_disk(tmp_path / "disk", "48m") as disk, Plantao(data_dir=disk / "data") as server:
        doctor = server.client("doctor")
        patient = doctor.post("/api/patients", people.patient()).json()["id"]
        kept, body = [], people.record(patient, notes=FULL)
        ballast = disk / "ballast"
        fill(ballast, disk)
        for _ in range(400):
            answer = doctor.post("/api/medical-records", body)
            if answer.status_code != 201:
                break
            kept.append(answer.json()["id"])
        problem(answer, 503, "STORE_UNAVAILABLE")
        assert int(answer.headers["Retry-After"]) >= 1
        assert server.client().get("/live").status_code == 200
        ballast.unlink()
        wait_until(lambda: doctor.post("/api/medical-records", people.record(patient)).status_code == 201)
        wait_until(lambda: server.client().get("/ready").status_code == 200)
        there = {r["id"] for r in doctor.pages("/api/medical-records", patientId=patient, limit=100)}
        assert set(kept) <= there


def fill(ballast, disk, leave=600 * 1024):
    room = os.statvfs(disk)
    with open(ballast, "wb") as f:
        f.write(b"\0" * max(0, room.f_bavail * room.f_frsize - leave))


def test_sigterm_finishes_what_is_running(make_server):
    """Each answer that arrives is whole, each record acknowledged is there afterwards, the exit is 0."""
    server = make_server()
    doctor = server.client("doctor")
    patient = doctor.post("/api/patients", people.patient()).json()["id"]
    kept, ended = [], threading.Event()

    def write():
        with contextlib.suppress(OSError):   # the connection ends when the server does
            one = Client(server.url, doctor.token)
            while not ended.is_set():
                answer = one.post("/api/medical-records", people.record(patient))
                if answer.status_code == 201:
                    kept.append(answer.json()["id"])

    writers = [threading.Thread(target=write) for _ in range(4)]
    for w in writers:
        w.start()
    wait_until(lambda: len(kept) >= 8)
    server.stop()   # asserts the exit status
    ended.set()
    for w in writers:
        w.join()
    assert server.log("STOPPED")
    server.start()
    there = {r["id"] for r in server.client("doctor").pages("/api/medical-records", patientId=patient, limit=100)}
    assert set(kept) <= there


def test_secrets_are_for_their_owner_alone(make_server):
    server = make_server()
    for path in pathlib.Path(server.data_dir).rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
