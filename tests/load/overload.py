#!/usr/bin/env python3
"""overload.py [--engine sqlite|postgres] [--seconds N]: how the server bears ten times what it can serve.

Prints what it serves at its best, then beside 10 times as many clients who never wait: for each class
what was served and refused and how long it took; then how soon all is as before.  Exit 1 when the 99th
percentile of what was served is above 100 ms, the first class was refused, or a second is not enough."""
import argparse
import contextlib
import pathlib
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent), str(pathlib.Path(__file__).resolve().parent)]

import crowd  # noqa: E402
from lib.postgres import Postgres  # noqa: E402
from lib.server import Plantao  # noqa: E402

BUSY_CLIENTS, TIMES = 200, 10
P99_MAX_MS, RECOVERY_MAX_S = 100, 1.0


def row(name, c, seconds):
    s, r = c["served"], c["refused"]
    print(f"  {name:6} served {s['count'] / seconds:8.0f}/s  p50 {s['p50_us'] / 1000:6.1f}  p99 {s['p99_us'] / 1000:6.1f} ms"
          f"   refused {r['count'] / seconds:8.0f}/s  p99 {r['p99_us'] / 1000:6.1f} ms   broken {c['broken']}")


def recovery_s(doctor, since):
    """Until 20 answers one after another are all served."""
    good, first = 0, since
    while good < 20:
        began = time.monotonic()
        good = good + 1 if doctor.get("/api/patients?limit=1").status_code == 200 else 0
        first = began if good == 1 else first
    return first - since


def measure(engine, server, seconds):
    people = crowd.Crowd(server)
    people.run(BUSY_CLIENTS, 2)   # warm
    best = people.run(BUSY_CLIENTS, seconds)
    capacity = crowd.served(best) / seconds
    print(f"{engine}: {BUSY_CLIENTS} clients: {capacity:.0f} served/s, {crowd.refused(best)} refused")
    for name, c in best.items():
        row(name, c, seconds)
    much = people.run(BUSY_CLIENTS * TIMES, seconds)
    ended = time.monotonic()
    back = recovery_s(server.client("doctor"), ended)
    asked = (crowd.served(much) + crowd.refused(much)) / seconds
    print(f"{engine}: {BUSY_CLIENTS * TIMES} clients who never wait: {asked:.0f} asked/s, {asked / capacity:.1f} times what "
          f"can be served; {crowd.served(much) / seconds:.0f} served/s")
    for name, c in much.items():
        row(name, c, seconds)
    worst = max(c["served"]["p99_us"] for c in much.values()) / 1000
    print(f"{engine}: worst p99 of what was served {worst:.1f} ms, all served again after {back * 1000:.0f} ms")
    return worst <= P99_MAX_MS and back <= RECOVERY_MAX_S and much["vital"]["refused"]["count"] == 0 and \
        crowd.refused(best) == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], epilog="example: overload.py --engine sqlite --seconds 5")
    parser.add_argument("--engine", default="sqlite,postgres")
    parser.add_argument("--seconds", type=int, default=10)
    args = parser.parse_args()
    fine = True
    with contextlib.ExitStack() as stack:
        for engine in args.engine.split(","):
            url = stack.enter_context(Postgres()).new_database() if engine == "postgres" else None
            with Plantao(url) as server:
                fine = measure(engine, server, args.seconds) and fine
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
