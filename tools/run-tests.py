#!/usr/bin/env python3
"""run-tests.py [--suite A,B] [--san address|thread|coverage] [--list]

Runs the suites below, one line each, then the details of what failed, and as its
last line `N passed, N failed` (and `, N skipped`).  Exit 1 when anything failed.

A suite is a row.  One whose folder is not in the tree is named as absent; one that
runs no test has failed; so has one that ends badly without naming a failure."""
import argparse
import dataclasses
import fnmatch
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
import traceback
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "test-logs"
PYTHON = "/usr/bin/python3"   # the one Debian's python3-* packages belong to
DETAIL_LINES = 60
LANES = 2
BUILD_DIR = {"plain": "build", "address": "build-address", "thread": "build-thread", "clang": "build-clang",
             "coverage": "build-coverage"}
SLOWER = {"address": 4, "thread": 10, "coverage": 3}   # a suite has so many times as long in these builds
SANITIZER_ENV = {
    "ASAN_OPTIONS": "abort_on_error=0:detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": f"halt_on_error=0:second_deadlock_stack=1:suppressions={ROOT / 'tools/tsan.supp'}",
}


@dataclasses.dataclass
class Result:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list = dataclasses.field(default_factory=list)   # (test, detail)
    skips: list = dataclasses.field(default_factory=list)      # (test, reason)

    def fail(self, test, detail):
        self.failed += 1
        self.failures.append((test, detail))

    def skip(self, test, reason):
        self.skipped += 1
        self.skips.append((test, reason))


@dataclasses.dataclass
class Suite:
    name: str
    what: str
    needs: str          # path in the tree; without it the suite is absent
    build: str          # kind of tools/build.sh whose program it runs, or "" for none
    reads: str          # which reader below understands its output
    command: list       # {dir} is the build directory, {xml} where JUnit XML goes
    timeout_s: int
    san: bool = False   # also part of a sanitized run
    alone: bool = False   # with nothing beside it, at the end
    uncounted: str = ""   # why its lines are not counted; "": they are, when it is one of pytest's


def pytest_suite(name, what, timeout_s, san=True, alone=False, uncounted=""):
    return Suite(name, what, f"tests/{name}", "plain", "junit",
                 [PYTHON, "-m", "pytest", "-q", "--junit-xml={xml}", f"tests/{name}"], timeout_s, san, alone, uncounted)


def unit_suite(name, what, build, timeout_s):
    return Suite(name, what, "tests/unit", build, "meson",
                 ["meson", "test", "-C", "{dir}", "--no-rebuild", "--suite", "unit", "-t", str(SLOWER.get(build, 1))], timeout_s)


def build_suite(kind, what):
    return Suite(f"build-{kind}", what, "tools/build.sh", "", "exit", ["tools/build.sh", kind, "all"], 1200)


