"""What counts: chips there, licensed and pending, the worst party, and what makes two applications one."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil


@dataclass(frozen=True, slots=True)
class Counts:
    """Chips at a place before an order: there, licensed and not yet there, asked for elsewhere."""

    installed: int = 0
    licensed: int = 0
    pending: int = 0

    @property
    def total(self) -> int:
        return self.installed + self.licensed + self.pending

    def as_dict(self) -> dict[str, int]:
        """In the shape in which a determination's facts name them."""
        return {"installed": self.installed, "licensed": self.licensed, "pending": self.pending}


def larger_counts(declared: Counts, known: Counts) -> Counts:
    """The larger of what was declared and what is known, each count for itself: nothing is left out."""
    return Counts(
        installed=max(declared.installed, known.installed),
        licensed=max(declared.licensed, known.licensed),
        pending=max(declared.pending, known.pending),
    )


def chips_in_unit(
    chips: Mapping[str, int], tpp_of: Mapping[str, int | Fraction], reference_tpp: int | Fraction | None
) -> int:
    """How many an edition's unit counts for chips by model, rounded up to whole chips.

    Without a reference chip every chip counts as one. With one, a chip counts by its TPP over the
    reference's; a model of unknown TPP counts as one whole chip, never as less.
    """
    if reference_tpp is None:
        return sum(chips.values())
    total = Fraction(0)
    for model, quantity in chips.items():
        tpp = tpp_of.get(model)
        share = Fraction(1) if tpp is None else Fraction(tpp) / reference_tpp
        total += quantity * share
    return ceil(total)


def worst_party(
    pairs: Iterable[tuple[str | None, str | None]], rank_of: Mapping[str, int]
) -> tuple[str | None, str | None]:
    """Of the parties' (headquarters, ultimate parent's headquarters), the pair of the gravest country.

    `rank_of` gives a country's gravity under an edition, the gravest highest. A party treated as a barred
    or restricted country is treated so whatever its role (framework, row 9). Where two weigh the same, a
    known headquarters comes before an unknown one.
    """

    def gravity(pair: tuple[str | None, str | None]) -> tuple[int, int, str]:
        known = [country for country in pair if country]
        return (
            max((rank_of.get(country, 0) for country in known), default=0),
            len(known),
            "".join(known),
        )

    return max(pairs, key=gravity, default=(None, None))


def normalized(text: str) -> str:
    """A name or a place without case, punctuation and doubled spaces, for comparing."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


def transaction_digest(
    *,
    organization_id: int,
    purchaser: str,
    ultimate_consignee: str,
    site: tuple[str, str, str],
    items: Iterable[tuple[str, int]],
) -> str:
    """The fingerprint of a transaction: who sells what to whom for which place (EAR 748.4(f)).

    Two applications with one fingerprint are one transaction, whatever the case, the punctuation or the
    order of lines; a line split in two is still the same line.
    """
    totals: dict[str, int] = {}
    for model, quantity in items:
        totals[normalized(model)] = totals.get(normalized(model), 0) + quantity
    content = [
        organization_id,
        normalized(purchaser),
        normalized(ultimate_consignee),
        [normalized(part) for part in site],
        sorted(totals.items()),
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
