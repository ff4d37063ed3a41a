"""A private PostgreSQL for the length of a test run: its own directory, port and password.

It never touches a server the machine may already run.  fsync stays on, because the
tests ask what survives a crash."""
import os
import pathlib
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

import psycopg2

from .process import dies_with_us, plain_environment

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "log_min_messages": "warning",
    "logging_collector": "off",
    "timezone": "UTC",
    "wal_retrieve_retry_interval": "200ms",   # of a standby that has lost its primary
}


def bin_dir():
    """Debian keeps the server's programs out of PATH."""
    if "PLANTAO_TEST_PG_BIN" in os.environ:
        return pathlib.Path(os.environ["PLANTAO_TEST_PG_BIN"])
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    if on_path:
        return pathlib.Path(on_path).parent
    raise RuntimeError("no PostgreSQL server on this machine: tools/setup.sh test installs it")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Postgres:
    """with Postgres() as pg: url = pg.new_database(); settings beside SETTINGS or instead, where a test needs them."""

    def __init__(self, **settings):
        self.settings = {**SETTINGS, **settings}
        self.bin = bin_dir()
        self.user = "postgres" if os.getuid() == 0 else None   # it refuses to run as root
        self.password = secrets.token_hex(12)
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="plantao-pg-"))
        self.data = self.dir / "data"
        self.log_path = self.dir / "server.log"
        self.process = None
        self.port = 0
        self.count = 0
        try:
            self._init()
            self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _as_owner(self):
        return {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}

    def _init(self):
        if self.user:
            entry = pwd.getpwnam(self.user)
            os.chown(self.dir, entry.pw_uid, entry.pw_gid)
        secret = self.dir / "password"
        secret.write_text(self.password)
        secret.chmod(0o644)   # inside a directory of mode 0700
        made = subprocess.run(
            [self.bin / "initdb", "-D", self.data, "-U", "plantao", "--pwfile", secret, "-E", "UTF8", "--locale",
             "C.UTF-8", "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync"],
            capture_output=True, text=True, cwd=self.dir, env=plain_environment(), **self._as_owner())
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed: {made.stderr}")

    def start(self, timeout_s=300):
        """Also after stop() or kill(): on the same port, so that its clients find it again."""
        for _ in range(5):
            port = self.port or free_port()
            self._spawn(port)
            if self._wait_ready(port, timeout_s):
                self.port = port
                return
            if self.port:
                break
        raise RuntimeError(f"PostgreSQL did not start: {self.log_path.read_text()[-2000:]}")

    def _spawn(self, port):
        options = [a for k, v in self.settings.items() for a in ("-c", f"{k}={v}")]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [self.bin / "postgres", "-D", self.data, "-p", str(port), "-k", self.dir, *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.dir, env=plain_environment(),
                preexec_fn=dies_with_us(signal.SIGINT), **self._as_owner())

    def _wait_ready(self, port, timeout_s):
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                return False
            try:
                psycopg2.connect(host=str(self.dir), port=port, user="plantao", dbname="postgres").close()
                return True
            except psycopg2.OperationalError:
                time.sleep(0.05)
        return False

    def new_database(self):
        """A fresh, empty database; returns its postgresql:// URL."""
        self.count += 1
        name = f"plantao_{os.getpid()}_{self.count}"
        self.sql("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, name):
        return f"postgresql://plantao:{self.password}@127.0.0.1:{self.port}/{name}"

    def connect(self, url_or_name):
        name = urllib.parse.urlsplit(url_or_name).path.lstrip("/") if "://" in url_or_name else url_or_name
        connection = psycopg2.connect(host=str(self.dir), port=self.port, user="plantao", dbname=name)
        connection.autocommit = True
        return connection

    def sql(self, url_or_name, text, *values):
        """One statement beside the server under test; its rows, if it has any."""
        connection = self.connect(url_or_name)
        try:
            with connection.cursor() as cursor:
                cursor.execute(text, values or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def stop(self, sig=signal.SIGINT, timeout_s=30):
        """SIGINT is PostgreSQL's fast shutdown; SIGQUIT its immediate one, as if the power failed."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(sig)
            try:
                self.process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def kill(self):
        self.stop(signal.SIGQUIT)

    def close(self):
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.dir, ignore_errors=True)


class Standby(Postgres):
    """with Standby(primary) as standby: a copy of it that follows, on a port of its own."""

    def __init__(self, primary):
        self.primary = primary
        super().__init__()

    def _init(self):
        if self.user:
            entry = pwd.getpwnam(self.user)
            os.chown(self.dir, entry.pw_uid, entry.pw_gid)
        self.password = self.primary.password
        made = subprocess.run(
            [self.bin / "pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast", "--no-sync",
             "-d", self.primary.url("postgres")],
            capture_output=True, text=True, cwd=self.dir, env=plain_environment(), **self._as_owner())
        if made.returncode != 0:
            raise RuntimeError(f"pg_basebackup failed: {made.stderr}")

    def promote(self):
        self.sql("postgres", "SELECT pg_promote(true, 60)")