SUITES = [
    build_suite("plain", "gcc builds without a warning"),
    unit_suite("unit", "unit tests", "plain", 300),
    Suite("lint", "format, analysis, layers, sizes", "tools/lint/run.py", "plain", "tap",
          [PYTHON, "tools/lint/run.py"], 2400),   # clang-tidy beside other suites on a slow machine
    pytest_suite("house", "the checks and the runner themselves", 120, san=False,
                 uncounted="it tests the tools"),
    pytest_suite("sql", "every statement prepares on both engines", 300),
    pytest_suite("http", "framing probes on raw sockets", 300),
    pytest_suite("api", "the API over HTTP on both engines", 1500),
    pytest_suite("badday", "starts that are refused, full disks, ends in peace", 300),
    pytest_suite("conformance", "every route, role and engine against its row", 900),
    pytest_suite("privacy", "masks, plaintext, keys, extracts: what is promised of personal data, provable", 900),
    pytest_suite("backup", "backups taken, proven, restored, refused", 600),
    pytest_suite("ops", "restarts that drop no request", 300, san=False),
    pytest_suite("load", "overload: who is refused first, and that it ends", 300, alone=True,
                 uncounted="overload needs a program at its own speed"),
    pytest_suite("drill", "the two-node cluster breaks under load", 900, san=False, alone=True),
    pytest_suite("fault", "each allocation, call and statement fails: no crash, no lie", 600,
                 uncounted="the calls that would write the counts fail too"),
    pytest_suite("crash", "kill -9, and power lost, under load: nothing acknowledged is lost", 900,
                 uncounted="who is killed writes no counts"),
    pytest_suite("audit", "every kind of tampering with the trail is found and named", 900),
    pytest_suite("cases", "imports, and domain test vectors", 1500),
    pytest_suite("eval", "the assistant cites, refuses and never says what it must not", 120, san=False),
    pytest_suite("docs", "documents equal the program's rows", 300, san=False),
    pytest_suite("readme", "the README's lines answer as printed", 120, san=False,
                 uncounted="it starts what `make` builds"),
    Suite("ui", "the front end in a real browser", "tests/ui/package.json", "plain", "tap",
          ["tools/test-ui.sh"], 1500, alone=True, uncounted="it looks at the front end"),
    build_suite("clang", "clang builds without a warning"),
    build_suite("address", "the program under ASan and UBSan builds"),
    unit_suite("unit-address", "unit tests under ASan and UBSan", "address", 600),
    build_suite("thread", "the program under TSan builds"),
    unit_suite("unit-thread", "unit tests under TSan", "thread", 600),
]

# `--san coverage` alone: tools/coverage.sh makes the figures of it.
COVERAGE = [
    build_suite("plain", "gcc builds without a warning"),
    build_suite("coverage", "the program that counts its lines builds"),
    unit_suite("unit", "unit tests", "coverage", 300),
    *(s for s in SUITES if s.reads == "junit" and not s.uncounted),
]


# ---- readers: what a suite printed, as counts

def read_tap(text, result):
    """TAP 12-14 as our lint, cmocka and node --test write it.  A subtest's parent is not counted beside its children."""
    test = re.compile(r"^(\s*)(not )?ok\b\s*\d+(?:\s*-)?(.*?)(?:\s+#\s*(SKIP|TODO)\b\s*(.*))?$", re.I)
    lines = text.splitlines()
    for i, line in enumerate(lines):
        match = test.match(line)
        if not match:
            continue
        indent, bad, name, directive, reason = match.groups()
        name = name.strip() or reason or ""   # cmocka names a test that it leaves out behind SKIP
        detail = []
        for more in lines[i + 1:]:
            if test.match(more) or re.match(r"\s*(# Subtest|1\.\.\d)", more):
                break
            detail.append(more)
        if re.search(r"type: 'suite'|failureType: 'subtestsFailed'", "\n".join(detail)):
            continue
        if (directive or "").upper() == "SKIP":
            result.skip(name, reason or "no reason given")
        elif bad:
            result.fail(name, "\n".join(detail))
        else:
            result.passed += 1
    if re.search(r"^Bail out!", text, re.M):
        result.fail("bail out", text[-2000:])


