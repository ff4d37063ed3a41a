#!/usr/bin/env python3
"""drill.py [SCENARIO...] [--runs N] [--users N] [--out DIR]: the cluster of tools/halab.py breaks under load.

Users write through HAProxy, plantao and PostgreSQL, keep a ledger of what was acknowledged, and compare it
with what is there (`plantao ha drill`).  Prints a table; leaves drill.txt, drill.json and drill.svg in --out.
Runs add to those that are in --out already, each with its time, commit and load, and none is taken out: one that
missed its bar stays, one that came to no result is counted as such, and what another machine or other load (users,
think) has left is refused.  --fresh begins anew.
Exits 1 when something acknowledged was lost or doubled, or a bar was missed (--no-bars: only when lost or doubled)."""
import argparse
import collections
import datetime
import functools
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

import halab

Scenario = collections.namedtuple("Scenario", "what fault heal seconds heal_after bar_s cable direct")
SCENARIOS = {   # {p} is the primary, {s} the standby when it begins
    "host": Scenario("the primary's host is killed", "kill {p}", "start {p}", 45, 22, 15, False, False),
    "cut": Scenario("the primary's cable is cut, and healed", "cut {p}", "heal {p}", 45, 22, 15, True, False),
    "cutpair": Scenario("only the link between the nodes is cut", "cutpair {p} {s}", "healpair {p} {s}", 45, 22, 15, True, False),
    "postmaster": Scenario("only PostgreSQL's postmaster is killed", "postmaster {p}", None, 35, 0, 15, False, False),
    "standby": Scenario("the standby's host is killed", "kill {s}", "start {s}", 45, 22, 15, False, False),
    "witness": Scenario("the witness is killed; users reach a node directly", "kill witness", "start witness", 45, 22, 15, False, True),
    "switchover": Scenario("planned switchover", "switchover", None, 30, 0, 2, False, False),
    "upgrade": Scenario("new program on both nodes (SIGUSR2)", "upgrade {s} && {lab} upgrade {p}", None, 40, 0, 2, False, False),
    "roll": Scenario("both nodes down and up in turn, with a switchover", "roll", None, 120, 0, 2, False, False),
}


def one_run(lab, name, args, number):
    s = SCENARIOS[name]
    lab.wait_healthy(240)
    primary, standby = lab.leader(), lab.standby()
    lab_command = f"{sys.executable} {halab.__file__} --dir {lab.dir}{' --plain' if lab.plain else ''}"
    words = {"p": primary, "s": standby, "lab": lab_command}
    out = pathlib.Path(args.out) / f"{name}-{number}.json"
    host = f"{lab.address(primary)}:8443" if s.direct else lab.address("witness")
    seconds = args.seconds or s.seconds
    command = lab.inside("client", lab.program, "ha", "drill", "--url", f"https://{host}", "--ca", lab.dir / "etc/witness/haproxy/ca.pem",
                         "--token-file", lab.dir / "token", "--patient", lab.patient(), "--users", args.users, "--seconds", seconds,
                         "--think", args.think, "--after", args.after, "--fault", f"{lab_command} {s.fault.format(**words)}", "--name", name, "--json", out)
    if s.heal:
        heal_after = min(s.heal_after, max(1, seconds - args.after - 5))
        command += ["--heal-after", str(heal_after), "--heal", f"{lab_command} {s.heal.format(**words)}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 400,
                          env=halab.plain_environment())
    if not out.exists():
        raise halab.Failed(f"{name}: the drill did not end: {done.stdout}{done.stderr}\n{lab.tails()}")
    result = json.loads(out.read_text())
    if result["faultLate"]:   # on a machine that is busy otherwise Patroni's tools take their time
        print(f"  {name} {number}: again with more time: the command ended after the users did", flush=True)
        return one_run(lab, name, argparse.Namespace(**{**vars(args), "seconds": 2 * seconds}), number)
    healed = time.monotonic()
    lab.wait_healthy(240)
    result.update(run=number, at=now(), commit=commit(), primary=primary, now=lab.leader(), wholeAgainS=round(time.monotonic() - healed, 1),
                  load=round(os.getloadavg()[0], 1), exit=done.returncode)
    out.unlink()
    print(f"  {name} {number}: {result['gapMs'] / 1000:.2f} s without an acknowledged write, lost {result['lost']}, "
          f"doubled {result['duplicated']}, errors {result['errors']}, load {result['load']}", flush=True)
    if result["exit"] and not (result["lost"] or result["duplicated"] or result["unfinished"]):
        raise halab.Failed(f"{name} {number}: what was to break or mend it failed:\n{done.stdout}{done.stderr}")
    return result


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


