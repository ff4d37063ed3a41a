#!/usr/bin/env python3
"""overload.py [--engine sqlite|postgres] [--seconds N] [--times N]: how the server bears ten times what it can serve.

The server, and PostgreSQL, have one processor, those who ask another. First 200 clients show what is served at best; then
ten times that comes due each second whatever the server does, from as many connections as it takes, while somebody
signs in once a second. Printed for each class: what was served and refused, and how long it took from when it
came due; then how soon all is as before. Lists are of 100 patients, so that the work is scarce and not the
network. Exit 1 when less than ten times was sent, the 99th percentile of what was served is above
100 ms, the first class or a sign-in was refused, or a second is not enough."""
import argparse
import contextlib
import os
import pathlib
import sys
import threading
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent), str(pathlib.Path(__file__).resolve().parent)]

import requests  # noqa: E402

import crowd  # noqa: E402
from lib.client import PASSWORD, USERS  # noqa: E402
from lib.postgres import Postgres  # noqa: E402
from lib.server import Plantao  # noqa: E402

BUSY_CLIENTS, CONNECTIONS = 200, 6000
CHARTS, PAGE, LISTS = 120, 100, 18   # three of four ask for a list
P99_MAX_MS, RECOVERY_MAX_S, SENT_AT_LEAST = 100, 1.0, 0.98


def row(name, c, seconds):
    s, r = c["served"], c["refused"]
    print(f"  {name:6} served {s['count'] / seconds:8.0f}/s  p50 {s['p50_us'] / 1000:6.1f}  p99 {s['p99_us'] / 1000:6.1f} ms"
          f"   refused {r['count'] / seconds:8.0f}/s  p99 {r['p99_us'] / 1000:6.1f} ms   broken {c['broken']}")


class SignIns:
    """Once a second, for as long as the block lasts: statuses and times."""

    def __init__(self, server):
        self.url, self.answers, self.over = server.url, [], threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self):
        while not self.over.wait(1):
            began = time.monotonic()
            answer = requests.post(f"{self.url}/api/auth/login", json={"email": USERS["nurse"], "password": PASSWORD}, timeout=30)
            self.answers.append((answer.status_code, time.monotonic() - began))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def all_served(self):
        return bool(self.answers) and all(status == 200 for status, _ in self.answers)


def recovery_s(doctor, since):
    """Until 20 answers one after another are all served."""
    good, first = 0, since
    while good < 20:
        began = time.monotonic()
        good = good + 1 if doctor.get("/api/patients?limit=1").status_code == 200 else 0
        first = began if good == 1 else first
    return first - since


def measure(engine, server, seconds, times):
    people = crowd.Crowd(server, CHARTS, PAGE, LISTS)
    people.run(BUSY_CLIENTS, 2)   # warm
    best = people.run(BUSY_CLIENTS, seconds)
    capacity = crowd.served(best) / seconds
    print(f"{engine}: {BUSY_CLIENTS} clients: {capacity:.0f} served/s, {crowd.refused(best)} refused")
    for name, c in best.items():
        row(name, c, seconds)
    with SignIns(server) as signing_in:
        report = people.report(people.start(CONNECTIONS, seconds, round(capacity * times)))
        ended = time.monotonic()
    back = recovery_s(server.client("doctor"), ended)
    much, sent = report["classes"], report["sent"] / seconds
    print(f"{engine}: {capacity * times:.0f} due/s, {sent:.0f} sent/s, {sent / capacity:.1f} times what can be served; "
          f"{crowd.served(much) / seconds:.0f} served/s")
    for name, c in much.items():
        row(name, c, seconds)
    worst = max(c["served"]["p99_us"] for c in much.values()) / 1000
    print(f"{engine}: {len(signing_in.answers)} signed in, {'none' if signing_in.all_served() else 'SOME'} refused, the slowest in "
          f"{max((took for _, took in signing_in.answers), default=0) * 1000:.0f} ms")
    print(f"{engine}: worst p99 of what was served {worst:.1f} ms, all served again after {back * 1000:.0f} ms")
    return sent >= SENT_AT_LEAST * capacity * times and worst <= P99_MAX_MS and back <= RECOVERY_MAX_S and \
        much["vital"]["refused"]["count"] == 0 and signing_in.all_served() and crowd.refused(best) == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], epilog="example: overload.py --engine sqlite --seconds 5")
    parser.add_argument("--engine", default="sqlite,postgres")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--times", type=float, default=10)
    args = parser.parse_args()
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        sys.exit("overload: the server and those who ask need a processor each, and there is one")
    fine = True
    for engine in args.engine.split(","):
        with contextlib.ExitStack() as stack:
            os.sched_setaffinity(0, cpus[:1])   # what is started inherits it
            url = stack.enter_context(Postgres()).new_database() if engine == "postgres" else None
            server = stack.enter_context(Plantao(url))
            os.sched_setaffinity(0, cpus[1:])
            fine = measure(engine, server, args.seconds, args.times) and fine
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
