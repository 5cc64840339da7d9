"""Pure rules of instruments: their lifecycle, when they stand, what they cover, and what they still lack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from difflib import SequenceMatcher
from zoneinfo import ZoneInfo

from accounts.rules import Refused
from assurances.statuses import ENGLISH, LANGUAGE_NAMES, InstrumentKind, InstrumentStatus
from registry.lifecycles import Transition
from registry.rules import Ask, normalize_model

S = InstrumentStatus
# The dates of an instrument are dates in Washington.
AGENCY_ZONE = ZoneInfo("America/New_York")

BEFORE_FORCE = (S.DRAFT, S.REQUESTED, S.NEGOTIATION, S.AGREED, S.SIGNED)
# Its terms can be written anew without anybody else's act.
OPEN_TERMS = (S.DRAFT, S.REQUESTED, S.NEGOTIATION)
# What is in force covers, whichever of these it is called.
STANDING = (S.IN_FORCE, S.AMENDED, S.RENEWED, S.EXPIRING)
STOPPED = (S.SUSPENDED, S.BREACH_ALLEGED, S.IN_CURE)
OVER = (S.EXPIRED, S.TERMINATED, S.SUPERSEDED, S.WITHDRAWN)

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


def day_of(at: datetime) -> date:
    """The day of an instant in Washington."""
    return at.astimezone(AGENCY_ZONE).date()


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


def check_period(from_on: date | None, to_on: date | None) -> None:
    """Refuse a period that ends before it begins."""
    if from_on is not None and to_on is not None and to_on <= from_on:
        raise Refused(
            f"The period ends on {tell_day(to_on)}, which is not after its first day, {tell_day(from_on)}. "
            "Enter a later end.",
            rule="assurance.period",
            field="to_on",
        )


def check_ceiling(kind: str, ceiling: int | None) -> None:
    """Refuse a ceiling of nothing; only a security guarantee may cover without a count."""
    if ceiling is None and kind != InstrumentKind.SECURITY_GUARANTEE:
        raise Refused(
            "Say how many chips it covers at most. Only a security guarantee can go without a ceiling.",
            rule="assurance.ceiling",
            field="ceiling",
        )
    if ceiling is not None and ceiling < 1:
        raise Refused("A ceiling is at least 1 chip.", rule="assurance.ceiling", field="ceiling")


def needs_translation(language: str) -> bool:
    """Whether a text in this language counts only with a certified translation (15 CFR 748.9(d))."""
    return language != ENGLISH


def tell_language(language: str) -> str:
    """The name of a language."""
    return LANGUAGE_NAMES.get(language, language)


def tell_day(day: date) -> str:
    """A day in a sentence."""
    return f"{day:%B} {day.day}, {day.year}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An undertaking of the edition: whether it must be given, and whether it names a number of hours."""

    id: str
    title: str
    says: str
    source: str
    mandatory: bool
    takes_hours: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """The clause of an instrument that gives an undertaking; an empty clause is a missing one."""

    clause: str
    hours: int | None = None


def list_missing(wanted: Iterable[Wanted], given: Mapping[str, Given]) -> list[Wanted]:
    """The mandatory undertakings for which there is no clause."""
    nothing = Given("")
    return [each for each in wanted if each.mandatory and not given.get(each.id, nothing).clause]


def check_undertaking(wanted: Wanted, given: Given, *, longest_hours: int) -> None:
    """Refuse a notice without its hours, hours where none are taken, and a longer notice than may be allowed."""
    if not given.clause:
        if given.hours is not None:
            raise Refused(
                f"“{wanted.title}”: name the clause that gives the {given.hours} hours, or leave both empty.",
                rule="assurance.undertaking_clause",
                field=f"clause_{wanted.id}",
            )
        return
    if not wanted.takes_hours:
        return
    if given.hours is None or given.hours < 1:
        raise Refused(
            f"“{wanted.title}”: enter within how many hours notice is due.",
            rule="assurance.undertaking_hours",
            field=f"hours_{wanted.id}",
        )
    if given.hours > longest_hours:
        raise Refused(
            f"“{wanted.title}”: {given.hours} hours are more than the {longest_hours} that may be allowed. Negotiate a "
            "shorter notice, or leave the clause empty: then the undertaking is missing.",
            rule="assurance.undertaking_hours",
            field=f"hours_{wanted.id}",
        )


