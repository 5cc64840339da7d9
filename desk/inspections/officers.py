"""Officers, their teams and their absences."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from desk import answering
from desk.exports import Column, export, walk
from desk.inspections.calendar_forms import AbsenceForm, NewOfficerForm, OfficerForm, ReasonForm, TeamForm
from inspections.models import Engagement, Officer, Team
from inspections.operations import officers as operations
from inspections.permissions import can_keep_absence, can_supervise, check_can_keep_absence, check_can_supervise
from inspections.rules.scheduling import language_name, write_days
from inspections.selectors import teams

TAKES = require_http_methods(["GET", "POST"])
COLUMNS = (
    Column("Officer", lambda row: row.user.name),
    Column("Unit", lambda row: row.user.unit.name if row.user.unit else None),
    Column("City", lambda row: row.home_city),
    Column("Country", lambda row: row.home_country_id),
    Column("Languages", lambda row: ", ".join(language_name(code) for code in row.languages)),
    Column("Available from", lambda row: row.available_from),
    Column("Gone on", lambda row: row.available_to),
)


def _officer(request: HttpRequest, officer_id: int) -> Officer:
    try:
        return teams.get_officer(officer_id=officer_id, by=request.user)
    except Officer.DoesNotExist as error:
        raise Http404 from error


def _team(request: HttpRequest, team_id: int) -> Team:
    try:
        return teams.get_team(team_id=team_id, by=request.user)
    except Team.DoesNotExist as error:
        raise Http404 from error


def _every_officer(request: HttpRequest) -> list[Officer]:
    return list(walk(lambda after: teams.list_officers(by=request.user, after=after)))


def _answer(
    request: HttpRequest, form: forms.Form, act: Callable[[Any], str], *, back: str, **words: Any
) -> HttpResponse:
    """Show the form, or do the act and go back."""
    return answering.answer(
        request, form, lambda data: (act(data), back), "desk/inspections/calendar_act.html", back=back, **words
    )


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@require_GET
def register(request: HttpRequest) -> HttpResponseBase:
    """Every officer by name, and the teams."""

    def read(after: str) -> teams.OfficerPage:
        return teams.list_officers(by=request.user, after=after)

    if file := export(request, rows=walk(read), columns=COLUMNS, name="officers"):
        return file
    after = request.GET.get("after", "")
    page = read(after)
    return render(
        request,
        "desk/inspections/calendar_officers.html",
        {
            "rows": [
                {
                    "officer": officer,
                    "languages": ", ".join(language_name(code) for code in officer.languages),
                    "may_rest": can_keep_absence(request.user, officer_id=officer.user_id),
                }
                for officer in page.rows
            ],
            "teams": teams.list_teams(by=request.user),
            "may_supervise": can_supervise(request.user),
            "first_url": "?" if after else "",
            "next_url": f"?after={page.after}" if page.after else "",
        },
    )


@TAKES
def add(request: HttpRequest) -> HttpResponse:
    """Open an officer's file."""
    check_can_supervise(request.user, to="open an officer's file")
    form = NewOfficerForm(_sent(request))

    def act(data: Any) -> str:
        chosen = User(pk=data.pop("user"))
        made = operations.add_officer(user=chosen, by=request.user, at=timezone.now(), **data)
        return f"{made.user.name} is on the calendar now."

    return _answer(
        request,
        form,
        act,
        back=reverse("desk:visit_officers"),
        heading="Add an officer",
        about="Home base and languages decide which team is suggested first.",
        button="Add this officer to the calendar",
    )


@TAKES
def change(request: HttpRequest, officer_id: int) -> HttpResponse:
    """Change an officer's file."""
    check_can_supervise(request.user, to="change an officer's file")
    officer = _officer(request, officer_id)
    form = OfficerForm(_sent(request), initial=OfficerForm.initial_of(officer))

    def act(data: Any) -> str:
        operations.change_officer(officer=officer, by=request.user, at=timezone.now(), **data)
        return f"The file of {officer.user.name} is changed."

    return _answer(
        request,
        form,
        act,
        back=reverse("desk:visit_officers"),
        heading=f"Change the file of {officer.user.name}",
        about="Visits that are booked stay booked.",
        button="Save the file",
    )


