"""The register of commitments."""

from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from desk.exports import Column, export, walk
from desk.investments.forms import SearchForm
from desk.investments.words import draw_row
from investments import selectors
from investments.permissions import can_keep_commitments
from investments.selectors import CommitmentFilters, CommitmentRow
from investments.statuses import AmountUnit

VIEWS = {
    "live": "In force",
    "short": "Short",
    "preparing": "Draft or signed",
    "over": "Over",
    "all": "All",
}


def _units(row: CommitmentRow, units: int) -> Decimal:
    """Dollars or megawatts, as a number that a spreadsheet can add up."""
    return Decimal(units) / (1000 if row.commitment.unit == AmountUnit.KILOWATTS else 100)


COLUMNS = (
    Column("Number", lambda row: row.commitment.number),
    Column("Title", lambda row: row.commitment.title),
    Column("Who is bound", lambda row: row.commitment.obligor),
    Column("Status", lambda row: row.commitment.get_status_display()),
    Column("Instrument", lambda row: row.commitment.get_instrument_display()),
    Column("Measure", lambda row: row.commitment.get_measure_display()),
    Column("Unit", lambda row: "MW" if row.commitment.unit == AmountUnit.KILOWATTS else "USD"),
    Column("To be verified", lambda row: _units(row, row.commitment.target)),
    Column("Pledged", lambda row: _units(row, row.pledged)),
    Column("Contracted", lambda row: _units(row, row.contracted)),
    Column("Disbursed", lambda row: _units(row, row.disbursed)),
    Column("Verified", lambda row: _units(row, row.verified)),
    Column("Short", lambda row: _units(row, row.short)),
    Column("Next milestone", lambda row: row.next_due and row.next_due.title),
    Column("Due", lambda row: row.next_due and row.next_due.due_on),
    Column("First day", lambda row: row.commitment.starts_on),
    Column("Last day", lambda row: row.commitment.ends_on),
)


@require_GET
def commitments(request: HttpRequest) -> HttpResponseBase:
    """Every commitment with its four amounts side by side, in the views of `VIEWS`."""
    asked = request.GET.get("view", "")
    view = asked if asked in VIEWS else "live"
    unknown = bool(asked) and asked not in VIEWS
    form = SearchForm({"view": view, "q": request.GET.get("q", ""), "status": request.GET.get("status", "")})
    understood = form.is_valid()
    text = form.cleaned_data.get("q", "")
    status = form.cleaned_data.get("status", "")
    filters = CommitmentFilters(view=view, text=text, status=status)
    after = request.GET.get("after", "")

    def read(place: str) -> selectors.Register:
        return selectors.list_commitments(by=request.user, filters=filters, after=place)

    if file := export(request, rows=walk(read), columns=COLUMNS, name="commitments"):
        return file
    page = read(after)
    kept = {"view": view, **({"q": text} if text else {}), **({"status": status} if status else {})}
    chosen = []
    for name, label, value in (
        ("q", "Search", text),
        ("status", "Status", dict(form.fields["status"].choices).get(status)),
    ):
        if kept.get(name):
            others = {key: each for key, each in kept.items() if key != name}
            chosen.append({"label": label, "value": value, "remove_url": f"?{urlencode(others)}"})
    return render(
        request,
        "desk/investments/commitments.html",
        {
            "lines": [draw_row(row) for row in page.rows],
            "view": view,
            "unknown_view": unknown,
            "tabs": [
                {"label": words, "url": f"?{urlencode({**kept, 'view': name})}", "current": name == view}
                for name, words in VIEWS.items()
            ],
            "form": form,
            "chosen": chosen,
            "clear_url": f"?{urlencode({'view': view})}",
            "first_url": f"?{urlencode(kept)}" if after else "",
            "next_url": f"?{urlencode({**kept, 'after': page.after})}" if page.after else "",
            "draft_url": reverse("desk:commitment_draft") if can_keep_commitments(request.user) else "",
        },
        status=200 if understood and not unknown else 400,
    )