@dataclass(frozen=True, slots=True)
class Coverage:
    """What an instrument covers. An empty set of parties, installations or models narrows nothing."""

    countries: frozenset[str]
    parties: frozenset[int] = frozenset()
    installations: frozenset[int] = frozenset()
    models: frozenset[str] = frozenset()

    def holds(self, other: Coverage) -> bool:
        """Whether everything that `other` covers is covered here too."""
        return other.countries <= self.countries and all(
            not here or (bool(there) and there <= here)
            for here, there in (
                (self.parties, other.parties),
                (self.installations, other.installations),
                (_keys(self.models), _keys(other.models)),
            )
        )


def _keys(models: Iterable[str]) -> frozenset[str]:
    return frozenset(normalize_model(model) for model in models)


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
        known = _keys(coverage.models)
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


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that both versions share, or that only this one has."""

    words: str
    changed: bool


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """A line of two versions side by side; an empty side has no such line. `kind`: same, changed, added, removed."""

    kind: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


def compare_texts(before: Sequence[str], after: Sequence[str]) -> list[ComparedLine]:
    """Two versions of a text side by side, line by line, with the words that differ marked."""
    lines: list[ComparedLine] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            same = [(Piece(line, False),) for line in before[i1:i2]]
            lines += [ComparedLine("same", line, line) for line in same]
            continue
        left, right = list(before[i1:i2]), list(after[j1:j2])
        paired = min(len(left), len(right))
        lines += [_compare_words(*pair) for pair in zip(left[:paired], right[:paired], strict=True)]
        lines += [ComparedLine("removed", (Piece(line, True),), ()) for line in left[paired:]]
        lines += [ComparedLine("added", (), (Piece(line, True),)) for line in right[paired:]]
    return lines


def _compare_words(before: str, after: str) -> ComparedLine:
    left, right = before.split(), after.split()
    old: list[Piece] = []
    new: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        changed = tag != "equal"
        if i1 < i2:
            old.append(Piece(" ".join(left[i1:i2]), changed))
        if j1 < j2:
            new.append(Piece(" ".join(right[j1:j2]), changed))
    return ComparedLine("changed", tuple(old), tuple(new))


@dataclass(frozen=True, slots=True)
class Terms:
    """What an instrument says of itself and of what it covers, as an officer enters it."""

    kind: str
    title: str
    country: str
    government: str
    ministry: str
    us_side: str
    is_binding: bool
    countries: tuple[str, ...]
    party_ids: tuple[int, ...] = ()
    installation_ids: tuple[int, ...] = ()
    chip_models: tuple[str, ...] = ()
    ceiling: int | None = None
    from_on: date | None = None
    to_on: date | None = None
    marking: str = ""
    occasion: str = ""

    @property
    def coverage(self) -> Coverage:
        """What it would cover."""
        return Coverage(
            countries=frozenset(self.countries),
            parties=frozenset(self.party_ids),
            installations=frozenset(self.installation_ids),
            models=frozenset(self.chip_models),
        )


def check_terms(terms: Terms) -> None:
    """Refuse terms without a kind, a title, both sides, a country, or with a period or a ceiling that cannot be."""
    if terms.kind not in InstrumentKind.values:
        raise Refused("Choose the kind of instrument.", rule="assurance.kind", field="kind")
    for name, words in (
        ("title", "a title"),
        ("government", "the government that gives it"),
        ("ministry", "the ministry that signs for the government"),
        ("us_side", "who stands on the side of the United States"),
    ):
        if not getattr(terms, name).strip():
            raise Refused(f"Enter {words}.", rule="assurance.sides", field=name)
    if not terms.countries:
        raise Refused("Choose at least one country that it covers.", rule="assurance.countries", field="countries")
    check_ceiling(terms.kind, terms.ceiling)
    check_period(terms.from_on, terms.to_on)


def check_new_ceiling(ceiling: int | None, *, used: int) -> None:
    """Refuse a ceiling below what cases and licenses have reserved and drawn already."""
    if ceiling is not None and ceiling < used:
        raise Refused(
            f"{used:,} chips are reserved or drawn already, so the ceiling cannot be {ceiling:,}. Enter {used:,} or "
            "more, or have chips given back first.",
            rule="assurance.ceiling_used",
            field="ceiling",
        )
