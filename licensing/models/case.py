"""The case: what the rules require of an application, and what officials made of it."""

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from audit.triggers import append_only, refuse
from licensing.statuses import (
    CaseKind,
    CaseStatus,
    DecisionKind,
    RecommendedAction,
    RequirementActKind,
    RequirementStatus,
)

from .application import Application


class Case(models.Model):
    """What an application became when it was submitted: numbered, determined, owned, decided."""

    acn = models.CharField("Application Control Number", max_length=7, unique=True)
    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="case")
    kind = models.CharField(max_length=20, choices=CaseKind.choices)
    status = models.CharField(max_length=30, choices=CaseStatus.choices)
    version = models.PositiveIntegerField(default=1)
    tier = models.CharField(max_length=40, blank=True)
    destination = models.ForeignKey("registry.Country", on_delete=models.PROTECT, related_name="+")
    subject_line = models.CharField(max_length=300)
    applicant_name = models.CharField(max_length=200)
    chips = models.PositiveBigIntegerField()
    value_cents = models.PositiveBigIntegerField()
    officer = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index("due_at", "id", name="case_open_by_due", condition=Q(closed_at__isnull=True)),
            models.Index("officer", "due_at", "id", name="case_open_of_officer", condition=Q(closed_at__isnull=True)),
            models.Index("unit", "due_at", "id", name="case_open_of_unit", condition=Q(closed_at__isnull=True)),
            models.Index(
                "due_at",
                "id",
                name="case_open_unassigned",
                condition=Q(closed_at__isnull=True, officer__isnull=True),
            ),
            models.Index("status", "due_at", "id", name="case_open_by_status", condition=Q(closed_at__isnull=True)),
            models.Index("destination", "due_at", "id", name="case_open_by_place", condition=Q(closed_at__isnull=True)),
            models.Index("opened_at", "id", name="case_open_by_receipt", condition=Q(closed_at__isnull=True)),
            models.Index(
                "opened_at",
                "id",
                name="case_unassigned_by_receipt",
                condition=Q(closed_at__isnull=True, officer__isnull=True),
            ),
            # The basket's text search is case-blind, which PostgreSQL is asked as UPPER(...) LIKE UPPER(...).
            GinIndex(
                OpClass(Upper("subject_line"), name="gin_trgm_ops"),
                name="case_open_subject_trigrams",
                condition=Q(closed_at__isnull=True),
            ),
            GinIndex(
                OpClass(Upper("applicant_name"), name="gin_trgm_ops"),
                name="case_open_applicant_trigrams",
                condition=Q(closed_at__isnull=True),
            ),
            models.Index("closed_at", "id", name="case_closed_by_closing", condition=Q(closed_at__isnull=False)),
            GinIndex(
                OpClass(Upper("subject_line"), name="gin_trgm_ops"),
                name="case_closed_subject_trigrams",
                condition=Q(closed_at__isnull=False),
            ),
            GinIndex(
                OpClass(Upper("applicant_name"), name="gin_trgm_ops"),
                name="case_closed_applicant_trigrams",
                condition=Q(closed_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(name="case_acn_form", condition=Q(acn__regex=r"^[A-Z][0-9]{6}$")),
            models.CheckConstraint(name="case_status_known", condition=Q(status__in=CaseStatus.values)),
            models.CheckConstraint(name="case_kind_known", condition=Q(kind__in=CaseKind.values)),
            models.CheckConstraint(
                name="case_closed_when_over",
                condition=Q(
                    closed_at__isnull=True,
                    status__in=[
                        CaseStatus.RECEIVED,
                        CaseStatus.UNDER_REVIEW,
                        CaseStatus.AWAITING_INFORMATION,
                        CaseStatus.RECOMMENDED,
                        CaseStatus.COUNTERSIGNED,
                    ],
                )
                | Q(
                    closed_at__isnull=False,
                    status__in=[
                        CaseStatus.ISSUED,
                        CaseStatus.EXEMPTION_ACCEPTED,
                        CaseStatus.DENIED,
                        CaseStatus.RETURNED,
                        CaseStatus.REFUSED_BARRED,
                        CaseStatus.NOT_CONTROLLED,
                        CaseStatus.WITHDRAWN,
                    ],
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"ACN {self.acn}"


class UnitRoute(models.Model):
    """Which unit receives the cases of a destination; the row without a destination takes the rest."""

    destination = models.OneToOneField(
        "registry.Country", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="unit_route_one_default",
                fields=["destination"],
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.destination_id or 'every other destination'} → {self.unit}"


class StoredDetermination(models.Model):
    """What the rulebook answered, with the facts and the edition it answered from, byte for byte."""

    audit_covered = True

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="determinations")
    sequence = models.PositiveSmallIntegerField()
    edition_identifier = models.CharField(max_length=100)
    edition_hash = models.CharField(max_length=64)
    facts_digest = models.CharField(max_length=64)
    facts = models.JSONField()
    declared = models.JSONField(help_text="What the applicant declared of chips there, licensed and pending.")
    known = models.JSONField(help_text="What the ledger and the registry knew of the same.")
    result = models.TextField()
    determined_at = models.DateTimeField()

    class Meta:
        ordering = ["application_id", "sequence"]
        constraints = [models.UniqueConstraint(name="determination_sequence", fields=["application", "sequence"])]
        triggers = append_only("A stored determination")

    def __str__(self) -> str:
        return f"Determination {self.sequence} under {self.edition_identifier}"


class Requirement(models.Model):
    """One thing the edition asks for before a license is issued or chips are shipped."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="requirements")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    any_of = models.JSONField(default=list, help_text="The choices, where any one of several will do.")
    title = models.CharField(max_length=200)
    says = models.TextField()
    satisfied_by = models.TextField()
    gates = models.CharField(max_length=20, help_text="What it holds up: issue or shipment.")
    waivable = models.BooleanField()
    status = models.CharField(max_length=20, choices=RequirementStatus.choices, default=RequirementStatus.OPEN)
    round = models.PositiveSmallIntegerField(default=1, help_text="Starts anew each time it is reopened.")

    class Meta:
        ordering = ["case_id", "position"]
        constraints = [
            models.UniqueConstraint(name="requirement_position", fields=["case", "position"]),
            models.CheckConstraint(name="requirement_status_known", condition=Q(status__in=RequirementStatus.values)),
            models.CheckConstraint(name="requirement_gate_known", condition=Q(gates__in=["issue", "shipment"])),
        ]

    def __str__(self) -> str:
        return self.title


class RequirementAct(models.Model):
    """An act on a requirement: evidence accepted, a waiver signed, reopened."""

    audit_covered = True

    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="acts")
    round = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=RequirementActKind.choices)
    choice = models.CharField(max_length=100, blank=True)
    share = models.PositiveSmallIntegerField(default=100, help_text="Percent; below 100 only in a mix.")
    ground = models.ForeignKey("registry.Ground", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    says = models.TextField()
    document = models.ForeignKey(
        "licensing.Document", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    actor = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    actor_label = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            # Two officials means two people.
            models.UniqueConstraint(
                name="waiver_signed_once_each",
                fields=["requirement", "round", "actor"],
                condition=Q(kind=RequirementActKind.WAIVER_SIGNED),
            ),
            models.CheckConstraint(name="requirement_act_says", condition=~Q(says="")),
            models.CheckConstraint(name="requirement_act_share", condition=Q(share__gte=1, share__lte=100)),
        ]
        triggers = append_only("An act on a requirement")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.actor_label}"


class Recommendation(models.Model):
    """One version of an officer's recommendation. A change is a new version; older signatures stay with the old."""

    audit_covered = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="recommendations")
    version = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=30, choices=RecommendedAction.choices)
    lines = models.JSONField(help_text="Line numbers and the quantity recommended for each.")
    conditions = models.JSONField(default=list)
    reasons = models.TextField()
    statutory_basis = models.TextField(blank=True)
    regulatory_basis = models.TextField(blank=True)
    signatures_wanted = models.PositiveSmallIntegerField()
    author = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    author_label = models.CharField(max_length=200)
    at = models.DateTimeField()
    content_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["case_id", "version"]
        constraints = [
            models.UniqueConstraint(name="recommendation_version", fields=["case", "version"]),
            # What a signature refers to: this version, by this author, with this text.
            models.UniqueConstraint(name="recommendation_signed_text", fields=["id", "author", "content_hash"]),
            models.CheckConstraint(
                name="recommendation_action_known", condition=Q(action__in=RecommendedAction.values)
            ),
            # EAR 750.4(d)(2): a denial names its statutory and its regulatory basis.
            models.CheckConstraint(
                name="recommendation_denial_grounds",
                condition=~Q(action=RecommendedAction.DENY)
                | (~Q(statutory_basis="") & ~Q(regulatory_basis="") & ~Q(reasons="")),
            ),
        ]
        triggers = append_only("A recommendation")

    def __str__(self) -> str:
        return f"Recommendation v{self.version}: {self.get_action_display()}"


class Signature(models.Model):
    """A countersignature: bound to the text of one version, by someone who did not write it."""

    audit_covered = True

    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="signatures")
    content_hash = models.CharField(max_length=64)
    author = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    signer = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    signer_label = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="signature_once_each", fields=["recommendation", "signer"]),
            models.CheckConstraint(name="signature_not_by_author", condition=~Q(signer=F("author"))),
        ]
        triggers = append_only("A signature")

    def __str__(self) -> str:
        return f"Signed by {self.signer_label}"


