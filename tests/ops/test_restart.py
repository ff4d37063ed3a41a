"""A restart by SIGUSR2 drops no request: the successor serves before the predecessor drains."""
import os
import signal
import threading
import time

import requests

from lib.server import Plantao

RESTARTS = int(os.environ.get("PLANTAO_TEST_RESTARTS", "3"))


def holder(server):
    """Who has the embedded database's lock: the serving process."""
    words = (server.data_dir / "plantao.db.lock").read_text().split()
    return int(words[0]) if words else 0   # between two holders nobody has written his number yet


def wait_for(what, timeout_s=60):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if what():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Load(threading.Thread):
    """Asks again and again until told to stop; writes down what did not answer 200."""

    def __init__(self, server, kept):
        super().__init__(daemon=True)
        self.url, self.kept, self.over = server.url + "/api/patients?limit=1", kept, threading.Event()
        self.headers = {"Authorization": f"Bearer {server.client('doctor').token}"}
        self.asked, self.bad = 0, []

    def run(self):
        session = requests.Session()
        while not self.over.is_set():
            try:
                ask = session if self.kept else requests
                status = ask.get(self.url, headers=self.headers, timeout=30).status_code
                if status != 200:
                    self.bad.append(status)
            except requests.RequestException as e:
                self.bad.append(repr(e)[:200])
            self.asked += 1
        session.close()


def test_no_request_is_dropped():
    with Plantao() as server:
        load = [Load(server, kept) for kept in (True, True, False, False)]
        for t in load:
            t.start()
        for _ in range(RESTARTS):
            before = holder(server)
            os.kill(before, signal.SIGUSR2)
            wait_for(lambda: holder(server) not in (0, before) and alive(holder(server)))
            wait_for(lambda: not alive(before))
        for t in load:
            t.over.set()
        for t in load:
            t.join(60)
        last = holder(server)
        os.kill(last, signal.SIGTERM)
        wait_for(lambda: not alive(last))
        server.process.wait(10)
        server.process = None
        print(f"{RESTARTS} restarts, {sum(t.asked for t in load)} requests, {sum(len(t.bad) for t in load)} failed")
        assert sum(t.asked for t in load) > 50
        assert [b for t in load for b in t.bad] == []


def test_a_successor_that_cannot_start_leaves_all_as_it_was(tmp_path):
    """The master key is gone when the successor looks for it: it says so and the old one goes on."""
    with Plantao() as server:
        key = server.data_dir / "master.key"
        aside = tmp_path / "master.key"
        data = key.read_bytes()
        aside.write_bytes(data)
        key.unlink()
        key.write_bytes(b"short")
        key.chmod(0o600)
        pid = server.process.pid
        os.kill(pid, signal.SIGUSR2)
        wait_for(lambda: "did not come up" in server.log_text())
        assert alive(pid)
        assert server.client("doctor").get("/api/patients").status_code == 200
        key.write_bytes(data)
