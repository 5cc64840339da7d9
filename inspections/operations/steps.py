"""What every act on a visit begins and ends with: the lock, the next status, a step, its deadlines."""

from __future__ import annotations

from datetime import date, datetime

from accounts.models import User
from accounts.rules import Principal, Stale
from audit.operations import record
from deadlines.operations import cancel_deadline, set_deadline
from inspections.models import Engagement, Visit, VisitStep
from inspections.rules.lifecycle import next_status
from inspections.statuses import StepKind
from registry.models import Hold
from rulebook.rules import Edition

DUE, FURTHER, REPORT, ACTION = "visit_due", "visit_further", "visit_report", "corrective_action"


def address_of(visit: Visit) -> str:
    """Where the desk shows a visit."""
    return f"/desk/visits/{visit.pk}/"


def lock(visit: Visit, *, version: int | None = None) -> Visit:
    """The visit as it is stored, locked. Raises Stale when a page showed an older version of it."""
    locked = Visit.objects.select_for_update(of=("self",), no_key=True).select_related("installation").get(pk=visit.pk)
    if version is not None and version != locked.version:
        raise Stale(
            f"{locked.number} was changed since this page was loaded: it is “{locked.get_status_display().lower()}” "
            "now. Load the page again before you act.",
            rule="inspections.visit_version",
        )
    return locked


def team_of(visit: Visit) -> set[int]:
    """The officers who are booked for a visit, as ids of people."""
    booked = Engagement.objects.filter(visit=visit, released_at__isnull=True)
    return set(booked.values_list("officer_id", flat=True))


def move(visit: Visit, act: str) -> None:
    """Give a locked visit the status that an act leads to. Raises Refused where the table has no such step."""
    visit.status = next_status(visit.status, act, subject=visit.number)


def save(visit: Visit) -> Visit:
    """Store a locked visit as its next version."""
    visit.version += 1
    visit.save()
    return visit


def add_step(
    visit: Visit, kind: StepKind, *, happened_on: date, says: str, by: User, at: datetime, hold: Hold | None = None
) -> VisitStep:
    """Write a step down, in the table and in the journal."""
    step = VisitStep.objects.create(
        visit=visit,
        kind=kind,
        happened_on=happened_on,
        says=says,
        hold=hold,
        made_by=by,
        made_by_label=by.actor.label,
        at=at,
    )
    record(
        subject=visit,
        verb=f"visit.{kind}",
        says=f"{StepKind(kind).label} ({happened_on:%B} {happened_on.day}, {happened_on.year}): {says}",
        by=by,
        at=at,
        data={"step": step.pk, "happened_on": happened_on},
        covers=[step],
    )
    return step


def set_visit_deadline(
    visit: Visit, kind: str, *, says: str, due_at: datetime, edition: Edition, owner: User, by: User, at: datetime
) -> None:
    """A deadline of a visit for a person; one that has passed already is not set."""
    if due_at <= at:
        return
    set_deadline(
        subject=visit,
        kind=kind,
        says=says,
        url=address_of(visit),
        owner=("user", owner.pk),
        due_at=due_at,
        reminder_offsets=edition.value("reminders.visit_due"),
        by=by,
        at=at,
    )


def cancel_visit_deadlines(visit: Visit, *kinds: str, by: Principal, at: datetime) -> None:
    """Deadlines that are no longer needed."""
    for kind in kinds:
        cancel_deadline(subject=visit, kind=kind, by=by, at=at)
