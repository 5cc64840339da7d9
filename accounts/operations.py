"""Everything that changes who may act, and the journal of who came and went."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from accounts import permissions
from accounts.models import ApiKey, Organization, RoleGrant, Unit, User
from accounts.permissions import NotPermitted
from accounts.rules import SYSTEM, Principal, Refused, check_role_fits
from accounts.statuses import OrganizationKind, Role
from audit.operations import record

# Failed sign-ins with an address that nobody has share one chain: what was typed is not kept, since people
# type passwords into the wrong field.
UNKNOWN_PERSON = ("accounts.sign_in", "unknown")


@transaction.atomic
def create_organization(
    *,
    name: str,
    kind: str,
    by: Principal,
    at: datetime,
    country: str = "US",
    is_us_person: bool = False,
    employer_id: str = "",
    address: str = "",
    is_demonstration: bool = False,
) -> Organization:
    """Admit an organization. `country` is ISO 3166 alpha-2.

    Raises NotPermitted unless an administrator (or the system) asks, Refused when the name is taken or empty.
    """
    permissions.check_can_create_organization(by)
    name = name.strip()
    if not name:
        raise Refused("An organization needs a name. Enter it.", rule="accounts.name", field="name")
    if kind not in OrganizationKind.values:
        raise Refused(
            f"“{kind}” is not a kind of organization. Choose one of: {', '.join(OrganizationKind.values)}.",
            rule="accounts.organization_kind",
            field="kind",
        )
    try:
        with transaction.atomic():
            organization = Organization.objects.create(
                name=name,
                kind=kind,
                country=country.upper(),
                is_us_person=is_us_person,
                employer_id=employer_id.strip(),
                address=address.strip(),
                is_demonstration=is_demonstration,
                created_at=at,
            )
    except IntegrityError as error:
        if "organization_name_once" not in str(error):
            raise Refused(
                "The country must be a code of two letters, such as US.",
                rule="accounts.organization_country",
                field="country",
            ) from error
        raise Refused(
            f"An organization named “{name}” already exists. Use that one, or enter another name.",
            rule="accounts.organization_name_once",
            field="name",
        ) from error
    record(
        subject=organization,
        verb="organization_created",
        says=f"Admitted {name} ({OrganizationKind(kind).label.lower()}).",
        by=by,
        at=at,
        data={"kind": kind, "country": organization.country, "is_us_person": is_us_person},
    )
    return organization


@transaction.atomic
def create_unit(*, organization: Organization, name: str, code: str, by: Principal, at: datetime) -> Unit:
    """Add a unit to an organization. Raises NotPermitted, or Refused when the code is taken."""
    permissions.check_can_create_organization(by)
    try:
        with transaction.atomic():
            unit = Unit.objects.create(
                organization=organization, name=name.strip(), code=code.strip().upper()
            )
    except IntegrityError as error:
        raise Refused(
            f"The code {code} is taken in {organization.name}. Choose another.",
            rule="accounts.unit_code_once",
            field="code",
        ) from error
    record(
        subject=organization,
        verb="unit_created",
        says=f"Added the unit {unit.name} ({unit.code}).",
        by=by,
        at=at,
        data={"unit": unit.pk, "code": unit.code},
    )
    return unit


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), rule="accounts.password", field="password") from error


@transaction.atomic
def create_user(
    *,
    email: str,
    name: str,
    organization: Organization,
    by: Principal,
    at: datetime,
    title: str = "",
    unit: Unit | None = None,
    roles: Iterable[str] = (),
    password: str | None = None,
) -> User:
    """Open an account for a person, with roles. Without `password` nobody can sign in with one.

    Raises NotPermitted unless an administrator or the same exporter's account administrator asks; Refused when
    the address is taken in any case of letters, the unit is another organization's, the password is weak, or a
    role does not fit.
    """
    permissions.check_can_manage_accounts(by, organization_id=organization.pk, to="open an account")
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused(
            f"“{email}” is not an e-mail address. Enter one such as name@agency.example.",
            rule="accounts.email",
            field="email",
        ) from error
    if not name.strip():
        raise Refused("A person needs a name. Enter it.", rule="accounts.name", field="name")
    if unit is not None and unit.organization_id != organization.pk:
        raise Refused(
            f"{unit.name} is not a unit of {organization.name}. Choose one of its own units.",
            rule="accounts.unit_of_organization",
            field="unit",
        )
    user = User(
        email=email,
        name=name.strip(),
        title=title.strip(),
        organization=organization,
        unit=unit,
        created_at=at,
    )
    if password is None:
        user.set_unusable_password()
    else:
        _check_password(password, user)
        user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise Refused(
            f"The address {email} already has an account. Use another address, or reactivate that account.",
            rule="accounts.email_once",
            field="email",
        ) from error
    record(
        subject=user,
        verb="person_created",
        says=f"Opened an account for {user.name} of {organization.name}.",
        by=by,
        at=at,
        data={"email": email, "organization": organization.pk, "unit": unit.pk if unit else None},
    )
    for role in roles:
        grant_role(user=user, role=role, by=by, at=at)
    return user


def _lock_user(user: User) -> User:
    return User.objects.select_for_update(of=("self",)).get(pk=user.pk)


def _forget_roles(user: User) -> None:
    user.__dict__.pop("roles", None)


def _check_not_self(user: User, by: Principal, *, to: str) -> None:
    if isinstance(by, User) and by.pk == user.pk:
        raise NotPermitted(f"Nobody may {to} their own account. Ask another administrator.")


def _check_leaves_an_administrator(user: User) -> None:
    """Refuse what would leave nobody who can keep accounts. The other administrators' rows are locked."""
    others = (
        RoleGrant.objects.select_for_update(of=("self",))
        .filter(role=Role.ADMINISTRATOR, user__is_active=True)
        .exclude(user=user)
        .values_list("pk", flat=True)
    )
    if not list(others):
        raise Refused(
            "This is the last active administrator: nobody could keep accounts afterwards. "
            "Grant the role to somebody else first.",
            rule="accounts.last_administrator",
        )


