"""Organizations, people, roles and passwords."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from accounts import permissions
from accounts.models import Organization, RoleGrant, Unit, User
from accounts.permissions import NotPermitted
from accounts.rules import Principal, Refused, check_role_fits
from accounts.statuses import OrganizationKind, Role
from audit.operations import record


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
            unit = Unit.objects.create(organization=organization, name=name.strip(), code=code.strip().upper())
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

    Raises NotPermitted unless an administrator or the same exporter's account administrator asks; Refused
    when the address is taken in any case of letters, the unit is another organization's, the password is weak,
    or a role does not fit.
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
    """Refuse what would leave nobody who can keep accounts."""
    grants = RoleGrant.objects.filter(role=Role.ADMINISTRATOR)
    # All of them, in one order, so that two who remove each other wait instead of blocking one another; then
    # another look, because whoever was waited for may have been the last.
    list(grants.select_for_update(of=("self",)).order_by("pk"))
    if not grants.filter(user__is_active=True).exclude(user=user).exists():
        raise Refused(
            "This is the last active administrator: nobody could keep accounts afterwards. "
            "Grant the role to somebody else first.",
            rule="accounts.last_administrator",
        )


@transaction.atomic
def grant_role(*, user: User, role: str, by: Principal, at: datetime) -> RoleGrant:
    """Give a person a role. Granting what is already held changes nothing.

    Raises NotPermitted (only an administrator, or the account administrator of the same exporter; nobody for
    themselves), Refused when the role does not fit the organization or clashes with one already held.
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
    """Take a role from a person; it ends with the person's next request.

    Revoking what is not held changes nothing. Raises NotPermitted as `grant_role`, Refused for the last active
    administrator.
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
    """Open a closed account again, with the roles it had. Raises NotPermitted; Refused without a reason."""
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
