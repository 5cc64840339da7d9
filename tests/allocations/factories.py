"""Allocations for any test, made the way officials make them: proposed by one, approved by another."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from accounts.models import User
from accounts.rules import SYSTEM
from accounts.statuses import Role
from allocations import operations
from allocations.models import Allocation, Proposal
from registry.operations import load_reference
from rulebook.operations import load_editions, set_operating_edition
from rulebook.selectors import get_edition_row
from tests.accounts.factories import user

AT = datetime(2026, 4, 1, 15, 0, tzinfo=UTC)
CEILING = 200_000


def later(**delta: float) -> datetime:
    """Some time after `AT`."""
    return AT + timedelta(**delta)


def load_rules() -> None:
    """The countries, and an edition that operates."""
    before = AT - timedelta(days=1)
    load_editions(at=before)
    load_reference(by=SYSTEM, at=before)
    set_operating_edition(
        edition=get_edition_row("reported-2026-03"), by=SYSTEM, at=before, from_at=before, reason="For this test."
    )


@dataclass
class People:
    """Two allocation officials, and the officer whose cases take chips."""

    first: User = field(default_factory=lambda: user(Role.ALLOCATION_OFFICIAL))
    second: User = field(default_factory=lambda: user(Role.ALLOCATION_OFFICIAL))
    officer: User = field(default_factory=lambda: user(Role.LICENSING_OFFICER))


def proposed(
    who: People, country: str = "SA", year: int = 2026, ceiling: int = CEILING, at: datetime = AT, **fields: Any
) -> Allocation:
    """An allocation that waits for a second official."""
    period = {"starts_on": date(year, 1, 1), "ends_on": date(year + 1, 1, 1), **fields}
    return operations.propose_allocation(
        country=country, ceiling=ceiling, reason="As announced in May.", by=who.first, at=at, **period
    )


def waiting(allocation: Allocation) -> Proposal:
    """The proposal that waits for a verdict."""
    return allocation.proposals.get(verdict=None)


def approve(who: People, allocation: Allocation, at: datetime = AT) -> Allocation:
    """The second official approves what is proposed."""
    operations.approve_proposal(proposal=waiting(allocation), reason="Agreed.", by=who.second, at=at)
    return Allocation.objects.select_related("country").get(pk=allocation.pk)


def approved(who: People, country: str = "SA", year: int = 2026, ceiling: int = CEILING, **fields: Any) -> Allocation:
    """An allocation that stands."""
    return approve(who, proposed(who, country, year, ceiling, **fields))


def take(who: People, units: int, key: str = "C1", country: str = "SA", at: datetime = AT, **fields: Any) -> dict:
    """What every count against an allocation is given."""
    return {
        "country": country,
        "units": units,
        "key": key,
        "reason": f"Case {key}",
        "by": who.officer,
        "at": at,
        **fields,
    }


def one_of_each(*, at: datetime) -> None:
    """A row of every model, for who reads them all; the rules are loaded already."""
    who = People()
    approve(who, proposed(who, at=at), at=at)
    draw = take(who, 5, "D1", at=at)
    operations.draw_chips(**draw)
