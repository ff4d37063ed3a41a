"""How SQLite goes through the medical records: nothing reads all of an institution's by mistake.

The statements are those of the program, on the tables that its migrations make.  PostgreSQL
plans by what a table holds, so that an empty one shows nothing there."""
import importlib.util
import pathlib
import re
import sqlite3

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MIGRATIONS = sorted((ROOT / "migrations").glob("*.sql"))
TABLES = re.compile(r"\b(medical_record|record_words)\b")
# What counts, copies or samples an institution's records goes through them all, in the order of time or of patients.
WHOLE = {"claim_count", "demo_count", "prove_records", "extract_visits", "volume_newest", "record_list_all", "prove_sample"}


def tool(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def apply(db, paths):
    text_for = tool("migrationgen").text_for
    for path in paths:
        db.executescript(text_for("sqlite", path, path.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def plans():
    """Of each statement about records: the lines of its plan that are about them."""
    db = sqlite3.connect(":memory:")
    apply(db, MIGRATIONS)
    found, parse = {}, tool("sqlgen").parse
    for statement in (s for path in sorted((ROOT / "src").rglob("*.sql")) for s in parse(path)[0]):
        text = statement.numbered("sqlite")
        if TABLES.search(text) and not re.match(r"INSERT\b(?!.*\bSELECT\b)", text):
            aliases = {"medical_record", "record_words"} | set(re.findall(r"\b(?:medical_record|record_words) ([a-z])\b", text))
            lines = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {text}", [None] * len(statement.order()))]
            found[statement.name] = [line for line in lines if set(line.split()[1:2]) & aliases]
    return found


def test_nothing_scans_the_records(plans):
    assert len(plans) > 15 and WHOLE < set(plans), "statements were found"
    assert not {name: lines for name, lines in plans.items() if not lines}, "each plan says how it reaches them"
    scans = {name: lines for name, lines in plans.items() if any(line.startswith("SCAN") for line in lines)}
    assert not scans


def test_by_the_tenant_alone_goes_only_what_wants_all(plans):
    """(tenant_id=?) and no more is everything an institution has."""
    wide = {name for name, lines in plans.items() if any(re.search(r"\(tenant_id=\?( AND id[<>]\?)?\)$", line) for line in lines)}
    assert wide == WHOLE


def test_a_chart_is_read_in_its_order(plans):
    for name in ("record_list_patient", "chart_records", "chart_last_entry", "record_search_patient"):
        assert any("record_words" in line or line.startswith("SEARCH w USING PRIMARY KEY (tenant_id=? AND patient_id=?")
                   for line in plans[name]), plans[name]


def test_a_store_from_before_gets_the_rows_that_are_missing():
    db = sqlite3.connect(":memory:")
    at = next(i for i, p in enumerate(MIGRATIONS) if p.name.endswith("_chart_by_words.sql"))
    apply(db, MIGRATIONS[:at])
    record = ("INSERT INTO medical_record(tenant_id, id, patient_id, doctor_id, title_sealed, diagnosis_sealed, priority,"
              " created_at, updated_at, deleted_at) VALUES (x'01', ?, x'02', x'03', x'', x'', 'LOW', 1, 1, ?)")
    db.executemany(record, [(b"a", None), (b"b", 5), (b"c", None)])
    db.execute("INSERT INTO record_words(tenant_id, patient_id, record_id, words) VALUES (x'01', x'02', ?, x'77')", [b"c"])
    apply(db, MIGRATIONS[at:])
    rows = db.execute("SELECT record_id, words, deleted FROM record_words WHERE tenant_id = x'01' AND patient_id = x'02'").fetchall()
    assert rows == [(b"a", b"", 0), (b"b", b"", 1), (b"c", b"\x77", 0)]
