"""The officials, with countries and an edition to act under."""

import pytest

from tests.allocations import factories as make


@pytest.fixture
def who(db) -> make.People:
    make.load_rules()
    return make.People()