@TAKES
def absences(request: HttpRequest, officer_id: int) -> HttpResponse:
    """The absences of an officer, and a form for a further one."""
    officer = _officer(request, officer_id)
    check_can_keep_absence(request.user, officer_id=officer.user_id, to="enter an absence")
    form = AbsenceForm(_sent(request))

    def act(data: Any) -> str:
        absence = operations.enter_absence(officer=officer, by=request.user, at=timezone.now(), **data)
        return f"{absence.get_kind_display()} of {officer.user.name} is on the calendar."

    held = teams.list_absences(officer=officer, at=timezone.now())
    return _answer(
        request,
        form,
        act,
        back=reverse("desk:visit_officers"),
        heading=f"Absences of {officer.user.name}",
        about="On these days no team with this officer can be booked.",
        button="Enter these days as an absence",
        officer=officer,
        absences=[
            {"pk": row.pk, "kind": row.get_kind_display(), "when": write_days(teams.days_of(row.period)), "row": row}
            for row in held
        ],
        lists_absences=True,
    )


@TAKES
def end_absence(request: HttpRequest, officer_id: int, absence_id: int) -> HttpResponse:
    """Take an absence back."""
    officer = _officer(request, officer_id)
    check_can_keep_absence(request.user, officer_id=officer.user_id, to="take back an absence")
    held = teams.list_absences(officer=officer, at=timezone.now())
    absence: Engagement | None = next((row for row in held if row.pk == absence_id), None)
    if absence is None:
        raise Http404

    def act(data: Any) -> str:
        operations.end_absence(absence=absence, by=request.user, at=timezone.now(), **data)
        return f"{officer.user.name} is available on these days again."

    when = write_days(teams.days_of(absence.period))
    return _answer(
        request,
        ReasonForm(_sent(request)),
        act,
        back=reverse("desk:visit_officer_absences", args=[officer.pk]),
        heading=f"Take back: {absence.get_kind_display().lower()} of {officer.user.name} {when}",
        about="The officer can be booked on these days again.",
        button="Take this absence off the calendar",
    )


def _act_on_team(request: HttpRequest, team: Team | None, data: Any) -> Team:
    chosen = {
        officer.pk: officer for officer in _every_officer(request) if officer.pk in {*data["officers"], data["lead"]}
    }
    wanted: dict[str, Any] = {
        "name": data["name"],
        "lead": chosen[data["lead"]],
        "officers": [chosen[pk] for pk in data["officers"]],
        "travel_days": data["travel_days"],
        "by": request.user,
        "at": timezone.now(),
    }
    return operations.change_team(team=team, **wanted) if team else operations.form_team(**wanted)


@TAKES
def form_team(request: HttpRequest) -> HttpResponse:
    """Form a team."""
    check_can_supervise(request.user, to="form a team")
    return _answer(
        request,
        TeamForm(_sent(request), officers=_every_officer(request)),
        lambda data: f"The team {_act_on_team(request, None, data).name} is formed.",
        back=reverse("desk:visit_officers"),
        heading="Form a team",
        about="Its officers travel together, and are booked together.",
        button="Form this team",
    )


@TAKES
def change_team(request: HttpRequest, team_id: int) -> HttpResponse:
    """Change a team."""
    check_can_supervise(request.user, to="change a team")
    team = _team(request, team_id)
    initial = {
        "name": team.name,
        "officers": [member.officer_id for member in team.members.all()],
        "lead": team.lead_id,
        "travel_days": team.travel_days,
    }
    return _answer(
        request,
        TeamForm(_sent(request), officers=_every_officer(request), initial=initial),
        lambda data: f"The team {_act_on_team(request, team, data).name} is changed.",
        back=reverse("desk:visit_officers"),
        heading=f"Change the team {team.name}",
        about="Visits that are booked keep the officers they were booked with.",
        button="Save the team",
    )


@TAKES
def close_team(request: HttpRequest, team_id: int) -> HttpResponse:
    """Close a team."""
    check_can_supervise(request.user, to="close a team")
    team = _team(request, team_id)

    def act(data: Any) -> str:
        operations.close_team(team=team, by=request.user, at=timezone.now(), **data)
        return f"The team {team.name} is closed."

    return _answer(
        request,
        ReasonForm(_sent(request)),
        act,
        back=reverse("desk:visit_officers"),
        heading=f"Close the team {team.name}",
        about="It is no longer suggested and cannot be sent; what it is booked for stands.",
        button="Close this team",
    )
