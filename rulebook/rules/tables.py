"""
An edition interpreted once: tables of checks, and the sentences that do not depend on an order's numbers.
"""

from collections.abc import Callable
from fractions import Fraction
from operator import attrgetter
from typing import Final

from rulebook.rules.answers import Reason
from rulebook.rules.editions import CountryRule, Edition, Exemption, Requirement, Tier
from rulebook.rules.facts import Counts
from rulebook.rules.sources import figure

_SUBJECTS: Final = (
    "The destination is",
    "The end user has its headquarters in",
    "The end user's ultimate parent has its headquarters in",
)
FIGURE_WORDS: Final = {"tpp": ("TPP", ""), "memory_bandwidth_gbs": ("memory bandwidth", " GB/s")}


class Outcome:
    """What a tier asks of an order for a country of one status."""

    __slots__ = (
        "exemptions",
        "no_exemption",
        "nothing_more",
        "reasons",
        "requirements",
        "rule",
        "tier",
        "tier_tail",
    )

    def __init__(self, edition: Edition, rule: CountryRule, tier: Tier | None) -> None:
        asked: list[Requirement] = []
        sources: list[str] = []
        if tier is not None:
            for requirement in tier.requires:
                asked.append(requirement)
                sources.append(_tier_source(edition, tier, requirement))
        for requirement in rule.adds:
            if requirement not in asked:
                asked.append(requirement)
                sources.append(rule.source)
        kept = [
            (requirement, source)
            for requirement, source in zip(asked, sources, strict=True)
            if requirement not in rule.relieves
        ]
        self.tier = tier
        self.rule = f"tier.{tier.id}" if tier is not None else ""
        self.tier_tail = _tier_tail(tier, edition.unit.words) if tier is not None else ""
        self.nothing_more = Reason(
            "requirement.none",
            "A license is required; the edition asks for nothing beyond it.",
            (tier or rule).source,
        )
        self.requirements: tuple[Requirement, ...] = tuple(requirement for requirement, _ in kept)
        self.reasons = tuple(requirement_reason(edition, requirement, source) for requirement, source in kept)
        offered = [entry for entry in edition.exemptions if tier is not None and entry.tier == tier.id]
        self.exemptions = tuple(ExemptionTable(edition, entry) for entry in offered) if rule.exemptions else ()
        self.no_exemption = (
            Reason("exemption.none", rule.no_exemption_says, rule.source)
            if offered and not rule.exemptions and rule.no_exemption_says
            else None
        )


class ExemptionTable:
    """An exemption with the sentences about what it lacks, each made once."""

    __slots__ = ("_missing", "_words", "conditions", "disposition", "entry", "met")

    def __init__(self, edition: Edition, entry: Exemption) -> None:
        self.entry = entry
        self.conditions = entry.conditions
        self.disposition = entry.disposition
        self._words = {name: edition.facts[name].words for name in entry.conditions}
        self._missing: dict[tuple[str, ...], Reason] = {}
        held = listed([self._words[name] for name in entry.conditions])
        verb = "is" if len(entry.conditions) == 1 else "are"
        self.met = Reason(
            f"exemption.{entry.id}",
            f"No license is required while {held} {verb} in place."
            if entry.conditions
            else "No license is required for an order of this size.",
            entry.source,
        )

    def lacks(self, declared: frozenset[str]) -> Reason:
        """What is still missing; called only when something is."""
        missing = tuple(name for name in self.conditions if name not in declared)
        reason = self._missing.get(missing)
        if reason is None:
            told = listed([self._words[name] for name in missing])
            also = "" if len(missing) == len(self.conditions) else " as well"
            reason = self._missing[missing] = Reason(
                f"exemption.{self.entry.id}",
                f"An order of this size would need no license if there were {told}{also}.",
                self.entry.source,
            )
        return reason


class CountryTable:
    """The status of one country, with what an answer says about it in each of three roles."""

    __slots__ = ("_code", "_edition", "_reasons", "name", "status")

    def __init__(self, edition: Edition, code: str, status: "StatusTable") -> None:
        self._edition = edition
        self._code = code
        self.status = status
        self.name = edition.names.get(code, code)
        self._reasons: list[Reason | None] = [None, None, None]

    def reason(self, role: int) -> Reason:
        made = self._reasons[role]
        if made is None:
            made = self._reasons[role] = self._make(role)
        return made

    def _make(self, role: int) -> Reason:
        entry, rule = self._edition.country(self._code), self.status.rule
        if role == 0 and rule.says:
            says = rule.says
        else:
            as_if = "; the order is treated as one for that country, wherever the chips go" if role else ""
            says = f"{_SUBJECTS[role]} {self.name}, {rule.words}: {entry.reason}{as_if}."
        return Reason(f"country.{rule.id}", says, entry.source)


