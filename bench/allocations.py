"""How fast whole approvals go through on one hot country, and that none goes too far or blocks another.

An approval takes chips from four accounts in one transaction: the license's own and its tranche's, then the coverage
of the country's instrument, and the country's allocation last. Eight connections against one. The naive versions
beside it read what is left and then insert, or take the accounts in the order in which each case names them.
"""

import uuid
from typing import Any

from django.db import OperationalError, connection, transaction

from audit.rules import Actor
from bench.crew import Crew, compare_twice, row
from bench.ledger import AT, WHO
from ledger import operations
from ledger.models import Account
from ledger.rules import NotEnough
from ledger.statuses import AccountKind

WORKERS = 8
APPROVALS = 200
BAR = 0.6
# The long run: so many approvals of one chip are tried, and the country has room for half of them.
TRIED = 10_000
CEILING = 5_000
INSTRUMENTS = 3
NAIVE_CEILING = 50
NAIVE_COUNTRIES = 20
OFFICER: Actor = WHO
REASON = "Granted as D104233 in C104233."

_TABLES = """
DROP TABLE IF EXISTS bench_naive_approval, bench_naive_account;
CREATE TABLE bench_naive_approval (id bigserial PRIMARY KEY, country bigint NOT NULL, instrument bigint NOT NULL);
CREATE INDEX ON bench_naive_approval (country);
CREATE INDEX ON bench_naive_approval (instrument);
CREATE TABLE bench_naive_account (id bigint PRIMARY KEY, drawn bigint NOT NULL DEFAULT 0);
INSERT INTO bench_naive_account (id) VALUES (1), (2);
"""


def approve(index: int, approvals: int, own: list[tuple[int, int]], shared: list[int], country: int, salt: str) -> int:
    """The subject: so many approvals; how many were granted, when not all fit under the ceilings."""
    license_, tranche = (Account(id=account) for account in own[index])
    instruments, allocation = [Account(id=account) for account in shared], Account(id=country)
    granted = 0
    for number in range(approvals):
        accounts = (license_, tranche, instruments[(index + number) % len(instruments)], allocation)
        try:
            with transaction.atomic():
                for account in accounts:
                    operations.draw(
                        account=account,
                        units=1,
                        key=f"{salt}:{index}:{number}",
                        reason=REASON,
                        by=OFFICER,
                        at=AT,
                    )
        except NotEnough:
            continue
        granted += 1
    return granted


def approve_naively(index: int, countries: int) -> int:
    """The naive version, on one country after the other: read what is left of both, then insert."""
    granted = 0
    for country in range(countries):
        taken = 0
        while taken < NAIVE_CEILING:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "SELECT greatest((SELECT count(*) FROM bench_naive_approval WHERE country = %s),"
                    " (SELECT count(*) FROM bench_naive_approval WHERE instrument = %s))",
                    [country, country],
                )
                (taken,) = cursor.fetchone()
                if taken < NAIVE_CEILING:
                    cursor.execute(
                        "INSERT INTO bench_naive_approval (country, instrument) VALUES (%s, %s)", [country, country]
                    )
                    granted += 1
    return granted


def approve_in_any_order(index: int, approvals: int) -> int:
    """The naive version with locks, each in the order in which its case names the accounts: how many deadlocks."""
    order = (1, 2) if index % 2 else (2, 1)
    deadlocks = 0
    with connection.cursor() as cursor:
        cursor.execute("SET deadlock_timeout = '20ms'")
    for _ in range(approvals):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for account in order:
                    cursor.execute("UPDATE bench_naive_account SET drawn = drawn + 1 WHERE id = %s", [account])
        except OperationalError as failure:
            if "deadlock" not in str(failure):
                raise
            deadlocks += 1
    with connection.cursor() as cursor:
        cursor.execute("RESET deadlock_timeout")
    return deadlocks


def open_account(kind: AccountKind, ceiling: int) -> int:
    """A new account of a kind for the measurement."""
    return operations.open_account(
        kind=kind,
        subject=("bench.allocations", uuid.uuid4().hex),
        unit="chips",
        ceiling=ceiling,
        key="open",
        reason="Measured",
        by=OFFICER,
        at=AT,
    ).pk


def open_own() -> list[tuple[int, int]]:
    """A license and its tranche for each connection."""
    kinds = (AccountKind.LICENSE_LINE_QUANTITY, AccountKind.TRANCHE)
    return [tuple(open_account(kind, 10**9) for kind in kinds) for _ in range(WORKERS)]


def measure() -> list[dict[str, Any]]:
    """The table's lines: the bar, the long run with what was granted, and the naive versions that fail."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
    own, country = open_own(), open_account(AccountKind.ALLOCATION, 10**9)
    coverage = [open_account(AccountKind.ASSURANCE_COVERAGE, 10**9)]
    last = open_account(AccountKind.ALLOCATION, CEILING)
    covered = [open_account(AccountKind.ASSURANCE_COVERAGE, CEILING // 2) for _ in range(INSTRUMENTS)]
    owned = open_own()
    with Crew(1) as one, Crew(WORKERS) as crew:

        def rate(who: Crew, approvals: int) -> Any:
            return lambda: who.rate(
                approve, approvals=approvals, own=own, shared=coverage, country=country, salt=uuid.uuid4().hex
            )

        # The same number of approvals on either side, so that both last about as long.
        on_one = compare_twice(rate(one, APPROVALS), rate(crew, APPROVALS // WORKERS), BAR)
        granted, _ = crew.run(
            approve, approvals=TRIED // WORKERS, own=owned, shared=covered, country=last, salt=uuid.uuid4().hex
        )
        overdrawn, _ = crew.run(approve_naively, countries=NAIVE_COUNTRIES)
        deadlocks, _ = crew.run(approve_in_any_order, approvals=TRIED // WORKERS // 5)
    rows = [
        row(f"Whole approvals on one country, {WORKERS} connections against one", on_one, BAR),
        _long_run(sum(granted), last, covered, owned),
        _fails("Naive: read what is left, then insert, grants more", sum(overdrawn), NAIVE_COUNTRIES * NAIVE_CEILING),
        _fails("Naive: accounts in any order block one another", sum(deadlocks), 0, unit="deadlocks"),
    ]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_naive_approval, bench_naive_account")
    return rows


def _long_run(granted: int, country: int, covered: list[int], owned: list[tuple[int, int]]) -> dict[str, Any]:
    """What was granted is drawn from all four kinds, and is exactly the ceiling; a deadlock would have raised."""
    drawn = dict(Account.objects.values_list("pk", "drawn"))
    sums = [
        drawn[country],
        sum(drawn[account] for account in covered),
        sum(drawn[account] for account, _ in owned),
        sum(drawn[account] for _, account in owned),
    ]
    holds = granted == CEILING and sums == [CEILING] * 4
    return {
        "name": f"Granted of {TRIED:,} approvals tried at once, without a deadlock",
        "figure": granted,
        "bar": f"= {CEILING}",
        "holds": holds,
        "unit": "chips",
        "detail": "exactly, on all four kinds of accounts" if holds else f"drawn: {sums}",
    }


def _fails(name: str, figure: int, most: int, unit: str = "approvals") -> dict[str, Any]:
    """A naive version, which has to show what it does wrong."""
    return {
        "name": name,
        "figure": figure,
        "bar": f"> {most}",
        "holds": figure > most,
        "unit": unit,
        "detail": f"{figure - most:,} too many",
    }
