"""The register of commitments, a page at a time. For Commerce only."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.rules import Principal
from investments.models import Commitment, Milestone, Shortfall
from investments.permissions import check_can_read_commitments
from investments.rules import LIVE, OPEN_SHORTFALLS
from investments.selectors.totals import get_totals
from investments.statuses import AmountKind, CommitmentStatus

PAGE = 50
_LARGEST_ID = 2**63 - 1
VIEWS: dict[str, tuple[CommitmentStatus, ...]] = {
    "live": LIVE,
    "short": (CommitmentStatus.SHORTFALL, CommitmentStatus.IN_CURE),
    "preparing": (CommitmentStatus.DRAFT, CommitmentStatus.SIGNED),
    "over": (CommitmentStatus.COMPLETED, CommitmentStatus.TERMINATED, CommitmentStatus.WITHDRAWN),
    "all": tuple(CommitmentStatus),
}


@dataclass(frozen=True, slots=True)
class CommitmentFilters:
    """What narrows the register."""

    view: str = "live"
    text: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class CommitmentRow:
    """A commitment with its four amounts in its own unit, the next milestone, and what is short."""

    commitment: Commitment
    pledged: int
    contracted: int
    disbursed: int
    verified: int
    short: int
    next_due: Milestone | None


@dataclass(frozen=True, slots=True)
class Register:
    """A page of the register, and where the next one begins (empty on the last)."""

    rows: list[CommitmentRow]
    after: str


def list_commitments(*, by: Principal, filters: CommitmentFilters, after: str = "") -> Register:
    """Commitments, the newest first. Four queries, however many there are."""
    check_can_read_commitments(by)
    found = _narrow(filters)
    if after.isascii() and after.isdigit() and int(after) <= _LARGEST_ID:
        found = found.filter(pk__lt=int(after))
    rows = list(found.order_by("-pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return Register(rows=_read(rows), after=str(rows[-1].pk) if more else "")


def _narrow(filters: CommitmentFilters) -> QuerySet[Commitment]:
    found = Commitment.objects.select_related("obligor_country", "obligor_party")
    statuses = VIEWS.get(filters.view, VIEWS["live"])
    if filters.status:
        found = found.filter(status=filters.status)
    elif len(statuses) < len(CommitmentStatus):
        found = found.filter(status__in=statuses)
    text = filters.text.strip()
    if text:
        wanted = (
            Q(title__icontains=text)
            | Q(obligor_country__name__icontains=text)
            | Q(obligor_party__name__icontains=text)
            | Q(agreement_reference__icontains=text)
        )
        digits = text[1:] if text[:1] in "Kk" else ""
        if digits.isascii() and digits.isdigit() and len(digits) < 18:
            wanted |= Q(pk=int(digits))
        found = found.filter(wanted)
    return found


def _read(commitments: list[Commitment]) -> list[CommitmentRow]:
    totals = get_totals(commitments)
    ids = [each.pk for each in commitments]
    short: dict[int, int] = {}
    for commitment_id, units in Shortfall.objects.filter(commitment__in=ids, status__in=OPEN_SHORTFALLS).values_list(
        "commitment_id", "short"
    ):
        short[commitment_id] = short.get(commitment_id, 0) + units
    upcoming: dict[int, list[Milestone]] = {}
    for milestone in Milestone.objects.filter(commitment__in=ids).order_by("due_on", "pk"):
        upcoming.setdefault(milestone.commitment_id, []).append(milestone)
    rows = []
    for each in commitments:
        of_it = totals.get(each.pk, {})
        verified = of_it.get((AmountKind.VERIFIED, each.unit), 0)
        rows.append(
            CommitmentRow(
                commitment=each,
                pledged=of_it.get((AmountKind.PLEDGED, each.unit), 0),
                contracted=of_it.get((AmountKind.CONTRACTED, each.unit), 0),
                disbursed=of_it.get((AmountKind.DISBURSED, each.unit), 0),
                verified=verified,
                short=short.get(each.pk, 0),
                next_due=_find_next(upcoming.get(each.pk, []), verified) if each.status in LIVE else None,
            )
        )
    return rows


def _find_next(milestones: list[Milestone], verified: int) -> Milestone | None:
    """The first milestone that is not covered."""
    planned = 0
    for milestone in milestones:
        planned += milestone.units
        if planned > verified:
            return milestone
    return None
