"""The audit trail convicts: each kind of tampering, done beneath the program in the database itself, is found by
`plantao audit verify`, named, and laid to the first entry or head it touched."""
import hashlib
import json
import os
import shutil
import struct
import subprocess
import threading
import time

import pytest

from lib import ed25519
from lib.client import USERS, Client
from lib.postgres import Postgres
from lib.server import Plantao, program_name
from lib.trail import COLUMNS, NOTHING, RECORD, Trail, content, head_bytes, head_hash, head_signed, key_id, \
    record, records_root

ROUNDS = 4


def work(server, round_):
    """Entries of several kinds: with and without a patient, sealed values, a reason, a list's extra."""
    doctor = server.client("doctor")
    patient = next(doctor.pages("/api/patients"))["id"]
    made = doctor.post("/api/medical-records", {"patientId": patient, "title": f"Consulta {round_}",
                                                "diagnosis": "A30.9", "notes": "Sem queixas."})
    assert made.status_code == 201, made.text
    path = made.headers["Location"]
    assert doctor.get(path).status_code == 200
    assert doctor.get("/api/medical-records").status_code == 200
    assert doctor.delete(path, params={"reason": "duplicado"}).status_code == 204
    assert server.client("admin").get("/api/users").status_code == 200
    assert server.client().get("/api/users").status_code == 401   # an entry without an actor


@pytest.fixture(scope="module")
def sealed(engine, request, new_database_url):
    """A store at rest with several batches of several entries, and a list of its heads beside it."""
    postgres = request.getfixturevalue("postgres") if engine == "postgres" else None
    with Plantao(new_database_url(engine)) as server:
        for i in range(ROUNDS):
            work(server, i)
            time.sleep(1.2)
        server.stop()
        trail = Trail(server, postgres)
        listed = server.run("audit", "heads", "--append", server.dir / "heads.jsonl")
        assert listed.returncode == 0, listed.stderr
        yield trail


@pytest.fixture
def trail(sealed):
    copy = sealed.copy()
    yield copy
    copy.close()


def heads_file(sealed):
    return sealed.plantao.dir / "heads.jsonl"


def batch_of(trail, least=4):
    """A batch in the middle with enough entries to spoil one."""
    return next(h for h in trail.heads()[1:] if h["entry_count"] >= least)


def assert_first(verdict, kind, seq=None, batch=None):
    assert verdict.code == 1 and not verdict.said["ok"], verdict.said
    assert verdict.first["kind"] == kind, verdict.first
    if seq is not None:
        assert verdict.first["seq"] == seq, verdict.first
    if batch is not None:
        assert verdict.first["batch"] == batch, verdict.first


# ---- what is sealed

def test_whole(sealed):
    verdict = sealed.verify("--grace", "0")
    assert verdict.code == 0 and verdict.said["ok"] and verdict.first is None, verdict.said
    assert verdict.said["entries"] == len(sealed.entries()) > 4 * ROUNDS
    assert verdict.said["batches"] == len(sealed.heads()) >= 3
    assert verdict.said["unsealed"] == 0


def test_heads_by_another_hand(sealed):
    """Every byte that is hashed and signed, computed here from the documents alone."""
    keys, before = sealed.keys(), None
    for head in sealed.heads():
        rows = sealed.under(head)
        assert b"".join(record(r) for r in rows) == head["records"]
        assert records_root(head["records"]) == head["root"]
        assert head["entry_count"] == len(rows)
        assert head["previous"] == (head_hash(before) if before else NOTHING)
        assert head["range_from"] == (before["range_to"] if before else 0)
        assert head["at"] >= (before["at"] if before else 0)
        assert head_signed(head, keys)
        before = head


def test_every_kind_of_column_is_there(sealed):
    """Else the columns' test below would spoil nothing."""
    rows = sealed.entries()
    for name in COLUMNS:
        assert any(r[name] is not None for r in rows), name


def other_value(row, name):
    value = row[name]
    if value is None:
        return {"extra": "{}", "role": "DOCTOR"}.get(name, bytes(16))
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value[:-1] + ("x" if value[-1:] != "x" else "y")
    return value[:-1] + bytes([value[-1] ^ 1])


# ---- changed

@pytest.mark.parametrize("column", COLUMNS)
def test_changed_byte(trail, column):
    head = batch_of(trail)
    rows = trail.under(head)
    row = next((r for r in rows[1:] if r[column] is not None), rows[1])
    trail.set(row["seq"], **{column: other_value(row, column)})
    verdict = trail.verify()
    assert_first(verdict, "changed", row["seq"], head["number"])
    if column != "id":
        assert verdict.first["id"].replace("-", "") == row["id"].hex()


