#!/usr/bin/env python3
"""uncovered.py COVERAGE.JSON [--least PERCENT]: the lines that nothing ran, by file, from gcovr's JSON; the last line is
the sum.  Exit 1 when less than PERCENT was reached.
example: uncovered.py build-coverage/coverage.json --least 90"""
import argparse
import json
import sys


def ranges(numbers):
    """[3, 4, 5, 9] as "3-5 9" """
    said, start, last = [], None, None
    for n in [*numbers, None]:
        if start is not None and n != last + 1:
            said.append(f"{start}-{last}" if last > start else f"{start}")
            start = None
        if start is None:
            start = n
        last = n
    return " ".join(said)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report")
    parser.add_argument("--least", type=float, default=0)
    args = parser.parse_args()
    with open(args.report, encoding="utf-8") as f:
        files = json.load(f)["files"]
    total = reached = 0
    rows = []
    for file in files:
        lines = {}
        for line in file["lines"]:
            if not line.get("gcovr/noncode"):
                lines[line["line_number"]] = lines.get(line["line_number"], 0) + line["count"]
        missed = sorted(n for n, count in lines.items() if count == 0)
        total += len(lines)
        reached += len(lines) - len(missed)
        if missed:
            rows.append((len(missed), file["file"], len(lines), ranges(missed)))
    for count, name, of, where in sorted(rows, key=lambda r: (-r[0], r[1])):
        print(f"{name}: {count} of {of}: {where}")
    percent = 100 * reached / total if total else 0
    print(f"{reached} of {total} lines of src/ reached: {percent:.1f} %")
    return 0 if total and percent >= args.least else 1


if __name__ == "__main__":
    sys.exit(main())
