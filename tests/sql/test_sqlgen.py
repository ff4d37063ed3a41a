"""What tools/sqlgen.py makes of good statements, and how it refuses bad ones.

A file sqlgen/NAME.bad.sql begins with the words that the refusal must hold:
    -- expect: belongs to one tenant
A new case is a new file."""
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = pathlib.Path(__file__).parent / "sqlgen"
BAD = sorted(CASES.glob("*.bad.sql"))


def run(out, *files):
    return subprocess.run([sys.executable, ROOT / "tools/sqlgen.py", out, *files], capture_output=True, text=True)


@pytest.mark.parametrize("case", BAD, ids=lambda p: p.name)
def test_refused(case, tmp_path):
    expected = re.match(r"-- expect: (.+)\n", case.read_text())[1]
    made = run(tmp_path, case)
    assert made.returncode != 0, "accepted"
    assert expected in made.stderr
    assert case.name in made.stderr, "the refusal names the file"
    assert not list(tmp_path.iterdir()), "nothing is written when one statement is unsound"


def test_there_are_cases():
    assert len(BAD) >= 20


def test_text_and_binds(tmp_path):
    good = CASES / "good.sql"
    assert run(tmp_path, good).returncode == 0
    text = (tmp_path / "good_sql.c").read_text()
    header = (tmp_path / "good_sql.h").read_text()
    squeezed = re.sub(r'"\s+"', "", text)
    # one number for a parameter however often it is used, in order of first use; strings and casts are left alone
    assert "SELECT a, ':no' AS b FROM t WHERE tenant_id = ?1 AND (x = ?2 OR y = ?2) AND z <> ':x'" in squeezed
    assert "tenant_id = $1 AND (x = $2 OR y = $2) AND z::text <> ':x'" in squeezed
    assert "{ { BIND_TENANT, 0 }, { BIND_IN, 0 } }" in text
    # @care names the context's actor and reach
    assert "k.patient_id = t.patient_id AND k.until > ?4" in squeezed
    # calls by promise
    assert "sql_good_pick(struct ctx *ctx, const struct good_pick_in *in, struct thing *out)" in header
    assert "sql_good_all(struct ctx *ctx, struct list *out)" in header
    assert "sql_good_put_many(struct ctx *ctx, const struct good_put_in *ins, size_t n)" in header
    assert "sql_good_put_count(" in header
    assert "sql_good_note_count(" not in header, "nobody waits for what comes later"
    # sealed inputs say where they rest
    assert '.table = "thing", .row_field = "id", .key_field = "patient_id"' in text
    assert "FIELD(good_put_in, title, .sealed = true)" in text
    assert '.key_field = NULL' in text
    assert (tmp_path / "stmts.c").read_text().count("&good_") == 6


def test_slots_are_dense_and_names_unique(tmp_path):
    other = tmp_path / "other.sql"
    other.write_text("-- :stmt other_one none write\nDELETE FROM x;\n")
    assert run(tmp_path, CASES / "good.sql", other).returncode == 0
    slots = [int(n) for f in ("good_sql.c", "other_sql.c") for n in re.findall(r"\.slot = (\d+)", (tmp_path / f).read_text())]
    assert slots == list(range(7))
    other.write_text("-- :stmt good_pick none write\nDELETE FROM x;\n")
    made = run(tmp_path, CASES / "good.sql", other)
    assert made.returncode != 0 and "exists twice" in made.stderr


def test_spare_statements_follow_the_programs(tmp_path):
    other = tmp_path / "other.sql"
    other.write_text("-- :stmt other_one none write\nDELETE FROM x;\n")
    out = tmp_path / "out"
    out.mkdir()
    assert run(out, CASES / "good.sql", "--spare", other).returncode == 0
    assert sorted(p.name for p in out.iterdir()) == ["other_sql.c", "other_sql.h"]
    assert ".slot = 6" in (out / "other_sql.c").read_text()


def test_equal_output_is_left_alone(tmp_path):
    run(tmp_path, CASES / "good.sql")
    before = {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    run(tmp_path, CASES / "good.sql")
    assert before == {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