@functools.cache
def commit():
    """Of the tree that the program was made from; "+": with changes of its own."""
    said = subprocess.run(["git", "describe", "--always", "--dirty=+", "--exclude=*"], cwd=halab.ROOT, capture_output=True, text=True)
    return said.stdout.strip()


def spread(values):
    return f"{min(values):.1f} / {statistics.median(values):.1f} / {max(values):.1f}"


def table(results, failed=()):
    head = f"{'scenario':11} {'n':>2}  {'s without an acknowledged write':32} {'bar':>4}  {'lost':>4} {'twice':>5} {'stale':>5}  {'errors a user':>14}  {'longest wait':>12}"
    lines = [head, "-" * len(head)]
    for name, runs in results.items():
        gaps = [r["gapMs"] / 1000 for r in runs]
        errors = [r["errors"] / r["users"] for r in runs]
        lines.append(f"{name:11} {len(runs):2}  {spread(gaps):32} {SCENARIOS[name].bar_s:4}  {sum(r['lost'] for r in runs):4} "
                     f"{sum(r['duplicated'] for r in runs):5} {sum(r['stale'] for r in runs):5}  "
                     f"{statistics.mean(errors):5.2f}, max {max(r['errorsUserMax'] for r in runs):2}  {max(r['stallMaxMs'] for r in runs) / 1000:10.1f} s")
    lines.append(f"min / median / max; {sum(r['acknowledged'] for runs in results.values() for r in runs)} writes acknowledged in all")
    lines += [f"without a result: {f['scenario']} {f['run']} of {f['at']}: {f['why'].splitlines()[0]}" for f in failed]
    return "\n".join(lines)


