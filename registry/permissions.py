"""Who may register, place and lift. Deny by default."""

from __future__ import annotations

from accounts.permissions import (
    NotPermitted,
    check_has_role,
    check_is_active,
    is_commerce,
    is_exporter,
    is_system,
)
from accounts.rules import Principal
from accounts.statuses import Role
from registry.models import Hold

HOLD_PLACERS = (
    Role.LICENSING_OFFICER,
    Role.COUNTERSIGNER,
    Role.LICENSING_DIRECTOR,
    Role.ASSURANCE_OFFICER,
    Role.EXPORT_CONTROL_OFFICER,
    Role.VISIT_SUPERVISOR,
    Role.COMMITMENT_OFFICER,
)


def check_can_register(by: Principal, *, organization_id: int | None, to: str) -> None:
    """Commerce registers in every book and in its own (None); an exporter only in its own."""
    if is_system(by):
        return
    check_is_active(by, to=to)
    if is_commerce(by):
        return
    if is_exporter(by):
        if organization_id is not None and by.organization_id == organization_id:
            return
        raise NotPermitted(
            f"You may {to} in your own organization's book only. Register the party there first, "
            "or ask Commerce to enter it."
        )
    raise NotPermitted(f"Only an exporter, or Commerce staff, may {to}.")


def can_register(by: Principal, *, organization_id: int | None) -> bool:
    """Would `check_can_register` let this pass?"""
    try:
        check_can_register(by, organization_id=organization_id, to="register")
    except NotPermitted:
        return False
    return True


def check_can_count_chips(by: Principal, *, operator_organization_id: int | None) -> None:
    """Who may count chips as installed at a place, given whose book its operator is in.

    Besides Commerce and the system, an exporter: at places of its own book and of Commerce's, where what it
    delivers under a license goes. That the license is its own is the caller's check.
    """
    if is_exporter(by) and operator_organization_id is None:
        return
    check_can_register(by, organization_id=operator_organization_id, to="count installed chips")


def check_can_place_hold(by: Principal) -> None:
    """Commerce officers place holds; so does the product itself when a rule tells it to."""
    if is_system(by):
        return
    check_has_role(by, *HOLD_PLACERS, to="place a hold")


def can_place_hold(by: Principal) -> bool:
    """Would `check_can_place_hold` let this pass?"""
    try:
        check_can_place_hold(by)
    except NotPermitted:
        return False
    return True


def check_can_lift_hold(by: Principal, *, hold: Hold) -> None:
    """A hold names the role that may lift it; nobody else does, the system included."""
    check_has_role(by, hold.lifter_role, to="lift this hold")


def can_lift_hold(by: Principal, *, hold: Hold) -> bool:
    """Would `check_can_lift_hold` let this pass?"""
    try:
        check_can_lift_hold(by, hold=hold)
    except NotPermitted:
        return False
    return hold.is_open


def check_can_load_reference(by: Principal) -> None:
    """Reference data comes with the product: the system loads it, or an administrator has it loaded."""
    if is_system(by):
        return
    check_has_role(by, Role.ADMINISTRATOR, to="load reference data")


def check_can_keep_grounds(by: Principal) -> None:
    """Grounds follow from acts of Commerce staff and from dates; an exporter's withdrawal ends a reliance."""
    if is_system(by) or is_exporter(by):
        return
    check_is_active(by, to="say what a license stands on")
    if not is_commerce(by):
        raise NotPermitted("Only Commerce staff may say what a license stands on. Ask the case's officer.")
