"""From the request through State to the signed instrument, with the three time limits of 15 CFR 750.4(b)(3)."""

from datetime import date, datetime

from accounts.models import User
from accounts.rules import Refused
from assurances.models import Instrument, TextVersion
from assurances.permissions import check_can_keep_instruments
from assurances.rules import check_period, tell_day
from assurances.statuses import InstrumentStatus
from audit.operations import operation, record
from deadlines.operations import meet_deadline
from deadlines.rules import day_of
from rulebook.selectors import get_operating_edition

from .standing import (
    CONTACT,
    LICENSE,
    REQUEST,
    cancel_steps,
    check_not_ended,
    check_signed_text,
    days_after,
    lock,
    move,
    need,
    next_status,
    set_step,
    tell_officers,
)


@operation
def request_through_state(*, instrument: Instrument, says: str, version: int, by: User, at: datetime) -> Instrument:
    """Ask the Secretary of State to seek the instrument, which meets the first limit and starts the second.

    `says` tells what was sent, to whom. (15 CFR 750.4(b)(3)(i) and (ii).)
    """
    locked = lock(instrument, version=version)
    check_can_keep_instruments(by, to="ask for an instrument through State")
    status = next_status(locked, "request")
    words = need(says, "Say what was sent to State, and to whom.", field="says")
    edition = get_operating_edition(at)
    move(locked, status, requested_at=at)
    meet_deadline(subject=locked, kind=REQUEST, by=by, at=at)
    set_step(
        locked,
        CONTACT,
        says=f"State contacts the government of {locked.country.name} on {locked.number}: record it.",
        due_at=days_after(at, edition.value("assurances.state_contact_days")),
        reminders=edition.value("reminders.assurance_step"),
        owner=by,
        by=by,
        at=at,
    )
    record(subject=locked, verb="instrument.requested", says=f"Asked State for {locked.number}: {words}", by=by, at=at)
    return locked


@operation
def record_contact(
    *, instrument: Instrument, contacted_on: date, says: str, version: int, by: User, at: datetime
) -> Instrument:
    """Record that State has contacted the government, which meets the second limit (15 CFR 750.4(b)(3)(ii))."""
    locked = lock(instrument, version=version)
    check_can_keep_instruments(by, to="record what State did")
    status = next_status(locked, "record_contact")
    words = need(says, "Say whom State contacted, and how.", field="says")
    if contacted_on > day_of(at):
        raise Refused(
            "State cannot have contacted the government later than today. Correct the date.",
            rule="assurance.contacted_on",
            field="contacted_on",
        )
    if locked.requested_at is not None and contacted_on < day_of(locked.requested_at):
        raise Refused(
            f"It was requested on {tell_day(day_of(locked.requested_at))}; State cannot have contacted the government "
            "before. Correct the date.",
            rule="assurance.contacted_on",
            field="contacted_on",
        )
    move(locked, status, contacted_at=at)
    meet_deadline(subject=locked, kind=CONTACT, by=by, at=at)
    record(
        subject=locked,
        verb="instrument.contacted",
        says=f"State contacted the government of {locked.country.name} on {tell_day(contacted_on)}: {words}",
        by=by,
        at=at,
        data={"contacted_on": contacted_on},
    )
    return locked


@operation
def agree_text(*, instrument: Instrument, text: TextVersion, version: int, by: User, at: datetime) -> Instrument:
    """Record which version both sides agreed on; from then on the terms are fixed."""
    locked = lock(instrument, version=version)
    check_can_keep_instruments(by, to="record an agreed text")
    status = next_status(locked, "agree")
    if text.instrument_id != locked.pk:
        raise Refused("Choose a version of this instrument's text.", rule="assurance.text_of", field="text")
    move(locked, status, agreed_at=at)
    record(
        subject=locked,
        verb="text.agreed",
        says=f"Version {text.number} of {locked.number} is agreed",
        by=by,
        at=at,
        data={"number": text.number, "sha256": text.sha256},
    )
    return locked


