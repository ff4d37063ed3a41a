"""tools/run-tests.py counts what it is given, and calls nothing a success that was not."""
import importlib.util
import json
import pathlib
import subprocess
import sys
import threading
import time

import pytest

from lib.process import ROOT

spec = importlib.util.spec_from_file_location("run_tests", f"{ROOT}/tools/run-tests.py")
runner = importlib.util.module_from_spec(spec)
sys.modules["run_tests"] = runner
spec.loader.exec_module(runner)

NODE_TAP = """TAP version 13
# Subtest: sums
    # Subtest: adds
    ok 1 - adds
      ---
      duration_ms: 0.4
      ...
    # Subtest: fails
    not ok 2 - fails
      ---
      error: 'wrong'
      ...
    1..2
not ok 1 - sums
  ---
  type: 'suite'
  failureType: 'subtestsFailed'
  ...
# Subtest: later
ok 2 - later # SKIP not today
1..2
"""


def read(reader, *arguments):
    result = runner.Result()
    reader(*arguments, result)
    return result


def test_tap_counts_leaves():
    result = read(runner.read_tap, NODE_TAP)
    assert (result.passed, result.failed, result.skipped) == (1, 1, 1)
    assert result.failures[0][0] == "fails" and "wrong" in result.failures[0][1]
    assert result.skips == [("later", "not today")]


def test_tap_bail_out_is_a_failure():
    assert read(runner.read_tap, "1..3\nok 1 - a\nBail out! gone\n").failed == 1


@pytest.mark.parametrize("row, counts", [
    ({"result": "OK", "returncode": 0, "stdout": "1..2\nok 1 - a\nok 2 - b\n"}, (2, 0)),
    ({"result": "FAIL", "returncode": 1, "stdout": "1..2\nok 1 - a\nnot ok 2 - b\n"}, (1, 1)),
    ({"result": "FAIL", "returncode": -11, "stdout": "1..2\nok 1 - a\n", "stderr": "boom"}, (1, 1)),
    ({"result": "TIMEOUT", "returncode": -9, "stdout": ""}, (0, 1)),
    ({"result": "OK", "returncode": 0, "stdout": ""}, (0, 1)),
])
def test_meson_log(tmp_path, row, counts):
    log = tmp_path / "testlog.json"
    log.write_text(json.dumps({"name": "t", **row}) + "\n")
    result = read(runner.read_meson, log)
    assert (result.passed, result.failed) == counts


def test_junit(tmp_path):
    xml = tmp_path / "x.xml"
    xml.write_text("""<testsuites><testsuite><testcase classname="m" name="a"/>
        <testcase classname="m" name="b"><failure message="no">trace</failure></testcase>
        <testcase classname="m" name="c"><error message="e">setup</error></testcase>
        <testcase classname="m" name="d"><skipped message="why"/></testcase></testsuite></testsuites>""")
    result = read(runner.read_junit, xml)
    assert (result.passed, result.failed, result.skipped) == (1, 2, 1)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs one shell line as a suite; logs go to the test's directory."""
    monkeypatch.setattr(runner, "LOGS", tmp_path)

    def go(reads, line, timeout_s=20):
        return runner.run_suite(runner.Suite("x", "", "", "", reads, ["sh", "-c", line], timeout_s), "")
    return go


def test_what_cmocka_leaves_out_has_not_failed():
    result = runner.Result()
    runner.read_tap("ok 1 - a\nnot ok 2 # SKIP test_b\nnot ok 3 - c\n", result)
    assert (result.passed, [n for n, _ in result.skips], [n for n, _ in result.failures]) == (1, ["test_b"], ["c"])


def test_suite_without_a_test_fails(run):
    assert run("tap", "true").failed == 1


def test_suite_that_ends_badly_fails_though_its_tests_passed(run):
    result = run("tap", "echo ok 1 - a; exit 3")
    assert (result.passed, result.failed) == (1, 1)


def test_suite_that_hangs_is_ended(run):
    result = run("tap", "echo ok 1 - a; sleep 60", timeout_s=1)
    assert result.failed == 1 and "not done after 1 s" in result.failures[0][1]


