#!/usr/bin/env python3
"""headers.py: every header compiles alone, and its guard is its path."""
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import common

FLAGS = ["-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wno-unused-macros", "-Werror", "-fsyntax-only"]


def guard(path, root):
    name = re.sub(r"\W", "_", path.relative_to(root / "src").as_posix()).upper()
    text = common.code(path.read_text(encoding="utf-8")).strip()
    if re.match(rf"#ifndef {name}\n#define {name}\n", text) and text.endswith("#endif"):
        return None
    return f"{path.relative_to(root)}: no include guard {name} around the whole file"


def alone(path, root):
    """A translation unit with this one line; gcc would warn about `#pragma once`-like things in a header given directly."""
    unit = f'#include "{path.relative_to(root / "src").as_posix()}"\n'
    done = subprocess.run(["gcc", *FLAGS, "-I", root / "src", "-I", root / "build" / "gen", "-x", "c", "-"], input=unit,
                          capture_output=True, text=True)
    return None if done.returncode == 0 else f"{path.relative_to(root)}: does not compile alone\n{done.stderr.strip()}"


def findings(root=common.ROOT):
    headers = common.matching(root, "src/**/*.h")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from filter(None, (guard(h, root) for h in headers))
        yield from filter(None, pool.map(lambda h: alone(h, root), headers))


if __name__ == "__main__":
    common.show(findings())
