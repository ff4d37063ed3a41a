"""The privacy documents name proofs that exist, and what is printed from the rows says what the rows say."""
import json
import pathlib
import re
import subprocess

import pytest

from lib.process import ROOT
from lib.server import binary
from lib.walk import ROUTES

TEST = re.compile(r"tests/[\w/]+\.(?:py|c|test\.mjs)")


def printed(*arguments):
    return subprocess.run([binary(), *arguments], capture_output=True, check=True, text=True, encoding="utf-8").stdout


def document(name):
    return (pathlib.Path(ROOT) / "docs" / "privacy" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [document("threat-model.md"), document("sbis-ngs1.md"), printed("privacy", "ripd")],
                         ids=["threat-model", "sbis-ngs1", "ripd"])
def test_every_named_test_exists(text):
    named = set(TEST.findall(text))
    assert len(named) > 5
    missing = [name for name in named if not (pathlib.Path(ROOT) / name).is_file()]
    assert not missing


def test_every_line_of_the_checklist_has_a_proof_or_says_not_yet():
    lines = [line for line in document("sbis-ngs1.md").splitlines() if line.startswith("| NGS1")]
    assert len(lines) > 25
    for line in lines:
        proof = line.split("|")[2].strip()
        assert proof == "not yet" or TEST.search(proof), line


def test_every_audited_door_stands_in_the_record_of_processing_once():
    ropa = printed("privacy", "ropa")
    for route in ROUTES:
        wanted = 1 if route.activity not in ("", "NONE") else 0
        assert len(re.findall(re.escape(f"`{route.method} {route.path}`"), ropa)) == wanted, route
        assert not route.audit or wanted, f"{route} is audited and serves no purpose"


def test_the_record_names_each_activity_with_its_basis():
    sections = printed("privacy", "ropa").split("\n## ")[1:]
    for section in sections[:-1]:
        for part in ("Código: `", "Base legal", "Dados: ", "Guarda: ", "Compartilhamento: ", "Portas: "):
            assert part in section, section
        words = " ".join(section.split("- Portas: ")[0].split())
        assert not re.search(r"\b(identity|none|medical record|years|encrypted|duty)\b", words), f"printed in Portuguese: {words}"
    assert {r.activity for r in ROUTES} - {"", "NONE"} <= set(re.findall(r"Código: `(\w+)`", "\n".join(sections)))


def test_the_dictionary_has_every_field_behind_a_door():
    text = printed("privacy", "dictionary")
    assert "| `diagnosis` | clínico | sim | sim |" in text and "| `cpf` | identificação | sim |" in text
    assert json.loads(printed("routes", "--json")), "rows"
