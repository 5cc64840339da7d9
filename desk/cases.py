"""The work basket, the case page, and the papers of a case."""

from urllib.parse import urlencode

from django.core.exceptions import ObjectDoesNotExist
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.permissions import is_agency, is_commerce
from desk.case_words import (
    TIMELINE_KINDS,
    count_clock,
    list_books,
    list_counts,
    list_documents,
    list_ladder,
    list_people,
    list_tier_titles,
    list_timeline,
    list_timeline_kinds,
    read_result,
    tell_no_allocation,
)
from desk.exports import export, walk
from desk.forms import NoteForm
from desk.grounds import tell_holds
from desk.presentation import draw_head, draw_rows, read_filters, tell_tier, tell_waiting
from desk.register_columns import list_case_columns
from licensing import selectors
from licensing.selectors import BasketFilters

# Cases of an exported basket that are read at once.
EXPORTED_TOGETHER = 500
VIEW_WORDS = {
    "mine": "Mine",
    "signature": "For my signature",
    "decision": "For my decision",
    "unit": "My unit’s",
    "unassigned": "Unassigned",
    "overdue": "Overdue",
    "all": "All open",
    "closed": "Closed",
}


@require_GET
def basket(request: HttpRequest) -> HttpResponseBase:
    """Open cases by due date, in the views that mean something to this person."""
    if is_agency(request.user) and not is_commerce(request.user):
        return render(request, "desk/no_referrals.html")
    now = timezone.now()
    views = selectors.list_views(request.user)
    asked = request.GET.get("view", "")
    view = asked if asked in views else views[0]
    closed = view == "closed"
    tiers = selectors.list_tiers(now)
    read = read_filters(request.GET.dict(), view, tiers)
    kept = read.chosen
    filters = BasketFilters(
        text=kept.get("q", ""),
        status=kept.get("status", ""),
        destination=kept.get("destination", ""),
        tier=kept.get("tier", ""),
        sort=kept.get("sort", ""),
    )

    def turn(after: str, **size: int) -> selectors.BasketPage:
        return selectors.list_basket(by=request.user, view=view, filters=filters, now=now, after=after, **size)

    unknown = bool(asked) and asked not in views
    if read.understood and not unknown:
        rows = walk(lambda after: turn(after, size=EXPORTED_TOGETHER))
        if file := export(request, rows=rows, columns=list_case_columns(dict(tiers)), name=f"cases-{view}"):
            return file
    page = turn(request.GET.get("after", ""))
    # Open and closed cases share neither statuses nor orders.
    shared = {name: value for name, value in kept.items() if name not in ("status", "sort")}

    def address(name: str) -> str:
        return f"?{urlencode({'view': name, **(kept if (name == 'closed') is closed else shared)})}"

    return render(
        request,
        "desk/cases/basket.html",
        {
            "rows": draw_rows(page.rows, now, dict(tiers), closed=closed),
            "head": draw_head(
                VIEW_WORDS[view],
                tuple(
                    (VIEW_WORDS[name], address(name), name == view, _capped(page.counts.get(name))) for name in views
                ),
            ),
            "filters": read.drawn,
            "filtered": any(name != "sort" for name in kept),
            "view": view,
            "view_words": VIEW_WORDS[view],
            "unknown_view": (VIEW_WORDS.get(asked) or "Of this name") if unknown else "",
            "closed": closed,
            "other_url": address("all" if closed else "closed"),
            "clear_url": f"?{urlencode({'view': view})}",
            "next_url": f"{address(view)}&{urlencode({'after': page.after})}" if page.after else "",
            "first_url": address(view) if request.GET.get("after") else "",
        },
        status=200 if read.understood and not unknown else 400,
    )


def _capped(count: int | None) -> str | None:
    if count is None:
        return None
    return "99+" if count >= selectors.COUNTED else str(count)


@require_GET
def detail(request: HttpRequest, acn: str) -> HttpResponse:
    """All of a case on one page."""
    now = timezone.now()
    try:
        page = selectors.get_case_page(acn=acn, by=request.user, now=now)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    kind = request.GET.get("timeline", "")
    unknown = bool(kind) and kind not in TIMELINE_KINDS
    return render(
        request,
        "desk/cases/detail.html",
        {
            "page": page,
            "case": page.case,
            "application": page.application,
            "stored": page.determination,
            "result": read_result(page),
            "tier_words": tell_tier(page.case.tier, list_tier_titles(page)),
            "counts": list_counts(page),
            "waiting": tell_waiting(page, request.user, now),
            "clock": count_clock(page),
            "ladder": list_ladder(page, request.user),
            "books": list_books(page),
            "no_allocation": tell_no_allocation(page),
            "holds": tell_holds(page.holds, request.user),
            "people": list_people(page),
            "documents": list_documents(page),
            "timeline": list_timeline(page, kind),
            "timeline_kinds": list_timeline_kinds(page, kind),
            "unknown_kind": unknown,
            "note_form": NoteForm(),
        },
        status=400 if unknown else 200,
    )


@require_GET
def document(request: HttpRequest, acn: str, document_id: int) -> HttpResponse:
    """A document of a case, as it was filed."""
    try:
        found = selectors.get_case_document(acn=acn, document_id=document_id, by=request.user)
        content = found.file.open("rb")
    except (ObjectDoesNotExist, FileNotFoundError) as error:
        raise Http404 from error
    return FileResponse(content, filename=f"{acn.upper()}-{found.pk}.pdf", content_type="application/pdf")


@require_GET
def letter(request: HttpRequest, acn: str, letter_id: int) -> HttpResponse:
    """A letter as it went out."""
    try:
        found = selectors.get_case_letter(acn=acn, letter_id=letter_id, by=request.user)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    response = HttpResponse(bytes(found.pdf), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{acn.upper()}-{found.kind}.pdf"'
    return response
