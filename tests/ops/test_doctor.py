"""plantao doctor looks and changes nothing: no directory, database or table comes of it."""
import ctypes
import json

from lib.server import Plantao


def checks(server, *arguments):
    done = server.run("doctor", "--json", *arguments)
    return done.returncode, {c["check"]: c for c in json.loads(done.stdout)}


def test_it_makes_nothing_where_nothing_is(tmp_path):
    server = Plantao(demo=False, data_dir=tmp_path / "nowhere")
    code, found = checks(server)
    server.close()
    assert code == 1 and found["database_reachable"]["result"] == "fail"
    assert "no master key" in found["master_key"]["evidence"].lower() or "master.key" in found["master_key"]["evidence"]
    assert not (tmp_path / "nowhere").exists()


def test_an_empty_database_stays_empty(postgres):
    url = postgres.new_database()
    server = Plantao(url, demo=False)
    code, found = checks(server)
    assert code == 1
    assert found["database_version"]["result"] == "fail" and "has 0" in found["database_version"]["evidence"]
    assert postgres.sql(url, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == [(0,)]
    server.data_dir.mkdir(mode=0o700)
    assert server.run("keys", "init").returncode == 0 and server.run("migrate").returncode == 0
    assert checks(server)[1]["database_version"]["result"] == "ok"
    server.close()


def test_it_says_whether_the_clock_is_synchronised():
    """As the kernel says it to us too (adjtimex; TIME_ERROR is 5)."""
    timex = ctypes.create_string_buffer(512)
    state = ctypes.CDLL(None, use_errno=True).adjtimex(timex)
    server = Plantao(demo=False)
    said = checks(server)[1]["clock"]
    server.close()
    wanted = ("skipped", "does not say") if state < 0 else ("warn", "not synchronised") if state == 5 else ("ok", "synchronised, ")
    assert said["result"] == wanted[0] and wanted[1] in said["evidence"], said
