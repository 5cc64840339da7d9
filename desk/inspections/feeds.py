"""An officer's calendar feed: the page of its address, and the feed itself (RFC 5545) behind that address.

The address is the key: whoever has it reads the feed without signing in. So of a visit it tells its kind and the name
of its place, and nothing else.
"""

import hashlib
from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from icalendar import Calendar, Event, vDuration

from inspections.operations import officers as operations
from inspections.permissions import check_can_have_feed
from inspections.rules.feeds import FeedEvent
from inspections.selectors import calendar
from inspections.selectors.calendar import Feed

CONTENT_TYPE = "text/calendar; charset=utf-8"
MARKING = "Protected from disclosure: 50 USC 4820(h)."
PRODUCT = "-//Countersign//Visits of export control officers//EN"
# How often a calendar program is asked to look.
REFRESH = "PT1H"


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The feed of whoever holds this address; 304 where nothing changed, 404 for an unknown or revoked one."""
    found = calendar.find_feed(secret=token, at=timezone.now())
    if found is None:
        answer = HttpResponse(
            "There is no calendar at this address. It may have been renewed or ended: its owner finds the present one "
            "on the desk, under Calendar.\n",
            status=404,
            content_type="text/plain; charset=utf-8",
        )
        answer["Cache-Control"] = "no-store"
        return answer
    body = write_feed(found)
    etag = f'"{hashlib.sha256(body).hexdigest()}"'
    changed = max((int(event.modified_at.timestamp()) for event in found.events), default=None)
    response = get_conditional_response(
        request, etag=etag, last_modified=changed, response=HttpResponse(body, content_type=CONTENT_TYPE)
    )
    response["ETag"] = etag
    # Kept by the one program that asks, and asked for again each time.
    response["Cache-Control"] = "private, no-cache"
    response["Content-Disposition"] = 'inline; filename="visits.ics"'
    response["X-Robots-Tag"] = "noindex"
    if changed is not None:
        response["Last-Modified"] = http_date(changed)
    return response


def write_feed(found: Feed) -> bytes:
    """The feed as calendar programs read it: lines that end in CR LF, folded at 75 octets."""
    name = f"Visits of {found.officer.name}"
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("x-wr-caldesc", MARKING)
    made.add("refresh-interval", vDuration.from_ical(REFRESH), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", REFRESH)
    for event in found.events:
        made.add_component(_write_event(event))
    return bytes(made.to_ical())


def _write_event(event: FeedEvent) -> Event:
    made = Event()
    made.add("uid", event.uid)
    made.add("sequence", event.sequence)
    # Without a METHOD this is the instant of the last change, so that the same content is the same bytes.
    made.add("dtstamp", _instant(event.modified_at))
    made.add("last-modified", _instant(event.modified_at))
    made.add("created", _instant(event.created_at))
    made.add("dtstart", event.first)
    made.add("dtend", event.end)
    made.add("summary", event.summary)
    made.add("description", MARKING)
    made.add("class", "CONFIDENTIAL")
    made.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    made.add("transp", "TRANSPARENT" if event.is_cancelled else "OPAQUE")
    return made


def _instant(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


@never_cache
@require_http_methods(["GET", "POST"])
def address(request: HttpRequest) -> HttpResponse:
    """Whether there is an address of one's calendar; a new one is shown once, where it is made."""
    check_can_have_feed(request.user)
    made = ""
    if request.method == "POST":
        _, secret = operations.renew_calendar_token(by=request.user, at=timezone.now())
        made = request.build_absolute_uri(reverse("calendar_ics", args=[secret]))
    return render(
        request, "desk/inspections/calendar_feed.html", {"made": made, "token": calendar.find_token(by=request.user)}
    )


@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """End one's own calendar feed."""
    ended = operations.revoke_calendar_token(by=request.user, at=timezone.now())
    if ended:
        messages.success(request, "The address of your calendar no longer works.")
    return redirect("desk:calendar_feed")