def test_a_build_counts_once(run):
    assert run("exit", "true").passed == 1
    assert run("exit", "echo no; false").failed == 1


def test_what_a_broken_build_carries_fails(monkeypatch):
    monkeypatch.setattr(runner, "run_suite", lambda suite, kind: (lambda r: (r.fail("b", "no"), r)[1])(runner.Result()))
    suites = [s for s in runner.SUITES if s.name in ("build-plain", "unit")]
    total, rows = runner.run_all(suites, None)
    assert total.failed == 2 and rows[1][1].failures[0][1] == "not run: build-plain failed"


def test_builds_come_before_what_they_carry_and_some_have_the_machine_alone(monkeypatch):
    now, lock, together = [], threading.Lock(), {}

    def run_suite(suite, kind):
        with lock:
            now.append(suite.name)
            for name in now:
                together.setdefault(name, set()).update(now)
        time.sleep(0.02)
        with lock:
            now.remove(suite.name)
            started.append(suite.name)
        result = runner.Result()
        result.passed = 1
        return result

    started = []
    monkeypatch.setattr(runner, "run_suite", run_suite)
    total, rows = runner.run_all(runner.SUITES, None)
    assert [s.name for s, _ in rows] == [s.name for s in runner.SUITES] and total.passed == len(rows)
    assert together["build-plain"] == {"build-plain"} and max(map(len, together.values())) > 1
    for suite in runner.SUITES:
        if suite.alone:
            assert together[suite.name] == {suite.name}
        if suite.build:
            assert started.index(f"build-{suite.build}") < started.index(suite.name)


def test_a_runner_that_breaks_is_a_failure(monkeypatch):
    monkeypatch.setattr(runner, "run_suite", lambda suite, kind: 1 / 0)
    total, _ = runner.run_all(runner.SUITES[:1], None)
    assert total.failed == 1


def test_choosing_brings_the_build():
    def names(**more):
        return [s.name for s in runner.choose(runner.argparse.Namespace(**{"suite": None, "san": None, **more}))]
    assert names(suite="unit-address") == ["build-address", "unit-address"]
    assert names(suite="api", san="thread") == ["build-thread", "api"]
    assert "lint" not in names(san="address") and names(san="address")[0] == "build-address"
    with pytest.raises(SystemExit):
        names(suite="nonesuch")


def test_what_is_counted_and_what_is_named_instead():
    chosen = runner.choose(runner.argparse.Namespace(suite=None, san="coverage"))
    assert [s.name for s in chosen[:3]] == ["build-plain", "build-coverage", "unit"]
    run = runner.Run(chosen, "coverage")
    assert {run.kind(s) for s in chosen[2:]} == {"coverage"}, "one that takes another program counts nothing"
    pythons = {s.name for s in runner.SUITES if s.reads == "junit"}
    assert pythons == {s.name for s in chosen if s.reads == "junit"} | {s.name for s in runner.SUITES
                                                                       if s.uncounted and s.reads == "junit"}
    assert [s.name for s in runner.choose(runner.argparse.Namespace(suite="ops", san="coverage"))] == ["build-coverage", "ops"]


def test_every_folder_of_tests_is_run():
    """A suite that nobody runs is a promise nobody keeps."""
    known = {s.needs.split("/")[1] for s in runner.SUITES if s.needs.startswith("tests/")}
    folders = {p.parent.relative_to(f"{ROOT}/tests").parts[0] for pattern in ("test_*.py", "test_*.c", "*.test.mjs")
               for p in pathlib.Path(ROOT, "tests").glob(f"**/{pattern}")
               if "node_modules" not in p.parts and p.parent.name != "tests"}
    assert folders and folders <= known, f"no row in tools/run-tests.py for {folders - known}"


def test_last_line(tmp_path):
    done = subprocess.run([sys.executable, f"{ROOT}/tools/run-tests.py", "--list"], capture_output=True, text=True)
    assert done.returncode == 0 and "api" in done.stdout
    assert runner.counts(runner.Result(passed=3)) == "3 passed, 0 failed"
    assert runner.counts(runner.Result(passed=3, skipped=1)) == "3 passed, 0 failed, 1 skipped"
