"""What tests of several connections need: data that is really committed, and really gone afterwards."""

import pytest
from django.db import connection


@pytest.fixture
def _session_of_its_own():
    """Ends the database session at the very end, after the tables were emptied, and its setting with it."""
    yield
    connection.close()


@pytest.fixture
def committed_db(_session_of_its_own, transactional_db):
    """A test database in which commits are real, emptied at the end.

    History tables refuse to be emptied: only a superuser who switches triggers off for a session can do it.
    """
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