class Decision(models.Model):
    """The decision on a case, by someone who neither recommended nor countersigned it."""

    audit_covered = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    sequence = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=30, choices=DecisionKind.choices)
    lines = models.JSONField(help_text="Line numbers and the quantity granted for each.")
    conditions = models.JSONField(default=list)
    reasons = models.TextField()
    statutory_basis = models.TextField(blank=True)
    regulatory_basis = models.TextField(blank=True)
    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="decisions")
    content_hash = models.CharField(max_length=64)
    author = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    decided_by_label = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["case_id", "sequence"]
        constraints = [
            models.UniqueConstraint(name="decision_sequence", fields=["case", "sequence"]),
            models.CheckConstraint(name="decision_kind_known", condition=Q(kind__in=DecisionKind.values)),
            models.CheckConstraint(name="decision_not_by_author", condition=~Q(decided_by=F("author"))),
            models.CheckConstraint(
                name="decision_denial_grounds",
                condition=~Q(kind=DecisionKind.DENY) | (~Q(statutory_basis="") & ~Q(regulatory_basis="")),
            ),
        ]
        triggers = [
            *append_only("A decision"),
            refuse(
                "decider_did_not_sign",
                pgtrigger.Insert,
                "Whoever countersigned a recommendation cannot decide on it.",
                unless="NOT EXISTS (SELECT 1 FROM licensing_signature s WHERE s.recommendation_id ="
                " NEW.recommendation_id AND s.signer_id = NEW.decided_by_id)",
            ),
        ]

    def __str__(self) -> str:
        return f"Decision: {self.get_kind_display()}"


