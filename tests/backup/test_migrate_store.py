"""From the embedded database to PostgreSQL: every row, compared, resumed after kill -9, and refused where it must be."""
import subprocess
import time

import pytest

from lib.process import dies_with_us, plain_environment
from lib.server import Plantao, binary
from test_backup import command


@pytest.fixture
def embedded():
    """A stopped demo with a corrected record and a few thousand rows."""
    server = Plantao()
    with server:
        doctor = server.client("doctor")
        patient = doctor.get("/api/patients").json()["items"][0]["id"]
        made = doctor.post("/api/medical-records", {"patientId": patient, "title": "Aspas \\ e\ttabulação",
                                                    "diagnosis": "linha\noutra \\N \\x00 ção"}).json()
        corrected = {**{k: made[k] for k in ("title", "diagnosis")}, "notes": "corrigido", "version": 1}
        assert doctor.put(f"/api/medical-records/{made['id']}", corrected).status_code == 200
        server.stop()
        command(server, "seed", "--doctors", "3", "--patients", "300", "--records", "3000")
        server.record = made["id"]
        yield server
        server.process = None


def move(server, url, fine=True):
    r = command(server, "migrate-store", "--to", url, fine=False)
    if fine:
        assert r.returncode == 0, r.stderr
    return r


def interrupted(server, url, postgres, table):
    """kill -9 as soon as the first rows of a table are in the target."""
    env = plain_environment(**{f"PLANTAO_{k.upper()}": v for k, v in server.settings.items()})
    child = subprocess.Popen([binary(), "migrate-store", "--to", url], env=env, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=dies_with_us())
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        try:
            if postgres.sql(url, "SELECT 1 FROM store_move WHERE name = %s AND rows > 0", table):
                child.kill()
                break
        except Exception:   # no such table yet
            pass
    child.wait()
    said = child.stdout.read()
    child.stdout.close()
    assert child.returncode == -9, f"it was not interrupted: {said}"


def test_everything_is_there_afterwards(embedded, postgres):
    url = postgres.new_database()
    before = embedded.data_dir.joinpath("plantao.db").stat().st_size
    out = move(embedded, url).stdout
    assert "every row compared" in out and "charts opened" in out
    with Plantao(database_url=url, data_dir=embedded.data_dir) as moved:
        doctor = moved.client("doctor")
        record = doctor.get(f"/api/medical-records/{embedded.record}").json()
        assert record["title"] == "Aspas \\ e\ttabulação" and record["diagnosis"] == "linha\noutra \\N \\x00 ção"
        assert record["notes"] == "corrigido" and record["version"] == 2
        new = doctor.post("/api/medical-records", {"patientId": record["patientId"], "title": "Novo", "diagnosis": "Asma"})
        assert new.status_code == 201
        assert [r["id"] for r in doctor.get("/api/medical-records?q=asma").json()["items"]]
        time.sleep(2.5)   # the new entries are sealed behind the old ones
        verdict = command(moved, "audit", "verify")
        assert verdict.returncode == 0
        walls = postgres.sql(url, "SELECT count(*) FROM pg_class WHERE relname = 'medical_record' AND relforcerowsecurity")
        assert walls == [(1,)], "the second wall between tenants stands again"
    assert embedded.data_dir.joinpath("plantao.db").stat().st_size == before


def test_an_export_of_the_moved_trail_verifies(embedded, postgres, tmp_path):
    url = postgres.new_database()
    move(embedded, url)
    moved = {"database_url": url}
    command(embedded, "audit", "export", tmp_path / "trail.jsonl", "--reason", "teste", more=moved)
    command(embedded, "audit", "verify", "--export", tmp_path / "trail.jsonl", more=moved)


def test_an_interrupted_move_goes_on(embedded, postgres):
    url = postgres.new_database()
    interrupted(embedded, url, postgres, "patient")
    r = command(embedded, "migrate", more={"database_url": url}, fine=False)
    assert r.returncode == 1 and "has not ended" in r.stderr
    out = move(embedded, url).stdout
    resumed = int(out.split("rows (")[1].split()[0])
    assert resumed > 0
    command(embedded, "audit", "verify", more={"database_url": url})


def test_a_row_that_arrived_otherwise_is_found(embedded, postgres):
    """A role changed in the target while the move was interrupted: no server ever starts on that."""
    url = postgres.new_database()
    interrupted(embedded, url, postgres, "audit_entry")
    postgres.sql(url, "UPDATE app_user SET role = 'ADMIN' WHERE id = (SELECT id FROM app_user WHERE role = 'DOCTOR' LIMIT 1)")
    r = move(embedded, url, fine=False)
    assert r.returncode == 1 and "app_user differs" in r.stderr
    assert command(embedded, "migrate", more={"database_url": url}, fine=False).returncode == 1


def test_a_source_that_went_on_is_refused(embedded, postgres):
    url = postgres.new_database()
    interrupted(embedded, url, postgres, "audit_entry")
    embedded.start()
    embedded.client("doctor").get("/api/patients")
    embedded.stop()
    r = move(embedded, url, fine=False)
    assert r.returncode == 1 and "another state" in r.stderr


def test_a_target_in_use_is_refused(embedded, postgres):
    url = postgres.new_database()
    with Plantao(database_url=url):
        pass
    r = move(embedded, url, fine=False)
    assert r.returncode == 1 and "holds data" in r.stderr


def test_a_running_server_is_refused(embedded, postgres):
    embedded.start()
    r = move(embedded, postgres.new_database(), fine=False)
    assert r.returncode == 1
    embedded.stop()


def test_the_way_back_is_not_supported(embedded, postgres):
    r = command(embedded, "migrate-store", "--to", "postgresql://x/y", more={"database_url": postgres.new_database()}, fine=False)
    assert r.returncode == 2 and "not supported" in r.stderr
