"""What an instrument says of itself and covers, and what cannot be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from accounts.rules import Refused
from assurances.statuses import InstrumentKind
from registry.rules import normalize_model

from .lifecycle import tell_day


@dataclass(frozen=True, slots=True)
class Coverage:
    """What an instrument covers. An empty set of parties, installations or models narrows nothing."""

    countries: frozenset[str]
    parties: frozenset[int] = frozenset()
    installations: frozenset[int] = frozenset()
    models: frozenset[str] = frozenset()

    def holds(self, other: Coverage) -> bool:
        """Whether everything that `other` covers is covered here too."""
        return other.countries <= self.countries and all(
            not here or (bool(there) and there <= here)
            for here, there in (
                (self.parties, other.parties),
                (self.installations, other.installations),
                (keys_of(self.models), keys_of(other.models)),
            )
        )


def keys_of(models: Iterable[str]) -> frozenset[str]:
    """The names of chip models as they are compared."""
    return frozenset(normalize_model(model) for model in models)


def check_period(from_on: date | None, to_on: date | None) -> None:
    """Refuse a period that ends before it begins."""
    if from_on is not None and to_on is not None and to_on <= from_on:
        raise Refused(
            f"The period ends on {tell_day(to_on)}, which is not after its first day, {tell_day(from_on)}. "
            "Enter a later end.",
            rule="assurance.period",
            field="to_on",
        )


def check_ceiling(kind: str, ceiling: int | None) -> None:
    """Refuse a ceiling of nothing; only a security guarantee may cover without a count."""
    if ceiling is None and kind != InstrumentKind.SECURITY_GUARANTEE:
        raise Refused(
            "Say how many chips it covers at most. Only a security guarantee can go without a ceiling.",
            rule="assurance.ceiling",
            field="ceiling",
        )
    if ceiling is not None and ceiling < 1:
        raise Refused("A ceiling is at least 1 chip.", rule="assurance.ceiling", field="ceiling")


@dataclass(frozen=True, slots=True)
class Terms:
    """What an instrument says of itself and of what it covers, as an officer enters it."""

    kind: str
    title: str
    country: str
    government: str
    ministry: str
    us_side: str
    is_binding: bool
    countries: tuple[str, ...]
    party_ids: tuple[int, ...] = ()
    installation_ids: tuple[int, ...] = ()
    chip_models: tuple[str, ...] = ()
    ceiling: int | None = None
    from_on: date | None = None
    to_on: date | None = None
    marking: str = ""
    occasion: str = ""

    @property
    def coverage(self) -> Coverage:
        """What it would cover."""
        return Coverage(
            countries=frozenset(self.countries),
            parties=frozenset(self.party_ids),
            installations=frozenset(self.installation_ids),
            models=frozenset(self.chip_models),
        )


def check_terms(terms: Terms) -> None:
    """Refuse terms without a kind, a title, both sides, a country, or with a period or a ceiling that cannot be."""
    if terms.kind not in InstrumentKind.values:
        raise Refused("Choose the kind of instrument.", rule="assurance.kind", field="kind")
    for name, words in (
        ("title", "a title"),
        ("government", "the government that gives it"),
        ("ministry", "the ministry that signs for the government"),
        ("us_side", "who stands on the side of the United States"),
    ):
        if not getattr(terms, name).strip():
            raise Refused(f"Enter {words}.", rule="assurance.sides", field=name)
    if not terms.countries:
        raise Refused("Choose at least one country that it covers.", rule="assurance.countries", field="countries")
    check_ceiling(terms.kind, terms.ceiling)
    check_period(terms.from_on, terms.to_on)


def check_new_ceiling(ceiling: int | None, *, used: int) -> None:
    """Refuse a ceiling below what cases and licenses have reserved and drawn already."""
    if ceiling is not None and ceiling < used:
        raise Refused(
            f"{used:,} chips are reserved or drawn already, so the ceiling cannot be {ceiling:,}. Enter {used:,} or "
            "more, or have chips given back first.",
            rule="assurance.ceiling_used",
            field="ceiling",
        )