def svg(results):
    """A row a scenario: acknowledged writes a second over time, of the run with the median gap."""
    width, row, left = 900, 90, 130
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{row * len(results) + 40}" font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="white"/>',
             '<text x="8" y="18">acknowledged writes a second, the run with the median gap; red: the fault</text>']
    for i, (name, runs) in enumerate(results.items()):
        r = sorted(runs, key=lambda one: one["gapMs"])[len(runs) // 2]
        series, slot_s = r["acknowledgedIn"], r["slotMs"] / 1000
        top, base = 30 + i * row, 30 + i * row + row - 24
        most = max(series) or 1
        step = (width - left - 20) / max(len(series), 1)
        points = " ".join(f"{left + k * step:.1f},{base - v / most * (row - 36):.1f}" for k, v in enumerate(series))
        fault = left + r["faultAfterS"] / slot_s * step
        parts += [f'<text x="8" y="{top + 30}">{name}</text>', f'<text x="8" y="{top + 46}">{r["gapMs"] / 1000:.1f} s</text>',
                  f'<polyline points="{points}" fill="none" stroke="#1b5e8c" stroke-width="1.2"/>',
                  f'<line x1="{left}" y1="{base}" x2="{width - 20}" y2="{base}" stroke="#999"/>',
                  f'<line x1="{fault:.1f}" y1="{top + 6}" x2="{fault:.1f}" y2="{base}" stroke="#c0392b"/>',
                  f'<text x="{left - 4}" y="{top + 18}" text-anchor="end">{most / slot_s:.0f}/s</text>',
                  f'<text x="{width - 20}" y="{base + 13}" text-anchor="end">{len(series) * slot_s:.0f} s</text>']
    return "\n".join([*parts, "</svg>", ""])


def missed(results, bars):
    said = []
    for name, runs in results.items():
        for r in runs:
            if r["lost"] or r["duplicated"] or r["unfinished"]:
                said.append(f"{name} {r['run']}: lost {r['lost']}, doubled {r['duplicated']}, unfinished {r['unfinished']}")
            elif bars and r["gapMs"] / 1000 > SCENARIOS[name].bar_s:
                said.append(f"{name} {r['run']}: {r['gapMs'] / 1000:.1f} s, the bar is {SCENARIOS[name].bar_s} s")
    return said


def drill(lab, names, args, before):
    results, failed = before["scenarios"], before["failed"]
    for name in names:
        print(f"{name}: {SCENARIOS[name].what}", flush=True)
        runs = results.setdefault(name, [])
        first = max([r["run"] for r in [*runs, *(f for f in failed if f["scenario"] == name)]], default=0) + 1
        for number in range(first, first + args.runs):
            try:
                runs.append(one_run(lab, name, args, number))
            except (halab.Failed, subprocess.SubprocessError) as e:
                failed.append({"scenario": name, "run": number, "at": now(), "commit": commit(), "why": str(e)[:2000]})
                raise halab.Failed(str(e)) from e
            finally:
                leave({k: v for k, v in results.items() if v}, failed, args)
    return {k: v for k, v in results.items() if v}


def about(args):
    """What runs must share to stand in one table."""
    return {"machine": platform.platform(), "cores": os.cpu_count(), "users": args.users, "think": args.think}


def runs_before(args):
    path = pathlib.Path(args.out) / "drill.json"
    if args.fresh or not path.exists():
        return {"scenarios": {}, "failed": []}
    there = json.loads(path.read_text(encoding="utf-8"))
    for key, here in about(args).items():
        if there.get(key, here) != here:
            sys.exit(f"drill: the runs in {path} are of {key} {there[key]}, these would be of {here}: say --out or --fresh")
    return {"scenarios": there["scenarios"], "failed": there.get("failed", [])}


def leave(results, failed, args):
    out = pathlib.Path(args.out)
    text = json.dumps({"at": now(), **about(args), "failed": failed, "scenarios": results}) + "\n"
    (out / "drill.json.new").write_text(text, encoding="utf-8")
    (out / "drill.json.new").replace(out / "drill.json")
    if not results:
        return
    (out / "drill.txt").write_text(table(results, failed) + "\n", encoding="utf-8")
    (out / "drill.svg").write_text(svg(results), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("scenario", nargs="*", help=f"of {' '.join(SCENARIOS)}; none: all")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=0, help="instead of the scenario's own")
    parser.add_argument("--after", type=int, default=8, help="seconds of peace before the fault")
    parser.add_argument("--think", type=int, default=800, help="ms between a user's writes, on average")
    parser.add_argument("--out", default="build/drill")
    parser.add_argument("--fresh", action="store_true", help="forget the runs that --out holds")
    parser.add_argument("--dir", default=str(halab.DIR))
    parser.add_argument("--plain", action="store_true", help="loopback addresses instead of network namespaces")
    parser.add_argument("--no-bars", action="store_true", help="a machine that is busy otherwise: figures without judgement")
    parser.add_argument("--standing", action="store_true", help="the cluster stands already (halab.py up)")
    parser.add_argument("--keep", action="store_true", help="leave the cluster standing")
    args = parser.parse_args()
    names = args.scenario or list(SCENARIOS)
    unknown = [n for n in names if n not in SCENARIOS]
    if unknown:
        parser.error(f"no scenario {' '.join(unknown)}; there are: {' '.join(SCENARIOS)}")
    pathlib.Path(args.out).mkdir(parents=True, exist_ok=True)
    args.out = str(pathlib.Path(args.out).resolve())
    before = runs_before(args)
    lab, reason = halab.choose(args.dir, args.plain)
    if lab.plain:
        print(f"without {', '.join(n for n in names if SCENARIOS[n].cable)}: plain addresses have no cable to cut"
              f"{f' ({reason})' if reason else ''}")
        names = [n for n in names if not SCENARIOS[n].cable]
    try:
        if not args.standing:
            lab.up()
        results = drill(lab, names, args, before)
    except halab.Failed as e:
        sys.exit(f"drill: {e}")
    finally:
        if not args.keep:
            lab.down()
    print("\n" + table(results, before["failed"]) + f"\n\n{args.out}/drill.svg")
    said = missed(results, not args.no_bars)
    print("\n".join(said) or "every bar was met" if not args.no_bars else "\n".join(said))
    sys.exit(1 if said else 0)


if __name__ == "__main__":
    main()
