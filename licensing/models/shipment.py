"""What was shipped under a license, and the conditions that were verified before it could be."""

from django.db import models
from django.db.models import Q

from audit.triggers import append_only

from .case import Requirement
from .license import License, LicenseLine


class Shipment(models.Model):
    """Chips that left under a license, as the licensee reported them. A correction is a new entry."""

    audit_covered = True

    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="shipments")
    number = models.PositiveIntegerField(help_text="Counted from 1 for each license.")
    key = models.CharField(max_length=100, help_text="The sender's own: the same again is the same shipment.")
    shipped_on = models.DateField()
    reference = models.CharField(max_length=100, blank=True, help_text="Of the export filing (AES ITN).")
    late_reason = models.TextField(blank=True)
    chips = models.PositiveBigIntegerField()
    value_cents = models.PositiveBigIntegerField()
    content_hash = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    recorded_by_label = models.CharField(max_length=400)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="shipment_number", fields=["license", "number"]),
            models.UniqueConstraint(name="shipment_once", fields=["license", "key"]),
            models.CheckConstraint(name="shipment_some", condition=Q(chips__gte=1)),
        ]
        triggers = append_only("A shipment")

    def __str__(self) -> str:
        return f"Shipment {self.number} under {self.license_id}"


class ShipmentLine(models.Model):
    """What of one line of the license a shipment held."""

    audit_covered = True

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="lines")
    license_line = models.ForeignKey(LicenseLine, on_delete=models.PROTECT, related_name="shipped")
    quantity = models.PositiveBigIntegerField()
    value_cents = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["shipment_id", "license_line_id"]
        constraints = [
            models.UniqueConstraint(name="shipment_line_once", fields=["shipment", "license_line"]),
            models.CheckConstraint(name="shipment_line_some", condition=Q(quantity__gte=1)),
        ]
        triggers = append_only("A line of a shipment")

    def __str__(self) -> str:
        return f"{self.quantity:,} of line {self.license_line_id}"


class ConditionCheck(models.Model):
    """One condition of a requirement, verified with its evidence: they are checked one by one."""

    audit_covered = True

    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="checks")
    round = models.PositiveSmallIntegerField()
    item = models.CharField(max_length=60, help_text="The condition's row in the edition.")
    title = models.CharField(max_length=200)
    says = models.TextField()
    document = models.ForeignKey(
        "licensing.Document", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    actor = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    actor_label = models.CharField(max_length=400)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="condition_checked_once", fields=["requirement", "round", "item"]),
            models.CheckConstraint(name="condition_check_says", condition=~Q(says="")),
        ]
        triggers = append_only("A verified condition")

    def __str__(self) -> str:
        return self.title


class TranchePlan(models.Model):
    """One step of a license's release, planned on its case: so many chips once so much is verified."""

    audit_covered = True

    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="tranches")
    round = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    required = models.PositiveBigIntegerField(help_text="Verified, in the unit of the commitment's measure.")
    chips = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["requirement_id", "round", "position"]
        constraints = [
            models.UniqueConstraint(name="tranche_plan_position", fields=["requirement", "round", "position"]),
            models.CheckConstraint(name="tranche_plan_some", condition=Q(chips__gte=1)),
        ]
        triggers = append_only("A planned tranche")

    def __str__(self) -> str:
        return f"{self.chips:,} chips at {self.required:,}"
