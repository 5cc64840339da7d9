"""The four amounts added up, each for itself, and what the verified one covers of the plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Sum

from deadlines.rules import day_of
from investments.models import AmountEntry, Commitment, Milestone, Shortfall
from investments.rules import Due, Reading, read_plan
from investments.statuses import AmountKind


def get_verified(commitment: Commitment) -> int:
    """Verified units of the commitment's own measure, reversals taken off. One query."""
    found = AmountEntry.objects.filter(commitment=commitment, kind=AmountKind.VERIFIED, unit=commitment.unit)
    return int(found.aggregate(total=Sum("units"))["total"] or 0)


def get_totals(commitments: Iterable[Commitment]) -> dict[int, dict[tuple[str, str], int]]:
    """Each of the four amounts of several commitments, by kind and unit. One query; no kind is added to another."""
    rows = (
        AmountEntry.objects.filter(commitment__in=[each.pk for each in commitments])
        .order_by()
        .values_list("commitment_id", "kind", "unit")
        .annotate(total=Sum("units"))
    )
    totals: dict[int, dict[tuple[str, str], int]] = {}
    for commitment_id, kind, unit, total in rows:
        totals.setdefault(commitment_id, {})[kind, unit] = int(total or 0)
    return totals


def list_readings(
    milestones: Sequence[Milestone], shortfalls: Sequence[Shortfall], verified: int, at: datetime
) -> list[Reading]:
    """What is covered and what is short of each milestone, from rows in hand."""
    waived: dict[int, int] = {}
    for each in shortfalls:
        waived[each.milestone_id] = waived.get(each.milestone_id, 0) + each.waived
    dues = [Due(each.pk, each.due_on, each.units, waived.get(each.pk, 0)) for each in milestones]
    return read_plan(dues, verified, on=day_of(at))