@pytest.mark.parametrize("column", ["actor_id", "patient_id", "reason_sealed", "extra"])
def test_absent_is_not_empty(trail, column):
    head = batch_of(trail)
    row = next(r for h in trail.heads() for r in trail.under(h) if r[column] is None)
    head = next(h for h in trail.heads() if row in trail.under(h))
    trail.set(row["seq"], **{column: "" if column == "extra" else b""})
    assert_first(trail.verify(), "changed", row["seq"], head["number"])


def test_the_first_of_several_is_named(trail):
    heads = trail.heads()
    late, early = trail.under(heads[-1])[0], trail.under(batch_of(trail))[2]
    trail.set(late["seq"], status=299)
    trail.set(early["seq"], status=299)
    assert_first(trail.verify(), "changed", early["seq"])


@pytest.mark.engine("sqlite")
def test_value_of_another_kind(trail):
    row = trail.under(batch_of(trail))[1]
    trail.sql("UPDATE audit_entry SET at = 'yesterday' WHERE seq = ?", row["seq"])
    assert_first(trail.verify(), "changed", row["seq"])


@pytest.mark.engine("postgres")
def test_changed_epoch(trail):
    """The order itself: an entry moved within its batch, behind one that came later."""
    head = next(h for h in trail.heads() if len({r["epoch"] for r in trail.under(h)}) > 3)
    rows = trail.under(head)
    row = next(r for r in rows if r["epoch"] != rows[0]["epoch"])
    trail.set(row["seq"], epoch=rows[-1]["epoch"])
    assert_first(trail.verify(), "reordered", row["seq"], head["number"])


# ---- removed

@pytest.mark.parametrize("which", [0, 1, -1])
def test_removed_entry(trail, which):
    head = batch_of(trail)
    row = trail.under(head)[which]
    trail.sql("DELETE FROM audit_entry WHERE seq = ?", row["seq"])
    assert_first(trail.verify(), "removed", row["seq"], head["number"])


def test_removed_entries_of_a_whole_batch(trail):
    head = batch_of(trail)
    first = trail.under(head)[0]["seq"]
    for row in trail.under(head):
        trail.sql("DELETE FROM audit_entry WHERE seq = ?", row["seq"])
    assert_first(trail.verify(), "removed", first, head["number"])


def test_removed_and_called_pruned(trail):
    """Only the signing key can say that entries were removed in order."""
    head = batch_of(trail)
    for row in trail.under(head):
        trail.sql("DELETE FROM audit_entry WHERE seq = ?", row["seq"])
    trail.set_head(head["number"], pruned_at=head["at"] + 8 * 366 * 86400000, prune_key_id=head["key_id"],
                   prune_signature=head["signature"], records=None)
    assert_first(trail.verify(), "removed", batch=head["number"])


def test_removed_head(trail):
    head = batch_of(trail)
    trail.sql("DELETE FROM audit_batch WHERE number = ?", head["number"])
    assert_first(trail.verify(), "removed", batch=head["number"])


def test_removed_first_batch(trail):
    for row in trail.under(trail.heads()[0]):
        trail.sql("DELETE FROM audit_entry WHERE seq = ?", row["seq"])
    trail.sql("DELETE FROM audit_batch WHERE number = 1")
    assert_first(trail.verify(), "removed", batch=1)


# ---- inserted

@pytest.mark.parametrize("place", ["within", "at the end"])
def test_inserted_entry(trail, place):
    """On SQLite a sealed range has no free number but below the first; PostgreSQL's epochs always have room."""
    head = trail.heads()[0] if trail.sqlite else batch_of(trail)
    row = dict(trail.under(head)[1 if place == "within" else -1])
    row["seq"], row["id"] = -5 if trail.sqlite else 10**9, os.urandom(16)
    trail.put_entry(row)
    assert_first(trail.verify(), "inserted", row["seq"], head["number"])


def test_replaced_entry(trail):
    """Removed, and another put into its place."""
    head = batch_of(trail)
    row = dict(trail.under(head)[1])
    trail.sql("DELETE FROM audit_entry WHERE seq = ?", row["seq"])
    row["id"], row["event"] = os.urandom(16), "patient.read"
    trail.put_entry(row)
    assert_first(trail.verify(), "changed", row["seq"], head["number"])


# ---- reordered

def test_swapped_entries(trail):
    head = batch_of(trail)
    a, b = trail.under(head)[1:3]
    trail.set(a["seq"], **{n: b[n] for n in COLUMNS})
    trail.set(b["seq"], **{n: a[n] for n in COLUMNS})
    assert_first(trail.verify(), "reordered", a["seq"], head["number"])


