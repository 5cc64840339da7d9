"""What programs get: each object in the words of the portal."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from licensing.selectors.api import Grant
from licensing.statuses import (
    ApplicationStatus,
    CaseKind,
    CaseStatus,
    LetterKind,
    LicenseStatus,
    RequirementStatus,
)
from portal.api.fields import Price
from portal.api.serializers import Draft, Safeguards


class FieldError(serializers.Serializer):
    field = serializers.CharField(help_text="For example items[0].quantity; empty where it concerns the whole.")
    says = serializers.CharField()


class Problem(serializers.Serializer):
    """A problem document (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What, and why, in plain words.")
    errors = FieldError(many=True, required=False)
    field = serializers.CharField(required=False, help_text="The first field that is wrong.")
    rule = serializers.CharField(required=False, help_text="The name of the rule that says no.")
    what_would_change_it = serializers.CharField(required=False)


class CaseSummary(serializers.Serializer):
    acn = serializers.CharField(help_text="Application Control Number.")
    kind = serializers.ChoiceField(choices=CaseKind.choices)
    status = serializers.ChoiceField(choices=CaseStatus.choices)
    status_words = serializers.CharField(source="get_status_display")
    subject_line = serializers.CharField()
    tier = serializers.CharField(allow_blank=True)
    opened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class ApplicationSummary(serializers.Serializer):
    reference = serializers.UUIDField()
    own_reference = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(choices=ApplicationStatus.choices)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    saved_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    case = serializers.SerializerMethodField()

    @extend_schema_field(CaseSummary(allow_null=True))
    def get_case(self, application: Any) -> Any:
        case = getattr(application, "case", None)
        return CaseSummary(case).data if case is not None else None


class ApplicationList(serializers.Serializer):
    applications = ApplicationSummary(many=True)
    after = serializers.UUIDField(allow_null=True, help_text="Where the next page begins; null on the last one.")


class DocumentOut(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    title = serializers.CharField()
    sha256 = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    pages = serializers.IntegerField()
    uploaded_at = serializers.DateTimeField()


class DocumentList(serializers.Serializer):
    documents = DocumentOut(many=True)
    after = serializers.IntegerField(allow_null=True, help_text="Where the next page begins; null on the last one.")


class Lacking(serializers.Serializer):
    rule = serializers.CharField()
    step = serializers.CharField(allow_blank=True)
    says = serializers.CharField()


class WholeDraft(Draft):
    """An application as it stands."""

    safeguards = Safeguards()


class ApplicationOut(serializers.Serializer):
    """An application with everything in it; `content` is what a PUT takes, beside `version`.

    The lines of `content.items` are numbered from 1 in their order.
    """

    reference = serializers.UUIDField()
    status = serializers.ChoiceField(choices=ApplicationStatus.choices)
    version = serializers.IntegerField(help_text="Send it with the next change.")
    acn = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    saved_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    content = WholeDraft()
    documents = DocumentOut(many=True)
    lacking = Lacking(many=True, help_text="What a draft still needs before it can be submitted.")


class Question(serializers.Serializer):
    number = serializers.IntegerField()
    question = serializers.CharField()
    asked_at = serializers.DateTimeField()
    answer_due_at = serializers.DateTimeField()
    answer = serializers.CharField(allow_blank=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    documents = DocumentOut(many=True)


class LetterOut(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=LetterKind.choices)
    title = serializers.CharField()
    sha256 = serializers.CharField()
    at = serializers.DateTimeField()
    url = serializers.HyperlinkedIdentityField(view_name="api:letter", lookup_field="pk", lookup_url_kwarg="letter_id")


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string"},
            {
                "type": "object",
                "properties": {"any_of": {"type": "array", "items": {"type": "string"}}},
                "required": ["any_of"],
            },
        ]
    }
)
class AskedFor(serializers.Field):
    """The name of a requirement, or a choice among several."""

    def to_representation(self, value: Any) -> Any:
        return value


class Counted(serializers.Serializer):
    unit = serializers.CharField()
    measure = serializers.CharField()
    quantity = serializers.IntegerField(
        allow_null=True, help_text="Null where it would tell what other filings account for."
    )


