"""Children that never outlive the test run."""
import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def dies_with_us(sig=signal.SIGKILL):
    """A preexec_fn: the kernel sends sig to the child when the test run is gone, even by kill -9."""
    parent = os.getpid()

    def prepare():
        if _libc.prctl(_PR_SET_PDEATHSIG, sig, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def plain_environment(**more):
    """Nothing of the caller's PLANTAO_* or PG* settings reaches a test's server."""
    keep = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS",
            "GCOV_PREFIX", "GCOV_PREFIX_STRIP")
    env = {k: os.environ[k] for k in keep if k in os.environ}
    env.setdefault("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    env.update({k: str(v) for k, v in more.items()})
    return env
