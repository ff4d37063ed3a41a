"""The runbooks about backups are followed word by word; only their paths, ports and the moment are those of this test."""
import contextlib
import datetime
import os
import pwd
import shutil
import signal
import subprocess
import time

import psycopg2
import pytest

from lib.console import follow
from lib.postgres import SETTINGS, Postgres, free_port
from lib.process import ROOT, plain_environment
from lib.server import Plantao, binary
from test_backup import command, wait_shipped, write

# systemctl's part of the runbooks: the same program with the same configuration.
SYSTEMCTL = """
systemctl() {
	case $* in
	"start postgresql") (cd / && $AS_OWNER "$BIN/pg_ctl" -D "$DATA" -w -l "$PGLOG" -o "$OPTIONS" start >/dev/null) ;;
	stop*)
		pid=$(cut -d' ' -f1 "$LOCK" 2>/dev/null) && kill "$pid" 2>/dev/null
		while grep -qs '^State:.[^Z]' "/proc/$pid/status"; do sleep 0.1; done ;;
	start*) plantao serve --config "$CONF" >>"$LOG" 2>&1 & echo $! >"$PID" ;;
	esac
}
journalctl() { rm -f "$BALLAST"; }
sudo() { shift 2; "$@"; }
"""


class House:
    """A clinic as an operator has it: configuration, keys kept apart, copies on another disk, a running server."""

    def __init__(self, tmp, settings=None):
        self.dir = tmp
        self.more = {}   # what a page's commands need beside
        self.port = free_port()
        self.paths = {"/etc/plantao": tmp / "etc", "/var/lib/plantao": tmp / "lib", "/media/keys": tmp / "keys",
                      "/var/tmp": tmp / "tmp", "/var/backups/plantao": tmp / "copies", "127.0.0.1:8080": f"127.0.0.1:{self.port}",
                      "127.0.0.1:8081": f"127.0.0.1:{free_port()}"}
        for p in ("etc", "keys", "tmp", "bin"):
            (tmp / p).mkdir()
        (tmp / "bin/plantao").symlink_to(binary())
        self.server = Plantao(data_dir=tmp / "lib", settings={
            "backup_dir": tmp / "copies", "backup_interval_ms": 100, "listen": f"127.0.0.1:{self.port}", **(settings or {})})
        if self.server.settings["backup_dir"]:
            command(self.server, "backup", "init")
        self.server.start()
        for key in ("master.key", "backup.key"):
            if (tmp / "lib" / key).exists():
                shutil.copy(tmp / "lib" / key, tmp / "keys" / key)
        (tmp / "etc/plantao.conf").write_text("".join(f"{k} = {v}\n" for k, v in self.server.settings.items()))

    def local(self, text):
        for there, here in self.paths.items():
            text = text.replace(there, str(here))
        return text

    def follow(self, page, replaced=None, only=None):
        """Every step of the page, or of what stands below one heading; asserts that each answers as printed."""
        with open(f"{ROOT}/docs/runbooks/{page}", encoding="utf-8") as f:
            text = f.read()
        for there, here in (replaced or {}).items():
            assert there in text
            text = text.replace(there, here)
        if only:
            text = text.split(f"\n## {only}\n")[1].split("\n## ")[0]
        env = plain_environment(HOME=self.dir, PATH=f"{self.dir}/bin:{os.environ['PATH']}", CONF=self.dir / "etc/plantao.conf",
                                LOCK=self.dir / "lib/plantao.db.lock", LOG=self.dir / "server.log",
                                PID=self.dir / "pid", LANG="C.UTF-8", **self.more)
        wrong = follow(self.local(text), "set -m\n" + SYSTEMCTL, env, self.dir)
        log = self.dir / "server.log"
        assert not wrong, "\n\n".join(wrong) + (log.read_text()[-1500:] if log.exists() else "")

    def after(self):
        """A client of the server that the runbook started."""
        self.server.url = f"http://127.0.0.1:{self.port}"
        self.server._forget_clients()
        return self.server.client("doctor")

    def close(self):
        pid = self.dir / "pid"
        if pid.exists():
            subprocess.run(["kill", pid.read_text().strip()], check=False)
        if self.server.process and self.server.process.poll() is None:
            self.server.process.kill()
        if self.server.process:
            self.server.process.wait()
            self.server.process = None
        self.server.close()


