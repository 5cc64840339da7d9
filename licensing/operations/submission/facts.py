"""What the rules are asked: seats, counts and items as facts, and the determination that answers."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from accounts.rules import Refused
from deadlines.rules import day_of
from licensing.models import Application, ApplicationParty
from licensing.rules import (
    Counts,
    chips_in_unit,
    worst_party,
)
from licensing.statuses import ItemKind
from registry.models import Installation, OwnershipLink, Party
from registry.selectors import get_place_counts, list_controlling_owners
from rulebook.rules import BadFacts, Determination, Edition, determine, parse_facts
from rulebook.selectors import get_catalogue


def list_declared_headquarters(parties: Iterable[ApplicationParty]) -> list[tuple[str | None, str | None]]:
    """Each party's seat and its ultimate parent's. Where no seat is stated, the country of its address stands in:
    what is left out must not make anything better."""
    return [(named.headquarters_id or named.country_id, named.ultimate_parent_headquarters_id) for named in parties]


def list_known_headquarters(parties: list[Party], *, at: datetime) -> list[tuple[str | None, str | None]]:
    """What the registry knew of the parties' seats, and of the seats of everybody who controls them."""
    known: list[tuple[str | None, str | None]] = [(party.headquarters_id, None) for party in parties]
    if parties:
        owned = OwnershipLink.objects.filter(owned__in=parties).values_list("owned_id", flat=True).distinct()
        with_owners = set(owned)
        for party in parties:
            above = list_controlling_owners(party, day_of(at)) if party.pk in with_owners else []
            known += [(party.headquarters_id, owner.headquarters_id) for owner in above]
    return known


def count_known(installation: Installation, edition: Edition, *, at: datetime) -> tuple[Counts, Counts]:
    """What the books know of an installation, and of its operator's group in the country, in the edition's unit."""
    own, group = get_place_counts(installation, day_of(at))
    return _in_unit(own, edition), _in_unit(group, edition)


def _in_unit(counts: Mapping[str, Any], edition: Edition) -> Counts:
    catalogue = get_catalogue()
    tpp_of = {name: chip.tpp.value for name in counts if (chip := catalogue.find_chip(name))}

    def counted(stage: str) -> int:
        return chips_in_unit(
            {model: getattr(row, stage) for model, row in counts.items()},
            tpp_of,
            edition.unit.reference_tpp,
        )

    return Counts(installed=counted("installed"), licensed=counted("licensed"), pending=counted("pending"))


def count_declared(application: Application) -> Counts:
    """What the applicant declares to be there, licensed and asked for."""
    return Counts(
        installed=application.declared_installed or 0,
        licensed=application.declared_licensed or 0,
        pending=application.declared_pending or 0,
    )


def find_gravest(edition: Edition, pairs: Iterable[tuple[str | None, str | None]]) -> tuple[str | None, str | None]:
    """The seat and the parent's seat of the party that weighs most under an edition."""
    pairs = list(pairs)
    codes = {code for pair in pairs for code in pair if code}
    return worst_party(pairs, {code: edition.country_rules[edition.country(code).status].severity for code in codes})


def gather_facts(
    application: Application,
    edition: Edition,
    headquarters: tuple[str | None, str | None],
    counts: Counts,
    group: Counts,
    items: Iterable[Any] | None = None,
) -> dict[str, Any]:
    """A draft as the facts that the rules ask for."""
    lines: list[dict[str, Any]] = []
    for item in application.items.all() if items is None else items:
        line: dict[str, Any] = {"kind": item.kind}
        if item.kind == ItemKind.CHIP:
            line |= {"model": item.model, "quantity": item.quantity}
            if item.tpp is not None and item.memory_bandwidth_gbs is not None:
                line |= {"tpp": float(item.tpp), "memory_bandwidth_gbs": float(item.memory_bandwidth_gbs)}
        lines.append(line)
    facts: dict[str, Any] = {
        "destination": application.site_country_id,
        "end_user": {
            "headquarters": headquarters[0],
            "ultimate_parent_headquarters": headquarters[1],
        },
        "items": lines,
        "installation": counts.as_dict(),
        "group_in_country": group.as_dict(),
    }
    for name in application.declared_facts:
        if name in edition.facts:
            facts[name] = True
    return facts


def determine_facts(facts: dict[str, Any], edition: Edition) -> tuple[Any, Determination]:
    """Parse facts and determine. Raises Refused where they are too thin to be answered."""
    try:
        parsed = parse_facts(facts, edition, get_catalogue())
    except BadFacts as bad:
        raise Refused(
            "The rules cannot be applied yet: " + "; ".join(str(problem) for problem in bad.problems),
            rule="determination.facts",
        ) from bad
    return parsed, determine(parsed, edition)


# The next number, and the unit that receives the destination's cases (or else every other destination's).
