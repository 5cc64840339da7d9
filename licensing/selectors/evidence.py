"""What the tracks have for the requirements of a case: what satisfies each, until when, and what would."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import assurances.selectors
import inspections.selectors
import investments.selectors
from accounts.rules import Principal
from investments.models import Commitment
from investments.statuses import AmountUnit
from ledger.statuses import AccountKind
from licensing.models import Case, ConditionCheck, Requirement
from licensing.permissions import check_is_staff_of_cases
from licensing.statuses import ItemKind, PartyRole
from registry.rules import Ask, Evidence
from rulebook.rules import Edition, Row
from rulebook.selectors import get_edition

# By the names that an edition's list of tracks uses.
TRACKS: Mapping[str, Callable[[Ask], list[Evidence]]] = {
    "assurances": assurances.selectors.list_evidence,
    "inspections": inspections.selectors.list_evidence,
    "investments": investments.selectors.list_evidence,
}
CONDITIONS = "conditions"
COMMITMENT = "investments.commitment"


@dataclass(frozen=True, slots=True)
class Offer:
    """Evidence that a track has for one alternative of a requirement."""

    choice: str
    title: str
    evidence: Evidence


def get_track(edition: Edition, name: str) -> Row | None:
    """The track that gives the evidence for a requirement; None where documents alone do."""
    return next((row for row in edition.rows("tracks") if row.id == name), None)


def choices_of(requirement: Requirement) -> tuple[str, ...]:
    """The names that can be met: the requirement's own, or its alternatives."""
    return tuple(requirement.any_of) or (requirement.name,)


def ask_of(case: Case, *, requirement: str, terms: Row, at: datetime) -> Ask:
    """What a case asks of a track. Three queries."""
    models: dict[str, int] = {}
    for item in case.application.items.all():
        if item.kind == ItemKind.CHIP:
            models[item.model] = models.get(item.model, 0) + item.quantity
    parties = case.application.parties.filter(role__in=[PartyRole.END_USER, PartyRole.ULTIMATE_CONSIGNEE])
    return Ask(
        requirement=requirement,
        terms=terms.fields,
        destination=case.destination_id,
        installation_id=case.application.installation_id,
        party_ids=frozenset(parties.exclude(party=None).values_list("party_id", flat=True)),
        models=models,
        at=at,
        held=dict(
            case.reservations.filter(ended_at__isnull=True, account__kind=AccountKind.ASSURANCE_COVERAGE).values_list(
                "account__subject_id", "units"
            )
        ),
    )


def list_offers(case: Case, requirement: Requirement, edition: Edition, at: datetime) -> list[Offer]:
    """What the tracks have for a requirement, what suffices first; what does not yet says what it lacks."""
    offers: list[Offer] = []
    for choice in choices_of(requirement):
        row = get_track(edition, choice)
        if row is None or row.get("track") not in TRACKS:
            continue
        ask = ask_of(case, requirement=choice, terms=row, at=at)
        offers += [Offer(choice, row.title, evidence) for evidence in TRACKS[row.get("track")](ask)]
    return sorted(offers, key=lambda offer: not offer.evidence.suffices)


def is_met_by_track(requirement: Requirement, edition: Edition) -> bool:
    """Whether the edition wants more than documents for this requirement."""
    return any(get_track(edition, choice) is not None for choice in choices_of(requirement))


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """What the page needs on which a requirement is met."""

    offers: list[Offer]
    conditions: list[tuple[Row, ConditionCheck | None]]
    is_met_by_track: bool
    mix_allowed: bool


def get_evidence_page(*, case: Case, requirement: Requirement, by: Principal, at: datetime) -> EvidencePage:
    """What the tracks have for a requirement, or its conditions with what was verified. Raises NotPermitted."""
    check_is_staff_of_cases(by)
    edition = get_edition_of(case)
    row = get_track(edition, requirement.name)
    if row is not None and row.get("track") == CONDITIONS:
        checked = {check.item: check for check in requirement.checks.filter(round=requirement.round)}
        conditions = [(each, checked.get(each.id)) for each in edition.rows(requirement.name)]
        return EvidencePage([], conditions, True, False)
    return EvidencePage(
        offers=list_offers(case, requirement, edition, at),
        conditions=[],
        is_met_by_track=is_met_by_track(requirement, edition),
        mix_allowed=bool(edition.value("alternatives.mix_allowed")),
    )


def get_edition_of(case: Case) -> Edition:
    """The edition that a case was determined under; a later edition does not change an old case."""
    stored = case.application.determinations.order_by("-sequence").values_list("edition_identifier", flat=True)
    return get_edition(stored[0])


# How many of the units that a commitment is kept in make one of those it is written in.
_FACTORS = {AmountUnit.CENTS: 100, AmountUnit.KILOWATTS: 1000}


def get_unit_factor(offer: Offer) -> int:
    """Cents in a dollar, or kilowatts in a megawatt, by what the offered commitment is measured in. One query."""
    unit = Commitment.objects.values_list("unit", flat=True).get(pk=offer.evidence.subject_id)
    return _FACTORS[AmountUnit(unit)]
