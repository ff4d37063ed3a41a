"""The cluster of two nodes breaks while people work: a short drill; `make drill` does all of them at length.

Hosts are network namespaces; where these are not permitted they are loopback addresses, and the run says so."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

from lib.process import ROOT
from lib.server import binary

USERS = 40


@pytest.fixture(scope="module")
def drilled():
    """One cluster, two faults; (results, what was printed)."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="plantao-drill-"))
    try:
        done = subprocess.run([sys.executable, os.path.join(ROOT, "tools/drill.py"), "postmaster", "host", "--runs", "1", "--users", str(USERS),
                               "--seconds", "18", "--after", "3", "--no-bars", "--dir", directory / "lab", "--out", directory / "out"],
                              capture_output=True, text=True, timeout=900, env={**os.environ, "PLANTAO_BIN": binary()})
        print(done.stdout, done.stderr, file=sys.stderr)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        yield json.loads((directory / "out/drill.json").read_text())["scenarios"], done.stdout
        assert (directory / "out/drill.svg").read_text().count("<polyline") == 2
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.mark.parametrize("scenario", ["postmaster", "host"])
def test_nothing_acknowledged_is_lost_or_doubled(drilled, scenario):
    (run,) = drilled[0][scenario]
    assert run["acknowledged"] > USERS, "nobody worked"
    assert run["gapMs"] > 0 and run["now"]
    assert (run["lost"], run["duplicated"], run["stale"], run["unfinished"]) == (0, 0, 0, 0)


def test_the_other_node_took_over(drilled):
    (run,) = drilled[0]["host"]
    assert run["now"] != run["primary"]
