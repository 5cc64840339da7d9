"""
The answer: what an edition requires of an order, with every reason in one plain sentence.

`determine` touches no database, clock or setting: the same facts under the same edition are the same bytes.
An edition is interpreted once into tables of checks and finished sentences; an answer then looks up what it
can, and formats only the sentences that hold the order's own numbers.
"""

from fractions import Fraction

from rulebook.rules.answers import Determination, Reason
from rulebook.rules.editions import Edition, Requirement
from rulebook.rules.facts import Facts, Item
from rulebook.rules.sources import figure
from rulebook.rules.tables import (
    FIGURE_WORDS,
    CountryTable,
    EditionTable,
    Outcome,
    StatusTable,
    listed,
    measured,
    requirement_reason,
)


class _Order:
    """What the lines of an order come to."""

    __slots__ = ("asked", "chips", "controlled", "notes", "over", "performance")

    def __init__(self) -> None:
        self.chips = 0
        self.performance: int | Fraction = 0
        self.over: tuple[Item, ...] = ()
        self.notes: tuple[Reason, ...] = ()
        self.controlled = False
        self.asked: tuple[tuple[Requirement, Reason], ...] = ()


def determine(facts: Facts, edition: Edition) -> Determination:
    """
    What the edition requires of an order. Never raises for facts that `parse_facts` accepted.

    The quantity that counts is this order and what the edition counts with it, in whole units, over its
    measure. The country that counts is the one with the worst status among the destination and the
    headquarters of the end user and its ultimate parent, save for a destination whose status lets no
    headquarters replace it (a domestic delivery).
    """
    table: EditionTable = edition.compiled[0] if edition.compiled else _compile(edition)
    reasons: list[Reason] = []
    country = _country_that_counts(table, facts, reasons)
    status = country.status
    order = _read_lines(table, facts, status)
    if order.notes:
        # A line's place in the order is not a fact about it, and one sentence is said once.
        reasons += order.notes if len(order.notes) == 1 else sorted(set(order.notes), key=_reason_order)
    quantity = _count(table, facts, order, reasons)
    tier: str | None = None
    requirements: tuple[Requirement, ...] = ()
    if status.effect == "not_an_export":
        disposition = "not_controlled"
    elif status.effect == "bar":
        disposition = "barred"
    elif not order.chips and not order.controlled:
        disposition = "not_controlled"
    elif order.over:
        disposition = "barred"
        reasons += [_over_limits(item, status, country.name) for item in sorted(set(order.over), key=_line_order)]
    else:
        if status.below_limits is not None and order.chips:
            reasons.append(status.below_limits)
        outcome = status.outcomes[_place(table.lowests, quantity) if order.chips else 0]
        if outcome.tier is not None:
            tier = outcome.tier.id
            reasons.append(Reason(outcome.rule, f"The count of {quantity:,} {outcome.tier_tail}", outcome.tier.source))
        elif order.chips and table.no_tier is not None:
            reasons.append(table.no_tier)
        disposition, requirements = _license_or_exemption(outcome, order, facts.declared, reasons)
    reasons.append(table.notice)
    return Determination(
        edition.id,
        disposition,
        tier,
        edition.unit.id,
        edition.measure,
        quantity,
        requirements,
        tuple(reasons),
    )


def _compile(edition: Edition) -> EditionTable:
    made = EditionTable(edition)
    edition.compiled.append(made)
    return made


def _country_that_counts(table: EditionTable, facts: Facts, reasons: list[Reason]) -> CountryTable:
    country = table.country(facts.destination)
    status = country.status
    headquarters, parent = facts.headquarters, facts.ultimate_parent_headquarters
    role = 0
    if status.headquarters_count:
        if headquarters is not None and headquarters != facts.destination:
            other = table.country(headquarters)
            if other.status.headquarters_reach and other.status.severity > country.status.severity:
                country, role = other, 1
        if parent is not None and parent != headquarters:
            other = table.country(parent)
            if other.status.headquarters_reach and other.status.severity > country.status.severity:
                country, role = other, 2
    reasons.append(country.reason(role))
    if country.status.effect == "license" and (headquarters is None or parent is None):
        if headquarters is parent:
            reasons.append(table.unknown["unknown_both"])
        else:
            reasons.append(table.unknown["unknown_end_user" if headquarters is None else "unknown_ultimate_parent"])
    return country


def _read_lines(table: EditionTable, facts: Facts, status: StatusTable) -> _Order:
    order = _Order()
    for item in facts.items:
        treated = table.kinds.get(item.kind)
        if treated is None:
            order.notes += (_unread_kind(item, table.edition),)
            continue
        kind, says = treated
        if kind.treatment != "counted":
            order.notes += (says,)
            if kind.treatment == "controlled":
                order.controlled = True
                order.asked += tuple(
                    (requirement, requirement_reason(table.edition, requirement, kind.source))
                    for requirement in kind.requires
                )
            continue
        order.chips += item.quantity
        if table.reference is not None:
            order.performance += item.quantity * (item.tpp or 0)
        for limit in status.limits:
            value = item.tpp if limit.figure == "tpp" else item.memory_bandwidth_gbs
            if value is not None and value >= limit.below:
                order.over += (item,)
                break
        if item.declared_tpp is not None or item.declared_memory_bandwidth_gbs is not None:
            order.notes += (_catalogue_wins(item),)
        if item.model in table.remarks:
            order.notes += (table.remarks[item.model],)
    return order


