"""What an allocation is called, when it is in effect, and what a ceiling and a period must be. No database here."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from accounts.rules import Refused
from allocations.statuses import AllocationStatus as S
from allocations.statuses import ProposalKind
from deadlines.rules import AGENCY_ZONE
from ledger.rules import Balance, NotEnough
from registry.lifecycles import Transition

# A period begins and ends at midnight in Washington.
# More chips than are made in many years: a slip of the hand, no ceiling.
LARGEST_CEILING = 1_000_000_000
LARGEST_UNITS = 2**53

TRANSITIONS: tuple[Transition, ...] = (
    Transition("approve", S.PROPOSED, S.APPROVED, "second allocation official"),
    Transition("decline", S.PROPOSED, S.DECLINED, "second allocation official"),
    Transition("withdraw", S.PROPOSED, S.WITHDRAWN, "allocation official who proposed"),
    Transition("begin", S.APPROVED, S.IN_EFFECT, "its first day"),
    Transition("change", S.APPROVED, S.APPROVED, "two allocation officials"),
    Transition("change", S.IN_EFFECT, S.IN_EFFECT, "two allocation officials"),
    Transition("end", S.IN_EFFECT, S.ENDED, "the end of its period"),
)

WORDS = {
    "approve": "be approved",
    "decline": "be declined",
    "withdraw": "be withdrawn",
    "begin": "begin",
    "change": "have its ceiling changed",
    "end": "end",
}


@dataclass(frozen=True, slots=True)
class Period:
    """Days from an inclusive start to an exclusive end."""

    starts_on: date
    ends_on: date

    @property
    def last_day(self) -> date:
        """The last day that belongs to it."""
        return self.ends_on - timedelta(days=1)

    @property
    def words(self) -> str:
        """How people call it: 2026, or January 1 to June 30, 2026."""
        first, last = self.starts_on, self.last_day
        if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
            return str(first.year) if first.year == last.year else f"{first.year} to {last.year}"
        begin = f"{first:%B} {first.day}" + (f", {first.year}" if first.year != last.year else "")
        return f"{begin} to {say_day(last)}" if first != last else say_day(first)

    def covers(self, day: date) -> bool:
        """Whether a day belongs to it."""
        return self.starts_on <= day < self.ends_on

    def overlaps(self, other: "Period") -> bool:
        """Whether a day belongs to both."""
        return self.starts_on < other.ends_on and other.starts_on < self.ends_on


def say_day(day: date) -> str:
    """A day in a sentence: March 9, 2026."""
    return f"{day:%B} {day.day}, {day.year}"


def end_of(period: Period) -> datetime:
    """The instant at which a period is over."""
    return datetime.combine(period.ends_on, time.min, tzinfo=AGENCY_ZONE)


def status_on(status: str, period: Period, day: date) -> S:
    """The status of an allocation on a day: an approved one waits, is in effect, or has ended."""
    if status != S.APPROVED or day < period.starts_on:
        return S(status)
    return S.IN_EFFECT if day < period.ends_on else S.ENDED


def check_period(period: Period, *, longest_days: int, today: date) -> None:
    """A period is in order, not longer than the edition allows, and not over. Raises Refused naming the field."""
    days = (period.ends_on - period.starts_on).days
    if days < 1:
        raise Refused(
            "The period ends before it begins. Its end is the first day that no longer belongs to it: choose a later "
            "one.",
            rule="allocations.period_in_order",
            field="ends_on",
        )
    if days > longest_days:
        raise Refused(
            f"The period has {days:,} days, and an allocation runs for at most {longest_days:,}. Choose an earlier "
            "end, and propose the rest as a period of its own.",
            rule="allocations.longest_period",
            field="ends_on",
        )
    if period.ends_on <= today:
        raise Refused(
            f"The period is over already: its last day was {say_day(period.last_day)}. Choose a later end.",
            rule="allocations.period_not_over",
            field="ends_on",
        )


def check_free(country: str, period: Period, others: list[tuple[Period, str]]) -> None:
    """No other allocation of the country, proposed or approved, shares a day with the period. Raises Refused."""
    for other, status in others:
        if period.overlaps(other):
            state = "has been proposed" if status == S.PROPOSED else "is approved"
            raise Refused(
                f"An allocation for {country} {state} for {other.words}, which shares days with {period.words}. A "
                "country has one ceiling at a time: change that one, or choose a period that begins after "
                f"{say_day(other.last_day)} or ends by {say_day(other.starts_on)}.",
                rule="allocations.one_at_a_time",
                field="starts_on",
            )


def check_ceiling(ceiling: int) -> None:
    """A ceiling is a whole number of chips from none to a billion. Raises Refused."""
    if not 0 <= ceiling <= LARGEST_CEILING:
        raise Refused(
            f"A ceiling is a whole number of chips from 0 to {LARGEST_CEILING:,}.",
            rule="allocations.ceiling",
            field="ceiling",
        )


def check_change(title: str, ceiling: int, balance: Balance) -> ProposalKind:
    """A changed ceiling differs from what it is and covers what is reserved and used. Raises Refused, NotEnough.

    Answers whether it is raised or lowered.
    """
    check_ceiling(ceiling)
    now = balance.ceiling or 0
    if ceiling == now:
        raise Refused(
            f"The ceiling of {title} is {now:,} chips already. Enter the number it is to become.",
            rule="allocations.ceiling_changes",
            field="ceiling",
        )
    taken = balance.reserved + balance.drawn
    if ceiling < taken:
        raise below_taken(title, ceiling, balance)
    return ProposalKind.RAISE if ceiling > now else ProposalKind.LOWER


def below_taken(title: str, ceiling: int, balance: Balance) -> NotEnough:
    """The refusal of a ceiling below what is reserved and used, naming the field."""
    taken = balance.reserved + balance.drawn
    refusal = NotEnough(
        balance.left or 0,
        (balance.ceiling or 0) - ceiling,
        reason=f"The ceiling of {title} cannot be lowered to {ceiling:,} chips: {balance.drawn:,} are used and "
        f"{balance.reserved:,} reserved. {taken:,} is the lowest possible; it falls when reservations are released.",
    )
    refusal.rule, refusal.field = "allocations.covers_what_is_taken", "ceiling"
    return refusal


def above_left(title: str, wanted: int, balance: Balance) -> NotEnough:
    """The refusal of a request above what is left. It is never cut: an official decides at the ceiling or holds."""
    left = balance.left or 0
    verb, state = ("chip is" if wanted == 1 else "chips are"), "is" if left < 2 else "are"
    way = f"Decide at the ceiling, for at most {left:,}, or hold" if left else "Hold"
    refusal = NotEnough(
        left,
        wanted,
        reason=f"{wanted:,} {verb} asked for and {f'{left:,}' if left else 'none'} {state} left of the "
        f"{balance.ceiling or 0:,} allocated to {title} ({balance.drawn:,} used, {balance.reserved:,} reserved). "
        f"{way} the request until the ceiling is raised or reservations are released.",
    )
    refusal.rule = "allocations.enough"
    return refusal


def below_zero(title: str, wanted: int, held: int, word: str) -> NotEnough:
    """The refusal of giving back more than is reserved or used. `word` is one of those."""
    refusal = NotEnough(
        held,
        wanted,
        reason=f"{wanted:,} chips cannot be given back to the allocation of {title}: only {held:,} are {word}.",
    )
    refusal.rule = "allocations.taken"
    return refusal


class NoAllocation(Refused):
    """No allocation is set for a country and day: a request for it can be held, and is not granted."""

    def __init__(self, country: str, day: date) -> None:
        super().__init__(
            f"No allocation is set for {country} on {say_day(day)}. Hold the request until two allocation officials "
            "have set one.",
            rule="allocations.none_set",
        )


def check_reason(reason: str) -> str:
    """Why, in words, without which nothing is proposed or decided. Raises Refused."""
    if not reason.strip():
        raise Refused("Say why: it stays with the allocation.", rule="allocations.reason", field="reason")
    return reason.strip()


def check_units(units: int) -> None:
    """Units are a whole number of chips, at least one. Raises Refused."""
    if not 1 <= units <= LARGEST_UNITS:
        raise Refused(
            "Say how many chips: a whole number of at least 1.", rule="allocations.positive_units", field="units"
        )
