"""kill -9 under load and the whole data directory gone: what of the acknowledged writes does the backup bring back?

PLANTAO_TEST_LOSSES sets how often in each mode (make rpo: 20); PLANTAO_TEST_REPORT names a file for the figures."""
import json
import os
import random
import shutil
import threading
import time

import pytest
import requests

from lib.server import Plantao
from test_backup import command, ids, plain

LOSSES = int(os.environ.get("PLANTAO_TEST_LOSSES", "2"))
WRITERS = 4
MODES = {
    "by default": {},
    "every second": {"backup_interval_ms": 1000},
    "every quarter": {"backup_interval_ms": 250},
    "before the acknowledgement": {"backup_interval_ms": 1000, "backup_before_ack": "true"},
}


class Writer(threading.Thread):
    """Creates records until the server is gone; its ledger: (when the answer came, id)."""

    def __init__(self, server, ledger):
        super().__init__(daemon=True)
        doctor = server.client("doctor")
        self.url, self.ledger = server.url + "/api/medical-records", ledger
        self.headers = {"Authorization": f"Bearer {doctor.token}"}
        self.patient = doctor.get("/api/patients").json()["items"][0]["id"]

    def run(self):
        with requests.Session() as session:
            while True:
                try:
                    r = session.post(self.url, headers=self.headers, timeout=30,
                                     json={"patientId": self.patient, "title": "T", "diagnosis": "D"})
                except requests.RequestException:
                    return
                if r.status_code == 201:
                    self.ledger.append((time.time(), plain(r.json()["id"])))
                time.sleep(0.01)


def lose_everything(server):
    """The directory is gone; only the two keys had been kept elsewhere."""
    keys = {name: (server.data_dir / name).read_bytes() for name in ("master.key", "backup.key")}
    server.kill()
    at = time.time()
    shutil.rmtree(server.data_dir)
    server.data_dir.mkdir(mode=0o700)
    for name, data in keys.items():
        (server.data_dir / name).write_bytes(data)
        (server.data_dir / name).chmod(0o600)
    return at


def one_loss(server):
    """(acknowledged, lost, how far back the oldest lost one was acknowledged before the kill, seconds of the restore)"""
    server.start()
    server.wait_log("backup_base")
    ledger = []
    writers = [Writer(server, ledger) for _ in range(WRITERS)]
    for w in writers:
        w.start()
    time.sleep(random.uniform(1.2, 2.5))
    killed = lose_everything(server)
    for w in writers:
        w.join(60)
    began = time.monotonic()
    command(server, "restore")
    took = time.monotonic() - began
    there = ids(server.data_dir / "plantao.db")
    lost = [at for at, record in ledger if record not in there]
    return len(ledger), len(lost), max(0, killed - min(lost)) if lost else 0, took


@pytest.mark.parametrize("mode", MODES)
def test_losing_the_directory(mode, tmp_path):
    server = Plantao(settings={**MODES[mode], "backup_dir": tmp_path / "copies", "backup_prove_hours": 0})
    command(server, "backup", "init")
    rounds = [one_loss(server) for _ in range(LOSSES)]
    shutil.rmtree(server.dir, ignore_errors=True)
    figures = {"mode": mode, "losses": LOSSES, "acknowledged": sum(r[0] for r in rounds),
               "lost": sum(r[1] for r in rounds), "rpo_s": sorted(round(r[2], 3) for r in rounds),
               "restore_s": sorted(round(r[3], 3) for r in rounds)}
    print(json.dumps(figures))
    if "PLANTAO_TEST_REPORT" in os.environ:
        with open(os.environ["PLANTAO_TEST_REPORT"], "a", encoding="utf-8") as report:
            report.write(json.dumps(figures) + "\n")
    assert all(r[0] for r in rounds)
    if MODES[mode].get("backup_before_ack"):
        assert figures["lost"] == 0
    else:
        assert figures["rpo_s"][-1] < 10, "far more than the interval is gone"
