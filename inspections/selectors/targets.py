"""Places as candidates for a visit, with their scores; and the selections made so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q

from accounts.rules import Principal
from inspections.models import Candidate, SelectionRound, Visit
from inspections.permissions import check_can_read_visits
from inspections.rules.scoring import PointsPart, TargetFacts, TierBand, score_target, tier_of, total_of
from ledger.selectors import get_totals
from ledger.statuses import AccountKind
from registry.models import Hold, Installation
from registry.statuses import HoldCause, HoldScope
from rulebook.selectors import get_operating_edition

# Candidates that a page offers at once: those with the most chips first.
OFFERED = 60
ROUNDS = 50
_DAYS_OF_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class TargetScore:
    """A place with its points."""

    installation: Installation
    chips: int
    parts: Sequence[PointsPart]

    @property
    def points(self) -> int:
        """The sum of its points."""
        return total_of(self.parts)


@dataclass(frozen=True, slots=True)
class Scored:
    """Places by score, the highest first, with the edition and the points that counted."""

    edition: str
    weights: Mapping[str, int]
    scores: list[TargetScore]


@dataclass(frozen=True, slots=True)
class RoundPage:
    """A selection with its candidates, and which of them a visit was requested for."""

    round: SelectionRound
    candidates: list[Candidate]


@dataclass(frozen=True, slots=True)
class Rounds:
    """A page of selections; `after` begins the next one."""

    rows: Sequence[SelectionRound]
    after: str


def list_scores(ids: Iterable[int], *, at: datetime, tiers: Mapping[int, str] | None = None) -> Scored:
    """The scores of places at an instant, the highest first. Six queries, however many places."""
    edition = get_operating_edition(at)
    rows = edition.rows("target_points")
    weights = {row.id: int(row.get("points")) for row in rows}
    titles = {row.id: row.title for row in rows}
    places = list(Installation.objects.filter(pk__in=list(ids)).select_related("country", "operator"))
    chips = _count_chips(places)
    last = {
        visit.installation_id: visit
        for visit in Visit.objects.filter(installation__in=places, left_at__isnull=False)
        .exclude(rating="")
        .order_by("installation_id", "-left_at")
        .distinct("installation_id")
    }
    holds = _count_holds(places)
    bands = [TierBand(tier.id, tier.title, tier.lowest, tier.highest) for tier in edition.tiers]
    scores = []
    for place in places:
        visit = last.get(place.pk)
        tier = _tier(place, chips.get(place.pk, 0), bands, tiers or {})
        found = TargetFacts(
            tier=tier.id if tier else "",
            tier_title=tier.title if tier else "",
            country_status=edition.country(place.country_id).status,
            last_rating=visit.rating if visit else "",
            years_since_visit=_years(visit.left_at, at) if visit and visit.left_at else None,
            screening_holds=holds.get((place.pk, HoldCause.SCREENING_MATCH), 0),
            anomalies=holds.get((place.pk, HoldCause.MISSING_REPORT), 0),
        )
        scores.append(TargetScore(place, chips.get(place.pk, 0), score_target(found, weights, titles)))
    scores.sort(key=lambda score: (-score.points, -score.chips, score.installation.name))
    return Scored(edition.id, weights, scores)


def _years(since: datetime, at: datetime) -> int:
    return int((at - since).days // _DAYS_OF_A_YEAR)


def _tier(place: Installation, chips: int, bands: Sequence[TierBand], tiers: Mapping[int, str]) -> TierBand | None:
    told = tiers.get(place.pk)
    return next((band for band in bands if band.id == told), None) or tier_of(chips, bands)


def _count_chips(places: Sequence[Installation]) -> dict[int, int]:
    """Chips of all models at each place: there, licensed and asked for. Two queries."""
    subjects = [(Installation._meta.label_lower, str(place.pk)) for place in places]
    counted: dict[int, int] = {}
    for kind in (AccountKind.INSTALLATION_BASE, AccountKind.INSTALLATION_ORDERS):
        for subject_id, items in get_totals(kind, subjects).items():
            units = sum(balance.drawn + balance.reserved for balance in items.values())
            counted[int(subject_id)] = counted.get(int(subject_id), 0) + units
    return counted


def _count_holds(places: Sequence[Installation]) -> dict[tuple[int, str], int]:
    """Open holds on each place and on its operator, by cause. One query."""
    operators: dict[str, list[int]] = {}
    for place in places:
        operators.setdefault(str(place.operator_id), []).append(place.pk)
    rows = (
        Hold.objects.filter(
            Q(scope_kind=HoldScope.INSTALLATION, scope_id__in=[str(place.pk) for place in places])
            | Q(scope_kind=HoldScope.PARTY, scope_id__in=list(operators)),
            lifted_at__isnull=True,
            cause__in=[HoldCause.SCREENING_MATCH, HoldCause.MISSING_REPORT],
        )
        .order_by()
        .values_list("scope_kind", "scope_id", "cause")
        .annotate(found=Count("pk"))
    )
    counted: dict[tuple[int, str], int] = {}
    for kind, scope_id, cause, found in rows:
        for place_id in [int(scope_id)] if kind == HoldScope.INSTALLATION else operators[scope_id]:
            counted[place_id, cause] = counted.get((place_id, cause), 0) + found
    return counted


def list_candidates(*, by: Principal, at: datetime, country: str = "", text: str = "") -> Scored:
    """The places that can be chosen, by score: all of a country or whose name or operator has `text`.

    Of many, those that were registered last. Seven queries. Raises NotPermitted.
    """
    check_can_read_visits(by)
    found = Installation.objects.all()
    if country:
        found = found.filter(country=country)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(operator__name__icontains=text))
    return list_scores(found.order_by("-pk").values_list("pk", flat=True)[:OFFERED], at=at)


def list_rounds(*, by: Principal, after: str = "") -> Rounds:
    """A page of selections, the newest first, each with `chosen` and `looked_at`. Raises NotPermitted."""
    check_can_read_visits(by)
    found = SelectionRound.objects.annotate(
        looked_at=Count("candidates"), chosen=Count("candidates", filter=Q(candidates__is_chosen=True))
    ).order_by("-pk")
    if after.isascii() and after.isdigit() and len(after) < 19:
        found = found.filter(pk__lt=int(after))
    rows = list(found[: ROUNDS + 1])
    return Rounds(rows[:ROUNDS], str(rows[ROUNDS - 1].pk) if len(rows) > ROUNDS else "")


def get_round_page(*, round_id: int, by: Principal) -> RoundPage:
    """A selection with every candidate. Three queries. Raises NotPermitted, and SelectionRound.DoesNotExist."""
    check_can_read_visits(by)
    found = SelectionRound.objects.get(pk=round_id)
    candidates = (
        found.candidates.select_related("installation__country", "installation__operator")
        .prefetch_related("visits")
        .order_by(F("is_chosen").desc(), "-points", "pk")
    )
    return RoundPage(found, list(candidates))


def get_candidate(candidate_id: int) -> Candidate:
    """A candidate with its place. Raises Candidate.DoesNotExist."""
    return Candidate.objects.select_related("installation").get(pk=candidate_id)
