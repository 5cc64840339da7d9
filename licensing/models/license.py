"""What comes out of a case: a license with its lines, an exemption, a letter."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from audit.triggers import append_only, refuse
from licensing.statuses import LetterKind, LicenseEndKind

from .case import Case


class License(models.Model):
    """A license as issued. What is left of it is in the ledger; what it is worth today follows from its dates."""

    number = models.CharField(max_length=7, unique=True)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="license")
    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="licenses")
    installation = models.ForeignKey(
        "registry.Installation", on_delete=models.PROTECT, null=True, related_name="licenses"
    )
    destination = models.ForeignKey("registry.Country", on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    valid_from = models.DateField()
    expires_on = models.DateField(help_text="The last day on which it may be used.")
    validity_note = models.CharField(max_length=300, blank=True)
    verification_code = models.CharField(max_length=12)
    suspended_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    surrendered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="license_number_form", condition=Q(number__regex=r"^[A-Z][0-9]{6}$")),
            models.CheckConstraint(name="license_period", condition=Q(expires_on__gte=F("valid_from"))),
        ]
        triggers = [
            refuse("license_stays", pgtrigger.Delete, "A license cannot be deleted."),
            refuse(
                "license_terms_stay",
                pgtrigger.Update,
                "The terms of an issued license stay as they were issued.",
                unless="(NEW.number, NEW.case_id, NEW.organization_id, NEW.issued_at, NEW.valid_from, NEW.expires_on,"
                " NEW.verification_code) = (OLD.number, OLD.case_id, OLD.organization_id, OLD.issued_at,"
                " OLD.valid_from, OLD.expires_on, OLD.verification_code)",
            ),
        ]

    def __str__(self) -> str:
        return f"License {self.number}"


class LicenseEnd(models.Model):
    """That a license ended, and what of it went back to the coverage and the country. Its dates say when it expired."""

    audit_covered = True

    license = models.OneToOneField(License, on_delete=models.PROTECT, related_name="end")
    kind = models.CharField(max_length=20, choices=LicenseEndKind.choices)
    chips_returned = models.PositiveBigIntegerField()
    says = models.TextField()
    at = models.DateTimeField()
    by_label = models.CharField(max_length=400)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="license_end_kind_known", condition=Q(kind__in=LicenseEndKind.values)),
            models.CheckConstraint(name="license_end_says", condition=~Q(says="")),
        ]
        triggers = append_only("The end of a license")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.license_id}"


class LicenseLine(models.Model):
    """A licensed line: quantity and value both cap it (EAR 750.7(f)); the ledger holds both ceilings."""

    audit_covered = True

    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="lines")
    line_no = models.PositiveSmallIntegerField()
    eccn = models.CharField(max_length=20)
    model = models.CharField(max_length=100)
    quantity = models.PositiveBigIntegerField()
    unit_price = models.DecimalField(max_digits=14, decimal_places=2)
    value_cents = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["license_id", "line_no"]
        constraints = [
            models.UniqueConstraint(name="license_line_no", fields=["license", "line_no"]),
            models.CheckConstraint(name="license_line_some", condition=Q(quantity__gte=1)),
        ]
        triggers = append_only("A license line")

    def __str__(self) -> str:
        return f"{self.quantity:,} {self.model}"


class LicenseCondition(models.Model):
    """A condition that the licensee must keep and tell to the parties it binds (EAR 750.7(d))."""

    audit_covered = True

    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="conditions")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()

    class Meta:
        ordering = ["license_id", "number"]
        constraints = [models.UniqueConstraint(name="license_condition_number", fields=["license", "number"])]
        triggers = append_only("A license condition")

    def __str__(self) -> str:
        return f"Condition {self.number}"


class Exemption(models.Model):
    """An accepted exemption filing of the small tier: numbered, counted, reported on, and it lapses."""

    number = models.CharField(max_length=7, unique=True)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="exemption")
    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="exemptions")
    installation = models.ForeignKey("registry.Installation", on_delete=models.PROTECT, related_name="exemptions")
    chips = models.PositiveBigIntegerField()
    accepted_at = models.DateTimeField()
    lapses_on = models.DateField()
    verification_code = models.CharField(max_length=12)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="exemption_number_form", condition=Q(number__regex=r"^[A-Z][0-9]{6}$"))
        ]
        triggers = append_only("An exemption")

    def __str__(self) -> str:
        return f"Exemption {self.number}"


class Letter(models.Model):
    """A letter or license as it went out: the very bytes, and their hash."""

    audit_covered = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=20, choices=LetterKind.choices)
    title = models.CharField(max_length=200)
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="letter_kind_known", condition=Q(kind__in=LetterKind.values))]
        triggers = append_only("A letter")

    def __str__(self) -> str:
        return self.title
