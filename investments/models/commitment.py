"""A commitment, its assets in the United States, its milestones and its papers."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from audit.triggers import append_only, refuse
from investments.statuses import AmountUnit, CommitmentStatus, Instrument, Measure, PaperKind

# What was agreed is what is owed: after the signature only the status still moves.
_TERMS = (
    "obligor_country_id",
    "obligor_party_id",
    "instrument",
    "measure",
    "funds_from_id",
    "funds_to_id",
    "amount_minor",
    "currency",
    "rate",
    "rate_on",
    "amount_cents",
    "abroad_cents",
    "ratio",
    "kilowatts",
    "target",
    "unit",
    "starts_on",
    "ends_on",
)


def _terms(row: str) -> str:
    return "(" + ", ".join(f"{row}.{name}" for name in _TERMS) + ")"


def of_a_draft(row: str) -> str:
    """SQL: the row belongs to a commitment that is still a draft."""
    return (
        f"EXISTS (SELECT 1 FROM investments_commitment c WHERE c.id = {row}.commitment_id"
        f" AND c.status = '{CommitmentStatus.DRAFT.value}')"
    )


class Commitment(models.Model):
    """What a nation or a firm has bound itself to invest in AI data centers of the United States.

    Money is kept in whole minor units of its currency and in US cents at the dated rate; power in kilowatts.
    """

    title = models.CharField(max_length=200)
    obligor_country = models.ForeignKey(
        "registry.Country", on_delete=models.PROTECT, null=True, blank=True, related_name="commitments"
    )
    obligor_party = models.ForeignKey(
        "registry.Party", on_delete=models.PROTECT, null=True, blank=True, related_name="commitments"
    )
    instrument = models.CharField(max_length=30, choices=Instrument.choices)
    measure = models.CharField(max_length=20, choices=Measure.choices)
    funds_from = models.ForeignKey(
        "registry.Country", on_delete=models.PROTECT, related_name="+", help_text="Where the money comes from."
    )
    funds_to = models.ForeignKey(
        "registry.Country", on_delete=models.PROTECT, related_name="+", help_text="Where it is paid."
    )
    amount_minor = models.BigIntegerField(help_text="Minor units of the currency.")
    currency = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=20, decimal_places=10, help_text="US dollars for one unit.")
    rate_on = models.DateField()
    rate_source = models.CharField(max_length=200)
    amount_cents = models.BigIntegerField(help_text="The amount in US cents at the rate.")
    abroad_cents = models.BigIntegerField(null=True, blank=True, help_text="What is invested abroad, in US cents.")
    abroad_says = models.CharField(max_length=300, blank=True, default="")
    ratio = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    kilowatts = models.BigIntegerField(null=True, blank=True)
    target = models.BigIntegerField(help_text="What must be verified in the end, in its unit.")
    unit = models.CharField(max_length=10, choices=AmountUnit.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The last day.")
    agreement_reference = models.CharField(max_length=200, blank=True, default="")
    signed_on = models.DateField(null=True, blank=True)
    in_force_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=20, choices=CommitmentStatus.choices, default=CommitmentStatus.DRAFT)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    officer = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, related_name="+", help_text="Who is reminded of its dates."
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["status", "-id"], name="commitment_status"),
            models.Index(fields=["obligor_country", "-id"], name="commitment_of_a_nation"),
            models.Index(fields=["obligor_party", "-id"], name="commitment_of_a_firm"),
        ]
        constraints = [
            models.CheckConstraint(name="commitment_status_known", condition=Q(status__in=CommitmentStatus.values)),
            models.CheckConstraint(
                name="commitment_of_a_nation_or_a_firm",
                condition=Q(obligor_country__isnull=False, obligor_party__isnull=True)
                | Q(obligor_country__isnull=True, obligor_party__isnull=False),
            ),
            models.CheckConstraint(name="commitment_instrument_known", condition=Q(instrument__in=Instrument.values)),
            # Money that flows out of the United States is no commitment.
            models.CheckConstraint(name="commitment_funds_into_us", condition=Q(funds_to="US")),
            models.CheckConstraint(
                name="commitment_amount_positive",
                condition=Q(amount_minor__gt=0, amount_cents__gt=0, target__gt=0, rate__gt=0),
            ),
            models.CheckConstraint(name="commitment_currency_code", condition=Q(currency__regex=r"^[A-Z]{3}$")),
            models.CheckConstraint(
                name="commitment_measured",
                condition=Q(measure="amount", unit="cents", target=F("amount_cents"))
                | Q(
                    measure="matching",
                    unit="cents",
                    abroad_cents__gt=0,
                    ratio__gt=0,
                    target__lte=F("amount_cents"),
                )
                | Q(measure="megawatts", unit="kilowatts", kilowatts__gt=0, target=F("kilowatts")),
            ),
            models.CheckConstraint(name="commitment_period_in_order", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(
                name="commitment_signed_with_its_agreement",
                condition=Q(status__in=["draft", "withdrawn"])
                | (Q(signed_on__isnull=False) & ~Q(agreement_reference="")),
            ),
            models.CheckConstraint(
                name="commitment_in_force_since",
                condition=Q(status__in=["draft", "withdrawn", "signed", "terminated"]) | Q(in_force_at__isnull=False),
            ),
            models.CheckConstraint(
                name="commitment_ended_with_a_reason",
                condition=Q(ended_at__isnull=True, end_reason="")
                | (Q(ended_at__isnull=False, status__in=["completed", "terminated", "withdrawn"]) & ~Q(end_reason="")),
            ),
        ]
        triggers = [
            refuse("commitment_stays", pgtrigger.Delete, "A commitment cannot be deleted: withdraw or terminate it."),
            refuse(
                "commitment_terms_stay",
                pgtrigger.Update,
                "The terms of a signed commitment stay as they were signed.",
                unless=f"OLD.status = 'draft' OR {_terms('NEW')} IS NOT DISTINCT FROM {_terms('OLD')}",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number that people know it by."""
        return f"K{self.pk:06d}"

    @property
    def obligor(self) -> str:
        """The nation or the firm."""
        return str(self.obligor_country or self.obligor_party)


