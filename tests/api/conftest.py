"""The clinic the API is tested on: a demo on one engine, an installation made by `plantao init`
on the other; with --cross each of the two on both."""
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
        metafunc.parametrize("clinic", [p for p in pairs if p[0] in wanted], ids="-".join, indirect=True, scope="session")


@pytest.fixture(scope="session")
def clinic(request, new_database_url):
    """Shared by all tests: leave what you find, name what you make."""
    engine, made = request.param
    url = new_database_url(engine)
    with (Plantao(url) if made == "demo" else installed(url)) as server:
        postgres = request.getfixturevalue("postgres") if engine == "postgres" else None
        one = Clinic(server, postgres) if made == "demo" else Installation(server, postgres).furnish()
        yield one
        one.close()
