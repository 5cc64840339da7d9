"""Instruments of other governments: what they are, their texts, undertakings and coverage, and alleged breaches."""

from __future__ import annotations

from datetime import datetime

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from assurances.rules import BEFORE_FORCE, begins_at
from assurances.statuses import BreachOutcome, BreachStepKind, InstrumentKind, InstrumentStatus
from audit.triggers import append_only, refuse


class Instrument(models.Model):
    """A government's word to the United States on use and protection of chips, from its draft to its end."""

    kind = models.CharField(max_length=30, choices=InstrumentKind.choices)
    status = models.CharField(max_length=20, choices=InstrumentStatus.choices, default=InstrumentStatus.DRAFT)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200)
    country = models.ForeignKey("registry.Country", on_delete=models.PROTECT, related_name="+")
    government = models.CharField(max_length=200)
    ministry = models.CharField(max_length=200)
    signatory = models.CharField(max_length=200, blank=True, default="")
    signatory_title = models.CharField(max_length=200, blank=True, default="")
    signatory_authority = models.CharField(max_length=300, blank=True, default="")
    us_side = models.CharField(max_length=200)
    is_binding = models.BooleanField()
    marking = models.CharField(max_length=100, blank=True, default="")
    occasion = models.CharField(
        max_length=200, blank=True, default="", help_text="What it is asked for, such as a case."
    )

    countries = models.ManyToManyField("registry.Country", related_name="+")
    parties = models.ManyToManyField("registry.Party", related_name="+")
    installations = models.ManyToManyField("registry.Installation", related_name="+")
    chip_models = ArrayField(models.CharField(max_length=80), default=list)
    ceiling = models.PositiveBigIntegerField(null=True, blank=True, help_text="As agreed; in force, as in the ledger.")
    from_on = models.DateField(null=True, blank=True)
    to_on = models.DateField(null=True, blank=True, help_text="Exclusive: the first day that it no longer covers.")

    drafted_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    drafted_by_label = models.CharField(max_length=300)
    needed_at = models.DateTimeField(help_text="When it was determined that an assurance is needed.")
    started_at = models.DateTimeField()
    requested_at = models.DateTimeField(null=True, blank=True)
    contacted_at = models.DateTimeField(null=True, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True, help_text="When a text was agreed on last.")
    received_at = models.DateTimeField(null=True, blank=True)
    signed_on = models.DateField(null=True, blank=True)
    in_force_at = models.DateTimeField(null=True, blank=True)
    in_force_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    text_in_force = models.ForeignKey(
        "TextVersion",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The signed version that binds; an amendment and a renewal rest on a newer one.",
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="supersedes"
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["status", "-id"], name="instrument_status"),
            models.Index(fields=["country", "-id"], name="instrument_country"),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="instrument_title_trigrams"),
        ]
        constraints = [
            models.CheckConstraint(name="instrument_kind_known", condition=Q(kind__in=InstrumentKind.values)),
            models.CheckConstraint(name="instrument_status_known", condition=Q(status__in=InstrumentStatus.values)),
            models.CheckConstraint(
                name="instrument_period_in_order",
                condition=Q(from_on__isnull=True) | Q(to_on__isnull=True) | Q(to_on__gt=F("from_on")),
            ),
            models.CheckConstraint(
                name="instrument_ceiling_some",
                condition=Q(ceiling__gte=1) | Q(ceiling__isnull=True, kind=InstrumentKind.SECURITY_GUARANTEE),
            ),
            # What binds needs two people, whatever code runs.
            models.CheckConstraint(
                name="instrument_second_person",
                condition=Q(in_force_by__isnull=True) | ~Q(in_force_by=F("drafted_by")),
            ),
            models.CheckConstraint(
                name="instrument_in_force_by_whom",
                condition=Q(status__in=[*BEFORE_FORCE, InstrumentStatus.WITHDRAWN], in_force_at__isnull=True)
                | (
                    ~Q(status__in=[*BEFORE_FORCE, InstrumentStatus.WITHDRAWN])
                    & Q(in_force_at__isnull=False, in_force_by__isnull=False, signed_on__isnull=False)
                    & Q(received_at__isnull=False, from_on__isnull=False, text_in_force__isnull=False)
                    & ~Q(signatory="")
                ),
            ),
            models.CheckConstraint(
                name="instrument_superseded_by_another",
                condition=Q(superseded_by__isnull=True)
                | (Q(status=InstrumentStatus.SUPERSEDED) & ~Q(superseded_by=F("id"))),
            ),
            models.CheckConstraint(
                name="instrument_ended_when_over",
                condition=Q(
                    ended_at__isnull=False,
                    status__in=[InstrumentStatus.TERMINATED, InstrumentStatus.SUPERSEDED, InstrumentStatus.WITHDRAWN],
                )
                | (
                    Q(ended_at__isnull=True)
                    & ~Q(
                        status__in=[
                            InstrumentStatus.TERMINATED,
                            InstrumentStatus.SUPERSEDED,
                            InstrumentStatus.WITHDRAWN,
                        ]
                    )
                ),
            ),
        ]
        triggers = [refuse("no_delete", pgtrigger.Delete, "An instrument cannot be deleted: withdraw it.")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        """How people name it: a letter and six digits."""
        return f"G{self.pk:06d}"

    @property
    def until(self) -> datetime | None:
        """The instant at which its period ends, in Washington; None while no end is agreed."""
        return None if self.to_on is None else begins_at(self.to_on)


class TextVersion(models.Model):
    """A version of an instrument's text: a PDF known by its hash. A later version never replaces its bytes."""

    audit_covered = True

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="texts")
    number = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=12)
    is_signed = models.BooleanField()
    says = models.TextField(help_text="What it is, and what changed.")
    file = models.FileField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()
    added_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    added_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering = ["instrument_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "number"], name="text_version_number"),
            models.UniqueConstraint(fields=["instrument", "sha256"], name="text_version_once"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="text_version_hash"),
            models.CheckConstraint(condition=~Q(says="") & ~Q(language=""), name="text_version_says"),
        ]
        triggers = append_only("A version of a text")

    def __str__(self) -> str:
        return f"Version {self.number}"

    @property
    def title(self) -> str:
        """How it is named in a list of papers."""
        return f"Version {self.number}{', signed' if self.is_signed else ''}"


