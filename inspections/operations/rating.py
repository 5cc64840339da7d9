"""Rating a visit, and what follows at once: a hold on the place, and whether its ground stands."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import User
from accounts.statuses import Role
from audit.operations import record
from inspections.models import RatingChange, Visit, VisitStep
from inspections.operations.steps import DUE, FURTHER, cancel_visit_deadlines
from inspections.rules.lifecycle import S
from inspections.rules.rating import ADVERSE
from inspections.statuses import Rating
from registry.models import Hold
from registry.operations import lift_hold, place_hold, set_ground
from registry.selectors import get_ground
from registry.statuses import HoldCause
from rulebook.rules import Edition

GROUND = "inspections.installation"


def hold_place(visit: Visit, says: str, *, by: User, at: datetime) -> Hold:
    """A hold on the visited place, which a visit supervisor lifts."""
    return place_hold(
        scope=visit.installation,
        cause=HoldCause.VISIT_FINDING,
        says=f"{visit.number}: {says}",
        lifter_role=Role.VISIT_SUPERVISOR,
        by=by,
        at=at,
    )


def say_ground(visit: Visit, *, stands: bool, says: str, until: datetime | None, by: User, at: datetime) -> None:
    """Whether cases and licenses can stand on the visits of a place."""
    set_ground(
        subject=(GROUND, str(visit.installation_id)),
        title=f"Site visit of {visit.installation.name}",
        stands=stands,
        says=says,
        until=until,
        cause=HoldCause.VISIT_FINDING,
        lifter_role=Role.VISIT_SUPERVISOR,
        by=by,
        at=at,
    )


def rate(visit: Visit, rating: str, reason: str, *, by: User, at: datetime) -> RatingChange:
    """Give a locked visit a rating. An adverse one holds the place and takes its ground away in this transaction."""
    before = visit.rating
    words = Rating(rating).label.lower()
    hold = None
    if rating in ADVERSE:
        hold = hold_place(
            visit, f"rated {words}. {reason} A favorable visit or rating would end the hold.", by=by, at=at
        )
        say_ground(visit, stands=False, says=f"{visit.number} is rated {words}: {reason}", until=None, by=by, at=at)
    change = RatingChange.objects.create(
        visit=visit,
        number=visit.ratings.count() + 1,
        rating=rating,
        rating_before=before,
        reason=reason,
        hold=hold,
        made_by=by,
        made_by_label=by.actor.label,
        at=at,
    )
    visit.rating = rating
    instead = f" instead of {Rating(before).label.lower()}" if before else ""
    record(
        subject=visit,
        verb="visit.rated",
        says=f"Rated {words}{instead}: {reason}",
        by=by,
        at=at,
        data={"rating": rating, "before": before, "hold": hold.pk if hold else None},
        covers=[change],
    )
    return change


def settle(visit: Visit, edition: Edition, *, by: User, at: datetime) -> None:
    """What a closed visit means for its place: the ground of a rating that counts, and the end of holds."""
    if visit.rating in ADVERSE:
        return
    words = Rating(visit.rating).label.lower()
    own = _list_holds(visit, also_of_others=visit.rating == Rating.FAVORABLE)
    for hold in own:
        lift_hold(hold=hold, reason=f"{visit.number} is closed, rated {words}.", by=by, at=at)
    if visit.rating in counting_ratings(edition):
        days = edition.value("inspections.favorable_valid_days")
        say_ground(
            visit,
            stands=True,
            says=f"{visit.number} is closed, rated {words}.",
            until=at + timedelta(days=days),
            by=by,
            at=at,
        )
    elif (ground := get_ground(GROUND, str(visit.installation_id))) and ground.says.startswith(f"{visit.number} "):
        # This visit gave the ground, was opened again, and is rated otherwise now: what stands on it falls.
        say_ground(visit, stands=False, says=f"{visit.number} is rated {words} now.", until=None, by=by, at=at)
    # What was not carried out before has been made up for.
    for earlier in Visit.objects.filter(installation=visit.installation_id, status=S.NOT_CARRIED_OUT):
        cancel_visit_deadlines(earlier, DUE, FURTHER, by=by, at=at)


def counting_ratings(edition: Edition) -> list[str]:
    """The ratings that an edition lets count for a requirement."""
    return [
        rating
        for row in edition.rows("tracks")
        if row.get("track") == "inspections"
        for rating in row.get("ratings", [])
    ]


def _list_holds(visit: Visit, *, also_of_others: bool) -> list[Hold]:
    """The open holds of this visit, locked; with `also_of_others` also those of visits to the place that are over."""
    visits = Visit.objects.filter(pk=visit.pk)
    if also_of_others:
        visits |= Visit.objects.filter(installation=visit.installation_id, closed_at__isnull=False)
    holds = {
        *RatingChange.objects.filter(visit__in=visits, hold__isnull=False).values_list("hold_id", flat=True),
        *VisitStep.objects.filter(visit__in=visits, hold__isnull=False).values_list("hold_id", flat=True),
    }
    # Locked: one that another visit's end lifts meanwhile has ended, and is no obstacle.
    return list(Hold.objects.select_for_update().filter(pk__in=holds, lifted_at__isnull=True).order_by("pk"))
