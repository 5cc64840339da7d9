"""The four amounts as entries that are only ever added to, the evidence for them, and its verification."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from audit.triggers import append_only, refuse
from investments.models.commitment import Asset, Commitment, Milestone, Paper
from investments.statuses import AmountKind, AmountUnit, EvidenceStatus, Verdict


class Evidence(models.Model):
    """A paper that is to show what was done for a milestone, and what its submitter claims that it shows."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="evidence")
    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="evidence")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="evidence")
    paper = models.OneToOneField(Paper, on_delete=models.PROTECT, related_name="evidence")
    sha256 = models.CharField(max_length=64)
    says = models.TextField(help_text="What it shows.")
    claimed = models.BigIntegerField(help_text="In the commitment's unit.")
    amount_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    rate = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    rate_on = models.DateField(null=True, blank=True)
    rate_source = models.CharField(max_length=200, blank=True, default="")
    status = models.CharField(max_length=20, choices=EvidenceStatus.choices, default=EvidenceStatus.SUBMITTED)
    submitted_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    submitted_by_label = models.CharField(max_length=300)
    submitted_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "evidence"
        indexes = [models.Index(fields=["status", "-id"], name="evidence_status")]
        constraints = [
            models.CheckConstraint(name="evidence_status_known", condition=Q(status__in=EvidenceStatus.values)),
            models.CheckConstraint(name="evidence_claims_something", condition=Q(claimed__gt=0)),
            # The same paper counts once, for whichever commitment.
            models.UniqueConstraint(
                name="evidence_counts_once", fields=["sha256"], condition=Q(status__in=["submitted", "verified"])
            ),
        ]
        triggers = [
            refuse("evidence_stays", pgtrigger.Delete, "Evidence cannot be deleted: withdraw or refuse it."),
            refuse(
                "evidence_claim_stays",
                pgtrigger.Update,
                "Evidence stays as it was submitted; only its status moves.",
                unless="(NEW.commitment_id, NEW.milestone_id, NEW.asset_id, NEW.paper_id, NEW.sha256, NEW.claimed,"
                " NEW.submitted_by_id) = (OLD.commitment_id, OLD.milestone_id, OLD.asset_id, OLD.paper_id, OLD.sha256,"
                " OLD.claimed, OLD.submitted_by_id)",
            ),
            refuse(
                "evidence_of_one_commitment",
                pgtrigger.Insert,
                "Evidence, milestone, asset and paper belong to one commitment, and the asset is counted for it.",
                unless="EXISTS (SELECT 1 FROM investments_milestone m, investments_asset a, investments_paper p"
                " WHERE m.id = NEW.milestone_id AND a.id = NEW.asset_id AND p.id = NEW.paper_id AND a.is_counted"
                " AND m.commitment_id = NEW.commitment_id AND a.commitment_id = NEW.commitment_id"
                " AND p.commitment_id = NEW.commitment_id AND p.sha256 = NEW.sha256)",
            ),
        ]

    def __str__(self) -> str:
        return str(self.paper)


class Verification(models.Model):
    """What somebody other than the submitter found evidence to be worth: at face, discounted, or nothing."""

    audit_covered = True

    evidence = models.OneToOneField(Evidence, on_delete=models.PROTECT, related_name="verification")
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    claimed = models.BigIntegerField()
    accepted = models.BigIntegerField(help_text="In the commitment's unit.")
    reason = models.TextField(blank=True, default="")
    method = models.TextField(help_text="How it was verified.")
    verified_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    verified_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="verification_worth",
                condition=Q(verdict="at_face", accepted=F("claimed"), claimed__gt=0)
                | (Q(verdict="discounted", accepted__gt=0, accepted__lt=F("claimed")) & ~Q(reason=""))
                | (Q(verdict="refused", accepted=0) & ~Q(reason="")),
            ),
            models.CheckConstraint(name="verification_says_how", condition=~Q(method="")),
        ]
        triggers = [
            refuse(
                "verified_by_another",
                pgtrigger.Insert,
                "Evidence is verified by somebody other than its submitter, for what it claims.",
                unless="EXISTS (SELECT 1 FROM investments_evidence e WHERE e.id = NEW.evidence_id"
                " AND e.submitted_by_id <> NEW.verified_by_id AND e.claimed = NEW.claimed)",
            ),
            *append_only("A verification"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.accepted:,}"


class AmountEntry(models.Model):
    """One movement of one of the four amounts. A wrong one is reversed by a new entry, never edited."""

    audit_covered = True

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12, choices=AmountKind.choices)
    unit = models.CharField(max_length=10, choices=AmountUnit.choices)
    units = models.BigIntegerField(help_text="Below zero in a reversal.")
    amount_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    rate = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    rate_on = models.DateField(null=True, blank=True)
    rate_source = models.CharField(max_length=200, blank=True, default="")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, null=True, blank=True, related_name="entries")
    verification = models.OneToOneField(
        Verification, on_delete=models.PROTECT, null=True, blank=True, related_name="entry"
    )
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by")
    on = models.DateField(help_text="The day on which it was pledged, contracted, paid or verified.")
    says = models.TextField()
    by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "amount entries"
        constraints = [
            models.CheckConstraint(name="amount_kind_known", condition=Q(kind__in=AmountKind.values)),
            models.CheckConstraint(name="amount_unit_known", condition=Q(unit__in=AmountUnit.values)),
            models.CheckConstraint(
                name="amount_negative_only_in_reversal",
                condition=Q(reverses__isnull=True, units__gt=0) | Q(reverses__isnull=False, units__lt=0),
            ),
            # Nothing counts as verified that nobody verified, and no verification counts as anything else.
            models.CheckConstraint(
                name="amount_verified_by_a_verification",
                condition=Q(kind="verified", reverses__isnull=True, verification__isnull=False)
                | Q(kind="verified", reverses__isnull=False, verification__isnull=True)
                | (~Q(kind="verified") & Q(verification__isnull=True)),
            ),
            models.CheckConstraint(name="amount_says", condition=~Q(says="")),
        ]
        triggers = [
            refuse(
                "reverses_the_whole",
                pgtrigger.Insert,
                "A reversal takes back the whole of one entry, of the same commitment, kind and unit.",
                unless="NEW.reverses_id IS NULL OR EXISTS (SELECT 1 FROM investments_amountentry e"
                " WHERE e.id = NEW.reverses_id AND e.reverses_id IS NULL AND e.commitment_id = NEW.commitment_id"
                " AND e.kind = NEW.kind AND e.unit = NEW.unit AND e.units = -NEW.units)",
            ),
            refuse(
                "verified_is_what_was_accepted",
                pgtrigger.Insert,
                "A verified amount is what its verification accepted, for the same commitment.",
                unless="NEW.verification_id IS NULL OR EXISTS (SELECT 1 FROM investments_verification v"
                " JOIN investments_evidence e ON e.id = v.evidence_id WHERE v.id = NEW.verification_id"
                " AND v.accepted = NEW.units AND e.commitment_id = NEW.commitment_id)",
            ),
            *append_only("An amount"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.units:,}"
