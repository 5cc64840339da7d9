"""The lifecycle of an instrument, and what its dates make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from assurances.statuses import ENGLISH, LANGUAGE_NAMES, InstrumentStatus
from deadlines.rules import AGENCY_ZONE
from registry.lifecycles import Transition

S = InstrumentStatus
# The dates of an instrument are dates in Washington.

BEFORE_FORCE = (S.DRAFT, S.REQUESTED, S.NEGOTIATION, S.AGREED, S.SIGNED)
# Its terms can be written anew without anybody else's act.
OPEN_TERMS = (S.DRAFT, S.REQUESTED, S.NEGOTIATION)
# What is in force covers, whichever of these it is called.
STANDING = (S.IN_FORCE, S.AMENDED, S.RENEWED, S.EXPIRING)
STOPPED = (S.SUSPENDED, S.BREACH_ALLEGED, S.IN_CURE)

_OFFICER = "assurance officer"
_SECOND = "assurance officer who did not draft it"
_OTHER = "assurance officer who did not add the text"


def _from(act: str, sources: Sequence[InstrumentStatus], target: InstrumentStatus, owner: str) -> list[Transition]:
    return [Transition(act, source, target, owner) for source in sources]


TRANSITIONS: tuple[Transition, ...] = (
    Transition("request", S.DRAFT, S.REQUESTED, _OFFICER),
    Transition("record_contact", S.REQUESTED, S.NEGOTIATION, _OFFICER),
    Transition("agree", S.NEGOTIATION, S.AGREED, _OFFICER),
    Transition("reopen_negotiation", S.AGREED, S.NEGOTIATION, _OFFICER),
    Transition("record_receipt", S.AGREED, S.SIGNED, _OFFICER),
    Transition("bring_into_force", S.SIGNED, S.IN_FORCE, _SECOND),
    *_from("withdraw", BEFORE_FORCE, S.WITHDRAWN, _OFFICER),
    *_from("amend", STANDING, S.AMENDED, _OTHER),
    *_from("record_expiring", (S.IN_FORCE, S.AMENDED, S.RENEWED), S.EXPIRING, "system"),
    *_from("record_expiry", (*STANDING, S.SUSPENDED), S.EXPIRED, f"{_OFFICER} or system"),
    *_from("renew", (*STANDING, S.EXPIRED), S.RENEWED, _OTHER),
    *_from("suspend", STANDING, S.SUSPENDED, _OFFICER),
    Transition("restore", S.SUSPENDED, S.IN_FORCE, _OFFICER),
    *_from("allege_breach", (*STANDING, S.SUSPENDED), S.BREACH_ALLEGED, _OFFICER),
    Transition("begin_cure", S.BREACH_ALLEGED, S.IN_CURE, _OFFICER),
    Transition("extend_cure", S.IN_CURE, S.IN_CURE, _OFFICER),
    Transition("dismiss_breach", S.BREACH_ALLEGED, S.IN_FORCE, "assurance officer who did not allege it"),
    Transition("dismiss_breach", S.IN_CURE, S.IN_FORCE, "assurance officer who did not allege it"),
    Transition("accept_cure", S.IN_CURE, S.IN_FORCE, _OFFICER),
    *_from("terminate", (*STANDING, *STOPPED), S.TERMINATED, _OFFICER),
    *_from("supersede", (*STANDING, S.SUSPENDED, S.EXPIRED), S.SUPERSEDED, _OFFICER),
)
WORDS: Mapping[str, str] = {
    "request": "be requested through State",
    "record_contact": "be negotiated",
    "agree": "have its text agreed",
    "reopen_negotiation": "go back into negotiation",
    "record_receipt": "be received as signed",
    "bring_into_force": "be brought into force",
    "withdraw": "be withdrawn",
    "amend": "be amended",
    "record_expiring": "be recorded as expiring",
    "record_expiry": "be recorded as expired",
    "renew": "be renewed",
    "suspend": "be suspended",
    "restore": "be restored",
    "allege_breach": "have a breach alleged",
    "begin_cure": "begin a cure period",
    "extend_cure": "have its cure period extended",
    "dismiss_breach": "have the allegation dismissed",
    "accept_cure": "have a cure accepted",
    "terminate": "be terminated",
    "supersede": "be superseded",
}


def begins_at(day: date) -> datetime:
    """The instant at which a day begins in Washington."""
    return datetime.combine(day, time.min, tzinfo=AGENCY_ZONE)


def standing_of(status: str, *, until: datetime | None, at: datetime, expiring_days: int) -> InstrumentStatus:
    """What an instrument is worth at an instant: its status, or expiring or expired where its dates say so."""
    stored = InstrumentStatus(status)
    if until is None or stored not in (*STANDING, S.SUSPENDED):
        return stored
    if at >= until:
        return S.EXPIRED
    if stored in STANDING and at >= until - timedelta(days=expiring_days):
        return S.EXPIRING
    return S.IN_FORCE if stored == S.EXPIRING else stored


def is_standing(status: str, *, until: datetime | None, at: datetime) -> bool:
    """Whether an instrument with this status and end covers anything at an instant."""
    return status in STANDING and (until is None or at < until)


def needs_translation(language: str) -> bool:
    """Whether a text in this language counts only with a certified translation (15 CFR 748.9(d))."""
    return language != ENGLISH


def tell_language(language: str) -> str:
    """The name of a language."""
    return LANGUAGE_NAMES.get(language, language)


def tell_day(day: date) -> str:
    """A day in a sentence."""
    return f"{day:%B} {day.day}, {day.year}"
