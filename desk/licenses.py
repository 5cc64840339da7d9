"""The page of a license: what it is worth, what it stands on, what left under it, and what stops the next shipment."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from desk.grounds import tell_ground, tell_holds
from desk.investments.words import STEP_WORDS
from investments.rules import write_units
from licensing import selectors
from licensing.selectors import LicensePage
from licensing.statuses import LicenseStatus
from registry.permissions import can_place_hold

OVER = (LicenseStatus.EXPIRED, LicenseStatus.EXHAUSTED, LicenseStatus.REVOKED, LicenseStatus.SURRENDERED)


@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """All of a license on one page."""
    try:
        page = selectors.get_license_page(number=number, by=request.user, at=timezone.now())
    except ObjectDoesNotExist as error:
        raise Http404 from error
    license_ = page.license
    may_hold = can_place_hold(request.user)
    return render(
        request,
        "desk/licenses/detail.html",
        {
            "page": page,
            "license": license_,
            "subject": f"{page.licensed:,} chips to {license_.destination.name}",
            "waiting": tell_waiting(page),
            "stops": page.list_stops(),
            "hold_url": reverse("desk:place_hold", kwargs={"scope_kind": "license", "scope_id": str(license_.pk)})
            if may_hold
            else "",
            "grounds": [tell_ground(ground, needed_by="the license") for ground in page.grounds],
            "holds": tell_holds(page.holds, request.user),
            "books": list_books(page),
            "tranches": list_tranches(page),
            "shipments": page.shipments,
            # A shipment's number is its place among all of them.
            "shipments_in_all": page.shipments[0].shipment.number if page.shipments else 0,
            "timeline": [
                {"at": entry.at, "actor_label": entry.actor_label, "says": entry.says} for entry in page.journal
            ],
        },
    )


def tell_waiting(page: LicensePage) -> str:
    """The sentence below the head: whether a shipment can leave now, and how many chips at most."""
    if page.status in OVER:
        return f"{page.status.label}: nothing more is shipped under it."
    stops = page.list_stops()
    if len(stops) == 1:
        return f"Nothing can be shipped now. {stops[0]}"
    if stops:
        return f"Nothing can be shipped now, for {len(stops)} reasons below."
    if page.released is not None and page.ready < page.left:
        return f"{page.ready:,} chips can be shipped now; {page.left - page.ready:,} more wait for their tranche."
    return f"{page.ready:,} chips can be shipped now."


def list_books(page: LicensePage) -> list[dict[str, Any]]:
    """The ceilings from which the license was drawn, each with the page of the entries behind it."""
    listed: list[dict[str, Any]] = []
    if page.allocation:
        allocation, units = page.allocation
        listed.append(
            {
                "title": f"Allocation {allocation.country_id} {allocation.period.words}",
                "url": reverse("desk:allocation_entries", kwargs={"allocation_id": allocation.pk}),
                "units": units,
            }
        )
    for book in page.coverage:
        url = reverse("desk:assurance_coverage", kwargs={"instrument_id": book.subject_id})
        listed.append({"title": f"Coverage {book.title}", "url": url, "ceiling": book.ceiling})
    return listed


def list_tranches(page: LicensePage) -> list[dict[str, Any]]:
    """The steps of the release, their thresholds in the unit of the commitment's measure."""
    return [
        {
            "step": step,
            "required": write_units(step.required, step.unit) if step.required else "Nothing: at once",
            "words": STEP_WORDS[step.state],
        }
        for step in page.tranches
    ]