def _count(table: EditionTable, facts: Facts, order: _Order, reasons: list[Reason]) -> int:
    """The quantity that counts, in whole units, and the sum that led to it as a reason."""
    reference = table.reference
    ordered = order.chips if reference is None else _whole(order.performance / Fraction(reference))
    here, elsewhere = facts.installation, facts.group_in_country
    quantity = ordered
    present = ""
    if table.base:
        counts = table.base_of(here)
        quantity += sum(counts)
        present = table.here_words.format(*counts)
        if table.with_group:
            counts = table.base_of(elsewhere)
            quantity += sum(counts)
            present += table.elsewhere_words.format(*counts, place=table.country(facts.destination).name)
    if order.chips:
        unit = table.edition.unit
        if reference is None:
            says = f"Counted in {unit.words}: {ordered:,} ordered{present} = {quantity:,}."
        else:
            chips = "1 chip" if order.chips == 1 else f"{order.chips:,} chips"
            says = (
                f"Counted in {unit.words}: {ordered:,} ordered ({chips}, by TPP over the {figure(reference)} of "
                f"one {unit.reference_chip}, rounded up){present} = {quantity:,}."
            )
        reasons.append(Reason("counted", says, table.edition.measure_source))
    return quantity


def _place(lowests: tuple[int, ...], quantity: int) -> int:
    """How many tiers begin at or below the quantity: the place of its outcome."""
    place = 0
    for lowest in lowests:
        if quantity < lowest:
            break
        place += 1
    return place


def _license_or_exemption(
    outcome: Outcome, order: _Order, declared: frozenset[str], reasons: list[Reason]
) -> tuple[str, tuple[Requirement, ...]]:
    requirements = outcome.requirements
    if not order.controlled:
        for exemption in outcome.exemptions:
            if declared.issuperset(exemption.conditions):
                reasons.append(exemption.met)
                return exemption.disposition, ()
    reasons += outcome.reasons
    for requirement, reason in sorted(order.asked, key=_asked_order):
        if requirement not in requirements:
            requirements += (requirement,)
            reasons.append(reason)
    if not requirements:
        reasons.append(outcome.nothing_more)
    if not order.controlled:
        reasons += [exemption.lacks(declared) for exemption in outcome.exemptions]
        if outcome.no_exemption is not None:
            reasons.append(outcome.no_exemption)
    return "license_required", requirements


def _whole(number: Fraction) -> int:
    """A number of chips rounded up to whole chips."""
    return -(-number.numerator // number.denominator)


def _over_limits(item: Item, status: StatusTable, country: str) -> Reason:
    above: list[str] = []
    sources: list[str] = []
    for limit in status.limits:
        value = item.tpp if limit.figure == "tpp" else item.memory_bandwidth_gbs
        if value is not None and value >= limit.below:
            unit = FIGURE_WORDS[limit.figure][1]
            above.append(f"{measured(limit.figure, value)}, which is not below {figure(limit.below)}{unit}")
            if limit.source not in sources:
                sources.append(limit.source)
    says = (
        f"The line of {item.quantity:,} {item.model} is above the limits for {country}: it has "
        f"{listed(above)}. One such line bars the whole order."
    )
    return Reason(f"limits.{status.rule.id}", says, "; ".join(sources))


def _catalogue_wins(item: Item) -> Reason:
    declared = [
        measured(name, value)
        for name, value in (
            ("tpp", item.declared_tpp),
            ("memory_bandwidth_gbs", item.declared_memory_bandwidth_gbs),
        )
        if value is not None
    ]
    own = [measured("tpp", item.tpp or 0), measured("memory_bandwidth_gbs", item.memory_bandwidth_gbs or 0)]
    return Reason(
        "figures.catalogue",
        f"{item.model} is in the catalogue of chips with {listed(own)}; these figures are used, not the "
        f"declared {listed(declared)}.",
        "catalogue of chips",
    )


def _unread_kind(item: Item, edition: Edition) -> Reason:
    return Reason(
        "kind.unread",
        f"This edition says nothing about items of the kind {item.kind}, so nothing is required for them.",
        edition.history[-1].source,
    )


def _reason_order(reason: Reason) -> tuple[str, str]:
    return reason.rule, reason.says


def _line_order(item: Item) -> tuple[str, int, int | Fraction, int | Fraction]:
    return item.model, item.quantity, item.tpp or 0, item.memory_bandwidth_gbs or 0


def _asked_order(asked: tuple[Requirement, Reason]) -> str:
    return asked[1].rule
