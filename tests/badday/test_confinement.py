"""A serving process has given up what it does not need: in every thread, for ever, and what it does need still works."""
import os
import pathlib
import re
import signal
import time

import pytest

from lib import people


def threads(pid):
    """What the kernel says of each: {"Seccomp": "2", ...}"""
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        yield dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines() if ":\t" in line)


def keepers(pid):
    """The children of the server."""
    return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def gone(pid):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            state = pathlib.Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state.rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_every_thread_is_confined(make_server):
    server = make_server()
    doctor = server.client("doctor")
    patient = doctor.post("/api/patients", people.patient()).json()["id"]
    assert doctor.post("/api/medical-records", people.record(patient)).status_code == 201
    seen = list(threads(server.process.pid))
    assert len(seen) > 4
    for thread in seen:
        assert thread["Seccomp"] == "2" and thread["NoNewPrivs"] == "1", thread
        for powers in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
            assert int(thread[powers], 16) == 0, thread
    line = server.log("CONFINED")[0]
    check = server.client().get("/health").json()["checks"]["confinement"]
    assert check["value"] == line["landlock"]
    assert check["status"] == ("ok" if line["landlock"] else "warn")


def test_it_may_be_switched_off_loudly(make_server):
    server = make_server(settings={"confinement": "false"})
    assert server.log("UNCONFINED")[0]["level"] == "warn"
    assert server.client().get("/health").json()["checks"]["confinement"]["status"] == "warn"
    assert all(t["Seccomp"] == "0" for t in threads(server.process.pid))


def test_the_keeper_ends_with_the_server(make_server):
    server = make_server()
    keeper, = keepers(server.process.pid)
    os.kill(keeper, signal.SIGTERM)   # meant for the server: it does not listen
    assert server.client("doctor").get("/api/patients").status_code == 200
    assert not re.search(r"socket|:\[", os.readlink(f"/proc/{keeper}/fd/0"))
    assert len(list(pathlib.Path(f"/proc/{keeper}/fd").iterdir())) == 4, "its own socket and the three of everybody"
    server.kill()
    assert gone(keeper)
    server.start()


@pytest.mark.engine("sqlite")
def test_a_key_that_is_rotated_meanwhile_is_taken_up(make_server):
    """The server may not open the file; the keeper does it."""
    server = make_server()
    doctor = server.client("doctor")
    done = server.run("keys", "rotate")
    assert done.returncode == 0, done.stderr
    patient = doctor.post("/api/patients", people.patient()).json()["id"]
    assert doctor.get(f"/api/patients/{patient}").status_code == 200
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        assert server.client().get("/health").json()["checks"]["keys"]["status"] == "ok"
        time.sleep(0.3)