@pytest.fixture
def house(tmp_path):
    one = House(tmp_path)
    yield one
    one.close()


def test_data_directory_lost(house):
    made = write(house.server, 3)
    wait_shipped(house.server, time.time())
    house.server.kill()
    shutil.rmtree(house.dir / "lib")
    house.follow("data-directory-lost.md")
    doctor = house.after()
    assert all(doctor.get(f"/api/medical-records/{m}").status_code == 200 for m in made)


def test_restore_to_a_point(house):
    before = write(house.server, 2)
    wait_shipped(house.server, time.time())
    moment = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
    time.sleep(0.3)
    after = write(house.server, 2)
    wait_shipped(house.server, time.time())
    house.follow("restore-to-a-point.md", {"2026-11-30T14:04:00-03:00": moment})
    doctor = house.after()
    assert all(doctor.get(f"/api/medical-records/{m}").status_code == 200 for m in before)
    assert all(doctor.get(f"/api/medical-records/{m}").status_code == 404 for m in after)


def wait_until(true, what, timeout_s=60):
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def clinics(pg):
    """The URL of an empty database whose owner is walled like anybody: no superuser."""
    name = pg.new_database().rsplit("/", 1)[1]
    owner = f"owner_of_{name}"
    pg.sql("postgres", f"CREATE ROLE {owner} LOGIN PASSWORD 'segredo'")
    pg.sql("postgres", f"ALTER DATABASE {name} OWNER TO {owner}")
    pg.sql(name, f"GRANT ALL ON SCHEMA public TO {owner}")
    return f"postgresql://{owner}:segredo@127.0.0.1:{pg.port}/{name}"


@pytest.fixture(params=["sqlite", "postgres"])
def either(request, tmp_path):
    """The house on each engine; PostgreSQL's backups are another page's."""
    settings = None
    if request.param == "postgres":
        settings = {"backup_dir": "", "database_url": clinics(request.getfixturevalue("postgres"))}
    one = House(tmp_path, settings)
    yield one
    one.close()


def test_the_master_key_is_lost(either):
    made, key = write(either.server, 1), either.dir / "lib/master.key"
    key.unlink()
    wait_until(lambda: either.server.client().get("/health").json()["checks"]["keys"]["status"] == "warn", "nobody notices")
    made += write(either.server, 1)   # the running server goes on
    either.follow("key-lost.md", only="The master key")
    right = key.read_bytes()
    either.server.stop()
    key.write_bytes(os.urandom(32))   # of another installation
    refused = command(either.server, "serve", fine=False)
    assert refused.returncode != 0 and "key" in refused.stderr, refused.stderr
    key.write_bytes(right)
    either.server.start()
    assert all(either.server.client("doctor").get(f"/api/medical-records/{m}").status_code == 200 for m in made)


def test_the_backup_key_is_lost(house):
    made = write(house.server, 2)
    wait_shipped(house.server, time.time())
    for there in ("lib", "keys"):
        (house.dir / there / "backup.key").unlink()
    house.follow("key-lost.md", only="The backup key")
    assert (house.dir / "copies-without-key").is_dir()
    command(house.server, "restore", "--into", house.dir / "back")
    doctor = house.after()
    assert all(doctor.get(f"/api/medical-records/{m}").status_code == 200 for m in made)


@contextlib.contextmanager
def small_disk(path, size, owner=None):
    """A disk that is soon full; only root has one."""
    path.mkdir(exist_ok=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700{owner or ''}", "tmpfs", path], capture_output=True, text=True)
    if made.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {made.stderr}")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", path], check=True)


