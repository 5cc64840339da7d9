"""The work basket: open cases by due date, a page at a time, with what each person can do next on each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.statuses import Role
from licensing.models import Case
from licensing.permissions import check_is_staff_of_cases, list_acts
from licensing.statuses import CaseStatus
from rulebook.selectors import list_countries

PAGE = 50
# Beyond this a tab says "99+": counting further costs more than it tells.
COUNTED = 100

VIEWS = ("mine", "signature", "decision", "unit", "unassigned", "overdue", "all")
SORTS: Mapping[str, tuple[str, bool]] = {
    "due": ("due_at", False),
    "-due": ("due_at", True),
    "received": ("opened_at", False),
    "-received": ("opened_at", True),
}


@dataclass(frozen=True, slots=True)
class BasketFilters:
    """What narrows a basket; empty fields narrow nothing."""

    text: str = ""
    status: str = ""
    destination: str = ""
    tier: str = ""
    sort: str = "due"


@dataclass(frozen=True, slots=True)
class BasketRow:
    """One open case as a basket shows it, with the acts this person has on it, the most urgent first."""

    id: int
    acn: str
    kind: str
    status: str
    tier: str
    subject_line: str
    applicant_name: str
    destination_id: str
    officer_id: int | None
    officer_name: str | None
    unit_code: str | None
    opened_at: datetime
    due_at: datetime
    acts: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class BasketPage:
    """A page of rows, where the next one begins, and how many cases each view holds (capped at `COUNTED`)."""

    rows: list[BasketRow]
    after: str
    counts: Mapping[str, int]


FIELDS = (
    "id",
    "acn",
    "kind",
    "status",
    "tier",
    "subject_line",
    "applicant_name",
    "destination_id",
    "officer_id",
    "officer_name",
    "unit_code",
    "opened_at",
    "due_at",
)


def list_views(by: User) -> tuple[str, ...]:
    """The views that mean something to this person."""
    own = {"signature": Role.COUNTERSIGNER, "decision": Role.LICENSING_DIRECTOR, "mine": Role.LICENSING_OFFICER}
    return tuple(view for view in VIEWS if view not in own or by.has_role(own[view]))


def list_basket(
    *, by: User, view: str, filters: BasketFilters, now: datetime, after: str = "", size: int = PAGE
) -> BasketPage:
    """A page of a person's basket in two queries, whatever the number of cases.

    `after` is the place where the page before ended (`BasketPage.after`); a damaged one begins anew.
    Raises NotPermitted for anybody who does not work on cases.
    """
    check_is_staff_of_cases(by)
    column, descending = SORTS.get(filters.sort, SORTS["due"])
    cases = _narrow(Case.objects.filter(closed_at__isnull=True), view, filters, by, now)
    cases = _begin(cases, column, descending, after)
    sign = "-" if descending else ""
    found = list(
        cases.order_by(f"{sign}{column}", f"{sign}id").values_list(
            *({"officer_name": "officer__name", "unit_code": "unit__code"}.get(name, name) for name in FIELDS)
        )[: size + 1]
    )
    rows = [_row(values, by) for values in found[:size]]
    more = len(found) > size
    last = rows[-1] if rows else None
    return BasketPage(
        rows=rows,
        after=f"{getattr(last, column).isoformat()}~{last.id}" if more and last else "",
        counts=_count(by, now),
    )


def _row(values: tuple[Any, ...], by: User) -> BasketRow:
    row = BasketRow(*values)
    row.acts.extend(list_acts(by, row))
    return row


def _narrow(cases: QuerySet[Case], view: str, filters: BasketFilters, by: User, now: datetime) -> QuerySet[Case]:
    match view:
        case "mine":
            cases = cases.filter(officer=by)
        case "signature":
            cases = cases.filter(status=CaseStatus.RECOMMENDED)
        case "decision":
            cases = cases.filter(status=CaseStatus.COUNTERSIGNED)
        case "unit":
            cases = cases.filter(unit=by.unit_id) if by.unit_id else cases.none()
        case "unassigned":
            cases = cases.filter(officer__isnull=True)
        case "overdue":
            cases = cases.filter(due_at__lt=now)
    if filters.status:
        cases = cases.filter(status=filters.status)
    if filters.destination:
        cases = cases.filter(destination=filters.destination)
    if filters.tier:
        cases = cases.filter(tier=filters.tier)
    text = filters.text.strip()
    if text:
        cases = cases.filter(Q(acn=text.upper()) | Q(subject_line__icontains=text) | Q(applicant_name__icontains=text))
    return cases


def _begin(cases: QuerySet[Case], column: str, descending: bool, after: str) -> QuerySet[Case]:
    """Where the page before ended. A row comparison, so that the index is entered there and not walked to."""
    try:
        instant, identifier = after.split("~")
        at, pk = datetime.fromisoformat(instant), int(identifier)
    except ValueError:
        return cases
    if at.tzinfo is None:
        return cases
    beyond = "lt" if descending else "gt"
    return cases.filter(
        Q(**{f"{column}__{beyond}": at}) | Q(**{column: at, f"id__{beyond}": pk}),
        **{f"{column}__{beyond}e": at},
    )


_COUNTS = """
SELECT {parts}
"""
_PART = "(SELECT count(*) FROM (SELECT 1 FROM licensing_case WHERE closed_at IS NULL AND {where} LIMIT {most}) c)"


def _count(by: User, now: datetime) -> dict[str, int]:
    """How many cases each view holds, up to the cap, in one query over the partial indexes."""
    wheres: dict[str, tuple[str, list[Any]]] = {
        "mine": ("officer_id = %s", [by.pk]),
        "signature": ("status = %s", [CaseStatus.RECOMMENDED]),
        "decision": ("status = %s", [CaseStatus.COUNTERSIGNED]),
        "unit": ("unit_id = %s", [by.unit_id]),
        "unassigned": ("officer_id IS NULL", []),
        "overdue": ("due_at < %s", [now]),
    }
    views = [view for view in list_views(by) if view in wheres]
    parts = ", ".join(_PART.format(where=wheres[view][0], most=COUNTED) for view in views)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS.format(parts=parts), [value for view in views for value in wheres[view][1]])
        return dict(zip(views, cursor.fetchone(), strict=True))


def list_destinations() -> list[tuple[str, str]]:
    """Every country by code and name, for a filter; it asks no database."""
    return [(country.alpha2, country.name) for country in list_countries()]
