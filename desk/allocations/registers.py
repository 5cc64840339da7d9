"""The board of allocations, and the entries behind each of its numbers."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from allocations import selectors
from allocations.models import Allocation
from allocations.permissions import can_propose
from allocations.selectors import BoardRow, Unset
from deadlines.rules import day_of
from desk.allocations.forms import SearchForm
from desk.allocations.words import Line, draw_bar, list_act_links, tell_scarce
from desk.exports import Column, export, walk
from ledger.models import Entry

VIEWS = {
    "now": "In effect",
    "proposed": "Proposed",
    "later": "Begin later",
    "ended": "Ended",
    "refused": "Declined or withdrawn",
    "unset": "No allocation set",
    "all": "All",
}
SIDES = {
    "": "All entries",
    "used": "Used",
    "reserved": "Reserved",
    "ceiling": "Ceiling",
}

BOARD_COLUMNS = (
    Column("Country", lambda row: row.allocation.country.name),
    Column("Code", lambda row: row.allocation.country_id),
    Column("First day", lambda row: row.allocation.starts_on),
    Column("Ends before", lambda row: row.allocation.ends_on),
    Column("Status", lambda row: row.status.label),
    Column("Ceiling", lambda row: row.balance and row.balance.ceiling),
    Column("Used", lambda row: row.balance and row.balance.drawn),
    Column("Reserved", lambda row: row.balance and row.balance.reserved),
    Column("Left", lambda row: row.balance and row.balance.left),
    Column("Proposed ceiling", lambda row: row.open_proposal and row.open_proposal.ceiling),
    Column("Proposed by", lambda row: row.open_proposal and row.open_proposal.proposer_label),
)
UNSET_COLUMNS = (
    Column("Country", lambda row: row.country.name),
    Column("Code", lambda row: row.country.pk),
    Column("Chips granted", lambda row: row.granted),
)
ENTRY_COLUMNS = (
    Column("Number", lambda row: row.sequence),
    Column("Day", lambda row: row.at),
    Column("Entry", lambda row: row.get_kind_display()),
    Column("Chips", lambda row: row.units),
    Column("Why", lambda row: row.reason),
    Column("Who", lambda row: row.actor_label),
    Column("Ceiling after", lambda row: row.ceiling_after),
    Column("Used after", lambda row: row.drawn_after),
    Column("Reserved after", lambda row: row.reserved_after),
    Column("Key", lambda row: row.key),
)


@require_GET
def board(request: HttpRequest) -> HttpResponseBase:
    """Allocations by country with what is used, reserved and left; one of the views of `VIEWS`."""
    now = timezone.now()
    on = day_of(now)
    asked = request.GET.get("view", "")
    view = asked if asked in VIEWS else "now"
    form = SearchForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    after = request.GET.get("after", "")
    kept = {"view": view, **({"q": text} if text else {})}
    unknown = bool(asked) and asked not in VIEWS
    understood = form.is_valid() and not unknown
    lines: list[Line] = []
    unset: list[Unset] = []
    if view == "unset":
        unset = selectors.list_unset(by=request.user, on=on)
        if text:
            unset = [row for row in unset if text.lower() in row.country.name.lower() or text.upper() == row.country.pk]
        if understood and (file := export(request, rows=unset, columns=UNSET_COLUMNS, name="no-allocation")):
            return file
        more = ""
    else:

        def read(place: str) -> selectors.Board:
            return selectors.list_board(by=request.user, on=on, view=view, text=text, after=place)

        if understood and (file := export(request, rows=walk(read), columns=BOARD_COLUMNS, name="allocations")):
            return file
        page = read(after)
        lines, more = [_draw(request, row) for row in page.rows], page.after
    return render(
        request,
        "desk/allocations/board.html",
        {
            "lines": lines,
            "unset": unset,
            "view": view,
            "scarce": tell_scarce([line.row for line in lines]) if view == "now" else "",
            "tabs": [
                {
                    "label": words,
                    "url": f"?{urlencode({**kept, 'view': name})}",
                    "current": name == view,
                    "count": selectors.count_waiting() if name == "proposed" else None,
                }
                for name, words in VIEWS.items()
            ],
            "form": form,
            "chosen": [{"label": "Country", "value": text, "remove_url": f"?{urlencode({'view': view})}"}]
            if text
            else [],
            "clear_url": f"?{urlencode({'view': view})}",
            "first_url": f"?{urlencode(kept)}" if after else "",
            "next_url": f"?{urlencode({**kept, 'after': more})}" if more else "",
            "unknown_view": unknown,
            "propose_url": reverse("desk:allocation_propose") if can_propose(request.user) else "",
        },
        status=200 if understood else 400,
    )


def _draw(request: HttpRequest, row: BoardRow) -> Line:
    acts = selectors.list_acts(request.user, row.status, row.open_proposal)
    return Line(row, draw_bar(row.balance), list_act_links(row.allocation, acts[:1]))


@require_GET
def entries(request: HttpRequest, allocation_id: int) -> HttpResponseBase:
    """The ledger's entries of an allocation, the newest first: all, or those that moved one number."""
    asked = request.GET.get("side", "")
    side = asked if asked in SIDES else ""
    after = request.GET.get("after", "")
    on = day_of(timezone.now())

    def read(place: str) -> selectors.EntryPage:
        return selectors.list_ledger_page(
            allocation_id=allocation_id, by=request.user, on=on, side=side, after=place, size=selectors.PAGE
        )

    unknown = bool(asked) and asked not in SIDES
    name = f"allocation-{allocation_id}"
    try:
        if not unknown and (file := export(request, rows=walk(read), columns=ENTRY_COLUMNS, name=name)):
            return file
        page = read(after)
    except Allocation.DoesNotExist as error:
        raise Http404 from error
    kept = {"side": side} if side else {}
    return _show_entries(request, page, side, kept, after, unknown=unknown)


def _show_entries(
    request: HttpRequest, page: selectors.EntryPage, side: str, kept: dict[str, str], after: str, *, unknown: bool
) -> HttpResponse:
    rows: list[Entry] = page.rows
    return render(
        request,
        "desk/allocations/entries.html",
        {
            "page": page,
            "allocation": page.allocation,
            "rows": rows,
            "side": side,
            "tabs": [
                {"label": words, "url": f"?{urlencode({'side': name})}" if name else "?", "current": name == side}
                for name, words in SIDES.items()
            ],
            "first_url": f"?{urlencode(kept)}" if after else "",
            "next_url": f"?{urlencode({**kept, 'after': page.after})}" if page.after else "",
            "unknown_side": unknown,
        },
        status=400 if unknown else 200,
    )
