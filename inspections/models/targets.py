"""Which places were looked at for a visit, with the points of each, and why each was chosen or passed over."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q

from audit.triggers import append_only
from inspections.statuses import VisitKind


class SelectionRound(models.Model):
    """One choice of targets, under the points of one edition. Written once."""

    audit_covered = True

    kind = models.CharField(max_length=30, choices=VisitKind)
    says = models.TextField(help_text="What the round is for, and how its candidates were found.")
    edition = models.CharField(max_length=60)
    weights = models.JSONField(help_text="The points of the edition as they counted.")
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=VisitKind.values), name="selection_kind_known"),
            models.CheckConstraint(condition=~Q(says=""), name="selection_says"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("A choice of targets")]

    def __str__(self) -> str:
        return f"Selection {self.pk}"


class Candidate(models.Model):
    """A place in a round: its points one by one, whether it was chosen, and why or why not. Written once."""

    audit_covered = True

    round = models.ForeignKey(SelectionRound, on_delete=models.PROTECT, related_name="candidates")
    installation = models.ForeignKey("registry.Installation", on_delete=models.PROTECT, related_name="+")
    points = models.PositiveIntegerField()
    parts = models.JSONField(help_text="Each point with what it counts.")
    is_chosen = models.BooleanField()
    rationale = models.TextField()

    class Meta:
        ordering: ClassVar[list[str]] = ["round_id", "-points", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "installation"], name="candidate_once_in_a_round"),
            models.CheckConstraint(condition=~Q(rationale=""), name="candidate_rationale"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("A candidate")]

    def __str__(self) -> str:
        return f"{self.installation}: {self.points} points"
