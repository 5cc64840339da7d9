"""May these chips be shipped under this license? Every rule answers with a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from .checks import Finding


@dataclass(frozen=True, slots=True)
class ShipmentFacts:
    """What is known of a license on the day a shipment is recorded, and of the shipment."""

    license_number: str
    status: str
    issued_on: date
    expires_on: date
    recorded_on: date
    shipped_on: date
    longest_past_days: int
    late_reason: str
    # Chips, and value in US cents, for each line number.
    quantities: Mapping[int, int]
    values: Mapping[int, int]
    known_lines: frozenset[int]
    # Requirements that gate shipments as (title, status), and what the license stands on as (title, stands, says).
    requirements: Sequence[tuple[str, str]]
    grounds: Sequence[tuple[str, bool, str]]
    holds: Sequence[str]


_STATES = {
    "revoked": "License {} was revoked, so nothing can be shipped under it.",
    "surrendered": "License {} was surrendered, so nothing more can be shipped under it.",
    "suspended": "License {} is suspended. Nothing can be shipped under it until the suspension ends.",
    "exhausted": "Everything that license {} allows has been shipped. More needs a new license.",
}


def check_shipment(facts: ShipmentFacts) -> tuple[Finding, ...]:
    """Every rule that a shipment must meet before it draws from the license (EAR 750.7)."""
    number = facts.license_number
    moved = sum(facts.quantities.values())
    late = (facts.recorded_on - facts.shipped_on).days > facts.longest_past_days
    strange = sorted({*facts.quantities, *facts.values} - facts.known_lines)
    findings = [
        Finding(
            "shipment.lines_known",
            not strange,
            "Only the lines of the license can be shipped." + (f" It has no line {strange[0]}." if strange else ""),
            field=f"quantity_{strange[0]}" if strange else "lines",
        ),
        Finding(
            "shipment.some",
            moved > 0 and all(quantity >= 0 for quantity in facts.quantities.values()),
            "Say how many chips were shipped: a whole number of at least 1 on at least one line.",
            field="lines",
        ),
        Finding(
            "shipment.value",
            all(facts.values.get(line, 0) >= 0 for line in facts.known_lines)
            and all(
                (facts.values.get(line, 0) > 0) == (facts.quantities.get(line, 0) != 0)
                for line in {*facts.quantities, *facts.values}
            ),
            "Give the value of each line that was shipped, above zero, and of no other line.",
            field="lines",
        ),
        Finding(
            "shipment.not_in_future",
            facts.shipped_on <= facts.recorded_on,
            "A shipment is recorded once it has left. Give a date that is not in the future.",
            field="shipped_on",
        ),
        Finding(
            "shipment.in_validity",
            facts.issued_on <= facts.shipped_on <= facts.expires_on,
            f"License {number} allows shipments from {_day(facts.issued_on)} to {_day(facts.expires_on)}. "
            "A shipment outside those days needs another license.",
            field="shipped_on",
        ),
        Finding(
            "shipment.late_says_why",
            not late or bool(facts.late_reason.strip()),
            f"This shipment left more than {facts.longest_past_days} days ago. Say why it is recorded only now.",
            field="late_reason",
        ),
        Finding("shipment.license_usable", facts.status not in _STATES, _STATES.get(facts.status, "").format(number)),
    ]
    findings += [
        Finding(
            "shipment.requirement",
            status != "open",
            f"“{title}” is open. It must be verified before anything is shipped under license {number}.",
        )
        for title, status in facts.requirements
    ]
    findings += [
        Finding(
            "shipment.ground",
            stands,
            f"License {number} stands on “{title}”, which does not stand at present: {says} "
            "Nothing can be shipped until it stands again.",
        )
        for title, stands, says in facts.grounds
    ]
    findings += [Finding("shipment.no_hold", False, f"A hold stands: {says}") for says in facts.holds]
    return tuple(findings)


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def tolerance(value_cents: int, *, percent: int, quantity_left: int) -> int:
    """By how many US cents the value of a line may be passed (EAR 750.11): none once its quantity is shipped."""
    return value_cents * percent // 100 if quantity_left > 0 else 0
