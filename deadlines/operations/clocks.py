"""Clocks: every act adds an event and never changes one. The due date stored beside them is recomputed."""

from datetime import datetime

from django.db import IntegrityError

from accounts.rules import Principal, Refused
from audit.models import Subject, identify
from audit.operations import operation, record
from deadlines import rules
from deadlines.models import Clock, ClockEvent
from deadlines.statuses import ClockEventKind


@operation
def start_clock(
    *,
    subject: Subject,
    kind: str,
    limit_days: int,
    by: Principal,
    at: datetime,
    from_at: datetime | None = None,
    time_zone: str = rules.AGENCY_ZONE.key,
) -> Clock:
    """Start the clock of that kind for a subject, with a limit in calendar days (15 CFR 750.4).

    It counts from `at`, or from `from_at` when that was earlier. Refused: a second clock of the same kind, an
    unknown time zone, a limit below one day, a start in the future.
    """
    subject_kind, subject_id = identify(subject)
    event = rules.ClockEvent(ClockEventKind.START, _when(from_at, at))
    try:
        rules.check_time_zone(time_zone)
        due_at = rules.due_at([event], limit_days, time_zone)
    except ValueError as error:
        raise Refused(str(error), rule="deadlines.clock") from error
    try:
        clock = Clock.objects.create(
            subject_kind=subject_kind,
            subject_id=subject_id,
            kind=kind,
            time_zone=time_zone,
            limit_days=limit_days,
            due_at=due_at,
        )
    except IntegrityError as error:
        raise Refused(
            f"The clock “{kind}” was started already for this subject; it can start only once. "
            "Stop or resume it instead.",
            rule="deadlines.clock",
        ) from error
    _write(clock, event, source="", says=f"Started the clock “{kind}”: {limit_days} days", by=by, at=at)
    return clock


@operation
def stop_clock(
    *,
    clock: Clock,
    stop_key: str,
    ground: str,
    source: str,
    by: Principal,
    at: datetime,
    from_at: datetime | None = None,
) -> ClockEvent:
    """Stop a clock on a legal ground, with the paragraph that says so (15 CFR 750.4(b)).

    `stop_key` names this stop, so that it can be resumed; several may stand at once and count once.
    Refused: no ground, no source, a key that stands already, an instant outside the life of the clock.
    """
    if not source.strip():
        raise Refused(
            "A clock stops only on a legal ground whose source is named. Name the paragraph, such as 15 CFR "
            "750.4(b)(3).",
            rule="deadlines.clock",
            field="source",
        )
    event = rules.ClockEvent(ClockEventKind.STOP, _when(from_at, at), stop_key.strip(), ground.strip())
    return _add(clock, event, source=source.strip(), says=f"Stopped the clock: {ground}", by=by, at=at)


@operation
def resume_clock(
    *, clock: Clock, stop_key: str, by: Principal, at: datetime, from_at: datetime | None = None
) -> ClockEvent:
    """Lift the stop of that key. The clock runs again once no other stop stands. Refused when none stands."""
    event = rules.ClockEvent(ClockEventKind.RESUME, _when(from_at, at), stop_key.strip())
    return _add(clock, event, source="", says=f"Lifted the stop “{stop_key}”", by=by, at=at)


@operation
def end_clock(*, clock: Clock, by: Principal, at: datetime, from_at: datetime | None = None) -> ClockEvent:
    """End a clock for good; a standing stop ends too. Refused: a second end, or one before the start."""
    event = rules.ClockEvent(ClockEventKind.END, _when(from_at, at))
    return _add(clock, event, source="", says="Ended the clock", by=by, at=at)


def _when(from_at: datetime | None, at: datetime) -> datetime:
    """The minute that counts: when it happened, if that is said, or now."""
    if from_at is not None and from_at > at:
        raise Refused(
            "A clock cannot be set for a time that has not come. Record it when it happens.",
            rule="deadlines.clock",
            field="from_at",
        )
    return rules.to_minute(from_at or at)


def _add(clock: Clock, event: rules.ClockEvent, *, source: str, says: str, by: Principal, at: datetime) -> ClockEvent:
    # The lock keeps two events apart, so that neither is judged without the other.
    locked = Clock.objects.select_for_update().get(pk=clock.pk)
    events = [
        rules.ClockEvent(kind, happened_at, key, ground)
        for kind, happened_at, key, ground in locked.events.values_list("kind", "at", "stop_key", "ground")
    ]
    events.append(event)
    try:
        due_at = rules.due_at(events, locked.limit_days, locked.time_zone)
        # Another process's clock may be ahead of ours: what it wrote down has happened all the same.
        reading = rules.compute(events, max(at, *(each.at for each in events)))
    except rules.ClockError as error:
        raise Refused(str(error), rule="deadlines.clock") from error
    clock.due_at, clock.running = due_at, reading.running
    Clock.objects.filter(pk=clock.pk).update(due_at=due_at, running=reading.running)
    return _write(clock, event, source=source, says=f"{says} (“{clock.kind}”)", by=by, at=at)


def _write(clock: Clock, event: rules.ClockEvent, *, source: str, says: str, by: Principal, at: datetime) -> ClockEvent:
    row = ClockEvent.objects.create(
        clock=clock,
        kind=event.kind,
        stop_key=event.stop_key,
        ground=event.ground,
        ground_source=source,
        at=event.at,
        recorded_at=at,
        actor_label=by.actor.label,
    )
    record(
        subject=(clock.subject_kind, clock.subject_id),
        verb=f"{event.kind}_clock",
        says=says,
        by=by,
        at=at,
        data={
            "clock": clock.pk,
            "kind": clock.kind,
            "from": event.at,
            "ground": event.ground,
            "source": source,
            "due_at": clock.due_at,
        },
        covers=[row],
    )
    return row