@pytest.mark.engine("sqlite")
def test_renumbered_entry(trail):
    head = batch_of(trail)
    a, b, c = trail.under(head)[1:4]
    for seq, to in ((a["seq"], -1), (b["seq"], a["seq"]), (-1, b["seq"])):
        trail.sql("UPDATE audit_entry SET seq = ? WHERE seq = ?", to, seq)
    assert_first(trail.verify(), "reordered", a["seq"], head["number"])


# ---- truncated

def test_head_cut_off(trail):
    """Entries are left without a head."""
    last = trail.heads()[-1]
    trail.sql("DELETE FROM audit_batch WHERE number = ?", last["number"])
    verdict = trail.verify("--grace", "0")
    assert_first(verdict, "truncated", trail.under(last)[0]["seq"])
    assert verdict.said["unsealed"] == last["entry_count"]


def test_end_cut_off_against_the_list(sealed, trail):
    """Entries and heads gone together: nothing in the store tells, the list elsewhere does."""
    last = trail.heads()[-1]
    for row in trail.under(last):
        trail.sql("DELETE FROM audit_entry WHERE seq = ?", row["seq"])
    trail.sql("DELETE FROM audit_batch WHERE number = ?", last["number"])
    assert trail.verify("--grace", "0").code == 0
    assert_first(trail.verify("--heads", heads_file(sealed)), "truncated", batch=last["number"])


# ---- forged

@pytest.mark.parametrize("which", ["middle", "last"])
@pytest.mark.parametrize("column", ["range_from", "range_to", "entry_count", "at", "root", "previous", "key_id", "signature"])
def test_forged_head(trail, column, which):
    head = trail.heads()[1 if which == "middle" else -1]
    trail.set_head(head["number"], **{column: other_value(head, column)})
    assert_first(trail.verify(), "forged", batch=head["number"])


def rewrite(trail, head, seed=None, key=None):
    """What a thorough forger does: all hashes from the head on put right, and signed with a key of his own if he has
    one."""
    before = next((h for h in trail.heads() if h["number"] == head["number"] - 1), None)
    for h in trail.heads()[head["number"] - 1:]:
        h["records"] = b"".join(record(r) for r in trail.under(h))
        h["root"], h["entry_count"] = records_root(h["records"]), len(h["records"]) // RECORD
        h["previous"] = head_hash(before) if before else NOTHING
        if seed:
            h["key_id"] = key
            h["signature"] = ed25519.sign(seed, head_bytes(h))
        trail.set_head(h["number"], **{n: h[n] for n in ("records", "root", "entry_count", "previous", "key_id", "signature")})
        before = h


def test_rewritten_without_a_key(trail):
    """Every later head is rewritten so that the chain holds; the first one touched is named, not the last."""
    head = batch_of(trail)
    trail.set(trail.under(head)[1]["seq"], status=299)
    rewrite(trail, head)
    assert_first(trail.verify(), "forged", batch=head["number"])


def test_rewritten_with_a_key_of_ones_own(trail):
    head, seed = batch_of(trail), os.urandom(32)
    mine = key_id(ed25519.public_of(seed))
    wrapped = trail.sql("SELECT wrapped_seed FROM audit_key WHERE number = 1")[0][0]
    trail.set(trail.under(head)[1]["seq"], status=299)
    trail.sql("INSERT INTO audit_key (number, id, wrapped_seed, created_at) VALUES (2, ?, ?, 1)", mine, wrapped)
    rewrite(trail, head, seed, mine)
    assert_first(trail.verify(), "forged", batch=head["number"])


def test_rewritten_against_the_list(sealed, trail):
    """Even whoever holds the signing key cannot alter what stands in the list; here the list is what is altered."""
    lines = heads_file(sealed).read_text().splitlines()
    head = json.loads(lines[1])
    head["root"] = hashlib.sha256(b"another").hexdigest()
    spoilt = trail.plantao.dir / "spoilt.jsonl"
    spoilt.write_text("\n".join([lines[0], json.dumps(head), *lines[2:]]) + "\n")
    assert trail.verify("--heads", heads_file(sealed)).code == 0
    assert_first(trail.verify("--heads", spoilt), "forged", batch=2)


def test_damaged_records(trail):
    """The batch's own list of records: the entries are found whole, and the damage named."""
    head = batch_of(trail)
    trail.set_head(head["number"], records=other_value(head, "records"))
    verdict = trail.verify()
    assert_first(verdict, "changed", batch=head["number"])
    assert "entries are whole" in verdict.first["detail"]


def test_entry_and_records_changed_together(trail):
    head = batch_of(trail)
    trail.set(trail.under(head)[1]["seq"], status=299)
    trail.set_head(head["number"], records=b"".join(record(r) for r in trail.under(head)))
    assert_first(trail.verify(), "changed", batch=head["number"])


# ---- from a time on, another key, other places