def test_the_disk_of_the_embedded_database_is_full(tmp_path):
    with small_disk(tmp_path / "lib", "64m") as disk:
        house = House(tmp_path, {"health_disk_free_mib": 8})
        try:
            kept, ballast = write(house.server, 2), disk / "ballast"
            room = os.statvfs(disk)
            ballast.write_bytes(b"\0" * (room.f_bavail * room.f_frsize - 600 * 1024))
            wait_until(lambda: house.server.client().get("/health").status_code == 503, "the disk is not full")
            house.more = {"BALLAST": ballast}
            house.follow("disk-full.md", only="The embedded database")
            kept += write(house.server, 1)
            assert all(house.server.client("doctor").get(f"/api/medical-records/{m}").status_code == 200 for m in kept)
        finally:
            house.close()


class SmallPostgres(Postgres):
    """One whose data lies on a small disk."""

    def _init(self):
        owner = pwd.getpwnam(self.user) if self.user else None
        self.disk = contextlib.ExitStack()
        self.disk.enter_context(small_disk(self.data, "240m", f",uid={owner.pw_uid},gid={owner.pw_gid}" if owner else None))
        super()._init()

    def close(self):
        self.stop(signal.SIGQUIT)
        self.disk.close()
        super().close()


def test_the_disk_of_postgresql_is_full(tmp_path):
    """A lost node's slot keeps the log until the server stops; what was acknowledged is there afterwards."""
    with SmallPostgres() as pg:
        pg.sql("postgres", "SELECT pg_create_physical_replication_slot('node2', true)")
        (pg.data / "ballast").write_bytes(b"\0" * (40 << 20))
        house = House(tmp_path, {"backup_dir": "", "database_url": clinics(pg)})
        try:
            kept = write(house.server, 2)
            fill_log(pg)
            wait_until(lambda: house.server.client().get("/health").status_code == 503, "it goes on")
            house.more = {"BALLAST": pg.data / "ballast", "BIN": pg.bin, "DATA": pg.data, "PGLOG": pg.dir / "again.log",
                          "OPTIONS": " ".join(f"-c {k}={v}" for k, v in SETTINGS.items()) + f" -p {pg.port} -k {pg.dir}",
                          "AS_OWNER": f"setpriv --reuid={pg.user} --regid={pg.user} --init-groups" if pg.user else "env",
                          "PGHOST": pg.dir, "PGPORT": pg.port, "PGUSER": "plantao", "PGDATABASE": "postgres"}
            house.follow("disk-full.md", only="PostgreSQL")
            kept += write(house.server, 1)
            assert all(house.server.client("doctor").get(f"/api/medical-records/{m}").status_code == 200 for m in kept)
        finally:
            house.close()
            subprocess.run([*house.more.get("AS_OWNER", "env").split(), pg.bin / "pg_ctl", "-D", pg.data, "-m", "immediate", "stop"],
                           check=False, capture_output=True, cwd="/")


def fill_log(pg):
    """Until the server is gone for want of room."""
    with contextlib.suppress(psycopg2.Error):
        for _ in range(100):
            pg.sql("postgres", "CREATE TABLE IF NOT EXISTS filler(t text); INSERT INTO filler VALUES ('x'); SELECT pg_switch_wal()")
    pg.process.wait(60)
    assert "No space left on device" in pg.log_path.read_text()


def test_to_postgresql(house, postgres):
    made = write(house.server, 2)
    wait_shipped(house.server, time.time())
    url = house.dir / "etc/database_url"
    url.write_text(clinics(postgres) + "\n")
    os.chmod(url, 0o600)
    house.follow("to-postgresql.md")
    doctor = house.after()
    assert doctor.get("/health").json()["engine"] == "postgres"
    assert all(doctor.get(f"/api/medical-records/{m}").status_code == 200 for m in made)
