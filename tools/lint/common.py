"""What the checks share: which files belong to the tree, and C text without its comments and strings."""
import functools
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED_DIRS = re.compile(r"(^|/)(build[^/]*|node_modules|dist|plantao-data|\.git|__pycache__)(/|$)")


@functools.cache
def files(root=ROOT):
    """Every file of the tree that git would keep, new ones too; a tree without git is walked."""
    listed = subprocess.run(["git", "-c", "safe.directory=*", "-C", root, "ls-files", "-coz", "--exclude-standard"],
                            capture_output=True, text=True)
    if listed.returncode == 0:
        names = listed.stdout.split("\0")
    else:
        names = [p.relative_to(root).as_posix() for p in root.rglob("*")]
    return sorted(p for p in {root / n for n in names if n and not SKIPPED_DIRS.search(n)}
                  if p.is_file() and not p.is_symlink())


def matching(root, *patterns):
    """Files by pattern from the root: matching(root, "src/**/*.c"); ** is any folders, also none."""
    regexes = [re.compile(re.escape(p).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")) for p in patterns]
    return [p for p in files(root) if any(r.fullmatch(p.relative_to(root).as_posix()) for r in regexes)]


_NOT_CODE = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)


def code(text):
    """The text with comments and literals blanked, line numbers kept."""
    return _NOT_CODE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def show(findings):
    """The end of a check that is run by itself."""
    found = list(findings)
    print("\n".join(found) or "ok")
    sys.exit(1 if found else 0)
