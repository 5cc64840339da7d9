"""The officers of the demonstration with their home bases, teams and absences, made through the operations.

All of it is invented: the cities are those where such officers could live, and nobody in them is real.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import User
from deadlines.rules import day_of
from inspections.models import Officer, Team
from inspections.operations import officers as keep
from inspections.statuses import EngagementKind

SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class _Posting:
    """Where an officer of the demonstration lives, and what the officer speaks."""

    login: str
    city: str
    country: str
    latitude: float
    longitude: float
    languages: tuple[str, ...]


_POSTINGS = (
    _Posting("inspector", "Dubai", "AE", 25.2048, 55.2708, ("ar", "en")),
    _Posting("inspector.second", "Dubai", "AE", 25.2048, 55.2708, ("en", "hi", "ur")),
    _Posting("inspector.third", "Singapore", "SG", 1.3521, 103.8198, ("en", "ms", "zh")),
    _Posting("inspector.fourth", "Frankfurt", "DE", 50.1109, 8.6821, ("de", "en", "fr")),
)
# The first of each leads. The last two are teams of one, so that three visits can run at a time.
_TEAMS = (
    ("Gulf", ("inspector", "inspector.second")),
    ("Straits", ("inspector.third",)),
    ("Rhine", ("inspector.fourth",)),
)
# Officer, kind, days from the day of loading to the first day, how many days, what the calendar says of it.
_ABSENCES = (
    ("inspector.third", EngagementKind.LEAVE, 75, 10, "Home leave."),
    ("inspector.fourth", EngagementKind.TRAINING, 68, 3, "Course on liquid-cooled racks."),
    ("inspector.second", EngagementKind.LEAVE, 96, 5, "Family."),
)


def load_calendar(*, people: Mapping[str, User], at: datetime) -> dict[str, Team]:
    """The four officers, three teams and some absences; answers the teams by name. Again changes nothing.

    `people` are those of the demonstration by their address, or the first part of it.
    """
    people = {name.split("@")[0]: person for name, person in people.items()}
    supervisor = people[SUPERVISOR]
    since = at - timedelta(days=200)
    for posting in _POSTINGS:
        person = people[posting.login]
        if not Officer.objects.filter(user=person).exists():
            keep.add_officer(
                user=person,
                home_city=posting.city,
                home_country=posting.country,
                latitude=posting.latitude,
                longitude=posting.longitude,
                languages=posting.languages,
                available_from=date(day_of(since).year - 1, 7, 1),
                by=supervisor,
                at=since,
            )
    officers = {login: Officer.objects.get(user=people[login]) for login in (each.login for each in _POSTINGS)}
    is_new = not Team.objects.filter(name__in=[name for name, _ in _TEAMS]).exists()
    if is_new:
        for name, logins in _TEAMS:
            members = [officers[login] for login in logins]
            keep.form_team(name=name, lead=members[0], officers=members, by=supervisor, at=since)
        for login, kind, after, length, says in _ABSENCES:
            first = day_of(at) + timedelta(days=after)
            last = first + timedelta(days=length - 1)
            keep.enter_absence(
                officer=officers[login], kind=kind, first_day=first, last_day=last, says=says, by=supervisor, at=since
            )
    return {team.name: team for team in Team.objects.filter(name__in=[name for name, _ in _TEAMS])}
