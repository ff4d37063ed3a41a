#!/usr/bin/env python3
"""audit.py: is a long audit trail as quick to append to, to seal and to verify as a short one?

  bench/audit.py [--engine sqlite,postgres] [--entries 2000000] [--step 500000]

Step by step appends entries as readings of records leave them (`plantao seed --entries`, which seals them as a
server does within a second) and verifies the whole trail; prints for each step the CPU of an entry (the program's
and PostgreSQL's) and the bytes, then the slopes over the length of the trail and what they say of 100 million.
Exit 1 when an entry appended or verified at 100 million would cost 1.5 times the first step's."""
import argparse
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import bench
import million

ALLOWED, FAR = 1.5, 100_000_000


def run(env, database, *words):
    """CPU seconds of the program and of PostgreSQL, seconds by the clock, what it printed."""
    theirs, began = million.cpu(database) + million.ended_cpu(database), time.monotonic()
    before = os.times()
    out = subprocess.run([bench.PLANTAO, *words], env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
    after = os.times()
    ours = after.children_user + after.children_system - before.children_user - before.children_system
    took = time.monotonic() - began
    return ours, million.cpu(database) + million.ended_cpu(database) - theirs, took, out


def size(directory, postgres, url):
    if url:
        postgres.sql(url, "CHECKPOINT")
        return postgres.sql(url, "SELECT pg_database_size(current_database())")[0][0]
    return sum(f.stat().st_size for f in directory.glob("plantao.db"))


def steps(engine, args, directory, postgres, url):
    env = dict(os.environ, PLANTAO_DATA_DIR=str(directory), PLANTAO_LOG_LEVEL="error")
    if url:
        env["PLANTAO_DATABASE_URL"] = url
    database = postgres.process.pid if postgres else None
    run(env, database, "seed", "--doctors", "4", "--patients", "20", "--records", "100")
    bytes_before = size(directory, postgres, url)
    rows = []
    for total in range(args.step, args.entries + 1, args.step):
        a = run(env, database, "seed", "--entries", str(args.step))
        v = run(env, database, "audit", "verify", "--json")
        verdict = json.loads(v[3])
        assert verdict["ok"] and verdict["entries"] >= total and verdict["unsealed"] == 0, verdict
        rows.append((total, (a[0] + a[1]) / args.step * 1e6, (v[0] + v[1]) / verdict["entries"] * 1e6))
        print(f"{engine:8} {total:10} entries: appended and sealed {rows[-1][1]:6.1f} us CPU each ({args.step / a[2]:.0f}/s), "
              f"verified {rows[-1][2]:5.2f} us CPU each ({verdict['entries'] / v[2]:.0f}/s), "
              f"{(size(directory, postgres, url) - bytes_before) / total:.0f} bytes each", flush=True)
    return rows


def slope(points):
    """Least squares: (at 0, by one more)."""
    n, sx, sy = len(points), sum(x for x, _ in points), sum(y for _, y in points)
    sxx, sxy = sum(x * x for x, _ in points), sum(x * y for x, y in points)
    by = (n * sxy - sx * sy) / (n * sxx - sx * sx)
    return (sy - by * sx) / n, by


def judge(engine, rows):
    fine = True
    for name, column in (("append", 1), ("verify", 2)):
        at, by = slope([(r[0], r[column]) for r in rows])
        far = at + max(by, 0) * FAR   # a trail that grows cheaper is no better for it: that is noise, or a start's cost shared
        print(f"{engine:8} {name}: {at:.2f} us CPU an entry and {by * 1e6:+.3f} for each further million: "
              f"{far:.1f} at {FAR // 1_000_000} million, {far / rows[0][column]:.2f} of the first step", flush=True)
        fine = fine and far < ALLOWED * rows[0][column]
    return fine


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--engine", default="sqlite,postgres")
    ap.add_argument("--entries", type=int, default=2_000_000)
    ap.add_argument("--step", type=int, default=500_000)
    args = ap.parse_args()
    if args.entries < 2 * args.step:
        ap.error("a slope needs two steps at least")
    fine = True
    for engine in args.engine.split(","):
        directory = pathlib.Path(tempfile.mkdtemp(prefix="plantao-trail-"))
        with contextlib.ExitStack() as stack:
            stack.callback(shutil.rmtree, directory, ignore_errors=True)
            postgres = url = None
            if engine == "postgres":
                from lib.postgres import Postgres
                postgres = stack.enter_context(Postgres(**million.SERVER))
                url = postgres.new_database()
            fine = judge(engine, steps(engine, args, directory, postgres, url)) and fine
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
