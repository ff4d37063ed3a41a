#!/usr/bin/env python3
"""halab.py up|down|status|switchover|roll|x HOST COMMAND...
   halab.py cut|heal|kill|start|stop|postmaster|upgrade|maintain HOST | cutpair|healpair A B

The two-node cluster on one machine: node1, node2 and the witness are network namespaces, joined by a
bridge that stands in a namespace of its own, so that nothing of it leaves the machine.  Each host runs
what a real one would: `plantao ha join` on the folder that `plantao ha init` made for it.

Where namespaces are not permitted the hosts are addresses of 127.77.0.0/24 instead (--plain, or found out
and said): the same parts, but no cable to cut.

Needs root and the packages of `tools/setup.sh ha`.  Everything rests in --dir (default /tmp/plantao-ha-lab)."""
import argparse
import hashlib
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DIR = pathlib.Path(os.environ.get("PLANTAO_HA_LAB", "/tmp/plantao-ha-lab"))
HOSTS = {"witness": 10, "node1": 11, "node2": 12}
NODES = ("node1", "node2")
CLIENT = 20   # where users sit: an address of their own, so that the witness may be lost too
PASSWORD, CHOSEN = "laboratorio-entregue-1", "laboratorio-escolhida-2"
CLONE_NEWNET = 0x40000000


class Failed(Exception):
    pass


