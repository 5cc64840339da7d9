"""Organizations, the people in them, what roles they hold, and the keys their programs use."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Permission
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.rules import OVERSIGHT_ROLES
from accounts.statuses import OrganizationKind, Role
from audit.rules import Actor


def _label(text: str) -> str:
    """What the journal has room for."""
    return text[:300]


class Organization(models.Model):
    """A department, an agency, an exporter or an oversight office."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=OrganizationKind.choices)
    country = models.CharField(max_length=2, default="US", help_text="ISO 3166-1 alpha-2.")
    is_us_person = models.BooleanField(
        default=False, help_text="Organized under United States law: only such an applicant can export."
    )
    employer_id = models.CharField(max_length=20, blank=True, default="")
    address = models.TextField(blank=True, default="")
    is_demonstration = models.BooleanField(
        default=False, help_text="Loaded for the demonstration; its people are fictitious."
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("name"), name="organization_name_once"),
            models.CheckConstraint(condition=Q(kind__in=OrganizationKind.values), name="organization_kind_known"),
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="organization_country_alpha2"),
        ]

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A division of an organization, which owns cases."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="units")
    name = models.CharField(max_length=200)
    code = models.CharField(max_length=12)

    class Meta:
        ordering: ClassVar[list[str]] = ["code"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "code"], name="unit_code_once"),
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> models.QuerySet[User]:
        # Nearly every page names the person's organization: one query brings both.
        return super().get_queryset().select_related("organization")

    def get_by_natural_key(self, username: str | None) -> User:
        """An e-mail address is one account however its letters are cased."""
        return self.get_queryset().get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person of one organization, known by e-mail."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150)
    title = models.CharField(max_length=150, blank=True, default="")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="users")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="users", null=True, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Stored in lower case, so that one address cannot become two accounts.
            models.UniqueConstraint(Lower("email"), name="user_email_once_in_any_case"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_in_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.email = self.email.strip().lower()

    @property
    def actor(self) -> Actor:
        return Actor(kind="user", id=str(self.pk), label=_label(f"{self.name}, {self.organization.name}"))

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles held, read once for each loaded person (so once for each request)."""
        return frozenset(grant.role for grant in self.grants.all())

    def has_role(self, role: str) -> bool:
        return role in self.roles

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]

    # The admin site asks these. It is a reading room: nobody adds, changes or deletes through it by default.
    @property
    def is_staff(self) -> bool:
        return self.is_active and bool(self.roles & OVERSIGHT_ROLES)

    @property
    def is_superuser(self) -> bool:
        return False

    def has_perm(self, perm: str | Permission, obj: Any = None) -> bool:
        codename = perm.codename if isinstance(perm, Permission) else perm.rpartition(".")[2]
        return self.is_staff and codename.startswith("view_")

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class RoleGrant(models.Model):
    """One role of one person. Revoking deletes the row; the journal keeps both acts."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=30, choices=Role.choices)
    granted_at = models.DateTimeField()
    granted_by_label = models.CharField(max_length=400)

    class Meta:
        ordering: ClassVar[list[str]] = ["role"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "role"], name="role_granted_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"


class ApiKey(models.Model):
    """A key that a program of an exporter acts with. The secret itself is never stored."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16, unique=True)
    key_hash = models.CharField(max_length=64)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_keys")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)

    # Django REST Framework and the middleware ask this of whatever stands for the caller.
    is_authenticated = True
    is_anonymous = False

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(key_hash__regex=r"^[0-9a-f]{64}$"), name="api_key_hash_sha256"),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="api_key_expires_after_creation",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> Actor:
        return Actor(
            kind="api_key",
            id=str(self.pk),
            label=_label(f"API key {self.prefix} ({self.name}), {self.organization.name}"),
        )

    @property
    def is_active(self) -> bool:
        """Not revoked. Expiry depends on the instant: `selectors.get_api_key` checks it at each request."""
        return self.revoked_at is None

    def has_role(self, role: str) -> bool:
        return role == Role.EXPORTER_MEMBER

    def is_valid_at(self, at: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)
