"""How fast units are drawn from a ceiling, and that not one too many ever is.

One hot account with eight connections against itself with one; twenty accounts against plain durable inserts of
the same columns. The naive version beside them reads what is left, then inserts: it draws more than there is.
"""

import uuid
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from audit import verification
from audit.rules import Actor
from bench.crew import Crew, compare_twice, row
from ledger import operations
from ledger.models import Account, Entry
from ledger.rules import NotEnough

WORKERS = 8
DRAWS = 120
ACCOUNTS = 20
HOT_BAR = 0.8
SPREAD_BAR = 0.4
CEILING = 1000
NAIVE_CEILING = 50
AT = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
WHO = Actor("user", "7", "Dana Reyes, Licensing Officer, Advanced Computing Division")
REASON = "Shipment recorded under license D104233, line 1"

_TABLES = """
DROP TABLE IF EXISTS bench_plain, bench_naive;
CREATE TABLE bench_plain (LIKE ledger_entry INCLUDING IDENTITY);
ALTER TABLE bench_plain ADD PRIMARY KEY (id);
CREATE UNIQUE INDEX ON bench_plain (account_id, key);
CREATE TABLE bench_naive (id bigserial PRIMARY KEY, account_id bigint NOT NULL);
CREATE INDEX ON bench_naive (account_id);
"""


def draw(index: int, draws: int, accounts: list[int], salt: str) -> int:
    """The subject: one unit from one account after the other."""
    held = [Account(id=account) for account in accounts]
    for number in range(draws):
        operations.draw(
            account=held[(index * 7 + number) % len(held)],
            units=1,
            key=f"{salt}:{index}:{number}",
            reason=REASON,
            by=WHO,
            at=AT,
        )
    return draws


def plain(index: int, draws: int, accounts: list[int], salt: str) -> int:
    """The reference: the same columns into a table with the same unique key; nothing is checked or chained."""
    for number in range(draws):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO bench_plain (account_id, sequence, kind, units, key, reason, at, actor_kind, actor_id,"
                " actor_label, ceiling_after, reserved_after, drawn_after, previous_hash, hash) VALUES"
                " (%s, 1, 'draw', 1, %s, %s, %s, %s, %s, %s, 1, 0, 1, repeat('0', 64), repeat('0', 64))"
                " RETURNING id",
                [
                    accounts[(index * 7 + number) % len(accounts)], f"{salt}:{index}:{number}", REASON, AT,
                    WHO.kind, WHO.id, WHO.label,
                ],
            )  # fmt: skip
            cursor.fetchone()
    return draws


def exhaust(index: int, account: int, salt: str) -> int:
    """Draw one to three units at a time until nothing is left; the units drawn."""
    held, drawn = Account(id=account), 0
    for number in range(10 * CEILING):
        units = (index + number) % 3 + 1
        try:
            operations.draw(account=held, units=units, key=f"{salt}:{index}:{number}", reason=REASON, by=WHO, at=AT)
        except NotEnough as refusal:
            if refusal.left == 0:
                return drawn
            continue
        drawn += units
    return drawn


def exhaust_naively(index: int, accounts: list[int]) -> int:
    """The naive version, on one account after the other: read what is left, then insert."""
    drawn = 0
    for account in accounts:
        taken = 0
        while taken < NAIVE_CEILING:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM bench_naive WHERE account_id = %s", [account])
                (taken,) = cursor.fetchone()
                if taken < NAIVE_CEILING:
                    cursor.execute("INSERT INTO bench_naive (account_id) VALUES (%s)", [account])
                    drawn += 1
    return drawn


def same_key(index: int, account: int, salt: str) -> int:
    """Send the same draw many times; how many different entries came back."""
    held = Account(id=account)
    entries = {
        operations.draw(account=held, units=1, key=f"{salt}:{number}", reason=REASON, by=WHO, at=AT).pk
        for number in range(20)
        for _ in range(3)
    }
    return len(entries)


def open_account(ceiling: int | None) -> int:
    """A new account for the measurement."""
    return operations.open_account(
        kind="country.chips",
        subject=("bench.ledger", uuid.uuid4().hex),
        unit="chips",
        ceiling=ceiling,
        key="open",
        reason="Measured",
        by=WHO,
        at=AT,
    ).pk


def measure() -> list[dict[str, Any]]:
    """The table's lines: both bars, the naive version that overdraws, and what was proven about the draws."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
    hot = [open_account(10**9)]
    spread = [open_account(10**9) for _ in range(ACCOUNTS)]
    last, keyed = open_account(CEILING), open_account(10**6)
    there_were = ACCOUNTS * NAIVE_CEILING
    with Crew(1) as one, Crew(WORKERS) as crew:

        def rate(who: Crew, work: Any, accounts: list[int], draws: int = DRAWS) -> Any:
            return lambda: who.rate(work, draws=draws, accounts=accounts, salt=uuid.uuid4().hex)

        # The same number of draws on either side, so that both last about as long.
        alone = rate(one, draw, hot, DRAWS * WORKERS // 2)
        on_one = compare_twice(alone, rate(crew, draw, hot, DRAWS // 2), HOT_BAR)
        on_many = compare_twice(rate(crew, plain, spread), rate(crew, draw, spread), SPREAD_BAR)
        drawn, _ = crew.run(exhaust, account=last, salt=uuid.uuid4().hex)
        overdrawn, _ = crew.run(exhaust_naively, accounts=spread)
        crew.run(same_key, account=keyed, salt="same")
    rows = [
        row(f"Draws on one account, {WORKERS} connections against one", on_one, HOT_BAR),
        row(f"Draws on {ACCOUNTS} accounts against plain inserts", on_many, SPREAD_BAR),
        _exact("Drawn to exhaustion by all at once", sum(drawn), CEILING, "units drawn"),
        {
            "name": "Naive: read, then insert, draws more than there is",
            "figure": sum(overdrawn),
            "bar": f"> {there_were}",
            "holds": sum(overdrawn) > there_were,
            "unit": "units drawn",
            "detail": f"{sum(overdrawn) - there_were:,} units too many, on {ACCOUNTS} accounts",
        },
        _exact(
            "20 keys sent 24 times each draw once each",
            Entry.objects.filter(account_id=keyed, kind="draw").count(),
            20,
            "entries",
        ),
        _proof(),
    ]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_plain, bench_naive")
    return rows


def _exact(name: str, figure: int, wanted: int, unit: str) -> dict[str, Any]:
    return {
        "name": name,
        "figure": figure,
        "bar": f"= {wanted}",
        "holds": figure == wanted,
        "unit": unit,
        "detail": "exactly" if figure == wanted else f"{figure - wanted:+,}",
    }


def _proof() -> dict[str, Any]:
    """Every entry of the ledger verifies and adds up."""
    report = verification.Report()
    with verification.snapshot():
        verification.verify_registered("ledger", report)
    return {
        "name": "Draws made by many at once verify",
        "figure": Entry.objects.count(),
        "bar": "all",
        "holds": report.intact,
        "unit": "entries",
        "detail": report.lines[0],
    }
