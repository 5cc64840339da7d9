"""Shipments under a license: record one, list them, read one."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import operations
from licensing.models import Shipment
from licensing.operations import Shipped
from licensing.selectors import shipments as selectors
from portal.api.fields import Day, Objects, Strict, Text, Whole
from portal.api.schema import describe, pages
from portal.api.serializers import PageByNumber
from portal.api.views import ApiView

AREA = "Shipments"
MOST_LINES = 50
# US cents of one line: more than any order is worth, and less than what cannot be added up.
LARGEST_VALUE = 10**14


class ShippedLine(Strict):
    line = Whole(lowest=1, highest=2**15 - 1, help_text="The number of the line in the license.")
    quantity = Whole(lowest=1, help_text="Chips that left.")
    value_cents = Whole(lowest=1, highest=LARGEST_VALUE, help_text="Their value in US cents.")


class ShipmentIn(Strict):
    """What left on one day under one license."""

    shipped_on = Day(help_text="The day of export; not in the future.")
    reference = Text(
        required=False,
        default="",
        allow_blank=True,
        max_length=int(Shipment._meta.get_field("reference").max_length or 0),
        help_text="Of the export filing: the AES ITN.",
    )
    late_reason = Text(
        required=False,
        default="",
        allow_blank=True,
        max_length=2000,
        help_text="Why it is recorded only now, where it left longer ago than the edition allows.",
    )
    lines = Objects(child=ShippedLine(), max_length=MOST_LINES, allow_empty=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        numbers = [each["line"] for each in attrs["lines"]]
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        if twice:
            raise serializers.ValidationError(
                {f"lines/{number}/line": ["is given twice; give each line of the license once"] for number in twice}
            )
        return attrs


class Reason(Strict):
    reason = Text(max_length=1000)


class Surrendered(serializers.Serializer):
    """What came of giving a license up."""

    license = serializers.CharField()
    chips = serializers.IntegerField(help_text="That were not shipped, and went back.")
    at = serializers.DateTimeField()


class ShipmentLineOut(serializers.Serializer):
    line = serializers.IntegerField(source="license_line.line_no")
    model = serializers.CharField(source="license_line.model")
    quantity = serializers.IntegerField()
    value_cents = serializers.IntegerField()


class ShipmentOut(serializers.Serializer):
    """A shipment as it was recorded. It is never changed."""

    number = serializers.IntegerField(help_text="Counted from 1 for each license.")
    license = serializers.SerializerMethodField()
    key = serializers.CharField(help_text="The idempotency key under which it was recorded.")
    shipped_on = serializers.DateField()
    reference = serializers.CharField(allow_blank=True)
    late_reason = serializers.CharField(allow_blank=True)
    chips = serializers.IntegerField()
    value_cents = serializers.IntegerField()
    recorded_at = serializers.DateTimeField()
    lines = serializers.SerializerMethodField()

    def get_license(self, shipment: Shipment) -> str:
        return str(self.context["license"])

    @extend_schema_field(ShipmentLineOut(many=True))
    def get_lines(self, shipment: Shipment) -> Any:
        return ShipmentLineOut(shipment.lines.all(), many=True).data


class ShipmentList(serializers.Serializer):
    shipments = ShipmentOut(many=True)
    after = serializers.IntegerField(allow_null=True, help_text="Where the next page begins; null on the last one.")


def name_lines(detail: Mapping[str, Any], sent: Any) -> dict[str, Any]:
    """Errors in lines under the number that the license gives each, as “lines/2/quantity”, and not under their place.

    A line whose own number is wrong or missing is named by its place, as everywhere: “lines[0].line”.
    """
    told = {name: inner for name, inner in detail.items() if name != "lines"}
    errors = detail.get("lines", {})
    if isinstance(errors, list) and all(isinstance(each, Mapping) for each in errors):
        errors = dict(enumerate(errors))
    if not isinstance(errors, Mapping) or not all(isinstance(place, int) for place in errors):
        return {**told, "lines": errors}
    for place, wrong in errors.items():
        given = sent["lines"][place]
        number = given.get("line") if isinstance(given, Mapping) else None
        known = type(number) is int and "line" not in wrong
        for field, says in wrong.items():
            where = f"lines/{number}" if known else f"lines[{place}]"
            told[where if field == "non_field_errors" else f"{where}{'/' if known else '.'}{field}"] = says
    return told


class OfLicense(ApiView):
    """An address below a license of the caller's organization."""

    def tell(self, shipment: Shipment, number: str) -> Any:
        """A shipment as it is told."""
        return ShipmentOut(shipment, context={"license": number.upper()}).data


