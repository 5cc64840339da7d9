"""Proving the ledger: every account's entries are walked, hashed and added up anew."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from audit.seals import Chains
from audit.verification import Broken, Report, stream
from ledger import rules

CHAINS = Chains(table="ledger_entry", kind="'ledger.account'", key="account_id::text")

_ENTRIES = """
SELECT e.account_id, e.id, e.account_id, e.sequence, e.kind, e.units, e.key, e.reason, e.at, e.actor_kind,
       e.actor_id, e.actor_label, e.ceiling_after, e.reserved_after, e.drawn_after, e.previous_hash, e.hash,
       a.id, a.kind, a.subject_kind, a.subject_id, a.item, a.unit,
       a.ceiling, a.reserved, a.drawn, a.sequence, a.head_hash
FROM ledger_entry e LEFT JOIN ledger_account a ON a.id = e.account_id
WHERE e.sequence > 0
ORDER BY e.account_id, e.sequence
"""
_ACCOUNTS_ALONE = """
SELECT a.kind, a.subject_kind, a.subject_id, a.item, a.sequence FROM ledger_account a
WHERE NOT EXISTS (SELECT FROM ledger_entry e WHERE e.account_id = a.id) ORDER BY a.id LIMIT 1
"""


def verify_ledger(report: Report) -> None:
    """Add the ledger's part to a verification."""
    report.check("Ledger", _walk)


def _walk() -> str:
    entries = accounts = 0
    for account_id, rows in groupby(stream(_ENTRIES, []), key=lambda row: row[0]):
        accounts += 1
        entries += _walk_account(account_id, rows)
    for *name, sequence in stream(_ACCOUNTS_ALONE, []):
        raise Broken(
            f"All entries of the account {_name(*name)} are missing; it was written past the ledger, or had"
            f" {sequence:,}."
        )
    return (
        f"{entries:,} {'entry' if entries == 1 else 'entries'} on {accounts:,}"
        f" {'account' if accounts == 1 else 'accounts'}"
    )


def _walk_account(account_id: int, rows: Iterator[tuple[Any, ...]]) -> int:
    """Check one account from its opening to its balances of now."""
    sequence, previous_hash, previous_id = 0, "", 0
    balance = rules.Balance(None, 0, 0)
    name = ""
    now: tuple[Any, ...] = ()
    for row in rows:
        entry, entry_hash, account, now = rules.EntryContent(*row[1:16]), row[16], row[17:23], row[23:28]
        if account[0] is None:
            raise Broken(f"The account numbered {account_id} is missing: its entries stand without it.")
        if not name:
            name = _name(*account[1:5])
            previous_hash = rules.account_hash(rules.AccountContent(*account))
        if entry.sequence != sequence + 1:
            raise Broken(
                f"Entry {sequence + 1:,} of the account {name} is missing: the next one is number {entry.sequence:,}."
            )
        if rules.entry_hash(entry) != entry_hash:
            raise Broken(
                f"Entry {entry.sequence:,} of the account {name} was altered: its content no longer gives the"
                f" hash it was written with."
            )
        if entry.previous_hash != previous_hash or entry.id <= previous_id:
            raise Broken(
                f"Entry {entry.sequence:,} of the account {name} does not follow the one before it: the"
                f" entries were reordered, or the account or the entry before it altered."
            )
        after = rules.apply(entry.kind, entry.units, balance, opens_with=entry.ceiling_after)
        if after != entry.after or (entry.kind == "open") != (entry.sequence == 1):
            raise Broken(f"Entry {entry.sequence:,} of the account {name} does not add up.")
        sequence, previous_hash, previous_id, balance = entry.sequence, entry_hash, entry.id, after
    *balances, last, head = now
    if last > sequence:
        raise Broken(f"Entry {sequence + 1:,} of the account {name} is missing: the account counts {last:,}.")
    if last != sequence or head != previous_hash:
        raise Broken(f"The account {name} was altered: it does not name entry {sequence:,}, its last.")
    if rules.Balance(*balances) != balance:
        raise Broken(f"The account {name} was altered: its balances are not those of its last entry.")
    return sequence


def _name(kind: str, subject_kind: str, subject_id: str, item: str) -> str:
    return " ".join(part for part in (kind, "of", subject_kind, subject_id, item) if part)
