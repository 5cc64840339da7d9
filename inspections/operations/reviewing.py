"""What a supervisor who was not there does with a report: review, another rating, the end of the visit."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from accounts.rules import Refused
from audit.operations import operation, record
from deadlines.operations import notify
from deadlines.rules import day_of
from inspections.models import RatingChange, Report, Review, Visit
from inspections.operations.rating import rate, settle
from inspections.operations.steps import (
    REPORT,
    add_step,
    address_of,
    cancel_visit_deadlines,
    lock,
    move,
    save,
    set_visit_deadline,
    team_of,
)
from inspections.permissions import check_can_review
from inspections.rules.lifecycle import S
from inspections.rules.rating import check_can_close, check_rating_change, check_text, due_after
from inspections.selectors.evidence import list_open_actions
from inspections.statuses import Rating, ReviewOutcome, StepKind
from registry.models import Installation
from rulebook.selectors import get_operating_edition


def _check_may_review(visit: Visit, by: User, to: str) -> None:
    authors = set(Report.objects.filter(visit=visit).values_list("made_by_id", flat=True))
    check_can_review(by, author_ids=authors, team_ids=team_of(visit), to=to)


@operation
def take_up_review(*, visit: Visit, version: int, by: User, at: datetime) -> Visit:
    """Take a submitted report up for review. Raises NotPermitted for whoever went or wrote it, and Refused."""
    locked = lock(visit, version=version)
    _check_may_review(locked, by, "review its report")
    move(locked, "take_up_review")
    record(subject=locked, verb="visit.review_begun", says="Took the report up for review", by=by, at=at)
    return save(locked)


def _review(visit: Visit, outcome: ReviewOutcome, reason: str, *, by: User, at: datetime) -> Report:
    report = visit.reports.select_related("made_by").order_by("-number")[0]
    review = Review.objects.create(
        report=report,
        outcome=outcome,
        reason=reason,
        # The database writes the author of the report down, whoever is named here.
        author=report.made_by,
        reviewer=by,
        reviewer_label=by.actor.label,
        at=at,
    )
    record(
        subject=visit,
        verb=f"visit.report_{outcome}",
        says=f"{ReviewOutcome(outcome).label} report {report.number}: {reason}",
        by=by,
        at=at,
        data={"report": report.pk, "review": review.pk},
        covers=[review],
    )
    return report


@operation
def return_report(*, visit: Visit, reason: str, version: int, by: User, at: datetime) -> Visit:
    """Return a report to its author with the reason; the rating stands, and so does a hold. Raises Refused."""
    locked = lock(visit, version=version)
    _check_may_review(locked, by, "return its report")
    move(locked, "return_report")
    report = _review(
        locked, ReviewOutcome.RETURNED, check_text(reason, field="reason", name="The reason"), by=by, at=at
    )
    edition = get_operating_edition(at)
    set_visit_deadline(
        locked,
        REPORT,
        says=f"{locked.number}: the report was returned. Submit it again.",
        due_at=due_after(at, edition.value("inspections.report_days")),
        edition=edition,
        owner=report.made_by,
        by=by,
        at=at,
    )
    notify(
        users=[report.made_by],
        kind="visit_report_returned",
        says=f"{by.name} returned your report on {locked.number}: {reason.strip()}",
        url=address_of(locked),
        at=at,
    )
    return save(locked)


@operation
def accept_report(*, visit: Visit, reason: str, version: int, by: User, at: datetime) -> Visit:
    """Accept a report. With open actions the visit waits for them; without any it is closed in the same act.

    Closed with a rating that counts, its place has a ground to stand on and its holds end. Raises NotPermitted,
    Refused."""
    locked = lock(visit, version=version)
    _check_may_review(locked, by, "accept its report")
    still_open = list_open_actions(locked)
    move(locked, "accept_report" if still_open else "accept_and_close")
    _review(locked, ReviewOutcome.ACCEPTED, check_text(reason, field="reason", name="The reason"), by=by, at=at)
    if not still_open:
        _end(locked, "No recommended action is open.", by=by, at=at)
    return save(locked)


@operation
def change_rating(*, visit: Visit, rating: str, reason: str, version: int, by: User, at: datetime) -> RatingChange:
    """Rate a visit otherwise than its report did, or anew after corrections; each change is a row with its reason.

    An adverse rating holds the place at once; a better one ends the hold when the visit closes. Raises NotPermitted;
    Refused outside of review and corrections, and for a change that changes nothing.
    """
    locked = lock(visit, version=version)
    _check_may_review(locked, by, "change its rating")
    if locked.status not in (S.UNDER_REVIEW, S.CORRECTIVE_ACTIONS):
        raise Refused(
            f"{locked.number} is “{locked.get_status_display().lower()}”. Its rating changes under review and while "
            "its corrective actions are open; a closed visit has to be opened again first.",
            rule="inspections.rating_open",
        )
    check_rating_change(locked.rating, rating)
    reason = check_text(reason, field="reason", name="The reason")
    change = rate(locked, rating, reason, by=by, at=at)
    save(locked)
    return change


@operation
def close_visit(*, visit: Visit, reason: str, version: int, by: User, at: datetime) -> Visit:
    """Close a visit whose actions are all done or declined. A favorable one gives its place a ground to stand on.

    Raises NotPermitted; Refused while a recommended action is neither done nor declined, naming each.
    """
    locked = lock(visit, version=version)
    _check_may_review(locked, by, "close it")
    move(locked, "close")
    check_can_close(locked.number, list_open_actions(locked))
    _end(locked, check_text(reason, field="reason", name="The reason"), by=by, at=at)
    return save(locked)


def _end(visit: Visit, reason: str, *, by: User, at: datetime) -> None:
    visit.closed_at = at
    cancel_visit_deadlines(visit, REPORT, by=by, at=at)
    record(
        subject=visit,
        verb="visit.closed",
        says=f"Closed {visit.number}, rated {Rating(visit.rating).label.lower()}: {reason}",
        by=by,
        at=at,
        data={"rating": visit.rating},
    )
    settle(visit, get_operating_edition(at), by=by, at=at)


@operation
def reopen_visit(*, visit: Visit, reason: str, version: int, by: User, at: datetime) -> Visit:
    """Open a closed visit again, for another rating or another look at its actions. Raises NotPermitted and Refused."""
    locked = lock(visit, version=version)
    _check_may_review(locked, by, "open it again")
    move(locked, "reopen")
    reason = check_text(reason, field="reason", name="The reason")
    # Whoever requests a visit of the place holds this lock too, so that one of the two sees the other.
    Installation.objects.select_for_update(no_key=True).get(pk=locked.installation_id)
    other = (
        Visit.objects.filter(installation=locked.installation_id, kind=locked.kind, closed_at__isnull=True)
        .exclude(pk=locked.pk)
        .first()
    )
    if other is not None:
        raise Refused(
            f"{other.number}, of the same kind and place, is open. Finish that one first.",
            rule="inspections.one_open_visit",
        )
    locked.closed_at = None
    add_step(locked, StepKind.REOPENING, happened_on=day_of(at), says=reason, by=by, at=at)
    return save(locked)
