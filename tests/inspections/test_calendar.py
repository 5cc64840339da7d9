"""The calendar's pages: a month, a week, and the forms of days, officers, teams and absences."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.statuses import Role
from inspections.models import Engagement, Officer, Schedule, Team, Visit
from inspections.operations import scheduling
from inspections.selectors.calendar import ON_SITE, TRAVEL, get_month, get_week
from inspections.statuses import VisitKind, VisitStatus
from tests.accounts.factories import user
from tests.inspections import calendar_factories as make
from tests.registry.factories import installation

START = (timezone.now() - timedelta(days=1)).replace(hour=15, minute=0, second=0, microsecond=0)
FIRST = START.date() + timedelta(days=30)
LAST = FIRST + timedelta(days=1)
DAYS = {"first_day": FIRST, "last_day": LAST, "at": START}


@pytest.fixture
def who(db) -> make.People:
    make.load_rules(START)
    return make.People()


@pytest.fixture
def desk(who, client):
    client.force_login(who.supervisor)
    return client


def plan(who, team, **fields):
    place = installation(fields.pop("name", "Riyadh Hall 7"), **make.RIYADH)
    made = make.visit(who, at=START, place=place, kind=VisitKind.PERIODIC)
    return scheduling.schedule_visit(**make.plan(made, team, who, **{**DAYS, **fields}))


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def month_page(of: date, **more: str) -> str:
    return reverse("desk:calendar", query={"month": f"{of:%Y-%m}", **more})


def test_a_month_shows_each_visit_on_its_days_with_travel_and_absences(who):
    lead, second = make.officer(who), make.officer(who)
    schedule = plan(who, make.team(who, lead, second))
    resting = make.officer(who)
    make.leave(who, resting, FIRST, FIRST, at=START)
    month = get_month(day=FIRST, by=who.supervisor, at=START)
    marks = {cell.day: cell.marks for week in month.weeks for cell in week}
    assert month.visits == 1
    assert [mark.phase for mark in marks[FIRST]] == [ON_SITE, "absent"]
    assert sorted(marks[FIRST][0].item.officers) == sorted([lead.user.name, second.user.name])
    assert marks[FIRST][0].item.number == schedule.visit.number
    if FIRST - timedelta(days=1) in marks:
        assert [mark.phase for mark in marks[FIRST - timedelta(days=1)]] == [TRAVEL]


def test_a_month_of_ones_own_leaves_out_what_others_do(who):
    mine = make.team(who, make.officer(who, who.officer))
    plan(who, mine, name="Mine")
    plan(who, make.team(who), name="Theirs")
    assert get_month(day=FIRST, by=who.officer, at=START).visits == 2
    own = get_month(day=FIRST, by=who.officer, at=START, own=True)
    assert own.visits == 1
    assert {mark.item.title for week in own.weeks for cell in week for mark in cell.marks} == {"Mine"}


def test_what_was_moved_is_only_on_its_new_days(who):
    team = make.team(who)
    schedule = plan(who, team)
    moved = {"first_day": FIRST + timedelta(days=70), "last_day": LAST + timedelta(days=70), "at": START}
    scheduling.reschedule_visit(**make.plan(schedule.visit, team, who, **moved))
    assert get_month(day=FIRST, by=who.supervisor, at=START).visits == 0
    assert get_month(day=moved["first_day"], by=who.supervisor, at=START).visits == 1


def test_a_week_has_a_row_for_each_officer_and_pages_by_name(who, monkeypatch):
    monkeypatch.setattr("inspections.selectors.teams.PAGE", 2)
    for name in ("Abel", "Berta", "Berta", "Carl", "Dora"):
        make.officer(who, user(Role.EXPORT_CONTROL_OFFICER, name=name))
    plan(who, make.team(who, Officer.objects.get(user__name="Dora")))
    names, after, marks = [], "", 0
    for _ in range(3):
        week = get_week(day=FIRST, by=who.supervisor, at=START, after=after)
        names += [row.officer.user.name for row in week.rows]
        marks += sum(bool(cell.marks) for row in week.rows for cell in row.cells)
        after = week.after
    assert names == ["Abel", "Berta", "Berta", "Carl", "Dora"]
    assert after == ""
    assert marks >= 1


def fill(who, number: int) -> None:
    for index in range(number):
        plan(who, make.team(who, make.officer(who), make.officer(who)), name=f"Hall {index}")


@pytest.mark.parametrize("number", [1, 9])
def test_the_pages_cost_the_same_however_much_is_on_them(who, desk, number, django_assert_max_num_queries):
    fill(who, number)
    for page in (
        month_page(FIRST),
        month_page(FIRST, who="own"),
        reverse("desk:calendar_week", query={"week": f"{FIRST:%Y-%m-%d}"}),
    ):
        with django_assert_max_num_queries(8):
            assert desk.get(page).status_code == 200
    with django_assert_max_num_queries(13):
        assert desk.get(reverse("desk:visit_officers")).status_code == 200


def test_a_crowded_day_says_how_many_more_there_are_and_leads_to_its_week(who, desk):
    fill(who, 8)
    page = desk.get(month_page(FIRST)).content.decode()
    assert "and 2 more" in page
    assert f"/desk/visits/calendar/week/?week={FIRST:%Y-%m-%d}" in page


def test_every_month_leads_to_the_one_before_and_after(desk):
    page = desk.get(reverse("desk:calendar") + "?month=2026-12").content.decode()
    assert "?month=2026-11" in page
    assert "?month=2027-01" in page
    assert "No visit is planned in this month" in page


@pytest.mark.parametrize("asked", ["2026-13", "x", "1999-01", "2026-02-30", "99999-01"])
def test_a_month_or_week_that_is_none_is_said_and_todays_is_shown(desk, asked):
    answer = desk.get(reverse("desk:calendar"), {"month": asked})
    assert answer.status_code == 400
    assert "There is no such month" in text_of(answer)
    assert desk.get(reverse("desk:calendar_week"), {"week": asked}).status_code == 400


def test_an_empty_calendar_teaches_what_to_do(desk):
    assert "No officer is on the calendar" in text_of(desk.get(reverse("desk:calendar_week")))
    assert "There is no team" in text_of(desk.get(reverse("desk:visit_officers")))


def sent(visit: Visit, chosen: Team, **fields):
    return {
        "version": visit.version,
        "first_day": FIRST.isoformat(),
        "last_day": LAST.isoformat(),
        "team": chosen.pk,
        "reason": "The operator is open then.",
        **fields,
    }


def test_scheduling_by_the_form_books_the_team_and_leads_to_the_week(who, desk):
    team, visit = make.team(who), make.visit(who, at=START)
    page = reverse("desk:visit_schedule", args=[visit.pk])
    assert "speaks Arabic" in text_of(desk.get(page))
    answer = desk.post(page, sent(visit, team), follow=True)
    assert answer.redirect_chain[0][0] == f"/desk/visits/calendar/week/?week={FIRST:%Y-%m-%d}"
    assert f"{visit.number} is planned" in text_of(answer)
    assert Schedule.objects.get().team_id == team.pk


def test_looking_for_free_teams_keeps_what_was_typed_and_books_nothing(who, desk):
    resting = make.officer(who, user(Role.EXPORT_CONTROL_OFFICER, name="Ada Rest"))
    make.team(who, resting, name="Rest")
    make.leave(who, resting, FIRST, LAST, at=START)
    visit = make.visit(who, at=START)
    data = sent(visit, Team.objects.get(), reason="Half a sent", look="1", team="")
    answer = desk.post(reverse("desk:visit_schedule", args=[visit.pk]), data)
    assert answer.status_code == 200
    assert "Half a sent" in answer.content.decode()
    assert "Ada Rest is on leave" in text_of(answer)
    assert "No team is free" in text_of(answer)
    assert "There is a problem" not in text_of(answer)
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"first_day": "2026-01-05", "last_day": "2026-01-06"}, 409, "is in the past"),
        ({"last_day": "x"}, 400, "Enter a day that exists"),
        ({"reason": ""}, 400, "Why these days and this team?"),
        ({"team": "9"}, 400, "Choose one of the answers in the list."),
        ({"version": 9}, 409, "was changed since this page was loaded"),
    ],
)
def test_a_refused_plan_says_why_and_keeps_what_was_typed(who, desk, fields, status, says):
    visit, team = make.visit(who, at=START), make.team(who)
    answer = desk.post(reverse("desk:visit_schedule", args=[visit.pk]), sent(visit, team, **fields))
    assert answer.status_code == status
    assert says in text_of(answer)
    assert not Schedule.objects.exists()


def test_moving_and_unscheduling_by_their_forms(who, desk):
    team = make.team(who)
    schedule = plan(who, team)
    visit = Visit.objects.get(pk=schedule.visit_id)
    move = reverse("desk:visit_reschedule", args=[visit.pk])
    shown = desk.get(move)
    assert "It is planned" in text_of(shown)
    # The team that goes is chosen already, and its own booking for this visit does not make it busy.
    assert re.search(rf'value="{team.pk}"[^>]*checked', shown.content.decode())
    assert f"{team.name}: free" in text_of(shown)
    same = desk.post(move, sent(visit, team))
    assert same.status_code == 409
    assert "for this team already" in text_of(same)
    other = sent(visit, team, last_day=(LAST + timedelta(days=2)).isoformat())
    assert desk.post(move, other).status_code == 302
    visit.refresh_from_db()
    off = reverse("desk:visit_unschedule", args=[visit.pk])
    assert "free again" in text_of(desk.get(off))
    assert desk.post(off, {"version": visit.version, "reason": ""}).status_code == 400
    assert desk.post(off, {"version": visit.version, "reason": "The border is closed."}).status_code == 302
    visit.refresh_from_db()
    assert visit.status == VisitStatus.CONSENTED
    assert desk.post(off, {"version": visit.version, "reason": "Again."}).status_code == 409


def test_a_visit_that_is_not_planned_cannot_be_moved_and_an_unknown_one_is_not_found(who, desk):
    visit = make.visit(who, at=START)
    assert desk.get(reverse("desk:visit_reschedule", args=[visit.pk])).status_code == 409
    assert desk.get(reverse("desk:visit_schedule", args=[0])).status_code == 404


A_FILE = {"home_city": "Dubai", "home_country": "AE", "languages": ["ar", "en"], "available_from": "2026-01-01"}


def test_a_supervisor_keeps_officers_and_teams_by_forms(who, desk):
    page = reverse("desk:visit_officer_add")
    assert desk.post(page, {**A_FILE, "user": who.officer.pk, "latitude": "25"}).status_code == 409
    assert desk.post(page, {**A_FILE, "user": who.officer.pk}).status_code == 302
    officer = Officer.objects.get()
    change = reverse("desk:visit_officer_change", args=[officer.pk])
    assert 'value="Dubai"' in desk.get(change).content.decode()
    assert desk.post(change, {**A_FILE, "home_city": "Abu Dhabi"}).status_code == 302
    form = reverse("desk:visit_team_form")
    assert desk.get(form).status_code == 200
    assert desk.post(form, {"name": "Gulf", "officers": [officer.pk], "lead": officer.pk}).status_code == 302
    team = Team.objects.get()
    again = desk.post(form, {"name": "gulf", "officers": [officer.pk], "lead": officer.pk})
    assert (again.status_code, "a team named gulf" in text_of(again)) == (409, True)
    team_page = reverse("desk:visit_team_change", args=[team.pk])
    assert 'value="Gulf"' in desk.get(team_page).content.decode()
    renamed = {"name": "Gulf 1", "officers": [officer.pk], "lead": officer.pk, "travel_days": "2"}
    assert desk.post(team_page, renamed).status_code == 302
    listed = text_of(desk.get(reverse("desk:visit_officers")))
    assert "Abu Dhabi, United Arab Emirates" in listed
    assert "Gulf 1" in listed
    close = reverse("desk:visit_team_close", args=[team.pk])
    assert desk.get(close).status_code == 200
    assert desk.post(close, {"reason": "Merged."}).status_code == 302
    assert desk.get(close).status_code == 404


def test_an_officer_enters_leave_and_takes_it_back(who, client):
    officer = make.officer(who, who.officer)
    client.force_login(who.officer)
    page = reverse("desk:visit_officer_absences", args=[officer.pk])
    days = {"kind": "leave", "first_day": FIRST.isoformat(), "last_day": LAST.isoformat()}
    assert client.post(page, {**days, "says": "Family"}).status_code == 302
    assert "Family" in text_of(client.get(page))
    assert client.post(page, days).status_code == 409
    absence = Engagement.objects.get()
    end = reverse("desk:visit_officer_absence_end", args=[officer.pk, absence.pk])
    assert client.get(end).status_code == 200
    assert client.post(end, {"reason": "Later."}).status_code == 302
    assert client.get(end).status_code == 404
    other = make.officer(who)
    assert client.get(reverse("desk:visit_officer_absences", args=[other.pk])).status_code == 403


def test_the_officers_are_a_file_too(who, desk):
    make.officer(who, user(Role.EXPORT_CONTROL_OFFICER, name="Ada Far"))
    answer = desk.get(reverse("desk:visit_officers") + "?format=csv")
    assert "Ada Far" in b"".join(answer.streaming_content).decode()
