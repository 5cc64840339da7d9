"""Days: calendar days in a time zone, business days of a calendar, and what a holiday does to an expiry."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# The days of the agency's work are days in Washington.
AGENCY_ZONE = ZoneInfo("America/New_York")
SATURDAY = 5
ONE_DAY = timedelta(days=1)


class UnknownTimeZone(ValueError):
    """The name is no time zone of the IANA database."""


class MissingYear(ValueError):
    """The calendar holds no holidays of that year, so it cannot say which of its days are business days."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The holidays of a calendar, and the years for which it knows all of them."""

    holidays: frozenset[date]
    years: frozenset[int]

    def check_year(self, day: date) -> None:
        """Raise `MissingYear` when the calendar does not know the year of `day`."""
        if day.year not in self.years:
            known = f"it knows {min(self.years)} to {max(self.years)}" if self.years else "it knows no year yet"
            raise MissingYear(
                f"The calendar has no holidays for {day.year} ({known}), so nobody can say whether "
                f"{day.isoformat()} is a business day or a holiday. Load the holidays of {day.year} first."
            )

    def is_holiday(self, day: date) -> bool:
        """Is `day` a holiday? Raises `MissingYear` rather than guess."""
        self.check_year(day)
        return day in self.holidays


@lru_cache(maxsize=64)
def check_time_zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name, or `UnknownTimeZone`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimeZone(
            f"“{name}” is not a time zone. Use a name such as America/New_York, as the IANA time zone database has it."
        ) from error


def to_minute(at: datetime) -> datetime:
    """The minute in which `at` lies, in UTC: the resolution of every clock. Raises ValueError if naive."""
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone, so it names no instant. Pass an aware datetime.")
    # Two datetimes of one zone subtract by the wall clock, an hour wrong over daylight saving: use UTC.
    return at.astimezone(UTC).replace(second=0, microsecond=0)


def add_calendar_days(at: datetime, days: int, tz: str) -> datetime:
    """The same local wall-clock minute in `tz`, `days` calendar days later (earlier when negative), in UTC.

    A minute that the start of daylight saving skips becomes the one an hour later; of a minute that happens
    twice when it ends, the first is meant.
    """
    zone = check_time_zone(tz)
    start = to_minute(at)
    if days == 0:
        return start
    wall = start.astimezone(zone).replace(tzinfo=None) + days * ONE_DAY
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def list_reminder_instants(due: datetime, offsets: Iterable[int], tz: str) -> list[datetime]:
    """The instants, in the order of `offsets`, that lie so many calendar days before `due`."""
    return [add_calendar_days(due, -offset, tz) for offset in offsets]


def is_business_day(day: date, calendar: Calendar) -> bool:
    """Is `day` neither a Saturday, a Sunday nor a holiday of the calendar? Raises `MissingYear`."""
    return not calendar.is_holiday(day) and day.weekday() < SATURDAY


def next_business_day(day: date, calendar: Calendar) -> date:
    """The first business day after `day`, never `day` itself. Raises `MissingYear`."""
    day += ONE_DAY
    while not is_business_day(day, calendar):
        day += ONE_DAY
    return day


def add_business_days(day: date, days: int, calendar: Calendar) -> date:
    """The day that is `days` (one or more) business days after `day`. Raises `MissingYear`."""
    if days < 1:
        raise ValueError(f"{days} business days cannot be added: count at least one.")
    for _ in range(days):
        day = next_business_day(day, calendar)
    return day


def roll_holiday(day: date, calendar: Calendar) -> date:
    """`day`, or the first business day after it when it is a legal holiday (15 CFR 750.7(g)).

    Only a holiday moves it: an expiry on a Saturday that is no holiday stays where it is.
    """
    return next_business_day(day, calendar) if calendar.is_holiday(day) else day


def day_of(at: datetime) -> date:
    """The day in Washington on which an instant lies."""
    return at.astimezone(AGENCY_ZONE).date()
