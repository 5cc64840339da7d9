"""Clocks: what ran and what stood still, as a pure function of a list of events.

Time is counted in whole minutes. Stops that overlap count once: stopped time is their union. The order in
which events were recorded means nothing, only the minutes they name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deadlines.rules.calendars import add_calendar_days, to_minute

START, STOP, RESUME, END = "start", "stop", "resume", "end"
ZERO = timedelta()


class ClockError(ValueError):
    """These events cannot have happened to one clock."""


class NotStarted(ClockError):
    """There is no start."""


class SecondStart(ClockError):
    """There are two starts."""


class SecondEnd(ClockError):
    """There are two ends."""


class EventBeforeStart(ClockError):
    """Something happened to the clock before it started: a stop, or its end."""


class EventAfterEnd(ClockError):
    """Something happened to the clock after it ended."""


class StopWithoutGround(ClockError):
    """A stop names no legal ground, or no key by which it can be resumed."""


class StopTwice(ClockError):
    """A stop begins although the one of the same key still stands."""


class ResumeWithoutStop(ClockError):
    """A stop is lifted that does not stand."""


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """One thing that happened to a clock. `stop_key` ties a resume to its stop, `ground` is why in law."""

    kind: str
    at: datetime
    stop_key: str = ""
    ground: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop: from, to (None while it stands), and why."""

    stop_key: str
    ground: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of a clock's life, start included, end not. Stopped if `grounds` says why, else counted."""

    start: datetime
    end: datetime
    grounds: tuple[str, ...] = ()

    @property
    def counted(self) -> bool:
        return not self.grounds

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What a clock shows: elapsed = counted + stopped.

    `intervals` lie end to end from the start to the moment of reading, to draw a picture from. `due` is None
    while a stop stands that moves it (and without a limit); `earliest_due` is then the due instant were the
    clock resumed at once.
    """

    started_at: datetime | None
    ended_at: datetime | None
    elapsed: timedelta
    counted: timedelta
    stopped: timedelta
    running: bool
    stops: tuple[Stop, ...]
    intervals: tuple[Interval, ...]
    due: datetime | None = None
    earliest_due: datetime | None = None
    overdue: bool = False

    @property
    def is_stopped(self) -> bool:
        """Has it started, not ended, and does a stop stand?"""
        return self.started_at is not None and self.ended_at is None and not self.running


@dataclass(frozen=True, slots=True)
class _History:
    """Events found sound: one start, at most one end, and the stops, each paired with its resume."""

    start: datetime
    end: datetime | None
    stops: tuple[Stop, ...]


def compute(
    events: Iterable[ClockEvent], now: datetime, *, limit_days: int | None = None, tz: str | None = None
) -> ClockReading:
    """Read a clock as of `now`, without what happened later. Raises a `ClockError` that says what is wrong.

    With `limit_days` (calendar days, 15 CFR 750.4) and `tz` the reading has a due instant as well.
    """
    events = list(events)
    _order(events)  # what is impossible stays impossible, also when it lies after `now`
    now = to_minute(now)
    past = [event for event in events if to_minute(event.at) <= now]
    if not past:
        return ClockReading(None, None, ZERO, ZERO, ZERO, False, (), ())
    history = _order(past)
    until = history.end or now
    intervals = _slice(history, until)
    stopped = sum((interval.length for interval in intervals if not interval.counted), ZERO)
    elapsed = until - history.start
    due = earliest_due = None
    overdue = False
    if limit_days is not None and tz is not None:
        due = _find_due(history, limit_days, tz, open_until=None)
        earliest_due = due or _find_due(history, limit_days, tz, open_until=now)
        overdue = earliest_due is not None and until > earliest_due
    return ClockReading(
        started_at=history.start,
        ended_at=history.end,
        elapsed=elapsed,
        counted=elapsed - stopped,
        stopped=stopped,
        running=history.end is None and all(stop.end is not None for stop in history.stops),
        stops=history.stops,
        intervals=intervals,
        due=due,
        earliest_due=earliest_due,
        overdue=overdue,
    )


def due_at(events: Iterable[ClockEvent], days: int, tz: str) -> datetime | None:
    """When a limit of `days` calendar days (15 CFR 750.4) is used up; None while a stop stands that moves it.

    It is the same local wall-clock minute in `tz`, `days` calendar days after the start, put off by exactly
    the union of the stops. A stop that begins at or after the due instant moves nothing: what was missed
    stays missed. Raises a `ClockError` that says what is wrong with the events.
    """
    return _find_due(_order(list(events)), days, tz, open_until=None)


def _find_due(history: _History, days: int, tz: str, *, open_until: datetime | None) -> datetime | None:
    if days < 1:
        raise ClockError(f"A limit of {days} days is none: a clock needs at least one calendar day.")
    due = add_calendar_days(history.start, days, tz)
    for start, end in _unite(history.stops, history.end or open_until):
        if start >= due:
            break
        if end is None:
            return None
        due += end - start
    return due


def _order(events: Sequence[ClockEvent]) -> _History:
    """Check the events against one another and pair each stop with its resume."""
    starts = [to_minute(event.at) for event in events if event.kind == START]
    ends = [to_minute(event.at) for event in events if event.kind == END]
    unknown = sorted({event.kind for event in events} - {START, STOP, RESUME, END})
    if unknown:
        raise ClockError(f"A clock knows start, stop, resume and end, but not “{unknown[0]}”.")
    if not starts:
        raise NotStarted("This clock was never started, so nothing can be counted. Record its start first.")
    if len(starts) > 1:
        raise SecondStart("This clock was started already; it can start only once. Start a clock of another kind.")
    if len(ends) > 1:
        raise SecondEnd("This clock has ended already; it can end only once, and what ended does not run again.")
    start, end = starts[0], ends[0] if ends else None
    if end is not None and end < start:
        raise EventBeforeStart(
            f"The end ({_show(end)}) lies before the start ({_show(start)}). A clock ends after it started."
        )
    by_key: dict[str, list[ClockEvent]] = {}
    for event in events:
        if event.kind in (STOP, RESUME):
            _check_inside(event, start, end)
            by_key.setdefault(event.stop_key, []).append(event)
    stops = [stop for key, own in by_key.items() for stop in _pair(key, own)]
    stops.sort(key=lambda stop: (stop.start, stop.stop_key, stop.end is None, stop.end or stop.start))
    return _History(start, end, tuple(stops))


def _check_inside(event: ClockEvent, start: datetime, end: datetime | None) -> None:
    at = to_minute(event.at)
    if not event.stop_key.strip():
        raise StopWithoutGround("A stop needs a key, so that its resume can name which stop is over.")
    if event.kind == STOP and not event.ground.strip():
        raise StopWithoutGround(
            "A clock stops only on a legal ground, and none is given. Name the ground (for example 15 CFR "
            "750.4(b)(1), agreement of the applicant to the delay)."
        )
    if at < start:
        raise EventBeforeStart(f"The clock started {_show(start)}; it cannot {event.kind} earlier, at {_show(at)}.")
    if end is not None and at > end:
        raise EventAfterEnd(f"The clock ended {_show(end)}; it cannot {event.kind} later, at {_show(at)}.")


def _pair(key: str, events: list[ClockEvent]) -> list[Stop]:
    """The stops of one key. Within one minute the only order that makes sense is taken, whichever it is."""
    waiting = sorted(events, key=lambda event: (to_minute(event.at), event.kind, event.ground))
    stops: list[Stop] = []
    standing: ClockEvent | None = None
    while waiting:
        minute = to_minute(waiting[0].at)
        wanted = STOP if standing is None else RESUME
        event = next((e for e in waiting if e.kind == wanted and to_minute(e.at) == minute), None)
        if event is None and standing is None:
            raise ResumeWithoutStop(
                f"Nothing is stopped under “{key}” at {_show(minute)}, so nothing can resume. "
                "Resume only a stop that stands."
            )
        if event is None:
            raise StopTwice(
                f"The clock stands stopped under “{key}” at {_show(minute)} already. Resume it first, "
                "or stop it under another key: stops that overlap count once."
            )
        waiting.remove(event)
        if standing is None:
            standing = event
        else:
            stops.append(Stop(key, standing.ground, to_minute(standing.at), minute))
            standing = None
    if standing is not None:
        stops.append(Stop(key, standing.ground, to_minute(standing.at), None))
    return stops


def _unite(stops: Iterable[Stop], until: datetime | None) -> list[tuple[datetime, datetime | None]]:
    """The union of the stops, in order of time. One that stands lasts to `until`, or has no end (None)."""
    united: list[tuple[datetime, datetime | None]] = []
    for start, end in sorted(((s.start, s.end or until) for s in stops), key=lambda pair: pair[0]):
        if united and (united[-1][1] is None or start <= united[-1][1]):
            last = united[-1][1]
            united[-1] = (united[-1][0], None if last is None or end is None else max(last, end))
        else:
            united.append((start, end))
    return united


def _slice(history: _History, until: datetime) -> tuple[Interval, ...]:
    """Cut the life of the clock wherever a stop begins or ends, and name the grounds of each piece."""
    stops = [(stop.start, stop.end or until, stop.ground) for stop in history.stops]
    edges = {history.start, until, *(start for start, _, _ in stops), *(end for _, end, _ in stops)}
    cuts = sorted(edges)
    pieces: list[Interval] = []
    for start, end in zip(cuts, cuts[1:], strict=False):
        grounds = tuple(sorted({ground for first, last, ground in stops if first <= start and end <= last}))
        if pieces and pieces[-1].grounds == grounds:
            pieces[-1] = Interval(pieces[-1].start, end, grounds)
        else:
            pieces.append(Interval(start, end, grounds))
    return tuple(pieces)


def _show(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
