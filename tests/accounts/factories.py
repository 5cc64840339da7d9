"""Organizations, units, people and API keys for any test, stored directly."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from itertools import count
from typing import Any

from accounts.models import ApiKey, Organization, RoleGrant, Unit, User
from accounts.rules import ROLES_OF
from accounts.statuses import OrganizationKind, Role

AT = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
PASSWORD = "a-long-test-password-71"
_numbers = count(1)

_SHARED_NAMES = {
    OrganizationKind.COMMERCE: "Department of Commerce (test)",
    OrganizationKind.AGENCY: "Department of State (test)",
    OrganizationKind.OVERSIGHT: "Office of Oversight (test)",
}


def organization(kind: str = OrganizationKind.EXPORTER, **fields: Any) -> Organization:
    """A new organization; an exporter is a US person unless told otherwise."""
    fields.setdefault("name", f"Exporter {next(_numbers)} (test)")
    fields.setdefault("is_us_person", True)
    fields.setdefault("created_at", AT)
    fields.setdefault("address", "1 Test Street, Arlington, VA 22201")
    return Organization.objects.create(kind=kind, **fields)


def _exporter() -> Organization:
    return organization(OrganizationKind.EXPORTER)


def shared_organization(kind: str) -> Organization:
    """The one organization of this kind that people of a test share (Commerce, an agency, oversight)."""
    name = _SHARED_NAMES[OrganizationKind(kind)]
    found = Organization.objects.filter(name=name).first()
    return found or organization(kind, name=name)


def unit(code: str | None = None, name: str = "Advanced Computing Division", **fields: Any) -> Unit:
    """A unit, of Commerce unless told otherwise."""
    fields.setdefault("organization", None)
    owner = fields.pop("organization") or shared_organization(OrganizationKind.COMMERCE)
    return Unit.objects.create(organization=owner, code=code or f"U{next(_numbers)}", name=name, **fields)


def kind_of(role: str) -> str:
    """The kind of organization that holds this role (oversight for an administrator)."""
    return (
        OrganizationKind.OVERSIGHT
        if role == Role.ADMINISTRATOR
        else next(kind for kind, roles in ROLES_OF.items() if role in roles)
    )


def user(
    role: str | None = Role.EXPORTER_MEMBER,
    *,
    roles: tuple[str, ...] = (),
    organization: Organization | None = None,
    password: str | None = None,
    **fields: Any,
) -> User:
    """A person with `role` (and `roles`): of a new exporter, or of that role's shared organization.

    `user(role=None)` has no role. Without `password` nobody can sign in with one; `client.force_login` works.
    """
    number = next(_numbers)
    wanted = ([role] if role else []) + list(roles)
    if organization is None:
        kind = kind_of(wanted[0]) if wanted else OrganizationKind.EXPORTER
        organization = _exporter() if kind == OrganizationKind.EXPORTER else shared_organization(kind)
    fields.setdefault("email", f"person{number}@test.example")
    fields.setdefault("name", f"Person {number}")
    fields.setdefault("created_at", AT)
    person = User(organization=organization, **fields)
    if password is None:
        person.set_unusable_password()
    else:
        person.set_password(password)
    person.save()
    RoleGrant.objects.bulk_create(
        RoleGrant(user=person, role=each, granted_at=AT, granted_by_label="test") for each in wanted
    )
    return person


def api_key(*, organization: Organization | None = None, **fields: Any) -> tuple[ApiKey, str]:
    """A key and the secret to send as its bearer token."""
    owner = organization or _exporter()
    creator = fields.pop("created_by", None) or user(Role.EXPORTER_ADMIN, organization=owner)
    prefix = f"test{next(_numbers):08d}"
    secret = f"csk_{prefix}_{'s' * 43}"
    fields.setdefault("name", "Test key")
    fields.setdefault("created_at", AT)
    key = ApiKey.objects.create(
        organization=owner,
        created_by=creator,
        prefix=prefix,
        key_hash=hashlib.sha256(secret.encode()).hexdigest(),
        **fields,
    )
    return key, secret
