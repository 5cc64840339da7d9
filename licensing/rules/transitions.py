"""One table for each lifecycle: which act leads from where to where, and whose act it is."""

from collections.abc import Iterable

from accounts.rules import Refused
from licensing.statuses import ApplicationStatus as A
from licensing.statuses import CaseStatus as C
from licensing.statuses import RequirementStatus as R
from registry.lifecycles import Transition, follow

# The kind under which `deadlines` keeps the processing clock of a case (EAR 750.4).
CLOCK = "licensing.processing"


APPLICATION_TRANSITIONS: tuple[Transition, ...] = (
    Transition("save", A.DRAFT, A.DRAFT, "applicant"),
    Transition("submit", A.DRAFT, A.SUBMITTED, "applicant"),
    Transition("withdraw", A.DRAFT, A.WITHDRAWN, "applicant"),
    Transition("withdraw", A.SUBMITTED, A.WITHDRAWN, "applicant"),
    Transition("close", A.SUBMITTED, A.CLOSED, "Commerce"),
)

CASE_TRANSITIONS: tuple[Transition, ...] = (
    Transition("assign", C.RECEIVED, C.UNDER_REVIEW, "licensing officer"),
    Transition("assign", C.UNDER_REVIEW, C.UNDER_REVIEW, "licensing officer"),
    Transition("assign", C.AWAITING_INFORMATION, C.AWAITING_INFORMATION, "licensing officer"),
    Transition("request_information", C.UNDER_REVIEW, C.AWAITING_INFORMATION, "licensing officer"),
    Transition("answer_information", C.AWAITING_INFORMATION, C.UNDER_REVIEW, "applicant"),
    Transition("recommend", C.UNDER_REVIEW, C.RECOMMENDED, "licensing officer"),
    Transition("recommend", C.RECOMMENDED, C.RECOMMENDED, "licensing officer"),
    Transition("recommend", C.COUNTERSIGNED, C.RECOMMENDED, "licensing officer"),
    Transition("sign", C.RECOMMENDED, C.RECOMMENDED, "countersigner"),
    Transition("complete_signatures", C.RECOMMENDED, C.COUNTERSIGNED, "countersigner"),
    Transition("send_back", C.RECOMMENDED, C.UNDER_REVIEW, "countersigner"),
    Transition("send_back", C.COUNTERSIGNED, C.UNDER_REVIEW, "licensing director"),
    Transition("issue", C.COUNTERSIGNED, C.ISSUED, "licensing director"),
    Transition("deny", C.COUNTERSIGNED, C.DENIED, "licensing director"),
    Transition("return", C.COUNTERSIGNED, C.RETURNED, "licensing director"),
    Transition("accept_exemption", C.UNDER_REVIEW, C.EXEMPTION_ACCEPTED, "licensing officer"),
    Transition("refuse_exemption", C.UNDER_REVIEW, C.UNDER_REVIEW, "licensing officer"),
    Transition("withdraw", C.RECEIVED, C.WITHDRAWN, "applicant"),
    Transition("withdraw", C.UNDER_REVIEW, C.WITHDRAWN, "applicant"),
    Transition("withdraw", C.AWAITING_INFORMATION, C.WITHDRAWN, "applicant"),
    Transition("withdraw", C.RECOMMENDED, C.WITHDRAWN, "applicant"),
    Transition("withdraw", C.COUNTERSIGNED, C.WITHDRAWN, "applicant"),
)
# Barred and uncontrolled filings are answered when they are filed: they begin in their last state.
CASE_STARTS: tuple[str, ...] = (C.RECEIVED, C.REFUSED_BARRED, C.NOT_CONTROLLED)

REQUIREMENT_TRANSITIONS: tuple[Transition, ...] = (
    Transition("satisfy", R.OPEN, R.SATISFIED, "licensing officer"),
    Transition("sign_waiver", R.OPEN, R.OPEN, "waiver official"),
    Transition("complete_waiver", R.OPEN, R.WAIVED, "waiver official"),
    Transition("reopen", R.SATISFIED, R.OPEN, "licensing officer"),
    Transition("reopen", R.WAIVED, R.OPEN, "licensing officer"),
)

WORDS = {
    "save": "be changed",
    "submit": "be submitted",
    "withdraw": "be withdrawn",
    "close": "be closed",
    "assign": "be assigned",
    "request_information": "have information requested",
    "answer_information": "be answered",
    "recommend": "be recommended on",
    "sign": "be countersigned",
    "complete_signatures": "be countersigned",
    "send_back": "be sent back",
    "issue": "be decided",
    "deny": "be decided",
    "return": "be decided",
    "accept_exemption": "have its exemption accepted",
    "refuse_exemption": "have its exemption refused",
    "satisfy": "be marked as satisfied",
    "sign_waiver": "be waived",
    "complete_waiver": "be waived",
    "reopen": "be reopened",
}


def check_requirement_can_change(*, acn: str, case_status: C, is_closed: bool, gates: str) -> None:
    """Raise Refused once a requirement of a case can no longer change.

    One that gates shipments can change after the license was issued, because the license can be issued without it.
    """
    if is_closed and not (case_status == C.ISSUED and gates == "shipment"):
        raise Refused(
            f"Case {acn} is “{case_status.label.lower()}”, so its requirements can no longer change.",
            rule="requirement.case_open",
        )


def next_status(table: Iterable[Transition], status: str, act: str, *, subject: str) -> str:
    """The status that an act leads to. Raises Refused where the table has no such step."""
    return follow(table, status, act, subject=subject, words=WORDS, cannot="can no longer {}")
