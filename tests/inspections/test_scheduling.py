"""Planning visits: who can go when, what is refused and why, and what the database keeps true by itself."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.permissions import NotPermitted
from accounts.rules import Refused, Stale
from accounts.statuses import Role
from audit import verification
from audit.models import Entry
from deadlines.models import Notification
from inspections.demonstration_calendar import load_calendar
from inspections.models import Engagement, Schedule, Team, Visit
from inspections.operations import officers as keep
from inspections.operations import scheduling
from inspections.rules.scheduling import Days
from inspections.selectors.teams import days_of, list_choices
from inspections.statuses import EngagementKind, VisitKind, VisitStatus
from tests.accounts.factories import unit, user
from tests.inspections import calendar_factories as make
from tests.threads import many_at_once


@pytest.fixture
def who(db) -> make.People:
    make.load_rules()
    return make.People()


def refusal(act) -> Refused:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value


def test_planning_a_visit_books_every_officer_with_the_days_of_travel(who):
    lead, second = make.officer(who), make.officer(who)
    schedule = make.planned(who, sent=make.team(who, lead, second, name="Gulf 1"))
    schedule.refresh_from_db()
    visit = Visit.objects.get()
    assert visit.status == VisitStatus.SCHEDULED
    assert visit.version == 2
    assert days_of(schedule.on_site) == Days(make.FIRST, make.LAST)
    assert days_of(schedule.away) == Days(date(2026, 4, 19), date(2026, 4, 23))
    booked = Engagement.objects.order_by("-is_lead")
    assert [(each.officer_id, each.is_lead) for each in booked] == [(lead.user_id, True), (second.user_id, False)]
    assert {days_of(each.period) for each in booked} == {days_of(schedule.away)}
    told = Entry.objects.get(verb="visit.scheduled")
    assert "from Apr 20 to Apr 22, 2026 for Gulf 1: The operator is open then." in told.says
    assert Notification.objects.filter(kind="visit_scheduled").count() == 2
    assert verification.verify().intact


def test_the_days_of_travel_are_the_teams_own_where_it_has_some(who):
    schedule = make.planned(who, sent=make.team(who, travel_days=3))
    schedule.refresh_from_db()
    assert days_of(schedule.away) == Days(make.FIRST - timedelta(days=3), make.LAST + timedelta(days=3))
    near = make.planned(who, make.visit(who), make.team(who, travel_days=0))
    near.refresh_from_db()
    assert days_of(near.away) == days_of(near.on_site)


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"first_day": date(2026, 3, 31)}, "first_day", "Mar 31, 2026 is in the past"),
        ({"last_day": date(2026, 4, 19)}, "last_day", "is before the first one"),
        ({"reason": " "}, "reason", "Say why"),
        ({"first_day": date(2026, 4, 10)}, "notice_reason", "9 days of notice, counted from Apr 1, 2026, and 14 days"),
    ],
)
def test_what_a_plan_lacks_is_said_at_its_field_and_nothing_is_saved(who, fields, field, says):
    visit, team = make.visit(who), make.team(who)
    refused = refusal(lambda: make.planned(who, visit, team, **fields))
    assert refused.field == field
    assert says in refused.reason
    assert not Schedule.objects.exists()
    assert not Engagement.objects.exists()
    assert Visit.objects.get().status == VisitStatus.CONSENTED


def test_a_short_notice_with_a_reason_will_do_and_the_reason_stays(who):
    schedule = make.planned(who, first_day=date(2026, 4, 10), notice_reason="The ministry proposed that week.")
    assert schedule.notice_reason == "The ministry proposed that week."
    assert "(Shorter notice than wanted: The ministry proposed" in Entry.objects.get(verb="visit.scheduled").says


def test_a_visit_without_consent_cannot_be_planned(who):
    visit = make.visit(who, status=VisitStatus.HOST_NOTIFIED)
    assert "“host notified” and cannot be scheduled now" in refusal(lambda: make.planned(who, visit)).reason


def test_an_old_page_and_other_people_cannot_plan(who):
    visit, team = make.visit(who), make.team(who)
    with pytest.raises(Stale):
        make.planned(who, visit, team, version=7)
    with pytest.raises(NotPermitted):
        make.planned(who, visit, team, by=user(Role.LICENSING_OFFICER))


def test_a_team_on_leave_is_refused_with_who_and_until_when(who):
    of = make.officer(who, user(Role.EXPORT_CONTROL_OFFICER, name="Ada Rest"))
    make.leave(who, of, date(2026, 4, 23), date(2026, 4, 30))
    # The leave begins on the day of the journey back.
    refused = refusal(lambda: make.planned(who, sent=make.team(who, of)))
    assert refused.field == "team"
    assert refused.reason.startswith("Ada Rest is on leave from Apr 23 to Apr 30, 2026. Choose another team")


def test_a_team_that_is_booked_is_refused_with_what_for(who):
    team = make.team(who)
    first = make.planned(who, sent=team).visit
    refused = refusal(
        lambda: make.planned(who, make.visit(who), team, first_day=date(2026, 4, 23), last_day=date(2026, 4, 24))
    )
    assert refused.field == "team"
    assert f"is booked for {first.number} from Apr 19 to Apr 23, 2026, with travel" in refused.reason
    make.planned(who, make.visit(who), team, first_day=date(2026, 4, 25), last_day=date(2026, 4, 26))


def test_an_officer_who_is_deactivated_or_changed_work_is_refused(who):
    gone, moved = make.officer(who), make.officer(who)
    gone.user.is_active = False
    gone.user.save()
    moved.user.grants.all().delete()
    refused = refusal(lambda: make.planned(who, sent=make.team(who, gone)))
    assert refused.field == "team"
    assert "is deactivated" in refused.reason
    assert "no export control officer any more" in refusal(lambda: make.planned(who, sent=make.team(who, moved))).reason


def test_an_officer_is_sent_only_while_available(who):
    later = make.team(who, make.officer(who, available_from=date(2026, 4, 20)))
    earlier = make.team(who, make.officer(who, available_to=date(2026, 4, 23)))
    visit = make.visit(who)
    assert "available from Apr 20, 2026 on" in refusal(lambda: make.planned(who, visit, later)).reason
    assert "available until Apr 22, 2026" in refusal(lambda: make.planned(who, visit, earlier)).reason


def test_a_closed_team_is_refused(who):
    team = make.team(who)
    keep.close_team(team=team, reason="Merged.", by=who.supervisor, at=make.AT)
    assert refusal(lambda: make.planned(who, sent=team)).field == "team"
    assert (
        "was closed"
        in refusal(lambda: keep.close_team(team=team, reason="Again.", by=who.supervisor, at=make.AT)).reason
    )


def test_nobody_goes_whose_unit_recommended_the_approval(who):
    division = unit(name="Gulf Division")
    of = make.officer(who, user(Role.EXPORT_CONTROL_OFFICER, name="Ben Near", unit=division))
    visit, team = make.visit(who), make.team(who, of)
    refused = refusal(lambda: make.planned(who, visit, team, barred_units=[division]))
    assert refused.field == "team"
    assert "Ben Near works for Gulf Division, which recommended the approval" in refused.reason
    assert not visit.recommending_units.exists()
    make.planned(who, visit, make.team(who), barred_units=[division])
    assert [row.unit_id for row in visit.recommending_units.all()] == [division.pk]


ENGAGE = """
INSERT INTO inspections_engagement
    (officer_id, kind, period, visit_id, schedule_id, is_lead, says, created_at, created_by_label, released_by_label,
     release_reason)
