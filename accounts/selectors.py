"""Who is asking, and who else is there."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import ApiKey, Organization, Unit, User

_NO_KEY = "0" * 64


def get_api_key(secret: str, at: datetime) -> ApiKey | None:
    """The key that this secret belongs to, if it is neither revoked nor expired at `at`; one query.

    Hashes are compared in constant time, also when no key has the prefix.
    """
    parts = secret.split("_", 2)
    found: ApiKey | None = None
    if len(parts) == 3 and parts[0] == "csk" and "\x00" not in parts[1]:
        found = ApiKey.objects.select_related("organization").filter(prefix=parts[1][:16]).first()
    given = hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
    matches = hmac.compare_digest(given, found.key_hash if found else _NO_KEY)
    return found if found is not None and matches and found.is_valid_at(at) else None


def list_api_keys(organization: Organization) -> QuerySet[ApiKey]:
    """Every key of an organization, newest first, revoked ones too."""
    return ApiKey.objects.filter(organization=organization).select_related("created_by", "organization")


def get_user(email: str) -> User | None:
    """The person with this address, however its letters are cased."""
    return User.objects.filter(email=email.strip().lower()).first()


def list_users(organization: Organization) -> QuerySet[User]:
    """Everybody of an organization, with roles, by name."""
    return User.objects.filter(organization=organization).select_related("unit").prefetch_related("grants")


def list_users_with_role(role: str, *, organization: Organization | None = None) -> QuerySet[User]:
    """The active people who hold a role, by name."""
    found = User.objects.filter(is_active=True, grants__role=role).select_related("unit")
    return found if organization is None else found.filter(organization=organization)


def list_units(organization: Organization) -> QuerySet[Unit]:
    """The units of an organization, by code."""
    return Unit.objects.filter(organization=organization)


def list_organizations(kind: str | None = None) -> QuerySet[Organization]:
    """Organizations, of one kind or all, by name."""
    found = Organization.objects.all()
    return found if kind is None else found.filter(kind=kind)
