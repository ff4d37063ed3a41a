#!/usr/bin/env python3
"""run.py [CHECK...]: every check of this folder, as TAP; findings stand below the check that made them."""
import importlib
import sys

CHECKS = {
    "format": "C is as clang-format writes it",
    "layers": "includes go down the layers; each library has one door",
    "headers": "every header compiles alone",
    "banned": "no banned calls",
    "size": "functions are short and flat",
    "hygiene": "no stray blanks, machine paths, invisible characters, bulk",
    "scripts": "Python and shell are clean",
    "tidy": "clang-tidy is content",
}


def main(names):
    unknown = [n for n in names if n not in CHECKS]
    if unknown:
        sys.exit(f"no check {unknown[0]}; there are: {' '.join(CHECKS)}")
    names = names or list(CHECKS)
    print(f"1..{len(names)}")
    bad = False
    for number, name in enumerate(names, 1):
        found = list(importlib.import_module(name).findings())
        bad = bad or bool(found)
        print(f"{'not ' if found else ''}ok {number} - {name}: {CHECKS[name]}", flush=True)
        for line in "\n".join(found).splitlines():
            print(f"  # {line}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
