"""The register of visits, and a visit by its number or by what it checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.rules import Principal
from inspections.models import Engagement, Schedule, Visit
from inspections.permissions import check_can_read_visits
from inspections.rules.lifecycle import OVER, S
from inspections.statuses import VisitStatus
from registry.models import Country, Installation

PAGE = 50
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class VisitFilters:
    """What narrows the register; empty narrows nothing."""

    view: str = "open"
    text: str = ""
    kind: str = ""
    status: str = ""
    rating: str = ""
    country: str = ""
    installation: int | None = None


@dataclass(frozen=True, slots=True)
class VisitRegister:
    """A page of visits; `after` begins the next one."""

    rows: Sequence[Visit]
    after: str


def list_visits(*, by: Principal, at: datetime, filters: VisitFilters, after: str = "") -> VisitRegister:
    """A page of visits, the newest first. One query, however many there are. Raises NotPermitted."""
    check_can_read_visits(by)
    found = _narrow(Visit.objects.all(), filters, by, at)
    if after.isascii() and after.isdigit() and len(after) < 19:
        found = found.filter(pk__lt=int(after))
    newest = Schedule.objects.filter(visit=OuterRef("pk")).order_by("-number")
    lead = Engagement.objects.filter(visit=OuterRef("pk"), is_lead=True, released_at__isnull=True)
    rows = list(
        found.select_related("installation__country", "installation__operator")
        .annotate(days=Subquery(newest.values("on_site")[:1]), lead=Subquery(lead.values("officer__name")[:1]))
        .order_by("-pk")[: PAGE + 1]
    )
    return VisitRegister(rows[:PAGE], str(rows[PAGE - 1].pk) if len(rows) > PAGE else "")


def _narrow(found: QuerySet[Visit], filters: VisitFilters, by: Principal, at: datetime) -> QuerySet[Visit]:
    match filters.view:
        case "open":
            found = found.filter(closed_at__isnull=True)
        case "late":
            found = found.filter(closed_at__isnull=True, left_at__isnull=True, due_at__lt=at)
        case "review":
            found = found.filter(status__in=[S.REPORTED, S.UNDER_REVIEW])
        case "actions":
            found = found.filter(status=S.CORRECTIVE_ACTIONS)
        case "mine":
            mine = int(by.actor.id) if by.actor.kind == "user" else 0
            booked = Engagement.objects.filter(officer=mine, visit__isnull=False, released_at__isnull=True)
            found = found.filter(pk__in=booked.values("visit"), closed_at__isnull=True)
        case "over":
            found = found.filter(status__in=OVER)
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.status:
        found = found.filter(status=filters.status)
    if filters.rating:
        found = found.filter(rating=filters.rating)
    if filters.country:
        found = found.filter(installation__country=filters.country)
    if filters.installation is not None:
        found = found.filter(installation=filters.installation)
    return _search(found, filters.text.strip())


def _search(found: QuerySet[Visit], text: str) -> QuerySet[Visit]:
    if not text:
        return found
    number = text[1:] if text[:1] in "Vv" else ""
    if number.isascii() and number.isdigit() and int(number) <= LARGEST_ID:
        return found.filter(pk=int(number))
    places = Installation.objects.filter(Q(name__icontains=text) | Q(operator__name__icontains=text)).values("pk")
    return found.filter(Q(installation__in=places) | Q(subject_label__iexact=text))


def get_visit(visit_id: int) -> Visit:
    """A visit with its place. Raises Visit.DoesNotExist."""
    return Visit.objects.select_related("installation__country", "installation__operator").get(pk=visit_id)


def list_open_visits_of(subject: tuple[str, str], *, lock: bool = False) -> list[Visit]:
    """The open visits that check a case or a license: its kind and its id.

    `lock` locks them, before the case itself, as everywhere: a visit's rating reaches for the cases of its place.
    """
    kind, pk = subject
    found = Visit.objects.filter(subject_kind=kind, subject_id=pk, closed_at__isnull=True).order_by("pk")
    return list(found.select_for_update(no_key=True) if lock else found)


def list_countries() -> list[tuple[str, str]]:
    """Every country by code and name, for a form. One query."""
    return list(Country.objects.order_by("name").values_list("alpha2", "name"))


def tell_waiting(visit: Visit) -> str:
    """What a visit waits for, from whom, until when; without its dates, which the page shows beside it."""
    return _WAITING[VisitStatus(visit.status)]


_WAITING: dict[VisitStatus, str] = {
    S.REQUESTED: "Waiting for an export control officer to notify the host government",
    S.HOST_NOTIFIED: "Waiting for the consent of the host government",
    S.CONSENT_REFUSED: "The host government refused; waiting for its consent, or for the day the visit is due",
    S.CONSENTED: "Waiting for a day and a team",
    S.SCHEDULED: "Waiting for the team to arrive on site",
    S.ON_SITE: "The team is on site; waiting for its entries and for the end of the visit",
    S.REPORTING: "Waiting for the report of the team",
    S.REPORTED: "Waiting for a visit supervisor who neither went nor wrote the report",
    S.UNDER_REVIEW: "Waiting for the supervisor's word on the report",
    S.CORRECTIVE_ACTIONS: "Waiting until each action is done or declined, then for a supervisor to close the visit",
    S.CLOSED: "Closed; nothing is waited for",
    S.CANCELLED: "Canceled; nothing is waited for",
    S.NOT_CARRIED_OUT: "Not carried out; the lists follow on their days",
}
