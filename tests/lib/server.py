"""The real program under test: started as an operator starts it, stopped by a signal, killed when asked."""
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from .client import Client, USERS
from .process import ROOT, dies_with_us, plain_environment

LISTENING = re.compile(r"listening on (https?://\S+)")
SANITIZER = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|: runtime error: |ERROR: LeakSanitizer")


def binary():
    return os.environ.get("TESTED_PROGRAM", os.path.join(ROOT, "build", "plantao"))


def build():
    """"plain", or what its build adds (tools/build.sh): "address", "thread", "coverage", …"""
    return (re.fullmatch(r"build-(\w+)", pathlib.Path(binary()).parent.name) or ["", "plain"])[1]


def program_name():
    """As it stands on what is printed and exported."""
    return "Plantão " + json.loads(subprocess.run([binary(), "version", "--json"], capture_output=True, check=True).stdout)["version"]


class Plantao:
    """with Plantao() as server: server.client("doctor").get("/api/patients")

    Rates are unlimited unless a test sets its own: settings={"rate_limit_write_per_min": 20}."""

    def __init__(self, database_url=None, demo=True, settings=None, data_dir=None, program=None, arguments=()):
        self.program = program or binary()
        self.demo = demo
        self.arguments = list(arguments)
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="plantao-test-"))
        self.data_dir = pathlib.Path(data_dir) if data_dir else self.dir / "data"
        self.log_path = self.dir / "stderr.log"
        self.settings = {
            "listen": "127.0.0.1:0",
            "data_dir": self.data_dir,
            "reauthentication_minutes": 720,   # a slow run is no breach; who tests this asks for less
            "rate_limit_read_per_min": 0,
            "rate_limit_write_per_min": 0,
            "rate_limit_login_per_min": 0,
            "rate_limit_ask_per_min": 0,
            "health_disk_free_mib": 1,
            "health_memory_percent": 100,
            **(settings or {}),
        }
        if database_url:
            self.settings["database_url"] = database_url
        self.process = None
        self.url = None
        self.printed = []
        self._clients = {}

    # ---- life
    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()

    def environment(self):
        return plain_environment(**{f"PLANTAO_{k.upper()}": v for k, v in self.settings.items()})

    def start(self, timeout_s=60):
        assert self.process is None, "already running"
        command = [self.program, "serve", *(["--demo"] if self.demo else []), *self.arguments]
        self.printed = []
        found = queue.Queue()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                                            env=self.environment(), cwd=self.dir, text=True, encoding="utf-8",
                                            preexec_fn=dies_with_us())
        threading.Thread(target=self._read, args=(self.process.stdout, found), daemon=True).start()
        try:
            self.url = found.get(timeout=timeout_s)
        except queue.Empty:
            self.url = None
        if self.url is None:
            code = self.process.poll()
            self._reap(signal.SIGKILL, 5)
            raise AssertionError(f"the server did not start (exit {code}): {''.join(self.printed)}{self.log_text()[-3000:]}")
        self._forget_clients()
        return self

    def _forget_clients(self):
        for client in self._clients.values():
            client.close()
        self._clients = {}

    def _read(self, stream, found):
        for line in stream:
            self.printed.append(line)
            match = LISTENING.search(line)
            if match:
                found.put(match.group(1).rstrip("/"))
        found.put(None)
        stream.close()

    def _reap(self, sig, timeout_s):
        self.process.send_signal(sig)
        try:
            return self.process.wait(timeout_s)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process = None

    def stop(self, timeout_s=30):
        """SIGTERM; asserts that the server went in peace and no sanitizer spoke."""
        code = self._reap(signal.SIGTERM, timeout_s)
        self.check_sanitizers()   # they end it with a code of their own, and said why long before the log's end
        assert code == 0, f"exit {code} after SIGTERM: {self.log_text()[-3000:]}"

    def kill(self):
        """kill -9: what was acknowledged must be there at the next start()."""
        self._reap(signal.SIGKILL, 30)

    def restart(self):
        self.stop()
        return self.start()

    def close(self):
        try:
            if self.process is not None:
                if self.process.poll() is None:
                    self.stop()
                else:
                    code, self.process = self.process.returncode, None
                    raise AssertionError(f"the server died (exit {code}): {self.log_text()[-3000:]}")
            self.check_sanitizers()
        finally:
            self._forget_clients()
            shutil.rmtree(self.dir, ignore_errors=True)

    # ---- what it says
    def log_text(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace") if self.log_path.exists() else ""

    def log(self, event=None):
        """The log's JSON lines, or those of one event."""
        lines = [json.loads(line) for line in self.log_text().splitlines() if line.startswith("{")]
        return [line for line in lines if event is None or line.get("event") == event.lower()]

    def wait_log(self, event, timeout_s=10):
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            lines = self.log(event)
            if lines:
                return lines
            time.sleep(0.05)
        raise AssertionError(f"no {event} in the log: {self.log_text()[-3000:]}")

    def check_sanitizers(self, text=None):
        text = self.log_text() if text is None else text
        found = SANITIZER.search(text)
        assert not found, text[found.start():found.start() + 4000]

    # ---- what one asks it
    @property
    def port(self):
        return int(self.url.rsplit(":", 1)[1])

    def client(self, who=None):
        """Signed in as one of the demo's users (client.USERS); None is nobody.  One login each while the server runs."""
        if who not in self._clients:
            self._clients[who] = self.client().login(USERS[who]) if who else Client(self.url)
        return self._clients[who]

    def run(self, *arguments, timeout_s=120, **more):
        """Another subcommand with the server's configuration: server.run("import", "fhir", path)."""
        done = subprocess.run([self.program, *map(str, arguments)], env=self.environment(), cwd=self.dir, text=True,
                              encoding="utf-8", capture_output=True, timeout=timeout_s, preexec_fn=dies_with_us(),
                              **({"stdin": subprocess.DEVNULL} if "input" not in more else {}), **more)
        self.check_sanitizers(done.stderr)   # whose exit code is that of many a refusal
        return done
