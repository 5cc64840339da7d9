"""The tranches of a license: which verified amount releases how many chips."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from audit.triggers import append_only, refuse
from investments.models.commitment import Commitment
from investments.statuses import TrancheMoveKind


class TranchePlan(models.Model):
    """The plan for one license. The ledger's tranche account of that license counts what is released and shipped."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="plans")
    license_id = models.CharField(max_length=40, unique=True)
    label = models.CharField(max_length=100, help_text="The number of the license.")
    opened_by_label = models.CharField(max_length=300)
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        triggers = [
            refuse("plan_stays", pgtrigger.Update, "A tranche plan keeps its commitment and its license."),
            refuse("plan_stays_whole", pgtrigger.Delete, "A tranche plan cannot be deleted."),
        ]

    def __str__(self) -> str:
        return f"Tranches of {self.label}"


class TrancheStep(models.Model):
    """Chips that are released once so much is verified; `released` of them are in the ceiling now."""

    plan = models.ForeignKey(TranchePlan, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    required = models.BigIntegerField(help_text="Verified units of the commitment, in its unit.")
    chips = models.BigIntegerField()
    released = models.BigIntegerField(default=0)
    # Each change has a key of its own in the ledger, so that none is made twice.
    changes = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(name="tranche_step_place", fields=["plan", "position"]),
            models.CheckConstraint(
                name="tranche_step_within_its_chips",
                condition=Q(chips__gt=0, required__gte=0, released__gte=0, released__lte=F("chips")),
            ),
        ]
        triggers = [
            refuse("step_stays", pgtrigger.Delete, "A step of a tranche plan cannot be deleted."),
            refuse(
                "step_terms_stay",
                pgtrigger.Update,
                "A step of a tranche plan keeps its amount and its chips.",
                unless="(NEW.plan_id, NEW.position, NEW.required, NEW.chips) ="
                " (OLD.plan_id, OLD.position, OLD.required, OLD.chips)",
            ),
        ]

    def __str__(self) -> str:
        return f"Step {self.position}: {self.chips:,}"


class TrancheMove(models.Model):
    """What was released for a step or taken back from it, and what could not be taken because it was shipped."""

    audit_covered = True

    step = models.ForeignKey(TrancheStep, on_delete=models.PROTECT, related_name="moves")
    kind = models.CharField(max_length=10, choices=TrancheMoveKind.choices)
    chips = models.BigIntegerField(help_text="By which the ceiling was raised or lowered.")
    not_taken = models.BigIntegerField(default=0, help_text="Shipped already, so the ceiling kept them.")
    verified = models.BigIntegerField(help_text="What was verified then, in the commitment's unit.")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="tranche_move_known",
                condition=Q(kind="released", chips__gt=0, not_taken=0)
                | Q(kind="withdrawn", chips__gte=0, not_taken__gte=0),
            ),
        ]
        triggers = append_only("A move of a tranche")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.chips:,}"
