"""Moving units: open an account, reserve, release, draw, return, raise and lower its ceiling.

Each is one round trip to `ledger_post`; a repeated key costs a second one. The key makes it safe to send twice:
the same key with the same content answers with the entry that is already there. The caller's transaction stays
usable after a refusal. Writing the journal is the caller's part: the ledger keeps a chain of its own.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from django.db import connection

from accounts.rules import Refused
from audit.models import Subject, identify
from audit.rules import Actor
from ledger.models import Account, Entry
from ledger.rules import Balance, KeyUsed, not_enough
from ledger.statuses import EntryKind


class Principal(Protocol):
    """Anything that acts."""

    @property
    def actor(self) -> Actor:
        """Who acted, as the entry writes it down."""


_ENTRY_COLUMNS = [field.attname for field in Entry._meta.concrete_fields]
_POST = "SELECT * FROM ledger_post(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_OPEN = """
INSERT INTO ledger_account (kind, subject_kind, subject_id, item, unit, reserved, drawn, sequence, head_hash)
VALUES (%s, %s, %s, %s, %s, 0, 0, 0, '') ON CONFLICT DO NOTHING
"""


_OPEN_EACH = """
INSERT INTO ledger_account (kind, subject_kind, subject_id, item, unit, reserved, drawn, sequence, head_hash)
SELECT %s, %s, %s, item, %s, 0, 0, 0, '' FROM unnest(%s::text[]) AS item ON CONFLICT DO NOTHING
"""
# The key of the reservation is made to depend on the outcome of the opening, so that opening always comes first.
# The accounts are taken in one order, so that no two callers wait for each other.
_POST_EACH = """
SELECT opened.outcome, posted.outcome, wanted.key
FROM (
    SELECT account.id, account.sequence, item.*, %s::timestamptz AS at, %s AS actor_kind, %s AS actor_id,
           %s AS actor_label
    FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[]) AS item (item, units, key, reason)
    JOIN ledger_account account ON account.item = item.item
    WHERE account.kind = %s AND account.subject_kind = %s AND account.subject_id = %s
    ORDER BY account.id, item.key
) wanted
CROSS JOIN LATERAL ledger_post(
    wanted.id, 'open', 0, NULL, 'open', 'Opened to count.', wanted.at, wanted.actor_kind, wanted.actor_id,
    wanted.actor_label
) opened
CROSS JOIN LATERAL ledger_post(
    wanted.id, 'reserve', wanted.units, NULL, wanted.key || left(opened.outcome, 0), wanted.reason, wanted.at,
    wanted.actor_kind, wanted.actor_id, wanted.actor_label
) posted
"""


def open_account(
    *,
    kind: str,
    subject: Subject,
    item: str = "",
    unit: str,
    ceiling: int | None,
    key: str,
    reason: str,
    by: Principal,
    at: datetime,
) -> Account:
    """Open the subject's account of this kind, with its ceiling in `unit`; None counts without a ceiling.

    Opening again with the same key answers with the account as it stands. An account that was opened under
    another key is refused, and so is another ceiling or unit under the same key.
    """
    if ceiling is not None and ceiling < 0:
        raise Refused("A ceiling cannot be below zero.", rule="ledger.ceiling", field="ceiling")
    subject_kind, subject_id = identify(subject)
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [kind, subject_kind, subject_id, item, unit])
    account = Account.objects.get(kind=kind, subject_kind=subject_kind, subject_id=subject_id, item=item)
    if account.unit != unit:
        raise KeyUsed(
            f"This ledger account counts {account.unit}, not {unit}: what it counts never changes.",
            rule="ledger.unit",
            field="unit",
        )
    _post(account, EntryKind.OPEN, ceiling or 0, key, reason, by, at, ceiling=ceiling)
    return account


def reserve_each(
    *,
    kind: str,
    subject: Subject,
    unit: str,
    reservations: Iterable[tuple[str, int, str, str]],
    by: Principal,
    at: datetime,
) -> None:
    """Reserve for several items of one subject at once, in accounts that only count (no ceiling).

    Each reservation is (item, units, key, reason); an account that is missing is opened. Two statements,
    however many items. Keys make it safe to send again, as with `reserve`.
    """
    wanted = list(reservations)
    if any(units < 1 for _, units, _, _ in wanted):
        raise Refused("Say how many: a whole number of at least 1.", rule="ledger.positive_units", field="units")
    subject_kind, subject_id = identify(subject)
    items = sorted({item for item, _, _, _ in wanted})
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_EACH, [kind, subject_kind, subject_id, unit, items])
        columns: list[Any] = [[row[column] for row in wanted] for column in range(4)]
        actor = by.actor
        cursor.execute(
            _POST_EACH,
            [at, actor.kind, actor.id, actor.label, *columns, kind, subject_kind, subject_id],
        )
        for opened, outcome, key in cursor.fetchall():
            for answer in (opened, outcome):
                if answer not in ("posted", "again", None):
                    raise _refusal(answer, key, Balance(ceiling=None, reserved=0, drawn=0))


def reserve(*, account: Account, units: int, key: str, reason: str, by: Principal, at: datetime) -> Entry:
    """Set units aside, so that no one else can reserve or draw them. Raises `NotEnough`."""
    return _post(account, EntryKind.RESERVE, units, key, reason, by, at)


def release(*, account: Account, units: int, key: str, reason: str, by: Principal, at: datetime) -> Entry:
    """Give back reserved units. Raises `NotEnough` when fewer are reserved."""
    return _post(account, EntryKind.RELEASE, units, key, reason, by, at)


def draw(*, account: Account, units: int, key: str, reason: str, by: Principal, at: datetime) -> Entry:
    """Use units up. Raises `NotEnough` when fewer are left under the ceiling."""
    return _post(account, EntryKind.DRAW, units, key, reason, by, at)


def draw_reserved(*, account: Account, units: int, key: str, reason: str, by: Principal, at: datetime) -> Entry:
    """Use reserved units up. Raises `NotEnough` when fewer are reserved."""
    return _post(account, EntryKind.DRAW_RESERVED, units, key, reason, by, at)


def give_back(*, account: Account, units: int, key: str, reason: str, by: Principal, at: datetime) -> Entry:
    """Return drawn units, so that they can be drawn again. Raises `NotEnough` when fewer are drawn."""
    return _post(account, EntryKind.RETURN, units, key, reason, by, at)


def raise_ceiling(*, account: Account, units: int, key: str, reason: str, by: Principal, at: datetime) -> Entry:
    """Raise the ceiling by so many units. Refused for an account without a ceiling."""
    return _post(account, EntryKind.RAISE, units, key, reason, by, at)


def lower_ceiling(*, account: Account, units: int, key: str, reason: str, by: Principal, at: datetime) -> Entry:
    """Lower the ceiling by so many units, never below what is reserved and drawn. Raises `NotEnough`."""
    return _post(account, EntryKind.LOWER, units, key, reason, by, at)


def _post(
    account: Account,
    kind: EntryKind,
    units: int,
    key: str,
    reason: str,
    by: Principal,
    at: datetime,
    *,
    ceiling: int | None = None,
) -> Entry:
    """Post one entry, and bring the balances of the account in hand up to date."""
    if units < 1 and kind != EntryKind.OPEN:
        raise Refused("Say how many: a whole number of at least 1.", rule="ledger.positive_units", field="units")
    actor = by.actor
    with connection.cursor() as cursor:
        cursor.execute(
            _POST,
            [account.pk, kind.value, units, ceiling, key, reason, at, actor.kind, actor.id, actor.label],
        )
        outcome, unit, ceiling_now, reserved, drawn, entry_id, sequence, previous_hash, hash_now = cursor.fetchone()
    balance = Balance(ceiling=ceiling_now, reserved=reserved, drawn=drawn)
    if outcome == "not enough":
        raise not_enough(kind.value, units, unit, balance)
    if outcome != "posted" and outcome != "again":
        raise _refusal(outcome, key, balance)
    account.ceiling, account.reserved, account.drawn = ceiling_now, reserved, drawn
    if outcome == "again":
        return Entry.objects.get(pk=entry_id)
    return Entry.from_db(
        connection.alias,
        _ENTRY_COLUMNS,
        [
            entry_id,
            account.pk,
            sequence,
            kind.value,
            units,
            key,
            reason,
            at,
            actor.kind,
            actor.id,
            actor.label,
            ceiling_now,
            reserved,
            drawn,
            previous_hash,
            hash_now,
        ],
    )


def _refusal(outcome: str, key: str, balance: Balance) -> Refused:
    """The refusal in words of an entry that cannot be posted whatever the balance."""
    if outcome == "key used":
        return KeyUsed(
            f'The key "{key}" already stands for another entry of this account. Use a new key for a new act.',
            rule="ledger.key",
        )
    if outcome == "open already":
        ceiling = "no ceiling" if balance.ceiling is None else f"a ceiling of {balance.ceiling:,}"
        return Refused(
            f"This ledger account is already open, with {ceiling}. Raise or lower its ceiling instead.",
            rule="ledger.open_once",
        )
    if outcome == "no ceiling":
        return Refused(
            "This ledger account only counts: it has no ceiling to raise or lower.", rule="ledger.no_ceiling"
        )
    return Refused("There is no such ledger account: open it first.", rule="ledger.account")