def test_since(trail):
    heads = trail.heads()
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(heads[2]["at"] // 1000)) + f".{heads[2]['at'] % 1000:03}Z"
    early, late = trail.under(heads[0])[0], trail.under(heads[2])[0]
    trail.set(early["seq"], status=299)
    verdict = trail.verify("--since", at)
    assert verdict.code == 0 and verdict.said["batches"] == len(heads) - 2, verdict.said
    trail.set(late["seq"], status=299)
    assert_first(trail.verify("--since", at), "changed", late["seq"])


def test_since_rests_on_a_signed_head(trail):
    heads = trail.heads()
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((heads[2]["at"] + 999) // 1000))
    later = next(h for h in heads if h["at"] >= (heads[2]["at"] + 999) // 1000 * 1000)
    trail.set_head(later["number"] - 1, signature=bytes(64))
    assert_first(trail.verify("--since", at), "forged", batch=later["number"] - 1)


def test_new_key(trail):
    """A new key signs from then on, what the old one signed stays proven, and the old one signs no more."""
    made = trail.plantao.run("audit", "key", "--new")
    assert made.returncode == 0, made.stderr
    keys, last = trail.keys(), trail.heads()[-1]
    assert len(keys) == 2 and head_signed(last, keys)
    assert last["key_id"] != trail.heads()[0]["key_id"]
    assert trail.verify("--grace", "0").code == 0


def test_rotated_master_key(trail):
    """The signing key is wrapped anew with the others, and signs on."""
    assert json.loads(trail.plantao.run("keys", "status", "--json").stdout)["current"] > 1
    before = trail.sql("SELECT wrapped_seed FROM audit_key")
    done = trail.plantao.run("keys", "rotate")
    assert done.returncode == 0, done.stderr
    after = trail.sql("SELECT wrapped_seed FROM audit_key")
    assert before[0][0][:8] != after[0][0][:8], "still under the old master key"
    assert trail.plantao.run("keys", "status").returncode == 0
    assert trail.verify("--grace", "0").code == 0 and trail.heads()[-1]["key_id"] == trail.heads()[0]["key_id"]


def test_doctor_looks(trail):
    def result(name):
        said = json.loads(trail.plantao.run("doctor", "--json").stdout)
        return next(c for c in said if c["check"] == name)
    assert result("audit_sealed")["result"] == "ok" and result("audit_elsewhere")["result"] == "warn"
    trail.plantao.settings["audit_heads_file"] = "/mnt/elsewhere/heads.jsonl"
    assert result("audit_elsewhere")["result"] == "ok"
    trail.set(trail.under(batch_of(trail))[1]["seq"], status=299)
    assert result("audit_sealed")["result"] == "fail"


def key_file(trail):
    path = trail.plantao.dir / "keys.pem"
    path.write_text(trail.plantao.run("audit", "key").stdout)
    return path


@pytest.mark.engine("sqlite")
def test_backup_without_its_installation(trail):
    """The database's file and the public key are enough, and nothing beside them is made."""
    keys = key_file(trail)
    place = trail.plantao.dir / "elsewhere"
    place.mkdir()
    shutil.copy(trail.plantao.data_dir / "plantao.db", place / "backup.db")
    alone = Plantao(settings={"data_dir": place / "none"})
    try:
        options = ("audit", "verify", "--json", "--database", place / "backup.db", "--key", keys)
        done = alone.run(*options)
        assert done.returncode == 0 and json.loads(done.stdout)["entries"] == len(trail.entries()), done.stderr
        assert [p.name for p in place.iterdir()] == ["backup.db"]
        row = trail.under(batch_of(trail))[1]
        trail.set(row["seq"], status=299)
        trail.sql("VACUUM")
        shutil.copy(trail.plantao.data_dir / "plantao.db", place / "backup.db")
        done = alone.run(*options)
        assert done.returncode == 1 and json.loads(done.stdout)["first"]["seq"] == row["seq"]
        done = alone.run("audit", "verify", "--database", place / "missing.db", "--key", keys)
        assert done.returncode == 1 and not (place / "missing.db").exists()
        odd = place / "50% of #1?.db"
        shutil.copy(place / "backup.db", odd)
        done = alone.run("audit", "verify", "--json", "--database", odd, "--key", keys)
        assert done.returncode == 1 and json.loads(done.stdout)["first"]["seq"] == row["seq"], done.stderr
        (place / "backup.db-wal").write_bytes(b"something")
        done = alone.run(*options)
        assert done.returncode == 1 and "log beside it" in done.stderr
    finally:
        alone.close()


# ---- exports

@pytest.fixture(scope="module")
def exported(sealed):
    copy = sealed.copy()
    keys = key_file(copy)
    path = copy.plantao.dir / "trail.jsonl"
    done = copy.plantao.run("audit", "export", path)
    assert done.returncode == 0, done.stderr
    yield copy, path.read_text().splitlines(), keys
    copy.close()


def verify_lines(exported, lines, *options):
    trail, _, keys = exported
    path = trail.plantao.dir / f"lines-{os.urandom(4).hex()}.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines))
    alone = Plantao(settings={"data_dir": trail.plantao.dir / "none"})
    try:
        done = alone.run("audit", "verify", "--json", "--export", path, "--key", keys, *options)
        assert done.returncode in (0, 1) and done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)
    finally:
        alone.close()


def entry_lines(lines):
    return [i for i, line in enumerate(lines) if line.startswith('{"entry"')]


def test_export_is_whole(exported):
    trail, lines, _ = exported
    code, said = verify_lines(exported, lines)
    assert code == 0 and said["ok"], said
    made = json.loads(lines[-1])["end"]
    assert made["madeBy"] == program_name() and made["madeAt"].startswith("20")
    assert said["entries"] == len(entry_lines(lines)) == len(trail.entries()) - 1   # the export's own entry comes after


def test_export_is_audited(exported):
    events = [r["event"] for r in exported[0].entries()]
    assert events[-1] == "audit.export" and events.count("audit.export") == 1


def test_export_does_not_overwrite(exported):
    trail, _, _ = exported
    done = trail.plantao.run("audit", "export", trail.plantao.dir / "trail.jsonl")
    assert done.returncode == 1 and "exists" in done.stderr


@pytest.mark.parametrize("kind", ["changed", "removed", "inserted", "reordered", "truncated", "forged", "no end", "damaged"])
def test_spoilt_export(exported, kind):
    lines = list(exported[1])
    at = entry_lines(lines)[len(entry_lines(lines)) // 2]
    seq = json.loads(lines[at])["entry"]["seq"]
    if kind == "changed":
        lines[at] = lines[at].replace('"status":', '"status":1')
    elif kind == "removed":
        del lines[at]
    elif kind == "inserted":
        lines.insert(at, lines[at].replace(f'"seq":{seq}', '"seq":999999').replace('"event":"', '"event":"x'))
        seq = 999999
    elif kind == "reordered":
        at = next(i for i in entry_lines(lines) if i + 1 in entry_lines(lines))
        seq = json.loads(lines[at])["entry"]["seq"]
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
    elif kind == "forged":
        head = next(i for i, line in enumerate(lines) if line.startswith('{"head"') and '"number":2,' in line)
        lines[head] = lines[head].replace('"count":', '"count":1')
        seq = 0
    elif kind == "truncated":
        del lines[at:]
        seq = None
    elif kind == "no end":
        del lines[-1]
        kind, seq = "truncated", 0
    else:
        lines[at], kind, seq = lines[at][:-3], "changed", 0
    code, said = verify_lines(exported, lines)
    assert code == 1, said
    if kind == "truncated" and seq is None:
        assert said["first"]["kind"] in ("truncated", "removed"), said
    else:
        assert (said["first"]["kind"], said["first"]["seq"]) == (kind, seq), said


def test_export_from_the_middle(sealed):
    copy = sealed.copy()
    try:
        heads = copy.heads()
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(heads[1]["at"] // 1000 + 1))
        first = next(h for h in heads if h["at"] >= (heads[1]["at"] // 1000 + 1) * 1000)
        path = copy.plantao.dir / "part.jsonl"
        done = copy.plantao.run("audit", "export", path, "--since", at)
        assert done.returncode == 0, done.stderr
        assert json.loads(path.read_text().splitlines()[0])["head"]["number"] == first["number"] > 1
        done = copy.plantao.run("audit", "verify", "--export", path)
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        copy.close()


def test_wrong_key(exported):
    trail, lines, keys = exported
    other = trail.plantao.dir / "other.pem"
    der = bytes.fromhex("302a300506032b6570032100") + ed25519.public_of(bytes(32))
    import base64
    other.write_text(f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(der).decode()}\n-----END PUBLIC KEY-----\n")
    code, said = verify_lines((trail, lines, other), lines)
    assert code == 1 and said["first"]["kind"] == "forged", said
    done = trail.plantao.run("audit", "verify", "--export", trail.plantao.dir / "trail.jsonl", "--key", "/dev/null")
    assert done.returncode == 1 and "PEM" in done.stderr


@pytest.mark.parametrize("options", [
    ("audit",), ("audit", "shred"), ("audit", "verify", "--since", "soon"), ("audit", "prune"), ("audit", "export"),
    ("audit", "prune", "--before", "2026-02-30"), ("audit", "verify", "extra"), ("audit", "heads")])
def test_called_wrongly(sealed, options):
    assert sealed.plantao.run(*options).returncode == 2


def test_prune_keeps_seven_years(trail):
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 7 * 365 * 86400 + 3 * 86400))
    done = trail.plantao.run("audit", "prune", "--before", day)
    assert done.returncode == 2 and "7 years" in done.stderr
    before = len(trail.entries())
    done = trail.plantao.run("audit", "prune", "--before", "2019-01-01")
    assert done.returncode == 0 and done.stdout.startswith("0 entries"), done.stderr
    assert len(trail.entries()) == before


# ---- running servers

def wait_sealed(trail, timeout_s=15):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        verdict = trail.verify()
        if verdict.said["ok"] and verdict.said["unsealed"] == 0:
            return verdict
        assert verdict.said["ok"], verdict.said
        time.sleep(0.3)
    raise AssertionError(f"still unsealed: {verdict.said}")


def trail_of(server, engine, request):
    return Trail(server, request.getfixturevalue("postgres") if engine == "postgres" else None)


def test_verifies_while_it_is_written(make_server, engine, request):
    server = make_server()
    trail, stop = trail_of(server, engine, request), threading.Event()
    doctor = server.client("doctor")

    def read():
        while not stop.is_set():
            assert doctor.get("/api/auth/me").status_code == 200

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for _ in range(8):
            verdict = trail.verify()
            assert verdict.said["ok"], verdict.said
            time.sleep(0.4)
    finally:
        stop.set()
        thread.join()
    assert wait_sealed(trail).said["entries"] == len(trail.entries())


def test_sealed_after_kill(make_server, engine, request):
    server = make_server()
    trail = trail_of(server, engine, request)
    for _ in range(20):
        server.client("doctor").get("/api/auth/me")
    server.kill()
    server.start()
    wait_sealed(trail)
    server.stop()
    assert trail.verify("--grace", "0").said["unsealed"] == 0


def test_head_gone_under_a_running_server(make_server, engine, request):
    """Signing on would cover it up: the server says so and signs no more."""
    server = make_server(settings={})
    trail = trail_of(server, engine, request)
    for _ in range(3):
        server.client("doctor").get("/api/auth/me")
        time.sleep(1.1)
    last = trail.heads()[-1]
    trail.sql("DELETE FROM audit_batch WHERE number = ?", last["number"])
    server.client("doctor").get("/api/auth/me")
    server.wait_log("audit_broken")
    assert "plantao_audit_broken 1" in server.client().get("/metrics").text
    health = server.client().get("/health").json()
    assert (health["status"], health["checks"]["audit"]["status"]) == ("ok", "warn")
    time.sleep(1.5)
    assert trail.heads()[-1]["number"] == last["number"] - 1
    assert_first(trail.verify("--grace", "0"), "truncated")


def test_head_gone_while_the_server_was_down(make_server, engine, request):
    """The list outside remembers what the server's memory does not."""
    server = make_server(start=False)
    server.settings["audit_heads_file"] = server.dir / "heads.jsonl"
    server.start()
    trail = trail_of(server, engine, request)
    for _ in range(3):
        server.client("doctor").get("/api/auth/me")
        time.sleep(1.1)
    server.stop()
    last = trail.heads()[-1]
    assert json.loads((server.dir / "heads.jsonl").read_text().splitlines()[-1])["number"] == last["number"]
    trail.sql("DELETE FROM audit_batch WHERE number = ?", last["number"])
    server.start()
    server.wait_log("audit_broken")
    assert trail.heads()[-1]["number"] == last["number"] - 1


def test_list_torn_by_a_crash(make_server, engine, request):
    server = make_server(start=False)
    path = server.dir / "heads.jsonl"
    server.settings["audit_heads_file"] = path
    server.start()
    trail = trail_of(server, engine, request)
    for _ in range(3):
        server.client("doctor").get("/api/auth/me")
        time.sleep(1.1)
    server.kill()
    path.write_bytes(path.read_bytes()[:-40])
    server.start()
    server.client("doctor").get("/api/auth/me")
    wait_sealed(trail)
    server.stop()
    assert not server.log("audit_broken")
    assert trail.verify("--heads", path).code == 0
    numbers = [json.loads(line)["number"] for line in path.read_text().splitlines() if line.endswith("}")]
    assert numbers == [h["number"] for h in trail.heads()]


@pytest.mark.engine("postgres")
def test_two_servers_on_one_database(make_server, engine, request, new_database_url):
    """Both write and both seal: one chain comes of it, and every entry is under it."""
    url = new_database_url(engine)
    one = make_server(database_url=url)
    two = make_server(database_url=url, start=False)
    two.data_dir.mkdir(parents=True)
    shutil.copy(one.data_dir / "master.key", two.data_dir / "master.key")
    two.start()
    trail, stop = trail_of(one, engine, request), threading.Event()

    def hammer(server):
        nobody = Client(server.url)
        client = nobody.login(USERS["doctor"])
        patient = next(client.pages("/api/patients"))["id"]
        while not stop.is_set():
            assert client.get(f"/api/patients/{patient}").status_code == 200
            assert client.post("/api/medical-records", {"patientId": patient, "title": "x", "diagnosis": "y"}).status_code == 201
        client.close()
        nobody.close()

    threads = [threading.Thread(target=hammer, args=(s,)) for s in (one, two, one, two)]
    for t in threads:
        t.start()
    try:
        time.sleep(6)
        assert trail.verify().said["ok"]
    finally:
        stop.set()
        for t in threads:
            t.join()
    verdict = wait_sealed(trail)
    assert verdict.said["entries"] == len(trail.entries()) > 100
    heads = trail.heads()
    assert [h["number"] for h in heads] == list(range(1, len(heads) + 1))


@pytest.mark.engine("postgres")
def test_late_commit(make_server, engine, request):
    """A transaction that is open while others are sealed: its entry gets into a later batch, never into a sealed one."""
    server = make_server()
    trail = trail_of(server, engine, request)
    server.client("doctor").get("/api/auth/me")
    wait_sealed(trail)
    row = trail.entries()[-1]
    late = trail.postgres.connect(trail.url)
    late.autocommit = False
    try:
        with late.cursor() as cursor:
            cursor.execute(f"INSERT INTO audit_entry ({', '.join(COLUMNS)}) SELECT {', '.join(COLUMNS)} FROM audit_entry"
                           " WHERE seq = %s RETURNING seq, epoch", (row["seq"],))
            seq, epoch = cursor.fetchone()
        for _ in range(3):
            server.client("doctor").get("/api/auth/me")
            time.sleep(1.1)
        assert trail.heads()[-1]["range_to"] <= epoch, "sealed beyond a running transaction"
        assert trail.verify("--grace", "0").said["ok"], "what waits for a transaction is not overdue"
        late.commit()
    finally:
        late.close()
    wait_sealed(trail)
    assert seq in [r["seq"] for r in trail.under(next(h for h in trail.heads() if h["range_to"] > epoch))]


@pytest.mark.engine("postgres")
def test_restored_into_a_younger_cluster(make_server, engine, request):
    """Transaction numbers begin anew there; entries written after the restore must not fall into sealed ranges."""
    server = make_server()
    trail = trail_of(server, engine, request)
    connection = trail.postgres.connect(trail.url)
    with connection.cursor() as cursor:
        for _ in range(3000):   # the old cluster is further on
            cursor.execute("SELECT pg_current_xact_id()")
    connection.close()
    server.client("doctor").get("/api/auth/me")
    wait_sealed(trail)
    server.stop()
    dump = subprocess.run([trail.postgres.bin / "pg_dump", "-Fc", trail.url], capture_output=True, check=True).stdout
    highest = trail.heads()[-1]["range_to"]
    with Postgres() as younger:
        url = younger.new_database()
        subprocess.run([younger.bin / "pg_restore", "--no-owner", "-d", url], input=dump, check=True)
        assert younger.sql(url, "SELECT pg_current_xact_id()::text::bigint")[0][0] < highest
        second = Plantao(url)
        second.data_dir.mkdir()
        shutil.copy(server.data_dir / "master.key", second.data_dir / "master.key")
        with second:
            restored = Trail(second, younger)
            second.client("doctor").get("/api/auth/me")
            verdict = wait_sealed(restored)
            assert verdict.said["entries"] == len(restored.entries()) and restored.heads()[-1]["range_from"] >= highest


# ---- proofs over HTTP, judged by lib/merkle.py and lib/ed25519.py

def test_proof(make_server, engine, request):
    from lib import merkle
    server = make_server()
    trail = trail_of(server, engine, request)
    work(server, 0)
    wait_sealed(trail)
    auditor = server.client("auditor")
    listed = auditor.get("/api/audit", params={"limit": 10}).json()["items"]
    wait_sealed(trail)
    keys = {bytes.fromhex(k["id"]): bytes.fromhex(k["publicKey"]) for k in auditor.get("/api/audit/keys").json()["items"]}
    assert all(key_id(v) == k for k, v in keys.items()) and keys == trail.keys()
    heads = {h["number"]: h for h in auditor.get("/api/audit/heads", params={"limit": 1000}).json()["items"]}
    rows = {r["id"].hex(): r for r in trail.entries()}
    assert len(listed) >= 6
    for item in listed:
        answer = auditor.get(f"/api/audit/{item['id']}/proof")
        assert answer.status_code == 200, answer.text
        p = answer.json()
        row = rows[item["id"].replace("-", "")]
        assert bytes.fromhex(p["content"]) == content(row)
        assert p["digest"] == hashlib.sha256(content(row)).hexdigest()
        leaf = merkle.leaf_hash(struct.pack(">qq", p["seq"], p["epoch"]) + bytes.fromhex(p["digest"]))
        assert p["leafHash"] == leaf.hex() and (p["seq"], p["epoch"]) == (row["seq"], row["epoch"] or 0)
        path = [bytes.fromhex(x) for x in p["auditPath"]]
        root = bytes.fromhex(p["head"]["root"])
        assert merkle.included(leaf, p["leafIndex"], p["treeSize"], path, root)
        assert p["head"] == heads[p["head"]["number"]]
        in_store = trail.heads()[p["head"]["number"] - 1]
        assert in_store["root"] == root and head_signed(in_store, keys)
        for name in ("reason_sealed", "before_sealed", "after_sealed"):
            if row[name]:
                assert row[name].hex() not in p["content"], "a proof shows no sealed bytes"


def test_proof_is_refused(make_server, engine, request):
    server = make_server()
    server.client("doctor").get("/api/auth/me")
    trail = trail_of(server, engine, request)
    wait_sealed(trail)
    auditor = server.client("auditor")
    item = auditor.get("/api/audit").json()["items"][0]["id"]
    nobody = "01890000-0000-7000-8000-000000000000"
    assert auditor.get(f"/api/audit/{nobody}/proof").status_code == 404
    for path in (f"/api/audit/{item}/proof", "/api/audit/heads", "/api/audit/keys"):
        assert server.client("doctor").get(path).status_code == 403
        assert server.client().get(path).status_code == 401
    assert server.client("admin_other").get(f"/api/audit/{item}/proof").status_code == 404
    wait_sealed(trail)
    row = next(r for r in trail.entries() if r["id"].hex() == item.replace("-", ""))
    trail.set(row["seq"], status=299)
    assert auditor.get(f"/api/audit/{item}/proof").status_code == 500


def test_reading_proofs_is_audited(make_server, engine, request):
    server = make_server()
    trail = trail_of(server, engine, request)
    auditor = server.client("auditor")
    for path in ("/api/audit/heads", "/api/audit/keys"):
        assert auditor.get(path).status_code == 200
    assert [r["route"] for r in trail.entries() if r["event"] == "audit.read"] == ["GET /api/audit/heads", "GET /api/audit/keys"]


# ---- the trail by patient

def more_entries(trail, like, count):
    """Copies of one entry, as if so much had happened in between."""
    columns = ", ".join(COLUMNS)
    series = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n" if trail.sqlite
              else "SELECT generate_series(1, ?)")
    trail.sql(f"INSERT INTO audit_entry ({columns}) SELECT {columns} FROM audit_entry, ({series}) s WHERE seq = ?",
              count, like["seq"])


def test_who_opened_a_chart_is_found_among_many(make_server, engine, request):
    """Entries lie in runs of some thousands by patient, and behind the last run as they came: the list has them all."""
    server = make_server()
    trail, doctor = trail_of(server, engine, request), server.client("doctor")
    patient, other = list(doctor.pages("/api/patients"))[:2]
    path = f"/api/patients/{patient['id']}"
    assert doctor.get(path).status_code == 200 and doctor.get(f"/api/patients/{other['id']}").status_code == 200
    wait_sealed(trail)
    for _ in range(2):
        server.stop()
        between = next(r for r in reversed(trail.entries()) if r["patient_id"] and r["patient_id"].hex() == other["id"].replace("-", ""))
        more_entries(trail, between, 6000)
        server.start()
        assert server.client("doctor").get(path).status_code == 200
    wait_sealed(trail)
    assert trail.sql("SELECT COUNT(*) FROM audit_run")[0][0] >= 2
    seen = [e["event"] for e in server.client("doctor").pages(path + "/access-log", limit=2)]
    assert seen.count("patient.read") == 3, seen


# ---- speed: told, not asserted

def test_speed(make_server, engine, request, capsys):
    count = 200_000
    server = make_server()
    trail = trail_of(server, engine, request)
    server.client("doctor").get("/api/auth/me")
    wait_sealed(trail)
    server.stop()
    row = trail.entries()[-1]
    more_entries(trail, row, count)
    if trail.sqlite:
        trail.sql("UPDATE audit_entry SET id = randomblob(16) WHERE seq > ?", row["seq"])
    began = time.monotonic()
    assert server.run("audit", "seal").returncode == 0
    sealing = time.monotonic() - began
    verdict = trail.verify("--grace", "0")
    assert verdict.said["ok"] and verdict.said["entries"] > count, verdict.said
    with capsys.disabled():
        print(f"\n{engine}: {count} entries sealed in {sealing:.1f} s, verified in {verdict.said['seconds']:.1f} s")
