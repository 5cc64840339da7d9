"""Business days, checked against two independent oracles: the library `holidays` and dateutil's rules."""

from datetime import UTC, date, datetime, timedelta

import holidays
import pytest
from dateutil.rrule import DAILY, FR, MO, TH, TU, WE, rrule
from hypothesis import given
from hypothesis import strategies as st

from deadlines.rules import (
    Calendar,
    MissingYear,
    add_business_days,
    is_business_day,
    list_reminder_instants,
    next_business_day,
    roll_holiday,
)

FEDERAL = holidays.country_holidays("US", years=range(2020, 2042))
CALENDAR = Calendar(frozenset(FEDERAL), frozenset(range(2020, 2042)))
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 1))


@given(DAYS)
def test_a_business_day_is_what_the_library_calls_a_working_day(day):
    assert is_business_day(day, CALENDAR) == FEDERAL.is_working_day(day)


@given(DAYS)
def test_the_next_business_day_is_the_first_that_two_oracles_name(day):
    found = next_business_day(day, CALENDAR)
    weekdays = rrule(
        DAILY,
        byweekday=(MO, TU, WE, TH, FR),
        dtstart=datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1),
        count=12,
    )
    assert found == next(each.date() for each in weekdays if each.date() not in FEDERAL)
    assert found == FEDERAL.get_nth_working_day(day, 1)


@given(DAYS, st.integers(1, 45))
def test_adding_business_days_agrees_with_walking_every_day(day, count):
    walked, left = day, count
    while left:
        walked += timedelta(days=1)
        left -= walked.weekday() < 5 and walked not in FEDERAL
    assert add_business_days(day, count, CALENDAR) == walked
    assert FEDERAL.get_nth_working_day(day, count) == walked


@given(DAYS)
def test_only_a_holiday_rolls_and_it_rolls_to_a_business_day(day):
    rolled = roll_holiday(day, CALENDAR)
    if day in FEDERAL:
        assert rolled > day
        assert is_business_day(rolled, CALENDAR)
    else:
        assert rolled == day


def test_a_license_that_expires_on_a_legal_holiday_is_good_until_the_next_business_day():
    # Thanksgiving 2026 is a Thursday; Independence Day 2026 a Saturday, observed on the Friday before.
    assert roll_holiday(date(2026, 11, 26), CALENDAR) == date(2026, 11, 27)
    assert roll_holiday(date(2026, 7, 3), CALENDAR) == date(2026, 7, 6)
    assert roll_holiday(date(2026, 7, 4), CALENDAR) == date(2026, 7, 6)
    assert roll_holiday(date(2026, 7, 5), CALENDAR) == date(2026, 7, 5)  # a Sunday is no holiday


def test_new_years_day_on_a_saturday_is_observed_in_the_year_before():
    assert not is_business_day(date(2021, 12, 31), CALENDAR)
    assert next_business_day(date(2021, 12, 30), CALENDAR) == date(2022, 1, 3)


def test_a_year_that_the_calendar_does_not_know_is_refused_not_guessed():
    known = Calendar(frozenset({date(2026, 1, 1)}), frozenset({2026}))
    with pytest.raises(MissingYear, match="no holidays for 2027"):
        is_business_day(date(2027, 5, 4), known)
    with pytest.raises(MissingYear, match="no holidays for 2027"):
        next_business_day(date(2026, 12, 31), known)
    with pytest.raises(MissingYear, match="no holidays for 2025"):
        roll_holiday(date(2025, 5, 4), known)
    with pytest.raises(MissingYear, match="knows no year yet"):
        is_business_day(date(2026, 5, 4), Calendar(frozenset(), frozenset()))


def test_at_least_one_business_day_is_added():
    with pytest.raises(ValueError, match="at least one"):
        add_business_days(date(2026, 5, 4), 0, CALENDAR)


def test_reminders_lie_whole_days_before_at_the_same_minute_on_the_wall():
    due = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)  # 10:00 in Washington, in summer time
    assert list_reminder_instants(due, [7, 1, 0, -1], "America/New_York") == [
        datetime(2026, 3, 3, 15, 0, tzinfo=UTC),  # 10:00, still in winter time
        datetime(2026, 3, 9, 14, 0, tzinfo=UTC),
        due,
        datetime(2026, 3, 11, 14, 0, tzinfo=UTC),
    ]
