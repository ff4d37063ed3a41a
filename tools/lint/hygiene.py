#!/usr/bin/env python3
"""hygiene.py: what no file of the tree may hold: stray blanks, this or that machine's paths, invisible characters, bulk."""
import fnmatch
import re

import common

LINES_MAX = 600
# Long by nature, and why.
LONG = {
    "LICENSE": "the licence's own text",
    "*package-lock.json": "written by npm",
    "CHANGELOG.md": "grows",
    "docs/reference/*": "generated from the program's rows",
    "tests/data/*": "test data",
    "tests/*/data/*": "test data",
    "tests/cases/*": "test vectors",
    "tests/audit/test_audit_verify.py": "a test for each kind of tampering, with what they share",
    "tests/fuzz/corpus/*": "test data",
    "bench/results/*": "measurements",
}
# Not text, and why.
BINARY = {
    "*.gz": "compressed test data",
    "*.png": "picture",
    "*.woff2": "font",
    "tests/fuzz/corpus/*": "fuzzing input",
    "tests/*/data/*": "test data",
    "tests/data/*": "test data",
}
# Verbatim data of others, or made by programs: only the secret and path checks hold.
VERBATIM = ("LICENSE", "*package-lock.json", "tests/data/*", "tests/*/data/*", "tests/cases/*", "tests/fuzz/corpus/*", "*.csv",
            "bench/results/*", "*.svg")
# Blanks at the end of a line, no newline at the end, Windows ends; they name what they look for in pieces.
MACHINE = re.compile("|".join((r"(?<![\w.])/wo" + r"rk/", r"/ro" + r"ot/", r"/ho" + r"me/\w", r"\.py" + r"env", r"\.\./sha" + r"red/")))
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
SECRET = re.compile("BEGIN (RSA |EC |OPENSSH |ENCRYPTED )?PRI" + "VATE KEY")


def named(me, patterns):
    return any(fnmatch.fnmatch(me, p) for p in patterns)


def in_text(me, text):
    for number, line in enumerate(text.split("\n"), 1):
        if MACHINE.search(line):
            yield f"{me}:{number}: a path of one machine: {MACHINE.search(line)[0]}"
        if SECRET.search(line):
            yield f"{me}:{number}: a private key"
        if named(me, VERBATIM):
            continue
        if line != line.rstrip():
            yield f"{me}:{number}: blanks at the end of the line"
        if INVISIBLE.search(line):
            yield f"{me}:{number}: an invisible character"
        if re.match(r"(<{7}|>{7}) ", line):
            yield f"{me}:{number}: left over from a merge"


def findings(root=common.ROOT):
    for path in common.files(root):
        me, data = path.relative_to(root).as_posix(), path.read_bytes()
        try:
            text = data.decode("utf-8")
            binary = "\0" in text
        except UnicodeDecodeError:
            binary = True
        if binary:
            if not named(me, BINARY):
                yield f"{me}: not UTF-8 text"
            continue
        yield from in_text(me, text)
        if text and not text.endswith("\n") and not named(me, VERBATIM):
            yield f"{me}: no newline at the end"
        if text.count("\n") > LINES_MAX and not named(me, LONG):
            yield f"{me}: {text.count(chr(10))} lines, at most {LINES_MAX}"


if __name__ == "__main__":
    common.show(findings())
