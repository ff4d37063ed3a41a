"""PostgreSQL goes for a moment, as in a fail-over: requests wait and are answered, and what nobody
can vouch for is not acknowledged."""
import threading
import time
import uuid

import pytest

from lib import people
from lib.client import Client

pytestmark = pytest.mark.engine("postgres")


def in_background(what):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(what()))
    thread.start()
    return thread, answers


def test_readings_and_keyed_writes_survive_lost_connections(make_server, postgres):
    """Its sessions are ended again and again under load: nobody hears of it."""
    server = make_server()
    token, stop, bad, asked = server.client("doctor").token, threading.Event(), [], []

    def ask(method):
        client = Client(server.url, token)
        while not stop.is_set():
            answer = (client.get("/api/patients?limit=5") if method == "GET" else
                      client.post("/api/patients", people.patient(), headers={"Idempotency-Key": str(uuid.uuid4())}))
            asked.append(method)
            if answer.status_code not in (200, 201):
                bad.append((method, answer.status_code, answer.text))
        client.close()
    threads = [threading.Thread(target=ask, args=(m,)) for m in ("GET", "GET", "GET", "POST", "POST")]
    for t in threads:
        t.start()
    ended = 0
    for _ in range(40):
        time.sleep(0.05)
        ended += postgres.sql("postgres", "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                              " WHERE application_name = 'plantao' AND state <> 'idle'")[0][0]
    stop.set()
    for t in threads:
        t.join()
    assert ended > 0, "no connection was ended at work: nothing was tested"
    assert {"GET", "POST"} <= set(asked) and not bad, bad[:3]


def test_a_request_waits_for_the_database(make_server, postgres):
    server = make_server(settings={"database_patience_ms": 30000})
    doctor = server.client("doctor")
    postgres.kill()
    try:
        reading, read = in_background(lambda: Client(server.url, doctor.token).get("/api/patients"))
        writing, written = in_background(lambda: Client(server.url, doctor.token).post("/api/patients", people.patient()))
        deadline = time.monotonic() + 20
        while server.client().get("/ready").status_code != 503:   # the open doors do not wait with them
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert server.client().get("/live").status_code == 200
        assert server.client().get("/health").json()["role"] == "unknown"
        assert not read and not written
    finally:
        postgres.start()
    reading.join()
    writing.join()
    assert read[0].status_code == 200 and written[0].status_code == 201


def test_patience_has_an_end(make_server, postgres):
    server = make_server(settings={"database_patience_ms": 200, "database_connect_timeout_ms": 300})
    doctor = server.client("doctor")
    postgres.kill()
    try:
        for _ in range(5):
            assert doctor.get("/api/patients").status_code == 503
    finally:
        postgres.start()


def test_health_tells_role_and_timeline(make_server):
    server, deadline = make_server(), time.monotonic() + 10
    while (body := server.client().get("/health").json())["role"] == "unknown":   # it looks every 2 s
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert body["role"] == "primary" and body["timeline"] == 1
    assert body["checks"]["replication"]["status"] == "ok"


def test_what_was_not_replicated_is_not_acknowledged_by_its_repetition(make_server, postgres):
    """The wait for the standby is cancelled: the row is there, but may be lost with this host. The same
    call again finds it, and must wait for the standby like the first."""
    server = make_server(settings={"database_patience_ms": 0})
    doctor, key, body = server.client("doctor"), str(uuid.uuid4()), people.patient()
    send = lambda: Client(server.url, doctor.token).post("/api/patients", body, headers={"Idempotency-Key": key})  # noqa: E731
    postgres.sql("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    postgres.sql("postgres", "SELECT pg_reload_conf()")
    stop = threading.Event()

    def cancel():
        while not stop.is_set():
            postgres.sql("postgres", "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            time.sleep(0.02)
    canceller = threading.Thread(target=cancel)
    canceller.start()
    try:
        deadline = time.monotonic() + 20   # the checkpointer reads the setting when it likes
        while doctor.post("/api/patients", people.patient()).status_code != 503:
            assert time.monotonic() < deadline
        for _ in range(4):
            assert send().status_code == 503
        found = postgres.sql(server.settings["database_url"], "SELECT count(*) FROM idempotency")[0][0]
        assert found >= 1, "nothing was committed here: nothing was tested"
    finally:
        postgres.sql("postgres", "ALTER SYSTEM RESET synchronous_standby_names")
        postgres.sql("postgres", "SELECT pg_reload_conf()")
        stop.set()
        canceller.join()
    deadline = time.monotonic() + 20
    while (answer := send()).status_code != 201:
        assert time.monotonic() < deadline, answer.text
