"""One demo clinic on each engine, and the walker's house in it."""
import contextlib
import functools

import pytest

from lib.clinic import Clinic
from lib.server import Plantao
from lib.walk import House


@pytest.fixture(scope="session")
def houses(request, new_database_url):
    """Each opened when first asked for and kept to the end, whatever order the tests come in."""
    with contextlib.ExitStack() as stack:
        @functools.cache
        def open_house(engine):
            server = stack.enter_context(Plantao(new_database_url(engine)))
            clinic = Clinic(server, request.getfixturevalue("postgres") if engine == "postgres" else None)
            stack.callback(clinic.close)
            clinic.open_account("admin_other", "dpo_other", "DPO")
            return House(clinic)

        yield open_house


@pytest.fixture
def house(engine, houses):
    return houses(engine)