@transaction.atomic
def grant_role(*, user: User, role: str, by: Principal, at: datetime) -> RoleGrant:
    """Give a person a role. Granting what is already held changes nothing.

    Raises NotPermitted (only an administrator, or the account administrator of the same exporter; nobody for
    themselves), Refused when the role does not fit the organization or must be kept apart from one already held.
    """
    locked = _lock_user(user)
    permissions.check_can_manage_accounts(by, organization_id=locked.organization_id, to="grant a role")
    _check_not_self(locked, by, to="grant a role to")
    if role not in Role.values:
        raise Refused(
            f"“{role}” is not a role. Choose one of: {', '.join(Role.values)}.",
            rule="accounts.role_known",
            field="role",
        )
    held = RoleGrant.objects.filter(user=locked, role=role).first()
    if held is not None:
        return held
    check_role_fits(role=role, organization_kind=locked.organization.kind, held=locked.roles)
    grant = RoleGrant.objects.create(user=locked, role=role, granted_at=at, granted_by_label=by.actor.label)
    _forget_roles(user)
    record(
        subject=locked,
        verb="role_granted",
        says=f"Granted {locked.name} the role {Role(role).label.lower()}.",
        by=by,
        at=at,
        data={"role": role},
    )
    return grant


@transaction.atomic
def revoke_role(*, user: User, role: str, by: Principal, at: datetime) -> None:
    """Take a role from a person; it ends with the person's next request. Revoking what is not held changes nothing.

    Raises NotPermitted as `grant_role`, Refused for the last active administrator.
    """
    locked = _lock_user(user)
    permissions.check_can_manage_accounts(by, organization_id=locked.organization_id, to="revoke a role")
    _check_not_self(locked, by, to="revoke a role of")
    if role == Role.ADMINISTRATOR and locked.has_role(role):
        _check_leaves_an_administrator(locked)
    removed, _ = RoleGrant.objects.filter(user=locked, role=role).delete()
    _forget_roles(user)
    if removed:
        record(
            subject=locked,
            verb="role_revoked",
            says=f"Revoked {locked.name}'s role {Role(role).label.lower()}.",
            by=by,
            at=at,
            data={"role": role},
        )


@transaction.atomic
def deactivate_user(*, user: User, reason: str, by: Principal, at: datetime) -> User:
    """Close a person's account at once: open sessions end with their next request.

    Raises NotPermitted as `grant_role`, Refused without a reason or for the last active administrator.
    """
    locked = _lock_user(user)
    permissions.check_can_manage_accounts(by, organization_id=locked.organization_id, to="close an account")
    _check_not_self(locked, by, to="close")
    if not reason.strip():
        raise Refused("Say why the account is closed.", rule="accounts.reason", field="reason")
    if locked.has_role(Role.ADMINISTRATOR):
        _check_leaves_an_administrator(locked)
    if locked.is_active:
        locked.is_active = False
        locked.save(update_fields=["is_active"])
        record(
            subject=locked,
            verb="person_deactivated",
            says=f"Closed the account of {locked.name}: {reason.strip()}",
            by=by,
            at=at,
        )
    user.is_active = False
    return locked


