"""How many chips a country gets in a period: allocations, the proposals behind each ceiling, and what came of them.

The ceiling and what is left of it are a ledger account of the allocation (`AccountKind.ALLOCATION`).
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q

from allocations.rules import LARGEST_CEILING, Period, status_on
from allocations.statuses import STORED, AllocationStatus, Outcome, ProposalKind
from audit.triggers import APPEND_ONLY, FirmTrigger, append_only, refuse
from registry.models import Country, DateRange

LONGEST_REASON = 2000

# Which proposal stands, and who made it, cannot be claimed: the row is locked and its own proposer written down.
_ONE_OPEN_PROPOSAL = f"""
PERFORM FROM allocations_allocation WHERE id = NEW.allocation_id FOR NO KEY UPDATE;
IF EXISTS (
    SELECT FROM allocations_proposal p WHERE p.allocation_id = NEW.allocation_id
    AND NOT EXISTS (SELECT FROM allocations_verdict v WHERE v.proposal_id = p.id)
) THEN
    RAISE EXCEPTION USING ERRCODE = '{APPEND_ONLY}',
        MESSAGE = 'An allocation has one open proposal at a time.';
END IF;
RETURN NEW;
"""
_NAME_PROPOSER = """
SELECT proposer_id INTO NEW.proposer_id FROM allocations_proposal WHERE id = NEW.proposal_id;
RETURN NEW;
"""


# Which allocations wait is read from one small index, not from every proposal that ever was.
_NOW_WAITS = """
UPDATE allocations_allocation SET is_waiting = true WHERE id = NEW.allocation_id;
RETURN NULL;
"""
_WAITS_NO_LONGER = """
UPDATE allocations_allocation a SET is_waiting = false
FROM allocations_proposal p WHERE p.id = NEW.proposal_id AND a.id = p.allocation_id;
RETURN NULL;
"""


class Allocation(models.Model):
    """The chips of a country for a period. Country and period never change; the ceiling does, by two persons."""

    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="allocations")
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The first day that no longer belongs to the period.")
    status = models.CharField(max_length=20, choices=AllocationStatus, default=AllocationStatus.PROPOSED)
    is_waiting = models.BooleanField(
        default=False, help_text="Whether a proposal waits for its verdict; the database keeps it."
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["country_id", "-starts_on"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["ends_on"], condition=Q(status=AllocationStatus.APPROVED), name="allocation_by_end"),
            models.Index(fields=["country"], condition=Q(is_waiting=True), name="allocation_waiting"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(status__in=STORED), name="allocation_status_known"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="allocation_period_in_order"),
            ExclusionConstraint(
                name="allocation_one_at_a_time",
                expressions=[
                    ("country", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=[AllocationStatus.PROPOSED, AllocationStatus.APPROVED]),
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            refuse(
                "terms_stay",
                pgtrigger.Update,
                "The country and the period of an allocation never change, and its first ceiling is decided once.",
                unless="(NEW.id, NEW.country_id, NEW.starts_on, NEW.ends_on, NEW.created_at)"
                " = (OLD.id, OLD.country_id, OLD.starts_on, OLD.ends_on, OLD.created_at)"
                " AND (OLD.status = 'proposed' OR NEW.status = OLD.status)",
            ),
            refuse("no_delete", pgtrigger.Delete, "An allocation cannot be deleted."),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def period(self) -> Period:
        """The days it is for."""
        return Period(self.starts_on, self.ends_on)

    @property
    def title(self) -> str:
        """What people call it: Saudi Arabia, 2026."""
        return f"{self.country.name}, {self.period.words}"

    def status_on(self, day: date) -> AllocationStatus:
        """Its status on a day in Washington."""
        return status_on(self.status, self.period, day)


class Proposal(models.Model):
    """A ceiling that an official proposes: the first one, a higher or a lower one. Written once."""

    audit_covered = True

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="proposals")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=ProposalKind)
    ceiling = models.BigIntegerField(help_text="What the ceiling is to be, in chips.")
    ceiling_before = models.BigIntegerField(null=True, help_text="What it was; empty for the first.")
    reason = models.TextField(max_length=LONGEST_REASON)
    proposer = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    proposer_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["allocation_id", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["allocation", "number"], name="allocation_proposal_number"),
            models.CheckConstraint(
                condition=Q(ceiling__gte=0, ceiling__lte=LARGEST_CEILING), name="allocation_ceiling_possible"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="allocation_proposal_reason"),
            models.CheckConstraint(
                condition=Q(kind=ProposalKind.NEW, number=1, ceiling_before__isnull=True)
                | Q(kind=ProposalKind.RAISE, number__gt=1, ceiling__gt=F("ceiling_before"))
                | Q(kind=ProposalKind.LOWER, number__gt=1, ceiling__lt=F("ceiling_before")),
                name="allocation_proposal_kind_fits",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *append_only("A proposed ceiling"),
            FirmTrigger(name="one_open", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_ONE_OPEN_PROPOSAL),
            FirmTrigger(name="now_waits", when=pgtrigger.After, operation=pgtrigger.Insert, func=_NOW_WAITS),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.ceiling:,} chips"


class Verdict(models.Model):
    """What came of a proposal: approved or declined by another official, or taken back by its own. Written once."""

    audit_covered = True

    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="verdict")
    outcome = models.CharField(max_length=10, choices=Outcome)
    reason = models.TextField(max_length=LONGEST_REASON)
    proposer = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    judge = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    judge_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(reason=""), name="allocation_verdict_reason"),
            models.CheckConstraint(
                condition=(Q(outcome__in=[Outcome.APPROVED, Outcome.DECLINED]) & ~Q(judge=F("proposer")))
                | Q(outcome=Outcome.WITHDRAWN, judge=F("proposer")),
                name="allocation_verdict_by_a_second_person",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *append_only("A verdict on a proposed ceiling"),
            FirmTrigger(name="proposer", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_NAME_PROPOSER),
            FirmTrigger(
                name="waits_no_longer", when=pgtrigger.After, operation=pgtrigger.Insert, func=_WAITS_NO_LONGER
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.judge_label}"
