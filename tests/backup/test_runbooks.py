"""The runbooks about backups are followed word by word; only their paths, ports and the moment are those of this test."""
import datetime
import os
import shutil
import subprocess
import time

import pytest

from lib.console import follow
from lib.postgres import free_port
from lib.process import ROOT, plain_environment
from lib.server import Plantao, binary
from test_backup import command, wait_shipped, write

# systemctl's part of the runbooks: the same program with the same configuration.
SYSTEMCTL = """
systemctl() {
	case $1 in
	stop)
		pid=$(cut -d' ' -f1 "$LOCK" 2>/dev/null) && kill "$pid" 2>/dev/null
		while grep -qs '^State:.[^Z]' "/proc/$pid/status"; do sleep 0.1; done ;;
	start) plantao serve --config "$CONF" >>"$LOG" 2>&1 & echo $! >"$PID" ;;
	esac
}
"""


class House:
    """A clinic as an operator has it: configuration, keys kept apart, copies on another disk, a running server."""

    def __init__(self, tmp):
        self.dir = tmp
        self.port = free_port()
        self.paths = {"/etc/plantao": tmp / "etc", "/var/lib/plantao": tmp / "lib", "/media/keys": tmp / "keys",
                      "/var/tmp": tmp / "tmp", "127.0.0.1:8080": f"127.0.0.1:{self.port}",
                      "127.0.0.1:8081": f"127.0.0.1:{free_port()}"}
        for p in ("etc", "keys", "tmp", "bin"):
            (tmp / p).mkdir()
        (tmp / "bin/plantao").symlink_to(binary())
        self.server = Plantao(data_dir=tmp / "lib", settings={
            "backup_dir": tmp / "copies", "backup_interval_ms": 100, "listen": f"127.0.0.1:{self.port}"})
        command(self.server, "backup", "init")
        self.server.start()
        for key in ("master.key", "backup.key"):
            shutil.copy(tmp / "lib" / key, tmp / "keys" / key)
        (tmp / "etc/plantao.conf").write_text("".join(f"{k} = {v}\n" for k, v in self.server.settings.items()))

    def local(self, text):
        for there, here in self.paths.items():
            text = text.replace(there, str(here))
        return text

    def follow(self, page, replaced=None):
        """Every step of the page; asserts that each answers as printed."""
        with open(f"{ROOT}/docs/runbooks/{page}", encoding="utf-8") as f:
            text = f.read()
        for there, here in (replaced or {}).items():
            assert there in text
            text = text.replace(there, here)
        env = plain_environment(HOME=self.dir, PATH=f"{self.dir}/bin:{os.environ['PATH']}", CONF=self.dir / "etc/plantao.conf",
                                LOCK=self.dir / "lib/plantao.db.lock", LOG=self.dir / "server.log",
                                PID=self.dir / "pid", LANG="C.UTF-8")
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


def test_to_postgresql(house, postgres):
    made = write(house.server, 2)
    wait_shipped(house.server, time.time())
    name = postgres.new_database().rsplit("/", 1)[1]
    postgres.sql("postgres", "CREATE ROLE clinic LOGIN PASSWORD 'segredo'")   # walled like anybody: no superuser
    postgres.sql("postgres", f"ALTER DATABASE {name} OWNER TO clinic")
    postgres.sql(name, "GRANT ALL ON SCHEMA public TO clinic")
    url = house.dir / "etc/database_url"
    url.write_text(f"postgresql://clinic:segredo@127.0.0.1:{postgres.port}/{name}\n")
    os.chmod(url, 0o600)
    house.follow("to-postgresql.md")
    doctor = house.after()
    assert doctor.get("/health").json()["engine"] == "postgres"
    assert all(doctor.get(f"/api/medical-records/{m}").status_code == 200 for m in made)
