#!/usr/bin/env python3
"""bench.py: the server under load, beside nginx, the peer of bench/peers and pgbench in the same run.

  bench/bench.py [--engine sqlite,postgres] [--tests read,list,search,create,mixed,calc,ask] [--conns 32,200]
                 [--seconds 10] [--patients 10000] [--records 100000] [--quick] [--sealing]

Prints a table; writes bench/results/<commit>.json and .md. --quick is the gate: two minutes, compares the
ratios with bench/results/gate.json and fails when one is more than 15 % below; --keep writes them there.
Machines differ and are noisy: only ratios taken in one run mean anything."""
import argparse
import contextlib
import datetime
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "bench/peers"))
PLANTAO = ROOT / "build/plantao"
CLEAR = ROOT / "build/tests/plantao_clear"   # seals nothing: what sealing costs
STORES = ROOT / "build/bench-stores"
GATE = ROOT / "bench/results/gate.json"
TICK = os.sysconf("SC_CLK_TCK")
ALLOWED = 0.85
ROUNDS = 4   # of each side, where two are compared in turns
OURS = ("search", "calc", "ask")   # the peer has none of these
PAUSE_MS = 50   # of clients that rest, as people do: the server's own time is then its work, not its queue
RESTING = ("calc", "ask")
# What PostgreSQL's own documentation advises for a machine with some memory, for us, the peer and pgbench alike;
# the tests' 64 MB hold no large store.
SERVER = {"shared_buffers": "1GB", "max_wal_size": "4GB"}


def say(text):
    print(text, file=sys.stderr, flush=True)


def cpu_and_rss(pid):
    with open(f"/proc/{pid}/stat") as f:
        p = f.read().rsplit(")", 1)[1].split()
    return (int(p[11]) + int(p[12])) / TICK, int(p[21]) * os.sysconf("SC_PAGE_SIZE")


def wrk(url, test, conns, seconds, ids, script="load.lua", pause_ms=None):
    env = dict(os.environ, BENCH_IDS=str(ids), BENCH_TEST=test, SEED=str(time.time_ns() % 99991))
    if pause_ms:
        env["BENCH_PAUSE_MS"] = str(pause_ms)
    cmd = ["wrk", "-t1", f"-c{conns}", f"-d{seconds}s", "--timeout", "10s"]
    cmd += [url] if test == "nginx" else ["-s", str(ROOT / "bench/lua" / script), url]
    out = subprocess.run(cmd, env=env, capture_output=True, text=True, check=True).stdout
    if test == "nginx":
        return {"rps": float(next(l for l in out.splitlines() if l.startswith("Requests/sec")).split()[1])}
    r = json.loads(next(l for l in out.splitlines() if l.startswith("JSON"))[5:])
    r["rps"] = r["requests"] / r["seconds"]
    return r


def answer_times(url):
    """The server's own histogram of all routes: from a complete request to its answer, by upper bound in seconds."""
    out = {}
    with urllib.request.urlopen(url + "/metrics", timeout=10) as answer:
        for name, value in re.findall(r'^plantao_http_request_seconds_bucket\{.*le="([^"]+)"\} (\d+)$', answer.read().decode(), re.M):
            out[float(name)] = out.get(float(name), 0) + int(value)
    return out


def own_p99(before, after):
    """In ms, as far as the bounds tell: 99 of 100 answers took no longer.  Waiting for a worker counts, the network
    and the client do not; with every connection asking again at once, that is mostly waiting."""
    counts = {bound: n - before.get(bound, 0) for bound, n in after.items()}
    return next(b for b in sorted(counts) if counts[b] >= 0.99 * counts[float("inf")]) * 1000


