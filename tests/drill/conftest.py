"""One cluster for the whole suite, with backups; what ends a node comes last."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

from lib.process import ROOT
from lib.server import binary

sys.path.insert(0, os.path.join(ROOT, "tools"))
import halab   # noqa: E402  (tools is no package)


@pytest.fixture(scope="session")
def lab():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="plantao-drill-"))
    directory.chmod(0o755)   # its services run under accounts of their own
    tool = [sys.executable, os.path.join(ROOT, "tools/halab.py"), "--dir", directory / "lab", "--backup"]
    try:
        made = subprocess.run([*tool, "up"], capture_output=True, text=True, timeout=600, env={**os.environ, "TESTED_PROGRAM": binary()})
        assert made.returncode == 0, made.stdout[-2000:] + made.stderr[-2000:]
        yield halab.Lab(directory / "lab", halab.is_plain(directory / "lab"), backup=True)
    finally:
        subprocess.run([*tool, *(["--plain"] if halab.is_plain(directory / "lab") else []), "down"], check=False)
        shutil.rmtree(directory, ignore_errors=True)