class StatusTable:
    """A status of countries, with the outcome of every tier."""

    __slots__ = (
        "below_limits",
        "effect",
        "headquarters_count",
        "headquarters_reach",
        "limits",
        "outcomes",
        "rule",
        "severity",
    )

    def __init__(self, edition: Edition, rule: CountryRule) -> None:
        self.rule = rule
        self.severity = rule.severity
        self.effect = rule.effect
        self.headquarters_reach = rule.headquarters_reach
        self.headquarters_count = rule.headquarters_count
        self.limits = rule.limits
        # The first outcome is for a quantity below every tier.
        self.outcomes = tuple(Outcome(edition, rule, tier) for tier in (None, *edition.tiers))
        self.below_limits = (
            Reason(
                f"limits.{rule.id}",
                f"Every model ordered is below the limits for {rule.words}: "
                + listed([measured(limit.figure, limit.below) for limit in rule.limits])
                + ".",
                "; ".join(dict.fromkeys(limit.source for limit in rule.limits)),
            )
            if rule.limits
            else None
        )


class EditionTable:
    """An edition as checks and finished sentences."""

    __slots__ = (
        "base",
        "base_of",
        "countries",
        "edition",
        "elsewhere_words",
        "fallback",
        "here_words",
        "kinds",
        "lowests",
        "no_tier",
        "notice",
        "reference",
        "remarks",
        "unknown",
        "with_group",
    )

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.reference = edition.unit.reference_tpp
        # The other installations of a parent come on top of this one, so the stricter of both measures is
        # theirs.
        self.with_group = edition.measure != "installation"
        self.base = edition.base
        self.base_of = _getter(edition.base)
        summed = "".join(f" + {{:,}} {name}" for name in edition.base)
        self.here_words = f"{summed} at this installation"
        self.elsewhere_words = f"{summed} at other installations of the ultimate parent in {{place}}"
        statuses = {id_: StatusTable(edition, rule) for id_, rule in edition.country_rules.items()}
        self.fallback = statuses[edition.default_country.status]
        self.countries = {
            code: CountryTable(edition, code, statuses[edition.country(code).status]) for code in edition.names
        }
        self.lowests = tuple(tier.lowest for tier in edition.tiers)
        self.kinds = {id_: (kind, Reason(f"kind.{id_}", kind.says, kind.source)) for id_, kind in edition.kinds.items()}
        self.remarks = {
            model: Reason("remark", remark.says, remark.source) for remark in edition.remarks for model in remark.models
        }
        self.unknown = {
            key: Reason("country.headquarters_unknown", says, edition.headquarters_source)
            for key, says in edition.headquarters_says.items()
        }
        self.no_tier = (
            Reason("tier.none", edition.no_tier_says, edition.no_tier_source) if edition.no_tier_says else None
        )
        self.notice = Reason(f"edition.{edition.status}", edition.notice, edition.history[-1].source)

    def country(self, code: str) -> CountryTable:
        """A country's table; one that left ISO 3166 since an order was stored keeps the default status."""
        return self.countries.get(code) or CountryTable(self.edition, code, self.fallback)


def _getter(base: tuple[str, ...]) -> Callable[[Counts], tuple[int, ...]]:
    """What reads the counts that an edition counts out of all of them."""
    if len(base) > 1:
        return attrgetter(*base)
    return lambda counts: tuple(getattr(counts, name) for name in base)


def listed(words: list[str], joint: str = "and") -> str:
    """Words as a sentence lists them: a; a and b; a, b, and c."""
    if len(words) <= 2:
        return f" {joint} ".join(words)
    return f"{', '.join(words[:-1])}, {joint} {words[-1]}"


def measured(name: str, value: int | Fraction) -> str:
    """A performance figure in words, with its unit."""
    words, unit = FIGURE_WORDS[name]
    return f"{words} {figure(value)}{unit}"


def _tier_source(edition: Edition, tier: Tier, requirement: Requirement) -> str:
    """The source of a requirement is that of the tier that first asks for it."""
    for entry in edition.tiers:
        if requirement in entry.own:
            return entry.source
    return tier.source


def _tier_tail(tier: Tier, words: str) -> str:
    if tier.highest is None:
        return f"is in tier {tier.id}, which begins at {tier.lowest:,} {words}."
    return f"is in tier {tier.id}, which runs from {tier.lowest:,} to {tier.highest:,} {words}."


def requirement_reason(edition: Edition, requirement: Requirement, source: str) -> Reason:
    """The sentence that says what a requirement, or a choice among several, asks for."""
    if isinstance(requirement, str):
        return Reason(f"requirement.{requirement}", edition.requirements[requirement].sentence, source)
    choices = [edition.requirements[name].sentence.rstrip(".") for name in requirement.any_of]
    told = "; or ".join([choice[0].lower() + choice[1:] for choice in choices])
    return Reason(f"requirement.any_of.{'.'.join(requirement.any_of)}", f"Any one of these is enough: {told}.", source)
