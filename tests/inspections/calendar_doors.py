"""Who may open the calendar's pages and act on them, for tests/repository/test_access.py."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from accounts.statuses import Role
from deadlines.rules import day_of
from inspections.models import Visit
from tests.inspections import calendar_factories as make
from tests.repository.doors import COMMERCE, EVERYBODY, NOBODY, Access, World

TRAVELLERS = frozenset({Role.EXPORT_CONTROL_OFFICER})
SUPERVISORS = frozenset({Role.VISIT_SUPERVISOR})
ARRANGERS = TRAVELLERS | SUPERVISORS
A_BASE = {"home_city": "Muscat", "home_country": "OM", "languages": ["ar"], "available_from": "2025-01-01"}


def _days(after: int) -> dict[str, date]:
    first = day_of(timezone.now()) + timedelta(days=after)
    return {"first_day": first, "last_day": first}


def _of(**names: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {argument: world.args[name] for argument, name in names.items()}


def _plan(name: str, after: int) -> Callable[[World], dict[str, Any]]:
    def sends(world: World) -> dict[str, Any]:
        version = Visit.objects.get(pk=world.args[name]).version
        return {"version": version, "team": world.args["calendar_team"], "reason": "As agreed.", **_days(after)}

    return sends


def _team(name: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {
        "name": name,
        "officers": [world.args["calendar_officer"]],
        "lead": world.args["calendar_officer"],
    }


def _supervised(sends: Callable[[World], dict[str, Any]], **given: str) -> Access:
    return Access(read=SUPERVISORS, act=SUPERVISORS, sends=sends, given=_of(**given))


TABLE: dict[str, Access] = {
    # The address is the key: whoever has it reads, and nobody needs to sign in.
    "calendar_ics": Access(EVERYBODY, given=_of(token="calendar_secret")),
    "desk:calendar": Access(COMMERCE),
    "desk:calendar_week": Access(COMMERCE),
    "desk:calendar_feed": Access(TRAVELLERS, TRAVELLERS),
    "desk:calendar_feed_end": Access(NOBODY, TRAVELLERS),
    "desk:visit_officers": Access(COMMERCE),
    "desk:visit_officer_add": _supervised(lambda world: {**A_BASE, "user": world.args["calendar_person"]}),
    "desk:visit_officer_change": _supervised(lambda world: A_BASE, officer_id="calendar_officer"),
    "desk:visit_officer_absences": Access(
        ARRANGERS,
        ARRANGERS,
        sends=lambda world: {"kind": "leave", **_days(300)},
        given=_of(officer_id="calendar_officer"),
    ),
    "desk:visit_officer_absence_end": Access(
        ARRANGERS,
        ARRANGERS,
        sends=lambda world: {"reason": "Not needed."},
        given=_of(officer_id="calendar_officer", absence_id="calendar_absence"),
    ),
    "desk:visit_team_form": _supervised(_team("A new team")),
    "desk:visit_team_change": _supervised(_team("Renamed"), team_id="calendar_team"),
    "desk:visit_team_close": _supervised(lambda world: {"reason": "Merged."}, team_id="calendar_team"),
    "desk:visit_schedule": Access(
        ARRANGERS, ARRANGERS, sends=_plan("calendar_open", 60), given=_of(visit_id="calendar_open")
    ),
    "desk:visit_reschedule": Access(
        ARRANGERS, ARRANGERS, sends=_plan("calendar_planned", 90), given=_of(visit_id="calendar_planned")
    ),
    "desk:visit_unschedule": Access(
        ARRANGERS, ARRANGERS, sends=_plan("calendar_planned", 90), given=_of(visit_id="calendar_planned")
    ),
}


def prepare(world: World) -> dict[str, Any]:
    """An officer with a team, an absence and a feed; a visit that waits for its days, and one that has them."""
    at = timezone.now() - timedelta(hours=1)
    who = make.People(supervisor=world.people[Role.VISIT_SUPERVISOR], officer=world.people[Role.EXPORT_CONTROL_OFFICER])
    officer = make.officer(who, who.officer, at=at)
    team = make.team(who, officer, at=at)
    person = make.People().officer
    planned = make.visit(who, at=at)
    make.planned(who, planned, team, at=at, **_days(30))
    absence = make.leave(who, officer, at=at, **_days(200))
    _, secret = make.keep.renew_calendar_token(by=who.officer, at=at)
    return {
        "calendar_officer": officer.pk,
        "calendar_team": team.pk,
        "calendar_person": person.pk,
        "calendar_absence": absence.pk,
        "calendar_secret": secret,
        "calendar_open": make.visit(who, at=at).pk,
        "calendar_planned": planned.pk,
    }
