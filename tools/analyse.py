#!/usr/bin/env python3
"""analyse.py [--only gcc|cppcheck|valgrind]: what takes too long for lint, a line for each finding.

  gcc        -fanalyzer on every file of src/
  cppcheck   warnings, portability, performance, on every file of src/
  valgrind   memcheck on every unit test of build/

What was looked at and is none stands with its reason in tools/analyse.accepted; a line there that nothing meets
any more is a finding too.  Exit 1 when there is any.
example: tools/analyse.py --only cppcheck"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
ACCEPTED = ROOT / "tools" / "analyse.accepted"
GCC_TIMEOUT_S = 600
VALGRIND_TIMEOUT_S = 1200


def commands():
    """File below the root -> (compiler's arguments without those that say where output goes, directory)."""
    found = {}
    for row in json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8")):
        path = os.path.relpath(os.path.join(row["directory"], row["file"]), ROOT)
        argv = shlex.split(row["command"])
        argv = argv[[i for i, a in enumerate(argv) if os.path.basename(a) in ("gcc", "cc")][0] + 1:]
        kept, skip = [], False
        for arg in argv:
            if skip or arg in ("-MD", "-Werror"):
                skip = False
            elif arg in ("-MQ", "-MF", "-o"):
                skip = True
            else:
                kept.append(arg)
        if path.startswith("src/"):
            found.setdefault(path, (kept, row["directory"]))
    return found


def say_progress(tool, done, of):
    if sys.stderr.isatty():
        print(f"\r{tool}: {done}/{of} ", end="\n" if done == of else "", file=sys.stderr, flush=True)


def each(tool, jobs, work):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        running = [pool.submit(work, job) for job in jobs]
        for done, one in enumerate(concurrent.futures.as_completed(running), 1):
            say_progress(tool, done, len(jobs))
            yield from one.result()


def gcc():
    known = commands()

    def one(path):
        argv, directory = known[path]
        try:
            done = subprocess.run(["gcc", *argv, "-fanalyzer", "-fdiagnostics-plain-output", "-o", "/dev/null"], cwd=directory,
                                  capture_output=True, text=True, timeout=GCC_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return [(path, "timeout", f"no answer after {GCC_TIMEOUT_S} s")]
        found = []
        for line in done.stderr.splitlines():
            match = re.search(r"(src/\S+?):(\d+):\d+: (?:warning|error): (.*?)(?: \[(?:CWE-\d+\] \[)?-W(\S+)\])?$", line)
            if match:
                found.append((match[1], match[4] or "error", f"{match[2]}: {match[3]}"))
        if done.returncode and not found:
            found.append((path, "error", done.stderr[-300:]))
        return found
    yield from each("gcc", sorted(known), one)


def cppcheck():
    """Without funcArgOrderDifferent: headers leave out a name that the type says already, and it counts those wrongly."""
    work = BUILD / "cppcheck"
    work.mkdir(exist_ok=True)
    project = work / "compile_commands.json"   # of src/ alone
    rows = json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8"))
    project.write_text(json.dumps([r for r in rows if r["file"].startswith("../src/")]))
    done = subprocess.run(["cppcheck", f"--project={project}", f"--cppcheck-build-dir={work}",
                           "--enable=warning,portability,performance", "--quiet", f"-j{os.cpu_count()}", "--std=c11", "--inline-suppr",
                           "--suppress=missingInclude", "--suppress=funcArgOrderDifferent", "--template={file}\t{line}\t{id}\t{message}"], capture_output=True, text=True, cwd=ROOT)
    seen = set()
    for line in done.stderr.splitlines():
        part = line.split("\t")
        path = re.sub(r"^.*?(?=src/|build/)", "", part[0])
        if len(part) == 4 and path.startswith("src/") and (path, *part[1:]) not in seen:
            seen.add((path, *part[1:]))
            yield path, part[2], f"{part[1]}: {part[3]}"
    if done.returncode:
        yield "cppcheck", "error", done.stdout[-300:] + done.stderr[-300:]


def valgrind():
    listed = json.loads(subprocess.run(["meson", "introspect", "--tests", BUILD], capture_output=True, text=True, check=True).stdout)
    tests = [t for t in listed if any(s.endswith(":unit") or s == "unit" for s in t["suite"])]

    def one(test):
        env = {**os.environ, **test["env"], "PLANTAO_TEST_SLOW": "1"}
        argv = ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite",
                "--show-leak-kinds=definite", "--child-silent-after-fork=yes", *test["cmd"]]
        try:
            done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=VALGRIND_TIMEOUT_S, cwd=BUILD,
                                  stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return [(test["name"], "timeout", f"no answer after {VALGRIND_TIMEOUT_S} s")]
        if done.returncode == 0:
            return []
        said = [line for line in done.stderr.splitlines() if line.startswith("==")][:12] or done.stdout.splitlines()[-12:]
        return [(test["name"], "memcheck" if done.returncode == 99 else "failed", "\n    ".join([f"exit {done.returncode}", *said]))]
    yield from each("valgrind", sorted(tests, key=lambda t: t["name"]), one)


TOOLS = {"gcc": gcc, "cppcheck": cppcheck, "valgrind": valgrind}


def accepted():
    """(tool, file or test, check) -> reason"""
    rows = {}
    for number, line in enumerate(ACCEPTED.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        part = line.split(None, 3)
        if len(part) < 4 or part[0] not in TOOLS:
            sys.exit(f"{ACCEPTED}:{number}: a line is TOOL FILE CHECK and a reason")
        rows[tuple(part[:3])] = part[3]
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=TOOLS, action="append", help="one of the three; may be given again")
    args = parser.parse_args()
    wanted, known, met, bad = args.only or list(TOOLS), accepted(), set(), 0
    for tool in wanted:
        count = 0
        for path, check, text in TOOLS[tool]():
            if (tool, path, check) in known:
                met.add((tool, path, check))
                continue
            count += 1
            print(f"{tool}: {path}:{text} [{check}]", flush=True)
        print(f"{tool}: {count} findings, {sum(k[0] == tool for k in met)} accepted", flush=True)
        bad += count
    for row in sorted(k for k in known if k[0] in wanted and k not in met):
        print(f"{ACCEPTED.name}: nothing meets {' '.join(row)} any more")
        bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
