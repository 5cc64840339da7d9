"""Rows by the hundred thousand: copies, by one statement for each table, of objects that people's operations made.

A copy takes every column of its source but those that are told as SQL of `n`, the copy's number. The triggers that
keep history stand aside meanwhile, and where the server lets us those of the foreign keys, for copies name what is
copied beside them; every check, unique and exclusion constraint of the database holds for the copies too.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import Model

# The id of copy n is this and n: six digits, as numbers have, and above whatever was made by hand.
FIRST = 200_000
COPY = f"{FIRST} + n"


@contextmanager
def unguarded(*models: type[Model]) -> Iterator[None]:
    """The triggers of these tables stand aside; afterwards they stand again, and the tables are analyzed."""
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        which = "ALL" if cursor.fetchone() == (True,) else "USER"
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {which}")
        yield
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {which}")
            cursor.execute(f"VACUUM ANALYZE {table}")


def copy(source: Model, begin: int, end: int, *, where: str = "", **told: str) -> None:
    """Copies `begin` to `end` of a row, those of them for which `where` holds; without an `id` they get their own."""
    meta = source._meta
    columns = {f'"{field.column}"': told.pop(field.column, f't."{field.column}"') for field in meta.concrete_fields}
    assert not told, f"{meta.db_table} has no {', '.join(told)}"
    assert meta.pk is not None
    own = f'"{meta.pk.column}"'
    if columns[own] == f"t.{own}":
        del columns[own]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {meta.db_table} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
            f" FROM {meta.db_table} t, generate_series({begin:d}, {end:d}) n"
            f" WHERE t.{own} = {source.pk:d}{f' AND {where}' if where else ''}"
        )


def pick(values: list[str], by: str = "n") -> str:
    """SQL: one of the values in turn, by a whole number."""
    quoted = ", ".join(f"'{value}'" for value in values)
    return f"(ARRAY[{quoted}])[1 + ({by})::int % {len(values)}]"
