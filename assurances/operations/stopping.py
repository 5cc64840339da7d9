"""Suspending, restoring and terminating; and recording what follows from the dates."""

from datetime import datetime, timedelta

from accounts.models import User
from accounts.rules import Principal, Refused
from assurances.models import Breach, Instrument
from assurances.permissions import check_can_keep_instruments, check_can_record_dates
from assurances.rules import tell_day
from assurances.statuses import BreachOutcome
from audit.operations import operation, record
from rulebook.selectors import get_operating_edition

from .breaches import close_breach
from .standing import (
    cancel_steps,
    check_not_ended,
    lock,
    move,
    need,
    next_status,
    tell_officers,
    tell_standing,
)


@operation
def suspend_instrument(*, instrument: Instrument, reason: str, version: int, by: User, at: datetime) -> Instrument:
    """Suspend an instrument: requirements of pending cases reopen, and dependent licenses are held, in this act."""
    locked = lock(instrument, version=version)
    check_can_keep_instruments(by, to="suspend an instrument")
    status = next_status(locked, "suspend")
    words = need(reason, "Say why it is suspended and what would end that.", field="reason")
    move(locked, status)
    tell_standing(locked, stands=False, says=f"Suspended: {words}", by=by, at=at)
    record(subject=locked, verb="instrument.suspended", says=f"Suspended {locked.number}: {words}", by=by, at=at)
    tell_officers(
        locked, kind="assurance_suspended", says=f"{locked.number} ({locked.title}) is suspended: {words}", by=by, at=at
    )
    return locked


@operation
def restore_instrument(*, instrument: Instrument, reason: str, version: int, by: User, at: datetime) -> Instrument:
    """Restore a suspended instrument; the holds that its suspension placed are lifted in this act.

    Refused once its period is over: then it has to be renewed.
    """
    locked = lock(instrument, version=version)
    check_can_keep_instruments(by, to="restore an instrument")
    status = next_status(locked, "restore")
    words = need(reason, "Say what has changed since it was suspended.", field="reason")
    check_not_ended(locked, at=at)
    move(locked, status)
    tell_standing(locked, stands=True, says=f"Restored: {words}", by=by, at=at)
    record(subject=locked, verb="instrument.restored", says=f"Restored {locked.number}: {words}", by=by, at=at)
    return locked


@operation
def terminate_instrument(*, instrument: Instrument, reason: str, version: int, by: User, at: datetime) -> Instrument:
    """End an instrument for good; whatever stands on it falls. A breach that is open ends as not cured."""
    locked = lock(instrument, version=version)
    check_can_keep_instruments(by, to="terminate an instrument")
    status = next_status(locked, "terminate")
    words = need(reason, "Say who ends it, and why.", field="reason")
    open_breach = Breach.objects.filter(instrument=locked).exclude(steps__kind="outcome").order_by("-number").first()
    covers = [] if open_breach is None else [close_breach(open_breach, BreachOutcome.TERMINATED, words, by=by, at=at)]
    move(locked, status, ended_at=at)
    cancel_steps(locked, by=by, at=at)
    tell_standing(locked, stands=False, says=f"Terminated: {words}", by=by, at=at)
    record(
        subject=locked,
        verb="instrument.terminated",
        says=f"Terminated {locked.number}: {words}",
        by=by,
        at=at,
        covers=covers,
    )
    tell_officers(
        locked,
        kind="assurance_terminated",
        says=f"{locked.number} ({locked.title}) is terminated: {words}",
        by=by,
        at=at,
    )
    return locked


@operation
def record_expiring(*, instrument: Instrument, by: Principal, at: datetime) -> Instrument:
    """Record that an instrument nears its end. It shows so without this; the record is for the journal."""
    locked = lock(instrument)
    check_can_record_dates(by)
    status = next_status(locked, "record_expiring")
    days = get_operating_edition(at).value("assurances.expiring_days")
    if locked.until is None or locked.to_on is None or at < locked.until - timedelta(days=days):
        raise Refused(f"{locked.number} does not end within {days} days.", rule="assurance.expiring")
    check_not_ended(locked, at=at)
    move(locked, status)
    record(
        subject=locked,
        verb="instrument.expiring",
        says=f"{locked.number} ends on {tell_day(locked.to_on)}",
        by=by,
        at=at,
    )
    return locked


@operation
def record_expiry(*, instrument: Instrument, by: Principal, at: datetime) -> Instrument:
    """Record that the period of an instrument is over: dependent licenses are held in this act.

    It covers nothing from its end on, whether that was recorded or not. Refused before its end.
    """
    locked = lock(instrument)
    check_can_record_dates(by)
    status = next_status(locked, "record_expiry")
    if locked.until is None or locked.to_on is None or at < locked.until:
        end = f"ends on {tell_day(locked.to_on)}" if locked.to_on else "has no end"
        raise Refused(f"{locked.number} {end}, so it has not expired.", rule="assurance.expired")
    move(locked, status)
    cancel_steps(locked, by=by, at=at)
    tell_standing(locked, stands=False, says=f"Expired on {tell_day(locked.to_on)}.", by=by, at=at)
    record(
        subject=locked,
        verb="instrument.expired",
        says=f"{locked.number} expired on {tell_day(locked.to_on)}",
        by=by,
        at=at,
    )
    return locked
