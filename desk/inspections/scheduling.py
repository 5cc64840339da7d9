"""The days of a visit: choosing them with a team that is free, moving them, taking them back."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.rules import Refused
from deadlines.rules import day_of
from desk.answering import Done, answer
from desk.inspections.calendar_forms import PlanForm, UnscheduleForm
from inspections.models import Schedule, Team, Visit
from inspections.operations import scheduling
from inspections.permissions import check_can_arrange
from inspections.rules.scheduling import LONGEST_VISIT, Days, write_days
from inspections.selectors import calendar, teams
from rulebook.selectors import get_operating_edition

TAKES = require_http_methods(["GET", "POST"])


def _read(request: HttpRequest, visit_id: int) -> Visit:
    try:
        return calendar.get_visit(visit_id=visit_id, by=request.user)
    except Visit.DoesNotExist as error:
        raise Http404 from error


def _days_of(form: PlanForm) -> Days | None:
    """The days that were entered, where teams can be looked for on them."""
    source = form.cleaned_data if form.is_bound else form.initial
    first, last = source.get("first_day"), source.get("last_day")
    if not isinstance(first, date) or not isinstance(last, date):
        return None
    days = Days(first, last)
    return days if 0 < days.count <= LONGEST_VISIT and 2000 < first.year < 2100 else None


def _plan(request: HttpRequest, visit: Visit, before: Schedule | None, *, start: Days, moves: bool) -> HttpResponse:
    now = timezone.now()
    initial = {
        "version": visit.version,
        "first_day": start.first,
        "last_day": start.last,
        "team": before.team_id if before else None,
    }
    form = PlanForm(request.POST if request.method == "POST" else None, initial=initial)
    everybody = teams.list_teams(by=request.user)
    form.offer(None, everybody)
    refused, status = None, 200
    looks = "look" in request.POST
    if form.is_bound and form.is_valid() and not looks:
        data = dict(form.cleaned_data)
        chosen = Team(pk=data.pop("team"))
        act = scheduling.reschedule_visit if moves else scheduling.schedule_visit
        try:
            made = act(visit=visit, team=chosen, by=request.user, at=now, **data)
        except Refused as refusal:
            status = 409
            if refusal.field in form.fields:
                form.add_error(refusal.field, refusal.reason)
            else:
                refused = refusal
        else:
            when = write_days(Days(data["first_day"], data["last_day"]))
            messages.success(request, f"{visit.number} is planned {when} for {made.team_name}.")
            return redirect(f"{reverse('desk:calendar_week')}?week={data['first_day']:%Y-%m-%d}")
    elif form.is_bound and not looks:
        status = 400
    days = _days_of(form)
    choice = None
    if days is not None:
        choice = teams.list_choices(visit=visit, days=days, by=request.user, at=now)
        form.offer(choice, everybody)
    if looks:
        # Looking is no act: what is still empty is no mistake yet.
        kept = {name: request.POST.get(name, "") for name in form.fields}
        form = PlanForm(initial=kept)
        form.offer(choice, everybody)
    edition = get_operating_edition(now)
    return render(
        request,
        "desk/inspections/calendar_plan.html",
        {
            "visit": visit,
            "form": form,
            "refused": refused,
            "choice": choice,
            "when": write_days(days) if days else "",
            "before": before,
            "before_when": write_days(teams.days_of(before.on_site)) if before else "",
            "moves": moves,
            "has_teams": bool(everybody),
            "notice_days": edition.value("inspections.notice_days"),
        },
        status=status,
    )


@TAKES
def schedule(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Choose the days of a visit and a team that is free."""
    check_can_arrange(request.user, to="schedule a visit")
    visit = _read(request, visit_id)
    now = timezone.now()
    first = day_of(now) + timedelta(days=int(get_operating_edition(now).value("inspections.notice_days")))
    return _plan(request, visit, None, start=Days(first, first + timedelta(days=1)), moves=False)


@TAKES
def reschedule(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Move a visit to other days or another team."""
    check_can_arrange(request.user, to="move a visit to other days")
    visit = _read(request, visit_id)
    before = calendar.find_plan(visit)
    if before is None:
        raise Refused(
            f"{visit.number} is not planned yet, so it cannot be moved. Schedule it first.", rule="state.reschedule"
        )
    return _plan(request, visit, before, start=teams.days_of(before.on_site), moves=True)


@TAKES
def unschedule(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Take a visit off the calendar."""
    check_can_arrange(request.user, to="take a visit off the calendar")
    visit = _read(request, visit_id)
    before = calendar.find_plan(visit)
    form = UnscheduleForm(request.POST if request.method == "POST" else None, initial={"version": visit.version})

    def act(data: Any) -> Done:
        scheduling.unschedule_visit(visit=visit, by=request.user, at=timezone.now(), **data)
        return f"{visit.number} is off the calendar. Its team is free again.", reverse("desk:calendar")

    return answer(
        request,
        form,
        act,
        "desk/inspections/calendar_unschedule.html",
        visit=visit,
        before=before,
        before_when=write_days(teams.days_of(before.on_site)) if before else "",
    )
