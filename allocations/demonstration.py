"""Allocations of the demonstration, in every state, made through the operations. All of them are invented.

No government has set any of these ceilings; the real countries only make the board read like one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from accounts.models import User
from accounts.rules import SYSTEM
from allocations import operations
from allocations.models import Allocation
from deadlines.rules import day_of

FIRST, SECOND = "allocations", "allocations.second"
INVENTED = "Invented for the demonstration."


class _Officials:
    """Two officials who set ceilings, each step some days before the day of loading."""

    def __init__(self, first: User, second: User, now: datetime) -> None:
        self.first, self.second, self.now = first, second, now

    def before(self, days: float) -> datetime:
        return self.now - timedelta(days=days)

    def propose(self, country: str, starts_on: date, ends_on: date, ceiling: int, *, days: float) -> Allocation:
        return operations.propose_allocation(
            country=country,
            starts_on=starts_on,
            ends_on=ends_on,
            ceiling=ceiling,
            reason=f"{INVENTED} {ceiling:,} chips cover what the country’s operators have announced.",
            by=self.first,
            at=self.before(days),
        )

    def approve(self, allocation: Allocation, *, days: float) -> Allocation:
        operations.approve_proposal(
            proposal=allocation.proposals.get(verdict=None),
            reason=f"{INVENTED} It leaves enough for other destinations.",
            by=self.second,
            at=self.before(days),
        )
        return allocation

    def set(self, country: str, starts_on: date, ends_on: date, ceiling: int, *, days: float = 110) -> Allocation:
        return self.approve(self.propose(country, starts_on, ends_on, ceiling, days=days), days=days - 2)

    def change(self, allocation: Allocation, ceiling: int, why: str, *, days: float) -> None:
        operations.propose_change(
            allocation=allocation,
            ceiling=ceiling,
            reason=f"{INVENTED} {why}",
            by=self.first,
            at=self.before(days),
        )

    def use(self, country: str, units: int, *, days: float) -> None:
        operations.draw_chips(
            country=country,
            units=units,
            key=f"demonstration/{country}",
            reason=f"{INVENTED} Licenses from before the cases that are shown.",
            by=SYSTEM,
            at=self.before(days),
        )


def load(*, people: Mapping[str, User], at: datetime) -> int:
    """Set the demonstration's allocations, unless there are any; answers how many there are then.

    `people` are the demonstration's by e-mail or by mailbox. An edition must have operated for 110 days before `at`.
    Load them before cases, so that the cases count against them.
    """
    if not Allocation.objects.exists():
        named = {name.split("@")[0]: person for name, person in people.items()}
        _set(_Officials(named[FIRST], named[SECOND], at), day_of(at))
    return Allocation.objects.count()


def _set(officials: _Officials, today: date) -> None:
    begin, end, next_end = (date(today.year + years, 1, 1) for years in (0, 1, 2))
    # In effect, and the next one approved already.
    officials.set("SA", begin, end, 200_000)
    officials.set("SA", end, next_end, 250_000, days=12)
    # In effect, with a higher ceiling proposed.
    emirates = officials.set("AE", begin, end, 500_000)
    officials.change(emirates, 600_000, "A case for 500,000 chips is under review.", days=5)
    # One that has ended, and the one after it, which was raised.
    turn = today - timedelta(days=20)
    officials.set("NO", (turn - timedelta(days=170)).replace(day=1), turn, 50_000)
    officials.use("NO", 41_000, days=60)
    norway = officials.set("NO", turn, min(end, turn + timedelta(days=366)), 100_000, days=40)
    officials.change(norway, 135_000, "Two filings ask for more than the first ceiling.", days=10)
    officials.approve(norway, days=8)
    # One that was lowered.
    kazakhstan = officials.set("KZ", begin, end, 20_000)
    officials.change(kazakhstan, 5_000, "The largest buyer gave up.", days=30)
    officials.approve(kazakhstan, days=29)
    # One that is nearly used up.
    officials.set("IN", begin, end, 25_000)
    officials.use("IN", 24_200, days=max(0, min(70, (today - begin).days - 1)))
    # Proposed, declined, taken back.
    officials.propose("AM", begin, end, 10_000, days=3)
    qatar = officials.propose("QA", begin, end, 400_000, days=50)
    operations.decline_proposal(
        proposal=qatar.proposals.get(),
        reason=f"{INVENTED} No filing asks for so many.",
        by=officials.second,
        at=officials.before(48),
    )
    kuwait = officials.propose("KW", begin, end, 1_000_000, days=20)
    operations.withdraw_proposal(
        proposal=kuwait.proposals.get(),
        reason=f"{INVENTED} A zero too many.",
        by=officials.first,
        at=officials.before(20),
    )
