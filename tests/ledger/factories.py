"""Ledger accounts for any test."""

from datetime import UTC, datetime
from itertools import count

from audit.rules import Actor
from ledger import operations
from ledger.models import Account

AT = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
OFFICER = Actor(kind="user", id="7", label="Dana Reyes, Licensing Officer")
_keys = count(1)


def act(**fields: object) -> dict:
    """The rest of an operation's arguments, with a key of its own unless given."""
    return {"key": f"test:{next(_keys)}", "reason": "Shipment", "by": OFFICER, "at": AT} | fields


def open_account(subject_id: str = "1", *, ceiling: int | None = 100, **fields: object) -> Account:
    """An open account of licensed chips."""
    given = {
        "kind": "license_line.quantity",
        "subject": ("licensing.licenseline", subject_id),
        "item": "H100",
        "unit": "chips",
        "ceiling": ceiling,
    }
    return operations.open_account(**(given | act(key="open") | fields))


def busy_account(subject_id: str = "1") -> Account:
    """An account on which every kind of entry was made: 110 at most, 6 reserved, 30 drawn."""
    account = open_account(subject_id, ceiling=100)
    operations.reserve(account=account, units=20, **act())
    operations.release(account=account, units=4, **act())
    operations.draw_reserved(account=account, units=10, **act())
    operations.draw(account=account, units=25, **act())
    operations.give_back(account=account, units=5, **act())
    operations.raise_ceiling(account=account, units=30, **act())
    operations.lower_ceiling(account=account, units=20, **act())
    return account
