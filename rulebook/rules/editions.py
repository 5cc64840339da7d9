"""
What an edition of the rules may say: statuses, tiers, bounds, units, measures, exemptions, requirements,
process values.

Nothing in this module is a rule; the rules are the editions' files.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rulebook.rules.supplements import Row, Supplement


@dataclass(frozen=True, slots=True)
class AnyOf:
    """A choice: any one of these requirements is enough."""

    any_of: tuple[str, ...]


Requirement = str | AnyOf


@dataclass(frozen=True, slots=True)
class DatedStatus:
    """What the edition was from a day on: reported, proposed, in force, withdrawn or superseded."""

    value: str
    on: date
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """A setting on which the sources are silent or disagree, with the reading chosen and why."""

    name: str
    value: str
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class Unit:
    """In what an edition counts. `reference_tpp` is None where it counts chips one by one."""

    id: str
    words: str
    reference_chip: str
    reference_tpp: int | Fraction | None
    source: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A performance figure (TPP, or GB/s) that a model must stay below."""

    figure: str
    below: int | Fraction
    source: str


@dataclass(frozen=True, slots=True)
class CountryRule:
    """What a status of a country does."""

    id: str
    title: str
    words: str
    severity: int
    effect: str
    exemptions: bool
    no_exemption_says: str
    limits: tuple[Limit, ...]
    adds: tuple[Requirement, ...]
    relieves: tuple[str, ...]
    headquarters_reach: bool
    headquarters_count: bool
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class CountryStatus:
    """The status of one country under one edition, since when and why."""

    code: str
    name: str
    status: str
    reason: str
    since: date
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Tier:
    """
    A range of quantities, in whole units: `lowest` and `highest` are the first and last that belong to it.
    """

    id: str
    title: str
    lowest: int
    highest: int | None
    requires: tuple[Requirement, ...]
    own: tuple[Requirement, ...]
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class DeclaredFact:
    """A yes-or-no fact that an edition reads, in words that fit into a sentence."""

    name: str
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class Exemption:
    """What an order of a tier needs in order to go without a license."""

    id: str
    title: str
    tier: str
    conditions: tuple[str, ...]
    disposition: str
    source: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What may be ordered, and whether it counts."""

    id: str
    title: str
    treatment: str
    says: str
    requires: tuple[Requirement, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence that an order of these models is answered with."""

    models: tuple[str, ...]
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class RequirementWords:
    """What a requirement asks of an applicant, what satisfies it, and what it holds back until then."""

    id: str
    title: str
    sentence: str
    satisfied_by: str
    gates: str
    waivable: bool
    source: str


@dataclass(frozen=True, slots=True)
class Sourced:
    """A value of the process, with its source and a note where it is an assumption."""

    value: Any
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of the rules. `country` and `value` answer questions about it; `determine` applies it."""

    id: str
    title: str
    notice: str
    status: str
    history: tuple[DatedStatus, ...]
    effective_from: date
    effective_to: date | None
    chosen_by_date: bool
    unit: Unit
    measure: str
    measure_source: str
    base: tuple[str, ...]
    open_points: tuple[OpenPoint, ...]
    country_rules: Mapping[str, CountryRule]
    countries: Mapping[str, CountryStatus]
    default_country: CountryStatus
    headquarters_says: Mapping[str, str]
    headquarters_source: str
    tiers: tuple[Tier, ...]
    no_tier_says: str
    no_tier_source: str
    facts: Mapping[str, DeclaredFact]
    exemptions: tuple[Exemption, ...]
    kinds: Mapping[str, Kind]
    remarks: tuple[Remark, ...]
    requirements: Mapping[str, RequirementWords]
    process: Mapping[str, Sourced]
    content_hash: str
    names: Mapping[str, str] = field(repr=False)
    # What `determine` works with, put in by the compiler of answers on first use and never part of the
    # edition's value.
    compiled: list[Any] = field(repr=False, compare=False, default_factory=list)
    # What was loaded beside the edition, the latest first; it is dated and hashed on its own.
    supplements: "tuple[Supplement, ...]" = field(repr=False, compare=False, default=())

    def country(self, code: str) -> CountryStatus:
        """The status of a country; a country that is not listed has the default status."""
        listed = self.countries.get(code)
        if listed is not None:
            return listed
        other = self.default_country
        return CountryStatus(
            code,
            self.names.get(code, code),
            other.status,
            other.reason,
            other.since,
            other.source,
            other.note,
        )

    def tier(self, id_: str) -> Tier:
        """The tier of this id. Raises KeyError."""
        for tier in self.tiers:
            if tier.id == id_:
                return tier
        raise KeyError(id_)

    def value(self, name: str) -> Any:
        """
        A process value by its path, such as `clock.total_days`. Raises KeyError for a path the edition lacks.
        """
        return self.sourced(name).value

    def sourced(self, name: str) -> Sourced:
        """
        A process value with its source: the edition's own, or that of its latest supplement which has one.

        Raises KeyError.
        """
        if name in self.process:
            return self.process[name]
        for supplement in self.supplements:
            if name in supplement.process:
                return supplement.process[name]
        raise KeyError(name)

    def rows(self, name: str) -> "tuple[Row, ...]":
        """A list of its latest supplement that has one, such as `undertakings`; empty where none has."""
        return next((each.lists[name] for each in self.supplements if name in each.lists), ())

    def row(self, name: str, id_: str) -> "Row":
        """One entry of such a list. Raises KeyError."""
        for entry in self.rows(name):
            if entry.id == id_:
                return entry
        raise KeyError(f"{name}: {id_}")

    def signatures(self, tier: str | None) -> int:
        """How many signatures a decision needs for a tier, or where no tier applies."""
        return int(self.value(f"signatures.{tier or 'no_tier'}"))

    def status_on(self, day: date) -> str | None:
        """What the edition was on a day, or None before it was known."""
        known = [entry.value for entry in self.history if entry.on <= day]
        return known[-1] if known else None

    def covers(self, day: date) -> bool:
        """Whether a day lies in the period of the edition; the start is inclusive, the end exclusive."""
        return self.effective_from <= day and (self.effective_to is None or day < self.effective_to)


def choose_edition(editions: Mapping[str, Edition], day: date) -> Edition | None:
    """
    The edition that a day picks: of those that may be chosen by date and whose period covers the day, the one
    that began last. None where no edition covers the day.
    """
    open_on = [edition for edition in editions.values() if edition.chosen_by_date and edition.covers(day)]
    return max(open_on, key=lambda edition: (edition.effective_from, edition.id), default=None)
