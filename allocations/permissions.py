"""Who may set a country's ceiling, and who may count against it. Deny by default."""

from __future__ import annotations

from accounts.permissions import NotPermitted, check_has_role, check_is_active, is_commerce, is_exporter, is_system
from accounts.rules import Principal
from accounts.statuses import Role
from allocations.models import Proposal


def check_can_read_allocations(by: Principal) -> None:
    """All of Commerce reads allocations: what is left decides what can be recommended."""
    if not is_commerce(by):
        raise NotPermitted(
            "Only Commerce staff read allocations. What they mean for a case is told in its letters; "
            "oversight reads them in its own rooms."
        )


def check_can_propose(by: Principal) -> None:
    """Allocation officials propose ceilings."""
    check_has_role(by, Role.ALLOCATION_OFFICIAL, to="propose a country's ceiling")


def can_propose(by: Principal) -> bool:
    """Would `check_can_propose` let this pass?"""
    try:
        check_can_propose(by)
    except NotPermitted:
        return False
    return True


def _is_own(by: Principal, proposal: Proposal) -> bool:
    return (by.actor.kind, by.actor.id) == ("user", str(proposal.proposer_id))


def check_can_judge(by: Principal, *, proposal: Proposal, to: str) -> None:
    """A second official approves or declines what another one proposed. `to` completes "… may "."""
    check_has_role(by, Role.ALLOCATION_OFFICIAL, to=to)
    if _is_own(by, proposal):
        raise NotPermitted(
            f"You proposed this ceiling, so you may not {to}: two persons set it. Ask another allocation official; "
            "you can withdraw the proposal yourself."
        )


def can_judge(by: Principal, *, proposal: Proposal) -> bool:
    """Would `check_can_judge` let this pass?"""
    try:
        check_can_judge(by, proposal=proposal, to="approve it")
    except NotPermitted:
        return False
    return True


def check_can_withdraw(by: Principal, *, proposal: Proposal) -> None:
    """Whoever proposed a ceiling takes the proposal back."""
    check_has_role(by, Role.ALLOCATION_OFFICIAL, to="withdraw a proposed ceiling")
    if not _is_own(by, proposal):
        raise NotPermitted(
            f"Only {proposal.proposer_label}, who proposed this ceiling, may withdraw it. You can decline it."
        )


def can_withdraw(by: Principal, *, proposal: Proposal) -> bool:
    """Would `check_can_withdraw` let this pass?"""
    try:
        check_can_withdraw(by, proposal=proposal)
    except NotPermitted:
        return False
    return True


def check_can_take(by: Principal) -> None:
    """Chips are reserved and used up by acts of Commerce staff on cases, and by the system."""
    if is_system(by):
        return
    check_is_active(by, to="count chips against an allocation")
    if not is_commerce(by):
        raise NotPermitted("Only Commerce staff may count chips against an allocation, by acting on a case.")


def check_can_return(by: Principal) -> None:
    """What was taken is given back by Commerce, by the system, and by an exporter who withdraws or surrenders."""
    if is_exporter(by):
        return
    check_can_take(by)
