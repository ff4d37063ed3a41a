"""The clinic the API is tested on: a demo on one engine, an installation made by `plantao init`
on the other; with --cross each of the two on both."""
import contextlib
import functools

import pytest

from lib.clinic import Clinic, Installation, installed
from lib.server import Plantao

PAIRS = (("sqlite", "demo"), ("postgres", "init"))
OTHERS = (("sqlite", "init"), ("postgres", "demo"))


def pytest_addoption(parser):
    parser.addoption("--cross", action="store_true", help="every clinic on every engine")


def pytest_generate_tests(metafunc):
    if "clinic" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("engine").split(",")
        pairs = PAIRS + OTHERS if metafunc.config.getoption("cross") else PAIRS
        metafunc.parametrize("clinic", [p for p in pairs if p[0] in wanted], ids="-".join, indirect=True)


@pytest.fixture(scope="session")
def clinics(request, new_database_url):
    """Each opened when first asked for and kept to the end, whatever order the tests come in."""
    with contextlib.ExitStack() as stack:
        @functools.cache
        def open_clinic(engine, made):
            url = new_database_url(engine)
            server = stack.enter_context(Plantao(url) if made == "demo" else installed(url))
            postgres = request.getfixturevalue("postgres") if engine == "postgres" else None
            one = Clinic(server, postgres) if made == "demo" else Installation(server, postgres).furnish()
            stack.callback(one.close)
            return one

        yield open_clinic


@pytest.fixture
def clinic(request, clinics):
    """Shared by all tests: leave what you find, name what you make."""
    return clinics(*request.param)
