"""What the probes speak to: the edge's harness and the real program; EDGE_TARGET=harness
or =plantao picks one.  Probes of the wire alone use `edge` and run against both; those
that need the harness's own doors use `harness` and `make_edge`."""
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading

import pytest

from lib.process import ROOT, dies_with_us, plain_environment
from lib.server import SANITIZER, Plantao, binary
from wire import Wire, get

HARNESS = pathlib.Path(os.environ.get("EDGE_HARNESS", pathlib.Path(binary()).parent / "tests" / "edge_harness"))


class Edge:
    """tests/http/edge_harness.c with these settings."""
    get_path = post_path = "/echo"
    served = (200,)

    def __init__(self, pass_fds=(), **settings):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([HARNESS, *(f"{k}={v}" for k, v in settings.items())], stdout=subprocess.PIPE,
                                        stderr=self.log, stdin=subprocess.DEVNULL, text=True, cwd=ROOT,
                                        env=plain_environment(), pass_fds=pass_fds, preexec_fn=dies_with_us())
        line = self.process.stdout.readline()
        match = re.fullmatch(r"listening on (https?)://127.0.0.1:(\d+)\n", line)
        if not match:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            said = self.said()
            self.log.close()
            raise AssertionError(f"{HARNESS} did not start: {line}{said}")
        self.port = int(match.group(2))

    def said(self):
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")

    def wire(self, **more):
        return Wire(self.port, **more)

    def ask(self, path, **more):
        with self.wire(**more) as wire:
            return json.loads(wire.send(get(path)).answer().body)

    def executed(self):
        """The requests carried out since the last call."""
        return self.ask("/log")

    def figures(self, **more):
        return self.ask("/figures", **more)

    def rss_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1))

    def stop(self, sig=signal.SIGTERM, timeout_s=30):
        """SIGTERM and a peaceful end."""
        timer = threading.Timer(timeout_s, self.process.kill)
        timer.start()
        if self.process.poll() is None:
            self.process.send_signal(sig)
        code = self.process.wait()
        timer.cancel()
        self.process.stdout.close()
        said = self.said()
        self.log.close()
        assert code == 0, f"exit {code}: {said[-3000:]}"
        assert not SANITIZER.search(said), said[-6000:]


class RealEdge:
    """The program itself: the same probes, other doors."""
    get_path, post_path = "/live", "/api/auth/login"
    served = (200, 400, 401, 403, 404, 405, 415, 422, 429)   # whatever is said after framing

    def __init__(self):
        self.plantao = Plantao().start()
        self.port = self.plantao.port

    def wire(self, **more):
        return Wire(self.port, **more)

    def executed(self):
        return None

    def stop(self):
        self.plantao.close()


@pytest.fixture(scope="session")
def harness():
    """Default settings, shared."""
    one = Edge()
    yield one
    one.stop()


@pytest.fixture(scope="session", params=os.environ.get("EDGE_TARGET", "harness,plantao").split(","))
def edge(request):
    """What the wire probes speak to."""
    if request.param == "harness":
        yield request.getfixturevalue("harness")
        return
    one = RealEdge()
    yield one
    one.stop()


@pytest.fixture
def make_edge():
    """make_edge(header_timeout_ms=400): a harness of the test's own."""
    made = []

    def make(**settings):
        made.append(Edge(**settings))
        return made[-1]

    yield make
    for one in made:
        if not one.log.closed:
            one.stop()
