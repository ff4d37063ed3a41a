"""Backups of PostgreSQL by pgBackRest: one command takes, proves, restores to the second, prunes; all on a real server."""
import datetime
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import psycopg2
import pytest

from lib.bucket import Bucket
from lib.console import follow
from lib.postgres import SETTINGS, Postgres, bin_dir, free_port
from lib.process import ROOT, plain_environment
from lib.server import Plantao, binary
from test_backup import command, write


def owner():
    return "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name


class Archived:
    """A PostgreSQL that archives to a repository, and a clinic on it."""

    def __init__(self, settings=None):
        self.pg = Postgres()
        # Short: a socket's path has its limit.
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="pgb-", dir="/tmp"))
        self.dir.chmod(0o755)
        for account in {owner()} - {"plantao"}:
            self.pg.sql("postgres", f"CREATE ROLE {account} SUPERUSER LOGIN")
        self.conf = self.dir / "pgbackrest.conf"
        self.pg.sql("postgres", "CREATE ROLE clinic LOGIN PASSWORD 'segredo'")
        self.pg.sql("postgres", "CREATE DATABASE clinic OWNER clinic")
        self.server = Plantao(database_url=f"postgresql://clinic:segredo@127.0.0.1:{self.pg.port}/clinic", settings={
            "backup_dir": self.dir / "copies", "backup_pg_path": self.pg.data, "backup_pg_socket": self.pg.dir, "backup_pg_bin": bin_dir(),
            "backup_pg_user": owner(), "backup_pg_work": self.dir / "work", "backup_pgbackrest_file": self.conf, **(settings or {})})
        self.backup("init")
        self.pg.sql("postgres", "ALTER SYSTEM SET archive_mode = 'on'")
        self.pg.sql("postgres", f"ALTER SYSTEM SET archive_command = 'pgbackrest --config={self.conf} --stanza=plantao archive-push %p'")
        self.pg.stop()
        self.pg.start()

    def backup(self, *words, **more):
        return command(self.server, "backup", *words, **more)

    def restore(self, *words, **more):
        return command(self.server, "restore", *words, **more)

    def archived(self):
        """All that was committed until now is in the archive."""
        name = self.pg.sql("postgres", "SELECT pg_walfile_name(pg_switch_wal())")[0][0]
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if (self.pg.sql("postgres", "SELECT last_archived_wal FROM pg_stat_archiver")[0][0] or "") >= name:
                return
            time.sleep(0.1)
        raise AssertionError("the archiver does not get there: " + self.pg.log_path.read_text()[-800:])

    def close(self):
        self.server.close()
        self.pg.close()
        shutil.rmtree(self.dir, ignore_errors=True)


@pytest.fixture(scope="module")
def archived():
    one = Archived()
    try:
        one.server.start()
        one.backup("run")
        yield one
    finally:
        one.close()


