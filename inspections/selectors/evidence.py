"""Visits as evidence for a case, and what keeps one from closing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import OuterRef, Subquery

from inspections.models import ActionStep, CorrectiveAction, Visit
from inspections.rules.lifecycle import S
from inspections.rules.rating import TOLD, OpenAction, VisitFacts, list_lacks, tell_instant
from inspections.statuses import ActionOutcome, Rating, VisitKind, VisitStatus
from registry.models import Ground, Hold, Installation
from registry.rules import Ask, Evidence
from registry.statuses import HoldCause, HoldScope

GROUND = "inspections.installation"
_MISSING = "A visit of the installation must be requested, made, and closed with a favorable rating."
# Earlier visits of one place are not offered.
OFFERED = 10
# Which state comes nearer to counting.
_ORDER: Sequence[VisitStatus] = (
    S.CLOSED,
    S.CORRECTIVE_ACTIONS,
    S.UNDER_REVIEW,
    S.REPORTED,
    S.REPORTING,
    S.ON_SITE,
    S.SCHEDULED,
    S.CONSENTED,
    S.HOST_NOTIFIED,
    S.REQUESTED,
    S.CONSENT_REFUSED,
    S.NOT_CARRIED_OUT,
)


def list_open_actions(visit: Visit) -> list[OpenAction]:
    """The recommended actions that are neither done nor declined. One query."""
    newest = ActionStep.objects.filter(action=OuterRef("pk")).order_by("-pk").values("outcome")[:1]
    found = CorrectiveAction.objects.filter(visit=visit).annotate(outcome=Subquery(newest)).order_by("number")
    return [
        OpenAction(action.number, action.says, action.owner)
        for action in found
        if action.outcome not in (ActionOutcome.DONE, ActionOutcome.DECLINED)
    ]


def list_evidence(ask: Ask) -> list[Evidence]:
    """The standing of the installation's visits, for a case; `ask.terms` names kinds and ratings that count.

    All visits of a place share one ground, that of the place, so that a later adverse one takes it away from everybody:
    the one visit that suffices or comes nearest to it is told, with what it lacks. At most three queries.
    """
    if ask.installation_id is None:
        return []
    kinds, ratings = list(ask.terms.get("kinds", [])), list(ask.terms.get("ratings", [Rating.FAVORABLE]))
    visits = list(
        Visit.objects.filter(installation=ask.installation_id)
        .exclude(status=S.CANCELLED)
        .select_related("installation")
        .order_by("-pk")[:OFFERED]
    )
    ground = Ground.objects.filter(kind=GROUND, subject_id=str(ask.installation_id)).first()
    if not visits:
        return [_tell_ground(ask, ground)]
    until = ground.until if ground is not None and ground.stands else None
    held = Hold.objects.filter(
        scope_kind=HoldScope.INSTALLATION,
        scope_id=str(ask.installation_id),
        cause=HoldCause.VISIT_FINDING,
        lifted_at__isnull=True,
    ).exists()
    found = [(visit, _weigh(visit, kinds, ratings, until, held, ask.at)) for visit in visits]
    best = min(found, key=lambda pair: (bool(pair[1].lacks), _ORDER.index(VisitStatus(pair[0].status)), -pair[0].pk))
    return [best[1]]


def _tell_ground(ask: Ask, ground: Ground | None) -> Evidence:
    """A place without a visit: what was said of its ground, or that a visit is missing."""
    stands = ground is not None and ground.stands_at(ask.at)
    says = ground.says if ground is not None else "No visit is on record."
    return Evidence(
        kind=GROUND,
        subject_id=str(ask.installation_id),
        title=ground.title if ground is not None else "Visit of the installation",
        says=says,
        lacks=() if stands else (f"{says} {_MISSING}",),
        until=ground.until if ground is not None else None,
        left=None,
        told="The visit was made." if stands else "It waits for a visit by officers of the Department of Commerce.",
    )


def _weigh(
    visit: Visit, kinds: list[str], ratings: list[str], until: datetime | None, held: bool, at: datetime
) -> Evidence:
    facts = VisitFacts(
        status=VisitStatus(visit.status), kind=visit.kind, rating=visit.rating, stands_until=until, held=held
    )
    titles = [VisitKind(kind).label for kind in kinds if kind in VisitKind.values]
    lacks = list_lacks(facts, kinds=kinds, ratings=ratings, kind_titles=titles, at=at)
    rated = f", rated {Rating(visit.rating).label.lower()}" if visit.rating else ""
    counts = f", counts until {tell_instant(until)}" if until is not None and not lacks else ""
    return Evidence(
        kind=GROUND,
        subject_id=str(visit.installation_id),
        title=f"{visit.number}: {visit.title}",
        says=f"{VisitStatus(visit.status).label}{rated}{counts}.",
        lacks=tuple(lacks),
        until=until if not lacks else None,
        left=None,
        told=TOLD[VisitStatus(visit.status)],
    )


def get_place(installation_id: int) -> Installation:
    """An installation with its operator and country. Raises Installation.DoesNotExist."""
    return Installation.objects.select_related("operator", "country").get(pk=installation_id)
