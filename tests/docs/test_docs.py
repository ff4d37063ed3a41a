"""What is committed under docs/ equals what the program's rows say now: `make docs` mends a difference."""
import json
import pathlib
import subprocess

import pytest

from lib.process import ROOT
from lib.server import binary

DOCS = pathlib.Path(ROOT) / "docs"
REFERENCE = ["permissions.md", "errors.md", "config.md", "events.md", "metrics.md", "audit.md", "data-dictionary.md"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("docs")
    subprocess.run([binary(), "docs", out], check=True)
    return out


@pytest.mark.parametrize("name", REFERENCE)
def test_reference(made, name):
    assert (DOCS / "reference" / name).read_text() == (made / name).read_text(), "run make docs"


def test_nothing_else_is_written(made):
    assert sorted(p.name for p in made.iterdir()) == sorted(REFERENCE)


def test_openapi():
    now = subprocess.run([binary(), "openapi"], check=True, capture_output=True, text=True).stdout
    assert json.loads(now) == json.loads((DOCS / "openapi.json").read_text()), "run make docs"


def test_every_command_explains_itself():
    overview = subprocess.run([binary(), "help"], check=True, capture_output=True, text=True).stdout
    names = [line.split()[0] for line in overview.splitlines() if line.startswith("  ") and line.split()[0] != "help"]
    assert len(names) > 10
    for name in names:
        text = subprocess.run([binary(), name, "--help"], check=True, capture_output=True, text=True).stdout
        assert text.startswith("usage: plantao ") and "example:" in text, name