def read_meson(path, result):
    """Meson's JSON log: one line a program, each with its cmocka TAP."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        program = json.loads(line)
        one = Result()
        read_tap(program.get("stdout") or "", one)
        output = f"{program.get('stdout') or ''}\n{program.get('stderr') or ''}"
        if program["result"] == "SKIP":
            one.skip(program["name"], "the program said so")
        elif program["result"] not in ("OK", "EXPECTEDFAIL") and not one.failed:
            one.fail(program["name"], f"{program['result']}, exit {program['returncode']}\n{output}")
        elif program["result"] == "OK" and one.passed + one.skipped == 0:
            one.fail(program["name"], f"it ran no test\n{output}")
        result.passed += one.passed
        result.failed += one.failed
        result.skipped += one.skipped
        result.failures += [(f"{program['name']}: {t}", f"{d}\n{program.get('stderr') or ''}") for t, d in one.failures]
        result.skips += [(f"{program['name']}: {t}", d) for t, d in one.skips]


def read_junit(path, result):
    if not path.exists():
        return
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        bad = [e for kind in ("failure", "error") for e in case.findall(kind)]
        skipped = case.find("skipped")
        if bad:
            result.fail(name, "\n".join(e.text or e.get("message", "") for e in bad))
        elif skipped is not None:
            result.skip(name, skipped.get("message", ""))
        else:
            result.passed += 1


# ---- running

def run_command(argv, log, env, timeout_s):
    """Exit status, or None after the timeout.  The suite is a process group of its own, and goes as one."""
    with open(log, "wb") as out:
        child = subprocess.Popen(argv, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=subprocess.STDOUT, start_new_session=True)
        try:
            return child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if child.poll() is None:
                end_group(child)


def end_group(child):
    """SIGTERM first, so that servers and databases of the suite stop in order."""
    for sig, patience_s in ((signal.SIGTERM, 15), (signal.SIGKILL, 15)):
        try:
            os.killpg(child.pid, sig)
            child.wait(patience_s)
            return
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            return


def environment(kind, reads):
    """TESTED_PROGRAM is for the suites in Python. Not PLANTAO_…: the program would take it for a key it does not know."""
    env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", PYTHONUNBUFFERED="1", **SANITIZER_ENV)
    if kind and reads == "junit":
        env["TESTED_PROGRAM"] = str(ROOT / BUILD_DIR[kind] / "plantao")
    return env


def run_suite(suite, kind):
    directory = ROOT / BUILD_DIR.get(kind, "build")
    log, junit = LOGS / f"{suite.name}.log", LOGS / f"{suite.name}.xml"
    meson_log = directory / "meson-logs" / "testlog.json"
    for left_over in (junit, *([meson_log] if suite.reads == "meson" else [])):
        left_over.unlink(missing_ok=True)
    argv = [part.format(dir=directory, xml=junit) for part in suite.command]
    if kind == "thread":
        argv = ["setarch", "-R", *argv]   # gcc 12's ThreadSanitizer cannot live with wide address randomisation
    result = Result()
    timeout_s = suite.timeout_s * SLOWER.get(kind, 1)
    status = run_command(argv, log, environment(kind, suite.reads), timeout_s)
    text = log.read_text(encoding="utf-8", errors="replace")
    if status is not None and suite.reads == "exit":
        if status == 0:
            result.passed += 1
    elif suite.reads == "tap":
        read_tap(text, result)
    elif suite.reads == "junit":
        read_junit(junit, result)
    elif suite.reads == "meson":
        read_meson(meson_log, result)
    if status is None:
        result.fail(suite.name, f"not done after {timeout_s} s\n{text}")
    elif status != 0 and not result.failed:
        result.fail(suite.name, f"exit {status}\n{text}")
    elif status == 0 and result.passed + result.failed + result.skipped == 0:
        result.fail(suite.name, f"it ran no test\n{text}")
    return result


def counts(result):
    said = f"{result.passed} passed, {result.failed} failed"
    return said + (f", {result.skipped} skipped" if result.skipped else "")


def tail(text):
    lines = text.strip("\n").splitlines()
    cut = len(lines) - DETAIL_LINES
    return "\n".join([f"    … {cut} lines before", *(f"    {line}" for line in lines[cut:])] if cut > 0
                     else [f"    {line}" for line in lines])


def choose(args):
    """The suites of this run, each with its build; a sanitized run takes the program of that build."""
    suites = COVERAGE if args.san == "coverage" else SUITES
    if args.san in ("address", "thread"):
        own = (f"build-{args.san}", f"unit-{args.san}")
        suites = [s for s in SUITES if s.name in own] + [s for s in SUITES if s.san]
    if not args.suite:
        return suites
    wanted = [w for w in args.suite.split(",") if w]
    chosen = [s for s in suites if any(fnmatch.fnmatch(s.name, w) for w in wanted)]
    for pattern in wanted:
        if not any(fnmatch.fnmatch(s.name, pattern) for s in suites):
            sys.exit(f"no suite {pattern}; there are: {' '.join(s.name for s in suites)}")
    kinds = {args.san or s.build for s in chosen if s.build}
    builds = [s for s in suites if s.name in {f"build-{k}" for k in kinds}]
    return [s for s in suites if s in chosen or s in builds]


class Run:
    """The suites of one run, two at a time: much of most suites is waiting.  Those that measure, or that a busy
    machine would disturb, come last and have the machine to themselves."""

    def __init__(self, suites, san):
        self.suites, self.san = suites, san
        self.waiting = list(suites)
        self.running, self.broken, self.rows = [], set(), {}
        self.changed = threading.Condition()

    def kind(self, suite):
        if self.san == "coverage" and suite.reads == "junit":
            return self.san
        return (self.san if suite.san else "") or suite.build

    def next(self):
        """The first suite that may start now; None: not yet."""
        ahead = {s.name for s in [*self.waiting, *self.running] if s.name.startswith("build-")}
        if any(s.alone for s in self.running):
            return None
        for suite in self.waiting:
            if f"build-{self.kind(suite)}" in ahead or (suite.name.startswith("build-") and "build-plain" in ahead
                                                        and suite.name != "build-plain"):
                continue
            if not suite.alone or (not self.running and all(s.alone for s in self.waiting)):
                return suite
        return None

    def take(self):
        with self.changed:
            while (suite := self.next()) is None:
                if not self.waiting:
                    return None
                self.changed.wait()
            self.waiting.remove(suite)
            self.running.append(suite)
            return suite

    def lane(self):
        while (suite := self.take()) is not None:
            began = time.monotonic()
            result = self.result(suite)
            with self.changed:
                self.note(suite, result, time.monotonic() - began)
                self.changed.notify_all()

    def result(self, suite):
        try:
            if not (ROOT / suite.needs).exists():
                return None
            if f"build-{self.kind(suite)}" in self.broken:
                result = Result()
                result.fail(suite.name, f"not run: build-{self.kind(suite)} failed")
                return result
            return run_suite(suite, self.kind(suite))
        except Exception:   # of the runner itself: no suite may be lost
            result = Result()
            result.fail(suite.name, traceback.format_exc())
            return result

    def note(self, suite, result, took_s):
        self.running.remove(suite)
        head = f"[{len(self.suites) - len(self.waiting) - len(self.running):2}/{len(self.suites)}] " \
               f"{suite.name:14} {suite.what:46}"
        if result is None:
            print(f"{head} absent: no {suite.needs}", flush=True)
            return
        if suite.name.startswith("build-") and result.failed:
            self.broken.add(suite.name)
        print(f"{head} {counts(result):28} {took_s:6.1f} s", flush=True)
        self.rows[suite.name] = result


def run_all(suites, san):
    run = Run(suites, san)
    lanes = [threading.Thread(target=run.lane) for _ in range(LANES)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    total, rows = Result(), [(s, run.rows[s.name]) for s in suites if s.name in run.rows]
    for _, result in rows:
        total.passed += result.passed
        total.failed += result.failed
        total.skipped += result.skipped
    return total, rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suite", help="names or patterns, separated by commas: api,unit*")
    parser.add_argument("--san", choices=("address", "thread", "coverage"),
                        help="run the program's suites under a sanitizer, or with its lines counted")
    parser.add_argument("--list", action="store_true", help="name the suites and stop")
    args = parser.parse_args()
    if args.list:
        print("\n".join(f"{s.name:14} {s.what}" for s in SUITES))
        return 0
    LOGS.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    total, rows = run_all(choose(args), args.san)
    if args.san == "coverage":
        for suite in SUITES:
            if suite.uncounted:
                print(f"not counted: {suite.name}: {suite.uncounted}")
    for suite, result in rows:
        for test, reason in result.skips:
            print(f"\nskipped: {suite.name}: {test}: {reason}")
        for test, detail in result.failures:
            print(f"\nFAILED: {suite.name}: {test}\n{tail(detail)}\n    (all of it: {LOGS.relative_to(ROOT)}/{suite.name}.log)")
    print(f"\n{time.monotonic() - began:.0f} s")
    if not rows:
        total.fail("", "no suite ran")
    print(counts(total))
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
