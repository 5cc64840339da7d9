"""The register of instruments, and the entries behind the numbers of a coverage."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from assurances import selectors
from assurances.models import Instrument
from assurances.permissions import can_keep_instruments
from assurances.selectors import Filters, InstrumentRow
from assurances.statuses import InstrumentStatus
from desk.assurances.forms import FilterForm, list_country_choices
from desk.exports import Column, export, walk

VIEWS = {
    "open": "Open",
    "standing": "In force",
    "work": "In work",
    "attention": "Needs attention",
    "over": "Over",
    "all": "All",
}
# What each state waits for, in two or three words for a narrow cell.
_NEXT = {
    InstrumentStatus.DRAFT: "Ask through State",
    InstrumentStatus.REQUESTED: "Record State’s contact",
    InstrumentStatus.NEGOTIATION: "Agree a text",
    InstrumentStatus.AGREED: "Record the receipt",
    InstrumentStatus.SIGNED: "Bring into force",
    InstrumentStatus.EXPIRING: "Renew",
    InstrumentStatus.EXPIRED: "Renew",
    InstrumentStatus.SUSPENDED: "Restore or terminate",
    InstrumentStatus.BREACH_ALLEGED: "Give notice",
    InstrumentStatus.IN_CURE: "Judge the cure",
}


def _ceiling(row: InstrumentRow) -> int | None:
    return row.balance.ceiling if row.balance else row.instrument.ceiling


COLUMNS = (
    Column("Number", lambda row: row.instrument.number),
    Column("Title", lambda row: row.instrument.title),
    Column("Kind", lambda row: row.instrument.get_kind_display()),
    Column("Government", lambda row: row.instrument.government),
    Column("Ministry", lambda row: row.instrument.ministry),
    Column("Country", lambda row: row.instrument.country.name),
    Column("Binding", lambda row: row.instrument.is_binding),
    Column("Status", lambda row: row.standing.label),
    Column("First day", lambda row: row.instrument.from_on),
    Column("Ends before", lambda row: row.instrument.to_on),
    Column("Ceiling", _ceiling),
    Column("Used", lambda row: row.balance and row.balance.drawn),
    Column("Reserved", lambda row: row.balance and row.balance.reserved),
    Column("Left", lambda row: row.balance and row.balance.left),
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
def register(request: HttpRequest) -> HttpResponseBase:
    """Instruments in one of the views, narrowed by filters, the newest first."""
    now = timezone.now()
    asked = request.GET.get("view", "")
    view = asked if asked in VIEWS else "open"
    countries = list_country_choices()
    form = FilterForm(request.GET, countries=countries)
    understood = form.is_valid()
    data = form.cleaned_data if understood else {}
    kept = {name: data[name] for name in ("q", "kind", "status", "country") if data.get(name)}
    filters = Filters(
        text=kept.get("q", ""),
        kind=kept.get("kind", ""),
        status=kept.get("status", ""),
        country=kept.get("country", ""),
    )

    def read(after: str) -> selectors.Register:
        return selectors.list_register(by=request.user, at=now, view=view, filters=filters, after=after)

    if file := export(request, rows=walk(read), columns=COLUMNS, name="instruments"):
        return file
    after = request.GET.get("after", "")
    page = read(after)
    names = {field: dict(getattr(form.fields[field], "choices", [])) for field in ("kind", "status", "country")}
    may_keep = can_keep_instruments(request.user)
    here = {"view": view, **kept}
    unknown = bool(asked) and asked not in VIEWS
    return render(
        request,
        "desk/assurances/register.html",
        {
            "rows": [
                {
                    "row": row,
                    "ceiling": _ceiling(row),
                    "next": _NEXT.get(row.standing, "") if may_keep else "",
                }
                for row in page.rows
            ],
            "form": form,
            "tabs": [
                {"label": words, "url": f"?{urlencode({**kept, 'view': name})}", "current": name == view}
                for name, words in VIEWS.items()
            ],
            "chosen": [
                {
                    "label": form.fields[name].label,
                    "value": names.get(name, {}).get(value, value),
                    "remove_url": f"?{urlencode({key: each for key, each in here.items() if key != name})}",
                }
                for name, value in kept.items()
            ],
            "view_words": VIEWS[view],
            "view": view,
            "clear_url": f"?{urlencode({'view': view})}",
            "first_url": f"?{urlencode(here)}" if after else "",
            "next_url": f"?{urlencode({**here, 'after': page.after})}" if page.after else "",
            "start_url": reverse("desk:assurance_start") if may_keep else "",
            "unknown_view": unknown,
        },
        status=200 if understood and not unknown else 400,
    )


@require_GET
def coverage(request: HttpRequest, instrument_id: int) -> HttpResponseBase:
    """The ledger's entries of a coverage, the newest first: what every number of it is made of."""
    try:
        instrument = selectors.get_instrument(instrument_id=instrument_id, by=request.user)
    except Instrument.DoesNotExist as error:
        raise Http404 from error

    def read(after: str) -> selectors.EntryPage:
        return selectors.list_coverage_entries(by=request.user, instrument=instrument, after=after)

    if file := export(request, rows=walk(read), columns=ENTRY_COLUMNS, name=f"coverage-{instrument.number.lower()}"):
        return file
    after = request.GET.get("after", "")
    entries = read(after)
    return render(
        request,
        "desk/assurances/coverage.html",
        {
            "instrument": instrument,
            "balance": entries.balance,
            "entries": entries.rows,
            "first_url": "?" if after else "",
            "next_url": f"?{urlencode({'after': entries.after})}" if entries.after else "",
        },
    )