class Looked:
    """A PostgreSQL on a restored directory."""

    def __init__(self, data, port=5432):
        self.data = pathlib.Path(data)
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="pgl-", dir="/tmp"))
        self.dir.chmod(0o777)
        self.as_owner = {"user": owner(), "group": owner(), "extra_groups": []} if os.getuid() == 0 else {}
        (self.dir / "hba").write_text("local all all trust\n")
        self.options = (f"-c config_file={self.dir}/conf -c hba_file={self.dir}/hba -c listen_addresses= -c port={port} "
                        f"-c unix_socket_directories={self.dir} -c archive_mode=off")
        (self.dir / "conf").write_text("")
        self.port = port

    def __enter__(self):
        subprocess.run([bin_dir() / "pg_ctl", "-D", self.data, "-w", "-l", self.dir / "log", "-o", self.options, "start"], check=True,
                       stdout=subprocess.DEVNULL, cwd="/", **self.as_owner)
        return self

    def ids(self):
        connection = psycopg2.connect(host=str(self.dir), port=self.port, user="plantao", dbname="clinic")
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT encode(id, 'hex') FROM medical_record")
                return {r[0] for r in cursor.fetchall()}
        finally:
            connection.close()

    def __exit__(self, *_):
        subprocess.run([bin_dir() / "pg_ctl", "-D", self.data, "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL, cwd="/",
                       **self.as_owner)
        shutil.rmtree(self.dir, ignore_errors=True)


def plain(record_id):
    return record_id.replace("-", "")


def sets(archived):
    return json.loads(archived.backup("list", "--json").stdout)


def test_what_was_written_comes_back(archived):
    made = write(archived.server, 3)
    archived.archived()
    into = archived.dir / "back"
    said = archived.restore("--into", into).stdout
    assert sets(archived)[0]["name"] in said
    with Looked(into) as there:
        assert {plain(m) for m in made} <= there.ids()


def test_a_second_in_between_is_reached(archived):
    before = write(archived.server, 2)
    time.sleep(1.1)
    moment = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    time.sleep(1.1)
    after = write(archived.server, 2)
    archived.archived()
    into = archived.dir / "then"
    archived.restore("--to", moment.isoformat(), "--into", into)
    with Looked(into) as there:
        found = there.ids()
    assert {plain(m) for m in before} <= found
    assert not {plain(m) for m in after} & found


def test_a_time_that_is_not_there_is_refused(archived):
    early = archived.restore("--to", "2020-01-01T00:00:00Z", "--into", archived.dir / "early", fine=False)
    assert early.returncode == 1 and "no backup was finished by then" in early.stderr
    late = archived.restore("--to", "2099-01-01T00:00:00Z", "--into", archived.dir / "late", fine=False)
    assert late.returncode == 1 and "does not reach that time" in late.stderr
    assert not list((archived.dir / "work").glob("restore-*")), "nothing is left running or lying about"


def test_the_kinds_stand_on_each_other(archived):
    for kind in ("diff", "incr"):
        label = archived.backup("run", kind).stdout.strip()
        assert (sets(archived)[0]["name"], sets(archived)[0]["type"]) == (label, kind)
    wrong = archived.backup("run", "halb", fine=False)
    assert wrong.returncode == 2


def doctor(archived):
    return {c["check"]: c for c in json.loads(command(archived.server, "doctor", "--json", fine=False).stdout)}


def test_a_restore_proves_it(archived):
    before = doctor(archived)
    assert before["backup_configured"]["result"] == "ok", before["backup_configured"]
    write(archived.server, 2)
    archived.archived()
    proof = json.loads(archived.backup("verify", "--json").stdout)
    assert proof["proven"] and proof["source"] and proof["keys"]
    assert proof["backup"] == sets(archived)[0]["name"]
    assert proof["records"] > 0 and proof["chartsCompared"] > 0 and proof["chartsOpened"] > 0
    assert proof["rtoMs"] > 0
    status = archived.backup("status").stdout
    assert "proven" in status and status.endswith("ok\n")
    after = doctor(archived)["backup_recent"]
    assert after["result"] == "ok" and proof["backup"] in after["evidence"], after
    assert not list((archived.dir / "work").glob("restore-*"))


def test_the_server_tells_of_proofs(archived):
    """The proof of the test before, made by another process than the server."""
    client = archived.server.client()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        metrics = client.get("/metrics").text
        if "plantao_backup_proven_time_seconds 0\n" not in metrics:
            break
        time.sleep(0.2)
    assert "plantao_backup_proven_time_seconds 0\n" not in metrics
    assert "plantao_backup_unproven 0" in metrics
    assert client.get("/health").json()["checks"]["backup"]["status"] == "ok"


def test_a_source_that_lost_something_is_not_proven(archived):
    """The comparison sees what it is there for."""
    archived.pg.sql("clinic", "SET session_replication_role = replica; CREATE TABLE kept AS SELECT * FROM audit_entry WHERE seq = 1; "
                              "DELETE FROM audit_entry WHERE seq = 1")
    failed = archived.backup("verify", fine=False)
    archived.pg.sql("clinic", "SET session_replication_role = replica; INSERT INTO audit_entry OVERRIDING SYSTEM VALUE SELECT * FROM kept; DROP TABLE kept")
    assert failed.returncode == 1 and "audit entries" in failed.stderr
    assert archived.backup("status", fine=False).returncode == 1


def test_nothing_in_the_repository_is_readable(archived):
    archived.archived()
    found = [p for p in (archived.dir / "copies").rglob("*") if p.is_file() and b"medical_record" in p.read_bytes()]
    assert not found
    assert oct(archived.conf.stat().st_mode & 0o777) == "0o600"
    elsewhere = archived.dir / "wrong.conf"
    lines = [("repo1-cipher-pass=" + "0" * 96) if line.startswith("repo1-cipher-pass") else line for line in archived.conf.read_text().splitlines()]
    elsewhere.write_text("\n".join(lines) + "\n")
    elsewhere.chmod(0o644)
    refused = archived.backup("list", more={"backup_pgbackrest_file": elsewhere}, fine=False)
    assert refused.returncode == 1


def test_a_running_server_is_not_overwritten(archived):
    refused = archived.restore("--yes", fine=False)
    assert refused.returncode == 1 and "stop it first" in refused.stderr


@pytest.fixture(scope="module")
def in_bucket():
    """The same in a bucket, over TLS that is checked."""
    with Bucket() as bucket:
        bucket.dir.chmod(0o755)   # the database's account reads the certificate
        one = Archived({"backup_dir": "", **bucket.settings()})
        try:
            one.server.start()
            yield one, bucket
        finally:
            one.close()


class Watch:
    """plantao backup watch as its service runs it."""

    def __init__(self, archived, more=None):
        self.log = archived.dir / f"watch-{time.monotonic_ns()}.log"
        env = plain_environment(**{f"PLANTAO_{k.upper()}": v for k, v in {**archived.server.settings, **(more or {})}.items()})
        with self.log.open("w") as out:
            self.process = subprocess.Popen([binary(), "backup", "watch"], env=env, stdout=out, stderr=out, stdin=subprocess.DEVNULL)

    def said(self, event):
        """The first line of that event; the watch goes on meanwhile."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            for line in self.log.read_text().splitlines():
                if line.startswith("{") and json.loads(line)["event"] == event:
                    return json.loads(line)
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.2)
        raise AssertionError(f"no {event}: {self.log.read_text()}")

    def __enter__(self):
        return self

    def ends(self, by):
        assert self.process.poll() is None, "it ended by itself: " + self.log.read_text()
        self.process.send_signal(by)
        return self.process.wait(60)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def test_the_watch_takes_and_proves_what_is_due(in_bucket):
    archived, _ = in_bucket
    with Watch(archived) as watch:
        taken = watch.said("backup_base")["backup"]
        assert [(s["name"], s["type"]) for s in sets(archived)] == [(taken, "full")]
        deadline = time.monotonic() + 120
        while f"proven: {taken} " not in watch.log.read_text():
            assert time.monotonic() < deadline and watch.process.poll() is None, watch.log.read_text()
            time.sleep(0.2)
        assert watch.ends(signal.SIGTERM) == 0
    assert archived.backup("status").stdout.endswith("ok\n")
    with Watch(archived) as again:
        time.sleep(3)   # nothing is due: it looks, and stays
        assert again.ends(signal.SIGINT) == 0
        assert again.log.read_text() == ""
    assert [s["name"] for s in sets(archived)] == [taken]


def test_the_watch_says_what_fails_and_goes_on(in_bucket):
    archived, _ = in_bucket
    broken = archived.dir / "broken.conf"
    broken.write_text(archived.conf.read_text().replace("repo1-s3-key-secret=S3RVER\n", "repo1-s3-key-secret=WRONG\n"))
    shutil.chown(broken, owner())
    broken.chmod(0o600)
    with Watch(archived, {"backup_pgbackrest_file": broken}) as watch:
        assert "SignatureDoesNotMatch" in watch.said("backup_failing")["why"]
        assert "WRONG" not in watch.log.read_text()
        assert watch.ends(signal.SIGTERM) == 0


def test_a_bucket_holds_it_and_gives_it_back(in_bucket):
    archived, bucket = in_bucket
    label = archived.backup("run", "full").stdout.strip()
    made = write(archived.server, 2)
    archived.archived()
    assert sets(archived)[0]["name"] == label
    proof = json.loads(archived.backup("verify", "--json").stdout)
    assert proof["proven"] and proof["source"] and proof["keys"] and proof["backup"] == label
    assert proof["records"] >= len(made) and proof["rpoMs"] == 0, "what was written after the backup came from the archive"
    assert archived.backup("status").stdout.endswith("ok\n")
    names = bucket.files()
    assert any(f"pgbackrest/backup/plantao/{label}" in n for n in names) and any("pgbackrest/archive/plantao" in n for n in names)
    assert not [n for n, path in names.items() if b"medical_record" in path.read_bytes()]


def test_a_wrong_secret_is_refused_by_the_bucket(in_bucket):
    archived, bucket = in_bucket
    before = set(bucket.files())
    right = archived.conf.read_text()
    assert "repo1-s3-key-secret=S3RVER\n" in right
    wrong = archived.dir / "wrong.conf"
    wrong.write_text(right.replace("repo1-s3-key-secret=S3RVER\n", "repo1-s3-key-secret=WRONG\n"))
    shutil.chown(wrong, owner())
    wrong.chmod(0o600)
    for verb in ("list", "run", "verify"):
        refused = archived.backup(verb, more={"backup_pgbackrest_file": wrong}, fine=False)
        assert refused.returncode == 1, verb
        assert verb == "verify" or "SignatureDoesNotMatch" in refused.stderr, refused.stderr
        assert "WRONG" not in refused.stderr
    assert {n for n in bucket.files() if "/pgbackrest/" in n} == {n for n in before if "/pgbackrest/" in n}, "nothing was written"
    assert archived.backup("list").returncode == 0


# systemctl's part: the same programs with the same configuration, as their accounts.
SYSTEMCTL = """
systemctl() {
	case $* in
	"stop plantao") kill "$(cat "$PID")"; while kill -0 "$(cat "$PID")" 2>/dev/null; do sleep 0.1; done ;;
	"start plantao") plantao serve --config "$CONF" >>"$LOG" 2>&1 & echo $! >"$PID" ;;
	"stop postgresql") $AS_OWNER "$BIN/pg_ctl" -D "$DATA" -m immediate -w stop >/dev/null ;;
	"start postgresql") $AS_OWNER "$BIN/pg_ctl" -D "$DATA" -w -l "$PGLOG" -o "$OPTIONS" start >/dev/null ;;
	esac
}
cd /
"""


def test_the_whole_database_is_lost(archived):
    """The runbook, word by word; only paths and ports are this test's. The last of this file: the server is another one after it."""
    made = write(archived.server, 2)
    archived.archived()
    (archived.pg.data / archived.pg.sql("clinic", "SELECT pg_relation_filepath('medical_record')")[0][0]).unlink()
    conf, pid = archived.dir / "plantao.conf", archived.dir / "pid"
    port = free_port()
    conf.write_text("".join(f"{k} = {v}\n" for k, v in {**archived.server.settings, "listen": f"127.0.0.1:{port}"}.items()))
    archived.server.stop()
    running = subprocess.Popen([binary(), "serve", "--config", conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pid.write_text(str(running.pid))
    (archived.dir / "bin").mkdir()
    (archived.dir / "bin/plantao").symlink_to(binary())
    text = pathlib.Path(f"{ROOT}/docs/runbooks/database-lost.md").read_text()
    for there, here in {"/etc/plantao/plantao.conf": conf, "/var/lib/postgresql/15/main": archived.pg.data,
                        "127.0.0.1:8080": f"127.0.0.1:{port}"}.items():
        assert there in text
        text = text.replace(there, str(here))
    options = " ".join(f"-c {k}={v}" for k, v in SETTINGS.items()) + f" -p {archived.pg.port} -k {archived.pg.dir}"
    env = plain_environment(PATH=f"{archived.dir}/bin:{os.environ['PATH']}", CONF=conf, PID=pid, LOG=archived.dir / "server.log",
                            DATA=archived.pg.data, BIN=bin_dir(), PGLOG=archived.pg.dir / "again.log", OPTIONS=options, LANG="C.UTF-8",
                            AS_OWNER=f"setpriv --reuid={owner()} --regid={owner()} --init-groups" if os.getuid() == 0 else "env")
    threading.Thread(target=running.wait, daemon=True).start()   # else it stays as a zombie that kill -0 finds
    try:
        wrong = follow(text, SYSTEMCTL, env, archived.dir)
        log = archived.dir / "server.log"
        assert not wrong, "\n\n".join(wrong) + (log.read_text()[-1500:] if log.exists() else "")
        there = archived.pg.sql("clinic", "SELECT encode(id, 'hex') FROM medical_record")
        assert {plain(m) for m in made} <= {r[0] for r in there}
        timeline = archived.pg.sql("postgres", "SELECT timeline_id FROM pg_control_checkpoint()")[0][0]
        assert timeline > 1
        assert list((archived.dir / "copies/pgbackrest/archive").rglob(f"{timeline:08X}.history*")), \
            "the new timeline's history is archived, else a later restore takes the abandoned way"
    finally:
        subprocess.run(["kill", pid.read_text().strip()], check=False, stderr=subprocess.DEVNULL)
        subprocess.run([*env["AS_OWNER"].split(), bin_dir() / "pg_ctl", "-D", archived.pg.data, "-m", "immediate", "stop"], check=False, cwd="/",
                       stdout=subprocess.DEVNULL)


STAND_IN = """#!/usr/bin/env python3
import sys
folder = {folder!r}
open(folder + "/calls", "a").write(" ".join(sys.argv[1:]) + "\\n")
if "info" in sys.argv:
    print(open(folder + "/info").read())
"""


def test_what_may_go(tmp_path):
    """Which backups are asked to go, and in which order, of a pgBackRest that only notes it."""
    now = int(time.time())
    day, made = 86400, []

    def add(age_days, kind, prior=None):
        at = now - age_days * day
        label = f"{datetime.datetime.fromtimestamp(at):%Y%m%d-%H%M%S}F" if kind == "full" else f"{prior.split('_')[0]}_{age_days}{kind[0].upper()}"
        made.append({"label": label, "type": kind, "prior": prior, "timestamp": {"start": at, "stop": at + 60}, "error": False,
                     "info": {"size": 1, "repository": {"size": 1, "delta": 1}}})
        return label
    ancient = add(3000, "full")                    # older than any keeping
    monthly = add(400, "full")
    week = [add(60, "full")]
    week.append(add(59, "diff", week[0]))          # same week: the newer one is kept, and what it stands on
    week.append(add(58, "incr", week[1]))
    fresh = [add(3, "full")]
    fresh.append(add(0, "diff", fresh[0]))
    (tmp_path / "info").write_text(json.dumps([{"name": "plantao", "backup": made}]))
    (tmp_path / "pgbackrest").write_text(STAND_IN.format(folder=str(tmp_path)))
    (tmp_path / "pgbackrest").chmod(0o755)
    env_path = f"{tmp_path}:{os.environ['PATH']}"
    settings = {"data_dir": tmp_path / "lib", "database_url": "postgresql://nobody@127.0.0.1:1/none", "backup_dir": tmp_path / "copies",
                "backup_pg_user": pwd.getpwuid(os.getuid()).pw_name, "backup_pg_path": tmp_path / "pg", "backup_pg_work": tmp_path / "work",
                "backup_pgbackrest_file": tmp_path / "pgbackrest.conf"}
    env = {**os.environ, **{f"PLANTAO_{k.upper()}": str(v) for k, v in settings.items()}, "PATH": env_path}
    for verb in ("init", "prune"):
        done = subprocess.run([binary(), "backup", verb], env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
    gone = [line.split("--set=")[1].split()[0] for line in (tmp_path / "calls").read_text().splitlines() if "expire" in line]
    assert ancient in gone and monthly not in gone
    assert not set(fresh) & set(gone)
    assert week[2] not in gone and week[1] not in gone and week[0] not in gone, "what a kept one stands on stays"
    assert done.stdout == f"{len(gone)} removed\n"
