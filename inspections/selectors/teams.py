"""Reading officers and teams: who they are, who is free on which days, and why the others are not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Prefetch, QuerySet

from accounts.models import User
from accounts.rules import Principal
from accounts.statuses import Role
from inspections.models import Engagement, Officer, Team, TeamMember, Visit
from inspections.permissions import check_can_read_visits
from inspections.rules.scheduling import (
    Base,
    Days,
    FreeTeam,
    Member,
    Suggestion,
    bounds_of,
    days_between,
    suggest,
    tell_hindrance,
    tell_taken,
)
from inspections.statuses import EngagementKind
from registry.models import Country
from rulebook.selectors import get_operating_edition

PAGE = 50


@dataclass(frozen=True, slots=True)
class Busy:
    """A team that cannot go, with the reason that would be given."""

    team: Team
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The teams for some days: those that are free, best first, and those that are not."""

    days: Days
    free: list[Suggestion]
    busy: list[Busy]


@dataclass(frozen=True, slots=True)
class OfficerPage:
    """A page of the officers, by name; `after` asks for the next one and is empty at the end."""

    rows: list[Officer]
    after: str


def period_of(days: Days) -> DateTimeTZRange:
    """Days as the database keeps them."""
    return DateTimeTZRange(*bounds_of(days))


def days_of(period: DateTimeTZRange) -> Days:
    """The days of a stored period."""
    return days_between(period.lower, period.upper)


def _officers() -> QuerySet[Officer]:
    return Officer.objects.select_related("user__unit", "home_country").prefetch_related("user__grants")


def open_teams() -> QuerySet[Team]:
    """The teams that can be sent, with their officers."""
    members = TeamMember.objects.order_by("officer__user__name", "pk").prefetch_related(
        Prefetch("officer", queryset=_officers())
    )
    return (
        Team.objects.filter(closed_at=None)
        .select_related("lead__user")
        .prefetch_related(Prefetch("members", queryset=members))
    )


def get_officer(*, officer_id: int, by: Principal) -> Officer:
    """An officer's file. Raises NotPermitted and Officer.DoesNotExist."""
    check_can_read_visits(by)
    return _officers().get(pk=officer_id)


def find_own_file(user: User) -> Officer | None:
    """The officer's file of a person, if there is one."""
    return _officers().filter(user_id=user.pk).first()


def get_team(*, team_id: int, by: Principal) -> Team:
    """An open team. Raises NotPermitted and Team.DoesNotExist."""
    check_can_read_visits(by)
    return open_teams().get(pk=team_id)


def list_teams(*, by: Principal) -> list[Team]:
    """The open teams by name. Raises NotPermitted."""
    check_can_read_visits(by)
    return list(open_teams().order_by("name"))


def list_officers(*, by: Principal, after: str = "") -> OfficerPage:
    """The officers by name, a page of them; `after` is the name and the id of the last one read."""
    check_can_read_visits(by)
    rows = _officers().order_by("user__name", "pk")
    number, _, name = after.partition("-")
    if number.isascii() and number.isdigit() and len(number) < 19:
        later = rows.filter(user__name__gt=name) | rows.filter(user__name=name, pk__gt=int(number))
        rows = later.order_by("user__name", "pk")
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    return OfficerPage(shown, f"{shown[-1].pk}-{shown[-1].user.name}" if len(found) > PAGE else "")


def list_candidates() -> list[User]:
    """Export control officers without a file yet, by name."""
    people = User.objects.filter(is_active=True, grants__role=Role.EXPORT_CONTROL_OFFICER, visiting_officer=None)
    return list(people.order_by("name", "pk"))


def list_absences(*, officer: Officer, at: datetime) -> list[Engagement]:
    """The absences of an officer that are not over, soonest first."""
    period = DateTimeTZRange(at, None)
    rows = Engagement.objects.filter(officer_id=officer.user_id, released_at=None, period__overlap=period)
    return list(rows.exclude(kind=EngagementKind.VISIT).order_by("period")[:PAGE])


