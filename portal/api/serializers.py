"""What programs send: its shape, checked strictly. What the rules make of it is for the operations."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from licensing.models import Application, ApplicationItem, ApplicationParty, Document
from licensing.operations.applications import MOST_LINES, MOST_PARTIES
from licensing.statuses import DocumentKind, ItemKind, PartyRole
from portal.api.fields import (
    Choice,
    CountryCode,
    Day,
    Figure,
    Flag,
    Objects,
    Pdf,
    Price,
    Serial,
    Several,
    Strict,
    Text,
    Whole,
)

# 50 lines of this value still add up to a number of cents that can be stored.
LARGEST_LINE_VALUE = 10**13
MOST_FILES = 5


def _longest(model: Any, name: str) -> int:
    return int(model._meta.get_field(name).max_length)


class Party(Strict):
    role = Choice(choices=PartyRole.choices)
    name = Text(max_length=_longest(ApplicationParty, "name"))
    address = Text(max_length=_longest(ApplicationParty, "address"))
    city = Text(max_length=_longest(ApplicationParty, "city"))
    postal_code = Text(max_length=_longest(ApplicationParty, "postal_code"), required=False, allow_blank=True)
    country = CountryCode(source="country_id")
    headquarters = CountryCode(source="headquarters_id", required=False, allow_null=True, help_text="Its country.")
    ultimate_parent = Text(max_length=_longest(ApplicationParty, "ultimate_parent"), required=False, allow_blank=True)
    ultimate_parent_headquarters = CountryCode(
        source="ultimate_parent_headquarters_id", required=False, allow_null=True, help_text="Its country."
    )


class Installation(Strict):
    name = Text(source="site_name", max_length=_longest(Application, "site_name"))
    operator = Text(
        source="site_operator", max_length=_longest(Application, "site_operator"), required=False, allow_blank=True
    )
    address = Text(source="site_address", max_length=_longest(Application, "site_address"))
    city = Text(source="site_city", max_length=_longest(Application, "site_city"))
    country = CountryCode(source="site_country_id")
    installed = Whole(
        source="declared_installed", required=False, allow_null=True, help_text="Chips that are there already."
    )
    licensed = Whole(
        source="declared_licensed", required=False, allow_null=True, help_text="Chips licensed and not yet there."
    )
    pending = Whole(
        source="declared_pending",
        required=False,
        allow_null=True,
        help_text="Chips asked for in other applications.",
    )


class Item(Strict):
    kind = Choice(choices=ItemKind.choices, default=ItemKind.CHIP)
    eccn = Text(max_length=_longest(ApplicationItem, "eccn"), help_text="For example 3A090.a.")
    model = Text(max_length=_longest(ApplicationItem, "model"))
    manufacturer = Text(max_length=_longest(ApplicationItem, "manufacturer"), required=False, allow_blank=True)
    quantity = Whole(lowest=1)
    unit_price = Price(help_text="US dollars and cents for one.")
    tpp = Figure(
        below=10**10,
        required=False,
        allow_null=True,
        help_text="Total processing performance; only for a model that the catalogue does not know.",
    )
    memory_bandwidth_gbs = Figure(
        below=10**8,
        required=False,
        allow_null=True,
        help_text="GB/s; only for a model that the catalogue does not know.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["quantity"] * attrs["unit_price"] > LARGEST_LINE_VALUE:
            raise serializers.ValidationError(
                {"unit_price": f"makes the line worth more than ${LARGEST_LINE_VALUE:,}, which cannot be meant"}
            )
        return attrs


class Safeguards(Strict):
    declared_facts = Several(
        child=Text(max_length=100),
        max_length=50,
        required=False,
        help_text="Names of the facts that the edition in effect reads; GET /editions/ lists them.",
    )
    undertaking_signatory = Text(
        max_length=_longest(Application, "undertaking_signatory"), required=False, allow_blank=True
    )
    undertaking_signed_on = Day(required=False, allow_null=True)


class Draft(Strict):
    """A whole application: what is left out is empty."""

    own_reference = Text(max_length=_longest(Application, "own_reference"), required=False, allow_blank=True)
    parties = Objects(child=Party(), max_length=MOST_PARTIES)
    installation = Installation()
    items = Objects(child=Item(), max_length=MOST_LINES)
    end_use = Text(max_length=_longest(Application, "end_use"), allow_blank=True, help_text="Who will run what on it.")
    additional_information = Text(
        max_length=_longest(Application, "additional_information"), required=False, allow_blank=True
    )
    all_or_nothing = Flag(required=False, default=False, help_text="Not to be approved in part.")
    resubmission_of = Serial(
        required=False, allow_blank=True, max_length=7, help_text="The number of the earlier application's case."
    )
    safeguards = Safeguards(required=False)


class ChangedDraft(Draft):
    version = Whole(lowest=1, highest=2**31 - 1, help_text="The version that this replaces, as it was last read.")


class Certification(Strict):
    name = Text(max_length=_longest(Application, "certifier_name"))
    title = Text(max_length=_longest(Application, "certifier_title"))
    certified = Flag(help_text="True: what is filed is true and complete.")
    version = Whole(lowest=1, highest=2**31 - 1, help_text="The version that is certified, as it was last read.")


class Withdrawal(Strict):
    reason = Text(max_length=1000)


class Upload(Strict):
    kind = Choice(choices=DocumentKind.choices)
    title = Text(max_length=_longest(Document, "title"), required=False, allow_blank=True)
    file = Pdf(max_length=200)


class WrittenAnswer(Strict):
    answer = Text(max_length=8000)


class AnswerWithFiles(WrittenAnswer):
    documents = Several(child=Pdf(max_length=200), max_length=MOST_FILES, required=False)


class Nothing(Strict):
    """An act that needs no words: an empty object, or no content at all."""


class Page(Strict):
    """The questions of a list's address."""

    after = serializers.UUIDField(
        required=False, error_messages={"invalid": "is not a reference; take it from the page before"}
    )
    limit = serializers.IntegerField(
        required=False,
        default=50,
        min_value=1,
        max_value=100,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "max_string_length"), "must be a whole number from 1 to 100"
        ),
    )


