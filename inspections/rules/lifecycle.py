"""From which state of a visit which act leads where, and whose act it is."""

from collections.abc import Mapping, Sequence

from inspections.statuses import VisitStatus
from registry.lifecycles import Transition, acts_from, follow

S = VisitStatus

BEFORE_SITE = (S.REQUESTED, S.HOST_NOTIFIED, S.CONSENT_REFUSED, S.CONSENTED, S.SCHEDULED)
# What is seen on site can still be entered after leaving, when a phone was without connection.
ENTRY_OPEN = (S.ON_SITE, S.REPORTING)
OVER = (S.CLOSED, S.CANCELLED, S.NOT_CARRIED_OUT)

_OFFICER = "export control officer"
_SUPERVISOR = "visit supervisor"
_OTHER = "visit supervisor who did not write the report"


def _from(act: str, sources: Sequence[VisitStatus], target: VisitStatus, owner: str) -> list[Transition]:
    return [Transition(act, source, target, owner) for source in sources]


TRANSITIONS: tuple[Transition, ...] = (
    Transition("notify_host", S.REQUESTED, S.HOST_NOTIFIED, _OFFICER),
    Transition("record_consent", S.HOST_NOTIFIED, S.CONSENTED, _OFFICER),
    Transition("record_consent", S.CONSENT_REFUSED, S.CONSENTED, _OFFICER),
    Transition("record_refusal", S.HOST_NOTIFIED, S.CONSENT_REFUSED, _OFFICER),
    Transition("record_refusal", S.CONSENTED, S.CONSENT_REFUSED, _OFFICER),
    Transition("schedule", S.CONSENTED, S.SCHEDULED, f"{_OFFICER} or {_SUPERVISOR}"),
    Transition("reschedule", S.SCHEDULED, S.SCHEDULED, f"{_OFFICER} or {_SUPERVISOR}"),
    Transition("unschedule", S.SCHEDULED, S.CONSENTED, f"{_OFFICER} or {_SUPERVISOR}"),
    Transition("begin", S.SCHEDULED, S.ON_SITE, "officer of its team"),
    Transition("leave_site", S.ON_SITE, S.REPORTING, "officer of its team"),
    Transition("submit_report", S.REPORTING, S.REPORTED, "officer of its team"),
    Transition("take_up_review", S.REPORTED, S.UNDER_REVIEW, _OTHER),
    Transition("return_report", S.UNDER_REVIEW, S.REPORTING, _OTHER),
    Transition("accept_report", S.UNDER_REVIEW, S.CORRECTIVE_ACTIONS, _OTHER),
    Transition("accept_and_close", S.UNDER_REVIEW, S.CLOSED, _OTHER),
    Transition("close", S.CORRECTIVE_ACTIONS, S.CLOSED, _OTHER),
    Transition("reopen", S.CLOSED, S.CORRECTIVE_ACTIONS, _SUPERVISOR),
    *_from("cancel", BEFORE_SITE, S.CANCELLED, _SUPERVISOR),
    *_from("record_not_carried_out", (*BEFORE_SITE, S.ON_SITE), S.NOT_CARRIED_OUT, _SUPERVISOR),
)

WORDS: Mapping[str, str] = {
    "notify_host": "have its host notified",
    "record_consent": "have a consent recorded",
    "record_refusal": "have a refusal recorded",
    "schedule": "be scheduled",
    "reschedule": "be moved to another time",
    "unschedule": "be taken off the calendar",
    "begin": "begin",
    "leave_site": "have its end on site recorded",
    "submit_report": "be reported",
    "take_up_review": "be taken up for review",
    "return_report": "have its report returned",
    "accept_report": "have its report accepted",
    "accept_and_close": "have its report accepted and be closed",
    "close": "be closed",
    "reopen": "be opened again",
    "cancel": "be canceled",
    "record_not_carried_out": "be recorded as not carried out",
}


def next_status(status: str, act: str, *, subject: str) -> VisitStatus:
    """The status that an act leads to. Raises Refused where the table has no such step."""
    return S(follow(TRANSITIONS, S(status), act, subject=subject, words=WORDS))


def acts_of(status: str) -> frozenset[str]:
    """The acts that a visit in this status allows."""
    return acts_from(TRANSITIONS, S(status))