class Shipments(OfLicense):
    """/licenses/{license_number}/shipments/"""

    body_fields = {"key": "Idempotency-Key"}

    @describe(
        "list_shipments",
        area=AREA,
        summary="What was recorded as shipped under a license, the oldest first",
        answers={200: ShipmentList},
        refusals=(400, 404),
        parameters=pages(int),
    )
    def get(self, request: Request, license_number: str) -> Response:
        asked = self.read(PageByNumber, request.query_params)
        try:
            found = selectors.list_shipments_from(
                number=license_number, by=self.key, after=asked["after"], limit=asked["limit"]
            )
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        return Response(
            {
                "shipments": [self.tell(each, license_number) for each in found.rows],
                "after": int(found.after) if found.after else None,
            }
        )

    @describe(
        "record_shipment",
        area=AREA,
        summary="Record a shipment: it is drawn from the license, and cannot be changed",
        request=ShipmentIn,
        answers={201: ShipmentOut},
        refusals=(404,),
        writes=True,
    )
    def post(self, request: Request, license_number: str) -> HttpResponse:
        try:
            sent = self.read(ShipmentIn)
        except ValidationError as wrong:
            raise ValidationError(name_lines(wrong.detail, request.data)) from wrong
        lines = {each["line"]: Shipped(each["quantity"], each["value_cents"]) for each in sent["lines"]}
        self.body_fields = {
            **self.body_fields,
            **{f"quantity_{line}": f"lines/{line}/quantity" for line in lines},
            **{f"value_{line}": f"lines/{line}/value_cents" for line in lines},
        }

        def act() -> tuple[int, Any, str]:
            try:
                license_ = selectors.get_own_license(number=license_number, by=self.key)
            except ObjectDoesNotExist as missing:
                raise Http404 from missing
            shipment = operations.record_shipment(
                license=license_,
                shipped_on=sent["shipped_on"],
                lines=lines,
                key=request.headers["Idempotency-Key"],
                reference=sent["reference"],
                late_reason=sent["late_reason"],
                by=self.key,
                at=self.at,
            )
            address = reverse("api:shipment", args=[license_.number, shipment.number])
            return 201, self.tell(shipment, license_.number), address

        return self.write(act)


class Surrender(OfLicense):
    """/licenses/{license_number}/surrender/"""

    @describe(
        "surrender_license",
        area=AREA,
        summary="Give a license up: nothing more can be shipped, and what was not shipped goes back",
        request=Reason,
        answers={200: Surrendered},
        refusals=(404,),
        writes=True,
    )
    def post(self, request: Request, license_number: str) -> HttpResponse:
        reason = self.read(Reason)["reason"]

        def act() -> tuple[int, Any, str]:
            try:
                license_ = selectors.get_own_license(number=license_number, by=self.key)
            except ObjectDoesNotExist as missing:
                raise Http404 from missing
            end = operations.surrender_license(license=license_, reason=reason, by=self.key, at=self.at)
            return 200, Surrendered({"license": license_.number, "chips": end.chips_returned, "at": end.at}).data, ""

        return self.write(act)


class OneShipment(OfLicense):
    """/licenses/{license_number}/shipments/{shipment_number}/"""

    @describe(
        "read_shipment",
        area=AREA,
        summary="A shipment as it was recorded",
        answers={200: ShipmentOut},
        refusals=(404,),
    )
    def get(self, request: Request, license_number: str, shipment_number: int) -> Response:
        try:
            found = selectors.get_shipment(number=license_number, shipment=shipment_number, by=self.key)
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        return Response(self.tell(found, license_number))
