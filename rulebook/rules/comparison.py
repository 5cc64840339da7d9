"""What two editions differ in, setting by setting, in words that staff can read before they choose one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rulebook.rules.editions import AnyOf, Edition, Requirement
from rulebook.rules.sources import figure
from rulebook.rules.tables import listed, measured


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting that differs; None where an edition does not have it."""

    setting: str
    before: str | None
    after: str | None


def compare_editions(before: Edition, after: Edition) -> list[Difference]:
    """Every setting in which two editions differ, in the order in which an edition is read."""
    listed_in_either = before.countries.keys() | after.countries.keys()
    old, new = describe(before, listed_in_either), describe(after, listed_in_either)
    return [
        Difference(setting, old.get(setting), new.get(setting))
        for setting in dict.fromkeys((*old, *new))
        if old.get(setting) != new.get(setting)
    ]


def describe(edition: Edition, countries: Collection[str] = ()) -> dict[str, str]:
    """
    Every setting of an edition in words, by the name of the setting.

    Of the countries, those that the edition lists; `countries` asks for those of other codes beside them.
    """
    unit = edition.unit
    by_tpp = (
        f", by TPP over the {figure(unit.reference_tpp)} of one {unit.reference_chip}" if unit.reference_tpp else ""
    )
    told = {
        "Unit": f"{unit.words}{by_tpp}",
        "Measure": edition.measure.replace("_", " "),
        "Counted with the order": listed(list(edition.base)) or "nothing",
    }
    for tier in edition.tiers:
        bounds = f"from {tier.lowest:,}" if tier.highest is None else f"{tier.lowest:,} to {tier.highest:,}"
        told[f"Tier {tier.id}"] = f"{bounds}: {_asked(edition, tier.requires)}"
    for exemption in edition.exemptions:
        conditions = [edition.facts[name].words for name in exemption.conditions]
        told[exemption.title] = f"tier {exemption.tier}, with {listed(conditions) or 'no condition'}"
    for rule in edition.country_rules.values():
        limits = [f"{measured(limit.figure, limit.below)}" for limit in rule.limits]
        parts = [
            f"effect: {rule.effect.replace('_', ' ')}",
            f"models below {listed(limits)} only" if limits else "",
            f"adds {_asked(edition, rule.adds)}" if rule.adds else "",
            f"relieves of {_asked(edition, rule.relieves)}" if rule.relieves else "",
            "reaches headquarters" if rule.headquarters_reach else "",
            "exemptions" if rule.exemptions else "no exemptions",
        ]
        told[f"Status {rule.title}"] = "; ".join(part for part in parts if part)
    told["Every other country"] = edition.country_rules[edition.default_country.status].title
    for country in sorted(map(edition.country, edition.countries.keys() | set(countries)), key=lambda each: each.name):
        told[f"Country {country.name}"] = edition.country_rules[country.status].title
    for kind in edition.kinds.values():
        asked = f": {_asked(edition, kind.requires)}" if kind.requires else ""
        told[f"Kind {kind.title}"] = f"{kind.treatment.replace('_', ' ')}{asked}"
    for words in edition.requirements.values():
        waiver = "may be waived" if words.waivable else "may not be waived"
        told[f"Requirement {words.title}"] = f"{words.sentence} Holds back the {words.gates}; {waiver}."
    for name, value in edition.process.items():
        told[f"Process {name.replace('_', ' ').replace('.', ': ')}"] = str(value.value)
    return told


def _asked(edition: Edition, requirements: Sequence[Requirement]) -> str:
    words = [
        f"any one of {listed([edition.requirements[name].title for name in entry.any_of], 'or')}"
        if isinstance(entry, AnyOf)
        else edition.requirements[entry].title
        for entry in requirements
    ]
    return listed(words) or "nothing beyond a license"
