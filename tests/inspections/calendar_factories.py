"""Officers, teams and visits that wait for a day, for the tests of the calendar."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from accounts.models import User
from accounts.rules import SYSTEM
from accounts.statuses import Role
from deadlines.rules import day_of
from inspections.models import Engagement, Officer, Schedule, Team, Visit
from inspections.operations import officers as keep
from inspections.operations import scheduling
from inspections.operations.steps import add_step
from inspections.statuses import EngagementKind, StepKind, VisitKind, VisitStatus
from registry.models import Installation
from registry.operations import load_reference
from rulebook.operations import load_editions, set_operating_edition
from rulebook.selectors import get_edition_row
from tests.accounts.factories import user
from tests.registry.factories import installation

AT = datetime(2026, 4, 1, 15, 0, tzinfo=UTC)
TODAY = date(2026, 4, 1)
# Two weeks and more after the notice, which is on the day of `AT`.
FIRST, LAST = date(2026, 4, 20), date(2026, 4, 22)
RIYADH = {"city": "Riyadh", "country": "SA", "latitude": "24.71360", "longitude": "46.67530"}
DUBAI = {"home_city": "Dubai", "home_country": "AE", "latitude": 25.2048, "longitude": 55.2708}
FRANKFURT = {"home_city": "Frankfurt", "home_country": "DE", "latitude": 50.1109, "longitude": 8.6821}
_numbers = count(1)


def load_rules(at: datetime = AT) -> None:
    """The countries, and an edition that operates."""
    before = at - timedelta(days=1)
    load_editions(at=before)
    load_reference(by=SYSTEM, at=before)
    set_operating_edition(
        edition=get_edition_row("reported-2026-03"), by=SYSTEM, at=before, from_at=before, reason="For this test."
    )


@dataclass
class People:
    """A supervisor, and an officer who travels."""

    supervisor: User = field(default_factory=lambda: user(Role.VISIT_SUPERVISOR))
    officer: User = field(default_factory=lambda: user(Role.EXPORT_CONTROL_OFFICER))


def officer(who: People, person: User | None = None, at: datetime = AT, **fields: Any) -> Officer:
    """An officer's file: Dubai, Arabic and English, unless told otherwise."""
    wanted = {**DUBAI, "languages": ["ar", "en"], "available_from": date(2025, 1, 1), **fields}
    return keep.add_officer(user=person or user(Role.EXPORT_CONTROL_OFFICER), by=who.supervisor, at=at, **wanted)


def team(who: People, *officers: Officer, name: str | None = None, at: datetime = AT, **fields: Any) -> Team:
    """A team led by its first officer."""
    members = officers or (officer(who, at=at),)
    return keep.form_team(
        name=name or f"Team {next(_numbers)}",
        lead=members[0],
        officers=members,
        by=who.supervisor,
        at=at,
        **fields,
    )


def visit(who: People, at: datetime = AT, place: Installation | None = None, **fields: Any) -> Visit:
    """A visit to which the host government, notified on that day, consented."""
    told_on = fields.pop("told_on", day_of(at))
    fields.setdefault("kind", VisitKind.PSV)
    fields.setdefault("status", VisitStatus.CONSENTED)
    made = Visit.objects.create(
        installation=place or installation(**RIYADH),
        occasion="35,000 chips were shipped there.",
        requested_by=who.supervisor,
        requested_by_label="test",
        requested_at=at,
        due_at=at + timedelta(days=60),
        **fields,
    )
    if told_on is not None:
        says = "To the ministry, through State."
        add_step(made, StepKind.HOST_NOTICE, happened_on=told_on, says=says, by=who.supervisor, at=at)
    return made


def planned(who: People, made: Visit | None = None, sent: Team | None = None, **fields: Any) -> Schedule:
    """A visit with its days and its team."""
    made = made or visit(who)
    return scheduling.schedule_visit(**plan(made, sent or team(who), who, **fields))


def plan(made: Visit, sent: Team, who: People, **fields: Any) -> dict[str, Any]:
    """What planning and moving a visit are given."""
    return {
        "visit": made,
        "team": sent,
        "first_day": FIRST,
        "last_day": LAST,
        "reason": "The operator is open then.",
        "version": Visit.objects.get(pk=made.pk).version,
        "by": who.supervisor,
        "at": AT,
        **fields,
    }


def leave(who: People, of: Officer, first_day: date = FIRST, last_day: date = LAST, **fields: Any) -> Engagement:
    """Days on which an officer is not available."""
    wanted = {"kind": EngagementKind.LEAVE, "by": who.supervisor, "at": AT, **fields}
    return keep.enter_absence(officer=of, first_day=first_day, last_day=last_day, **wanted)
