"""One demo clinic on each engine, and the walker's house in it."""
import pytest

from lib.clinic import Clinic
from lib.server import Plantao
from walk import House


@pytest.fixture(scope="session")
def house(request, engine, new_database_url):
    with Plantao(new_database_url(engine)) as server:
        clinic = Clinic(server, request.getfixturevalue("postgres") if engine == "postgres" else None)
        clinic.open_account("admin_other", "dpo_other", "DPO")
        yield House(clinic)
        clinic.close()
