"""Reading the calendar: a month, a week by officer, and what an officer's feed tells."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.rules import Principal
from accounts.statuses import Role
from deadlines.rules import day_of
from inspections.models import CalendarToken, Engagement, Officer, Schedule, Visit
from inspections.permissions import check_can_read_visits
from inspections.rules.feeds import KEPT_DAYS, Booking, FeedEvent, list_events
from inspections.rules.scheduling import DAY, Days, month_of, start_of, week_of, weeks_of
from inspections.selectors.teams import days_of, list_officers, period_of
from inspections.statuses import EngagementKind, VisitKind

# A month shows no more than these; a calendar with more of them is read by the week.
MOST = 3_000
IN_A_CELL = 6
ON_SITE, TRAVEL, ABSENT = "on site", "travel", "absent"


@dataclass(slots=True)
class Item:
    """A visit, or an absence, with everybody who is in it."""

    kind: str
    title: str
    visit_id: int | None
    number: str
    status: str
    status_label: str
    team: str
    days: Days
    away: Days
    officers: list[str] = field(default_factory=list)
    is_own: bool = False

    def phase_on(self, day: date) -> str:
        """What the officers do on a day of it."""
        if self.visit_id is None:
            return ABSENT
        return ON_SITE if self.days.first <= day <= self.days.last else TRAVEL


@dataclass(frozen=True, slots=True)
class Mark:
    """An item on one day."""

    item: Item
    phase: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A day, with what is on it; `more` counts what there was no room for."""

    day: date
    marks: list[Mark]
    more: int = 0
    is_today: bool = False
    is_outside: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """A month in weeks; `is_cut` when it holds more than is shown."""

    days: Days
    weeks: list[list[Cell]]
    visits: int
    is_cut: bool


@dataclass(frozen=True, slots=True)
class OfficerWeek:
    """One officer's week."""

    officer: Officer
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Week:
    """A week by officer, a page of them; `after` asks for the next officers and is empty at the end."""

    days: Days
    heads: list[Cell]
    rows: list[OfficerWeek]
    after: str


@dataclass(frozen=True, slots=True)
class Feed:
    """What a calendar program is told."""

    officer: User
    events: list[FeedEvent]


def _held(days: Days) -> QuerySet[Engagement]:
    rows = Engagement.objects.filter(released_at=None, period__overlap=period_of(days))
    return rows.select_related("officer", "visit__installation", "schedule__team").order_by("period", "pk")


def _as_items(rows: Iterable[Engagement], *, own: int) -> dict[int, Item]:
    """The items by engagement; those of one visit are one item."""
    visits: dict[int, Item] = {}
    found: dict[int, Item] = {}
    for row in rows:
        if row.visit is not None and row.schedule is not None:
            item = visits.get(row.visit.pk)
            if item is None:
                visit = row.visit
                item = visits[visit.pk] = Item(
                    kind=VisitKind(visit.kind).label,
                    title=visit.installation.name,
                    visit_id=visit.pk,
                    number=visit.number,
                    status=visit.status,
                    status_label=visit.get_status_display(),
                    team=row.schedule.team_name,
                    days=days_of(row.schedule.on_site),
                    away=days_of(row.schedule.away),
                )
        else:
            days = days_of(row.period)
            label = EngagementKind(row.kind).label
            item = Item(label, row.officer.name, None, "", row.kind, label, "", days, days)
        item.officers.append(row.officer.name)
        item.is_own = item.is_own or row.officer_id == own
        found[row.pk] = item
    return found


def _own_id(by: Principal) -> int:
    return int(by.actor.id) if by.actor.kind == "user" else 0


def get_month(*, day: date, by: Principal, at: datetime, own: bool = False) -> Month:
    """The month of a day: every visit with its travel, and every absence; `own` only those of who asks.

    Days are those of Washington. One query. Raises NotPermitted.
    """
    check_can_read_visits(by)
    month = month_of(day)
    weeks = weeks_of(month)
    rows = _held(Days(weeks[0].first, weeks[-1].last))
    if own:
        visits = Engagement.objects.filter(visit=OuterRef("visit"), officer=_own_id(by), released_at=None)
        rows = rows.filter(Q(officer=_own_id(by)) | Exists(visits))
    read = list(rows[: MOST + 1])
    # Those of one visit are one item, told apart by what they are, not by what they say.
    items = list({id(item): item for item in _as_items(read[:MOST], own=_own_id(by)).values()}.values())
    by_day = _by_day(items, Days(weeks[0].first, weeks[-1].last))
    today = day_of(at)
    return Month(
        days=month,
        weeks=[
            [
                _cell(each, by_day.get(each, []), today=today, is_outside=not month.first <= each <= month.last)
                for each in week.each()
            ]
            for week in weeks
        ],
        visits=sum(item.visit_id is not None and item.away.overlaps(month) for item in items),
        is_cut=len(read) > MOST,
    )