SELECT %s, kind, period, visit_id, schedule_id, false, '', created_at, 'sql', '', '' FROM inspections_engagement LIMIT 1
"""


def test_the_database_itself_refuses_an_officer_of_a_barred_unit(who):
    division = unit(name="Gulf Division")
    of = user(Role.EXPORT_CONTROL_OFFICER, unit=division)
    visit = make.visit(who)
    make.planned(who, visit, barred_units=[division])
    with pytest.raises(DatabaseError, match="unit of this officer recommended"), transaction.atomic():
        connection.cursor().execute(ENGAGE, [of.pk])


def test_the_database_itself_refuses_a_unit_of_which_somebody_is_booked(who):
    division = unit(name="Gulf Division")
    of = make.officer(who, user(Role.EXPORT_CONTROL_OFFICER, unit=division))
    visit = make.planned(who, sent=make.team(who, of)).visit
    with pytest.raises(DatabaseError, match="replace the officer first"), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO inspections_recommendingunit (visit_id, unit_id, says, at) VALUES (%s, %s, 'x', now())",
            [visit.pk, division.pk],
        )


def test_the_database_itself_refuses_a_double_booking_and_a_visit_in_a_leave(who):
    of = make.officer(who)
    make.planned(who, sent=make.team(who, of))
    with pytest.raises(IntegrityError, match="engagement_one_at_a_time"), transaction.atomic():
        connection.cursor().execute(ENGAGE, [of.user_id])
    resting = make.officer(who)
    make.leave(who, resting)
    with pytest.raises(IntegrityError, match="engagement_one_at_a_time"), transaction.atomic():
        connection.cursor().execute(ENGAGE.replace("LIMIT 1", "WHERE visit_id IS NOT NULL LIMIT 1"), [resting.user_id])


def test_a_visit_moves_with_a_reason_and_its_old_days_are_free_again(who):
    team, other = make.team(who), make.team(who)
    schedule = make.planned(who, sent=team)
    moved = scheduling.reschedule_visit(
        **make.plan(
            schedule.visit, team, who, first_day=date(2026, 5, 4), last_day=date(2026, 5, 6), reason="A holiday."
        )
    )
    assert moved.number == 2
    visit = Visit.objects.get()
    assert visit.status == VisitStatus.SCHEDULED
    assert Engagement.objects.get(released_at=None).schedule_id == moved.pk
    assert Engagement.objects.exclude(released_at=None).get().release_reason == "Moved: A holiday."
    assert "planned from Apr 20 to Apr 22, 2026" in Entry.objects.get(verb="visit.rescheduled").says
    make.planned(who, make.visit(who), team)
    handed = scheduling.reschedule_visit(
        **make.plan(visit, other, who, first_day=date(2026, 5, 4), last_day=date(2026, 5, 6), reason="She is ill.")
    )
    assert handed.number == 3
    assert set(Notification.objects.filter(kind="visit_released").values_list("user_id", flat=True)) == {
        team.lead.user_id
    }


def test_moving_counts_the_notice_from_the_day_of_moving(who):
    schedule = make.planned(who)
    soon = {"first_day": date(2026, 4, 23), "last_day": date(2026, 4, 24), "at": make.AT + timedelta(days=15)}
    plan = make.plan(schedule.visit, schedule.team, who, **soon)
    refused = refusal(lambda: scheduling.reschedule_visit(**plan))
    assert refused.field == "notice_reason"
    assert "7 days of notice, counted from Apr 16, 2026" in refused.reason
    scheduling.reschedule_visit(**plan, notice_reason="Agreed by phone.")


def test_moving_to_the_same_days_and_team_is_refused(who):
    schedule = make.planned(who)
    refused = refusal(lambda: scheduling.reschedule_visit(**make.plan(schedule.visit, schedule.team, who)))
    assert refused.field == "first_day"
    assert (
        refusal(lambda: scheduling.reschedule_visit(**make.plan(schedule.visit, make.team(who), who, reason=""))).field
        == "reason"
    )


def test_another_team_for_days_that_stand_needs_no_new_notice(who):
    schedule = make.planned(who)
    late = make.AT + timedelta(days=17)
    moved = scheduling.reschedule_visit(
        **make.plan(schedule.visit, make.team(who), who, at=late, reason="The lead is ill.")
    )
    assert moved.notice_reason == ""


def test_a_visit_taken_off_the_calendar_frees_its_team_and_can_be_planned_anew(who):
    schedule = make.planned(who)
    visit = scheduling.unschedule_visit(
        visit=schedule.visit, reason="The border is closed.", version=2, by=who.supervisor, at=make.AT
    )
    assert visit.status == VisitStatus.CONSENTED
    assert not Engagement.objects.filter(released_at=None).exists()
    assert make.planned(who, visit, schedule.team).number == 2


def test_an_absence_is_entered_by_the_officer_or_a_supervisor_and_by_nobody_else(who):
    of = make.officer(who, who.officer)
    make.leave(who, of, by=who.officer)
    with pytest.raises(NotPermitted):
        make.leave(who, of, date(2026, 5, 1), date(2026, 5, 2), by=user(Role.EXPORT_CONTROL_OFFICER))
    with pytest.raises(NotPermitted):
        make.leave(who, of, date(2026, 5, 1), date(2026, 5, 2), by=user(Role.LICENSING_OFFICER))


def test_an_absence_on_days_that_are_booked_is_refused_and_names_the_visit(who):
    of = make.officer(who)
    visit = make.planned(who, sent=make.team(who, of)).visit
    refused = refusal(lambda: make.leave(who, of, date(2026, 4, 23), date(2026, 4, 30)))
    assert refused.field == "first_day"
    assert visit.number in refused.reason
    assert refusal(lambda: make.leave(who, of, kind=EngagementKind.VISIT)).field == "kind"
    assert refusal(lambda: make.leave(who, of, date(2026, 3, 1), date(2026, 3, 2))).field == "first_day"


def test_an_absence_can_be_taken_back_once(who):
    absence = make.leave(who, make.officer(who))
    keep.end_absence(absence=absence, reason="Not needed.", by=who.supervisor, at=make.AT)
    again = refusal(lambda: keep.end_absence(absence=absence, reason="Again.", by=who.supervisor, at=make.AT))
    assert "already" in again.reason


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"home_country": "XX"}, "home_country"),
        ({"home_city": " "}, "home_city"),
        ({"languages": []}, "languages"),
        ({"available_to": date(2024, 1, 1)}, "available_to"),
        ({"latitude": None}, "latitude"),
    ],
)
def test_an_officers_file_names_what_is_wrong(who, fields, field):
    assert refusal(lambda: make.officer(who, **fields)).field == field


def test_a_file_is_for_officers_once(who):
    assert refusal(lambda: make.officer(who, user(Role.LICENSING_OFFICER))).field == "user"
    of = make.officer(who)
    assert refusal(lambda: make.officer(who, of.user)).field == "user"
    changed = keep.change_officer(
        officer=of,
        home_city="Muscat",
        home_country="OM",
        languages=["ar"],
        available_from=date(2025, 1, 1),
        by=who.supervisor,
        at=make.AT,
    )
    assert (changed.home_city, changed.home_latitude) == ("Muscat", None)


def test_a_team_names_what_is_wrong(who):
    one, other = make.officer(who), make.officer(who)
    team = make.team(who, one, name="Gulf 1")
    assert refusal(lambda: make.team(who, other, name="gulf 1")).field == "name"
    with_other = {"name": "Gulf 2", "by": who.supervisor, "at": make.AT}
    assert refusal(lambda: keep.form_team(lead=one, officers=[other], **with_other)).field == "lead"
    assert refusal(lambda: keep.form_team(lead=one, officers=[], **with_other)).field == "officers"
    assert refusal(lambda: make.team(who, other, travel_days=40)).field == "travel_days"
    changed = keep.change_team(team=team, lead=other, officers=[other], **with_other)
    assert [member.officer_id for member in changed.members.all()] == [other.pk]
    assert Team.objects.count() == 1


def test_the_teams_that_are_free_come_with_who_is_not_and_why(who):
    near = make.team(who, name="Gulf")
    far = make.team(who, make.officer(who, **make.FRANKFURT, languages=["de", "en"]), name="Rhine")
    resting = make.officer(who)
    away = make.team(who, resting, name="Resting")
    make.leave(who, resting)
    found = list_choices(visit=make.visit(who), days=Days(make.FIRST, make.LAST), by=who.officer, at=make.AT)
    assert [each.team.id for each in found.free] == [near.pk, far.pk]
    assert "speaks Arabic" in found.free[0].says
    assert "an interpreter is needed" in found.free[1].says
    assert [(each.team.pk, "on leave" in each.why) for each in found.busy] == [(away.pk, True)]


@pytest.mark.parametrize("teams", [2, 12])
def test_the_free_teams_cost_the_same_however_many_there_are(who, teams, django_assert_max_num_queries):
    for _ in range(teams):
        make.team(who)
    visit = make.visit(who)
    list_choices(visit=visit, days=Days(make.FIRST, make.LAST), by=who.officer, at=make.AT)
    with django_assert_max_num_queries(8):
        list_choices(visit=visit, days=Days(make.FIRST, make.LAST), by=who.officer, at=make.AT)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_book_the_same_officer_at_once_one_wins():
    make.load_rules()
    who = make.People()
    of = make.officer(who)
    teams = [make.team(who, of) for _ in range(20)]
    visits = [make.visit(who, kind=VisitKind.PERIODIC) for _ in range(20)]
    plans = [make.plan(visits[number], teams[number], who) for number in range(20)]
    results = many_at_once(20, lambda index: scheduling.schedule_visit(**plans[index]))
    assert sum(isinstance(result, Schedule) for result in results) == 1
    refused = [result for result in results if isinstance(result, Refused)]
    assert len(refused) == 19
    assert {each.field for each in refused} == {"team"}
    assert all("is booked for V" in each.reason for each in refused)
    assert Engagement.objects.count() == Schedule.objects.count() == 1
    assert Visit.objects.filter(status=VisitStatus.SCHEDULED).count() == 1
    assert verification.verify().intact


@pytest.mark.django_db(transaction=True)
def test_leave_and_a_visit_at_once_never_both_stand():
    make.load_rules()
    who = make.People()
    of = make.officer(who)
    team, visit = make.team(who, of), make.visit(who)
    plan = make.plan(visit, team, who)
    many_at_once(2, lambda index: make.leave(who, of) if index else scheduling.schedule_visit(**plan))
    assert Engagement.objects.filter(released_at=None).count() == 1


def test_the_demonstrations_officers_are_loaded_once_and_can_be_sent(who):
    logins = ("inspector", "inspector.second", "inspector.third", "inspector.fourth")
    people = {"supervisor": who.supervisor, **{login: user(Role.EXPORT_CONTROL_OFFICER) for login in logins}}
    teams = load_calendar(people=people, at=make.AT)
    assert sorted(teams) == ["Gulf", "Rhine", "Straits"]
    assert load_calendar(people=people, at=make.AT) == teams
    assert Engagement.objects.filter(visit=None).count() == 3
    found = list_choices(visit=make.visit(who), days=Days(make.FIRST, make.LAST), by=who.supervisor, at=make.AT)
    assert [each.team.name for each in found.free] == ["Gulf", "Rhine", "Straits"]
    make.planned(who, make.visit(who), teams["Gulf"])
