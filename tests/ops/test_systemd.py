"""The unit files are ones that systemd accepts, and that leave little of the machine within reach."""
import pathlib
import re
import shutil
import subprocess

import pytest

from lib.process import ROOT

UNITS = pathlib.Path(ROOT) / "deploy/systemd"


@pytest.fixture
def units(tmp_path):
    """Copies whose program exists: systemd looks for it."""
    for unit in UNITS.glob("plantao.*"):
        (tmp_path / unit.name).write_text(unit.read_text().replace("/usr/bin/plantao", "/bin/true"))
    return tmp_path


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze on this machine")
def test_systemd_accepts_them(units):
    r = subprocess.run(["systemd-analyze", "verify", units / "plantao.service", units / "plantao.socket"],
                       capture_output=True, text=True)
    ours = [line for line in r.stderr.splitlines() if "plantao" in line]
    assert r.returncode == 0 and not ours, r.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze on this machine")
def test_little_is_exposed(units):
    r = subprocess.run(["systemd-analyze", "security", "--offline=true", units / "plantao.service"],
                       capture_output=True, text=True)
    level = float(re.search(r"Overall exposure level for plantao\.service: ([0-9.]+)", r.stdout)[1])
    assert level < 2.5, r.stdout