def _by_day(items: Iterable[Item], within: Days) -> dict[date, list[Mark]]:
    found: dict[date, list[Mark]] = {}
    for item in items:
        days = Days(max(item.away.first, within.first), min(item.away.last, within.last))
        for day in days.each():
            found.setdefault(day, []).append(Mark(item, item.phase_on(day)))
    return found


def _cell(day: date, marks: list[Mark], *, today: date, is_outside: bool = False, room: int | None = IN_A_CELL) -> Cell:
    # Who is on site first, then who travels, then who is away.
    order = {ON_SITE: 0, TRAVEL: 1, ABSENT: 2}
    marks = sorted(marks, key=lambda mark: (order[mark.phase], mark.item.title))
    shown = marks if room is None else marks[:room]
    return Cell(day, shown, len(marks) - len(shown), day == today, is_outside)


def get_week(*, day: date, by: Principal, at: datetime, after: str = "") -> Week:
    """The week of a day, Sunday to Saturday, a row for each officer. Four queries. Raises NotPermitted."""
    days = week_of(day)
    page = list_officers(by=by, after=after)
    rows = list(_held(days).filter(officer__in=[officer.user_id for officer in page.rows]))
    items = _as_items(rows, own=_own_id(by))
    held: dict[int, list[Item]] = {}
    for row in rows:
        held.setdefault(row.officer_id, []).append(items[row.pk])
    today = day_of(at)

    def week_of_officer(officer: Officer) -> OfficerWeek:
        by_day = _by_day(held.get(officer.user_id, []), days)
        return OfficerWeek(officer, [_cell(each, by_day.get(each, []), today=today, room=None) for each in days.each()])

    return Week(
        days=days,
        heads=[_cell(each, [], today=today) for each in days.each()],
        rows=[week_of_officer(officer) for officer in page.rows],
        after=page.after,
    )


def get_visit(*, visit_id: int, by: Principal) -> Visit:
    """A visit as a page of its days needs it. Raises NotPermitted and Visit.DoesNotExist."""
    check_can_read_visits(by)
    return Visit.objects.select_related("installation__operator", "installation__country").get(pk=visit_id)


def find_plan(visit: Visit) -> Schedule | None:
    """When a visit is planned: its newest schedule, also where it was taken off the calendar since."""
    return visit.schedules.select_related("team").order_by("-number").first()


def find_token(*, by: User) -> CalendarToken | None:
    """The standing address of a person's calendar, if there is one."""
    return CalendarToken.objects.filter(officer=by, revoked_at=None).first()


def find_feed(*, secret: str, at: datetime) -> Feed | None:
    """What a calendar program is told that knows the secret; None for an unknown or revoked one.

    It holds the officer's own visits and absences from three months back on, cancellations too, and of a visit nothing
    but its kind and the name of its place. Three queries.
    """
    token = (
        CalendarToken.objects.filter(secret_hash=hashlib.sha256(secret.encode()).hexdigest(), revoked_at=None)
        .select_related("officer")
        .first()
    )
    if token is None or not token.officer.is_active or not token.officer.has_role(Role.EXPORT_CONTROL_OFFICER):
        return None
    since = start_of(day_of(at) - KEPT_DAYS * DAY)
    own = Engagement.objects.filter(officer=token.officer)
    recent = Q(period__endswith__gt=since)
    rows = own.filter(recent | Q(visit__in=own.filter(recent, visit__isnull=False).values("visit"))).select_related(
        "visit__installation", "schedule"
    )
    return Feed(token.officer, list_events(_as_booking(row) for row in rows))


def _as_booking(row: Engagement) -> Booking:
    away = days_of(row.period)
    if row.visit is not None and row.schedule is not None:
        return Booking(
            subject=f"visit/{row.visit.pk}",
            officer=row.officer_id,
            says=f"{VisitKind(row.visit.kind).label}: {row.visit.installation.name}",
            number=row.schedule.number,
            days=days_of(row.schedule.on_site),
            away=away,
            at=row.created_at,
            released_at=row.released_at,
        )
    return Booking(
        subject=f"absence/{row.pk}",
        officer=row.officer_id,
        says=str(EngagementKind(row.kind).label),
        number=1,
        days=away,
        away=away,
        at=row.created_at,
        released_at=row.released_at,
    )
