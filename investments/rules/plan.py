"""What a commitment owes by when, and what is short on a day. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_UP, Decimal

from accounts.rules import Refused
from investments.rules.days import write_day
from investments.rules.money import write_units

UNITED_STATES = "US"


@dataclass(frozen=True, slots=True)
class Due:
    """A milestone of the plan: units of the measure that are owed by the end of a day, less what was waived."""

    milestone: int
    due_on: date
    units: int
    waived: int = 0

    @property
    def owed(self) -> int:
        return max(self.units - self.waived, 0)


@dataclass(frozen=True, slots=True)
class Reading:
    """What verified units cover of a milestone, and whether its day is over."""

    milestone: int
    due_on: date
    owed: int
    covered: int
    is_due: bool

    @property
    def missing(self) -> int:
        return self.owed - self.covered

    @property
    def short(self) -> int:
        """Units that are missing after the due date; before it nothing is short."""
        return self.missing if self.is_due else 0


def read_plan(dues: Iterable[Due], verified: int, *, on: date) -> list[Reading]:
    """What is covered and what is short on a day: verified units fill the milestones in the order of their dates.

    A milestone is due when its day is over, so its own day still counts.
    """
    left = max(verified, 0)
    readings = []
    for due in sorted(dues, key=lambda each: (each.due_on, each.milestone)):
        covered = min(due.owed, left)
        left -= covered
        readings.append(Reading(due.milestone, due.due_on, due.owed, covered, is_due=due.due_on < on))
    return readings


def check_asset_in_us(country: str, country_name: str) -> None:
    """Only an AI data center in the United States qualifies."""
    if country != UNITED_STATES:
        raise Refused(
            f"The asset is in {country_name}. A commitment is met with AI data centers in the United States; what is "
            "built abroad is counted as the installation it belongs to. Name an asset in the United States.",
            rule="investments.asset_in_us",
            field="country",
        )


def check_funds_into_us(payee: str, payee_name: str, payer_name: str) -> None:
    """Money that flows out of the United States is no commitment."""
    if payee != UNITED_STATES:
        raise Refused(
            f"This money goes from {payer_name} to {payee_name}. Money that flows out of the United States, or never "
            "comes there, cannot be counted as a commitment: only what is paid in the United States for its AI data "
            "centers is. Name the receiver in the United States, or leave this amount out.",
            rule="investments.funds_into_us",
            field="funds_to",
        )


def find_target(
    measure: str, *, cents: int, abroad_cents: int | None, ratio: Decimal | None, kilowatts: int | None
) -> tuple[int, str]:
    """What must be verified in the end, and its unit. Refused, naming the field, where the measure lacks figures."""
    if measure == "megawatts":
        if kilowatts is None:
            raise Refused(
                "Say how many megawatts the commitment brings.", rule="investments.measure_megawatts", field="megawatts"
            )
        return kilowatts, "kilowatts"
    if measure == "matching":
        if abroad_cents is None:
            raise Refused(
                "Say what is invested in the installation abroad, in US dollars: the commitment is measured by it.",
                rule="investments.measure_abroad",
                field="abroad",
            )
        if ratio is None or not ratio.is_finite() or not 0 < ratio <= 100 or ratio != round(ratio, 4):
            raise Refused(
                "Dollars for each dollar abroad are a number above 0 and at most 100, with at most 4 digits after the "
                "point.",
                rule="investments.measure_ratio",
                field="ratio",
            )
        wanted = int((abroad_cents * ratio).to_integral_value(rounding=ROUND_UP))
        if cents < wanted:
            raise Refused(
                f"{write_units(cents, 'cents')} is less than what the measure asks: {ratio.normalize():f} dollars for "
                f"each of {write_units(abroad_cents, 'cents')} abroad make {write_units(wanted, 'cents')}.",
                rule="investments.measure_matched",
                field="amount",
            )
        return wanted, "cents"
    return cents, "cents"


def check_milestone_day(due_on: date, *, starts_on: date, ends_on: date) -> None:
    """A milestone falls within the commitment's period, both days included."""
    if due_on > ends_on:
        raise Refused(
            f"The milestone is due on {write_day(due_on)}, after the commitment ends on {write_day(ends_on)}. "
            "Choose an earlier day, or agree on a later end first.",
            rule="investments.milestone_in_period",
            field="due_on",
        )
    if due_on < starts_on:
        raise Refused(
            f"The milestone is due on {write_day(due_on)}, before the commitment begins on {write_day(starts_on)}.",
            rule="investments.milestone_in_period",
            field="due_on",
        )


def check_plan_adds_up(units: Sequence[int], *, target: int, unit: str) -> None:
    """All milestones together are the whole commitment, no more and no less."""
    if not units:
        raise Refused(
            "There is no milestone yet. Add at least one: without a due date nothing can fall short.",
            rule="investments.plan_some",
        )
    if sum(units) != target:
        raise Refused(
            f"The milestones come to {write_units(sum(units), unit)}, the commitment to {write_units(target, unit)}. "
            "Change one or the other until they agree.",
            rule="investments.plan_adds_up",
        )
