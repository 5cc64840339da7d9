"""The federal calendar as rows."""

from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command

from deadlines import operations, rules, selectors
from deadlines.models import Holiday

pytestmark = pytest.mark.django_db
# A list of the days observed, kept beside a checkout; the few rows below stand for it elsewhere.
OBSERVED = Path(__file__).resolve().parents[3] / "shared/data/countries/us_federal_holidays_2020_2031.csv"
ROWS = [
    ("2020-07-03", "Independence Day"),
    ("2021-06-18", "Juneteenth National Independence Day"),
    ("2021-12-31", "New Year's Day"),
    ("2026-11-26", "Thanksgiving Day"),
    ("2027-07-05", "Independence Day"),
    ("2028-02-21", "Washington's Birthday"),
]


def test_the_calendar_knows_2020_to_2040_and_nothing_else():
    assert operations.load_holidays() == Holiday.objects.count() > 21 * 10
    calendar = selectors.get_calendar()
    assert calendar.years == frozenset(range(2020, 2041))
    assert not rules.is_business_day(date(2026, 11, 26), calendar)
    with pytest.raises(rules.MissingYear):
        rules.next_business_day(date(2040, 12, 31), calendar)


def test_loading_again_adds_nothing_and_keeps_what_was_corrected_by_hand():
    call_command("load_holidays", verbosity=0)
    Holiday.objects.filter(on=date(2026, 12, 25)).update(name="Corrected")
    assert operations.load_holidays() == 0
    assert Holiday.objects.get(on=date(2026, 12, 25)).name == "Corrected"


def test_every_row_says_where_it_comes_from():
    operations.load_holidays(years=[2026])
    assert all("5 USC 6103" in source for source in Holiday.objects.values_list("source", flat=True))


def test_one_closure_in_a_far_year_does_not_make_that_year_known():
    operations.load_holidays(years=[2026])
    Holiday.objects.create(on=date(2027, 1, 20), name="Closure", source="Executive order")
    assert selectors.get_calendar().years == {2026}


def test_the_calendar_is_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        selectors.get_calendar()


def read_observed():
    if not OBSERVED.exists():
        return ROWS
    # The file has names with commas in them and no quotes: only its first column is safe to read.
    lines = OBSERVED.read_text().splitlines()[1:]
    return [tuple(line.split(",", 1)) for line in lines if line]


def test_every_day_that_is_observed_is_no_business_day_and_no_other_weekday_is():
    operations.load_holidays()
    calendar = selectors.get_calendar()
    observed = {date.fromisoformat(day): name for day, name in read_observed()}
    for day, name in observed.items():
        assert not rules.is_business_day(day, calendar), (day, name)
    if OBSERVED.exists():
        ours = {day for day in calendar.holidays if day.weekday() < 5 and day.year <= 2031}
        assert ours == {day for day in observed if day.weekday() < 5 and day.year >= 2020}
