#!/usr/bin/env python3
"""soak.py [--hours H] [--engine sqlite|postgres] [--out DIR]: a clinic's day, again and again, and what the server holds on to.

Mixed load at a steady rate; resident memory and descriptors every few seconds, as CSV and as a picture (SVG).  Exit 1
when an answer was not what it should be, or when either has grown from the second quarter to the last by more than 5 %
and 4 MiB, or by 4 descriptors: what a cache takes at the beginning is no leak."""
import argparse
import contextlib
import pathlib
import statistics
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent), str(pathlib.Path(__file__).resolve().parent)]

import crowd  # noqa: E402
from lib.postgres import Postgres  # noqa: E402
from lib.server import Plantao  # noqa: E402

CLIENTS, RATE, SLICE_S, EVERY_S = 50, 300, 60, 5
MIB = 1 << 20


def sample(server):
    pid = server.process.pid
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    rss = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:"))
    return rss, len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


def picture(rows):
    """Memory and descriptors over time, each from zero."""
    width, height = 900, 240
    end = rows[-1][0] or 1

    def line(index, colour):
        top = max(r[index] for r in rows) * 1.1
        points = " ".join(f"{r[0] / end * width:.1f},{height - r[index] / top * height:.1f}" for r in rows)
        return f'<polyline fill="none" stroke="{colour}" points="{points}"/>'
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height + 20}" font-family="sans-serif" font-size="12">'
            f'{line(1, "#1060c0")}{line(2, "#c06010")}'
            f'<text x="4" y="{height + 15}" fill="#1060c0">resident memory, at most {max(r[1] for r in rows) / MIB:.1f} MiB</text>'
            f'<text x="320" y="{height + 15}" fill="#c06010">descriptors, at most {max(r[2] for r in rows)}</text>'
            f'<text x="640" y="{height + 15}">{end / 60:.0f} minutes</text></svg>\n')


def quarter(rows, number, index):
    n = len(rows) // 4
    return statistics.median(r[index] for r in rows[n * (number - 1):n * number])


def soak(server, seconds):
    """(rows of (s, rss, fds), answers by status)"""
    people, rows, statuses = crowd.Crowd(server), [], {}
    began = time.monotonic()
    while (left := seconds - (time.monotonic() - began)) > 1:
        running = people.start(CLIENTS, int(min(SLICE_S, left)) or 1, RATE)
        while running[0].poll() is None:
            rows.append((time.monotonic() - began, *sample(server)))
            time.sleep(EVERY_S)
        for kind in people.figures(running).values():
            for status, count in kind["status"].items():
                statuses[status] = statuses.get(status, 0) + count
            statuses["broken"] = statuses.get("broken", 0) + kind["broken"]
        rss, fds = rows[-1][1:]
        print(f"{(time.monotonic() - began) / 60:6.1f} min  {rss / MIB:6.1f} MiB  {fds} descriptors  {statuses}", flush=True)
    return rows, statuses


def is_flat(rows):
    rss, later = quarter(rows, 2, 1), quarter(rows, 4, 1)
    fds, more = quarter(rows, 2, 2), quarter(rows, 4, 2)
    print(f"second quarter {rss / MIB:.1f} MiB, {fds:.0f} descriptors; last quarter {later / MIB:.1f} MiB, {more:.0f} descriptors")
    return later - rss <= max(0.05 * rss, 4 * MIB) and more - fds <= 4


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], epilog="example: soak.py --hours 0.2 --engine sqlite")
    parser.add_argument("--hours", type=float, default=1)
    parser.add_argument("--engine", default="sqlite")
    parser.add_argument("--out", default="build/soak")
    args = parser.parse_args()
    out = pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(Postgres()).new_database() if args.engine == "postgres" else None
        with Plantao(url) as server:
            rows, statuses = soak(server, args.hours * 3600)
    (out / f"{args.engine}.csv").write_text("seconds,rss,descriptors\n" + "".join(f"{t:.1f},{r},{f}\n" for t, r, f in rows))
    (out / f"{args.engine}.svg").write_text(picture(rows))
    wrong = {s: n for s, n in statuses.items() if s not in ("200", "201") and n}
    print(f"{out / args.engine}.svg; answers {statuses}")
    return 0 if is_flat(rows) and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
