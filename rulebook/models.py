"""
Editions as they were loaded, and which of them operates from when. Both are written once and never changed.
"""

from django.db import models
from django.db.models import F, Q

from audit.triggers import append_only
from rulebook.statuses import EditionStatus


class Edition(models.Model):
    """One edition of the rules, byte for byte: every past decision is explained from this text."""

    identifier = models.CharField(max_length=100, unique=True)
    title = models.CharField(max_length=300)
    status = models.CharField(max_length=20, choices=EditionStatus.choices)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, help_text="Exclusive; empty while no end is known.")
    content = models.TextField()
    content_hash = models.CharField(max_length=64, help_text="SHA-256 of the bytes of the file.")
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ["effective_from", "identifier"]
        constraints = [
            models.CheckConstraint(
                name="edition_period_in_order",
                condition=Q(effective_to__isnull=True) | Q(effective_to__gt=F("effective_from")),
            ),
        ]
        triggers = append_only("An edition")

    def __str__(self) -> str:
        return self.identifier


class Supplement(models.Model):
    """What completes some editions: how the tracks of a license are handled. Written once, byte for byte."""

    identifier = models.CharField(max_length=100, unique=True)
    title = models.CharField(max_length=300)
    editions = models.JSONField(help_text="The identifiers of the editions that it completes.")
    effective_from = models.DateField()
    content = models.TextField()
    content_hash = models.CharField(max_length=64, help_text="SHA-256 of the bytes of the file.")
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ["effective_from", "identifier"]
        triggers = append_only("A supplement")

    def __str__(self) -> str:
        return self.identifier


class OperatingEdition(models.Model):
    """From this instant on, determinations are made under this edition, until a later row says otherwise."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="operating_periods")
    from_at = models.DateTimeField(unique=True)
    set_by = models.CharField(max_length=200)
    reason = models.TextField()

    class Meta:
        ordering = ["from_at"]
        constraints = [
            models.CheckConstraint(name="operating_edition_has_reason", condition=~Q(reason="")),
        ]
        triggers = append_only("The choice of an operating edition")

    def __str__(self) -> str:
        return f"{self.edition} from {self.from_at:%Y-%m-%d %H:%M}"
