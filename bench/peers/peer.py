"""peer.py: the peer the benches compare with: Fastify, PostgreSQL and Redis, as a good team would write it. The same
work by a near contract (docs/performance.md): the record with its patient, masks by role, the audit row in the same
statement, a rate counted for each user; no sealing, no search, no sealed audit."""
import base64
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
TOOLS = HERE.parent.parent / "tools"
SECRET = "for-the-bench-only"
DOCTORS = 40


def _free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def _token(subject):
    def b64(text):
        return base64.urlsafe_b64encode(text).rstrip(b"=").decode()
    body = b64(b'{"alg":"HS256","typ":"JWT"}') + "." + b64(
        json.dumps({"sub": subject, "role": "DOCTOR", "iat": int(time.time()), "exp": int(time.time()) + 86400}).encode())
    return body + "." + b64(hmac.new(SECRET.encode(), body.encode(), hashlib.sha256).digest())


def _write_ids(url, directory):
    for name, query in (("records.txt", "SELECT id FROM medical_records"), ("patients.txt", "SELECT id FROM patients")):
        with open(directory / name, "w", encoding="ascii") as f:
            subprocess.run(["psql", "-At", "-c", query, url], stdout=f, check=True)
    (directory / "tokens.txt").write_text("".join(_token(f"doctor-{i}") + "\n" for i in range(1, DOCTORS + 1)))


def _wait(url, process):
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError("the peer did not start")
        with contextlib.suppress(OSError), urllib.request.urlopen(url + "/api/health", timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("the peer does not answer")


def tree_cpu_and_rss(pid, one):
    """The sums over a process and its children; one(pid) gives a single process's."""
    pids = [pid, *(int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    each = [one(p) for p in pids]
    return sum(c for c, _ in each), sum(r for _, r in each)


@contextlib.contextmanager
def peer(database_url):
    """(process, base URL, directory of ids) of the peer on an empty database."""
    subprocess.run(["sh", TOOLS / "npm.sh", HERE / "fastify"], check=True)
    node = next((HERE / "fastify/node_modules").glob("node-linux-*/bin/node"))
    directory = pathlib.Path(tempfile.mkdtemp(prefix="plantao-peer-"))
    redis_port, port = _free_port(), _free_port()
    redis = subprocess.Popen(["redis-server", "--port", str(redis_port), "--save", "", "--appendonly", "no", "--dir", directory],
                             stdout=subprocess.DEVNULL)
    server = None
    try:
        subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", HERE / "records.sql", "-c", "VACUUM ANALYZE", "-c",
                        "CHECKPOINT", database_url], check=True, stdout=subprocess.DEVNULL)
        _write_ids(database_url, directory)
        env = dict(os.environ, DATABASE_URL=database_url, REDIS_URL=f"redis://127.0.0.1:{redis_port}", JWT_SECRET=SECRET,
                   RATE_LIMIT="100000000", NODE_ENV="production", PORT=str(port))
        server = subprocess.Popen([node, HERE / "fastify/cluster.js"], env=env)
        url = f"http://127.0.0.1:{port}"
        _wait(url, server)
        yield server, url, directory
    finally:
        for process in (server, redis):
            if process is not None:
                process.send_signal(signal.SIGTERM)
                process.wait(30)
        shutil.rmtree(directory, ignore_errors=True)
