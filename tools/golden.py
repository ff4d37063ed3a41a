#!/usr/bin/env python3
"""golden.py OUT.c CSV... : the test vectors as C tables, for the self-test of the calculators at run time.

Notes and sources stay out: they are for people."""
import csv
import pathlib
import sys

LEFT_OUT = {"note", "source"}


def literal(text):
    """A C string; every byte that is not plain ASCII as three octal digits, which no digit behind can lengthen."""
    plain = "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in text.encode())
    return f'"{plain}"'


def strings(name, texts):
    lines = "".join(f"\t{literal(t)},\n" for t in texts)
    return f"static const char *const {name}[] = {{\n{lines}}};\n"


def main(out, *paths):
    parts = ['/* Made by tools/golden.py from tests/data/vectors. */\n#include "features/calc/state.h"\n']
    rows = []
    for path in map(pathlib.Path, paths):
        with open(path, encoding="utf-8", newline="") as f:
            header, *records = csv.reader(f)
        kept = [i for i, column in enumerate(header) if column not in LEFT_OUT]
        name = path.stem
        parts.append(strings(f"header_{name}", [header[i] for i in kept]))
        parts.append(strings(f"cells_{name}", [record[i] for record in records for i in kept]))
        rows.append(f'\t{{ "{name}", header_{name}, {len(kept)}, cells_{name}, {len(records)} }},\n')
    parts.append(f"const struct golden golden_files[] = {{\n{''.join(rows)}}};\nconst size_t golden_count = {len(rows)};\n")
    pathlib.Path(out).write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
