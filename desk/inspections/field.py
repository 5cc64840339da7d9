"""The page for a phone on site: one small form for each question and serial number, sent one by one.

Each works alone and without a script. With one, what could not be sent is kept on the phone and sent later; the key of
an entry makes it the same entry however often it arrives, and what the server has is what counts.
"""

import secrets
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_POST

from accounts.permissions import NotPermitted
from accounts.rules import Refused
from desk.inspections.answers import read_visit
from inspections import operations
from inspections.rules.lifecycle import ENTRY_OPEN
from inspections.selectors import entries
from inspections.statuses import SerialOutcome

JSON = "application/json"


@require_GET
def field(request: HttpRequest, visit_id: int) -> HttpResponse:
    """The checklist and the newest sample of a visit, ready for entries."""
    visit = read_visit(request, visit_id)
    sample = entries.get_newest_sample(visit)
    return render(
        request,
        "desk/inspections/field.html",
        {
            "visit": visit,
            "is_open": visit.status in ENTRY_OPEN,
            "answers": [_keyed(line) for line in entries.list_answers(visit)],
            "sample": sample,
            "items": [_keyed(line) for line in entries.list_items(sample)] if sample else [],
            "outcomes": SerialOutcome.choices,
        },
    )


def _keyed(line: Any) -> dict[str, Any]:
    return {"line": line, "key": secrets.token_hex(16)}


def _entered_at(request: HttpRequest, now: datetime) -> datetime:
    """The device's clock, where it says something that a clock can say."""
    try:
        told = parse_datetime(request.POST.get("entered_at", ""))
    except ValueError:
        return now
    if told is None:
        return now
    aware = told if told.tzinfo else told.replace(tzinfo=UTC)
    return aware if datetime(2020, 1, 1, tzinfo=UTC) < aware < now else now


def _done(request: HttpRequest, visit_id: int, anchor: str, act: Any) -> HttpResponse:
    """Do the act; a script is told how it went, a person goes back to the place on the page."""
    wants_json = JSON in request.headers.get("Accept", "")
    try:
        says = act(timezone.now())
    except NotPermitted as reason:
        if not wants_json:
            raise
        return JsonResponse({"stored": False, "says": reason.reason}, status=403)
    except Refused as refusal:
        if wants_json:
            return JsonResponse({"stored": False, "says": refusal.reason}, status=409)
        messages.error(request, refusal.reason)
        return redirect(f"/desk/visits/{visit_id}/field/#{anchor}")
    if wants_json:
        return JsonResponse({"stored": True, "says": says})
    messages.success(request, says)
    return redirect(f"/desk/visits/{visit_id}/field/#{anchor}")


@require_POST
def field_answer(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Store one answer to the checklist."""
    visit = read_visit(request, visit_id)
    question = request.POST.get("question", "")

    def act(now: datetime) -> str:
        row = operations.enter_answer(
            visit=visit,
            question=question,
            value=request.POST.get("value", ""),
            note=request.POST.get("note", "")[:4000],
            client_key=request.POST.get("client_key", ""),
            entered_at=_entered_at(request, now),
            by=request.user,
            at=now,
        )
        return f"Stored: {row.value}"

    anchor = question if question.isascii() and question.isidentifier() else "top"
    return _done(request, visit_id, anchor, act)


@require_POST
def field_result(request: HttpRequest, visit_id: int, item_id: int) -> HttpResponse:
    """Store one result of the sample."""
    read_visit(request, visit_id)
    item = entries.get_item(visit_id, item_id)
    if item is None:
        raise Http404

    def act(now: datetime) -> str:
        row = operations.enter_result(
            item=item,
            outcome=request.POST.get("outcome", ""),
            seen_place=request.POST.get("seen_place", ""),
            seen_serial=request.POST.get("seen_serial", ""),
            note=request.POST.get("note", "")[:4000],
            client_key=request.POST.get("client_key", ""),
            entered_at=_entered_at(request, now),
            by=request.user,
            at=now,
        )
        return f"Stored: {item.serial} {row.get_outcome_display().lower()}"

    return _done(request, visit_id, f"item-{item_id}", act)
