"""What tests of several connections need: data that is really committed, and really gone afterwards."""

import pytest
from django.db import connection


@pytest.fixture
def committed_db(django_db_setup, django_db_blocker):
    """A database in which commits are real. Its tables are emptied at the end.

    History tables refuse to be emptied, so only a superuser who switches triggers off can do it.
    """
    with django_db_blocker.unblock():
        yield
        tables = [f'"{name}"' for name in connection.introspection.table_names() if name != "django_migrations"]
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
            cursor.execute("RESET session_replication_role")
        connection.close()