class ReasonOut(serializers.Serializer):
    rule = serializers.CharField()
    says = serializers.CharField()
    source = serializers.CharField()


class Determination(serializers.Serializer):
    """What an edition of the rules requires of an order, and why."""

    edition = serializers.CharField()
    disposition = serializers.ChoiceField(choices=["exempt", "license_required", "barred", "not_controlled"])
    tier = serializers.CharField(allow_null=True)
    counted = Counted()
    requirements = serializers.ListField(child=AskedFor())
    reasons = ReasonOut(many=True)


class Standing(serializers.Serializer):
    """Where an application stands."""

    reference = serializers.UUIDField(source="application.reference")
    status = serializers.ChoiceField(source="application.status", choices=ApplicationStatus.choices)
    version = serializers.IntegerField(source="application.version")
    case = CaseSummary(allow_null=True)
    determination = Determination(allow_null=True)
    withheld = serializers.BooleanField(
        help_text="True where counts were left out that may come from other filings (50 USC 4820(h))."
    )
    questions = Question(many=True)
    letters = LetterOut(many=True)


class RequirementOut(serializers.Serializer):
    position = serializers.IntegerField()
    name = serializers.CharField()
    any_of = serializers.ListField(child=serializers.CharField(), help_text="Its choices, where any one will do.")
    title = serializers.CharField()
    says = serializers.CharField()
    satisfied_by = serializers.CharField()
    gates = serializers.ChoiceField(choices=["issue", "shipment"], help_text="What it holds up.")
    status = serializers.ChoiceField(choices=RequirementStatus.choices)


class RequirementList(serializers.Serializer):
    requirements = RequirementOut(many=True)
    after = serializers.IntegerField(allow_null=True, help_text="Where the next page begins; null on the last one.")


class GrantedLine(serializers.Serializer):
    line_no = serializers.IntegerField(source="line.line_no")
    eccn = serializers.CharField(source="line.eccn")
    model = serializers.CharField(source="line.model")
    quantity = serializers.IntegerField(source="line.quantity")
    quantity_left = serializers.IntegerField()
    unit_price = Price(source="line.unit_price")
    value_cents = serializers.IntegerField(source="line.value_cents")
    value_cents_left = serializers.IntegerField()


class GrantOut(serializers.Serializer):
    """A license, or an accepted exemption; an exemption has no lines and no conditions."""

    number = serializers.CharField(source="granted.number")
    kind = serializers.ChoiceField(choices=["license", "exemption"])
    status = serializers.ChoiceField(choices=LicenseStatus.choices)
    valid_from = serializers.DateField()
    expires_on = serializers.DateField(help_text="The last day on which it may be used.")
    verification_code = serializers.CharField(source="granted.verification_code")
    validation_url = serializers.SerializerMethodField(help_text="Where anybody with this address has it confirmed.")
    chips = serializers.IntegerField()
    lines = GrantedLine(many=True)
    conditions = serializers.ListField(child=serializers.CharField())
    letters = LetterOut(many=True)

    def get_validation_url(self, grant: Grant) -> str:
        address = reverse("validation:license", args=[grant.granted.number])
        return str(self.context["request"].build_absolute_uri(f"{address}?code={grant.granted.verification_code}"))


class EditionFact(serializers.Serializer):
    name = serializers.CharField()
    words = serializers.CharField()


class EditionOut(serializers.Serializer):
    id = serializers.CharField()
    title = serializers.CharField()
    notice = serializers.CharField(help_text="What these rules are, and what they are not.")
    status = serializers.CharField()
    effective_from = serializers.DateField()
    effective_to = serializers.DateField(allow_null=True)
    content_hash = serializers.CharField()
    operating = serializers.BooleanField(help_text="Whether determinations are made under it now.")
    facts = EditionFact(many=True, help_text="The yes-or-no facts that it reads.")


class EditionList(serializers.Serializer):
    editions = EditionOut(many=True)
    after = serializers.CharField(allow_null=True, help_text="Where the next page begins; null on the last one.")
