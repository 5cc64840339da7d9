"""API keys: made once, shown once, stored as a hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.db import transaction

from accounts import permissions
from accounts.models import ApiKey, Organization, User
from accounts.permissions import NotPermitted
from accounts.rules import Principal, Refused
from accounts.statuses import OrganizationKind
from audit.operations import record


@transaction.atomic
def create_api_key(
    *, organization: Organization, name: str, by: Principal, at: datetime, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Make a key for the exporter's programs. The secret is returned this once and stored only as SHA-256.

    Raises NotPermitted unless the organization's own account administrator asks, Refused when the
    organization is no exporter, the name is empty or the expiry lies in the past.
    """
    permissions.check_can_manage_api_keys(by, organization_id=organization.pk)
    if not isinstance(by, User):
        raise NotPermitted("Only a person may create an API key. Sign in as the account administrator.")
    if organization.kind != OrganizationKind.EXPORTER:
        raise Refused("API keys act for exporters; this organization is none.", rule="accounts.key_of_exporter")
    if not name.strip():
        raise Refused("Name the key after the program that will use it.", rule="accounts.name", field="name")
    if expires_at is not None and expires_at <= at:
        raise Refused(
            "The key would expire before it exists. Choose a later date, or none.",
            rule="accounts.key_expiry",
            field="expires_at",
        )
    prefix = secrets.token_hex(6)
    secret = f"csk_{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        organization=organization,
        name=name.strip(),
        prefix=prefix,
        key_hash=hashlib.sha256(secret.encode()).hexdigest(),
        created_by=by,
        created_at=at,
        expires_at=expires_at,
    )
    record(
        subject=key,
        verb="api_key_created",
        says=f"Created the API key {prefix} ({key.name}) for {organization.name}.",
        by=by,
        at=at,
        data={"prefix": prefix, "organization": organization.pk, "expires_at": expires_at},
    )
    return key, secret


@transaction.atomic
def revoke_api_key(*, key: ApiKey, by: Principal, at: datetime) -> ApiKey:
    """End a key at once and for good; again changes nothing. Raises NotPermitted as `create_api_key`."""
    locked = ApiKey.objects.select_for_update(of=("self",)).select_related("organization").get(pk=key.pk)
    permissions.check_can_manage_api_keys(by, organization_id=locked.organization_id)
    if not isinstance(by, User):
        raise NotPermitted("Only a person may revoke an API key. Sign in as the account administrator.")
    if locked.revoked_at is None:
        locked.revoked_at = at
        locked.save(update_fields=["revoked_at"])
        record(
            subject=locked,
            verb="api_key_revoked",
            says=f"Revoked the API key {locked.prefix} ({locked.name}).",
            by=by,
            at=at,
            data={"prefix": locked.prefix},
        )
    key.revoked_at = locked.revoked_at
    return locked


def note_api_key_use(*, key: ApiKey, at: datetime) -> None:
    """Remember the day a key was last used: at most one write a day, whatever the traffic."""
    if key.last_used_on != at.date():
        ApiKey.objects.filter(pk=key.pk).exclude(last_used_on=at.date()).update(last_used_on=at.date())
        key.last_used_on = at.date()