class Translation(models.Model):
    """An English translation of a version, with who certified it (15 CFR 748.9(d))."""

    audit_covered = True

    text = models.ForeignKey(TextVersion, on_delete=models.PROTECT, related_name="translations")
    certified_by = models.CharField(max_length=200)
    certified_on = models.DateField()
    file = models.FileField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()
    added_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering = ["text_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["text", "sha256"], name="translation_once"),
            models.CheckConstraint(condition=~Q(certified_by=""), name="translation_certified"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="translation_hash"),
        ]
        triggers = append_only("A translation")

    def __str__(self) -> str:
        return f"Translation certified by {self.certified_by}"

    @property
    def title(self) -> str:
        """How it is named in a list of papers."""
        return f"Translation of version {self.text.number}"


class Undertaking(models.Model):
    """Which clause gives an undertaking of the edition's list; the newest row of a name counts, empty is missing."""

    audit_covered = True

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="undertakings")
    name = models.CharField(max_length=60)
    clause = models.CharField(max_length=300, blank=True)
    hours = models.PositiveIntegerField(null=True, blank=True)
    noted_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering = ["instrument_id", "name", "-id"]
        indexes = [models.Index(fields=["instrument", "name", "-id"], name="undertaking_newest")]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="undertaking_named")]
        triggers = append_only("A note of an undertaking")

    def __str__(self) -> str:
        return f"{self.name}: {self.clause or 'missing'}"


class Breach(models.Model):
    """An allegation that an instrument was breached, with the document that it rests on."""

    audit_covered = True

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="breaches")
    number = models.PositiveSmallIntegerField()
    undertaking = models.CharField(max_length=60)
    undertaking_title = models.CharField(max_length=200)
    allegation = models.TextField()
    was_suspended = models.BooleanField(default=False, help_text="Whether the instrument was suspended before it.")
    file = models.FileField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()
    alleged_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    alleged_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering = ["instrument_id", "number"]
        verbose_name_plural = "breaches"
        constraints = [
            models.UniqueConstraint(fields=["instrument", "number"], name="breach_number"),
            models.CheckConstraint(condition=~Q(allegation=""), name="breach_says"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="breach_evidence_hash"),
        ]
        triggers = append_only("An alleged breach")

    def __str__(self) -> str:
        return f"Breach {self.number}"

    @property
    def title(self) -> str:
        """How its evidence is named in a list of papers."""
        return f"Evidence of breach {self.number}"


class BreachStep(models.Model):
    """What followed on an allegation: the notice with its cure period, an extension, the outcome; by whom."""

    audit_covered = True

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20, choices=BreachStepKind.choices)
    says = models.TextField()
    notice_to = models.CharField(max_length=200, blank=True, default="")
    cure_due_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=BreachOutcome.choices, blank=True, default="")
    actor_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering = ["breach_id", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=BreachStepKind.values), name="breach_step_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=BreachStepKind.OUTCOME, outcome__in=BreachOutcome.values, cure_due_at__isnull=True)
                | (~Q(kind=BreachStepKind.OUTCOME) & Q(outcome="", cure_due_at__isnull=False)),
                name="breach_step_whole",
            ),
            models.CheckConstraint(condition=~Q(says=""), name="breach_step_says"),
            models.UniqueConstraint(
                fields=["breach"], condition=Q(kind=BreachStepKind.OUTCOME), name="breach_one_outcome"
            ),
        ]
        triggers = append_only("A step of a breach")

    def __str__(self) -> str:
        return self.get_kind_display()
