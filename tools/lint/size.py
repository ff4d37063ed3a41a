#!/usr/bin/env python3
"""size.py: functions stay short and flat; the ones that may not are named here with a reason.

    size.py --figures      the distribution, to compare with the median of 10-17 lines we aim at"""
import re
import sys

import common

LINES_MAX = 70
BRANCHES_MAX = 20      # if, for, while, case, ?, && and ||, plus one
# (file, function): (lines, branches, why).  A ceiling that is not needed is a finding.
EXCEPT = {
}

BRANCH = re.compile(r"\b(?:if|for|while|case)\b|&&|\|\||\?")


def functions(text):
    """(name, line, lines, branches) of each function whose braces stand at the left margin."""
    lines = common.code(text).split("\n")
    start = None
    for i, line in enumerate(lines):
        if line == "{":
            start = i
        elif line.startswith("}") and start is not None:
            j = start - 1
            while j > 0 and not re.match(r"\w+\(", lines[j]):
                j -= 1
            name = re.match(r"(\w+)\(", lines[j])
            yield (name[1] if name else "?"), start + 1, i - start - 1, 1 + len(BRANCH.findall("\n".join(lines[start:i])))
            start = None


def all_functions(root):
    for path in common.matching(root, "src/**/*.c"):
        for row in functions(path.read_text(encoding="utf-8")):
            yield path.relative_to(root).as_posix(), *row


def findings(root=common.ROOT):
    used = set()
    for me, name, line, length, branches in all_functions(root):
        lines_max, branches_max = EXCEPT.get((me, name), (LINES_MAX, BRANCHES_MAX))[:2]
        if length > LINES_MAX or branches > BRANCHES_MAX:
            used.add((me, name))
        if length > lines_max:
            yield f"{me}:{line}: {name} has {length} lines, at most {lines_max}"
        if branches > branches_max:
            yield f"{me}:{line}: {name} has {branches} branches, at most {branches_max}"
    for me, name in sorted(EXCEPT.keys() - used if root == common.ROOT else ()):
        yield f"tools/lint/size.py: the exception ({me}, {name}) is not needed"


def figures(root):
    lengths = sorted(row[3] for row in all_functions(root))
    if lengths:
        print(f"{len(lengths)} functions, lines: median {lengths[len(lengths) // 2]}, "
              f"90th percentile {lengths[len(lengths) * 9 // 10]}, longest {lengths[-1]}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--figures"]:
        figures(common.ROOT)
    else:
        common.show(findings())