@operation
def reopen_negotiation(*, instrument: Instrument, reason: str, version: int, by: User, at: datetime) -> Instrument:
    """Take an agreed text back into negotiation, because one side wants it changed."""
    locked = lock(instrument, version=version)
    check_can_keep_instruments(by, to="reopen a negotiation")
    status = next_status(locked, "reopen_negotiation")
    words = need(reason, "Say who wants what changed.", field="reason")
    move(locked, status)
    record(
        subject=locked,
        verb="instrument.reopened",
        says=f"Took {locked.number} back into negotiation: {words}",
        by=by,
        at=at,
    )
    return locked


@operation
def record_receipt(
    *,
    instrument: Instrument,
    text: TextVersion,
    signatory: str,
    signatory_title: str,
    signatory_authority: str,
    signed_on: date,
    version: int,
    by: User,
    at: datetime,
) -> Instrument:
    """Record that Commerce has received the signed instrument. Where it was asked for a case, the limit for the
    license starts (15 CFR 750.4(b)(3)(iii)); the first draw of its coverage meets it.

    Refused for a text that is not signed, foreign without a certified translation (748.9(d)), signed in the future
    or by nobody, and where the period is over already.
    """
    locked = lock(instrument, version=version)
    check_can_keep_instruments(by, to="record the receipt of an instrument")
    status = next_status(locked, "record_receipt")
    if text.instrument_id != locked.pk:
        raise Refused("Choose a version of this instrument's text.", rule="assurance.text_of", field="text")
    check_signed_text(text)
    newer = locked.texts.filter(is_signed=False, number__gt=text.number).order_by("-number").first()
    if newer is not None:
        raise Refused(
            f"Version {newer.number} was proposed after version {text.number} was signed. Add the signed text of what "
            "was agreed last.",
            rule="assurance.signed_last",
            field="text",
        )
    if locked.agreed_at is not None and text.at < locked.agreed_at:
        raise Refused(
            f"Version {text.number} was signed before the text was agreed on last. Add the signed text of what was "
            "agreed then.",
            rule="assurance.signed_last",
            field="text",
        )
    name = need(signatory, "Enter who signed for the government.", field="signatory")
    title = need(signatory_title, "Enter the office of whoever signed.", field="signatory_title")
    authority = need(
        signatory_authority, "Enter what gives the signatory the authority to bind.", field="signatory_authority"
    )
    if signed_on > day_of(at):
        raise Refused(
            "It cannot have been signed later than today. Correct the date.",
            rule="assurance.signed_on",
            field="signed_on",
        )
    check_not_ended(locked, at=at)
    check_period(locked.from_on, locked.to_on)
    edition = get_operating_edition(at)
    move(
        locked,
        status,
        received_at=at,
        signed_on=signed_on,
        signatory=name,
        signatory_title=title,
        signatory_authority=authority,
    )
    if locked.occasion:
        set_step(
            locked,
            LICENSE,
            says=f"{locked.number} was received: decide the license that waits for it ({locked.occasion}).",
            due_at=days_after(at, edition.value("assurances.license_after_receipt_days")),
            reminders=edition.value("reminders.assurance_step"),
            owner=by,
            by=by,
            at=at,
        )
    record(
        subject=locked,
        verb="instrument.received",
        says=f"Received {locked.number}, signed on {tell_day(signed_on)} by {name}, {title}",
        by=by,
        at=at,
        data={"number": text.number, "sha256": text.sha256, "authority": authority},
    )
    tell_officers(
        locked,
        kind="assurance_received",
        says=f"{locked.number} ({locked.title}) is signed and waits to be brought into force by a second officer.",
        by=by,
        at=at,
    )
    return locked


@operation
def withdraw_instrument(*, instrument: Instrument, reason: str, version: int, by: User, at: datetime) -> Instrument:
    """Give up an instrument that is not in force yet; its deadlines are canceled."""
    locked = lock(instrument, version=version)
    check_can_keep_instruments(by, to="withdraw an instrument")
    status = next_status(locked, "withdraw")
    words = need(reason, "Say why it is given up.", field="reason")
    assert status == InstrumentStatus.WITHDRAWN
    move(locked, status, ended_at=at)
    cancel_steps(locked, by=by, at=at)
    record(subject=locked, verb="instrument.withdrawn", says=f"Withdrew {locked.number}: {words}", by=by, at=at)
    return locked
