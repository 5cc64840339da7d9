"""Officers, their teams, their absences, and the keys of their calendar feeds."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db import IntegrityError

from accounts.models import User
from accounts.rules import Refused
from accounts.statuses import Role
from audit.operations import operation, record
from deadlines.rules import day_of
from inspections.models import CalendarToken, Engagement, Officer, Team, TeamMember
from inspections.permissions import check_can_have_feed, check_can_keep_absence, check_can_supervise
from inspections.rules.scheduling import (
    LONGEST_ABSENCE,
    LONGEST_TRAVEL,
    Days,
    check_days,
    check_languages,
    check_position,
    check_reason,
    tell_taken,
    write_days,
)
from inspections.selectors.teams import days_of, period_of
from inspections.statuses import EngagementKind
from registry.models import Country

ABSENCES = (EngagementKind.LEAVE, EngagementKind.TRAINING, EngagementKind.OTHER)
LONGEST_NAME = 120
# How long a calendar's secret is, in bytes: nobody guesses it.
SECRET_BYTES = 32


@operation
def add_officer(
    *,
    user: User,
    home_city: str,
    home_country: str,
    languages: Sequence[str],
    available_from: date,
    by: User,
    at: datetime,
    available_to: date | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
) -> Officer:
    """Open the file of an export control officer: home base, languages, and from when until before when available.

    Raises NotPermitted; Refused, naming the field, for somebody without the role or with a file, an unknown country or
    language, and an end before the begin.
    """
    person = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    check_can_supervise(by, to="open an officer's file")
    if not person.is_active or not person.has_role(Role.EXPORT_CONTROL_OFFICER):
        raise Refused(
            f"{person.name} is not an active export control officer. An administrator can grant the role.",
            rule="inspections.officer",
            field="user",
        )
    if Officer.objects.filter(user=person).exists():
        raise Refused(
            f"{person.name} has a file already. Change that one.", rule="inspections.officer_once", field="user"
        )
    officer = Officer(user=person, created_at=at)
    return _keep(
        officer, home_city, home_country, languages, available_from, available_to, latitude, longitude, by=by, at=at
    )


@operation
def change_officer(
    *,
    officer: Officer,
    home_city: str,
    home_country: str,
    languages: Sequence[str],
    available_from: date,
    by: User,
    at: datetime,
    available_to: date | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
) -> Officer:
    """Change an officer's file. What is booked stays booked. Raises as `add_officer`."""
    locked = Officer.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=officer.pk)
    check_can_supervise(by, to="change an officer's file")
    return _keep(
        locked, home_city, home_country, languages, available_from, available_to, latitude, longitude, by=by, at=at
    )


def _keep(
    officer: Officer,
    home_city: str,
    home_country: str,
    languages: Sequence[str],
    available_from: date,
    available_to: date | None,
    latitude: float | None,
    longitude: float | None,
    *,
    by: User,
    at: datetime,
) -> Officer:
    is_new = officer.pk is None
    officer.home_city = _name(home_city, field="home_city", of="the city of the home base")
    country = Country.objects.filter(pk=home_country).first()
    if country is None:
        raise Refused(
            "Choose a country of the list: this one is not known.", rule="inspections.country", field="home_country"
        )
    officer.home_country = country
    officer.languages = check_languages(languages)
    if available_to is not None and available_to <= available_from:
        raise Refused(
            "The officer would be gone before arriving. Choose a later day, or leave it empty while no end is known.",
            rule="inspections.availability",
            field="available_to",
        )
    officer.available_from, officer.available_to = available_from, available_to
    check_position(latitude, longitude)
    officer.home_latitude, officer.home_longitude = latitude, longitude
    officer.save()
    record(
        subject=officer,
        verb="officer.added" if is_new else "officer.changed",
        says=f"{'Opened' if is_new else 'Changed'} the file of {officer.user.name}: "
        f"{officer.home_city}, {country.name}.",
        by=by,
        at=at,
        data={
            "languages": officer.languages,
            "available_from": available_from,
            "available_to": available_to,
            "latitude": latitude,
            "longitude": longitude,
        },
    )
    return officer


