"""The OpenAPI document is valid for those who did not write it, and their silence means something."""
import pathlib
import subprocess

import pytest

from lib.process import ROOT, plain_environment

TOOLS = pathlib.Path(ROOT, "tests/tools")
REDOCLY = ["node", TOOLS / "redocly.mjs"]
SPECTRAL = [TOOLS / "node_modules/.bin/spectral", "lint", "--fail-severity=warn", "-f", "text", "-r", TOOLS / "spectral.yaml"]


def run(command, document):
    return subprocess.run([*command, document], capture_output=True, text=True, cwd=TOOLS, env=plain_environment(), timeout=240)


@pytest.mark.parametrize("command", [REDOCLY, SPECTRAL], ids=["redocly", "spectral"])
def test_openapi_is_valid(command):
    done = run(command, f"{ROOT}/docs/openapi.json")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", [REDOCLY, SPECTRAL], ids=["redocly", "spectral"])
def test_the_validators_find_faults(command, tmp_path):
    document = tmp_path / "bad.json"
    document.write_text('{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/a":{"get":{}}}}')
    done = run(command, document)
    assert done.returncode == 1 and "info" in done.stdout, done.stdout + done.stderr
