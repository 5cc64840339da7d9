"""The pure rules of a calendar: days, notice, who is nearest."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import Refused
from inspections.rules.scheduling import (
    Base,
    Days,
    FreeTeam,
    Member,
    bounds_of,
    check_days,
    check_languages,
    check_notice,
    check_position,
    check_reason,
    days_between,
    distance_km,
    month_of,
    suggest,
    week_of,
    weeks_of,
    write_days,
)

TODAY = date(2026, 4, 1)
RIYADH = Base("Riyadh", "SA", 24.7136, 46.6753)
DUBAI = Base("Dubai", "AE", 25.2048, 55.2708)
FRANKFURT = Base("Frankfurt", "DE", 50.1109, 8.6821)
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


def refusal(act) -> Refused:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value


@pytest.mark.parametrize(
    ("days", "field", "says"),
    [
        (Days(date(2026, 3, 31), date(2026, 4, 2)), "first_day", "Mar 31, 2026 is in the past: today is Apr 1, 2026"),
        (Days(date(2030, 1, 1), date(2030, 1, 2)), "first_day", "The calendar reaches to"),
        (Days(date(2026, 4, 5), date(2026, 4, 4)), "last_day", "is before the first one"),
        (Days(date(2026, 4, 5), date(2026, 7, 4)), "last_day", "These are 91 days, and a visit has 60 at most"),
    ],
)
def test_days_that_cannot_be_are_refused_at_their_field(days, field, says):
    refused = refusal(lambda: check_days(days, today=TODAY))
    assert refused.field == field
    assert says in refused.reason


def test_today_is_not_in_the_past():
    check_days(Days(TODAY, TODAY), today=TODAY)


def test_a_short_notice_needs_a_reason_and_says_which_day_would_do():
    days = Days(date(2026, 4, 8), date(2026, 4, 9))
    refused = refusal(lambda: check_notice(days, told_on=TODAY, wanted=14, reason=""))
    assert refused.field == "notice_reason"
    assert "7 days of notice" in refused.reason
    assert "choose Apr 15, 2026 or a later first day" in refused.reason
    check_notice(days, told_on=TODAY, wanted=14, reason="The ministry asked for these days.")
    check_notice(days, told_on=TODAY, wanted=7, reason="")


def test_a_reason_of_spaces_is_none():
    assert refusal(lambda: check_reason("  ", to="move the visit")).field == "reason"


def test_half_a_position_and_one_off_the_earth_are_refused():
    assert refusal(lambda: check_position(None, 4.0)).field == "latitude"
    assert refusal(lambda: check_position(91.0, 4.0)).field == "latitude"
    assert refusal(lambda: check_position(9.0, float("nan"))).field == "longitude"


def test_languages_are_known_ones_once_each():
    assert check_languages(["ar", " AR", "en"]) == ["ar", "en"]
    assert refusal(lambda: check_languages(["tlh"])).field == "languages"
    assert refusal(lambda: check_languages([])).field == "languages"


def test_distances_are_those_of_the_globe():
    assert distance_km(DUBAI, RIYADH) == pytest.approx(871, abs=10)
    new_york, london = Base("New York", "US", 40.6413, -73.7781), Base("London", "GB", 51.4700, -0.4543)
    assert distance_km(new_york, london) == pytest.approx(5540, abs=30)
    assert distance_km(Base("Riyadh", "SA"), RIYADH) is None


def team(name: str, home: Base, *languages: str) -> FreeTeam:
    return FreeTeam(1, name, name, 1, (Member(f"{name} Lead", home, frozenset(languages)),))


def test_who_speaks_the_language_comes_first_and_then_who_lives_nearest():
    far, near, mute, lost = (
        team("Far", FRANKFURT, "ar", "de"),
        team("Near", DUBAI, "ar", "en"),
        team("Mute", DUBAI, "en"),
        team("Lost", Base("Muscat", "OM"), "ar"),
    )
    found = suggest([mute, lost, far, near], site=RIYADH, languages=["ar"])
    assert [each.team.name for each in found] == ["Near", "Far", "Lost", "Mute"]
    assert found[0].says.startswith("speaks Arabic; Near Lead lives in Dubai, 8")
    assert found[2].says.endswith("at an unknown distance")
    assert "an interpreter is needed" in found[3].says


def test_who_lives_in_the_same_city_is_nearest_even_without_a_position():
    found = suggest(
        [team("Gulf", DUBAI, "ar"), team("Here", Base("riyadh", "SA"), "ar")], site=RIYADH, languages=["ar"]
    )
    assert [each.team.name for each in found] == ["Here", "Gulf"]
    assert found[0].km == 0


@given(first=DAYS, length=st.integers(0, 59))
def test_days_come_back_from_their_instants(first, length):
    days = Days(first, first + timedelta(days=length))
    assert days_between(*bounds_of(days)) == days


@given(day=DAYS)
def test_a_month_lies_in_whole_weeks_that_follow_one_another(day):
    month = month_of(day)
    weeks = weeks_of(month)
    assert weeks[0].first <= month.first <= day <= month.last <= weeks[-1].last
    assert all(week.first.weekday() == 6 and week.count == 7 for week in weeks)
    assert all(one.end == other.first for one, other in zip(weeks, weeks[1:], strict=False))
    assert week_of(day) in weeks


def test_days_of_a_change_to_summer_time_are_whole():
    lower, upper = bounds_of(Days(date(2026, 3, 8), date(2026, 3, 8)))
    assert (lower.astimezone(UTC), upper.astimezone(UTC)) == (
        datetime(2026, 3, 8, 5, tzinfo=UTC),
        datetime(2026, 3, 9, 4, tzinfo=UTC),
    )


def test_days_read_as_people_write_them():
    assert write_days(Days(TODAY, TODAY)) == "on Apr 1, 2026"
    assert write_days(Days(TODAY, date(2026, 4, 9))) == "from Apr 1 to Apr 9, 2026"
    assert write_days(Days(date(2026, 12, 30), date(2027, 1, 2))) == "from Dec 30, 2026 to Jan 2, 2027"
