"""Choosing targets: the candidates with their points, and the selections that were made."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from desk.answering import Done, answer
from desk.exports import Column, export, walk
from desk.inspections.forms import SelectionForm
from inspections import operations
from inspections.models import SelectionRound
from inspections.operations import Choice
from inspections.permissions import can_request, can_select_targets, check_can_select_targets
from inspections.selectors import targets, visits

ROUND_COLUMNS = (
    Column("Number", lambda row: row.pk),
    Column("Kind", lambda row: row.get_kind_display()),
    Column("What for", lambda row: row.says),
    Column("Looked at", lambda row: row.looked_at),
    Column("Chosen", lambda row: row.chosen),
    Column("By", lambda row: row.made_by_label),
    Column("Day", lambda row: row.at),
)
CANDIDATE_COLUMNS = (
    Column("Points", lambda row: row.points),
    Column("Installation", lambda row: row.installation.name),
    Column("Operator", lambda row: row.installation.operator.name),
    Column("Country", lambda row: row.installation.country.name),
    Column("Chosen", lambda row: row.is_chosen),
    Column("Why", lambda row: row.rationale),
)


@require_GET
def register(request: HttpRequest) -> HttpResponseBase:
    """The selections, the newest first."""

    def read(place: str) -> targets.Rounds:
        return targets.list_rounds(by=request.user, after=place)

    if file := export(request, rows=walk(read), columns=ROUND_COLUMNS, name="selections"):
        return file
    after = request.GET.get("after", "")
    page = read(after)
    return render(
        request,
        "desk/inspections/targets.html",
        {
            "rows": page.rows,
            "may_select": can_select_targets(request.user),
            "first_url": "?" if after else "",
            "next_url": f"?after={page.after}" if page.after else "",
        },
    )


@require_GET
def detail(request: HttpRequest, round_id: int) -> HttpResponseBase:
    """A selection with every candidate, chosen or passed over."""
    try:
        page = targets.get_round_page(round_id=round_id, by=request.user)
    except SelectionRound.DoesNotExist as error:
        raise Http404 from error
    if file := export(request, rows=iter(page.candidates), columns=CANDIDATE_COLUMNS, name=f"selection-{round_id}"):
        return file
    return render(
        request,
        "desk/inspections/target_round.html",
        {"page": page, "round": page.round, "may_request": can_request(request.user)},
    )


@require_http_methods(["GET", "POST"])
def select(request: HttpRequest) -> HttpResponse:
    """Choose among candidates: all of them are kept with their points and the reason."""
    check_can_select_targets(request.user)
    now = timezone.now()
    country, text = request.GET.get("country", "")[:2], request.GET.get("q", "")[:100]
    scored = targets.list_candidates(by=request.user, at=now, country=country, text=text)
    posted = request.POST if request.method == "POST" else None
    form = SelectionForm(posted)

    def act(data: Any) -> Done:
        made = operations.select_targets(
            kind=data["kind"],
            says=data["says"],
            choices=_choices(scored, request.POST, data["passed_over"]),
            by=request.user,
            at=now,
        )
        return "The selection is kept with every candidate.", reverse("desk:visit_target_round", args=[made.pk])

    chosen = set(posted.getlist("chosen")) if posted is not None else set()
    return answer(
        request,
        form,
        act,
        "desk/inspections/target_select.html",
        country=country,
        text=text,
        countries=visits.list_countries(),
        rows=[
            {
                "score": score,
                "chosen": str(score.installation.pk) in chosen,
                "rationale": posted.get(f"rationale_{score.installation.pk}", "") if posted is not None else "",
            }
            for score in scored.scores
        ],
    )


def _choices(scored: targets.Scored, posted: Any, passed_over: str) -> list[Choice]:
    chosen = set(posted.getlist("chosen"))
    choices = []
    for score in scored.scores:
        place = score.installation.pk
        is_chosen = str(place) in chosen
        words = posted.get(f"rationale_{place}", "").strip()
        choices.append(Choice(place, is_chosen, words or ("" if is_chosen else passed_over)))
    return choices
