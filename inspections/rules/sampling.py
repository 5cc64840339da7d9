"""How many serial numbers must be looked at, and which: exact arithmetic, and a draw that anybody can repeat.

A sample of n out of N holds none of K missing ones with the chance C(N-K, n) / C(N, n) (hypergeometric). The size is
the smallest n for which that chance is at most what the wanted confidence leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from accounts.rules import Refused

HUNDRED = 100
_WORD = 2**64


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """The size of a sample, with everything that it follows from."""

    count: int
    tolerated_percent: Decimal
    confidence_percent: Decimal
    missing_to_meet: int
    size: int

    @property
    def chance(self) -> Fraction:
        """The chance that the sample holds none of the missing ones."""
        return chance_of_none(self.count, self.missing_to_meet, self.size)

    @property
    def chance_of_one_less(self) -> Fraction:
        """The same for a sample that is smaller by one."""
        return chance_of_none(self.count, self.missing_to_meet, self.size - 1)

    @property
    def allowed(self) -> Fraction:
        """The chance that the wanted confidence leaves."""
        return 1 - Fraction(self.confidence_percent) / HUNDRED


def chance_of_none(count: int, missing: int, size: int) -> Fraction:
    """The chance that `size` drawn out of `count` hold none of `missing`: C(N-K, n) / C(N, n), exactly."""
    if size > count - missing:
        return Fraction(0)
    return Fraction(*_terms(count, missing, size))


def _terms(count: int, missing: int, size: int) -> tuple[int, int]:
    """The chance as a fraction that is not reduced: comparing needs no common divisors, which are slow to find."""
    # C(N-K, n) / C(N, n) is symmetric in n and K, so the shorter product is taken.
    factors, other = (missing, size) if missing < size else (size, missing)
    above = below = 1
    for step in range(factors):
        above *= max(count - other - step, 0)
        below *= count - step
    return above, below


def plan_sample(count: int, tolerated_percent: Decimal, confidence_percent: Decimal) -> SamplePlan:
    """The smallest sample that meets a missing one with the wanted confidence when more than tolerated are missing.

    `tolerated_percent` of `count`, rounded up and at least one, is how many missing ones must not be overlooked.
    Raises Refused, naming the field, for a count below one and for percentages that are none.
    """
    if count < 1:
        raise Refused(
            "A sample is drawn from at least one serial number. Upload the list first.",
            rule="inspections.sample_count",
            field="list",
        )
    _check_percent(tolerated_percent, "tolerated_percent", "The tolerated share")
    _check_percent(confidence_percent, "confidence_percent", "The confidence")
    share = Fraction(tolerated_percent) * count / HUNDRED
    missing = max(1, -(-share.numerator // share.denominator))
    allowed = 1 - Fraction(confidence_percent) / HUNDRED

    def is_enough(size: int) -> bool:
        above, below = _terms(count, missing, size)
        return above * allowed.denominator <= allowed.numerator * below

    # With more drawn than there are present ones, one of the missing is always among them.
    most = count - missing + 1
    low, high = (1, 1) if allowed else (most, most)
    while high < most and not is_enough(high):
        low, high = high + 1, min(high * 2, most)
    while low < high:
        middle = (low + high) // 2
        if is_enough(middle):
            high = middle
        else:
            low = middle + 1
    return SamplePlan(count, tolerated_percent, confidence_percent, missing, low)


def _check_percent(value: Decimal, field: str, name: str) -> None:
    if not value.is_finite() or not 0 < value <= HUNDRED:
        raise Refused(
            f"{name} is more than 0 and at most 100 percent, not {value}.",
            rule="inspections.sample_percent",
            field=field,
        )
    if value != round(value, 3):
        raise Refused(
            f"{name} takes at most three decimals, as in 0.125.", rule="inspections.sample_percent", field=field
        )


def tell_plan(plan: SamplePlan) -> list[str]:
    """The arithmetic of a plan, a sentence for each step."""
    missing, size, count = plan.missing_to_meet, plan.size, plan.count
    sentences = [
        f"{count:,} serial {'number is' if count == 1 else 'numbers are'} declared.",
        f"{_plain(plan.tolerated_percent)} percent of {count:,}, rounded up, {'is' if missing == 1 else 'are'} "
        f"{missing:,}: so many missing ones must not be overlooked.",
    ]
    if size > count - missing:
        return [
            *sentences,
            f"Only {size:,} drawn, one more than the {count - missing:,} that would be there, always hold a missing "
            f"one, and a confidence of {_plain(plan.confidence_percent)} percent wants no less. So the sample "
            f"has {size:,}.",
        ]
    sentences.append(
        f"The chance that {size:,} drawn hold none of {missing:,} missing is C({count - missing:,}, {size:,}) / "
        f"C({count:,}, {size:,}) = {tell_percent(plan.chance)} percent, at most the {tell_percent(plan.allowed)} "
        f"percent that a confidence of {_plain(plan.confidence_percent)} percent leaves."
    )
    if size > 1:
        sentences.append(
            f"With {size - 1:,} it would be {tell_percent(plan.chance_of_one_less)} percent, which is more. So the "
            f"sample has {size:,}."
        )
    return sentences


def tell_percent(chance: Fraction) -> str:
    """A chance in percent with four decimals, rounded half up from the exact value."""
    scaled = chance * HUNDRED * 10_000 + Fraction(1, 2)
    whole = scaled.numerator // scaled.denominator
    return f"{whole // 10_000}.{whole % 10_000:04d}".rstrip("0").rstrip(".")


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def draw_positions(seed: str, count: int, size: int) -> list[int]:
    """`size` different positions from 1 to `count`, ascending; the same seed draws the same ones everywhere.

    The random words are the bytes of SHA-256 over "countersign.sample/1|seed|0", "…|1", and so on, eight at a time,
    big-endian. Each word that would favor small numbers is left out; the rest of the division picks the next place of
    a shuffle of all positions (Fisher and Yates), which ends after `size` steps.
    """
    words = _words(seed)
    moved: dict[int, int] = {}
    drawn = []
    for step in range(size):
        left = count - step
        fair = _WORD - _WORD % left
        word = next(words)
        while word >= fair:
            word = next(words)
        place = step + word % left
        drawn.append(moved.get(place, place) + 1)
        moved[place] = moved.pop(step, step)
    return sorted(drawn)


def _words(seed: str) -> Iterator[int]:
    block = 0
    while True:
        digest = hashlib.sha256(f"countersign.sample/1|{seed}|{block}".encode()).digest()
        for start in range(0, len(digest), 8):
            yield int.from_bytes(digest[start : start + 8], "big")
        block += 1
