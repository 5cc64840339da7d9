"""Whether a page of an act is worth filling in: the reason why it would be refused, asked before anybody types."""

from accounts.rules import Principal, Refused
from licensing.models import Requirement
from licensing.permissions import (
    check_can_assign,
    check_can_countersign,
    check_can_decide,
    check_can_send_back,
    check_can_sign_waiver,
    check_can_work_on,
)
from licensing.rules import CASE_TRANSITIONS, REQUIREMENT_TRANSITIONS, check_requirement_can_change, next_status
from licensing.selectors.case_page import CasePage
from licensing.statuses import CaseStatus, RequirementStatus

_OF_THE_OFFICER = {
    "request_information": "request information",
    "recommend": "recommend",
    "accept_exemption": "accept an exemption",
    "satisfy": "accept evidence",
    "reopen": "reopen a requirement",
}
# By the act's page, the step of the requirement's lifecycle that it takes.
_OF_A_REQUIREMENT = {"satisfy": "satisfy", "waive": "sign_waiver", "reopen": "reopen"}


def check_act(*, page: CasePage, act: str, by: Principal, requirement: Requirement | None = None) -> None:
    """Raise what the operation of an act would raise for this person and the case's state, before any word is read.

    It asks no database. What depends on the words themselves only the operation can tell.
    """
    case, newest = page.case, page.newest
    if act in _OF_THE_OFFICER:
        check_can_work_on(by, case, to=_OF_THE_OFFICER[act])
    elif act == "take":
        check_can_assign(by, to_id=int(by.actor.id) if by.actor.kind == "user" else 0)
    elif act == "assign":
        # Nobody has this number: whom it will be, the form asks.
        check_can_assign(by, to_id=0)
    elif act == "send_back":
        check_can_send_back(by)
    elif act == "waive":
        check_can_sign_waiver(by)
    elif act == "sign" and newest is not None:
        check_can_countersign(by, author_id=newest.recommendation.author_id)
    elif act == "decide" and newest is not None:
        signers = frozenset(signature.signer_id for signature in newest.signatures)
        check_can_decide(by, author_id=newest.recommendation.author_id, signer_ids=signers)
        if case.status != CaseStatus.COUNTERSIGNED:
            raise Refused(f"Case {case.acn} is “{case.get_status_display().lower()}”: there is nothing to decide now.")
    if requirement is not None and act in _OF_A_REQUIREMENT:
        check_requirement_can_change(
            acn=case.acn,
            case_status=CaseStatus(case.status),
            is_closed=case.closed_at is not None,
            gates=requirement.gates,
        )
        next_status(
            REQUIREMENT_TRANSITIONS,
            RequirementStatus(requirement.status),
            _OF_A_REQUIREMENT[act],
            subject=f"The requirement “{requirement.title}”",
        )
    if act in ("take", "assign"):
        next_status(CASE_TRANSITIONS, CaseStatus(case.status), "assign", subject=f"Case {case.acn}")
    if act in ("request_information", "recommend", "accept_exemption", "sign", "send_back"):
        next_status(CASE_TRANSITIONS, CaseStatus(case.status), act, subject=f"Case {case.acn}")
