"""What a ledger account holds, and how its refusals read. No database here."""

from dataclasses import dataclass

from accounts.rules import Refused


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
    """The account does not hold what the entry asks for. `left` and `wanted` are in the account's unit."""

    def __init__(self, left: int, wanted: int, *, reason: str) -> None:
        super().__init__(reason, rule="ledger.enough", field="units")
        self.left = left
        self.wanted = wanted


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
    reason = text.format(
        wanted=f"{wanted:,} {unit}", left=f"{held:,} {verb}", ceiling=f"{balance.ceiling or 0:,}"
    )
    return NotEnough(held, wanted, reason=reason)