class Paper(models.Model):
    """A document of a commitment: its agreement, evidence, a cure plan, a translation. Its bytes are known by hash."""

    audit_covered = True

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=20, choices=PaperKind.choices)
    title = models.CharField(max_length=200)
    file = models.FileField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()
    language = models.CharField(max_length=8, default="en", help_text="ISO 639.")
    translation_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="translation"
    )
    translator = models.CharField(max_length=200, blank=True, default="", help_text="Who certified the translation.")
    filed_by_label = models.CharField(max_length=300)
    filed_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="paper_kind_known", condition=Q(kind__in=PaperKind.values)),
            models.CheckConstraint(name="paper_hash", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")),
            models.CheckConstraint(
                name="paper_translation_certified",
                condition=~Q(kind="translation") | (Q(translation_of__isnull=False) & ~Q(translator="")),
            ),
        ]
        triggers = append_only("A paper of a commitment")

    def __str__(self) -> str:
        return self.title


class Asset(models.Model):
    """A data center in the United States that a commitment is spent on. The same one counts for one commitment only."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="assets")
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=250)
    city = models.CharField(max_length=120)
    state = models.CharField(max_length=2, help_text="Two letters.")
    country = models.ForeignKey("registry.Country", on_delete=models.PROTECT, related_name="+")
    owner = models.CharField(max_length=200, blank=True, default="", help_text="Who owns it.")
    # The name and the address as they are compared: letters and digits alone.
    name_key = models.CharField(max_length=330)
    address_key = models.CharField(max_length=380)
    is_counted = models.BooleanField(default=True, help_text="Not where it was taken off, or its commitment withdrawn.")
    added_by_label = models.CharField(max_length=300)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="asset_in_us", condition=Q(country="US")),
            models.CheckConstraint(name="asset_state_code", condition=Q(state__regex=r"^[A-Z]{2}$")),
            models.UniqueConstraint(name="asset_counts_once", fields=["name_key"], condition=Q(is_counted=True)),
            models.UniqueConstraint(
                name="asset_place_counts_once", fields=["address_key"], condition=Q(is_counted=True)
            ),
        ]
        triggers = [
            refuse("asset_stays", pgtrigger.Delete, "An asset cannot be deleted: take it off its commitment."),
            refuse(
                "asset_place_stays",
                pgtrigger.Update,
                "An asset keeps its commitment, name and place.",
                unless="(NEW.commitment_id, NEW.name, NEW.address, NEW.city, NEW.state, NEW.country_id, NEW.name_key,"
                " NEW.address_key) = (OLD.commitment_id, OLD.name, OLD.address, OLD.city, OLD.state, OLD.country_id,"
                " OLD.name_key, OLD.address_key)",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.city}, {self.state}"


class Milestone(models.Model):
    """A step of the plan: so much of the measure by the end of a day, judged by stated criteria."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="milestones")
    title = models.CharField(max_length=200)
    due_on = models.DateField()
    units = models.BigIntegerField(help_text="In the commitment's unit.")
    criteria = models.TextField(help_text="What must be shown for it to be accepted.")

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(name="milestone_units_positive", condition=Q(units__gt=0)),
            models.CheckConstraint(name="milestone_has_criteria", condition=~Q(criteria="")),
        ]
        triggers = [
            refuse(
                "plan_stays",
                pgtrigger.Insert | pgtrigger.Update,
                "The plan of a signed commitment stays as it was signed.",
                unless=of_a_draft("NEW"),
            ),
            refuse(
                "plan_stays_whole",
                pgtrigger.Delete,
                "The plan of a signed commitment stays as it was signed.",
                unless=of_a_draft("OLD"),
            ),
            refuse(
                "milestone_in_period",
                pgtrigger.Insert | pgtrigger.Update,
                "A milestone is due within the period of its commitment.",
                unless="EXISTS (SELECT 1 FROM investments_commitment c WHERE c.id = NEW.commitment_id"
                " AND NEW.due_on BETWEEN c.starts_on AND c.ends_on)",
            ),
        ]

    def __str__(self) -> str:
        return self.title
