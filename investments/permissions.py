"""Who may keep commitments, verify, waive, and draw from a tranche. Deny by default."""

from __future__ import annotations

from accounts.permissions import NotPermitted, check_has_role, check_is_active, is_commerce, is_exporter, is_system
from accounts.rules import Principal
from accounts.statuses import Role
from investments.models import Evidence


def check_can_read_commitments(by: Principal) -> None:
    """All of Commerce reads commitments; they are negotiated in confidence."""
    if not is_commerce(by):
        raise NotPermitted(
            "Only Commerce staff read commitments. What a case waits for is told on the case; oversight reads them in "
            "its own rooms."
        )


def check_can_keep_commitments(by: Principal, *, to: str) -> None:
    """Commitment officers write the terms, record amounts and take evidence in. `to` completes "… may "."""
    check_has_role(by, Role.COMMITMENT_OFFICER, to=to)


def can_keep_commitments(by: Principal) -> bool:
    """Would `check_can_keep_commitments` let this pass?"""
    try:
        check_can_keep_commitments(by, to="keep commitments")
    except NotPermitted:
        return False
    return True


def is_own_evidence(by: Principal, evidence: Evidence) -> bool:
    """Whether this person submitted the evidence."""
    return (by.actor.kind, by.actor.id) == ("user", str(evidence.submitted_by_id))


def check_can_verify(by: Principal, *, evidence: Evidence) -> None:
    """A commitment officer verifies what another one submitted."""
    check_has_role(by, Role.COMMITMENT_OFFICER, to="verify evidence")
    if is_own_evidence(by, evidence):
        raise NotPermitted(
            "You submitted this evidence, so somebody else must verify it. Ask another commitment officer; you can "
            "withdraw it yourself."
        )


def can_verify(by: Principal, *, evidence: Evidence) -> bool:
    """Would `check_can_verify` let this pass?"""
    try:
        check_can_verify(by, evidence=evidence)
    except NotPermitted:
        return False
    return True


def check_can_withdraw_evidence(by: Principal, *, evidence: Evidence) -> None:
    """Whoever submitted evidence takes it back before it is verified."""
    check_has_role(by, Role.COMMITMENT_OFFICER, to="withdraw evidence")
    if not is_own_evidence(by, evidence):
        raise NotPermitted(
            f"Only {evidence.submitted_by_label}, who submitted this evidence, may withdraw it. You can refuse it when "
            "you verify it."
        )


def check_can_sign_waiver(by: Principal) -> None:
    """Waivers are signed by officials who hold that authority."""
    check_has_role(by, Role.WAIVER_OFFICIAL, to="waive a shortfall")


def can_sign_waiver(by: Principal) -> bool:
    """Would `check_can_sign_waiver` let this pass?"""
    try:
        check_can_sign_waiver(by)
    except NotPermitted:
        return False
    return True


def check_can_assess(by: Principal) -> None:
    """What is short follows from dates and amounts: the system writes it down, or Commerce staff who look."""
    if is_system(by):
        return
    check_is_active(by, to="record what is short")
    if not is_commerce(by):
        raise NotPermitted("Only Commerce staff may record what is short of a commitment.")


def check_can_open_tranches(by: Principal) -> None:
    """A plan is opened with its license, by the act of Commerce that issues it."""
    if is_system(by):
        return
    check_is_active(by, to="open tranches")
    if not is_commerce(by):
        raise NotPermitted("Only Commerce staff may open the tranches of a license, by issuing it.")


def check_can_draw(by: Principal) -> None:
    """Chips are drawn by shipments of the exporter; that the license is its own is the caller's check."""
    if is_system(by) or is_exporter(by):
        return
    check_is_active(by, to="ship under a license")
    if not is_commerce(by):
        raise NotPermitted("Only the exporter, or Commerce staff, may record what is shipped under a license.")