class InformationRequest(models.Model):
    """A question to the applicant, and the answer. The clock stands while it is open (EAR 750.4(b))."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="information_requests")
    number = models.PositiveSmallIntegerField()
    question = models.TextField(max_length=4000)
    asked_by_label = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    answer_due_at = models.DateTimeField()
    answer = models.TextField(max_length=8000, blank=True)
    answered_by_label = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["case_id", "number"]
        constraints = [
            models.UniqueConstraint(name="information_request_number", fields=["case", "number"]),
            models.UniqueConstraint(
                name="information_request_one_open", fields=["case"], condition=Q(answered_at__isnull=True)
            ),
            models.CheckConstraint(
                name="information_request_answer_whole",
                condition=Q(answered_at__isnull=True, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
            ),
        ]
        triggers = [
            refuse("question_stays", pgtrigger.Delete, "A question cannot be deleted."),
            refuse(
                "answered_once",
                pgtrigger.Update,
                "A question and its answer stay as they were sent.",
                unless="OLD.answered_at IS NULL AND (NEW.case_id, NEW.number, NEW.question, NEW.asked_at)"
                " = (OLD.case_id, OLD.number, OLD.question, OLD.asked_at)",
            ),
        ]

    def __str__(self) -> str:
        return f"Question {self.number}"


class Note(models.Model):
    """A note among staff. The applicant does not see it."""

    audit_covered = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField(max_length=4000)
    author = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    author_label = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        triggers = append_only("A note")

    def __str__(self) -> str:
        return f"Note by {self.author_label}"
