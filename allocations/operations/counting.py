"""Counting chips against the allocation of a country: reserved, used up, and given back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from accounts.rules import Principal, Refused
from allocations.models import Allocation
from allocations.permissions import check_can_return, check_can_take
from allocations.rules import NoAllocation, above_left, below_zero, check_units
from allocations.selectors import find_entry, list_accounts, list_approved
from audit.operations import operation
from deadlines.rules import day_of
from ledger import operations as ledger
from ledger.models import Account, Entry
from ledger.rules import Balance, NotEnough
from ledger.selectors import balance_of
from registry.models import Country


@operation
def reserve_chips(*, country: str, units: int, key: str, reason: str, by: Principal, at: datetime) -> Entry:
    """Set chips of a country's allocation aside, for a case that is recommended.

    Acts on the allocation in effect at `at`. The key makes it safe to send again, also after the period has turned.
    Raises NoAllocation where none is set, NotEnough with `left` and `wanted` for a request above what is left: it is
    decided at the ceiling or held, and never cut. Raises NotPermitted.
    """
    check_can_take(by)
    allocation, account = _find(country, key, at)
    return _count(
        lambda: ledger.reserve(account=account, units=units, key=key, reason=reason, by=by, at=at),
        units,
        lambda balance: above_left(allocation.title, units, balance),
        account,
    )


@operation
def draw_chips(*, country: str, units: int, key: str, reason: str, by: Principal, at: datetime) -> Entry:
    """Use chips of a country's allocation up that were not reserved, such as those of an exemption.

    As `reserve_chips` otherwise.
    """
    check_can_take(by)
    allocation, account = _find(country, key, at)
    return _count(
        lambda: ledger.draw(account=account, units=units, key=key, reason=reason, by=by, at=at),
        units,
        lambda balance: above_left(allocation.title, units, balance),
        account,
    )


@operation
def draw_reserved_chips(
    *, country: str, units: int, key: str, reason: str, by: Principal, at: datetime, reserved_as: str = ""
) -> Entry:
    """Use reserved chips up, when a license is issued.

    `reserved_as` is the key of the reservation: it finds the period on which they were reserved, which may have ended
    since. Without it the allocation in effect is meant. Raises NoAllocation, NotPermitted, and NotEnough where fewer
    are reserved.
    """
    check_can_take(by)
    allocation, account = _find(country, key, at, made_by=reserved_as)
    return _count(
        lambda: ledger.draw_reserved(account=account, units=units, key=key, reason=reason, by=by, at=at),
        units,
        lambda balance: below_zero(allocation.title, units, balance.reserved, "reserved"),
        account,
    )


@operation
def release_chips(
    *, country: str, units: int, key: str, reason: str, by: Principal, at: datetime, reserved_as: str = ""
) -> Entry:
    """Give reserved chips back: a denial, a withdrawal, or a license for fewer than were reserved.

    `reserved_as` as in `draw_reserved_chips`. Raises NoAllocation, NotPermitted, NotEnough where fewer are reserved.
    """
    check_can_return(by)
    allocation, account = _find(country, key, at, made_by=reserved_as)
    return _count(
        lambda: ledger.release(account=account, units=units, key=key, reason=reason, by=by, at=at),
        units,
        lambda balance: below_zero(allocation.title, units, balance.reserved, "reserved"),
        account,
    )


@operation
def give_back_chips(
    *, country: str, units: int, key: str, reason: str, by: Principal, at: datetime, drawn_as: str = ""
) -> Entry:
    """Give used chips back: a license that expired, was revoked or surrendered, for what was not shipped under it.

    `drawn_as` is the key under which they were used: they go back to that period. Raises NoAllocation, NotPermitted,
    and NotEnough where fewer are used.
    """
    check_can_return(by)
    allocation, account = _find(country, key, at, made_by=drawn_as)
    return _count(
        lambda: ledger.give_back(account=account, units=units, key=key, reason=reason, by=by, at=at),
        units,
        lambda balance: below_zero(allocation.title, units, balance.drawn, "used"),
        account,
    )


def _find(country: str, key: str, at: datetime, made_by: str = "") -> tuple[Allocation, Account]:
    """The allocation that a count is about, with its account: where an earlier entry is, else by the day."""
    day = day_of(at)
    approved = list_approved(country)
    accounts = list_accounts(approved)
    found = next((each for each in approved if each.period.covers(day)), None)
    if made_by or len(approved) > 1:
        # An entry of another period under this key is this same act, sent again after the period has turned.
        earlier = find_entry(accounts.values(), key, made_by)
        if earlier is None and made_by:
            raise Refused(
                f"Nothing was counted against an allocation of this country under “{made_by}”, so nothing of it can be "
                "used or given back.",
                rule="allocations.taken",
            )
        if earlier is not None:
            found = next(each for each in approved if accounts[each.pk].pk == earlier.account_id)
    if found is None:
        name = Country.objects.filter(pk=country).values_list("name", flat=True).first()
        raise NoAllocation(name or country, day)
    return found, accounts[found.pk]


def _count(post: Callable[[], Entry], units: int, refuse: Callable[[Balance], NotEnough], account: Account) -> Entry:
    """Post an entry; what does not suffice is refused in the words of allocations."""
    check_units(units)
    try:
        return post()
    except NotEnough as refusal:
        raise refuse(refusal.balance or balance_of(account)) from refusal
