"""The calendar of visits: a month, and a week by officer. Tables made here; every step is a link."""

import re
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from deadlines.rules import day_of
from inspections import permissions
from inspections.rules.scheduling import DAY
from inspections.selectors import calendar

FIRST_YEAR, LAST_YEAR = 2020, 2100
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?")


def read_day(text: str) -> date | None:
    """A day or a month of an address, as its first day; None where it is none that the calendar has."""
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _links(request: HttpRequest) -> dict[str, object]:
    return {
        "may_have_feed": permissions.can_have_feed(request.user),
        "week_url": reverse("desk:calendar_week"),
        "month_url": reverse("desk:calendar"),
    }


@require_GET
def month(request: HttpRequest) -> HttpResponse:
    """Visits with their travel, and absences, in the weeks of a month."""
    now = timezone.now()
    asked = request.GET.get("month", "")
    day = read_day(asked) if asked else day_of(now)
    own = request.GET.get("who") == "own"
    found = calendar.get_month(day=day or day_of(now), by=request.user, at=now, own=own)
    kept = {"who": "own"} if own else {}

    def address(of: date) -> str:
        return f"?{urlencode({'month': f'{of:%Y-%m}', **kept})}"

    this = f"{found.days.first:%Y-%m}"
    return render(
        request,
        "desk/inspections/calendar.html",
        {
            "month": found,
            "unknown": day is None,
            "earlier_url": address(found.days.first - DAY),
            "later_url": address(found.days.end),
            "earlier": found.days.first - DAY,
            "later": found.days.end,
            "today_url": address(day_of(now)),
            "tabs": [
                {"label": "Everybody", "url": f"?{urlencode({'month': this})}", "current": not own},
                {"label": "Yours", "url": f"?{urlencode({'month': this, 'who': 'own'})}", "current": own},
            ],
            "own": own,
            **_links(request),
        },
        status=400 if day is None else 200,
    )


@require_GET
def week(request: HttpRequest) -> HttpResponse:
    """A week, a row for each officer."""
    now = timezone.now()
    asked = request.GET.get("week", "")
    day = read_day(asked) if asked else day_of(now)
    after = request.GET.get("after", "")
    found = calendar.get_week(day=day or day_of(now), by=request.user, at=now, after=after)

    def address(of: date, **more: str) -> str:
        return f"?{urlencode({'week': f'{of:%Y-%m-%d}', **more})}"

    kept = {"after": after} if after else {}
    return render(
        request,
        "desk/inspections/calendar_week.html",
        {
            "week": found,
            "unknown": day is None,
            "earlier_url": address(found.days.first - DAY, **kept),
            "later_url": address(found.days.end, **kept),
            "today_url": address(day_of(now)),
            "first_url": address(found.days.first) if after else "",
            "next_url": address(found.days.first, after=found.after) if found.after else "",
            "month_of_week": f"{found.days.last:%Y-%m}",
            **_links(request),
        },
        status=400 if day is None else 200,
    )
