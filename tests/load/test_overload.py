"""More clients than can be served: the last class is refused first, the first class never, and all is well at once afterwards."""
import threading

import pytest

import crowd
from lib import people
from lib.client import PASSWORD, Client, problem

CLIENTS, SECONDS = 1500, 3


@pytest.fixture
def busy(make_server):
    """One worker, so that any machine can bring too much."""
    return make_server(settings={"workers": 1, "slow_workers": 1, "max_connections": 4000})


def part_refused(figures, kind):
    c = figures[kind]
    return c["refused"]["count"] / max(1, c["refused"]["count"] + c["served"]["count"])


def test_the_last_class_is_refused_first(busy):
    figures = crowd.Crowd(busy).run(CLIENTS, SECONDS)
    print(figures)
    for kind, c in figures.items():
        assert c["broken"] == 0
        assert set(c["status"]) <= {"200", "201", "503"}, f"{kind}: {c['status']}"
    assert figures["vital"]["refused"]["count"] == 0
    assert figures["bulk"]["refused"]["count"] > 0
    assert part_refused(figures, "bulk") > part_refused(figures, "read")
    assert all(c["served"]["count"] > 0 for c in figures.values()), "a class starves"
    assert busy.log("SHED")
    assert crowd.metric(busy, "plantao_shed_total") >= crowd.refused(figures)
    crowd.wait_until(lambda: crowd.metric(busy, "plantao_queue_length") == 0)
    doctor = busy.client("doctor")
    for _ in range(20):   # the crowd is gone: nobody is refused any more
        assert doctor.get("/api/patients").status_code == 200


def test_sign_in_passes_what_is_slow(busy):
    """The lane of long requests: password checks that anybody's script may repeat do not keep people out."""
    doctor, answers, over = busy.client("doctor"), [], threading.Event()

    def change_password():
        one = Client(busy.url, doctor.token)
        while not over.is_set():
            answers.append(one.post("/api/auth/password", {"current": "not it, not at all", "new": people.word() * 2}))

    crowd_of_scripts, signed_in = [], 0
    while not any(a.status_code == 503 for a in answers) or signed_in < 3:
        if len(crowd_of_scripts) < 800:   # how many it takes depends on how fast a password is checked here
            crowd_of_scripts += [threading.Thread(target=change_password) for _ in range(20)]
            for t in crowd_of_scripts[-20:]:
                t.start()
        busy.client().login("nurse@demo.test", PASSWORD)   # asserts 200
        signed_in += 1
    over.set()
    for t in crowd_of_scripts:
        t.join()
    refused = next(a for a in answers if a.status_code == 503)
    problem(refused, 503, "BUSY")
    assert int(refused.headers["Retry-After"]) >= 1
