"""The report: findings, what is recommended on each, what became of that, and the rating."""

from __future__ import annotations

from datetime import date, datetime

from accounts.models import User
from accounts.rules import Refused
from accounts.selectors import list_users_with_role
from accounts.statuses import Role
from audit.operations import operation, record
from deadlines.operations import cancel_deadline, meet_deadline, notify, set_deadline
from deadlines.rules import day_of
from inspections.models import ActionStep, CorrectiveAction, Finding, FindingWithdrawal, Report, Visit
from inspections.operations.rating import rate
from inspections.operations.steps import ACTION, REPORT, address_of, lock, move, save, team_of
from inspections.permissions import check_can_arrange, check_is_of_team
from inspections.rules.lifecycle import S
from inspections.rules.rating import check_text, end_of_day, tell_day
from inspections.statuses import ActionOutcome, Rating, Severity
from rulebook.selectors import get_operating_edition

_WRITES = (S.ON_SITE, S.REPORTING)
_ANSWERS = (S.REPORTING, S.REPORTED, S.UNDER_REVIEW, S.CORRECTIVE_ACTIONS)


def _open_for_report(visit: Visit, *, by: User, to: str) -> Visit:
    locked = lock(visit)
    check_is_of_team(by, team_ids=team_of(locked), number=locked.number, to=to)
    if locked.status not in _WRITES:
        raise Refused(
            f"{locked.number} is “{locked.get_status_display().lower()}”. Findings and actions are written from the "
            "arrival on site until the report is submitted; a supervisor can return the report.",
            rule="inspections.report_open",
        )
    return locked


@operation
def add_finding(*, visit: Visit, severity: str, title: str, says: str, by: User, at: datetime) -> Finding:
    """Write a finding down, with its severity. Raises NotPermitted, and Refused naming the field."""
    locked = _open_for_report(visit, by=by, to="write its findings")
    if severity not in Severity.values:
        raise Refused("Choose how severe the finding is.", rule="inspections.severity", field="severity")
    finding = Finding.objects.create(
        visit=locked,
        number=locked.findings.count() + 1,
        severity=severity,
        title=check_text(title, field="title", name="The title")[:200],
        says=check_text(says, field="says", name="The finding"),
        made_by=by,
        made_by_label=by.actor.label,
        at=at,
    )
    record(
        subject=locked,
        verb="visit.found",
        says=f"Finding {finding.number} ({Severity(severity).label.lower()}): {finding.title}",
        by=by,
        at=at,
        data={"finding": finding.pk, "severity": severity},
        covers=[finding],
    )
    return finding


@operation
def withdraw_finding(*, finding: Finding, reason: str, by: User, at: datetime) -> FindingWithdrawal:
    """Withdraw a mistaken finding; its open actions need an answer of their own. Raises NotPermitted and Refused."""
    locked = _open_for_report(finding.visit, by=by, to="withdraw its findings")
    reason = check_text(reason, field="reason", name="The reason")
    if FindingWithdrawal.objects.filter(finding=finding).exists():
        raise Refused("The finding is withdrawn already.", rule="inspections.withdrawn_once")
    row = FindingWithdrawal.objects.create(finding=finding, reason=reason, made_by_label=by.actor.label, at=at)
    record(
        subject=locked,
        verb="visit.finding_withdrawn",
        says=f"Withdrew finding {finding.number}: {reason}",
        by=by,
        at=at,
        data={"finding": finding.pk},
        covers=[row],
    )
    return row


@operation
def recommend_action(
    *, finding: Finding, says: str, owner: str, due_on: date, by: User, at: datetime
) -> CorrectiveAction:
    """Recommend what is to be done on a finding, by whom, and by the end of which day; a deadline is set for `by`.

    Raises NotPermitted, and Refused for a day that is over, naming the field.
    """
    locked = _open_for_report(finding.visit, by=by, to="recommend actions")
    due_at = end_of_day(due_on)
    if due_on <= day_of(at):
        raise Refused(
            f"{tell_day(due_on)} leaves no time for the action. Choose a later day.",
            rule="inspections.action_due",
            field="due_on",
        )
    action = CorrectiveAction.objects.create(
        visit=locked,
        finding=finding,
        number=locked.actions.count() + 1,
        says=check_text(says, field="says", name="What is to be done"),
        owner=check_text(owner, field="owner", name="Who is to do it")[:200],
        due_at=due_at,
        made_by=by,
        made_by_label=by.actor.label,
        at=at,
    )
    _await_action(action, locked, by=by, at=at)
    record(
        subject=locked,
        verb="visit.action_recommended",
        says=f"Action {action.number} for {action.owner}, due {tell_day(due_on)}: {action.says}",
        by=by,
        at=at,
        data={"action": action.pk, "finding": finding.pk, "due_at": due_at},
        covers=[action],
    )
    return action


