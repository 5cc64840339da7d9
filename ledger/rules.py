"""What a ledger account holds, and how its refusals read. No database here."""

from dataclasses import dataclass, replace
from datetime import datetime

from accounts.rules import Refused
from audit.rules import digest, instant


@dataclass(frozen=True, slots=True)
class Balance:
    """The state of one account in whole units; a `ceiling` of None means that the account only counts."""

    ceiling: int | None
    reserved: int
    drawn: int

    @property
    def left(self) -> int | None:
        """Units that can still be reserved or drawn; None when there is no ceiling."""
        return None if self.ceiling is None else self.ceiling - self.reserved - self.drawn


class NotEnough(Refused):
    """The account does not hold what the entry asks for. `left` and `wanted` are in the account's unit.

    `balance` is the account as it was when it refused, where the ledger itself did.
    """

    def __init__(self, left: int, wanted: int, *, reason: str, balance: Balance | None = None) -> None:
        super().__init__(reason, rule="ledger.enough", field="units")
        self.left = left
        self.wanted = wanted
        self.balance = balance


class KeyUsed(Refused):
    """The idempotency key belongs to another entry of the same account."""


_REFUSALS = {
    "reserve": ("{wanted} cannot be reserved: {left} left under the ceiling of {ceiling}.", "left"),
    "draw": ("{wanted} cannot be drawn: {left} left under the ceiling of {ceiling}.", "left"),
    "lower": (
        "The ceiling of {ceiling} cannot be lowered by {wanted}: only {left} not yet reserved or drawn.",
        "left",
    ),
    "release": ("{wanted} cannot be released: {left} reserved.", "reserved"),
    "draw_reserved": ("{wanted} cannot be drawn from the reservation: {left} reserved.", "reserved"),
    "return": ("{wanted} cannot be returned: {left} drawn.", "drawn"),
}


def not_enough(kind: str, wanted: int, unit: str, balance: Balance) -> NotEnough:
    """The refusal of an entry for which the balance does not suffice, in words and in the account's unit."""
    text, source = _REFUSALS[kind]
    held = {"left": balance.left or 0, "reserved": balance.reserved, "drawn": balance.drawn}[source]
    verb = "are" if held != 1 else "is"
    reason = text.format(wanted=f"{wanted:,} {unit}", left=f"{held:,} {verb}", ceiling=f"{balance.ceiling or 0:,}")
    return NotEnough(held, wanted, reason=reason, balance=balance)


@dataclass(frozen=True, slots=True)
class AccountContent:
    """What never changes about an account, as the first hash of its chain covers it."""

    id: int
    kind: str
    subject_kind: str
    subject_id: str
    item: str
    unit: str


def account_hash(account: AccountContent) -> str:
    """The hash that the first entry of this account must follow."""
    return digest(
        (
            "account",
            str(account.id),
            account.kind,
            account.subject_kind,
            account.subject_id,
            account.item,
            account.unit,
        )
    )


@dataclass(frozen=True, slots=True)
class EntryContent:
    """One ledger entry as its hash covers it."""

    id: int
    account_id: int
    sequence: int
    kind: str
    units: int
    key: str
    reason: str
    at: datetime
    actor_kind: str
    actor_id: str
    actor_label: str
    ceiling_after: int | None
    reserved_after: int
    drawn_after: int
    previous_hash: str

    @property
    def after(self) -> Balance:
        """The balance that the entry says it left behind."""
        return Balance(self.ceiling_after, self.reserved_after, self.drawn_after)


def entry_hash(entry: EntryContent) -> str:
    """The hash that a ledger entry with this content must carry."""
    return digest(
        (
            "ledger entry",
            str(entry.id),
            str(entry.account_id),
            str(entry.sequence),
            entry.kind,
            str(entry.units),
            entry.key,
            entry.reason,
            instant(entry.at),
            entry.actor_kind,
            entry.actor_id,
            entry.actor_label,
            "none" if entry.ceiling_after is None else str(entry.ceiling_after),
            str(entry.reserved_after),
            str(entry.drawn_after),
            entry.previous_hash,
        )
    )


def apply(kind: str, units: int, before: Balance, *, opens_with: int | None = None) -> Balance | None:
    """The balance after an entry of this kind, or None when it is not allowed. `opens_with` is a ceiling."""
    ceiling, reserved, drawn = before.ceiling, before.reserved, before.drawn
    match kind:
        case "open":
            after = Balance(opens_with, 0, 0)
        case "reserve":
            after = replace(before, reserved=reserved + units)
        case "release":
            after = replace(before, reserved=reserved - units)
        case "draw":
            after = replace(before, drawn=drawn + units)
        case "draw_reserved":
            after = replace(before, reserved=reserved - units, drawn=drawn + units)
        case "return":
            after = replace(before, drawn=drawn - units)
        case "raise" | "lower" if ceiling is not None:
            after = replace(before, ceiling=ceiling + (units if kind == "raise" else -units))
        case _:
            return None
    sufficient = after.reserved >= 0 and after.drawn >= 0 and (after.left is None or after.left >= 0)
    return after if sufficient else None
