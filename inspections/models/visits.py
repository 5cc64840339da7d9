"""A visit, what was recorded around it, and whose units may not send an officer to it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from audit.triggers import APPEND_ONLY, FirmTrigger, append_only, refuse
from deadlines.rules import day_of
from inspections.statuses import Rating, StepKind, VisitKind, VisitStatus

OVER = (VisitStatus.CLOSED, VisitStatus.CANCELLED, VisitStatus.NOT_CARRIED_OUT)
# Once a visit has begun it has been on site, whatever comes after.
SEEN = (
    VisitStatus.ON_SITE,
    VisitStatus.REPORTING,
    VisitStatus.REPORTED,
    VisitStatus.UNDER_REVIEW,
    VisitStatus.CORRECTIVE_ACTIONS,
    VisitStatus.CLOSED,
)

_NOBODY_OF_IT_GOES = f"""
PERFORM FROM inspections_visit WHERE id = NEW.visit_id FOR NO KEY UPDATE;
IF EXISTS (
    SELECT FROM inspections_engagement e JOIN accounts_user u ON u.id = e.officer_id
    WHERE e.visit_id = NEW.visit_id AND e.released_at IS NULL AND u.unit_id = NEW.unit_id
) THEN
    RAISE EXCEPTION USING ERRCODE = '{APPEND_ONLY}',
        MESSAGE = 'An officer of this unit is booked for the visit: replace the officer first.';
END IF;
RETURN NEW;
"""


def number_of(visit_id: int) -> str:
    """The number by which people name the visit of this key: what belongs to it can say so without reading it."""
    return f"V{visit_id:06d}"


class Visit(models.Model):
    """A visit to an installation, from its request to its end."""

    kind = models.CharField(max_length=30, choices=VisitKind)
    status = models.CharField(max_length=20, choices=VisitStatus, default=VisitStatus.REQUESTED)
    version = models.PositiveIntegerField(default=1)
    installation = models.ForeignKey("registry.Installation", on_delete=models.PROTECT, related_name="visits")
    rating = models.CharField(max_length=20, choices=Rating, blank=True, default="")

    occasion = models.TextField(help_text="Why this place is visited.")
    candidate = models.ForeignKey(
        "inspections.Candidate", on_delete=models.PROTECT, null=True, blank=True, related_name="visits"
    )
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by")
    subject_kind = models.CharField(max_length=20, blank=True, default="", help_text="case or license; empty for none.")
    subject_id = models.CharField(max_length=40, blank=True, default="")
    subject_label = models.CharField(max_length=100, blank=True, default="", help_text="Its number.")
    needed_at = models.DateTimeField(null=True, blank=True, help_text="When it was determined that it is needed.")

    requested_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    requested_by_label = models.CharField(max_length=300)
    requested_at = models.DateTimeField()
    due_at = models.DateTimeField()
    further_due_at = models.DateTimeField(null=True, blank=True)
    consented_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "-id"], name="visit_status"),
            models.Index(fields=["kind", "-id"], name="visit_kind"),
            models.Index(fields=["rating", "-id"], name="visit_rating"),
            models.Index(fields=["installation", "-id"], name="visit_installation"),
            models.Index(
                fields=["due_at"], condition=Q(closed_at__isnull=True, left_at__isnull=True), name="visit_due"
            ),
            models.Index(fields=["subject_kind", "subject_id"], name="visit_subject"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=VisitKind.values), name="visit_kind_known"),
            models.CheckConstraint(condition=Q(status__in=VisitStatus.values), name="visit_status_known"),
            models.CheckConstraint(condition=Q(rating__in=["", *Rating.values]), name="visit_rating_known"),
            models.CheckConstraint(condition=~Q(occasion=""), name="visit_occasion"),
            models.CheckConstraint(
                condition=Q(subject_kind="", subject_id="", subject_label="")
                | (Q(subject_kind__in=["case", "license"]) & ~Q(subject_id="") & ~Q(subject_label="")),
                name="visit_subject_whole",
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("requested_at")), name="visit_due_after_request"),
            models.CheckConstraint(condition=~Q(follows=F("id")), name="visit_follows_another"),
            models.CheckConstraint(
                condition=(Q(status__in=OVER) & Q(closed_at__isnull=False))
                | (~Q(status__in=OVER) & Q(closed_at__isnull=True)),
                name="visit_closed_when_over",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=SEEN) | Q(arrived_at__isnull=False), name="visit_seen_when_begun"
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("arrived_at")), name="visit_left_after_arrival"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[VisitStatus.CLOSED, VisitStatus.NOT_CARRIED_OUT]) | ~Q(rating=""),
                name="visit_rated_when_over",
            ),
            models.UniqueConstraint(
                fields=["installation", "kind"], condition=Q(closed_at__isnull=True), name="visit_one_open_of_a_kind"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            refuse("no_delete", pgtrigger.Delete, "A visit cannot be deleted: cancel it."),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """How people name it: a letter and six digits."""
        return number_of(self.pk)

    @property
    def due_on(self) -> date:
        """The last day on which it is in time."""
        return day_of(self.due_at - timedelta(microseconds=1))

    @property
    def title(self) -> str:
        """What it is: Periodic visit of Dammam 2."""
        return f"{VisitKind(self.kind).label} of {self.installation.name}"


class VisitStep(models.Model):
    """What happened around a visit: the notice to the host, its consent, a list, an end; on which day. Written once."""

    audit_covered = True

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20, choices=StepKind)
    happened_on = models.DateField()
    says = models.TextField()
    hold = models.ForeignKey("registry.Hold", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["visit_id", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=StepKind.values), name="visit_step_kind_known"),
            models.CheckConstraint(condition=~Q(says=""), name="visit_step_says"),
            models.UniqueConstraint(
                fields=["visit", "kind"],
                condition=Q(kind__in=[StepKind.UNVERIFIED_LIST, StepKind.ENTITY_NOMINATION]),
                name="visit_listed_once",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("A step of a visit")]

    def __str__(self) -> str:
        return self.get_kind_display()


class RecommendingUnit(models.Model):
    """A unit that recommended the approval of what is checked: nobody of it goes on the visit. Written once."""

    audit_covered = True

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="recommending_units")
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+")
    says = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["visit_id", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "unit"], name="recommending_unit_once"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *append_only("A recommending unit"),
            FirmTrigger(name="nobody_goes", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_NOBODY_OF_IT_GOES),
        ]

    def __str__(self) -> str:
        return f"{self.unit} recommended it"
