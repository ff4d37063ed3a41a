#!/usr/bin/env python3
"""format.py [--fix]: C is as clang-format writes it.  Rows (.def) are tables, aligned by hand."""
import re
import subprocess
import sys

import common


def sources(root):
    return common.matching(root, "src/**/*.c", "src/**/*.h", "tests/**/*.c", "tests/**/*.h", "bench/**/*.c")


def findings(root=common.ROOT):
    paths = sources(root)
    if not paths:
        return
    done = subprocess.run(["clang-format", "--dry-run", "--ferror-limit=1", "-Werror", *paths], capture_output=True,
                          text=True, cwd=root)
    for match in re.finditer(rf"^{re.escape(str(root))}/(\S+?:\d+):\d+: error", done.stderr, re.M):
        yield f"{match[1]}: not as clang-format writes it"
    if done.returncode != 0 and "code should be clang-formatted" not in done.stderr:
        yield f"clang-format: {done.stderr.strip()}"


if __name__ == "__main__":
    if sys.argv[1:] == ["--fix"]:
        sys.exit(subprocess.run(["clang-format", "-i", *sources(common.ROOT)]).returncode)
    common.show(findings())
