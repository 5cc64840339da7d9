"""Who may read and keep instruments. Deny by default."""

from __future__ import annotations

from collections.abc import Collection

from accounts.permissions import NotPermitted, check_has_role, check_is_active, is_commerce, is_exporter, is_system
from accounts.rules import Principal
from accounts.statuses import Role


def check_can_read_instruments(by: Principal) -> None:
    """Everybody at Commerce reads instruments; what a government said in confidence goes no further."""
    check_is_active(by, to="read government instruments")
    if not is_commerce(by):
        raise NotPermitted(
            "Only Commerce staff may read government instruments. What your application waits for is on its own page."
        )


def check_can_keep_instruments(by: Principal, *, to: str) -> None:
    """Assurance officers draft, ask for, negotiate, suspend and end instruments."""
    check_has_role(by, Role.ASSURANCE_OFFICER, to=to)


def can_keep_instruments(by: Principal) -> bool:
    """Would `check_can_keep_instruments` let this pass?"""
    try:
        check_can_keep_instruments(by, to="keep instruments")
    except NotPermitted:
        return False
    return True


def check_is_second(by: Principal, *, first_ids: Collection[int | None], to: str, did: str) -> None:
    """What binds needs two: an assurance officer other than whoever did the first part of it."""
    check_can_keep_instruments(by, to=to)
    if getattr(by, "pk", None) in first_ids:
        raise NotPermitted(f"You {did}, so another assurance officer has to {to}. Ask one of them.")


def check_can_record_dates(by: Principal) -> None:
    """That a period has ended follows from its date: an assurance officer records it, or the schedule."""
    if is_system(by):
        return
    check_can_keep_instruments(by, to="record that an instrument expires")


def check_can_use_coverage(by: Principal) -> None:
    """Coverage is reserved and drawn by acts of Commerce staff on a case."""
    if is_system(by):
        return
    check_is_active(by, to="use the coverage of an instrument")
    if not is_commerce(by):
        raise NotPermitted("Only Commerce staff may use the coverage of an instrument. Ask the case's officer.")


def check_can_return_coverage(by: Principal) -> None:
    """Coverage goes back by acts of Commerce staff, and when an exporter withdraws or surrenders."""
    if is_exporter(by):
        return
    check_can_use_coverage(by)
