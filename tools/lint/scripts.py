#!/usr/bin/env python3
"""scripts.py: our Python under pyflakes, our shell under shellcheck."""
import re
import subprocess

import common


def first_line(path):
    with open(path, "rb") as f:
        return f.readline(80).decode("utf-8", "replace")


def findings(root=common.ROOT):
    shell = [p for p in common.files(root) if p.suffix == ".sh" or (not p.suffix and re.match(r"#!.*\b(ba)?sh\b", first_line(p)))]
    python = [p for p in common.files(root) if p.suffix == ".py"]
    for command, paths in ((["shellcheck", "--format=gcc"], shell), (["pyflakes3"], python)):
        if paths:
            done = subprocess.run([*command, *(p.relative_to(root) for p in paths)], capture_output=True, text=True, cwd=root)
            yield from (done.stdout + done.stderr).splitlines()


if __name__ == "__main__":
    common.show(findings())
