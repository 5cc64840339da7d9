"""
Reading an edition from its YAML text, and refusing a text that is ambiguous, incomplete or without sources.
"""

import hashlib
from collections.abc import Mapping
from typing import Protocol, TypeVar

from rulebook.rules.blocks import Block, EditionError, unsourced
from rulebook.rules.catalogue import Country
from rulebook.rules.editions import (
    AnyOf,
    CountryRule,
    CountryStatus,
    DatedStatus,
    DeclaredFact,
    Edition,
    Exemption,
    Kind,
    Limit,
    OpenPoint,
    Remark,
    Requirement,
    RequirementWords,
    Tier,
    Unit,
)
from rulebook.rules.sources import read_yaml
from rulebook.rules.supplements import read_process

STATUSES = ("reported", "proposed", "in_force", "withdrawn", "superseded")
MEASURES = ("installation", "ultimate_parent_in_country", "stricter_of_both")
EFFECTS = ("license", "bar", "not_an_export")
TREATMENTS = ("counted", "controlled", "not_controlled")
GATES = ("issue", "shipment")
FIGURES = ("tpp", "memory_bandwidth_gbs")
BASE = ("installed", "licensed", "pending")


def compile_edition(text: str, countries: Mapping[str, Country]) -> Edition:
    """
    The edition written in a YAML text.

    Raises EditionError, naming the place, when a value is missing, has no source, is of the wrong kind, names
    a country, tier, fact or requirement that does not exist, or when tiers overlap or leave a gap.
    """
    try:
        content = read_yaml(text)
    except ValueError as error:
        raise EditionError(str(error)) from error
    if missing := unsourced(content):
        raise EditionError(f"these values have no source beside them: {', '.join(missing)}")
    with Block(content, "") as root:
        return _edition(root, text, countries)


def _edition(root: Block, text: str, countries: Mapping[str, Country]) -> Edition:
    with root.block("edition") as head:
        id_, title, notice = head.text("id"), head.text("title"), head.text("notice")
    history = tuple(_dated_status(block) for block in root.blocks("status"))
    if not history or sorted(history, key=lambda entry: entry.on) != list(history):
        raise EditionError("status must list at least one dated status, the earliest first")
    with root.block("effective") as period:
        effective_from, effective_to = period.day("from"), period.day_or_open("to")
        chosen_by_date = period.flag("chosen_by_date")
    if effective_to is not None and effective_to <= effective_from:
        raise EditionError("effective.to must be later than effective.from; the end is exclusive")
    requirements = _by_id([_requirement_words(block) for block in root.blocks("requirements")], "requirements")
    facts = {fact.name: fact for fact in map(_declared_fact, root.blocks("facts"))}
    kinds = _by_id([_kind(block, requirements) for block in root.blocks("kinds")], "kinds")
    with root.block("counting") as counting:
        unit, measure, measure_source, base, accumulates, open_points = _counting(counting)
    tiers = _tiers(root.blocks("tiers"), requirements, accumulates=accumulates)
    no_tier_says = no_tier_source = ""
    if root.has("no_tier"):
        with root.block("no_tier") as block:
            no_tier_says, no_tier_source = block.text("says"), block.source
    elif not tiers or tiers[0].lowest > 1:
        raise EditionError(
            "no_tier is missing: some quantities are in no tier, and the answer must say what then holds"
        )
    rules = _by_id([_country_rule(block, requirements) for block in root.blocks("statuses")], "statuses")
    with root.block("countries") as block:
        default, listed = _countries(block, rules, countries)
    with root.block("headquarters") as block:
        says = {key: block.text(key) for key in ("unknown_end_user", "unknown_ultimate_parent", "unknown_both")}
        headquarters_source = block.source
    exemptions = tuple(_exemption(block, tiers, facts) for block in root.blocks("exemptions"))
    remarks = tuple(_remark(block) for block in root.blocks("remarks"))
    process = read_process(root.block("process"))
    for tier in (*(tier.id for tier in tiers), "no_tier"):
        if f"signatures.{tier}" not in process:
            raise EditionError(f"process.signatures.{tier} is missing")
    return Edition(
        id=id_,
        title=title,
        notice=notice,
        status=history[-1].value,
        history=history,
        effective_from=effective_from,
        effective_to=effective_to,
        chosen_by_date=chosen_by_date,
        unit=unit,
        measure=measure,
        measure_source=measure_source,
        base=base,
        open_points=open_points,
        country_rules=rules,
        countries=listed,
        default_country=default,
        headquarters_says=says,
        headquarters_source=headquarters_source,
        tiers=tiers,
        no_tier_says=no_tier_says,
        no_tier_source=no_tier_source,
        facts=facts,
        exemptions=exemptions,
        kinds=kinds,
        remarks=remarks,
        requirements=requirements,
        process=process,
        content_hash=hashlib.sha256(text.encode()).hexdigest(),
        names={code: country.sentence for code, country in countries.items()},
    )


