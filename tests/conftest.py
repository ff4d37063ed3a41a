"""Fixtures of the suites that speak to the real program.

    def test_x(server): ...            one demo server for the whole run, on each engine
    def test_y(make_server): ...       servers of the test's own: restart, kill, other settings
    @pytest.mark.engine("sqlite")      what has no meaning on the other one
    --engine sqlite | postgres | sqlite,postgres (default)"""
import contextlib
import functools
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from lib import people  # noqa: E402
from lib.postgres import Postgres  # noqa: E402
from lib.server import Plantao  # noqa: E402

ENGINES = ("sqlite", "postgres")


def pytest_addoption(parser):
    parser.addoption("--engine", default=",".join(ENGINES), help="engines to test on, separated by commas")


def pytest_generate_tests(metafunc):
    if "engine" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("engine").split(",")
        unknown = set(wanted) - set(ENGINES)
        if unknown:
            raise pytest.UsageError(f"unknown engine: {', '.join(sorted(unknown))}")
        only = metafunc.definition.get_closest_marker("engine")
        # The constants themselves: pytest keeps a fixture for the same object, and makes it again for an equal one.
        metafunc.parametrize("engine", [e for e in ENGINES if e in wanted and (not only or e in only.args)], scope="session")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """One engine after the other in each module, so that what a module shares is made once for each. Left to itself
    pytest groups by other parameters first, and makes it again for nearly every test."""
    modules = {}
    for item in items:
        modules.setdefault(item.path, len(modules))

    def place(item):
        engine = getattr(item, "callspec", None) and item.callspec.params.get("engine")
        return modules[item.path], ENGINES.index(engine) if engine in ENGINES else -1
    items.sort(key=place)


@pytest.fixture(scope="session")
def postgres():
    """The run's private PostgreSQL; started only when a test needs it."""
    with Postgres() as pg:
        yield pg


@pytest.fixture(scope="session")
def new_database_url(request):
    """A function of the engine: the URL of an empty database, None for SQLite's default inside data_dir."""
    def make(engine):
        return request.getfixturevalue("postgres").new_database() if engine == "postgres" else None
    return make


@pytest.fixture(scope="session")
def servers(new_database_url):
    """One for each engine, started when first asked for and kept, whatever order the tests come in."""
    with contextlib.ExitStack() as stack:
        yield functools.cache(lambda engine: stack.enter_context(Plantao(new_database_url(engine))))


@pytest.fixture
def server(engine, servers):
    """A demo server that tests share: leave what you find, name what you make."""
    return servers(engine)


@pytest.fixture
def make_server(engine, new_database_url):
    """make_server(demo=False, settings={...}): started, on a store of its own, stopped after the test."""
    made = []

    def make(start=True, **more):
        more.setdefault("database_url", new_database_url(engine))
        one = Plantao(**more)
        made.append(one)
        return one.start() if start else one

    yield make
    errors = []
    for one in made:
        try:
            one.close()
        except AssertionError as error:
            errors.append(error)
    if errors:
        raise errors[0]


# ---- the shared server's people, for tests that ask about one chart

@pytest.fixture
def doctor(server):
    return server.client("doctor")


@pytest.fixture
def admin(server):
    return server.client("admin")


@pytest.fixture
def patient(doctor):
    """A new patient, in care of the doctor who registered it."""
    answer = doctor.post("/api/patients", people.patient())
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def new_record(doctor, patient):
    """new_record(title=...): a record of the patient by the doctor."""
    def make(**more):
        answer = doctor.post("/api/medical-records", people.record(patient["id"], **more))
        assert answer.status_code == 201, answer.text
        return answer.json()
    return make
