"""The work basket: open cases by due date, and the closed ones; a page at a time, with what a person can do next."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.statuses import Role
from licensing.models import (
    ApplicationParty,
    Case,
    Exemption,
    License,
    Recommendation,
    Signature,
)
from licensing.permissions import Standing, check_is_staff_of_cases, list_acts
from licensing.statuses import CaseStatus, RequirementActKind, RequirementStatus
from registry.models import Party, PartyAlias
from rulebook.selectors import NoEdition, list_countries, list_operating_tiers

PAGE = 50
# Beyond this a tab says "99+": counting further costs more than it tells.
COUNTED = 100

VIEWS = ("mine", "signature", "decision", "unit", "unassigned", "overdue", "all", "closed")
OPEN_SORTS: Mapping[str, tuple[str, bool]] = {
    "due": ("due_at", False),
    "-due": ("due_at", True),
    "received": ("opened_at", False),
    "-received": ("opened_at", True),
}
CLOSED_SORTS: Mapping[str, tuple[str, bool]] = {"-closed": ("closed_at", True), "closed": ("closed_at", False)}
# What an ACN, a license and an exemption are numbered like.
_NUMBER = re.compile(r"[A-Za-z][0-9]{6}", re.ASCII)
# A shorter word has no trigram, and would resemble half of the parties.
_SHORTEST_NAME = 3
# Up to so many cases are looked up by their keys; more are so common that walking the basket meets them at once.
_LISTED = 500
_STANDINGS = {ways: Standing(*ways) for ways in product((False, True), repeat=3)}


@dataclass(frozen=True, slots=True)
class BasketFilters:
    """What narrows a basket; empty fields narrow nothing."""

    text: str = ""
    status: str = ""
    destination: str = ""
    tier: str = ""
    sort: str = ""


@dataclass(frozen=True, slots=True)
class BasketRow:
    """One case as a basket shows it, with the acts this person has on it, the most urgent first."""

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
    due_at: datetime | None
    closed_at: datetime | None
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
    "closed_at",
)


def list_views(by: User) -> tuple[str, ...]:
    """The views that mean something to this person."""
    own = {"signature": Role.COUNTERSIGNER, "decision": Role.LICENSING_DIRECTOR, "mine": Role.LICENSING_OFFICER}
    return tuple(view for view in VIEWS if view not in own or by.has_role(own[view]))


def list_basket(
    *, by: User, view: str, filters: BasketFilters, now: datetime, after: str = "", size: int = PAGE
) -> BasketPage:
    """A page of a person's basket in two queries, whatever the number of cases; a search by words asks a third.

    `after` is the place where the page before ended (`BasketPage.after`); a damaged one begins anew.
    Raises NotPermitted for anybody who does not work on cases.
    """
    check_is_staff_of_cases(by)
    closed = view == "closed"
    sorts = CLOSED_SORTS if closed else OPEN_SORTS
    column, descending = sorts.get(filters.sort) or next(iter(sorts.values()))
    cases = _narrow(Case.objects.filter(closed_at__isnull=not closed), view, filters, by, now)
    cases = _begin(cases, column, descending, after)
    sign = "-" if descending else ""
    found = list(
        cases.order_by(f"{sign}{column}", f"{sign}id").values_list(
            *({"officer_name": "officer__name", "unit_code": "unit__code"}.get(name, name) for name in FIELDS)
        )[: size + 1]
    )
    rows = [BasketRow(*values) for values in found[:size]]
    counts, standings = _count(by, now, [] if closed else [row.id for row in rows])
    hands, evidence, waivers = standings
    # Rows alike in all that decides about acts are asked about once.
    known: dict[tuple[object, ...], list[tuple[str, str]]] = {}
    for row in rows:
        ways = row.id in hands, row.id in evidence, row.id in waivers
        alike = row.status, row.kind, row.officer_id, ways
        acts = known.get(alike)
        if acts is None:
            acts = known[alike] = list_acts(by, row, _STANDINGS[ways])
        row.acts.extend(acts)
    more = len(found) > size
    last = rows[-1] if rows else None
    return BasketPage(
        rows=rows,
        after=f"{getattr(last, column).isoformat()}~{last.id}" if more and last else "",
        counts=counts,
    )


def _had_a_hand(by: User) -> Coalesce:
    """Whether this person wrote or signed the newest version of the recommendation."""
    signed = Signature.objects.filter(recommendation=OuterRef("pk"), signer=by)
    newest = Recommendation.objects.filter(case=OuterRef("pk")).order_by("-version")
    hand = ExpressionWrapper(Q(author=by) | Q(Exists(signed)), output_field=BooleanField())
    return Coalesce(Subquery(newest.values(hand=hand)[:1]), Value(False))


def _narrow(cases: QuerySet[Case], view: str, filters: BasketFilters, by: User, now: datetime) -> QuerySet[Case]:
    match view:
        case "mine":
            cases = cases.filter(officer=by)
        case "signature":
            cases = cases.filter(~Q(_had_a_hand(by)), status=CaseStatus.RECOMMENDED)
        case "decision":
            cases = cases.filter(~Q(_had_a_hand(by)), status=CaseStatus.COUNTERSIGNED)
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
    return cases.filter(_match(text)) if text else cases


def _match(text: str) -> Q:
    """A number is that of a case, a license or an exemption; words are in the subject, the applicant or a party."""
    if _NUMBER.fullmatch(text):
        number = text.upper()
        numbered = Case.objects.filter(acn=number).order_by().values("pk")
        granted = [kind.objects.filter(number=number).order_by().values("case_id") for kind in (License, Exemption)]
        return Q(pk__in=numbered.union(*granted, all=True))
    written = Q(subject_line__icontains=text) | Q(applicant_name__icontains=text)
    if len(text) < _SHORTEST_NAME:
        return written
    named = {"name__iregex": re.escape(text)}
    parties = Party.objects.filter(**named).order_by().values("pk")
    aliases = PartyAlias.objects.filter(**named).order_by().values("party_id")
    applications = (
        ApplicationParty.objects.filter(party__in=parties.union(aliases, all=True))
        .order_by()
        .values_list("application_id", flat=True)
        .distinct()
    )
    few = list(applications[: _LISTED + 1])
    return written | Q(application__in=few if len(few) <= _LISTED else applications)


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


_PART = "(SELECT count(*) FROM (SELECT 1 FROM licensing_case k WHERE closed_at IS NULL AND {where} LIMIT {most}) c)"
# The same as `_had_a_hand`, for a count and for the rows of a page.
_HAND = """coalesce((
SELECT r.author_id = %s OR EXISTS (
    SELECT 1 FROM licensing_signature s WHERE s.recommendation_id = r.id AND s.signer_id = %s)
FROM licensing_recommendation r WHERE r.case_id = k.id ORDER BY r.version DESC LIMIT 1), false)"""
_HANDS = f"ARRAY(SELECT k.id FROM unnest(%s::bigint[]) k (id) WHERE {_HAND})"
_EVIDENCE = "ARRAY(SELECT q.case_id FROM licensing_requirement q WHERE q.case_id = ANY(%s) AND q.status = %s)"
_WAIVERS = """ARRAY(
SELECT q.case_id FROM licensing_requirement q
WHERE q.case_id = ANY(%s) AND q.status = %s AND q.waivable AND NOT EXISTS (
    SELECT 1 FROM licensing_requirementact a
    WHERE a.requirement_id = q.id AND a.round = q.round AND a.kind = %s AND a.actor_id = %s))"""
_NOBODY = "ARRAY[]::bigint[]"


def _count(by: User, now: datetime, shown: list[int]) -> tuple[dict[str, int], list[frozenset[int]]]:
    """How many cases each view holds, up to the cap, and on which of those shown this person stands how.

    One query over the partial indexes. The standings come in the order of `Standing`; what a person's roles make
    idle is not asked.
    """
    wheres: dict[str, tuple[str, list[Any]]] = {
        "mine": ("officer_id = %s", [by.pk]),
        "signature": (f"status = %s AND NOT {_HAND}", [CaseStatus.RECOMMENDED, by.pk, by.pk]),
        "decision": (f"status = %s AND NOT {_HAND}", [CaseStatus.COUNTERSIGNED, by.pk, by.pk]),
        "unit": ("unit_id = %s", [by.unit_id]),
        "unassigned": ("officer_id IS NULL", []),
        "overdue": ("due_at < %s", [now]),
    }
    views = [view for view in list_views(by) if view in wheres]
    parts = [(_PART.format(where=wheres[view][0], most=COUNTED), wheres[view][1]) for view in views]
    judges = by.has_role(Role.COUNTERSIGNER) or by.has_role(Role.LICENSING_DIRECTOR)
    is_open, signed = RequirementStatus.OPEN, RequirementActKind.WAIVER_SIGNED
    parts += [
        (_HANDS, [shown, by.pk, by.pk]) if judges else (_NOBODY, []),
        (_EVIDENCE, [shown, is_open]) if by.has_role(Role.LICENSING_OFFICER) else (_NOBODY, []),
        (_WAIVERS, [shown, is_open, signed, by.pk]) if by.has_role(Role.WAIVER_OFFICIAL) else (_NOBODY, []),
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(sql for sql, _ in parts)}", [value for _, values in parts for value in values]
        )
        answer = cursor.fetchone()
    return dict(zip(views, answer, strict=False)), [frozenset(which) for which in answer[len(views) :]]


def list_tiers(at: datetime) -> tuple[tuple[str, str], ...]:
    """The tiers of the edition that operates at an instant, by id and title, the smallest first. One query."""
    try:
        return list_operating_tiers(at)
    except NoEdition:
        return ()


def list_destinations() -> list[tuple[str, str]]:
    """Every country by code and name, for a filter; it asks no database."""
    return [(country.alpha2, country.name) for country in list_countries()]
