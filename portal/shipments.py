"""Shipments under a license: the list, the form, the review of what will be drawn, the record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rules import Refused
from deadlines.rules import day_of
from licensing import operations
from licensing.models import Shipment
from licensing.operations import Shipped
from licensing.selectors import shipments as selectors
from licensing.selectors.shipments import ShippingPage
from portal.shipment_forms import ShipmentForm
from registry.exports import Column, export, walk


def _tell_items(shipment: Shipment) -> str:
    return "; ".join(f"{each.quantity:,} {each.license_line.model}" for each in shipment.lines.all())


COLUMNS = (
    Column("Shipment", lambda row: row.number),
    Column("Left on", lambda row: row.shipped_on),
    Column("Items", _tell_items),
    Column("Chips", lambda row: row.chips),
    Column("Value (USD)", lambda row: Decimal(row.value_cents) / 100),
    Column("Export filing (AES ITN)", lambda row: row.reference),
    Column("Recorded on", lambda row: row.recorded_at),
    Column("Recorded by", lambda row: row.recorded_by_label),
    Column("Why late", lambda row: row.late_reason),
    Column("Key", lambda row: row.key),
)


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """What a shipment takes from one line, and what is left of it then."""

    model: str
    line_no: int
    quantity: int
    value_cents: int
    left_after: int
    licensed: int


@require_safe
def listed(request: HttpRequest, license_number: str) -> HttpResponseBase:
    """The shipments of an own license, the newest first; as a file where the address asks for one."""
    try:
        license_ = selectors.get_own_license(number=license_number, by=request.user)
    except ObjectDoesNotExist as error:
        raise Http404 from error

    def read(after: str) -> selectors.ShipmentsPage:
        return selectors.list_shipments(license=license_, after=after)

    if file := export(request, rows=walk(read), columns=COLUMNS, name=f"shipments-{license_.number}"):
        return file
    after = request.GET.get("after", "")
    page = read(after)
    return render(
        request,
        "portal/shipments/listed.html",
        {
            "license": license_,
            "has_ended": bool(selectors.tell_end_of(license_, on=day_of(timezone.now()))),
            "rows": [(row, _tell_items(row)) for row in page.rows],
            "next_url": f"?after={page.after}" if page.after else "",
            "first_url": request.path if after else "",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, license_number: str) -> HttpResponse:
    """Type what left; see what it draws; record it. The three are one address, so that it works without JavaScript."""
    now = timezone.now()
    try:
        page = selectors.get_shipping_page(number=license_number, by=request.user, at=now)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    sent = request.POST if request.method == "POST" else None
    form = ShipmentForm(sent, lines=page.lines, longest_past_days=page.longest_past_days)
    if sent is None:
        return _show(request, page, form)
    if not form.is_valid():
        return _show(request, page, form, status=400)
    act = sent.get("act", "review")
    if act == "change":
        return _show(request, page, form)
    try:
        shipment = _record(request, page, form, at=now) if act == "record" else _rehearse(request, page, form, at=now)
    except Refused as refused:
        _put_beside(form, refused)
        return _show(request, page, form, status=409)
    if act != "record" and shipment.recorded_at == now:
        return _show_review(request, page, form)
    if shipment.recorded_at == now:
        messages.success(request, f"Shipment {shipment.number} was recorded: {_tell_items(shipment)}.")
    else:
        messages.info(
            request,
            f"This was recorded already, as shipment {shipment.number} on {_day(shipment.recorded_at)}. Nothing was "
            "recorded or drawn a second time.",
        )
    return redirect("portal:shipments", page.license.number)


def _record(request: HttpRequest, page: ShippingPage, form: ShipmentForm, *, at: datetime) -> Shipment:
    data = form.cleaned_data
    return operations.record_shipment(
        license=page.license,
        shipped_on=data["shipped_on"],
        lines=form.list_shipped(),
        key=str(data["key"]),
        reference=data["reference"],
        late_reason=data["late_reason"],
        by=request.user,
        at=at,
    )


def _rehearse(request: HttpRequest, page: ShippingPage, form: ShipmentForm, *, at: datetime) -> Shipment:
    """Record it and take it back: the review refuses exactly what the record would refuse, and nothing else."""
    with transaction.atomic():
        shipment = _record(request, page, form, at=at)
        transaction.set_rollback(True)
    return shipment


def _put_beside(form: ShipmentForm, refused: Refused) -> None:
    """Every rule that says no, beside its field where it has one, and in the summary."""
    if refused.rule == "shipment.key":
        form.renew_key()
        form.add_error(
            None,
            "This page has recorded a shipment already, with other figures than these. Nothing was recorded now. If "
            "this is another shipment, send it again; if it is the same one, look at the list of shipments.",
        )
        return
    unmet = [(each.field, each.says) for each in refused.findings if not each.met]
    for field, says in unmet or [(refused.field, refused.reason)]:
        shown = field if field in form.fields and not form.fields[field].widget.is_hidden else None
        form.add_error(shown, says)


def _show(request: HttpRequest, page: ShippingPage, form: ShipmentForm, *, status: int = 200) -> HttpResponse:
    return render(
        request,
        "portal/shipments/record.html",
        {
            "page": page,
            "license": page.license,
            "form": form,
            # Where the refusal of what was typed says it already, it is not said again.
            "obstacles": [says for says in page.obstacles if says not in form.non_field_errors()],
            # What was typed is shown again whatever stands in the way; an empty form is not offered in vain.
            "is_offered": form.is_bound or not page.obstacles,
        },
        status=status,
    )


def _show_review(request: HttpRequest, page: ShippingPage, form: ShipmentForm) -> HttpResponse:
    shipped = form.list_shipped()
    lines = _draw(page, shipped)
    chips = sum(each.quantity for each in lines)
    released = page.released
    return render(
        request,
        "portal/shipments/review.html",
        {
            "page": page,
            "license": page.license,
            "form": form,
            "data": form.cleaned_data,
            "drawn": lines,
            "chips": chips,
            "value_cents": sum(each.value_cents for each in lines),
            "button": f"Record this shipment of {chips:,} {'chip' if chips == 1 else 'chips'}",
            "after": _tell_after(lines, None if released is None else (released.left or 0) - chips),
            "sent": [bound.as_hidden() for bound in form],
        },
    )


def _draw(page: ShippingPage, shipped: Mapping[int, Shipped]) -> list[DrawnLine]:
    return [
        DrawnLine(
            model=each.line.model,
            line_no=each.line.line_no,
            quantity=shipped[each.line.line_no].quantity,
            value_cents=shipped[each.line.line_no].value_cents,
            left_after=each.quantity_left - shipped[each.line.line_no].quantity,
            licensed=each.line.quantity,
        )
        for each in page.lines
        if each.line.line_no in shipped
    ]


def _tell_after(lines: list[DrawnLine], released_after: int | None) -> str:
    """What is left once it is recorded, in one sentence."""
    parts = [
        f"{each.left_after:,} of {each.licensed:,} {each.model} {'is' if each.left_after == 1 else 'are'} left"
        for each in lines
    ]
    if released_after is not None:
        parts.append(f"the released tranche has {released_after:,} left")
    return f"After this, {'; '.join(parts)}."


def _day(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local:%B} {local.day}, {local.year}"
