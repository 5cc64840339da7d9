"""May they? Deny by default; every denial says why and what would change it."""

from __future__ import annotations

from accounts.rules import (
    AGENCY_ROLES,
    COMMERCE_ROLES,
    EXPORTER_ROLES,
    OVERSIGHT_ROLES,
    SYSTEM,
    Principal,
)
from accounts.statuses import Role


class NotPermitted(Exception):
    """This person may not do this. The reason is shown to them (403)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


def is_system(by: Principal) -> bool:
    """Is it the product itself (a schedule or a command) that acts?"""
    return by is SYSTEM


def _has_any(by: Principal, roles: frozenset[str]) -> bool:
    return by.is_active and any(by.has_role(role) for role in roles)


def is_exporter(by: Principal) -> bool:
    """Does this principal act for an exporter (as a member, an account administrator or an API key)?"""
    return _has_any(by, EXPORTER_ROLES)


def is_commerce(by: Principal) -> bool:
    """Does this principal work on cases at the Department of Commerce?"""
    return _has_any(by, COMMERCE_ROLES)


def is_agency(by: Principal) -> bool:
    """Does this principal review for another agency (State, Defense, Energy)?"""
    return _has_any(by, AGENCY_ROLES)


def is_oversight(by: Principal) -> bool:
    """Is this principal an auditor or an administrator?"""
    return _has_any(by, OVERSIGHT_ROLES)


def check_has_role(by: Principal, *roles: str, to: str) -> None:
    """Raise NotPermitted unless `by` is active and holds one of `roles`. `to` completes "… may "."""
    if not by.is_active:
        raise NotPermitted(f"This account is not active, so it may not {to}. An administrator can reactivate it.")
    if any(by.has_role(role) for role in roles):
        return
    names = " or ".join(Role(role).label.lower() for role in roles)
    raise NotPermitted(f"Only a {names} may {to}. An administrator can grant that role.")


def check_is_active(by: Principal, *, to: str) -> None:
    """Raise NotPermitted when the account behind `by` has been deactivated or revoked."""
    if not by.is_active:
        raise NotPermitted(f"This account is not active, so it may not {to}. An administrator can reactivate it.")


def check_can_manage_accounts(by: Principal, *, organization_id: int | None, to: str) -> None:
    """Administrators keep every organization's accounts; an exporter's administrator keeps their own."""
    if is_system(by):
        return
    check_is_active(by, to=to)
    if by.has_role(Role.ADMINISTRATOR):
        return
    if by.has_role(Role.EXPORTER_ADMIN) and organization_id is not None and by.organization_id == organization_id:
        return
    raise NotPermitted(
        f"Only an administrator, or the account administrator of the same exporter, may {to}. Ask one of them."
    )


def can_manage_accounts(by: Principal, *, organization_id: int | None) -> bool:
    """Would `check_can_manage_accounts` let this pass?"""
    try:
        check_can_manage_accounts(by, organization_id=organization_id, to="manage accounts")
    except NotPermitted:
        return False
    return True


def check_can_create_organization(by: Principal) -> None:
    """Only an administrator admits an organization."""
    if is_system(by):
        return
    check_has_role(by, Role.ADMINISTRATOR, to="admit an organization")


def check_can_manage_api_keys(by: Principal, *, organization_id: int) -> None:
    """An API key acts for an exporter, so only that exporter's account administrator makes or revokes one."""
    check_is_active(by, to="manage API keys")
    if by.has_role(Role.EXPORTER_ADMIN) and by.organization_id == organization_id:
        return
    raise NotPermitted(
        "Only the account administrator of the organization that the key acts for may create or revoke it. "
        "Ask that person, or have the role granted."
    )


def can_manage_api_keys(by: Principal, *, organization_id: int) -> bool:
    """Would `check_can_manage_api_keys` let this pass?"""
    try:
        check_can_manage_api_keys(by, organization_id=organization_id)
    except NotPermitted:
        return False
    return True
