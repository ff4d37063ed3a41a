"""The cluster of two nodes breaks while people work: a short drill; `make drill` does all of them at length.

Hosts are network namespaces; where these are not permitted they are loopback addresses, and the run says so."""
import json
import os
import subprocess
import sys

import pytest

from lib.process import ROOT
from lib.server import binary

USERS = 40


@pytest.fixture(scope="module")
def drilled(lab, tmp_path_factory):
    """The primary's host is killed; what the drill left."""
    out = tmp_path_factory.mktemp("drill") / "out"
    done = subprocess.run([sys.executable, os.path.join(ROOT, "tools/drill.py"), "host", "--runs", "1", "--users", str(USERS),
                           "--seconds", "16", "--after", "2", "--no-bars", "--standing", "--keep", "--dir", lab.dir, "--out", out,
                           *(["--plain"] if lab.plain else [])],
                          capture_output=True, text=True, timeout=900, env={**os.environ, "TESTED_PROGRAM": binary()})
    print(done.stdout, done.stderr, file=sys.stderr)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    (run,) = json.loads((out / "drill.json").read_text())["scenarios"]["host"]
    assert (out / "drill.svg").read_text().count("<polyline") == 1
    return run


def test_nothing_acknowledged_is_lost_or_doubled(drilled):
    assert drilled["acknowledged"] > USERS, "nobody worked"
    assert drilled["gapMs"] > 0
    assert [drilled[k] for k in ("lost", "duplicated", "stale", "unfinished")] == [0, 0, 0, 0]


def test_the_other_node_took_over(drilled):
    assert drilled["now"] and drilled["now"] != drilled["primary"]


def test_a_node_that_was_upgraded_stops_in_order(lab):
    """The keeper of the host's programs stops the server that took over, not the database beside it."""
    node = lab.standby()
    log = lab.dir / f"{node}.log"
    before = len(log.read_text())
    for _ in range(2):
        lab.upgrade(node)
    lab.stop(node)
    said = log.read_text()[before:]
    assert "follow plantao" in said and "kill " not in said, said
    # By the tool: what it starts goes on without the process that asked.
    subprocess.run([sys.executable, os.path.join(ROOT, "tools/halab.py"), "--dir", lab.dir, "start", node], check=True, timeout=120)
    lab.wait_healthy(180)