@operation
def form_team(
    *, name: str, lead: Officer, officers: Collection[Officer], by: User, at: datetime, travel_days: int | None = None
) -> Team:
    """Form a team under a lead, who is one of its officers. `travel_days` None: those of the edition.

    Raises NotPermitted; Refused, naming the field, for a name that is taken, nobody in it, a lead who is not in it.
    """
    check_can_supervise(by, to="form a team")
    team = Team(created_at=at)
    return _form(team, name, lead, officers, travel_days, by=by, at=at)


@operation
def change_team(
    *,
    team: Team,
    name: str,
    lead: Officer,
    officers: Collection[Officer],
    by: User,
    at: datetime,
    travel_days: int | None = None,
) -> Team:
    """Change a team. Visits that are booked keep the officers they were booked with. Raises as `form_team`."""
    locked = _lock_team(team)
    check_can_supervise(by, to="change a team")
    return _form(locked, name, lead, officers, travel_days, by=by, at=at)


def _lock_team(team: Team) -> Team:
    locked = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    if locked.closed_at is not None:
        raise Refused(
            f"{locked.name} was closed. Form a new team instead.", rule="inspections.team_closed", field="name"
        )
    return locked


def _form(
    team: Team,
    name: str,
    lead: Officer,
    officers: Collection[Officer],
    travel_days: int | None,
    *,
    by: User,
    at: datetime,
) -> Team:
    is_new = team.pk is None
    name = _name(name, field="name", of="the team")
    if Team.objects.filter(name__iexact=name).exclude(pk=team.pk).exists():
        raise Refused(
            f"There is, or was, a team named {name}. Choose another name.", rule="inspections.team_name", field="name"
        )
    wanted = sorted({officer.pk for officer in officers})
    if not wanted:
        raise Refused("A team has at least one officer. Choose some.", rule="inspections.team_empty", field="officers")
    if lead.pk not in wanted:
        raise Refused(
            "The lead travels with the team. Choose one of its officers, or add the lead to it.",
            rule="inspections.team_lead",
            field="lead",
        )
    if travel_days is not None and not 0 <= travel_days <= LONGEST_TRAVEL:
        raise Refused(
            f"Between 0 and {LONGEST_TRAVEL} days of travel stand on each side of a visit.",
            rule="inspections.travel",
            field="travel_days",
        )
    team.name, team.lead, team.travel_days = name, lead, travel_days
    team.save()
    team.members.exclude(officer__in=wanted).delete()
    known = set(team.members.values_list("officer_id", flat=True))
    TeamMember.objects.bulk_create(TeamMember(team=team, officer_id=pk) for pk in wanted if pk not in known)
    record(
        subject=team,
        verb="team.formed" if is_new else "team.changed",
        says=f"{'Formed' if is_new else 'Changed'} the team {name}, with {len(wanted):,} officers.",
        by=by,
        at=at,
        data={"officers": wanted, "lead": lead.pk, "travel_days": travel_days},
    )
    return team


@operation
def close_team(*, team: Team, reason: str, by: User, at: datetime) -> Team:
    """Close a team: it is no longer sent, and what it is booked for stands. Raises NotPermitted and Refused."""
    locked = _lock_team(team)
    check_can_supervise(by, to="close a team")
    reason = check_reason(reason, to="close the team")
    locked.closed_at = at
    locked.save(update_fields=["closed_at"])
    record(subject=locked, verb="team.closed", says=f"Closed the team {locked.name}: {reason}", by=by, at=at)
    return locked