@transaction.atomic
def reactivate_user(*, user: User, reason: str, by: Principal, at: datetime) -> User:
    """Open a closed account again, with the roles it had. Raises NotPermitted, or Refused without a reason."""
    locked = _lock_user(user)
    permissions.check_can_manage_accounts(by, organization_id=locked.organization_id, to="reopen an account")
    _check_not_self(locked, by, to="reopen")
    if not reason.strip():
        raise Refused("Say why the account is reopened.", rule="accounts.reason", field="reason")
    if not locked.is_active:
        locked.is_active = True
        locked.save(update_fields=["is_active"])
        record(
            subject=locked,
            verb="person_reactivated",
            says=f"Reopened the account of {locked.name}: {reason.strip()}",
            by=by,
            at=at,
        )
    user.is_active = True
    return locked


@transaction.atomic
def change_password(*, user: User, password: str, by: Principal, at: datetime) -> None:
    """Set a person's own new password. Every other session of theirs ends, because sessions carry its hash.

    Raises NotPermitted for anybody else (the system excepted), Refused when the password is weak.
    """
    locked = _lock_user(user)
    if not permissions.is_system(by) and not (isinstance(by, User) and by.pk == locked.pk):
        raise NotPermitted("Only the person themselves may change a password.")
    _check_password(password, locked)
    locked.set_password(password)
    locked.save(update_fields=["password"])
    user.password = locked.password
    record(subject=locked, verb="password_changed", says=f"{locked.name} changed the password.", by=by, at=at)


@transaction.atomic
def create_api_key(
    *, organization: Organization, name: str, by: Principal, at: datetime, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Make a key for the exporter's programs. The secret is returned this once and stored only as SHA-256.

    Raises NotPermitted unless the organization's own account administrator asks, Refused when the organization
    is no exporter, the name is empty or the expiry lies in the past.
    """
    permissions.check_can_manage_api_keys(by, organization_id=organization.pk)
    if not isinstance(by, User):
        raise NotPermitted("Only a person may create an API key. Sign in as the account administrator.")
    if organization.kind != OrganizationKind.EXPORTER:
        raise Refused(
            "API keys act for exporters; this organization is none.", rule="accounts.key_of_exporter"
        )
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
    """End a key at once and for good. Revoking it again changes nothing. Raises NotPermitted as `create_api_key`."""
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


@transaction.atomic
def record_sign_in(*, user: User, address: str, at: datetime) -> None:
    """Journal that a person signed in from this network address."""
    record(
        subject=user,
        verb="signed_in",
        says=f"{user.name} signed in.",
        by=user,
        at=at,
        data={"address": address},
    )


@transaction.atomic
def record_sign_out(*, user: User, address: str, at: datetime) -> None:
    """Journal that a person signed out."""
    record(
        subject=user,
        verb="signed_out",
        says=f"{user.name} signed out.",
        by=user,
        at=at,
        data={"address": address},
    )


def _subject_of(email: str) -> tuple[User | tuple[str, str], str]:
    user = User.objects.filter(email=email.strip().lower()).first()
    return (UNKNOWN_PERSON, "an address without an account") if user is None else (user, user.name)


@transaction.atomic
def record_failed_sign_in(*, email: str, address: str, at: datetime) -> None:
    """Journal a sign-in that failed. An address without an account is not written down."""
    subject, who = _subject_of(email)
    record(
        subject=subject,
        verb="sign_in_failed",
        says=f"A sign-in failed for {who}.",
        by=SYSTEM,
        at=at,
        data={"address": address},
    )


@transaction.atomic
def record_lock_out(*, email: str, address: str, at: datetime) -> None:
    """Journal that sign-in was closed for a while after too many failures from one network address."""
    subject, who = _subject_of(email)
    record(
        subject=subject,
        verb="locked_out",
        says=f"Sign-in was closed for a while for {who}, after too many failures.",
        by=SYSTEM,
        at=at,
        data={"address": address},
    )
