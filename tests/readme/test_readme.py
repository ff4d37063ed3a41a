"""The README's console blocks are run as printed, against a demo server, and must answer as printed.

In a ```console block `$ ` starts a command and what follows is its output; `…` in the
output stands for any text on the line.  The blocks of a file are one shell session, so that a
variable set in one is known in the next.  The README says 127.0.0.1:8080; curl is told where that is."""
import pathlib
import re
import subprocess

import pytest

from lib.console import matches, steps
from lib.process import ROOT, plain_environment
from lib.server import Plantao

READMES = ("README.md", "README.pt-BR.md")
MARK = "\x1e"   # printed between the commands


def run(commands, server, home):
    """The output of each command; one bash, which stops at nothing."""
    (home / ".curlrc").write_text(f'connect-to = "127.0.0.1:8080:127.0.0.1:{server.port}"\n')
    script = "\n".join(f"{command}\nprintf '{MARK}'" for command in commands)
    done = subprocess.run(["bash", "-c", script], env=plain_environment(CURL_HOME=home, HOME=home, LANG="C.UTF-8"),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=home,
                          timeout=120)
    return done.stdout.decode("utf-8").split(MARK)[:-1]


@pytest.fixture
def demo():
    """With the limits a reader of the README meets, not the unlimited ones of other tests."""
    own = Plantao()
    for key in [k for k in own.settings if k.startswith(("rate_", "health_"))]:
        del own.settings[key]
    with own as server:
        yield server


@pytest.mark.parametrize("name", READMES)
def test_lines_answer_as_printed(demo, name, tmp_path):
    with open(f"{ROOT}/{name}", encoding="utf-8") as f:
        wanted = steps(f.read())
    assert wanted, f"{name} has no console block"
    got = run([command for command, _ in wanted], demo, tmp_path)
    assert len(got) == len(wanted)
    wrong = [f"$ {command}\nprinted:\n{expected}\nanswered:\n{answer}"
             for (command, expected), answer in zip(wanted, got) if not matches(expected, answer)]
    assert not wrong, "\n\n".join(wrong)


def test_both_readmes_show_the_same_commands():
    """Two languages, one program: what differs is prose."""
    both = []
    for name in READMES:
        with open(f"{ROOT}/{name}", encoding="utf-8") as f:
            both.append([command for command, _ in steps(f.read())])
    assert both[0] == both[1]


def test_links_lead_somewhere():
    for page in [*pathlib.Path(ROOT).glob("*.md"), *pathlib.Path(ROOT).glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if not re.match(r"\w+:", target):
                assert (page.parent / target).exists(), f"{page.relative_to(ROOT)}: {target}"


def test_the_extractor_itself():
    text = "```console\n$ echo a \\\n> b\na b\n```\nx\n```sh\n$ no\n```\n"
    assert steps(text) == [("echo a \\\nb", "a b")]
    assert matches('{"id":"…","x":1}', '{"id":"abc","x":1}\n')
    assert not matches('{"id":"…"}', '{"id":"a"\n}')
