"""A journal to look at, and the hand of somebody who gets past its triggers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Model

from audit import operations
from audit.models import Entry, identify
from audit.rules import Actor

AT = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
OFFICER = Actor(kind="user", id="7", label="Dana Reyes, Licensing Officer")


def write(subject: Any = ("licensing.case", "1"), *, says: str = "Case opened", **fields: Any) -> None:
    """Write one entry, now in AT's time unless told otherwise."""
    given = {"verb": "opened", "by": OFFICER, "at": AT, "data": {"amount": "12.50", "note": "é ☂"}}
    operations.record(subject=subject, says=says, **(given | fields))


def entry(subject: Any = ("licensing.case", "1"), **fields: Any) -> Entry:
    """Write one entry and read it back."""
    write(subject, **fields)
    kind, identifier = identify(subject)
    return Entry.objects.filter(subject_kind=kind, subject_id=identifier).latest("sequence")


def chain(subject: Any, length: int) -> list[Entry]:
    """A chain of so many entries, a second apart."""
    return [entry(subject, says=f"Act {number}", at=AT + timedelta(seconds=number)) for number in range(length)]


@contextmanager
def past_the_triggers() -> Iterator[Any]:
    """A cursor for which no trigger fires: what a superuser with intent could do."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield cursor
        cursor.execute("SET session_replication_role = DEFAULT")


def altered(model: type[Model], column: str) -> str:
    """SQL for another value of the column, whatever stands there, that no constraint refuses."""
    special = {
        ("ledger_entry", "kind"): "CASE kind WHEN 'draw' THEN 'reserve' ELSE 'draw' END",
        ("accounts_organization", "kind"): "'agency'",
        ("accounts_organization", "country"): "'GB'",
        ("audit_entry", "covers"): 'covers || \'[{"table": "accounts_organization", "id": "1"}]\'::jsonb',
    }
    if (model._meta.db_table, column) in special:
        return special[model._meta.db_table, column]
    kind = next(f for f in model._meta.concrete_fields if f.column == column).get_internal_type()
    return {
        "DateTimeField": f"{column} + interval '1 microsecond'",
        "DateField": f"{column} - 400",
        "JSONField": f"{column} || '{{\"more\": 1}}'::jsonb",
        "BooleanField": f"NOT {column}",
        "CharField": f"left({column}, greatest(length({column}) - 1, 0)) || '~'",
        "TextField": f"{column} || ' '",
    }.get(kind, f"coalesce({column}, 0) + 1000000")


def columns(model: type[Model]) -> list[str]:
    """The columns of the model's table."""
    return [field.column for field in model._meta.concrete_fields if field.column]
