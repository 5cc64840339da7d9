"""An alleged breach: allegation with evidence, notice with a cure period, outcome; by whom each."""

from datetime import date, datetime, timedelta

from accounts.models import User
from accounts.rules import Refused
from assurances.models import Breach, BreachStep, Instrument
from assurances.permissions import check_can_keep_instruments, check_is_second
from assurances.rules import begins_at, tell_day
from assurances.selectors.evidence import list_wanted
from assurances.statuses import BreachOutcome, BreachStepKind, InstrumentStatus
from audit.operations import operation, record
from deadlines.operations import cancel_deadline, meet_deadline
from deadlines.rules import day_of
from registry.documents import Upload, inspect_pdf, store
from rulebook.selectors import get_operating_edition

from .standing import (
    CURE,
    lock,
    move,
    need,
    next_status,
    set_step,
    tell_officers,
    tell_standing,
)


@operation
def allege_breach(
    *,
    instrument: Instrument,
    undertaking: str,
    allegation: str,
    upload: Upload,
    version: int,
    by: User,
    at: datetime,
) -> Breach:
    """Allege that an undertaking was breached, with the document that it rests on; the instrument falls in this act.

    `undertaking` is one of the edition's list. Refused without evidence.
    """
    locked = lock(instrument, version=version)
    check_can_keep_instruments(by, to="allege a breach")
    status = next_status(locked, "allege_breach")
    wanted = {each.id: each for each in list_wanted(get_operating_edition(at))}
    if undertaking not in wanted:
        raise Refused(
            "Choose the undertaking that was breached.", rule="assurance.breach_undertaking", field="undertaking"
        )
    words = need(allegation, "Say what happened, when, and how it is known.", field="allegation")
    inspected = inspect_pdf(upload)
    breach = Breach.objects.create(
        instrument=locked,
        number=locked.breaches.count() + 1,
        undertaking=undertaking,
        undertaking_title=wanted[undertaking].title,
        allegation=words,
        was_suspended=locked.status == InstrumentStatus.SUSPENDED,
        file=store(inspected),
        sha256=inspected.sha256,
        size=len(inspected.content),
        pages=inspected.pages,
        alleged_by=by,
        alleged_by_label=by.actor.label,
        at=at,
    )
    move(locked, status)
    tell_standing(locked, stands=False, says=f"A breach of “{breach.undertaking_title}” is alleged.", by=by, at=at)
    record(
        subject=locked,
        verb="breach.alleged",
        says=f"Alleged breach {breach.number} of {locked.number} (“{breach.undertaking_title}”): {words}",
        by=by,
        at=at,
        data={"number": breach.number, "undertaking": undertaking, "sha256": breach.sha256},
        covers=[breach],
    )
    tell_officers(
        locked,
        kind="assurance_breach",
        says=f"{locked.number} ({locked.title}): a breach of “{breach.undertaking_title}” is alleged.",
        by=by,
        at=at,
    )
    return breach


def _get_open(instrument: Instrument) -> Breach:
    return instrument.breaches.exclude(steps__kind=BreachStepKind.OUTCOME).latest("number")


@operation
def begin_cure(
    *,
    instrument: Instrument,
    notice_to: str,
    says: str,
    version: int,
    by: User,
    at: datetime,
    cure_until: date | None = None,
) -> BreachStep:
    """Record the notice of breach and begin the cure period: the edition's days, unless `cure_until` says otherwise.

    `cure_until` is the first day on which a cure is too late.
    """
    locked = lock(instrument, version=version)
    check_can_keep_instruments(by, to="give notice of a breach")
    status = next_status(locked, "begin_cure")
    to = need(notice_to, "Enter to whom the notice went.", field="notice_to")
    words = need(says, "Say what the notice asks for.", field="says")
    edition = get_operating_edition(at)
    days = edition.value("assurances.cure_days")
    due_at = _cure_end(cure_until, at=at) if cure_until else begins_at(day_of(at) + timedelta(days=days + 1))
    breach = _get_open(locked)
    step = BreachStep.objects.create(
        breach=breach,
        kind=BreachStepKind.NOTICE,
        says=words,
        notice_to=to,
        cure_due_at=due_at,
        actor_label=by.actor.label,
        at=at,
    )
    move(locked, status)
    _set_cure(locked, breach, due_at, edition.value("reminders.breach_cure"), by=by, at=at)
    record(
        subject=locked,
        verb="breach.notice_given",
        says=f"Gave notice of breach {breach.number} to {to}, to be cured before {tell_day(day_of(due_at))}: {words}",
        by=by,
        at=at,
        data={"number": breach.number, "cure_due_at": due_at},
        covers=[step],
    )
    return step


def _cure_end(day: date, *, at: datetime) -> datetime:
    due_at = begins_at(day)
    if due_at <= at:
        raise Refused(
            f"A cure period ends in the future; {tell_day(day)} is not. Enter a later day.",
            rule="assurance.cure_future",
            field="cure_until",
        )
    return due_at