def list_countries() -> list[tuple[str, str]]:
    """Every country with its code, for a form."""
    return list(Country.objects.order_by("name").values_list("pk", "name"))


def list_hindrances(
    officers: Iterable[Officer], *, away: Days, barred: Collection[int], except_visit: int | None = None
) -> dict[int, str]:
    """Why officers cannot go on these days, by the id of the officer; whoever can go is not in it.

    `barred` are units that recommended the approval. Engagements for `except_visit` do not count. One query.
    """
    officers = list(officers)
    found: dict[int, str] = {}
    taken: dict[int, Engagement] = {}
    rows = Engagement.objects.filter(
        officer__in=[officer.user_id for officer in officers], released_at=None, period__overlap=period_of(away)
    )
    if except_visit is not None:
        rows = rows.exclude(visit_id=except_visit)
    for row in rows.select_related("visit").order_by("-period"):
        taken[row.officer_id] = row
    for officer in officers:
        person = officer.user
        why = tell_hindrance(
            person.name,
            is_active=person.is_active,
            is_officer=person.has_role(Role.EXPORT_CONTROL_OFFICER),
            available=(officer.available_from, officer.available_to),
            away=away,
            barred=person.unit.name if person.unit and person.unit_id in barred else "",
        )
        held = taken.get(officer.user_id)
        if not why and held is not None:
            what = held.visit.number if held.visit else ""
            why = tell_taken(person.name, held.kind, what, days_of(held.period))
        if why:
            found[officer.pk] = why
    return found


def list_barred(visit: Visit) -> list[tuple[str, str]]:
    """The officers booked for a visit whose unit, as it is now, recommended what it checks, with that unit. One query.

    None is booked so; an officer's unit can change after the booking.
    """
    booked = Engagement.objects.filter(
        visit=visit, released_at=None, officer__unit__in=visit.recommending_units.values("unit")
    )
    return list(booked.order_by("officer__name", "pk").values_list("officer__name", "officer__unit__name"))


def list_choices(*, visit: Visit, days: Days, by: Principal, at: datetime) -> Choice:
    """The teams for a visit on some days: the free ones, best first, and why each other one is not. Five queries."""
    check_can_read_visits(by)
    edition = get_operating_edition(at)
    usual = int(edition.value("inspections.travel_days"))
    barred = set(visit.recommending_units.values_list("unit_id", flat=True))
    teams = list(open_teams().order_by("name"))
    hindrances: dict[int, dict[int, str]] = {}
    for travel in {usual if team.travel_days is None else team.travel_days for team in teams}:
        officers = {
            member.officer.pk: member.officer
            for team in teams
            if (usual if team.travel_days is None else team.travel_days) == travel
            for member in team.members.all()
        }
        hindrances[travel] = list_hindrances(
            officers.values(), away=days.widened(travel), barred=barred, except_visit=visit.pk
        )
    free, busy = [], []
    for team in teams:
        travel = usual if team.travel_days is None else team.travel_days
        members = [member.officer for member in team.members.all()]
        reasons = [hindrances[travel][officer.pk] for officer in members if officer.pk in hindrances[travel]]
        if reasons:
            busy.append(Busy(team, reasons[0]))
        else:
            free.append(_as_free(team, members, travel))
    place = visit.installation
    site = Base(
        place.city,
        place.country_id,
        None if place.latitude is None else float(place.latitude),
        None if place.longitude is None else float(place.longitude),
    )
    languages = next(
        (row.get("languages") for row in edition.rows("country_languages") if row.id == place.country_id), ()
    )
    return Choice(days, suggest(free, site=site, languages=languages), busy)


def _as_free(team: Team, members: list[Officer], travel: int) -> FreeTeam:
    return FreeTeam(
        id=team.pk,
        name=team.name,
        lead=team.lead.user.name,
        travel_days=travel,
        members=tuple(
            Member(
                officer.user.name,
                Base(officer.home_city, officer.home_country_id, officer.home_latitude, officer.home_longitude),
                frozenset(officer.languages),
            )
            for officer in members
        ),
    )
