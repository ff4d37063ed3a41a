#!/usr/bin/env python3
"""million.py: what a large store costs beside a small one, in the same run.

  bench/million.py [--engine sqlite,postgres] [--records 1000000] [--small 10000] [--seconds 10]
                   [--clients 8] [--care 250] [--keep DIR]

For each engine seeds both (a patient for every ten records; --care N patients in each doctor's care, 250), then prints for each: how long seeding took, the store's size, the time from the start of the process to
its first answer, and of reads, pages of 20, creates and searches of 3 words by 8 clients the 50th and 99th
percentile and the CPU of a request, the program's and PostgreSQL's.  --keep: stores lie there, seeded if they are
not yet, and stay (SQLite).  Exit 1 when the large store's first answer takes 100 ms, its searches 20 ms at the
99th percentile, or a read 1.3 times the small one's CPU.  Percentiles need a quiet machine; CPU hardly does."""
import argparse
import contextlib
import os
import pathlib
import sys
import time

import bench
from peer import tree_cpu_and_rss

FIRST_MS, SEARCH_P99_MS, READ_RATIO = 100, 20, 1.3
TESTS = ("read", "list", "create", "search")


def cpu(pid):
    return tree_cpu_and_rss(pid, bench.cpu_and_rss)[0] if pid else 0


def ended_cpu(pid):
    """What children that have ended had used: connections come and go."""
    if not pid:
        return 0
    with open(f"/proc/{pid}/stat") as f:
        p = f.read().rsplit(")", 1)[1].split()
    return (int(p[13]) + int(p[14])) / bench.TICK


def cost(process, database, url, test, clients, seconds, ids):
    bench.wrk(url, test, clients, 2, ids)   # warm
    ours, theirs = bench.cpu_and_rss(process.pid)[0], cpu(database)
    r = bench.wrk(url, test, clients, seconds, ids)
    r["cpu_us"] = (bench.cpu_and_rss(process.pid)[0] - ours) / r["requests"] * 1e6
    r["db_us"] = (cpu(database) - theirs) / r["requests"] * 1e6
    return r


def measure(engine, records, store, database, args):
    with store.server():   # the first start after the seeding has its own work
        pass
    with store.server() as (process, url, start_s):
        found = {"first_ms": start_s * 1000}
        print(f"{engine:8} {records:8} records: first answer {found['first_ms']:.1f} ms", flush=True)
        for test in TESTS:
            r = found[test] = cost(process, database, url, test, args.clients, args.seconds, store.ids)
            print(f"{engine:8} {records:8} {test:7} {args.clients} clients {r['rps']:8.0f}/s  p50 {r['p50_ms']:7.2f}  p99 {r['p99_ms']:7.2f} ms"
                  f"  CPU {r['cpu_us']:7.1f} us, of PostgreSQL {r['db_us']:7.1f}  errors {r['errors']}", flush=True)
    return found


def growth(engine, small, large, args):
    ratios = {t: (large[t]["cpu_us"] + large[t]["db_us"]) / (small[t]["cpu_us"] + small[t]["db_us"]) for t in TESTS}
    print(f"{engine:8} CPU of one among {args.records} records, of one among {args.small}: "
          + ", ".join(f"{t} {r:.2f}" for t, r in ratios.items()), flush=True)
    return ratios["read"]


def store_size(store, postgres, url):
    if url:
        return postgres.sql(url, "SELECT pg_database_size(current_database())")[0][0]
    return sum(f.stat().st_size for f in (store.dir / "data").glob("plantao.db*"))


def both(engine, args, postgres):
    found = {}
    for records in (args.small, args.records):
        url = postgres.new_database() if engine == "postgres" else None
        patients = records // 10
        size = argparse.Namespace(patients=patients, records=records, doctors=max(1, patients // args.care), stores=args.keep)
        began = time.monotonic()
        store = bench.Store(engine, size, url, name=f"-{records}")
        bytes_ = store_size(store, postgres, url)
        print(f"{engine:8} {records:8} records: ready after {time.monotonic() - began:.0f} s, {bytes_ / 2**20:.0f} MiB, "
              f"{bytes_ / records:.0f} bytes a record with its part of a patient", flush=True)
        found[records] = measure(engine, records, store, postgres.process.pid if postgres else None, args)
    ratio = growth(engine, found[args.small], found[args.records], args)
    large = found[args.records]
    return ratio < READ_RATIO and large["first_ms"] < FIRST_MS and large["search"]["p99_ms"] < SEARCH_P99_MS


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--engine", default="sqlite,postgres")
    ap.add_argument("--records", type=int, default=1000000)
    ap.add_argument("--small", type=int, default=10000)
    ap.add_argument("--seconds", type=int, default=10)
    ap.add_argument("--clients", type=int, default=8)
    ap.add_argument("--care", type=int, default=250, help="patients in each doctor's care: what a search costs by")
    ap.add_argument("--keep", type=pathlib.Path)
    args = ap.parse_args()
    fine = True
    for engine in args.engine.split(","):
        with contextlib.ExitStack() as stack:
            postgres = None
            if engine == "postgres":
                from lib.postgres import Postgres
                postgres = stack.enter_context(Postgres(**bench.SERVER))
            fine = both(engine, args, postgres) and fine
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; asked: first answer < {FIRST_MS} ms, searches' p99 < "
          f"{SEARCH_P99_MS} ms, a read's growth < {READ_RATIO}: {'held' if fine else 'not held'}", flush=True)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
