"""What of an officer's engagements a calendar program is told: events with a number that rises with each change. Pure.

An event keeps its name for ever. One that was called off stays as a cancellation, because a program that once read it
would otherwise keep it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from inspections.rules.scheduling import Days

# The names of events are made from this one. Another value would show every event twice to whoever subscribed.
_NAMES = UUID("6d0f5a3e-4a51-5c1f-9a0b-8f4f0f6f6a11")
# How long a past event stays in the feed.
KEPT_DAYS = 90


@dataclass(frozen=True, slots=True)
class Booking:
    """One engagement of an officer. `subject` is what it is of, `number` counts its changes from 1 on."""

    subject: str
    officer: int
    says: str
    number: int
    days: Days
    away: Days
    at: datetime
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """An event of whole days from `first` until before `end`."""

    uid: str
    sequence: int
    first: date
    end: date
    summary: str
    is_cancelled: bool
    created_at: datetime
    modified_at: datetime


def uid_of(subject: str, officer: int, part: str) -> str:
    """The name under which a calendar program knows an event, the same for ever."""
    return str(uuid5(_NAMES, f"{subject}/{officer}/{part}"))


def list_events(bookings: Iterable[Booking]) -> list[FeedEvent]:
    """The events of an officer: for each visit the days on site and those of travel, and each absence."""
    subjects: dict[str, list[Booking]] = {}
    for booking in bookings:
        subjects.setdefault(booking.subject, []).append(booking)
    events = [
        event for group in subjects.values() for event in _events_of(sorted(group, key=lambda booking: booking.number))
    ]
    return sorted(events, key=lambda event: (event.first, event.uid))


def _events_of(bookings: Sequence[Booking]) -> list[FeedEvent]:
    latest = bookings[-1]
    parts: list[tuple[str, str, Booking, Days]] = [("days", latest.says, latest, latest.days)]
    there = [booking for booking in bookings if booking.away.first < booking.days.first]
    back = [booking for booking in bookings if booking.days.last < booking.away.last]
    if there:
        booking = there[-1]
        days = Days(booking.away.first, booking.days.first).without_last()
        parts.append(("there", f"Travel to {booking.says}", booking, days))
    if back:
        booking = back[-1]
        days = Days(booking.days.last, booking.away.last).without_first()
        parts.append(("back", f"Travel back from {booking.says}", booking, days))
    return [
        FeedEvent(
            uid=uid_of(latest.subject, latest.officer, part),
            # Two numbers for each change: the second is that of its cancellation.
            sequence=2 * latest.number - (1 if latest.released_at else 2),
            first=days.first,
            end=days.end,
            summary=says,
            # A later plan without travel cancels the travel of the one before.
            is_cancelled=latest.released_at is not None or booking is not latest,
            created_at=bookings[0].at,
            modified_at=latest.released_at or latest.at,
        )
        for part, says, booking, days in parts
    ]