@contextlib.contextmanager
def nginx(size):
    """One static file of the size of a record."""
    d = pathlib.Path(tempfile.mkdtemp(prefix="plantao-nginx-"))
    (d / "www").mkdir()
    (d / "www/record.json").write_text("x" * size)
    os.chmod(d, 0o755)
    (d / "nginx.conf").write_text(
        f"daemon off; pid {d}/pid; error_log {d}/error.log; worker_processes 2;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; keepalive_requests 100000000; open_file_cache max=10;\n"
        f"client_body_temp_path {d}/b; proxy_temp_path {d}/p; fastcgi_temp_path {d}/f; uwsgi_temp_path {d}/u; scgi_temp_path {d}/s;\n"
        f"server {{ listen 127.0.0.1:18309; root {d}/www; default_type application/json; }} }}\n")
    p = subprocess.Popen(["/usr/sbin/nginx", "-c", str(d / "nginx.conf")], stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        yield "http://127.0.0.1:18309/record.json"
    finally:
        p.send_signal(signal.SIGTERM)
        p.wait()
        shutil.rmtree(d, ignore_errors=True)


class Store:
    """A store seeded anew: one that has served grows, and its sessions end."""

    def __init__(self, engine, args, url=None, program=PLANTAO, name=""):
        kept = None if url else getattr(args, "stores", None)
        self.program, self.dir = program, (kept or STORES) / (engine + name)
        self.ids = self.dir / "ids"
        self.env = dict(os.environ, PLANTAO_DATA_DIR=str(self.dir / "data"), PLANTAO_LISTEN="127.0.0.1:0",
                        PLANTAO_RATE_LIMIT_READ_PER_MIN="100000000", PLANTAO_RATE_LIMIT_WRITE_PER_MIN="100000000",
                        PLANTAO_RATE_LIMIT_ASK_PER_MIN="0",
                        PLANTAO_LOG_LEVEL="error", PLANTAO_TEST_CLEAR="measure")
        if url:
            self.env["PLANTAO_DATABASE_URL"] = url
        if kept and (self.ids / "records.txt").exists():
            return
        shutil.rmtree(self.dir, ignore_errors=True)
        self.ids.mkdir(parents=True)
        say(f"{engine}{name}: seeding {args.patients} patients, {args.records} records")
        subprocess.run([program, "seed", "--patients", str(args.patients), "--records", str(args.records),
                        "--doctors", str(getattr(args, "doctors", 40)),
                        "--out", self.ids], env=self.env, check=True, stdout=subprocess.DEVNULL)   # progress is on stderr
        if url:   # what autovacuum has done a few minutes later
            subprocess.run(["psql", "-q", "-c", "VACUUM ANALYZE", url], check=True)

    @contextlib.contextmanager
    def server(self):
        began = time.monotonic()
        p = subprocess.Popen([self.program, "serve"], env=self.env, stdout=subprocess.PIPE, text=True)
        try:
            url = next(l.split()[-1] for l in p.stdout if l.startswith("listening on"))
            with urllib.request.urlopen(url + "/ready", timeout=10):
                pass
            yield p, url, time.monotonic() - began
        finally:
            p.send_signal(signal.SIGTERM)
            p.wait(30)


def pgbench(url, seconds):
    """The same select and audit insert, and the plain insert with it, by PostgreSQL's own client."""
    out = {}
    d = pathlib.Path(tempfile.mkdtemp(prefix="plantao-pgbench-"))
    (d / "read.sql").write_text(
        "\\set n random(1, 100000)\nBEGIN;\nSELECT * FROM bench_record WHERE n = :n;\n"
        "INSERT INTO bench_audit(at, event, subject, body) VALUES (1, 'record.read', :n, repeat('x', 200));\nCOMMIT;\n")
    (d / "create.sql").write_text(
        "BEGIN;\nINSERT INTO bench_new(body) VALUES (repeat('x', 600));\n"
        "INSERT INTO bench_audit(at, event, subject, body) VALUES (1, 'record.create', 1, repeat('x', 800));\nCOMMIT;\n")
    sql = ("DROP TABLE IF EXISTS bench_record, bench_audit, bench_new;"
           "CREATE TABLE bench_record AS SELECT g AS n, repeat('x', 600) AS body FROM generate_series(1, 100000) g;"
           "ALTER TABLE bench_record ADD PRIMARY KEY (n);"
           "CREATE TABLE bench_audit(seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at BIGINT, event TEXT, subject BIGINT, body TEXT);"
           "CREATE TABLE bench_new(id UUID PRIMARY KEY DEFAULT gen_random_uuid(), body TEXT);")
    subprocess.run(["psql", "-q", "-c", sql, "-c", "VACUUM ANALYZE", url], check=True, stderr=subprocess.DEVNULL)
    for name in ("read", "create"):
        r = subprocess.run(["pgbench", "-n", "-M", "prepared", "-c", "32", "-j", "2", "-T", str(seconds), "-f",
                            str(d / f"{name}.sql"), url], capture_output=True, text=True, check=True).stdout
        out[name] = float(next(l for l in r.splitlines() if l.startswith("tps")).split()[2])
    shutil.rmtree(d)
    return out


def measure_peer(postgres, args):
    """What the peer does of each test, by test and connections; the same cluster, a database of its own."""
    from peer import peer, tree_cpu_and_rss
    out = {}
    with peer(postgres.new_database()) as (p, url, ids):
        for conns in args.conns:
            for test in (t for t in args.tests if t not in OURS):
                wrk(url, test, conns, 2, ids, "peer.lua")
                cpu0, _ = tree_cpu_and_rss(p.pid, cpu_and_rss)
                r = wrk(url, test, conns, args.seconds, ids, "peer.lua")
                cpu1, rss = tree_cpu_and_rss(p.pid, cpu_and_rss)
                r.update(engine="peer", test=test, conns=conns, cpu_us=(cpu1 - cpu0) / r["requests"] * 1e6, rss_mib=rss / 2**20)
                out[test, conns] = r
                say(line(r))
    return out


def rounds(args):
    """Each test at each number of connections; searches also by 8 clients, which is how many search at once in a large clinic;
    what is answered without a chart also by clients that rest."""
    for conns in args.conns:
        for test in args.tests:
            yield conns, test, None
    if args.quick:
        return
    if "search" in args.tests:
        yield 8, "search", None
    for test in RESTING:
        if test in args.tests:
            yield args.conns[-1], test, PAUSE_MS


def measure(engine, store, args, refs, peers):
    rows = []
    with store.server() as (p, url, start_s):
        for conns, test, pause_ms in rounds(args):
            wrk(url, test, conns, 1, store.ids)
            before = answer_times(url)
            cpu0, _ = cpu_and_rss(p.pid)
            r = wrk(url, test, conns, args.seconds, store.ids, pause_ms=pause_ms)
            cpu1, rss = cpu_and_rss(p.pid)
            r["own_p99_ms"] = own_p99(before, answer_times(url))
            r.update(engine=engine, test=test, conns=conns, pause_ms=pause_ms, cpu_us=(cpu1 - cpu0) / r["requests"] * 1e6,
                     rss_mib=rss / 2**20, start_s=start_s, of_nginx=r["rps"] / refs["nginx"])
            if engine == "postgres" and test in refs and not pause_ms:
                r["of_pgbench"] = r["rps"] / refs[test]
            if (test, conns) in peers and not pause_ms:
                r["of_peer"] = r["rps"] / peers[test, conns]["rps"]
            rows.append(r)
            say(line(r))
    return rows


def sealing(engine, sealed, clear, args):
    """What sealed fields, their keys and the signed trail cost: the same reads of two equal stores in turns, one program
    built to seal nothing.  Ratios of medians; CPU is the steadier one on a machine that does other things."""
    rows = []
    with sealed.server() as (p, url, _), clear.server() as (q, other, _):
        for test in (t for t in ("read", "list") if t in args.tests):
            got = {"sealed": [], "clear": []}
            for turn in range(2 * ROUNDS + 2):
                name, pid, at, ids = (("sealed", p.pid, url, sealed.ids), ("clear", q.pid, other, clear.ids))[(turn + turn // 2) % 2]
                cpu0, _ = cpu_and_rss(pid)
                r = wrk(at, test, args.conns[-1], max(2, args.seconds // 3), ids)
                cpu1, _ = cpu_and_rss(pid)
                if turn > 1:   # the first of each fills caches
                    got[name].append((r["rps"], (cpu1 - cpu0) / r["requests"] * 1e6, r["errors"]))
            mid = {n: [statistics.median(v[i] for v in rounds) for i in (0, 1)] for n, rounds in got.items()}
            rows.append({"engine": engine, "test": test, "errors": sum(v[2] for rounds in got.values() for v in rounds),
                         "speed": mid["sealed"][0] / mid["clear"][0], "cpu": mid["sealed"][1] / mid["clear"][1], "rounds": got})
            say(sealing_line(rows[-1]))
    return rows


def sealing_line(r):
    return (f"sealing  {r['engine']:8} {r['test']:7} {r['speed']:5.2f} of the speed without it, {r['cpu']:5.2f} of the CPU "
            f"(promised: 0.85 of the speed for reads), errors {r['errors']}")


def line(r):
    more = "".join(f"  {r['of_' + name]:5.{digits}f} of {name}" for name, digits in (("nginx", 3), ("pgbench", 2), ("peer", 1))
                   if "of_" + name in r)
    return (f"{r['engine']:8} {r['test']:7} {r['conns']:4} {r['rps']:9.0f}/s  p50 {r['p50_ms']:7.2f}  p99 {r['p99_ms']:7.2f} ms  "
            + (f"in the server up to {r['own_p99_ms']:g}  " if "own_p99_ms" in r else "")
            + (f"resting {r['pause_ms']} ms  " if r.get("pause_ms") else "") +
            f"errors {r['errors']:4}  {r['cpu_us']:6.1f} us CPU  RSS {r['rss_mib']:5.0f} MiB{more}")


def commit():
    r = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return r.stdout.strip() or "unknown"


def gate(rows, keep):
    ratios = {f"{r['engine']}/{r['test']}/{r['conns']}": round(r.get("of_peer", r["of_nginx"]), 4) for r in rows}
    if keep or not GATE.exists():
        GATE.write_text(json.dumps(ratios, indent=1) + "\n")
        print(f"gate: kept {len(ratios)} ratios in {GATE.relative_to(ROOT)}")
        return 0
    held = json.loads(GATE.read_text())
    bad = [f"{k}: {ratios[k]} against {v}" for k, v in held.items() if k in ratios and ratios[k] < v * ALLOWED]
    print("gate: " + ("failed: " + "; ".join(bad) if bad else "held"))
    return 1 if bad else 0


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--engine", default="sqlite,postgres")
    ap.add_argument("--tests", default="read,list,search,create,mixed,calc,ask")
    ap.add_argument("--conns", default="32,200")
    ap.add_argument("--seconds", type=int, default=10)
    ap.add_argument("--patients", type=int, default=10000)
    ap.add_argument("--records", type=int, default=100000)
    ap.add_argument("--quick", action="store_true")
    ap.add_argument("--keep", action="store_true")
    ap.add_argument("--no-peer", dest="peer", action="store_false")
    ap.add_argument("--sealing", action="store_true", help="only what sealing costs")
    args = ap.parse_args()
    if args.quick:
        args.conns, args.seconds, args.patients, args.records = "200", 4, 2000, 20000
    args.conns = [int(c) for c in args.conns.split(",")]
    args.tests = args.tests.split(",")
    rows, refs, peers, sealed = [], {}, {}, []
    with contextlib.ExitStack() as stack:
        with nginx(600) as url:
            refs["nginx"] = wrk(url, "nginx", 200, args.seconds, "")["rps"]
        say(f"nginx, a file of 600 bytes, 200 connections: {refs['nginx']:.0f}/s")
        from lib.postgres import Postgres
        postgres = stack.enter_context(Postgres(**SERVER))
        if args.peer and not args.sealing:
            peers = measure_peer(postgres, args)
        for engine in args.engine.split(","):
            database = postgres.new_database if engine == "postgres" else lambda: None
            if not args.sealing:
                url = database()
                if url:
                    refs.update(pgbench(url, args.seconds))
                    say(f"pgbench, 32 clients: read+audit {refs['read']:.0f}/s, create+audit {refs['create']:.0f}/s")
                rows += measure(engine, Store(engine, args, url), args, refs, peers)
            if args.quick and not args.sealing:
                continue
            sealed += sealing(engine, Store(engine, args, database(), PLANTAO, "-sealed"),
                              Store(engine, args, database(), CLEAR, "-clear"), args)
    result = {"commit": commit(), "at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
              "machine": {"cores": os.cpu_count(), "load": os.getloadavg()}, "references": refs,
              "rows": [*peers.values(), *rows], "sealing": sealed}
    print("\n".join(line(r) for r in [*peers.values(), *rows]))
    print("\n".join(sealing_line(r) for r in sealed))
    if args.sealing:
        return 0
    if args.quick and args.peer:
        return gate(rows, args.keep)
    if args.quick:
        print("gate: not judged, it compares with the peer")
        return 0
    out = ROOT / "bench/results" / f"{result['at'][:10]}-{result['commit']}.json"
    out.write_text(json.dumps(result, indent=1) + "\n")
    print(f"written to {out.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