class PageByNumber(Page):
    """The same for a list whose rows are numbered upwards."""

    after = serializers.IntegerField(
        required=False,
        default=0,
        min_value=0,
        max_value=2**63 - 1,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "max_string_length"),
            "is not where a page ended; take it from the page before",
        ),
    )


class PageByName(Page):
    """The same for a list whose rows have names."""

    after = Text(required=False, default="", max_length=100)


class Headquarters(serializers.Serializer):
    headquarters = CountryCode(required=False, allow_null=True)
    ultimate_parent_headquarters = CountryCode(required=False, allow_null=True)


class Counts(serializers.Serializer):
    installed = Whole(required=False)
    licensed = Whole(required=False)
    pending = Whole(required=False)


@extend_schema_field({"type": "number", "minimum": 0, "exclusiveMinimum": True})
class OwnFigure(serializers.FloatField):
    """Any number above 0."""


class Line(serializers.Serializer):
    kind = serializers.ChoiceField(choices=ItemKind.choices)
    model = Text(required=False)
    quantity = Whole(lowest=1, required=False)
    tpp = OwnFigure(required=False)
    memory_bandwidth_gbs = OwnFigure(required=False)


class Facts(serializers.Serializer):
    """One order. The rules read it themselves, under the edition's own words; this only describes it.

    Besides these an edition reads yes-or-no facts of its own: GET /editions/ names them.
    """

    destination = CountryCode()
    end_user = Headquarters(required=False)
    items = Line(many=True)
    installation = Counts(required=False)
    group_in_country = Counts(required=False)
    exporter_monitoring_plan = serializers.BooleanField(required=False)
    recipient_no_cluster_undertaking = serializers.BooleanField(required=False)
    edition = Text(required=False, help_text="The edition in effect, where none is named.")