@operation
def enter_absence(
    *, officer: Officer, kind: str, first_day: date, last_day: date, by: User, at: datetime, says: str = ""
) -> Engagement:
    """Enter days on which an officer is not available, both included: leave, training or something else.

    Raises NotPermitted; Refused, naming the field, for an unknown kind, days that are past or out of order, and days
    on which the officer is booked or absent already.
    """
    locked = Officer.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=officer.pk)
    check_can_keep_absence(by, officer_id=locked.user_id, to="enter an absence")
    if kind not in ABSENCES:
        raise Refused("Choose leave, training or not available.", rule="inspections.absence", field="kind")
    days = Days(first_day, last_day)
    check_days(days, today=day_of(at), longest=LONGEST_ABSENCE, what="absence")
    period = period_of(days)
    held = Engagement.objects.filter(officer_id=locked.user_id, released_at=None, period__overlap=period)
    taken = held.select_related("visit").order_by("period").first()
    if taken is not None:
        told = tell_taken(
            locked.user.name, taken.kind, taken.visit.number if taken.visit else "", days_of(taken.period)
        ).removesuffix(" Choose another team or other days.")
        raise Refused(
            f"{told} Move that first, or choose other days.", rule="inspections.absence_free", field="first_day"
        )
    try:
        absence = Engagement.objects.create(
            officer_id=locked.user_id,
            kind=kind,
            period=period,
            says=says.strip()[:300],
            created_at=at,
            created_by_label=by.actor.label,
        )
    except IntegrityError as error:
        raise Refused(
            f"{locked.user.name} was booked for some of these days just now. Look at the calendar again.",
            rule="inspections.absence_free",
            field="first_day",
        ) from error
    record(
        subject=locked,
        verb="officer.absent",
        says=f"{EngagementKind(kind).label} of {locked.user.name} {write_days(days)}.",
        by=by,
        at=at,
        data={"engagement": absence.pk, "kind": kind, "first_day": first_day, "last_day": last_day},
    )
    return absence


@operation
def end_absence(*, absence: Engagement, reason: str, by: User, at: datetime) -> Engagement:
    """Take an absence off the calendar; the officer is available again. Raises NotPermitted and Refused."""
    locked = Engagement.objects.select_for_update(of=("self",)).select_related("officer").get(pk=absence.pk)
    check_can_keep_absence(by, officer_id=locked.officer_id, to="take back an absence")
    if locked.kind == EngagementKind.VISIT:
        raise Refused("A visit is taken off the calendar on its own page.", rule="inspections.absence")
    if locked.released_at is not None:
        raise Refused(f"{locked.released_by_label} took it back already.", rule="inspections.absence_once")
    reason = check_reason(reason, to="take the absence back")
    locked.released_at, locked.released_by_label, locked.release_reason = at, by.actor.label, reason
    locked.save(update_fields=["released_at", "released_by_label", "release_reason"])
    record(
        subject=Officer.objects.get(user=locked.officer_id),
        verb="officer.available",
        says=f"{locked.officer.name} is available {write_days(days_of(locked.period))} after all: {reason}",
        by=by,
        at=at,
        data={"engagement": locked.pk, "reason": reason},
    )
    return locked


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@operation
def renew_calendar_token(*, by: User, at: datetime) -> tuple[CalendarToken, str]:
    """Give an officer a new secret for the calendar feed; the one before stops working at once.

    The secret is returned this once and stored only as SHA-256. Raises NotPermitted.
    """
    person = _lock_person(by)
    check_can_have_feed(by)
    _revoke(person, by=by, at=at)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    token = CalendarToken.objects.create(officer=person, secret_hash=_hash(secret), created_at=at)
    record(
        subject=token,
        verb="calendar_token.created",
        says=f"Made a new address for the calendar of {person.name}.",
        by=by,
        at=at,
    )
    return token, secret


@operation
def revoke_calendar_token(*, by: User, at: datetime) -> int:
    """End one's own calendar feed at once; answers how many addresses stopped working. Raises NotPermitted."""
    person = _lock_person(by)
    check_can_have_feed(by)
    return _revoke(person, by=by, at=at)


def _lock_person(by: User) -> User:
    """One renewal after the other, so that one address stands at a time."""
    return User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)


def _revoke(person: User, *, by: User, at: datetime) -> int:
    standing = list(CalendarToken.objects.filter(officer=person, revoked_at=None))
    for token in standing:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        record(
            subject=token,
            verb="calendar_token.revoked",
            says=f"Ended an address of the calendar of {person.name}.",
            by=by,
            at=at,
        )
    return len(standing)


def _name(text: str, *, field: str, of: str) -> str:
    cleaned = " ".join(text.split())
    if not cleaned or len(cleaned) > LONGEST_NAME:
        raise Refused(f"Name {of}, in {LONGEST_NAME} characters at most.", rule="inspections.name", field=field)
    return cleaned
