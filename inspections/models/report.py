"""What a visit found, what is to be done about it, how it is rated, and who reviewed that."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from audit.triggers import FirmTrigger, append_only
from deadlines.rules import day_of
from inspections.models.visits import Visit, number_of
from inspections.statuses import ActionOutcome, Rating, ReviewOutcome, Severity

# Who wrote the report cannot be claimed: the reviewed one's own author is written down.
_NAME_AUTHOR = """
SELECT made_by_id INTO NEW.author_id FROM inspections_report WHERE id = NEW.report_id;
RETURN NEW;
"""


class Finding(models.Model):
    """Something that a visit found. Written once; a mistaken one is withdrawn."""

    audit_covered = True

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="findings")
    number = models.PositiveIntegerField()
    severity = models.CharField(max_length=20, choices=Severity)
    title = models.CharField(max_length=200)
    says = models.TextField()
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["visit_id", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "number"], name="finding_number"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="finding_severity_known"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(says=""), name="finding_says"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("A finding")]

    def __str__(self) -> str:
        return self.title


class FindingWithdrawal(models.Model):
    """That a finding was mistaken, and why. Written once."""

    audit_covered = True

    finding = models.OneToOneField(Finding, on_delete=models.PROTECT, related_name="withdrawal")
    reason = models.TextField()
    made_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(reason=""), name="finding_withdrawal_reason"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("The withdrawal of a finding")]

    def __str__(self) -> str:
        return f"Withdrawal of {self.finding}"


class CorrectiveAction(models.Model):
    """What is recommended on a finding, who is to do it, and by when. Written once; its steps say what became of it."""

    audit_covered = True

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="actions")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="actions")
    number = models.PositiveIntegerField()
    says = models.TextField()
    owner = models.CharField(max_length=200, help_text="Who is to do it, mostly at the operator.")
    due_at = models.DateTimeField()
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["visit_id", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "number"], name="corrective_action_number"),
            models.CheckConstraint(condition=~Q(says="") & ~Q(owner=""), name="corrective_action_whole"),
            models.CheckConstraint(condition=Q(due_at__gt=F("at")), name="corrective_action_due_later"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("A recommended action")]

    def __str__(self) -> str:
        return f"Action {self.number} of {number_of(self.visit_id)}"

    @property
    def due_on(self) -> date:
        """The last day on which it is in time."""
        return day_of(self.due_at - timedelta(microseconds=1))


class ActionStep(models.Model):
    """That an action was done, declined with a justification, or opened again; the newest counts. Written once."""

    audit_covered = True

    action = models.ForeignKey(CorrectiveAction, on_delete=models.PROTECT, related_name="steps")
    outcome = models.CharField(max_length=20, choices=ActionOutcome)
    says = models.TextField(help_text="What shows that it was done, or the justification.")
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["action_id", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(outcome__in=ActionOutcome.values), name="action_outcome_known"),
            models.CheckConstraint(condition=~Q(says=""), name="action_step_says"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("What became of an action")]

    def __str__(self) -> str:
        return self.get_outcome_display()


class Report(models.Model):
    """The report of a visit; one that was returned gets a later version. Written once."""

    audit_covered = True

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="reports")
    number = models.PositiveIntegerField()
    summary = models.TextField()
    rating = models.CharField(max_length=20, choices=Rating)
    rationale = models.TextField()
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["visit_id", "-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "number"], name="visit_report_number"),
            models.CheckConstraint(condition=Q(rating__in=Rating.values), name="visit_report_rating_known"),
            models.CheckConstraint(condition=~Q(summary="") & ~Q(rationale=""), name="visit_report_says"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("A report")]

    def __str__(self) -> str:
        return f"Report {self.number} of {number_of(self.visit_id)}"


class Review(models.Model):
    """What a supervisor who did not write the report said of it. Written once."""

    audit_covered = True

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="review")
    outcome = models.CharField(max_length=20, choices=ReviewOutcome)
    reason = models.TextField()
    author = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    reviewer_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(outcome__in=ReviewOutcome.values), name="review_outcome_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="review_reason"),
            models.CheckConstraint(condition=~Q(reviewer=F("author")), name="review_by_a_second_person"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *append_only("A review"),
            FirmTrigger(name="author", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_NAME_AUTHOR),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.reviewer_label}"


class RatingChange(models.Model):
    """A rating of a visit, the one before it, and why; the newest counts. Written once."""

    audit_covered = True

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="ratings")
    number = models.PositiveIntegerField()
    rating = models.CharField(max_length=20, choices=Rating)
    rating_before = models.CharField(max_length=20, choices=Rating, blank=True, default="")
    reason = models.TextField()
    hold = models.ForeignKey("registry.Hold", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["visit_id", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "number"], name="rating_number"),
            models.CheckConstraint(condition=Q(rating__in=Rating.values), name="rating_known"),
            models.CheckConstraint(
                condition=Q(number=1, rating_before="") | (Q(number__gt=1) & ~Q(rating_before="")),
                name="rating_follows_another",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="rating_reason"),
            # An adverse rating never stands without its hold.
            models.CheckConstraint(
                condition=~Q(rating__in=[Rating.UNFAVORABLE, Rating.UNABLE]) | Q(hold__isnull=False),
                name="rating_adverse_holds",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("A rating")]

    def __str__(self) -> str:
        return self.get_rating_display()
