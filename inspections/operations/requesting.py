"""Requesting a visit, dealing with the host government, and what follows when it cannot take place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from accounts.models import Unit, User
from accounts.rules import Refused
from audit.operations import operation, record
from deadlines.operations import meet_deadline
from deadlines.rules import day_of
from inspections.models import Candidate, Engagement, RecommendingUnit, Visit, VisitStep
from inspections.operations.rating import hold_place, rate
from inspections.operations.steps import (
    DUE,
    FURTHER,
    add_step,
    cancel_visit_deadlines,
    lock,
    move,
    save,
    set_visit_deadline,
)
from inspections.permissions import check_can_arrange, check_can_request, check_can_supervise
from inspections.rules.lifecycle import BEFORE_SITE, S
from inspections.rules.rating import check_can_list, check_happened, check_text, due_after, tell_instant
from inspections.selectors.visits import list_open_visits_of
from inspections.statuses import Rating, StepKind, VisitKind
from registry.models import Installation
from rulebook.selectors import get_operating_edition


@operation
def request_visit(
    *,
    kind: str,
    installation: Installation,
    occasion: str,
    by: User,
    at: datetime,
    subject: tuple[str, str, str] | None = None,
    recommended_by: Iterable[Unit] = (),
    needed_at: datetime | None = None,
    candidate: Candidate | None = None,
    follows: Visit | None = None,
) -> Visit:
    """Request a visit to an installation, and set the deadline of 60 days by which it is to be done.

    `subject` is what it checks: "case" or "license", its id and its number; `recommended_by` are the units that
    recommended its approval, of which nobody goes. `needed_at` is when it was determined that a pre-license check is
    needed (15 CFR 750.4(b)(2)(i)). Raises NotPermitted; Refused, naming the field, for an unknown kind, no occasion, a
    need of the future, a candidate or a visit of another place, and where a visit of the kind is open there.
    """
    place = Installation.objects.select_for_update(of=("self",), no_key=True).get(pk=installation.pk)
    check_can_request(by)
    if kind not in VisitKind.values:
        raise Refused("Choose one of the three kinds of visits.", rule="inspections.kind", field="kind")
    occasion = check_text(occasion, field="occasion", name="The reason for the visit")
    if needed_at is not None and needed_at > at:
        raise Refused(
            "The need was determined in the past or today, not later.", rule="inspections.needed", field="needed_on"
        )
    _check_belongs(place, candidate, follows)
    standing = Visit.objects.filter(installation=place, kind=kind, closed_at__isnull=True).first()
    if standing is not None:
        raise Refused(
            f"{standing.number}, a {VisitKind(kind).label.lower()} of {place.name}, is open: it is "
            f"“{standing.get_status_display().lower()}”. Continue that one, or have it canceled first.",
            rule="inspections.one_open_visit",
            field="kind",
        )
    edition = get_operating_edition(at)
    subject_kind, subject_id, subject_label = subject or ("", "", "")
    visit = Visit.objects.create(
        kind=kind,
        installation=place,
        occasion=occasion,
        candidate=candidate,
        follows=follows,
        subject_kind=subject_kind,
        subject_id=subject_id,
        subject_label=subject_label,
        needed_at=needed_at,
        requested_by=by,
        requested_by_label=by.actor.label,
        requested_at=at,
        due_at=due_after(at, edition.value("inspections.due_days")),
    )
    units = [
        RecommendingUnit.objects.create(visit=visit, unit=unit, says=f"Recommended {subject_label or 'it'}", at=at)
        for unit in sorted(set(recommended_by), key=lambda unit: unit.pk)
    ]
    days = edition.value("inspections.request_days")
    late = needed_at is not None and at > needed_at + timedelta(days=days)
    record(
        subject=visit,
        verb="visit.requested",
        says=f"Requested {visit.number}, a {VisitKind(kind).label.lower()} of {place.name}"
        f"{f', for {subject_label}' if subject_label else ''}: {occasion}"
        f"{f' (later than {days} days after the need was determined)' if late else ''}",
        by=by,
        at=at,
        data={"kind": kind, "installation": place.pk, "due_at": visit.due_at, "subject": list(subject or ())},
        covers=units,
    )
    set_visit_deadline(
        visit,
        DUE,
        says=f"{visit.number}: carry out the visit of {place.name}, or its operator goes to the Unverified List.",
        due_at=visit.due_at,
        edition=edition,
        owner=by,
        by=by,
        at=at,
    )
    return visit


def _check_belongs(place: Installation, candidate: Candidate | None, follows: Visit | None) -> None:
    if candidate is not None and (candidate.installation_id != place.pk or not candidate.is_chosen):
        raise Refused(
            "The candidate of the selection is another place, or was passed over. Choose one that was chosen.",
            rule="inspections.candidate",
            field="installation",
        )
    if follows is not None and follows.installation_id != place.pk:
        raise Refused(
            f"{follows.number} was a visit of another place, so this one cannot follow it up.",
            rule="inspections.follows",
            field="installation",
        )


@operation
def bar_recommending_unit(*, subject: tuple[str, str], unit: Unit, by: User, at: datetime) -> None:
    """Write down with the open visits of a case that a unit has just recommended it: nobody of it goes.

    A part of the act of recommending, which asked whether it may. Raises Refused where one of the unit is booked.
    """
    for visit in list_open_visits_of(subject, lock=True):
        _bar(visit, unit, f"Recommended {visit.subject_label}", by=by, at=at)


@operation
def bar_unit(*, visit: Visit, unit: Unit, says: str, by: User, at: datetime) -> RecommendingUnit:
    """Record that a unit recommended the approval of what is checked: nobody of it goes on the visit.

    Again is the same. Raises NotPermitted, and Refused where an officer of the unit is booked already.
    """
    locked = lock(visit)
    check_can_request(by)
    says = check_text(says, field="says", name="What the unit recommended")
    return _bar(locked, unit, says, by=by, at=at)


def _bar(visit: Visit, unit: Unit, says: str, *, by: User, at: datetime) -> RecommendingUnit:
    found = visit.recommending_units.filter(unit=unit).first()
    if found is not None:
        return found
    booked = Engagement.objects.filter(visit=visit, released_at__isnull=True, officer__unit=unit).first()
    if booked is not None:
        raise Refused(
            f"{booked.officer.name} works for {unit.name} and is booked for {visit.number}. Replace that "
            "officer first.",
            rule="inspections.other_unit",
            field="unit",
        )
    row = RecommendingUnit.objects.create(visit=visit, unit=unit, says=says[:300], at=at)
    record(
        subject=visit,
        verb="visit.unit_barred",
        says=f"Nobody of {unit.name} goes on the visit: {says}",
        by=by,
        at=at,
        data={"unit": unit.pk},
        covers=[row],
    )
    return row


@operation
def notify_host(*, visit: Visit, happened_on: date, says: str, version: int, by: User, at: datetime) -> Visit:
    """Record the notice to the host government: on which day, to whom and through whom. Raises Refused."""
    return _hear_host(visit, "notify_host", StepKind.HOST_NOTICE, happened_on, says, version, by, at)


@operation
def record_consent(*, visit: Visit, happened_on: date, says: str, version: int, by: User, at: datetime) -> Visit:
    """Record that the host government consented, and with which conditions. Raises Refused."""
    return _hear_host(visit, "record_consent", StepKind.CONSENT, happened_on, says, version, by, at)


@operation
def record_refusal(*, visit: Visit, happened_on: date, says: str, version: int, by: User, at: datetime) -> Visit:
    """Record that the host government refused, or took its consent back. The days until the list go on."""
    return _hear_host(visit, "record_refusal", StepKind.REFUSAL, happened_on, says, version, by, at)


def _hear_host(
    visit: Visit, act: str, kind: StepKind, happened_on: date, says: str, version: int, by: User, at: datetime
) -> Visit:
    locked = lock(visit, version=version)
    check_can_arrange(by, to="record what the host government does")
    move(locked, act)
    earlier = VisitStep.objects.filter(visit=locked).order_by("-happened_on").first()
    first = earlier.happened_on if earlier else day_of(locked.requested_at)
    check_happened(happened_on, at=at, earliest=first)
    says = check_text(says, field="says", name="What happened")
    if kind == StepKind.CONSENT:
        locked.consented_at = at
    elif kind == StepKind.REFUSAL:
        locked.consented_at = None
    add_step(locked, kind, happened_on=happened_on, says=says, by=by, at=at)
    return save(locked)


@operation
def cancel_visit(*, visit: Visit, reason: str, version: int, by: User, at: datetime) -> Visit:
    """Cancel a visit that has not begun; its officers are free again. Raises NotPermitted and Refused."""
    locked = lock(visit, version=version)
    check_can_supervise(by, to="cancel a visit")
    move(locked, "cancel")
    reason = check_text(reason, field="reason", name="The reason")
    _release(locked, reason, by=by, at=at)
    locked.closed_at = at
    cancel_visit_deadlines(locked, DUE, FURTHER, by=by, at=at)
    add_step(locked, StepKind.CANCELLATION, happened_on=day_of(at), says=reason, by=by, at=at)
    return save(locked)


@operation
def record_not_carried_out(*, visit: Visit, reason: str, version: int, by: User, at: datetime) -> Visit:
    """Record that a visit cannot be carried out: it is over, rated unable to complete, and its place is held at once.

    The days until the Unverified List go on. Raises NotPermitted and Refused.
    """
    locked = lock(visit, version=version)
    check_can_supervise(by, to="record that a visit cannot be carried out")
    move(locked, "record_not_carried_out")
    reason = check_text(reason, field="reason", name="The reason")
    _release(locked, reason, by=by, at=at)
    locked.closed_at = at
    add_step(locked, StepKind.NOT_CARRIED_OUT, happened_on=day_of(at), says=reason, by=by, at=at)
    rate(locked, Rating.UNABLE, reason, by=by, at=at)
    return save(locked)


def _release(visit: Visit, reason: str, *, by: User, at: datetime) -> None:
    Engagement.objects.filter(visit=visit, released_at__isnull=True).update(
        released_at=at, released_by_label=by.actor.label, release_reason=reason
    )


@operation
def send_to_unverified_list(*, visit: Visit, reason: str, by: User, at: datetime) -> Visit:
    """Record that the operator was sent to the Unverified List, because the visit was not done in its 60 days.

    The place is held, and the further 60 days begin, after which it can be nominated for the Entity List. Raises
    NotPermitted; Refused before the visit is due, after it took place, and a second time.
    """
    locked = lock(visit)
    check_can_supervise(by, to="send an operator to the Unverified List")
    _check_not_done(locked)
    _check_not_listed(locked, StepKind.UNVERIFIED_LIST)
    check_can_list(locked.number, due_at=locked.due_at, at=at, to="sent to the Unverified List")
    reason = check_text(reason, field="reason", name="The reason")
    edition = get_operating_edition(at)
    hold = hold_place(locked, f"not carried out by the day it was due. {reason}", by=by, at=at)
    locked.further_due_at = due_after(at, edition.value("inspections.further_days"))
    add_step(locked, StepKind.UNVERIFIED_LIST, happened_on=day_of(at), says=reason, by=by, at=at, hold=hold)
    meet_deadline(subject=locked, kind=DUE, by=by, at=at)
    set_visit_deadline(
        locked,
        FURTHER,
        says=f"{locked.number}: carry out the visit, or nominate its operator for the Entity List.",
        due_at=locked.further_due_at,
        edition=edition,
        owner=by,
        by=by,
        at=at,
    )
    return save(locked)


@operation
def nominate_for_entity_list(*, visit: Visit, reason: str, by: User, at: datetime) -> Visit:
    """Record the nomination for the Entity List, after the further 60 days. Raises NotPermitted and Refused."""
    locked = lock(visit)
    check_can_supervise(by, to="nominate an operator for the Entity List")
    _check_not_done(locked)
    _check_not_listed(locked, StepKind.ENTITY_NOMINATION)
    if locked.further_due_at is None:
        raise Refused(
            f"The operator of {locked.number} has not been sent to the Unverified List. That comes first.",
            rule="inspections.listed_in_order",
        )
    check_can_list(locked.number, due_at=locked.further_due_at, at=at, to="nominated for the Entity List")
    reason = check_text(reason, field="reason", name="The reason")
    add_step(locked, StepKind.ENTITY_NOMINATION, happened_on=day_of(at), says=reason, by=by, at=at)
    meet_deadline(subject=locked, kind=FURTHER, by=by, at=at)
    return save(locked)


def _check_not_done(visit: Visit) -> None:
    if visit.status not in (*BEFORE_SITE, S.NOT_CARRIED_OUT):
        raise Refused(
            f"{visit.number} is “{visit.get_status_display().lower()}”. Only a visit that did not take place leads to "
            "a list; what one found is followed by its rating.",
            rule="inspections.listed_when_not_done",
        )


def _check_not_listed(visit: Visit, kind: StepKind) -> None:
    step = visit.steps.filter(kind=kind).first()
    if step is not None:
        raise Refused(
            f"{step.made_by_label} recorded that already, on {tell_instant(step.at)}.", rule="inspections.listed_once"
        )
