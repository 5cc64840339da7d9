"""Giving a license up: what was not shipped goes back, and nothing more can be shipped."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from licensing import operations
from licensing.selectors import shipments as selectors
from portal.answering import answer, bind
from portal.forms import SurrenderForm


@require_http_methods(["GET", "HEAD", "POST"])
def surrender(request: HttpRequest, license_number: str) -> HttpResponse:
    """Say what is lost, take the reason, and give the license up."""
    now = timezone.now()
    try:
        page = selectors.get_shipping_page(number=license_number, by=request.user, at=now)
    except ObjectDoesNotExist as error:
        raise Http404 from error

    def call(data: dict[str, Any]) -> str:
        end = operations.surrender_license(license=page.license, reason=data["reason"], by=request.user, at=now)
        return f"{page.license.number} was given up. {end.chips_returned:,} chips that were not shipped went back."

    return answer(
        request,
        bind(request, SurrenderForm, {}),
        call,
        template="shipments/surrender",
        onward=reverse("portal:licenses"),
        context={
            "license": page.license,
            "left": sum(line.quantity_left for line in page.lines),
            "ended": selectors.tell_end_of(page.license, on=page.today),
        },
    )
