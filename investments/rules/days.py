"""Days and instants: the dates of a commitment are dates in Washington. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from deadlines.rules import AGENCY_ZONE, day_of

# Under which kind cases and licenses stand on a commitment.
GROUND = "investments.commitment"


def end_of(day: date) -> datetime:
    """The instant at which a day is over in Washington."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=AGENCY_ZONE)


def last_day_before(end: datetime) -> date:
    """The last day of what ends at an instant: the day that is over when it ends at midnight."""
    return day_of(end - timedelta(seconds=1))


def write_day(day: date) -> str:
    """A day as sentences name it: March 9, 2026."""
    return f"{day:%B} {day.day}, {day.year}"
