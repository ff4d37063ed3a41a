"""Two demo servers on each engine, equal but for what the tests hide in them."""
import contextlib
import functools

import pytest

from lib.server import Plantao
from twins import Pair


@pytest.fixture(scope="session")
def pairs(new_database_url):
    with contextlib.ExitStack() as stack:
        @functools.cache
        def open_pair(engine):
            one, other = (stack.enter_context(Plantao(new_database_url(engine))) for _ in range(2))
            pair = Pair(one, other)
            stack.callback(pair.close)
            return pair

        yield open_pair


@pytest.fixture
def pair(engine, pairs):
    return pairs(engine)
