"""How much a journal entry costs, chained and hashed, against a plain durable insert of the same columns.

Eight connections write on many subjects. The naive version beside it has one chain for everybody under one lock.
"""

import random
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from audit import operations, selectors, verification
from audit.rules import Actor
from bench.crew import Crew, compare, compare_twice, row

WORKERS = 8
ENTRIES = 150
SUBJECTS = 5000
BAR = 0.7
AT = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
WHO = Actor("user", "7", "Dana Reyes, Licensing Officer, Advanced Computing Division")
SAYS = "Recommendation recorded: approve with conditions, 4,000 accelerators for two end users"
DATA = {"version": 3, "action": "approve_with_conditions", "lines": [1, 2]}

_TABLES = """
DROP TABLE IF EXISTS bench_plain;
CREATE TABLE bench_plain (LIKE audit_entry INCLUDING IDENTITY);
ALTER TABLE bench_plain ADD PRIMARY KEY (id);
CREATE UNIQUE INDEX ON bench_plain (subject_kind, subject_id, id);
DROP TABLE IF EXISTS bench_one_chain;
CREATE TABLE bench_one_chain (LIKE bench_plain INCLUDING ALL);
"""
_COLUMNS = """(subject_kind, subject_id, sequence, at, actor_kind, actor_id, actor_label, verb, says, data, covers,
previous_hash, hash)"""


def journal(index: int, entries: int, salt: int) -> int:
    """The subject: what every operation calls."""
    chance = random.Random(f"{index} {salt}")
    for _ in range(entries):
        subject = ("bench.subject", str(chance.randrange(SUBJECTS)))
        operations.record(subject=subject, verb="recommended", says=SAYS, by=WHO, at=AT, data=DATA)
    return entries


def plain(index: int, entries: int, salt: int) -> int:
    """The reference: the same columns into a table with an index on the subject; no chain and no hash."""
    chance = random.Random(f"{index} {salt}")
    for _ in range(entries):
        _insert("bench_plain", str(chance.randrange(SUBJECTS)), 1, "")
    return entries


def one_chain(index: int, entries: int, salt: int) -> int:
    """The naive version: one chain for all, kept in order by one lock."""
    for number in range(entries):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(4711)")
            cursor.execute("SELECT sequence, hash FROM bench_one_chain ORDER BY id DESC LIMIT 1")
            sequence, last = cursor.fetchone() or (0, "")
            _insert("bench_one_chain", f"{salt}:{index}:{number}", sequence + 1, last)
    return entries


def _insert(table: str, subject_id: str, sequence: int, previous_hash: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} {_COLUMNS} VALUES ('bench.subject', %s, %s, %s, %s, %s, %s, 'recommended', %s,"
            " %s::jsonb, '[]'::jsonb, %s, repeat('0', 64)) RETURNING id",
            [
                subject_id, sequence, AT, WHO.kind, WHO.id, WHO.label, SAYS, operations.write_json(DATA),
                previous_hash,
            ],
        )  # fmt: skip
        cursor.fetchone()


def measure() -> list[dict[str, Any]]:
    """The table's lines: the bar, the naive version that misses it, and what was proven about the entries."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
    salts = iter(range(10_000))
    with Crew(WORKERS) as crew:

        def rate(work: Any) -> Any:
            return lambda: crew.rate(work, entries=ENTRIES, salt=next(salts))

        result = compare_twice(rate(plain), rate(journal), BAR)
        naive = compare(rate(plain), rate(one_chain), rounds=3)
    rows = [
        row(f"Journal entry, {WORKERS} connections, many subjects", result, BAR),
        row("Naive: one chain under one lock misses that bar", naive, BAR, bites=True),
        *_prove(),
    ]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_plain, bench_one_chain")
    return rows


def _prove() -> list[dict[str, Any]]:
    """The entries just written verify, and one octet changed past the triggers is found."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry WHERE subject_kind = 'bench.subject'")
        (written,) = cursor.fetchone()
        cursor.execute("SELECT max(subject_id) FROM audit_entry WHERE subject_kind = 'bench.subject'")
        (subject_id,) = cursor.fetchone()
    report = verification.verify()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(
                "UPDATE audit_entry SET says = 'r' || substr(says, 2)"
                " WHERE subject_kind = 'bench.subject' AND subject_id = %s AND sequence = 1",
                [subject_id],
            )
        reading = selectors.verify(("bench.subject", subject_id))
        transaction.set_rollback(True)
    return [
        {
            "name": "Entries written by many at once verify",
            "figure": written,
            "bar": "all",
            "holds": not report.broken,
            "unit": "entries",
            "detail": report.lines[0] if not report.broken else report.broken[0],
        },
        {
            "name": "One octet changed past the triggers is found",
            "figure": int(not reading.intact),
            "bar": "1",
            "holds": not reading.intact,
            "unit": "found",
            "detail": reading.says,
        },
    ]
