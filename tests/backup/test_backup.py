"""Backups of the embedded database: taken while it works, proven, restored to a time, refused when touched."""
import datetime
import json
import pathlib
import shutil
import sqlite3
import subprocess
import threading
import time

import pytest

from lib.process import plain_environment
from lib.server import Plantao, binary


def command(server, *words, more=None, fine=True, language="C.UTF-8"):
    env = plain_environment(**{f"PLANTAO_{k.upper()}": v for k, v in {**server.settings, **(more or {})}.items()})
    env["LC_ALL"] = language
    r = subprocess.run([binary(), *words], env=env, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    if fine:
        assert r.returncode == 0, r.stderr
    return r


@pytest.fixture
def shipped(tmp_path):
    """A server that ships every 100 ms."""
    copies = tmp_path / "copies"
    server = Plantao(settings={"backup_dir": copies, "backup_interval_ms": 100})
    command(server, "backup", "init")
    with server:
        server.copies = copies
        yield server


def up_to(server):
    """The time the newest backup reaches; 0 before the first."""
    found = json.loads(command(server, "backup", "list", "--json").stdout)
    return datetime.datetime.fromisoformat(found[0]["upTo"].replace("Z", "+00:00")).timestamp() if found else 0


def wait_shipped(server, after):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if up_to(server) > after:
            return
        time.sleep(0.1)
    raise AssertionError("what was written did not reach the backup")


def write(server, n):
    doctor = server.client("doctor")
    patient = doctor.get("/api/patients").json()["items"][0]["id"]
    made = []
    for i in range(n):
        r = doctor.post("/api/medical-records", {"patientId": patient, "title": f"Retorno {i}", "diagnosis": "Asma"})
        assert r.status_code == 201
        made.append(r.json()["id"])
    return made


def ids(path):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return {bytes(r[0]).hex() for r in db.execute("SELECT id FROM medical_record")}
    finally:
        db.close()


def plain(record_id):
    return record_id.replace("-", "")


def test_what_was_written_comes_back(shipped, tmp_path):
    made = write(shipped, 5)
    wait_shipped(shipped, time.time())
    assert "proven" in command(shipped, "backup", "verify").stdout
    command(shipped, "restore", "--into", tmp_path / "back")
    assert {plain(m) for m in made} <= ids(tmp_path / "back/plantao.db")


def test_a_time_in_between_is_reached(shipped, tmp_path):
    before = write(shipped, 2)
    wait_shipped(shipped, time.time())
    moment = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
    time.sleep(0.3)
    after = write(shipped, 2)
    wait_shipped(shipped, time.time())
    command(shipped, "restore", "--to", moment, "--into", tmp_path / "then")
    there = ids(tmp_path / "then/plantao.db")
    assert {plain(m) for m in before} <= there
    assert not {plain(m) for m in after} & there


def test_generations_of_the_log_follow_each_other(shipped, tmp_path):
    """More than 16 MiB of log: it begins anew at least once, and nothing is missing."""
    doctor = shipped.client("doctor")
    patient = doctor.get("/api/patients").json()["items"][0]["id"]
    made = []
    for i in range(330):
        r = doctor.post("/api/medical-records", {"patientId": patient, "title": f"Longo {i}", "diagnosis": "Asma",
                                                 "notes": " ".join(f"palavra{i}x{k}" for k in range(1500))})
        assert r.status_code == 201
        made.append(r.json()["id"])
    wait_shipped(shipped, time.time())
    folder = next(p for p in pathlib.Path(shipped.copies).iterdir() if p.name.startswith("2"))
    assert len({p.name.split("-")[1] for p in folder.glob("log-*")}) > 1, "the log never began anew: write more"
    command(shipped, "restore", "--into", tmp_path / "all")
    assert {plain(m) for m in made} <= ids(tmp_path / "all/plantao.db")


def test_the_whole_directory_is_lost(shipped, tmp_path):
    """kill -9 under load, data directory gone: at most the last moments are missing."""
    acknowledged, stop = [], threading.Event()

    def load():
        doctor = shipped.client("doctor")
        patient = doctor.get("/api/patients").json()["items"][0]["id"]
        while not stop.is_set():
            try:
                r = doctor.post("/api/medical-records", {"patientId": patient, "title": "T", "diagnosis": "D"})
            except Exception:
                return
            if r.status_code == 201:
                acknowledged.append((time.time(), plain(r.json()["id"])))

    thread = threading.Thread(target=load)
    thread.start()
    time.sleep(2)
    master = (shipped.data_dir / "backup.key").read_bytes()
    killed = time.time()
    shipped.kill()
    stop.set()
    thread.join()
    shutil.rmtree(shipped.data_dir)
    shipped.data_dir.mkdir(mode=0o700)
    key = shipped.data_dir / "backup.key"
    key.write_bytes(master)
    key.chmod(0o600)
    command(shipped, "restore", "--yes")
    there = ids(shipped.data_dir / "plantao.db")
    lost = [t for t, i in acknowledged if i not in there]
    print(f"{len(acknowledged)} acknowledged, {len(lost)} lost, the oldest {killed - min(lost):.3f} s before the kill" if lost
          else f"{len(acknowledged)} acknowledged, none lost")
    assert acknowledged
    assert not lost or killed - min(lost) < 5, "more than five seconds of acknowledged writes are gone"


@pytest.mark.parametrize("what", ["byte", "cut", "missing", "swapped"])
def test_a_touched_backup_is_refused(shipped, what):
    write(shipped, 1)
    wait_shipped(shipped, time.time())
    write(shipped, 1)
    wait_shipped(shipped, time.time())
    shipped.stop()
    folder = next(p for p in pathlib.Path(shipped.copies).iterdir() if p.name.startswith("2"))
    logs = sorted(folder.glob("log-*"))
    assert len(logs) >= 2
    if what == "byte":
        data = bytearray(logs[0].read_bytes())
        data[len(data) // 2] ^= 1
        logs[0].write_bytes(data)
    elif what == "cut":
        logs[0].write_bytes(logs[0].read_bytes()[:-7])
    elif what == "missing":
        logs[0].unlink()
    else:
        a, b = logs[0].read_bytes(), logs[1].read_bytes()
        logs[0].write_bytes(b)
        logs[1].write_bytes(a)
    r = command(shipped, "backup", "verify", fine=False)
    assert r.returncode == 1
    assert logs[0].name in r.stderr or "missing" in r.stderr


def test_another_key_opens_nothing(shipped, tmp_path):
    shipped.stop()
    other = tmp_path / "other.key"
    newest = json.loads(command(shipped, "backup", "list", "--json").stdout)[0]["name"]
    for language, says in (("C.UTF-8", "no new key opens"), ("pt_BR.UTF-8", "nenhuma chave nova abre")):
        r = command(shipped, "backup", "init", more={"backup_key_file": other}, fine=False, language=language)
        assert r.returncode == 1 and not other.exists()
        assert all(word in r.stderr for word in (says, newest, str(shipped.copies), str(other), "--new-key")), r.stderr
    r = command(shipped, "backup", "init", "--new-key", fine=False)
    assert r.returncode == 1 and "exists already" in r.stderr, "a key that is there is never replaced"
    command(shipped, "backup", "init", "--new-key", more={"backup_key_file": other})
    r = command(shipped, "backup", "verify", more={"backup_key_file": other}, fine=False)
    assert r.returncode == 1 and "does not open with this backup key" in r.stderr


def test_a_new_key_beside_a_former_one_s_backups_is_proven(shipped, tmp_path):
    """Told so, the new key begins anew there: its backups are proven and recorded, the former ones stay."""
    wait_shipped(shipped, 0)
    command(shipped, "backup", "verify")
    shipped.stop()
    former = {p.name for p in pathlib.Path(shipped.copies).iterdir()}
    other = {"backup_key_file": tmp_path / "other.key"}
    command(shipped, "backup", "init", "--new-key", more=other)
    command(shipped, "backup", "run", more=other)
    assert "proven" in command(shipped, "backup", "verify", more=other).stdout
    assert command(shipped, "backup", "status", more=other).stdout.endswith("ok\n")
    assert former <= {p.name for p in pathlib.Path(shipped.copies).iterdir()}
    assert list(pathlib.Path(shipped.copies, "proofs").glob("former-key-*"))


def test_a_database_that_was_damaged_before_is_refused(shipped, tmp_path):
    """Sealed and whole as a file, but an index of it lost its rows: SQLite's whole check says so."""
    shipped.stop()
    path = shipped.data_dir / "plantao.db"
    db = sqlite3.connect(path)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = db.execute("PRAGMA page_size").fetchone()[0]
    pages = [p for p, in db.execute("SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'medical_record'")]
    db.close()
    with path.open("r+b") as f:
        for page in pages:
            f.seek((page - 1) * size)
            if f.read(1) == b"\x0a":   # a leaf: its count of cells
                f.seek((page - 1) * size + 3)
                f.write(b"\0\0")
                break
        else:
            raise AssertionError("no index of medical_record is one page")
    command(shipped, "backup", "run")
    r = command(shipped, "restore", "--into", tmp_path / "back", fine=False)
    assert r.returncode == 1 and "integrity check" in r.stderr
    assert not (tmp_path / "back/plantao.db").exists()


def test_nothing_readable_rests_in_the_copies(shipped):
    write(shipped, 1)
    wait_shipped(shipped, time.time())
    for p in pathlib.Path(shipped.copies).rglob("*"):
        if p.is_file():
            assert b"SQLite format" not in p.read_bytes() and b"medical_record" not in p.read_bytes()


def test_a_running_server_is_not_overwritten(shipped):
    r = command(shipped, "restore", "--yes", fine=False)
    assert r.returncode == 1 and "server runs" in r.stderr


def test_a_database_is_moved_aside_not_lost(shipped):
    wait_shipped(shipped, time.time())
    shipped.stop()
    command(shipped, "restore", "--yes")
    assert list(shipped.data_dir.glob("plantao.db.before-restore-*"))


def test_no_answer_changes_nothing(shipped):
    wait_shipped(shipped, time.time())
    shipped.stop()
    before = (shipped.data_dir / "plantao.db").stat().st_ino
    assert command(shipped, "restore", fine=False).returncode == 1
    assert (shipped.data_dir / "plantao.db").stat().st_ino == before


# ---- the restore that proves itself

def proofs(server, fine=True):
    return json.loads(command(server, "backup", "status", "--json", fine=fine).stdout)


def test_the_server_proves_its_backup(shipped):
    """Without being asked: restored, migrated, verified, charts opened and compared, written down and signed."""
    shipped.wait_log("backup_proven", 30)
    status = proofs(shipped)
    proof = status["proofs"][0]["proof"]
    assert status["alarm"] is None and status["proofs"][0]["signed"] and proof["proven"]
    assert proof["source"] and proof["keys"] and proof["chartsOpened"] > 0 and proof["chartsCompared"] > 0
    assert proof["records"] > 0 and proof["auditEntries"] > 0 and proof["rtoMs"] > 0
    metrics = shipped.client().get("/metrics").text
    assert "plantao_backup_restore_seconds_count 1" in metrics and "plantao_backup_unproven 0" in metrics
    assert shipped.client().get("/health").json()["checks"]["backup"]["status"] == "ok"
    assert not list((shipped.data_dir / "scratch").glob(".prove-*"))


def test_a_restored_database_that_differs_is_not_proven(shipped):
    """A record changed in the database beside the program: the backup no longer is what the source is."""
    shipped.wait_log("backup_proven", 30)
    wait_shipped(shipped, time.time())
    shipped.stop()
    db = sqlite3.connect(shipped.data_dir / "plantao.db")
    db.execute("UPDATE medical_record SET priority = 'LOW', updated_at = updated_at + 1")
    db.commit()
    db.close()
    r = command(shipped, "backup", "verify", fine=False)
    assert r.returncode == 1 and "differs from the source's" in r.stderr
    status = proofs(shipped, fine=False)
    assert status["alarm"] == "the last restore did not prove it"
    assert not status["proofs"][0]["proof"]["proven"] and status["proofs"][1]["proof"]["proven"]


def test_records_that_are_gone_from_the_source_are_seen(shipped):
    wait_shipped(shipped, time.time())
    shipped.stop()
    db = sqlite3.connect(shipped.data_dir / "plantao.db")
    db.execute("DELETE FROM medical_record WHERE id = (SELECT min(id) FROM medical_record)")
    db.commit()
    db.close()
    r = command(shipped, "backup", "verify", fine=False)
    assert r.returncode == 1 and "records: " in r.stderr


def test_a_changed_record_of_a_proof_counts_for_nothing(shipped):
    shipped.wait_log("backup_proven", 30)
    record = next(p for p in (pathlib.Path(shipped.copies) / "proofs").iterdir() if p.name != "key")
    record.write_bytes(record.read_bytes().replace(b'"proven":true', b'"proven":true ', 1))
    status = proofs(shipped, fine=False)
    assert status["alarm"] == "a record of a proof was changed" and not status["proofs"][0]["signed"]


def test_without_the_master_key_the_rest_is_still_proven(shipped, tmp_path):
    """On a host that keeps the backup key alone: it opens and is whole, and says what was not looked at."""
    wait_shipped(shipped, time.time())
    elsewhere = {"data_dir": tmp_path / "elsewhere", "backup_key_file": shipped.data_dir / "backup.key"}
    (tmp_path / "elsewhere").mkdir()
    out = command(shipped, "backup", "verify", more=elsewhere).stdout
    assert "no master key here" in out and "no source here" in out and "opened, not proven in full" in out


def test_a_proof_without_comparison_ends_no_alarm(tmp_path):
    """It opened, which is less than being what the source is: said so, and still an alarm."""
    copies = tmp_path / "copies"
    server = Plantao(settings={"backup_dir": copies, "backup_interval_ms": 100, "backup_prove_hours": 0})
    command(server, "backup", "init")
    with server:
        wait_shipped(server, time.time())
        elsewhere = {"data_dir": tmp_path / "elsewhere", "backup_key_file": server.data_dir / "backup.key"}
        (tmp_path / "elsewhere").mkdir()
        assert proofs(server, fine=False)["alarm"] == "never proven by a restore"
        command(server, "backup", "verify", more=elsewhere)
        status = proofs(server, fine=False)
        proof = status["proofs"][0]["proof"]
        assert proof["proven"] and not proof["source"] and not proof["keys"]
        assert status["alarm"] == "restored, but not compared with its source"
        command(server, "backup", "verify")
        assert proofs(server)["alarm"] is None
        command(server, "backup", "verify", more=elsewhere)   # a weaker one afterwards takes nothing away
        assert proofs(server)["alarm"] is None


def test_a_touched_backup_is_an_alarm(shipped):
    """The server finds by itself that the newest base no longer opens."""
    shipped.wait_log("backup_proven", 30)
    folder = sorted(p for p in pathlib.Path(shipped.copies).iterdir() if p.name[0] == "2")[-1]
    shipped.stop()
    base = folder / "base"
    data = bytearray(base.read_bytes())
    data[len(data) // 2] ^= 1
    r = command(shipped, "backup", "verify")
    base.write_bytes(data)
    r = command(shipped, "backup", "verify", fine=False)
    assert r.returncode == 1 and "base: block" in r.stderr
    assert command(shipped, "backup", "status", fine=False).returncode == 1