class _Named(Protocol):
    @property
    def id(self) -> str: ...


_Entry = TypeVar("_Entry", bound=_Named)


def _by_id(entries: list[_Entry], where: str) -> dict[str, _Entry]:
    found: dict[str, _Entry] = {}
    for entry in entries:
        if entry.id in found:
            raise EditionError(f"{where} has “{entry.id}” twice")
        found[entry.id] = entry
    return found


def _dated_status(block: Block) -> DatedStatus:
    with block:
        return DatedStatus(block.choice("value", STATUSES), block.day("on"), block.source, block.note)


def _requirement_words(block: Block) -> RequirementWords:
    with block:
        return RequirementWords(
            id=block.text("id"),
            title=block.text("title"),
            sentence=block.text("sentence"),
            satisfied_by=block.text("satisfied_by"),
            gates=block.choice("gates", GATES),
            waivable=block.flag("waivable"),
            source=block.source,
        )


def _declared_fact(block: Block) -> DeclaredFact:
    with block:
        name = block.text("name")
        if name in ("destination", "end_user", "items", "installation", "group_in_country"):
            raise EditionError(f"{block.path}.name: “{name}” is a field of every order")
        return DeclaredFact(name, block.text("words"), block.source)


def _required(block: Block, key: str, known: Mapping[str, RequirementWords]) -> tuple[Requirement, ...]:
    """
    A list of requirements, each a name or a choice `any_of: [names]`; every name must be in the catalogue.
    """
    if not block.has(key):
        return ()
    entries = block.raw(key)
    if not isinstance(entries, list):
        raise EditionError(f"{block.path}.{key} must be a list of requirements")
    found: list[Requirement] = []
    for entry in entries:
        names: object = entry["any_of"] if isinstance(entry, dict) and entry.keys() == {"any_of"} else [entry]
        if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            raise EditionError(f"{block.path}.{key}: {entry!r} is neither a name nor a choice `any_of`")
        for name in names:
            if name not in known:
                raise EditionError(f"{block.path}.{key}: “{name}” is not in the list of requirements")
        found.append(AnyOf(tuple(names)) if isinstance(entry, dict) else str(entry))
    return tuple(found)


def _kind(block: Block, requirements: Mapping[str, RequirementWords]) -> Kind:
    with block:
        treatment = block.choice("treatment", TREATMENTS)
        return Kind(
            id=block.text("id"),
            title=block.text("title"),
            treatment=treatment,
            says=block.text("says", "" if treatment == "counted" else None),
            requires=_required(block, "requires", requirements),
            source=block.source,
        )


def _counting(
    block: Block,
) -> tuple[Unit, str, str, tuple[str, ...], bool, tuple[OpenPoint, ...]]:
    with block.block("unit") as part:
        reference = part.figure("reference_tpp") if part.has("reference_tpp") else None
        unit = Unit(
            id=part.text("value"),
            words=part.text("words"),
            reference_chip=part.text("reference_chip") if reference is not None else "",
            reference_tpp=reference,
            source=part.source,
        )
        points = [OpenPoint("unit", unit.id, part.note, part.source)]
    with block.block("measure") as part:
        measure, measure_source = part.choice("value", MEASURES), part.source
        points.append(OpenPoint("measure", measure, part.note, part.source))
    with block.block("bounds") as part:
        points.append(OpenPoint("bounds", part.text("value"), part.note, part.source))
    with block.block("installed_base") as part:
        base = part.names("counts")
        if unknown := set(base) - set(BASE):
            raise EditionError(f"{part.path}.counts: {', '.join(sorted(unknown))} cannot count; {', '.join(BASE)} can")
        points.append(OpenPoint("installed_base", ", ".join(base) or "none", part.note, part.source))
    with block.block("accumulation") as part:
        accumulates = part.flag("value")
        points.append(OpenPoint("accumulation", "yes" if accumulates else "no", part.note, part.source))
    return (
        unit,
        measure,
        measure_source,
        tuple(name for name in BASE if name in base),
        accumulates,
        tuple(points),
    )


