"""When a visit takes place, and which team goes: planned, moved, taken off the calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import IntegrityError

from accounts.models import Unit, User
from accounts.rules import Refused
from audit.operations import operation, record
from deadlines.operations import notify
from deadlines.rules import day_of
from inspections.models import Engagement, Officer, RecommendingUnit, Schedule, Team, Visit
from inspections.operations.steps import address_of, lock, move, save
from inspections.permissions import check_can_arrange
from inspections.rules.scheduling import Days, check_days, check_notice, check_reason, write_days
from inspections.selectors.teams import days_of, list_hindrances, open_teams, period_of
from inspections.statuses import EngagementKind, StepKind
from rulebook.selectors import get_operating_edition


@operation
def schedule_visit(
    *,
    visit: Visit,
    team: Team,
    first_day: date,
    last_day: date,
    reason: str,
    version: int,
    by: User,
    at: datetime,
    notice_reason: str = "",
    barred_units: Iterable[Unit] = (),
) -> Schedule:
    """Plan a visit for whole days on site, both included, and book every officer of a team with the days of travel.

    Notice is counted from the day on which the host government was notified. `barred_units` recommended the approval
    that the visit checks; they are stored with it, and nobody of them goes. Raises Stale; NotPermitted; Refused,
    naming the field, where the visit has no consent yet, for days that are past or out of order, a notice that is too
    short and has no reason, no reason, and a team that is closed, booked, on leave, deactivated or barred.
    """
    locked = lock(visit, version=version)
    check_can_arrange(by, to="schedule a visit")
    move(locked, "schedule")
    days = Days(first_day, last_day)
    today = day_of(at)
    check_days(days, today=today)
    told = locked.steps.filter(kind=StepKind.HOST_NOTICE).order_by("-happened_on").first()
    notice_reason = _check_notice(days, told.happened_on if told else today, notice_reason, at=at)
    reason = check_reason(reason, to="chose these days and this team")
    units = _bar(locked, barred_units, at=at)
    schedule, officers = _book(locked, team, days, reason, notice_reason, by=by, at=at)
    record(
        subject=locked,
        verb="visit.scheduled",
        says=f"Scheduled {locked.number} {write_days(days)} for {schedule.team_name}: {reason}{_short(notice_reason)}",
        by=by,
        at=at,
        data={"schedule": schedule.pk, "first_day": first_day, "last_day": last_day, "team": team.pk, "reason": reason},
        covers=[schedule, *units],
    )
    _tell(officers, "visit_scheduled", f"You are booked for {_name(locked)} {write_days(days)}.", locked, at=at)
    save(locked)
    return schedule


@operation
def reschedule_visit(
    *,
    visit: Visit,
    team: Team,
    first_day: date,
    last_day: date,
    reason: str,
    version: int,
    by: User,
    at: datetime,
    notice_reason: str = "",
) -> Schedule:
    """Move a planned visit to other days or another team; the officers booked before are free again.

    Notice is counted from today: the host government hears of the new days now. Raises as `schedule_visit`, and
    Refused where neither the days nor the team change.
    """
    locked = lock(visit, version=version)
    check_can_arrange(by, to="move a visit to other days")
    move(locked, "reschedule")
    days = Days(first_day, last_day)
    before = locked.schedules.select_related("team").order_by("-number")[0]
    was = days_of(before.on_site)
    if (was, before.team_id) == (days, team.pk):
        raise Refused(
            f"{locked.number} is planned {write_days(was)} for this team already. Choose other days or another team.",
            rule="inspections.moved",
            field="first_day",
        )
    today = day_of(at)
    check_days(days, today=today)
    # Where only the team changes, the host government knows the days already.
    notice_reason = notice_reason.strip() if was == days else _check_notice(days, today, notice_reason, at=at)
    reason = check_reason(reason, to="move the visit")
    freed = _release(locked, f"Moved: {reason}", by=by, at=at)
    schedule, officers = _book(locked, team, days, reason, notice_reason, by=by, at=at)
    record(
        subject=locked,
        verb="visit.rescheduled",
        says=f"Moved {locked.number}, planned {write_days(was)} for {before.team_name}, to "
        f"{write_days(days).removeprefix('on ')} for {schedule.team_name}: {reason}{_short(notice_reason)}",
        by=by,
        at=at,
        data={"schedule": schedule.pk, "first_day": first_day, "last_day": last_day, "team": team.pk, "reason": reason},
        covers=[schedule],
    )
    staying = {officer.pk for officer in officers}
    _tell(officers, "visit_rescheduled", f"{_name(locked)} is {write_days(days)} now: {reason}", locked, at=at)
    leaving = [person for person in freed if person.pk not in staying]
    _tell(leaving, "visit_released", f"You are no longer booked for {_name(locked)}: {reason}", locked, at=at)
    save(locked)
    return schedule


@operation
def unschedule_visit(*, visit: Visit, reason: str, version: int, by: User, at: datetime) -> Visit:
    """Take a planned visit off the calendar; it can be scheduled anew. Raises Stale, NotPermitted and Refused."""
    locked = lock(visit, version=version)
    check_can_arrange(by, to="take a visit off the calendar")
    move(locked, "unschedule")
    reason = check_reason(reason, to="take the visit off the calendar")
    freed = _release(locked, reason, by=by, at=at)
    record(
        subject=locked,
        verb="visit.unscheduled",
        says=f"Took {locked.number} off the calendar: {reason}",
        by=by,
        at=at,
        data={"reason": reason},
    )
    _tell(freed, "visit_released", f"{_name(locked)} was taken off the calendar: {reason}", locked, at=at)
    return save(locked)


def _check_notice(days: Days, told_on: date, notice_reason: str, *, at: datetime) -> str:
    notice_reason = notice_reason.strip()
    wanted = int(get_operating_edition(at).value("inspections.notice_days"))
    check_notice(days, told_on=told_on, wanted=wanted, reason=notice_reason)
    return notice_reason


def _bar(visit: Visit, units: Iterable[Unit], *, at: datetime) -> list[RecommendingUnit]:
    known = set(visit.recommending_units.values_list("unit_id", flat=True))
    return [
        RecommendingUnit.objects.create(
            visit=visit, unit=unit, says=f"Recommended {visit.subject_label or 'the approval'}", at=at
        )
        for unit in sorted({unit for unit in units if unit.pk not in known}, key=lambda unit: unit.pk)
    ]


def _book(
    visit: Visit, team: Team, days: Days, reason: str, notice_reason: str, *, by: User, at: datetime
) -> tuple[Schedule, list[User]]:
    """Write the schedule and book the officers; whoever asks for one of them meanwhile waits for the outcome."""
    found = open_teams().filter(pk=team.pk).first()
    if found is None:
        raise Refused(
            "This team was closed, so nobody can send it. Choose another team.", rule="inspections.team", field="team"
        )
    members = [member.officer_id for member in found.members.all()]
    # Locked in one order, so that two teams with officers in common take turns and never wait for one another.
    list(Officer.objects.select_for_update(no_key=True).filter(pk__in=members).order_by("pk").values_list("pk"))
    officers = [member.officer for member in found.members.all()]
    travel = found.travel_days
    if travel is None:
        travel = int(get_operating_edition(at).value("inspections.travel_days"))
    away = days.widened(travel)
    barred = set(visit.recommending_units.values_list("unit_id", flat=True))
    hindrances = list_hindrances(officers, away=away, barred=barred)
    if hindrances:
        raise Refused(next(iter(hindrances.values())), rule="inspections.team_free", field="team")
    latest = visit.schedules.order_by("-number").first()
    schedule = Schedule.objects.create(
        visit=visit,
        number=latest.number + 1 if latest else 1,
        team=found,
        on_site=period_of(days),
        away=period_of(away),
        reason=reason,
        notice_reason=notice_reason,
        made_by=by,
        made_by_label=by.actor.label,
        at=at,
    )
    try:
        Engagement.objects.bulk_create(
            Engagement(
                officer_id=officer.user_id,
                kind=EngagementKind.VISIT,
                period=schedule.away,
                visit=visit,
                schedule=schedule,
                is_lead=officer.pk == found.lead_id,
                created_at=at,
                created_by_label=by.actor.label,
            )
            for officer in officers
        )
    except IntegrityError as error:
        # The database has the last word: somebody booked past the locks.
        raise Refused(
            f"An officer of {found.name} was booked for these days by somebody else just now, or may not go. "
            "Look at the calendar again.",
            rule="inspections.team_free",
            field="team",
        ) from error
    return schedule, [officer.user for officer in officers]


def _release(visit: Visit, reason: str, *, by: User, at: datetime) -> list[User]:
    held = Engagement.objects.filter(visit=visit, released_at=None).select_related("officer")
    freed = [engagement.officer for engagement in held]
    held.update(released_at=at, released_by_label=by.actor.label, release_reason=reason)
    return freed


def _tell(people: Iterable[User], kind: str, says: str, visit: Visit, *, at: datetime) -> None:
    notify(users=people, kind=kind, says=says, url=address_of(visit), at=at)


def _name(visit: Visit) -> str:
    return f"{visit.number}, {visit.installation.name}"


def _short(notice_reason: str) -> str:
    return f" (Shorter notice than wanted: {notice_reason})" if notice_reason else ""
