"""Counters for numbers, and the foreign keys that bind a signature and a decision to one text by one author."""

from django.db import migrations

COUNTERS = [("licensing_acn_numbers", 100001), ("licensing_license_numbers", 100001), ("licensing_exemption_numbers", 100001)]


def _counter(name: str, first: int) -> migrations.RunSQL:
    # NO CYCLE: a number that was given is never given again, and one lost to a rollback stays unused.
    return migrations.RunSQL(
        f"CREATE SEQUENCE {name} START {first} MAXVALUE 999999 NO CYCLE", f"DROP SEQUENCE {name}"
    )


def _bound(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_text FOREIGN KEY (recommendation_id, author_id, content_hash) "
        "REFERENCES licensing_recommendation (id, author_id, content_hash)",
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_text",
    )


class Migration(migrations.Migration):
    dependencies = [("licensing", "0001_initial")]
    operations = [
        *(_counter(name, first) for name, first in COUNTERS),
        _bound("licensing_signature"),
        _bound("licensing_decision"),
    ]
