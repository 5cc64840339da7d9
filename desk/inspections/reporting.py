"""The report: findings, what is recommended on each, what became of that, and the rating."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from desk.answering import bind
from desk.inspections import forms
from desk.inspections.answers import TAKES, Words, answer, given, read_visit, simple
from inspections import operations
from inspections.permissions import check_can_arrange
from inspections.selectors import entries


@TAKES
def finding(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Add a finding."""
    visit = read_visit(request, visit_id)
    words = Words("Add a finding", "It goes into the report", "Add the finding")

    def act(data: Any) -> str:
        row = operations.add_finding(**data, **given(request, visit))
        return f"Finding {row.number} is added."

    return answer(request, visit, bind(request, forms.FindingForm), words, act)


@TAKES
def finding_withdraw(request: HttpRequest, visit_id: int, number: int) -> HttpResponse:
    """Withdraw a mistaken finding."""
    visit = read_visit(request, visit_id)
    row = entries.get_finding(visit_id, number)
    if row is None:
        raise Http404
    words = Words(f"Withdraw finding {number}", f"“{row.title}” stays on record as mistaken", "Withdraw the finding")

    def act(data: Any) -> str:
        operations.withdraw_finding(finding=row, reason=data["reason"], by=request.user, at=timezone.now())
        return f"Finding {number} is withdrawn."

    return answer(request, visit, bind(request, forms.OnlyReasonForm), words, act)


@TAKES
def action(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Recommend a corrective action."""
    visit = read_visit(request, visit_id)
    standing = entries.list_standing_findings(visit)
    if not standing:
        raise Http404
    words = Words("Recommend an action", "The visit cannot close while it is unanswered", "Recommend the action")
    choices = [(row.number, f"{row.number}: {row.title}") for row in standing]

    def act(data: Any) -> str:
        of = next(row for row in standing if row.number == data.pop("finding"))
        row = operations.recommend_action(finding=of, **data, by=request.user, at=timezone.now())
        return f"Action {row.number} is recommended."

    return answer(request, visit, bind(request, forms.ActionForm, findings=choices), words, act)


@TAKES
def action_answer(request: HttpRequest, visit_id: int, number: int) -> HttpResponse:
    """Record what became of an action."""
    check_can_arrange(request.user, to="record what became of an action")
    visit = read_visit(request, visit_id)
    row = entries.get_action(visit_id, number)
    if row is None:
        raise Http404
    words = Words(f"Answer action {number}", f"{row.owner}: {row.says}", "Record the answer")

    def act(data: Any) -> str:
        operations.answer_action(action=row, **data, by=request.user, at=timezone.now())
        return f"Action {number} is answered."

    return answer(request, visit, bind(request, forms.ActionAnswerForm), words, act)


@TAKES
def report(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Submit the report with its rating."""
    words = Words(
        "Write the report",
        "A supervisor reviews it",
        "Submit the report",
        ["Rated unfavorable or unable to complete, the installation is held at once, before the review."],
    )
    return simple(request, visit_id, operations.submit_report, forms.ReportForm, words, "{} is reported.")
