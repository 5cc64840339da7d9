"""The page of an allocation: its ceiling, what is left, who proposed and approved what, its latest entries."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from allocations import selectors
from allocations.models import Allocation
from deadlines.rules import day_of
from desk.allocations.words import list_act_links, tell_subject, tell_waiting


def read_page(request: HttpRequest, allocation_id: int) -> selectors.AllocationPage:
    """All of an allocation for a page, or not found."""
    try:
        return selectors.get_allocation_page(allocation_id=allocation_id, by=request.user, on=day_of(timezone.now()))
    except Allocation.DoesNotExist as error:
        raise Http404 from error


@require_GET
def detail(request: HttpRequest, allocation_id: int) -> HttpResponse:
    """All of an allocation on one page."""
    page = read_page(request, allocation_id)
    acts = list_act_links(page.allocation, page.acts)
    return render(
        request,
        "desk/allocations/detail.html",
        {
            "page": page,
            "allocation": page.allocation,
            "balance": page.balance,
            "subject": tell_subject(page),
            "waiting": tell_waiting(page),
            # Without an entry's data, which would be read for each.
            "timeline": [
                {"at": entry.at, "actor_label": entry.actor_label, "says": entry.says} for entry in page.timeline
            ],
            "act": acts[0] if acts else None,
            "others": acts[1:],
        },
    )
