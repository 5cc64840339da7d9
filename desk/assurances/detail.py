"""The page of an instrument, its papers, and two versions of its text side by side."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from assurances import selectors
from assurances.models import Instrument
from assurances.rules import compare_texts
from assurances.selectors import InstrumentPage
from desk.assurances.words import (
    TIMELINE_KINDS,
    choose_act,
    list_act_links,
    list_dependents,
    list_documents,
    list_steps,
    list_timeline,
    list_timeline_kinds,
    tell_subject,
    tell_waiting,
)


def read_page(request: HttpRequest, instrument_id: int) -> InstrumentPage:
    """All of an instrument for a page, or not found."""
    try:
        return selectors.get_instrument_page(instrument_id=instrument_id, by=request.user, at=timezone.now())
    except Instrument.DoesNotExist as error:
        raise Http404 from error


@require_GET
def detail(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """All of an instrument on one page."""
    page = read_page(request, instrument_id)
    now = timezone.now()
    kind = request.GET.get("timeline", "")
    unknown = bool(kind) and kind not in TIMELINE_KINDS
    acts = list_act_links(page)
    first = choose_act(page, acts)
    return render(
        request,
        "desk/assurances/detail.html",
        {
            "page": page,
            "instrument": page.instrument,
            "subject": tell_subject(page),
            "waiting": tell_waiting(page, now),
            "act": first,
            "others": acts[1:] if first else acts,
            "documents": list_documents(page),
            "foreign": [text for text in page.texts if text.language != "en"],
            "may_translate": "add_text" in page.acts,
            "dependents": list_dependents(page),
            "steps": list_steps(page, now),
            "timeline": list_timeline(page, kind),
            "timeline_kinds": list_timeline_kinds(page, kind),
            "unknown_kind": unknown,
        },
        status=400 if unknown else 200,
    )


def _send(paper: Any, name: str) -> FileResponse:
    try:
        content = paper.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    return FileResponse(content, filename=f"{name}.pdf", content_type="application/pdf")


@require_GET
def text(request: HttpRequest, instrument_id: int, text_number: int) -> FileResponse:
    """A version of the text, as it was added."""
    try:
        found = selectors.get_text(instrument_id=instrument_id, number=text_number, by=request.user)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    return _send(found, f"{found.instrument.number}-version-{found.number}")


@require_GET
def translation(request: HttpRequest, instrument_id: int, translation_id: int) -> FileResponse:
    """A certified translation, as it was added."""
    try:
        found = selectors.get_translation(instrument_id=instrument_id, translation_id=translation_id, by=request.user)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    return _send(found, f"translation-{found.pk}")


@require_GET
def evidence(request: HttpRequest, instrument_id: int, breach_number: int) -> FileResponse:
    """The document that an allegation rests on."""
    try:
        found = selectors.get_breach(instrument_id=instrument_id, number=breach_number, by=request.user)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    return _send(found, f"breach-{found.number}-evidence")


@require_GET
def compare(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Two versions of the text side by side: the two newest, unless the address names others."""
    page = read_page(request, instrument_id)
    by_number = {str(text.number): text for text in page.texts}
    numbers = sorted(by_number, key=int)
    before = by_number.get(request.GET.get("before", numbers[-2] if len(numbers) > 1 else ""))
    after = by_number.get(request.GET.get("after", numbers[-1] if numbers else ""))
    context: dict[str, Any] = {"page": page, "instrument": page.instrument, "numbers": numbers}
    unknown = ("before" in request.GET and before is None) or ("after" in request.GET and after is None)
    if before is not None and after is not None:
        left = selectors.read_text(before, by=request.user)
        right = selectors.read_text(after, by=request.user)
        lines = compare_texts(left.lines, right.lines)
        context |= {
            "before": before,
            "after": after,
            "left": left,
            "right": right,
            "lines": lines,
            "changes": sum(line.kind != "same" for line in lines),
            "unreadable": [each.title for each in (left, right) if not each.lines],
        }
    return render(
        request, "desk/assurances/compare.html", {**context, "unknown": unknown}, status=400 if unknown else 200
    )
