"""The registers: licenses, installations, parties and holds; and placing and lifting a hold."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from desk import answering
from desk import register_columns as columns
from desk.exports import export, walk
from desk.grounds import address_of
from desk.register_forms import CountryForm, LiftHoldForm, PlaceHoldForm, SearchForm
from licensing.selectors import registers
from registry import operations
from registry.permissions import can_place_hold, check_can_place_hold


def _show(
    request: HttpRequest,
    template: str,
    form: SearchForm,
    page: registers.Register[Any],
    *,
    wrong: str = "",
    **kept: Any,
) -> HttpResponse:
    """A register with its search and its pages; a search that cannot be read is told (400) and narrows nothing.

    `wrong` is what else cannot be read of the address.
    """
    text = form.cleaned_data.get("q", "") if form.is_valid() else ""
    filters = {name: value for name, value in {"q": text, **kept}.items() if value}
    others = urlencode({name: value for name, value in filters.items() if name != "q"})
    chosen = [{"label": "Search", "value": text, "remove_url": f"?{others}"}] if text else []
    return render(
        request,
        f"desk/registers/{template}.html",
        {
            "rows": page.rows,
            "form": form,
            "wrong": wrong,
            "chosen": chosen,
            "clear_url": "?",
            "is_narrowed": bool(filters),
            "first_url": f"?{urlencode(filters)}" if request.GET.get("after") else "",
            "next_url": f"?{urlencode({**filters, 'after': page.after})}" if page.after else "",
            "may_hold": can_place_hold(request.user),
        },
        status=200 if form.is_valid() and not wrong else 400,
    )


def _read_operator(asked: str) -> tuple[int | None, str]:
    """The party that an address narrows to, by number; and what is wrong with an address that names none."""
    if not asked:
        return None, ""
    if asked.isascii() and asked.isdigit() and len(asked) < 19 and registers.is_party(int(asked)):
        return int(asked), ""
    return None, (
        f"“{asked[:40]}” is no party of the register, so every operator is shown. Follow the link of an operator in "
        "the table, or search by its name."
    )


def _text(form: SearchForm) -> str:
    return str(form.cleaned_data["q"]) if form.is_valid() else ""


@require_GET
def licenses(request: HttpRequest) -> HttpResponseBase:
    """Every license, what it is worth today and what is left of it."""
    form = SearchForm(request.GET, label="Number, holder or destination")
    now, text = timezone.now(), _text(form)

    def read(after: str) -> registers.Register[registers.LicenseRow]:
        return registers.list_license_register(by=request.user, at=now, text=text, after=after)

    if form.is_valid() and (file := export(request, rows=walk(read), columns=columns.LICENSES, name="licenses")):
        return file
    return _show(request, "licenses", form, read(request.GET.get("after", "")))


@require_GET
def installations(request: HttpRequest) -> HttpResponseBase:
    """Every installation, with its chips by model."""
    form = SearchForm(request.GET, label="Name, city, operator or country")
    operator, wrong = _read_operator(request.GET.get("operator", ""))
    text = _text(form)

    def read(after: str) -> registers.Register[registers.InstallationRow]:
        return registers.list_installation_register(by=request.user, text=text, operator=operator, after=after)

    rows = columns.list_by_model(walk(read))
    if (
        form.is_valid()
        and not wrong
        and (file := export(request, rows=rows, columns=columns.INSTALLATIONS, name="installations"))
    ):
        return file
    page = read(request.GET.get("after", ""))
    return _show(request, "installations", form, page, wrong=wrong, operator=str(operator) if operator else "")


@require_GET
def parties(request: HttpRequest) -> HttpResponseBase:
    """Every party of every book, with owners and installations."""
    form = SearchForm(request.GET, label="Name or another name")
    on, text = timezone.localdate(), _text(form)

    def read(after: str) -> registers.Register[registers.PartyRow]:
        return registers.list_party_register(by=request.user, on=on, text=text, after=after)

    if form.is_valid() and (file := export(request, rows=walk(read), columns=columns.PARTIES, name="parties")):
        return file
    return _show(request, "parties", form, read(request.GET.get("after", "")))


@require_GET
def holds(request: HttpRequest) -> HttpResponseBase:
    """The holds that stand, or those that were lifted."""
    asked = request.GET.get("view", "standing")
    lifted = asked == "lifted"
    unknown = "" if asked in ("standing", "lifted") else asked[:40]

    def read(after: str) -> registers.Register[registers.HoldRow]:
        return registers.list_hold_register(by=request.user, lifted=lifted, after=after)

    if not unknown and (file := export(request, rows=walk(read), columns=columns.HOLDS, name="holds")):
        return file
    page = read(request.GET.get("after", ""))
    view = "lifted" if lifted else "standing"
    return render(
        request,
        "desk/registers/holds.html",
        {
            "rows": [_tell_hold(row) for row in page.rows],
            "lifted": lifted,
            "unknown_view": unknown,
            "tabs": [
                {"label": "Standing", "url": "?", "current": not lifted},
                {"label": "Lifted", "url": "?view=lifted", "current": lifted},
            ],
            "country_form": CountryForm() if can_place_hold(request.user) else None,
            "first_url": f"?view={view}" if request.GET.get("after") else "",
            "next_url": f"?{urlencode({'view': view, 'after': page.after})}" if page.after else "",
        },
        status=400 if unknown else 200,
    )


def _tell_hold(row: registers.HoldRow) -> dict[str, Any]:
    """A hold with the page of what it is on, and of the object whose return lifts it."""
    hold, ground = row.hold, row.hold.ground
    return {
        "hold": hold,
        "target": row.target,
        "may_lift": row.may_lift,
        "url": reverse("desk:license", kwargs={"number": row.target.number}) if row.target.number else "",
        "lifts_url": address_of(ground.kind, ground.subject_id) if ground else "",
    }


@require_GET
def hold_country(request: HttpRequest) -> HttpResponse:
    """On to the page that places a hold on the chosen country."""
    check_can_place_hold(request.user)
    form = CountryForm(request.GET)
    if not form.is_valid():
        messages.error(request, "Choose a country of the list.")
        return redirect("desk:holds")
    return redirect("desk:place_hold", scope_kind="country", scope_id=form.cleaned_data["country"])


@require_http_methods(["GET", "POST"])
def place_hold(request: HttpRequest, scope_kind: str, scope_id: str) -> HttpResponse:
    """Place a hold on a party, an installation, a license or a country."""
    try:
        target = registers.get_hold_target(scope_kind=scope_kind, scope_id=scope_id, by=request.user)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    form = PlaceHoldForm(request.POST if request.method == "POST" else None)

    def act(data: Any) -> str:
        operations.place_hold(
            scope=(scope_kind, scope_id),
            cause=data["cause"],
            says=data["says"],
            lifter_role=data["lifter_role"],
            by=request.user,
            at=timezone.now(),
        )
        return f"A hold stands on {target.words}."

    return _answer(request, form, "place_hold", act, target=target)


@require_http_methods(["GET", "POST"])
def lift_hold(request: HttpRequest, hold_id: int) -> HttpResponse:
    """Lift a hold."""
    try:
        row = registers.get_hold_to_lift(hold_id=hold_id, by=request.user)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    form = LiftHoldForm(request.POST if request.method == "POST" else None)

    def act(data: Any) -> str:
        operations.lift_hold(hold=row.hold, reason=data["reason"], by=request.user, at=timezone.now())
        return f"The hold on {row.target.words} was lifted."

    lifts_url = _tell_hold(row)["lifts_url"]
    return _answer(request, form, "lift_hold", act, row=row, target=row.target, lifts_url=lifts_url)


def _answer(
    request: HttpRequest, form: forms.Form, template: str, act: Callable[[Any], str], **context: Any
) -> HttpResponse:
    """Show the form, or do the act and go back to the list of holds."""
    return answering.answer(
        request,
        form,
        lambda data: (act(data), reverse("desk:holds")),
        f"desk/registers/{template}.html",
        **context,
    )
