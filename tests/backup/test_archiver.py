"""PostgreSQL's archiver fails: an alarm on /health, in the metrics and in the log, and its end when it works again."""
import time

import pytest

from lib.postgres import Postgres
from lib.server import Plantao


@pytest.fixture
def archiving(tmp_path):
    with Postgres() as pg:
        folder = pg.dir / "archive"
        # What it archives to does not exist yet: every attempt fails.
        pg.sql("postgres", "ALTER SYSTEM SET archive_mode = 'on'")
        pg.sql("postgres", f"ALTER SYSTEM SET archive_command = 'cp %p {folder}/%f 2>/dev/null'")
        pg.stop()
        pg.start()
        pg.archive = folder
        yield pg


def backup(server):
    return server.client().get("/health").json()["checks"]["backup"]


def wait_for(what, timeout_s=60):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if what():
            return
        time.sleep(0.2)
    raise AssertionError("it did not happen in time")


def test_a_failing_archiver_is_an_alarm(archiving):
    with Plantao(database_url=archiving.new_database()) as server:
        archiving.sql("postgres", "SELECT pg_switch_wal()")
        wait_for(lambda: "it fails" in backup(server)["unit"])
        assert backup(server)["status"] == "warn"
        assert "plantao_backup_failing 1" in server.client().get("/metrics").text
        assert "archive_command" in server.wait_log("backup_failing")[0]["why"]
        assert server.client().get("/ready").status_code == 200, "serving goes on"
        archiving.archive.mkdir(mode=0o777)
        archiving.archive.chmod(0o777)
        server.client("doctor").get("/api/auth/me")
        archiving.sql("postgres", "SELECT pg_switch_wal()")   # else it tries again once a minute
        wait_for(lambda: backup(server)["status"] == "ok", 90)
        assert "plantao_backup_failing 0" in server.client().get("/metrics").text


def test_no_archive_is_said(server):
    if server.settings.get("database_url"):
        wait_for(lambda: "not archived" in backup(server)["unit"])
    else:
        assert backup(server)["unit"] == "s; no backup is configured"