def plain_environment():
    """Nothing of the caller's settings reaches the cluster."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PLANTAO_")}


def run(*argv, check=True, timeout=120, **more):
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL, env=plain_environment(), **more)
    if check and done.returncode != 0:
        raise Failed(f"{' '.join(map(str, argv))}: exit {done.returncode}\n{done.stdout}{done.stderr}"[-3000:])
    return done


def namespaces_allowed():
    """None, or why not."""
    if os.getuid() != 0:
        return "it needs root"
    name = f"pha-try-{os.getpid()}"
    try:
        made = run("ip", "netns", "add", name, check=False)
    except FileNotFoundError:
        return "there is no ip(8)"
    if made.returncode != 0:
        return made.stderr.strip() or "ip netns add failed"
    linked = run("ip", "-n", name, "link", "add", "v0", "type", "veth", "peer", "name", "v1", check=False)
    run("ip", "netns", "del", name, check=False)
    return None if linked.returncode == 0 else linked.stderr.strip()


class Lab:
    def __init__(self, directory=DIR, plain=False, backup=False):
        self.dir = pathlib.Path(directory)
        self.plain = plain
        self.backup = backup   # pgBackRest as well, into DIR/copies as on a share that both nodes see
        self.prefix = f"pha{hashlib.sha256(str(self.dir).encode()).hexdigest()[:5]}"   # labs may stand side by side
        self.net = "127.77.0" if plain else "10.77.0"
        self.program = self.dir / "bin" / "plantao"

    # ---- hosts
    def address(self, host):
        return f"{self.net}.{CLIENT if host == 'client' else HOSTS[host]}"

    @property
    def url(self):
        return f"https://{self.address('witness')}"

    @property
    def ca(self):
        return self.dir / "etc" / "witness" / "haproxy" / "ca.pem"

    def inside(self, host, *argv):
        return list(map(str, argv)) if self.plain else ["nsenter", f"--net=/run/netns/{self.prefix}-{host}", *map(str, argv)]

    def x(self, host, *argv, **more):
        return run(*self.inside(host, *argv), **more)

    def network_up(self):
        if self.plain:
            return
        switch = f"{self.prefix}-sw"
        run("ip", "netns", "add", switch)
        run("ip", "-n", switch, "link", "add", "br0", "type", "bridge")
        run("ip", "-n", switch, "link", "set", "br0", "up")
        for host in (*HOSTS, "client"):
            name = f"{self.prefix}-{host}"
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "-n", switch, "link", "add", f"v-{host}", "type", "veth", "peer", "name", "eth0", "netns", name)
            run("ip", "-n", switch, "link", "set", f"v-{host}", "master", "br0", "up")
            run("ip", "-n", name, "addr", "add", f"{self.address(host)}/24", "dev", "eth0")
            run("ip", "-n", name, "link", "set", "eth0", "up")

    def network_down(self):
        for host in (*HOSTS, "client", "sw"):
            run("ip", "netns", "del", f"{self.prefix}-{host}", check=False)

    # ---- what breaks, and mends
    def cut(self, host):
        self._cabled()
        run("ip", "-n", f"{self.prefix}-sw", "link", "set", f"v-{host}", "down")

    def heal(self, host):
        run("ip", "-n", f"{self.prefix}-sw", "link", "set", f"v-{host}", "up")

    def cutpair(self, a, b):
        self._cabled()
        for here, there in ((a, b), (b, a)):
            rules = (f"table inet cut {{\n chain i {{ type filter hook input priority 0; policy accept; ip saddr {self.address(there)} drop; }}\n"
                     f" chain o {{ type filter hook output priority 0; policy accept; ip daddr {self.address(there)} drop; }}\n}}\n")
            subprocess.run(self.inside(here, "nft", "-f", "-"), input=rules, text=True, check=True)

    def healpair(self, a, b):
        for host in (a, b):
            self.x(host, "nft", "delete", "table", "inet", "cut", check=False)

    def _cabled(self):
        if self.plain:
            raise Failed("plain addresses have no cable to cut")

    def pids(self, host):
        if not self.plain:
            return [int(p) for p in run("ip", "netns", "pids", f"{self.prefix}-{host}", check=False).stdout.split()]
        marks = [f"{self.dir}/{kind}/{host}".encode() for kind in ("etc", "var")]
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    line = (entry / "cmdline").read_bytes()
                    if any(m in line for m in marks) and b"halab" not in line:
                        found.append(int(entry.name))
                except OSError:
                    pass
        return found

    def kill(self, host):
        """The host is gone at once: every process of it, by its number."""
        for _ in range(3):
            for pid in self.pids(host):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.05)

    def start(self, host):
        with open(self.dir / f"{host}.log", "ab") as log:
            subprocess.Popen(self.inside(host, self.program, "ha", "join", self.dir / "etc" / host, "--keep"),
                             stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=plain_environment())

    def process(self, host, *words):
        """The number of the host's process whose command line holds all words."""
        for pid in self.pids(host):
            try:
                line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if all(w in line for w in words):
                return pid
        return None

    # ---- making it
    def write_conf(self):
        accounts = {u.pw_name for u in pwd.getpwall()}
        mine = "plantao" if "plantao" in accounts else "postgres"
        self.dir.mkdir(parents=True, exist_ok=True)
        self.dir.chmod(0o755)
        (self.dir / "ha.conf").write_text(
            f"# the laboratory's cluster\nnode1 = {self.address('node1')}\nnode2 = {self.address('node2')}\n"
            f"witness = {self.address('witness')}\nconfig_dir = {self.dir}/etc/%h\nstate_dir = {self.dir}/var/%h\n"
            f"program = {self.program}\nplantao_user = {mine}\netcd_user = {'etcd' if 'etcd' in accounts else 'postgres'}\n"
            f"shared_buffers = 128MB\nwatchdog = off\n" + (f"backup_dir = {self.dir}/copies\n" if self.backup else ""), encoding="utf-8")
        return mine

    def make(self):
        self.program.parent.mkdir(parents=True, exist_ok=True)
        self.install(os.environ.get("TESTED_PROGRAM", ROOT / "build" / "plantao"))
        self.user = self.write_conf()
        made = run(self.program, "ha", "init", self.dir / "ha.conf", "--out", self.dir / "made")
        print(made.stdout, end="")
        for host in HOSTS:
            shutil.copytree(self.dir / "made" / host, self.dir / "etc" / host, dirs_exist_ok=True)
        for node in NODES:   # people at work by the hundred under one account are no attack here
            with open(self.dir / "etc" / node / "plantao" / "plantao.conf", "a", encoding="utf-8") as f:
                f.write("rate_limit_read_per_min = 0\nrate_limit_write_per_min = 0\nrate_limit_login_per_min = 0\nrate_limit_ask_per_min = 0\n"
                        "health_disk_free_mib = 1\nhealth_memory_percent = 100\n")

    def stop(self, host):
        """In order, as for maintenance."""
        keeper = self.process(host, "ha join")
        if keeper:
            os.kill(keeper, signal.SIGTERM)
            self.wait(lambda: not self.pids(host), 200, f"{host} does not stop")

    def postmaster(self, host):
        """Its first line is its number; a kill of it alone leaves the host and its other programs."""
        pid = int((self.dir / "var" / host / "postgres" / "postmaster.pid").read_text().split()[0])
        if pid in self.pids(host):
            os.kill(pid, signal.SIGKILL)

    def upgrade(self, host):
        """The new program takes over from the running one; returns when it has."""
        self.install(os.environ.get("TESTED_PROGRAM", ROOT / "build" / "plantao"))
        before = self.process(host, "serve", "plantao.conf")
        os.kill(before, signal.SIGUSR2)
        self.wait(lambda: self.process(host, "serve", "plantao.conf") not in (None, before) and before not in self.pids(host),
                  90, f"plantao of {host} did not hand over")

    def maintain(self, host):
        """Out of the balancer, down in order, up, back in: as an upgrade of the whole host."""
        etc = self.dir / "etc" / "witness"
        self.x("witness", self.program, "ha", "drain", host, "--dir", etc)
        self.stop(host)
        self.start(host)
        self.wait(lambda: self.ready(host), 90, f"{host} does not come back")
        self.x("witness", self.program, "ha", "ready", host, "--dir", etc)
        self.wait_healthy()

    def roll(self):
        """Both nodes after each other: the standby, a switchover, the former primary."""
        first, second = self.standby(), self.leader()
        self.maintain(first)
        self.switchover()
        self.maintain(second)

    def switchover(self):
        self.x("witness", self.program, "ha", "switchover", "--dir", self.dir / "etc" / "witness")

    def install(self, binary):
        """As an upgrade does: the new file beside the old one, then in its place."""
        fresh = self.program.with_suffix(".new")
        shutil.copy2(binary, fresh)
        fresh.chmod(0o755)
        fresh.rename(self.program)

    def up(self, people=True):
        self.down()
        self.network_up()
        self.make()
        self.start("witness")
        self.start("node1")
        self.wait(lambda: self.leader(), 90, "node1 does not become primary")
        self.start("node2")
        self.wait_healthy(180)
        self.wait(self.ready, 60, "HAProxy finds no node that is ready")
        if people:
            self.people()

    def down(self):
        for host in HOSTS:
            self.kill(host)
        if not self.plain:
            self.network_down()
        shutil.rmtree(self.dir, ignore_errors=True)

    # ---- looking
    def wait(self, what, timeout_s, otherwise):
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            found = what()
            if found:
                return found
            time.sleep(0.3)
        raise Failed(f"{otherwise}\n{self.tails()}")

    def tails(self):
        texts = []
        for path in sorted([*self.dir.glob("*.log"), *self.dir.glob("var/*/*.log")]):
            texts.append(f"--- {path}\n{path.read_text(errors='replace')[-700:]}")
        return "\n".join(texts)

    def patroni(self, node):
        """What Patroni of the node says of the cluster, or None."""
        conf = self.dir / "etc" / node / "patroni"
        done = run(*self.inside(node, "curl", "-s", "-m", "2", "--cacert", conf / "ca.pem",
                                f"https://{self.address(node)}:8008/cluster"), check=False)
        try:
            return json.loads(done.stdout)["members"]
        except (ValueError, KeyError):
            return None

    def members(self):
        return next((m for m in map(self.patroni, NODES) if m), [])

    def leader(self):
        return next((m["name"] for m in self.members() if m["role"] == "leader" and m["state"] == "running"), None)

    def standby(self):
        return next((m["name"] for m in self.members() if m["role"] == "sync_standby" and m["state"] in ("running", "streaming")), None)

    def wait_healthy(self, timeout_s=120):
        """A primary and a synchronous standby, and both nodes answer /ready; the seconds it took."""
        began = time.monotonic()
        self.wait(lambda: self.leader() and self.standby() and all(self.ready(n) for n in NODES), timeout_s, "the cluster is not whole")
        return time.monotonic() - began

    def ready(self, host="witness"):
        conf = self.dir / "etc" / host
        ca = conf / ("haproxy" if host == "witness" else "plantao") / "ca.pem"
        port = 443 if host == "witness" else 8443
        return run(*self.inside(host, "curl", "-s", "-m", "2", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", ca,
                                f"https://{self.address(host)}:{port}/ready"), check=False).stdout == "200"

    # ---- people
    def people(self):
        """A clinic, its administrator, a doctor who has chosen a password, a patient."""
        user, conf = self.user, self.dir / "etc" / "node1" / "plantao" / "plantao.conf"
        entry = pwd.getpwnam(user)
        secret = self.dir / "password"
        secret.write_text(PASSWORD + "\n")
        secret.chmod(0o644)
        as_user = ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups", "env", f"HOME={entry.pw_dir}"]
        first = [*as_user, self.program, "init", "--config", conf, "--tenant", "lab", "--admin", "admin@lab.test",
                 "--password-file", secret]
        self.wait(lambda: self.x("node1", *first, check=False).returncode == 0, 60, "plantao init fails")
        self.x("node1", *as_user, self.program, "user", "add", "--config", conf, "--email", "doctor@lab.test", "--name",
               "Dra. Laura", "--role", "DOCTOR", "--password-file", secret)
        done = self.x("client", sys.executable, __file__, "--dir", self.dir, *(["--plain"] if self.plain else []), "people")
        (self.dir / "people.json").write_text(done.stdout)
        (self.dir / "token").write_text(json.loads(done.stdout)["token"])
        (self.dir / "token").chmod(0o600)

    def patient(self):
        return json.loads((self.dir / "people.json").read_text())["patient"]