def _set_cure(
    instrument: Instrument, breach: Breach, due_at: datetime, reminders: list[int], *, by: User, at: datetime
) -> None:
    set_step(
        instrument,
        CURE,
        says=f"{instrument.number}: breach {breach.number} is to be cured; judge whether it is.",
        due_at=due_at,
        reminders=reminders,
        owner=by,
        by=by,
        at=at,
    )


@operation
def extend_cure(
    *, instrument: Instrument, cure_until: date, reason: str, version: int, by: User, at: datetime
) -> BreachStep:
    """Extend a cure period, with the reason. Refused for a day that is not later than the one that is set."""
    locked = lock(instrument, version=version)
    check_can_keep_instruments(by, to="extend a cure period")
    status = next_status(locked, "extend_cure")
    words = need(reason, "Say why more time is given.", field="reason")
    due_at = _cure_end(cure_until, at=at)
    breach = _get_open(locked)
    last = breach.steps.filter(cure_due_at__isnull=False).latest("id")
    assert last.cure_due_at is not None
    if due_at <= last.cure_due_at:
        raise Refused(
            f"The cure period runs until {tell_day(day_of(last.cure_due_at))} already. Enter a later day.",
            rule="assurance.cure_later",
            field="cure_until",
        )
    step = BreachStep.objects.create(
        breach=breach,
        kind=BreachStepKind.EXTENSION,
        says=words,
        cure_due_at=due_at,
        actor_label=by.actor.label,
        at=at,
    )
    move(locked, status)
    cancel_deadline(subject=locked, kind=CURE, by=by, at=at)
    _set_cure(locked, breach, due_at, get_operating_edition(at).value("reminders.breach_cure"), by=by, at=at)
    record(
        subject=locked,
        verb="breach.cure_extended",
        says=f"Extended the cure of breach {breach.number} until {tell_day(cure_until)}: {words}",
        by=by,
        at=at,
        data={"number": breach.number, "cure_due_at": due_at},
        covers=[step],
    )
    return step


def close_breach(breach: Breach, outcome: BreachOutcome, says: str, *, by: User, at: datetime) -> BreachStep:
    """Write the outcome of a breach, and end its deadline; the caller journals it."""
    closes = meet_deadline if outcome == BreachOutcome.CURED else cancel_deadline
    closes(subject=breach.instrument, kind=CURE, by=by, at=at)
    return BreachStep.objects.create(
        breach=breach,
        kind=BreachStepKind.OUTCOME,
        says=says,
        outcome=outcome,
        actor_label=by.actor.label,
        at=at,
    )


def _return(
    locked: Instrument, status: InstrumentStatus, breach: Breach, step: BreachStep, *, by: User, at: datetime
) -> None:
    """Let the instrument stand again; one that was suspended before, or whose period ended meanwhile, stays fallen."""
    words = BreachOutcome(step.outcome).label.lower()
    move(locked, status)
    ended = locked.until is not None and at >= locked.until
    if ended and locked.to_on is not None:
        move(locked, next_status(locked, "record_expiry"))
        tell_standing(locked, stands=False, says=f"Expired on {tell_day(locked.to_on)}.", by=by, at=at)
    elif breach.was_suspended:
        move(locked, next_status(locked, "suspend"))
        tell_standing(locked, stands=False, says=f"Suspended before breach {breach.number} was alleged.", by=by, at=at)
    else:
        tell_standing(locked, stands=True, says=f"Breach {breach.number}: {words}.", by=by, at=at)
    record(
        subject=locked,
        verb=f"breach.{step.outcome}",
        says=f"Breach {breach.number} of {locked.number}: {words}. {step.says}"
        + (" Its period is over meanwhile, so it is expired." if ended else "")
        + (" It is suspended, as it was before." if breach.was_suspended and not ended else ""),
        by=by,
        at=at,
        data={"number": breach.number, "outcome": step.outcome},
        covers=[step],
    )


@operation
def dismiss_breach(*, instrument: Instrument, reason: str, version: int, by: User, at: datetime) -> BreachStep:
    """Dismiss an allegation that was not borne out; the instrument stands again. Not by whoever alleged it.

    One whose period ended meanwhile expires instead.
    """
    locked = lock(instrument, version=version)
    status = next_status(locked, "dismiss_breach")
    breach = _get_open(locked)
    check_is_second(by, first_ids=[breach.alleged_by_id], to="dismiss the allegation", did="alleged this breach")
    words = need(reason, "Say why the allegation is not borne out.", field="reason")
    step = close_breach(breach, BreachOutcome.DISMISSED, words, by=by, at=at)
    _return(locked, status, breach, step, by=by, at=at)
    return step


@operation
def accept_cure(*, instrument: Instrument, reason: str, version: int, by: User, at: datetime) -> BreachStep:
    """Accept that a breach was cured; the instrument stands again, or expires if its period ended meanwhile."""
    locked = lock(instrument, version=version)
    check_can_keep_instruments(by, to="accept a cure")
    status = next_status(locked, "accept_cure")
    words = need(reason, "Say how the breach was cured, and how that was verified.", field="reason")
    breach = _get_open(locked)
    step = close_breach(breach, BreachOutcome.CURED, words, by=by, at=at)
    _return(locked, status, breach, step, by=by, at=at)
    return step
