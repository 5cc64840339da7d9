"""The application as the exporter fills it (EAR 748.5 to 748.9)."""

import uuid

import pgtrigger
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from audit.triggers import refuse
from licensing.statuses import ApplicationStatus, DocumentKind, ItemKind, PartyRole

FILED = "What was filed stays as it was certified."


def _unfiled(row: str) -> str:
    return (
        "NOT EXISTS (SELECT 1 FROM licensing_application a WHERE a.submitted_at IS NOT NULL"
        f" AND a.id = {row}.application_id)"
    )


class Application(models.Model):
    """One application, from its first saved step to its submission."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    own_reference = models.CharField("your own reference", max_length=40, blank=True)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_by_label = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    status = models.CharField(max_length=20, choices=ApplicationStatus.choices, default=ApplicationStatus.DRAFT)
    version = models.PositiveIntegerField(default=1)

    site_name = models.CharField("name of the installation", max_length=200, blank=True)
    site_operator = models.CharField("operator of the installation", max_length=200, blank=True)
    site_address = models.CharField("street address", max_length=300, blank=True)
    site_city = models.CharField("city", max_length=100, blank=True)
    site_country = models.ForeignKey(
        "registry.Country", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    installation = models.ForeignKey(
        "registry.Installation", on_delete=models.PROTECT, null=True, blank=True, related_name="applications"
    )
    declared_installed = models.PositiveBigIntegerField("chips already installed there", null=True, blank=True)
    declared_licensed = models.PositiveBigIntegerField("chips licensed and not yet there", null=True, blank=True)
    declared_pending = models.PositiveBigIntegerField("chips asked for in other applications", null=True, blank=True)

    end_use = models.TextField("specific end use", max_length=4000, blank=True)
    additional_information = models.TextField(max_length=4000, blank=True)
    all_or_nothing = models.BooleanField("decide on all or nothing", default=False)
    resubmission_of = models.CharField(
        "Application Control Number of the earlier application", max_length=7, blank=True
    )

    # Names of the edition's yes-or-no facts that the applicant declares true, such as a monitoring plan.
    declared_facts = models.JSONField(default=list, blank=True)
    undertaking_signatory = models.CharField(max_length=200, blank=True)
    undertaking_signed_on = models.DateField(null=True, blank=True)

    # A party or a line that was left before it was complete, as it was typed: by step, then by what it is of. It is
    # no part of what is filed; the database fills it in where a statement does not name it.
    unfinished = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), blank=True)

    certifier_name = models.CharField(max_length=200, blank=True)
    certifier_title = models.CharField(max_length=200, blank=True)
    certified_on = models.DateField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submission_key = models.CharField(max_length=80, blank=True)
    transaction_digest = models.CharField(max_length=64, blank=True)
    reconstruction_source = models.URLField(
        "public report that this reconstruction is drawn from", max_length=500, blank=True
    )
    reconstruction_note = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["organization", "-id"], name="application_of_organization")]
        constraints = [
            models.CheckConstraint(name="application_status_known", condition=Q(status__in=ApplicationStatus.values)),
            models.CheckConstraint(
                name="application_submitted_whole",
                condition=Q(status=ApplicationStatus.DRAFT)
                | Q(submitted_at__isnull=True, status=ApplicationStatus.WITHDRAWN)
                | (
                    Q(submitted_at__isnull=False, certified_on__isnull=False)
                    & ~Q(certifier_name="")
                    & ~Q(transaction_digest="")
                ),
            ),
            # EAR 748.4(f): one transaction, one pending application. The database refuses the second.
            models.UniqueConstraint(
                name="application_one_pending",
                fields=["transaction_digest"],
                condition=Q(status=ApplicationStatus.SUBMITTED),
            ),
            models.UniqueConstraint(
                name="application_submission_key",
                fields=["organization", "submission_key"],
                condition=~Q(submission_key=""),
            ),
        ]
        triggers = [
            # What was certified is what was filed: after submission only the outcome may still be written.
            refuse(
                "filed_stays",
                pgtrigger.Update,
                FILED,
                unless="OLD.submitted_at IS NULL OR (NEW.organization_id, NEW.site_name, NEW.site_country_id,"
                " NEW.installation_id, NEW.declared_installed, NEW.declared_licensed, NEW.declared_pending,"
                " NEW.end_use, NEW.declared_facts, NEW.certifier_name, NEW.certified_on, NEW.submitted_at,"
                " NEW.transaction_digest) IS NOT DISTINCT FROM (OLD.organization_id, OLD.site_name,"
                " OLD.site_country_id, OLD.installation_id, OLD.declared_installed, OLD.declared_licensed,"
                " OLD.declared_pending, OLD.end_use, OLD.declared_facts, OLD.certifier_name, OLD.certified_on,"
                " OLD.submitted_at, OLD.transaction_digest)",
            ),
        ]

    def __str__(self) -> str:
        return f"Application {self.reference}"


class ApplicationParty(models.Model):
    """A party in its role, as the applicant names it, and the registry's party it was found to be."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="parties")
    role = models.CharField(max_length=30, choices=PartyRole.choices)
    position = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=300)
    city = models.CharField(max_length=100)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.ForeignKey("registry.Country", on_delete=models.PROTECT, related_name="+")
    headquarters = models.ForeignKey(
        "registry.Country", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ultimate_parent = models.CharField(max_length=200, blank=True)
    ultimate_parent_headquarters = models.ForeignKey(
        "registry.Country", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    party = models.ForeignKey(
        "registry.Party", on_delete=models.PROTECT, null=True, blank=True, related_name="named_in"
    )

    class Meta:
        ordering = ["application_id", "role", "position"]
        constraints = [
            models.UniqueConstraint(name="application_party_place", fields=["application", "role", "position"]),
            models.CheckConstraint(name="application_party_role_known", condition=Q(role__in=PartyRole.values)),
        ]
        triggers = [
            refuse("filed_parties_stay", pgtrigger.Insert | pgtrigger.Update, FILED, unless=_unfiled("NEW")),
            refuse("filed_parties_stay_whole", pgtrigger.Delete, FILED, unless=_unfiled("OLD")),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.name}"


class ApplicationItem(models.Model):
    """A line of what is to be exported (Block 22)."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="items")
    line_no = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=ItemKind.choices, default=ItemKind.CHIP)
    eccn = models.CharField("ECCN", max_length=20)
    model = models.CharField(max_length=100)
    manufacturer = models.CharField(max_length=100, blank=True)
    quantity = models.PositiveBigIntegerField(validators=[MinValueValidator(1)])
    unit_price = models.DecimalField(max_digits=14, decimal_places=2)
    tpp = models.DecimalField(
        "total processing performance (TPP)", max_digits=12, decimal_places=2, null=True, blank=True
    )
    memory_bandwidth_gbs = models.DecimalField(
        "memory bandwidth, GB/s", max_digits=10, decimal_places=2, null=True, blank=True
    )

    class Meta:
        ordering = ["application_id", "line_no"]
        constraints = [
            models.UniqueConstraint(name="application_item_line", fields=["application", "line_no"]),
            models.CheckConstraint(name="application_item_some", condition=Q(quantity__gte=1)),
            models.CheckConstraint(name="application_item_price", condition=Q(unit_price__gte=0)),
            models.CheckConstraint(name="application_item_kind_known", condition=Q(kind__in=ItemKind.values)),
        ]
        triggers = [
            refuse("filed_items_stay", pgtrigger.Insert | pgtrigger.Update, FILED, unless=_unfiled("NEW")),
            refuse("filed_items_stay_whole", pgtrigger.Delete, FILED, unless=_unfiled("OLD")),
        ]

    def __str__(self) -> str:
        return f"{self.quantity:,} {self.model}"

    @property
    def value_cents(self) -> int:
        """The line's price in US cents."""
        return int(self.quantity * self.unit_price * 100)


class Document(models.Model):
    """A PDF filed with an application, an answer or as evidence; its bytes are known by their hash."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="documents")
    information_request = models.ForeignKey(
        "licensing.InformationRequest",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
    )
    kind = models.CharField(max_length=30, choices=DocumentKind.choices)
    title = models.CharField(max_length=200)
    file = models.FileField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()
    uploaded_by_label = models.CharField(max_length=200)
    uploaded_at = models.DateTimeField()
    is_internal = models.BooleanField(default=False, help_text="Added by staff; the applicant does not see it.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="document_kind_known", condition=Q(kind__in=DocumentKind.values)),
            models.UniqueConstraint(name="document_once", fields=["application", "kind", "sha256"]),
        ]
        triggers = [
            refuse("document_stays", pgtrigger.Update, "A document stays as it was added."),
            refuse(
                "filed_document_stays",
                pgtrigger.Delete,
                FILED,
                unless=_unfiled("OLD"),
            ),
        ]

    def __str__(self) -> str:
        return self.title