def _tiers(blocks: list[Block], requirements: Mapping[str, RequirementWords], *, accumulates: bool) -> tuple[Tier, ...]:
    tiers: list[Tier] = []
    gathered: list[Requirement] = []
    for block in blocks:
        with block:
            lowest, highest = block.whole("from"), block.whole_or_open("to")
            if not block.flag("from_inclusive"):
                lowest += 1
            if not block.flag("to_inclusive", True if highest is None else None) and highest is not None:
                highest -= 1
            own = _required(block, "requires", requirements)
            id_ = block.text("id")
            if highest is not None and highest < lowest:
                raise EditionError(f"{block.path}: no quantity can be in tier {id_}")
            expected = (tiers[-1].highest or 0) + 1 if tiers else lowest
            if tiers and (tiers[-1].highest is None or lowest != expected):
                ends = "has no end" if tiers[-1].highest is None else f"ends at {tiers[-1].highest:,}"
                raise EditionError(
                    f"{block.path}: tier {id_} begins at {lowest:,}, but the tier before it {ends}; "
                    "tiers may neither overlap nor leave a gap"
                )
            if accumulates:
                gathered += [requirement for requirement in own if requirement not in gathered]
            else:
                gathered = list(own)
            tiers.append(
                Tier(id_, block.text("title"), lowest, highest, tuple(gathered), own, block.source, block.note)
            )
    if tiers and tiers[-1].highest is not None:
        raise EditionError("tiers: the last tier must have no upper bound (`to: null`)")
    _by_id(tiers, "tiers")
    return tuple(tiers)


def _country_rule(block: Block, requirements: Mapping[str, RequirementWords]) -> CountryRule:
    with block:
        effect = block.choice("effect", EFFECTS)
        limits: list[Limit] = []
        if block.has("limits"):
            for part in block.blocks("limits"):
                with part:
                    limits.append(Limit(part.choice("figure", FIGURES), part.figure("below"), part.source))
        relieves = block.names("relieves", ())
        if unknown := [name for name in relieves if name not in requirements]:
            raise EditionError(f"{block.path}.relieves: “{unknown[0]}” is not in the list of requirements")
        exemptions = block.flag("exemptions", False)
        return CountryRule(
            id=block.text("id"),
            title=block.text("title"),
            words=block.text("words"),
            severity=block.whole("severity"),
            effect=effect,
            exemptions=exemptions,
            no_exemption_says=block.text("no_exemption_says", "" if not block.has("no_exemption_says") else None),
            limits=tuple(limits),
            adds=_required(block, "adds", requirements),
            relieves=relieves,
            headquarters_reach=block.flag("headquarters_reach", False),
            headquarters_count=block.flag("headquarters_count", True),
            says=block.text("says", None if effect == "not_an_export" else ""),
            source=block.source,
        )


def _countries(
    block: Block, rules: Mapping[str, CountryRule], countries: Mapping[str, Country]
) -> tuple[CountryStatus, dict[str, CountryStatus]]:
    def read(part: Block, code: str) -> CountryStatus:
        name = countries[code].sentence if code else ""
        status = part.text("status")
        if status not in rules:
            raise EditionError(f"{part.path}.status: “{status}” is not in the list of statuses")
        return CountryStatus(code, name, status, part.text("reason"), part.day("since"), part.source, part.note)

    with block.block("default") as part:
        default = read(part, "")
    listed: dict[str, CountryStatus] = {}
    for part in block.blocks("listed"):
        with part:
            for code in part.names("codes"):
                if code not in countries:
                    raise EditionError(f"{part.path}.codes: “{code}” is not a country of ISO 3166")
                if code in listed:
                    raise EditionError(f"{part.path}.codes: {code} has a status already")
                listed[code] = read(part, code)
    return default, listed


def _exemption(block: Block, tiers: tuple[Tier, ...], facts: Mapping[str, DeclaredFact]) -> Exemption:
    with block:
        tier = block.text("tier")
        if tier not in {entry.id for entry in tiers}:
            raise EditionError(f"{block.path}.tier: “{tier}” is not a tier of this edition")
        conditions = block.names("conditions")
        if unknown := [name for name in conditions if name not in facts]:
            raise EditionError(f"{block.path}.conditions: “{unknown[0]}” is not in the list of facts")
        return Exemption(
            id=block.text("id"),
            title=block.text("title"),
            tier=tier,
            conditions=conditions,
            disposition=block.choice("disposition", ("exempt", "not_controlled")),
            source=block.source,
        )


def _remark(block: Block) -> Remark:
    with block:
        return Remark(block.names("models"), block.text("says"), block.source)
