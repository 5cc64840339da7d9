"""An instrument as evidence for a case: what it lacks, and what an applicant may be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from assurances.statuses import InstrumentStatus
from registry.rules import Ask, normalize_model

from .lifecycle import STANDING, S, begins_at, standing_of, tell_day
from .terms import Coverage, keys_of
from .undertakings import Wanted


@dataclass(frozen=True, slots=True)
class Instrument:
    """What the rules know of an instrument when a case asks for evidence."""

    status: InstrumentStatus
    from_on: date | None
    until: datetime | None
    coverage: Coverage
    left: int | None
    government: str
    missing: Sequence[Wanted] = field(default=())


# What each state waits for; how it is told to the desk.
_LACKS: Mapping[InstrumentStatus, str] = {
    S.DRAFT: "It is a draft: ask the government for it through State.",
    S.REQUESTED: "It is requested through State: record when State has contacted the government.",
    S.NEGOTIATION: "It is under negotiation: a text has to be agreed.",
    S.AGREED: "Its text is agreed: the signed instrument has to be received.",
    S.SIGNED: "It is signed: a second assurance officer has to bring it into force.",
    S.SUSPENDED: "It is suspended: it counts again when it is restored.",
    S.BREACH_ALLEGED: "A breach is alleged: it counts again when the allegation is dismissed or the breach cured.",
    S.IN_CURE: "A breach is being cured: it counts again when the cure is accepted.",
    S.EXPIRED: "It has expired: renew it.",
    S.TERMINATED: "It was terminated: another instrument is needed.",
    S.SUPERSEDED: "It was superseded: choose the instrument that took its place.",
    S.WITHDRAWN: "It was withdrawn: another instrument is needed.",
}


def list_lacks(found: Instrument, ask: Ask) -> list[str]:
    """What keeps an instrument from counting for what a case asks, each in a sentence with what would supply it."""
    lacks = []
    status = standing_of(found.status, until=found.until, at=ask.at, expiring_days=0)
    if status not in STANDING:
        lacks.append(_LACKS[status])
    elif found.from_on is not None and ask.at < begins_at(found.from_on):
        lacks.append(f"Its period begins on {tell_day(found.from_on)}.")
    if found.missing:
        titles = ", ".join(f"“{each.title}”" for each in found.missing)
        lacks.append(f"Missing undertakings: {titles}. An amendment has to give them.")
    lacks += _list_uncovered(found.coverage, ask)
    if ask.terms.get("covers_units") and found.left is not None and found.left < ask.chips:
        lacks.append(
            f"It has {found.left:,} chips left, and {ask.chips:,} are asked for: its ceiling has to be raised, or "
            "less asked for."
        )
    return lacks


def _list_uncovered(coverage: Coverage, ask: Ask) -> list[str]:
    lacks = []
    if ask.destination not in coverage.countries:
        lacks.append("It does not cover the country of destination: an amendment has to name it.")
    if coverage.installations and ask.installation_id not in coverage.installations:
        lacks.append("It covers named installations, and this one is not among them: an amendment has to name it.")
    if coverage.parties and not ask.party_ids <= coverage.parties:
        lacks.append(
            "It covers named end users, and not every end user of the case is among them: an amendment has to "
            "name them."
        )
    if coverage.models:
        known = keys_of(coverage.models)
        others = sorted(model for model in ask.models if normalize_model(model) not in known)
        if others:
            lacks.append(f"It does not cover {', '.join(others)}: an amendment has to name them.")
    return lacks


_TOLD: Mapping[InstrumentStatus, str] = {
    S.DRAFT: "The Department of Commerce prepares a request to the government of {}.",
    S.REQUESTED: "Requested from the government of {} through the Department of State.",
    S.NEGOTIATION: "Waiting for the government of {}, which was contacted by the Department of State.",
    S.AGREED: "Waiting for the signature of the government of {}.",
    S.SIGNED: "Received from the government of {}; the Department of Commerce checks it.",
}


def tell_applicant(status: InstrumentStatus, *, country: str, suffices: bool) -> str:
    """Whom the requirement waits for, in words that an applicant may read: nothing of the text or of a breach."""
    if suffices:
        return f"The government of {country} has given an assurance that is in force."
    words = _TOLD.get(status)
    return words.format(country) if words else "Waiting for the Department of Commerce."
