"""The master key in Vault's transit engine: what is asked of it, what happens when it does not answer."""
import os
import time

import pytest

from lib.vault import TOKEN, Vault

pytestmark = pytest.mark.engine("sqlite")   # no engine sees the holder of the master key


@pytest.fixture
def vault():
    with Vault() as one:
        yield one


def settings(vault, tmp_path, **more):
    token = tmp_path / "vault.token"
    if not token.exists():
        token.write_text(TOKEN + "\n", encoding="ascii")
        token.chmod(0o600)
    return {"vault_address": vault.address, "vault_token_file": token, "vault_timeout_ms": 3000, "vault_check_ms": 100, **more}


@pytest.fixture
def held(make_server, vault, tmp_path):
    return make_server(settings=settings(vault, tmp_path))


def keys_check(server):
    return server.client().get("/health").json()["checks"]["keys"]["status"]


def until(what, wanted, timeout_s=10):
    deadline = time.monotonic() + timeout_s
    while (seen := what()) != wanted:
        assert time.monotonic() < deadline, f"{seen}, not {wanted}"
        time.sleep(0.05)


def refusal(server):
    done = server.run("serve", "--demo")
    lines = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert done.returncode == 1 and len(lines) == 1, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    return lines[0]


def test_no_key_rests_beside_the_data(held, vault):
    assert held.client("doctor").get("/api/patients").json()["items"]
    assert not (held.data_dir / "master.key").exists()
    assert {c.split("/")[3] for c in vault.calls} == {"keys", "encrypt", "decrypt"}
    status = held.run("keys", "status")
    assert status.returncode == 0, status.stdout + status.stderr


@pytest.mark.parametrize("mode", ["denied", "sealed", "slow", "cut", "garbled"])
def test_a_running_server_serves_on(held, vault, mode):
    assert keys_check(held) == "ok"
    vault.mode = mode
    until(lambda: keys_check(held), "warn")
    assert held.log("KEYS_UNREADABLE")
    assert held.client("doctor").get("/api/patients").json()["items"]
    assert held.client().get("/ready").status_code == 200
    vault.mode = "well"
    until(lambda: keys_check(held), "ok")


def test_no_start_without_it(held, vault):
    """Each reason is named, and nothing is touched."""
    held.stop()
    for mode, word in (("denied", "403"), ("sealed", "sealed"), ("slow", "imeout"), ("cut", ""), ("garbled", "not JSON")):
        vault.mode = mode
        assert f"Vault at {vault.address}: " in (line := refusal(held)) and word in line, line
    vault.mode = "well"
    vault.kind = "rsa-2048"
    assert "must be aes256-gcm96" in refusal(held)
    vault.kind, vault.key = "aes256-gcm96", "other"
    assert "no such key" in refusal(held)
    vault.key = "plantao"
    held.start()
    assert held.client("doctor").get("/api/patients").json()["items"]


def test_no_start_on_another_key(held, vault):
    held.stop()
    vault.closed.clear()   # the key was destroyed and made anew under its name
    assert "does not open this database" in refusal(held)


def test_a_wrap_opens_for_its_own_institution_alone(held, vault):
    """Two institutions' keys changed places in the database: Vault authenticates the place, so neither opens."""
    import sqlite3
    held.stop()
    with sqlite3.connect(held.data_dir / "plantao.db") as db:
        rows = db.execute("SELECT id, wrapped_key FROM tenant WHERE slug IN ('demo', 'demo2') ORDER BY slug").fetchall()
        for (one, _), (_, key) in zip(rows, reversed(rows)):
            db.execute("UPDATE tenant SET wrapped_key = ? WHERE id = ?", (key, one))
    db.close()
    done = held.run("keys", "rotate")
    assert done.returncode == 1, done.stdout


def test_an_agent_renews_the_token(held, vault, tmp_path):
    """An expired token warns; the one that the agent puts in its place is taken up without a restart."""
    vault.token = "hvs.renewed"
    until(lambda: keys_check(held), "warn")
    (tmp_path / "vault.token").write_text("hvs.renewed", encoding="ascii")
    until(lambda: keys_check(held), "ok")


def test_a_token_that_others_may_read(held, vault, tmp_path):
    held.stop()
    os.chmod(tmp_path / "vault.token", 0o644)
    assert "Vault token" in (line := refusal(held)) and "must have mode 0600" in line


def test_rotation_beside_a_running_server(held, vault):
    done = held.run("keys", "rotate")
    assert done.returncode == 0 and vault.latest == 2, done.stdout + done.stderr
    assert "0 of" not in done.stdout
    until(lambda: held.run("keys", "status").returncode, 0)
    assert held.client("doctor").get("/api/patients").json()["items"]
    held.restart()
    assert held.client("doctor").get("/api/patients").json()["items"]


def test_the_move_from_a_file_into_vault(make_server, vault, tmp_path):
    server = make_server()
    server.stop()
    server.settings.update(settings(vault, tmp_path))
    assert server.run("keys", "status").returncode == 1   # wrapped under the file's key still
    done = server.run("keys", "rotate", "--resume")
    assert done.returncode == 0 and "0 of" not in done.stdout, done.stdout + done.stderr
    (server.data_dir / "master.key").rename(server.dir / "put-away.key")
    assert server.run("keys", "status").returncode == 0
    server.start()
    assert server.client("doctor").get("/api/patients").json()["items"]


def test_the_move_out_of_vault_into_a_file(held, vault):
    """Both open while it lasts, a server runs beside it, a crash in the middle is repeated; then Vault is not asked."""
    held.stop()
    held.settings["vault_leaving"] = "true"
    assert held.run("keys", "status").returncode == 1   # no file yet, and nothing is made by looking
    assert held.run("keys", "init").returncode == 0
    held.start()                                       # reads what Vault wrapped
    patients = held.client("doctor").get("/api/patients").json()["items"]
    assert patients and held.run("keys", "status").returncode == 1
    vault.mode = "sealed"
    assert held.run("keys", "rotate", "--resume").returncode == 1
    vault.mode = "well"
    for _ in range(2):
        done = held.run("keys", "rotate", "--resume")
        assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("0 of"), "all were wrapped anew at the first time"
    assert held.run("keys", "status").returncode == 0
    assert held.client("doctor").get("/api/patients").json()["items"] == patients
    held.stop()
    for name in ("vault_address", "vault_token_file", "vault_leaving"):
        del held.settings[name]
    asked = len(vault.calls)
    held.start()
    assert held.client("doctor").get("/api/patients").json()["items"] == patients
    assert held.run("keys", "status").returncode == 0 and len(vault.calls) == asked


def test_no_way_out_before_all_is_wrapped_anew(held):
    held.stop()
    held.settings["vault_leaving"] = "true"
    assert held.run("keys", "init").returncode == 0
    for name in ("vault_address", "vault_token_file", "vault_leaving"):
        del held.settings[name]
    assert "does not open this database" in refusal(held)


@pytest.mark.parametrize("value", ["http://vault.example:8200", "ftp://127.0.0.1", "http://127.0.0.1.example:8200", "127.0.0.1:8200"])
def test_the_token_never_travels_in_the_clear(make_server, value):
    done = make_server(start=False, settings={"vault_address": value}).run("serve", "--demo")
    assert done.returncode == 2 and f"PLANTAO_VAULT_ADDRESS = {value}: must be" in done.stderr
