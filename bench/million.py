#!/usr/bin/env python3
"""million.py: what a large store costs beside a small one, in the same run.

  bench/million.py [--engine sqlite,postgres] [--records 1000000] [--small 10000] [--seconds 10]

For each engine seeds both (a patient for every ten records), then prints the time from the start of the
process to its first answer, the CPU of a single audited read and of a search with 3 words, and the search's
99th percentile with 8 clients.  Exit 1 when the large store's first answer takes 100 ms, its search 20 ms, or its
reads 1.3 times the small one's CPU.  Seeding a million records takes long."""
import argparse
import contextlib
import sys

import bench

FIRST_MS, SEARCH_P99_MS, READ_RATIO = 100, 20, 1.3


def cost(process, url, test, conns, seconds, ids):
    bench.wrk(url, test, conns, 2, ids)   # warm
    before, _ = bench.cpu_and_rss(process.pid)
    r = bench.wrk(url, test, conns, seconds, ids)
    after, _ = bench.cpu_and_rss(process.pid)
    return {**r, "cpu_us": (after - before) / r["requests"] * 1e6}


def measure(store, seconds):
    with store.server():   # the first start after the seeding has its own work
        pass
    with store.server() as (process, url, start_s):
        read = cost(process, url, "read", 32, seconds, store.ids)
        search = cost(process, url, "search", 8, seconds, store.ids)
    return {"first_ms": start_s * 1000, "read": read, "search": search}


def show(engine, records, m):
    print(f"{engine:8} {records:8} records: first answer {m['first_ms']:6.1f} ms   read {m['read']['cpu_us']:6.1f} us CPU, "
          f"{m['read']['rps']:7.0f}/s   search, 8 clients: p50 {m['search']['p50_ms']:6.2f} p99 {m['search']['p99_ms']:6.2f} ms, "
          f"{m['search']['cpu_us']:6.0f} us CPU   errors {m['read']['errors'] + m['search']['errors']}", flush=True)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--engine", default="sqlite,postgres")
    ap.add_argument("--records", type=int, default=1000000)
    ap.add_argument("--small", type=int, default=10000)
    ap.add_argument("--seconds", type=int, default=10)
    args = ap.parse_args()
    fine = True
    with contextlib.ExitStack() as stack:
        for engine in args.engine.split(","):
            found = {}
            for records in (args.small, args.records):
                url = None
                if engine == "postgres":
                    from lib.postgres import Postgres
                    url = stack.enter_context(Postgres()).new_database()
                size = argparse.Namespace(patients=records // 10, records=records)
                found[records] = measure(bench.Store(engine, size, url), args.seconds)
                show(engine, records, found[records])
            small, large = found[args.small], found[args.records]
            ratio = large["read"]["cpu_us"] / small["read"]["cpu_us"]
            print(f"{engine:8} a read costs {ratio:.2f} of one among {args.small} records (the program's CPU)", flush=True)
            fine = fine and ratio < READ_RATIO and large["first_ms"] < FIRST_MS and large["search"]["p99_ms"] < SEARCH_P99_MS
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
