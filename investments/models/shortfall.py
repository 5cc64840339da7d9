"""What was short after a due date, how it is cured, and the two signatures that waive it."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from audit.triggers import append_only, refuse
from investments.models.commitment import Commitment, Milestone, Paper
from investments.statuses import ShortfallStatus


class Shortfall(models.Model):
    """Units of a milestone that were not verified when its day was over."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="shortfalls")
    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="shortfalls")
    owed = models.BigIntegerField(help_text="In the commitment's unit.")
    short = models.BigIntegerField(help_text="What is missing; it follows what is verified while it is open.")
    found_short = models.BigIntegerField(help_text="What was missing when it was found.")
    waived = models.BigIntegerField(default=0)
    found_at = models.DateTimeField()
    plan_due_at = models.DateTimeField()
    cure_due_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=ShortfallStatus.choices, default=ShortfallStatus.OPEN)
    plan = models.ForeignKey(Paper, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    plan_says = models.TextField(blank=True, default="")
    plan_until = models.DateField(null=True, blank=True, help_text="The day by which the plan promises the cure.")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["status", "cure_due_at"], name="shortfall_cure_due")]
        constraints = [
            models.CheckConstraint(name="shortfall_status_known", condition=Q(status__in=ShortfallStatus.values)),
            models.UniqueConstraint(
                name="shortfall_one_open",
                fields=["milestone"],
                condition=Q(status__in=["open", "in_cure", "lapsed"]),
            ),
            models.CheckConstraint(
                name="shortfall_closed_at_an_instant",
                condition=Q(status__in=["open", "in_cure", "lapsed"], closed_at__isnull=True, short__gt=0, waived=0)
                | Q(status="cured", closed_at__isnull=False, short=0, waived=0)
                | Q(status="waived", closed_at__isnull=False, waived__gt=0),
            ),
            models.CheckConstraint(
                name="shortfall_in_cure_by_a_plan",
                condition=~Q(status="in_cure") | (Q(plan__isnull=False) & ~Q(plan_says="")),
            ),
            models.CheckConstraint(name="shortfall_times", condition=Q(cure_due_at__gt=F("found_at"))),
        ]
        triggers = [
            refuse("shortfall_stays", pgtrigger.Delete, "A shortfall cannot be deleted: it was found."),
            refuse(
                "closed_stays",
                pgtrigger.Update,
                "A shortfall that was cured or waived stays as it is.",
                unless="OLD.closed_at IS NULL",
            ),
            refuse(
                "waived_by_two",
                pgtrigger.Insert | pgtrigger.Update,
                "A shortfall is waived by two officials.",
                unless="NEW.status <> 'waived' OR (SELECT count(DISTINCT w.official_id)"
                " FROM investments_waiversignature w WHERE w.shortfall_id = NEW.id) >= 2",
            ),
        ]

    def __str__(self) -> str:
        return f"Shortfall of {self.milestone}"

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a cure or a waiver."""
        return self.closed_at is None


class WaiverSignature(models.Model):
    """The signature of one official under the waiver of a shortfall."""

    audit_covered = True

    shortfall = models.ForeignKey(Shortfall, on_delete=models.PROTECT, related_name="signatures")
    official = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    official_label = models.CharField(max_length=300)
    reason = models.TextField()
    short = models.PositiveBigIntegerField(null=True, help_text="What was short when this official signed.")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="waiver_signed_once", fields=["shortfall", "official"]),
            models.CheckConstraint(name="waiver_has_a_reason", condition=~Q(reason="")),
        ]
        triggers = append_only("A signature under a waiver")

    def __str__(self) -> str:
        return self.official_label
