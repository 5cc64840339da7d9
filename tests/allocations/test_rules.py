"""Periods, their names, and the sentences of refusals. No database."""

from datetime import UTC, date, datetime

import pytest

from accounts.rules import Refused
from allocations import rules
from allocations.rules import Period
from allocations.statuses import AllocationStatus as S
from deadlines.rules import day_of
from ledger.rules import Balance, NotEnough

YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))


@pytest.mark.parametrize(
    ("first", "end", "words"),
    [
        (date(2026, 1, 1), date(2027, 1, 1), "2026"),
        (date(2026, 1, 1), date(2028, 1, 1), "2026 to 2027"),
        (date(2026, 1, 1), date(2026, 7, 1), "January 1 to June 30, 2026"),
        (date(2025, 10, 1), date(2026, 10, 1), "October 1, 2025 to September 30, 2026"),
        (date(2026, 3, 9), date(2026, 3, 10), "March 9, 2026"),
    ],
)
def test_a_period_is_called_what_people_call_it(first, end, words):
    assert Period(first, end).words == words


def test_a_period_has_its_first_day_and_not_its_end():
    assert YEAR.covers(date(2026, 1, 1))
    assert YEAR.covers(date(2026, 12, 31))
    assert not YEAR.covers(date(2027, 1, 1))
    assert not YEAR.overlaps(Period(date(2027, 1, 1), date(2028, 1, 1)))
    assert YEAR.overlaps(Period(date(2026, 12, 31), date(2028, 1, 1)))


def test_the_day_is_that_of_washington():
    assert day_of(datetime(2027, 1, 1, 4, 59, tzinfo=UTC)) == date(2026, 12, 31)
    assert day_of(datetime(2027, 1, 1, 5, 0, tzinfo=UTC)) == date(2027, 1, 1)
    assert rules.end_of(YEAR) == datetime(2027, 1, 1, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stored", "day", "status"),
    [
        (S.APPROVED, date(2025, 12, 31), S.APPROVED),
        (S.APPROVED, date(2026, 1, 1), S.IN_EFFECT),
        (S.APPROVED, date(2027, 1, 1), S.ENDED),
        (S.PROPOSED, date(2026, 6, 1), S.PROPOSED),
        (S.DECLINED, date(2028, 1, 1), S.DECLINED),
    ],
)
def test_dates_alone_begin_and_end_an_approved_allocation(stored, day, status):
    assert rules.status_on(stored, YEAR, day) == status


@pytest.mark.parametrize(
    ("period", "says"),
    [
        (Period(date(2026, 1, 1), date(2026, 1, 1)), "ends before it begins"),
        (Period(date(2026, 1, 1), date(2027, 1, 3)), "367 days"),
        (Period(date(2025, 1, 1), date(2026, 1, 1)), "over already: its last day was December 31, 2025"),
    ],
)
def test_a_period_that_cannot_be_is_refused_at_its_end(period, says):
    with pytest.raises(Refused, match=says) as refusal:
        rules.check_period(period, longest_days=366, today=date(2026, 4, 1))
    assert refusal.value.field == "ends_on"


@pytest.mark.parametrize("ceiling", [-1, 1_000_000_001])
def test_an_impossible_ceiling_is_refused(ceiling):
    with pytest.raises(Refused, match="whole number of chips from 0") as refusal:
        rules.check_ceiling(ceiling)
    assert refusal.value.field == "ceiling"


def test_what_is_above_what_is_left_says_both_ways_on():
    refusal = rules.above_left("Saudi Arabia, 2026", 35_000, Balance(200_000, 68_000, 120_000))
    assert isinstance(refusal, NotEnough)
    assert (refusal.left, refusal.wanted) == (12_000, 35_000)
    assert refusal.reason == (
        "35,000 chips are asked for and 12,000 are left of the 200,000 allocated to Saudi Arabia, 2026 (120,000 used, "
        "68,000 reserved). Decide at the ceiling, for at most 12,000, or hold the request until the ceiling is raised "
        "or reservations are released."
    )


def test_where_nothing_is_left_the_request_is_held():
    says = rules.above_left("Saudi Arabia, 2026", 1, Balance(5, 0, 5)).reason
    assert says.startswith("1 chip is asked for and none is left of the 5 allocated")
    assert "Hold the request" in says
    assert "Decide" not in says
