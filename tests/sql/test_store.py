"""The store's test programs on PostgreSQL.  On SQLite they are unit tests; here each runs
once more, against an empty database of a private server, as a role that is no superuser."""
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TESTED_PROGRAM", ROOT / "build" / "plantao")).parent
SQLITE_ONLY = {"test_sqlite", "test_sqlite_store", "test_turn"}
PROGRAMS = sorted(p.stem for p in (ROOT / "tests/unit/store").glob("test_*.c") if p.stem not in SQLITE_ONLY)


@pytest.mark.parametrize("program", PROGRAMS)
def test_on_postgres(program):
    found = [p for p in BUILD.glob(f"tests/**/{program}") if p.is_file()]
    assert found, f"{program} is not built in {BUILD}"
    run = subprocess.run([sys.executable, ROOT / "tests/sql/on_postgres.py", found[0]], capture_output=True, text=True,
                         env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "STDOUT"}, timeout=240)
    assert run.returncode == 0, (run.stdout + run.stderr)[-4000:]
    assert "[  PASSED  ]" in run.stdout + run.stderr
