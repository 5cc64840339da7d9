"""What a visit can be requested for: places, a candidate of a selection, and the units that it keeps away."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from accounts.models import Unit
from accounts.rules import Principal
from inspections.models import Candidate
from inspections.permissions import check_can_read_visits
from registry.models import Installation

PAGE = 50


def find_places(*, by: Principal, text: str) -> list[Installation]:
    """Installations whose name or operator has `text`, for a request. One query. Raises NotPermitted."""
    check_can_read_visits(by)
    found = Installation.objects.select_related("operator", "country").order_by("-pk")
    if text.strip():
        found = found.filter(Q(name__icontains=text.strip()) | Q(operator__name__icontains=text.strip()))
    return list(found[:PAGE])


def list_places(ids: Sequence[int]) -> list[Installation]:
    """These installations, with their operators. One query."""
    return list(Installation.objects.filter(pk__in=ids).select_related("operator", "country"))


def get_chosen(candidate_id: str) -> Candidate | None:
    """A chosen candidate of a selection by what an address names, or None. One query."""
    if not (candidate_id.isascii() and candidate_id.isdigit() and len(candidate_id) < 19):
        return None
    return (
        Candidate.objects.filter(pk=int(candidate_id), is_chosen=True)
        .select_related("installation__operator", "round")
        .first()
    )


def list_units() -> list[tuple[int, str]]:
    """The units of Commerce, for a form. One query."""
    found = Unit.objects.filter(organization__kind="commerce").order_by("name")
    return list(found.values_list("pk", "name"))


def get_unit(unit_id: int) -> Unit:
    """A unit. Raises Unit.DoesNotExist."""
    return Unit.objects.get(pk=unit_id)