def _await_action(action: CorrectiveAction, visit: Visit, *, by: User, at: datetime) -> None:
    if action.due_at <= at:
        return
    set_deadline(
        subject=action,
        kind=ACTION,
        says=f"{visit.number}, action {action.number}: see that {action.owner} has done it. {action.says}"[:500],
        url=address_of(visit),
        owner=("user", action.made_by_id),
        due_at=action.due_at,
        reminder_offsets=get_operating_edition(at).value("reminders.corrective_action"),
        by=by,
        at=at,
    )


@operation
def answer_action(*, action: CorrectiveAction, outcome: str, says: str, by: User, at: datetime) -> ActionStep:
    """Record that an action was done, with what shows it; that it is declined, with a justification; or open again.

    Raises NotPermitted; Refused without words, for what changes nothing, and once the visit is closed.
    """
    locked = lock(action.visit)
    check_can_arrange(by, to="record what became of an action")
    if locked.status not in _ANSWERS:
        raise Refused(
            f"{locked.number} is “{locked.get_status_display().lower()}”: what became of its actions is recorded while "
            "it is open. A supervisor can open it again.",
            rule="inspections.actions_open",
        )
    newest = action.steps.order_by("-pk").first()
    is_open = newest is None or newest.outcome == ActionOutcome.REOPENED
    if outcome not in ActionOutcome.values or is_open == (outcome == ActionOutcome.REOPENED):
        state = "open" if is_open or newest is None else newest.get_outcome_display().lower()
        raise Refused(
            f"Action {action.number} is {state}. Choose what changes that.",
            rule="inspections.action_outcome",
            field="outcome",
        )
    names = {ActionOutcome.DONE: "What shows that it was done", ActionOutcome.DECLINED: "The justification"}
    step = ActionStep.objects.create(
        action=action,
        outcome=outcome,
        says=check_text(says, field="says", name=names.get(ActionOutcome(outcome), "The reason")),
        made_by=by,
        made_by_label=by.actor.label,
        at=at,
    )
    match outcome:
        case ActionOutcome.DONE:
            meet_deadline(subject=action, kind=ACTION, by=by, at=at)
        case ActionOutcome.DECLINED:
            cancel_deadline(subject=action, kind=ACTION, by=by, at=at)
        case ActionOutcome.REOPENED:
            _await_action(action, locked, by=by, at=at)
    record(
        subject=locked,
        verb="visit.action_answered",
        says=f"Action {action.number}: {ActionOutcome(outcome).label.lower()}. {step.says}",
        by=by,
        at=at,
        data={"action": action.pk, "outcome": outcome},
        covers=[step],
    )
    return step


@operation
def submit_report(
    *, visit: Visit, summary: str, rating: str, rationale: str, version: int, by: User, at: datetime
) -> Report:
    """Submit the report with its rating. An adverse one holds the place at once, before any review.

    Raises NotPermitted; Refused without summary, rating or rationale, naming the field.
    """
    locked = lock(visit, version=version)
    check_is_of_team(by, team_ids=team_of(locked), number=locked.number, to="report on it")
    move(locked, "submit_report")
    if rating not in Rating.values:
        raise Refused("Choose one of the four ratings.", rule="inspections.rating", field="rating")
    report = Report.objects.create(
        visit=locked,
        number=locked.reports.count() + 1,
        summary=check_text(summary, field="summary", name="The summary"),
        rating=rating,
        rationale=check_text(rationale, field="rationale", name="The rationale of the rating"),
        made_by=by,
        made_by_label=by.actor.label,
        at=at,
    )
    if rating != locked.rating:
        rate(locked, rating, report.rationale, by=by, at=at)
    meet_deadline(subject=locked, kind=REPORT, by=by, at=at)
    record(
        subject=locked,
        verb="visit.reported",
        says=f"Submitted report {report.number}: {report.summary}",
        by=by,
        at=at,
        data={"report": report.pk, "rating": rating},
        covers=[report],
    )
    save(locked)
    notify(
        users=list_users_with_role(Role.VISIT_SUPERVISOR).exclude(pk=by.pk),
        kind="visit_reported",
        says=f"{locked.number} of {locked.installation.name} is reported, rated {Rating(rating).label.lower()}. "
        "It waits for your review.",
        url=address_of(locked),
        at=at,
    )
    return report
