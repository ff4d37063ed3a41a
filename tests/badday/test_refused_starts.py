"""What the program will not start on: one clear line, exit 1, and nothing touched."""
import os
import secrets

import pytest

from lib.clinic import installed
from lib.server import Plantao
from lib.store import Store


def refusal(server, *arguments):
    done = server.run("serve", *arguments, timeout_s=60)
    assert done.returncode == 1, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    lines = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.fixture
def demo(make_server):
    server = make_server()
    server.stop()
    return server


def test_a_missing_master_key(demo):
    (demo.data_dir / "master.key").unlink()
    assert "no master key" in refusal(demo)


def test_another_master_key(demo):
    (demo.data_dir / "master.key").write_text(secrets.token_hex(32) + "\n", encoding="ascii")
    assert "does not open this database" in refusal(demo)


def test_a_key_that_others_may_read(demo):
    os.chmod(demo.data_dir / "master.key", 0o644)
    assert "master.key" in refusal(demo)


@pytest.mark.parametrize("key, value", [("workers", "many"), ("workers", "65"), ("listen", "nowhere"), ("log_level", "loud")])
def test_a_value_out_of_range(make_server, key, value):
    server = make_server(start=False, settings={key: value})
    done = server.run("serve", "--demo")
    assert done.returncode == 2 and f"PLANTAO_{key.upper()} = {value}: must be" in done.stderr


def test_an_unknown_key(make_server):
    server = make_server(start=False, settings={"colour": "red"})
    done = server.run("serve", "--demo")
    assert done.returncode == 2 and "PLANTAO_COLOUR: unknown key" in done.stderr


def test_the_demo_on_a_real_installation(engine, new_database_url):
    server = installed(new_database_url(engine))
    try:
        assert "--demo is refused" in refusal(server, "--demo")
    finally:
        server.close()


def test_the_demo_on_an_open_address(make_server):
    server = make_server(start=False, settings={"listen": "0.0.0.0:0"})
    done = server.run("serve", "--demo")
    assert done.returncode == 2 and "loopback" in done.stderr


def test_a_newer_database(demo, engine, request):
    store = Store(demo, request.getfixturevalue("postgres") if engine == "postgres" else None)
    newest = store.rows("SELECT max(number) AS n FROM schema_migration")[0]["n"]
    store.change("INSERT INTO schema_migration SELECT number + 1, name, sha256, applied_at FROM schema_migration WHERE number = %s", newest)
    assert "newer than this program" in refusal(demo)


def test_a_changed_migration(demo, engine, request):
    store = Store(demo, request.getfixturevalue("postgres") if engine == "postgres" else None)
    store.change("UPDATE schema_migration SET sha256 = %s WHERE number = 1", bytes(32))
    assert "differs from the program's" in refusal(demo)


def test_a_port_that_is_taken(make_server):
    running = make_server()
    other = Plantao(settings={"listen": f"127.0.0.1:{running.port}"})
    try:
        assert str(running.port) in refusal(other, "--demo")
    finally:
        other.close()
