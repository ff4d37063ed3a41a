"""The manuals of docs/pt say what the program is: every command, option, configuration key and path quoted there exists, and
the console blocks answer as printed."""
import functools
import json
import pathlib
import re
import subprocess

import pytest

from lib.console import console_blocks, follow
from lib.process import ROOT, plain_environment
from lib.server import binary

MANUALS = sorted(pathlib.Path(ROOT, "docs/pt").glob("*.md"))
NEEDED = {"instalacao", "operacao", "administracao", "seguranca"}   # SBIS NGS1.08
COMMAND = re.compile(r"plantao ((?:[a-z][\w-]*)(?: [^`\n|]*)?)")


@functools.cache
def helped(command):
    done = subprocess.run([binary(), command, "--help"], capture_output=True, text=True, encoding="utf-8")
    return done.stdout if done.returncode == 0 and done.stdout.startswith("usage: plantao ") else ""


def quoted(text):
    """What stands between backticks, and the lines of console blocks."""
    blocks = "\n".join(line[2:] for block in console_blocks(text) for line in block.splitlines() if line.startswith("$ "))
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    return re.findall(r"`([^`\n]+)`", prose) + blocks.splitlines()


def wrong_commands(text):
    """(what is quoted, what is wrong with it)"""
    for code in quoted(text):
        for said in COMMAND.findall(code):
            name, *rest = said.split()
            if name == "help":
                name, *rest = rest or ["help"]
                if name == "help":
                    continue
            if not helped(name):
                yield said, "no such command"
                continue
            for option in re.findall(r"(?<=\s)--[\w-]+", said):
                if option != "--config" and option not in helped(name):
                    yield said, f"{option} is not in its --help"
            verb = rest[0] if rest and re.fullmatch(r"[a-z]+", rest[0]) else None
            if verb and not re.search(rf"\b{verb}\b", helped(name)):
                yield said, f"{verb} is not in its --help"


@pytest.mark.parametrize("page", MANUALS, ids=lambda p: p.stem)
def test_commands_exist(page):
    assert not list(wrong_commands(page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", MANUALS, ids=lambda p: p.stem)
def test_keys_and_paths_exist(page):
    keys = {line.split("`")[1] for line in pathlib.Path(ROOT, "docs/reference/config.md").read_text(encoding="utf-8").splitlines()
            if line.startswith("| `")}
    paths = set(json.loads(pathlib.Path(ROOT, "docs/openapi.json").read_text(encoding="utf-8"))["paths"]) | {"/api/docs"}
    for code in quoted(page.read_text(encoding="utf-8")):
        if re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", code):
            assert code in keys, f"{page.name}: no configuration key {code}"
        found = re.fullmatch(r"(?:[A-Z]+ )?(/(?:api|health|ready|live|metrics)[\w/{}-]*)", code)
        assert not found or found[1] in paths, f"{page.name}: no path {code}"


def test_the_checks_find_what_is_wrong():
    said = dict(wrong_commands("`plantao bakup run`, `plantao keys rotate --now`, `plantao backup fly`, `plantao backup run`"))
    assert len(said) == 3


def test_the_four_manuals_are_there_and_say_something():
    assert NEEDED | {"README"} == {p.stem for p in MANUALS}
    assert all(len(p.read_text(encoding="utf-8").split()) > 300 for p in MANUALS if p.stem in NEEDED)


def test_installing_goes_as_printed(tmp_path):
    text = (pathlib.Path(ROOT) / "docs/pt/instalacao.md").read_text(encoding="utf-8")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "plantao").symlink_to(binary())
    environment = plain_environment(PLANTAO_DATA_DIR=tmp_path / "data", PATH=f"{tmp_path}/bin:/usr/bin:/bin", HOME=tmp_path, LANG="C.UTF-8")
    wrong = follow(text, "", environment, tmp_path)
    assert not wrong, "\n\n".join(wrong)