def make_people(lab):
    """Through HAProxy, as a browser would."""
    import requests
    session = requests.Session()
    session.trust_env = False
    session.verify = str(lab.ca)

    def post(path, body, token=None, expect=(200, 201, 204)):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = session.post(lab.url + path, json=body, headers=headers, timeout=30)
        if answer.status_code not in expect:
            raise Failed(f"{path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else {}
    token = post("/api/auth/login", {"email": "doctor@lab.test", "password": PASSWORD})["token"]
    post("/api/auth/password", {"current": PASSWORD, "new": CHOSEN}, token)
    token = post("/api/auth/login", {"email": "doctor@lab.test", "password": CHOSEN})["token"]
    patient = post("/api/patients", {"name": "Paciente do Exercício", "birthDate": "1980-02-03", "sex": "F", "cpf": "52998224725"}, token)
    print(json.dumps({"token": token, "patient": patient["id"]}))


def choose(directory, plain, backup=False):
    """A laboratory as this machine permits, and why it is not the full one."""
    reason = None if plain else namespaces_allowed()
    if reason:
        print(f"network namespaces are not permitted here ({reason}): the hosts are addresses of 127.77.0.0/24", file=sys.stderr)
    return Lab(directory, plain or reason is not None, backup), reason


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1], usage=__doc__.split("\n\n")[0])
    parser.add_argument("--dir", default=DIR)
    parser.add_argument("--plain", action="store_true", help="addresses of the loopback instead of namespaces")
    parser.add_argument("--backup", action="store_true", help="with backups by pgBackRest")
    parser.add_argument("what", choices="up down status cut heal cutpair healpair kill start stop postmaster upgrade maintain roll switchover x people".split())
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    try:
        lab = choose(args.dir, args.plain, args.backup)[0] if args.what == "up" else Lab(args.dir, args.plain or is_plain(args.dir))
        if args.what == "up":
            lab.up()
            print(f"\nThe cluster stands. Its address is {lab.url}, inside the laboratory:\n"
                  f"    {' '.join(lab.inside('witness', 'curl', '--cacert', lab.ca, lab.url + '/ready'))}\n"
                  f"    {' '.join(lab.inside('node1', lab.program, 'ha', 'status', '--dir', lab.dir / 'etc/node1'))}\n"
                  f"    tools/halab.py kill node1      and then docs/runbooks/fail-over-happened.md\n"
                  f"    tools/halab.py down")
        elif args.what == "people":
            make_people(lab)
        elif args.what == "status":
            sys.exit(subprocess.run(lab.inside("witness", lab.program, "ha", "status", "--dir", lab.dir / "etc" / "witness")).returncode)
        elif args.what == "x":
            sys.exit(subprocess.run(lab.inside(*args.rest)).returncode)
        else:
            getattr(lab, args.what)(*args.rest)
    except Failed as e:
        sys.exit(f"halab: {e}")


def is_plain(directory):
    conf = pathlib.Path(directory) / "ha.conf"
    return conf.exists() and "127.77.0" in conf.read_text()


if __name__ == "__main__":
    main()
