#!/usr/bin/env python3
"""runbook.py both-lost|fail-over-happened [--dir LAB]: a runbook's commands, word by word, on the laboratory's hosts.

The commands are read from docs/runbooks/; only the paths and `systemctl`, which the laboratory has not, are put in
their place.  Breaks the cluster of tools/halab.py first, and exits 1 when the runbook's end is not reached."""
import argparse
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import halab

RUNBOOKS = pathlib.Path(__file__).resolve().parent.parent / "docs" / "runbooks"
# The laboratory keeps services up itself: to restart one is to end it.
SYSTEMCTL = """#!/bin/sh
exec {python} {me} --dir {dir} {plain} systemctl {host} "$@"
"""


def blocks(name, heading):
    """The indented command blocks below a heading of the runbook."""
    text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)[1]
    return [re.sub(r"^   ", "", b, flags=re.M) for b in re.findall(r"^ *```\n(.*?)^ *```", section, re.M | re.S)]


def follow(lab, host, command):
    """One block, as root on the host; (exit, what it printed)."""
    shims = lab.dir / "shims" / host
    shims.mkdir(parents=True, exist_ok=True)
    shim = shims / "systemctl"
    shim.write_text(SYSTEMCTL.format(python=sys.executable, me=__file__, dir=lab.dir, host=host, plain="--plain" if lab.plain else ""))
    shim.chmod(0o755)
    here = command.replace("/etc/plantao/ha", str(lab.dir / "etc" / host)).replace(
        "plantao ha ", f"{lab.program} ha ").replace("ha status", f"ha status --dir {lab.dir}/etc/{host}")
    done = subprocess.run(lab.inside(host, "sh", "-ec", here), capture_output=True, text=True, timeout=120,
                          env={**halab.plain_environment(), "PATH": f"{shims}:{os.environ['PATH']}"})
    print(f"{host}# {command.strip()}\n{done.stdout}{done.stderr}", flush=True)
    return done.returncode, done.stdout


def systemctl(lab, host, verb, unit):
    name = unit.removeprefix("plantao-ha-").removesuffix(".service")
    before = lab.process(host, f"/bin/{name}")
    if verb != "restart" or before is None:
        raise halab.Failed(f"systemctl {verb} {unit}: the laboratory has only restart")
    os.kill(before, signal.SIGTERM)
    lab.wait(lambda: lab.process(host, f"/bin/{name}") not in (None, before), 30, f"{name} does not come back")


def both_lost(lab):
    survivor, lost = lab.standby(), lab.leader()
    lab.kill(lost)
    lab.kill("witness")
    time.sleep(15)
    if lab.ready(survivor):
        raise halab.Failed("the survivor takes writes although it is alone")
    restart, look, tidy = blocks("both-lost", "Do, on the survivor")
    began = time.monotonic()
    if follow(lab, survivor, restart)[0] != 0:
        raise halab.Failed("the runbook's first step failed")
    lab.wait(lambda: lab.ready(survivor), 120, "the survivor does not take writes")
    print(f"writable {time.monotonic() - began:.1f} s after the first step")
    if f"primary    {survivor}" not in follow(lab, survivor, look)[1]:
        raise halab.Failed("the survivor is not primary")
    follow(lab, survivor, tidy)
    if "force-new-cluster" in (lab.dir / "etc" / survivor / "etcd" / "etcd.yml").read_text():
        raise halab.Failed("the line is still there")


def fail_over_happened(lab):
    lost, other = lab.leader(), lab.standby()
    lab.kill(lost)
    lab.wait(lambda: lab.leader() == other, 60, "nobody took over")
    (status, *_rest) = blocks("fail-over-happened", "Do")
    if follow(lab, other, status)[0] == 0:
        raise halab.Failed("status calls a cluster without a standby whole")
    lab.start(lost)
    lab.wait_healthy(180)
    lab.wait(lambda: follow(lab, other, status)[0] == 0, 60, "the runbook's end is not reached")


STEPS = {"both-lost": both_lost, "fail-over-happened": fail_over_happened}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--dir", default=str(halab.DIR))
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("what")
    parser.add_argument("rest", nargs="*")
    args = parser.parse_args()
    lab = halab.Lab(args.dir, args.plain or halab.is_plain(args.dir))
    try:
        if args.what == "systemctl":
            systemctl(lab, *args.rest)
        elif args.what in STEPS:
            STEPS[args.what](lab)
            print(f"{args.what}: the runbook's end was reached")
        else:
            parser.error(f"no runbook {args.what}; there are: {' '.join(STEPS)}")
    except halab.Failed as e:
        sys.exit(f"runbook: {e}")


if __name__ == "__main__":
    main()
