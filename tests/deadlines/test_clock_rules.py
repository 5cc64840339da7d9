"""A clock is a pure function of its events: examples from 15 CFR 750.4, then properties with an oracle."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz as dateutil_tz
from hypothesis import example, given
from hypothesis import strategies as st

from deadlines.rules import (
    ClockError,
    ClockEvent,
    EventAfterEnd,
    EventBeforeStart,
    NotStarted,
    ResumeWithoutStop,
    SecondEnd,
    SecondStart,
    StopTwice,
    StopWithoutGround,
    UnknownTimeZone,
    add_calendar_days,
    compute,
    due_at,
)

WASHINGTON = "America/New_York"
GROUND = "15 CFR 750.4(b)(1)"
NOON = datetime(2026, 6, 1, 16, 0, tzinfo=UTC)  # 12:00 in Washington
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


def start(at=NOON):
    return ClockEvent("start", at)


def stop(at, key="question", ground=GROUND):
    return ClockEvent("stop", at, key, ground)


def resume(at, key="question"):
    return ClockEvent("resume", at, key)


def end(at):
    return ClockEvent("end", at)


def washington(*when):
    return datetime(*when, tzinfo=ZoneInfo(WASHINGTON))


# --- what a clock shows ---


def test_a_clock_without_stops_counts_everything():
    reading = compute([start()], NOON + 5 * DAY, limit_days=9, tz=WASHINGTON)
    assert (reading.elapsed, reading.counted, reading.stopped) == (5 * DAY, 5 * DAY, 0 * DAY)
    assert reading.running
    assert reading.due == NOON + 9 * DAY
    assert not reading.overdue


def test_stopped_time_is_not_counted_and_puts_the_due_date_off():
    events = [start(), stop(NOON + DAY), resume(NOON + 3 * DAY)]
    reading = compute(events, NOON + 5 * DAY, limit_days=9, tz=WASHINGTON)
    assert (reading.counted, reading.stopped) == (3 * DAY, 2 * DAY)
    assert reading.due == due_at(events, 9, WASHINGTON) == NOON + 11 * DAY


def test_stops_that_overlap_count_once():
    events = [
        start(),
        stop(NOON + DAY, "question"),
        stop(NOON + 2 * DAY, "assurances", "15 CFR 750.4(b)(3)"),
        resume(NOON + 3 * DAY, "question"),
        resume(NOON + 4 * DAY, "assurances"),
    ]
    reading = compute(events, NOON + 10 * DAY, limit_days=9, tz=WASHINGTON)
    assert reading.stopped == 3 * DAY  # not 2 + 2
    assert reading.due == NOON + 12 * DAY


def test_a_picture_names_the_grounds_of_every_stretch():
    other = "15 CFR 750.4(b)(3)"
    events = [
        start(),
        stop(NOON + DAY),
        stop(NOON + 2 * DAY, "assurances", other),
        resume(NOON + 3 * DAY),
        resume(NOON + 4 * DAY, "assurances"),
    ]
    drawn = [(i.length, i.grounds) for i in compute(events, NOON + 6 * DAY).intervals]
    assert drawn == [
        (DAY, ()),
        (DAY, (GROUND,)),
        (DAY, (GROUND, other)),
        (DAY, (other,)),
        (2 * DAY, ()),
    ]


def test_while_a_stop_stands_the_due_date_is_open_and_the_earliest_is_known():
    reading = compute([start(), stop(NOON + DAY)], NOON + 3 * DAY, limit_days=9, tz=WASHINGTON)
    assert reading.is_stopped
    assert reading.due is None
    assert reading.earliest_due == NOON + 11 * DAY


def test_a_stop_after_the_due_instant_does_not_repair_what_was_missed():
    missed = NOON + 9 * DAY
    reading = compute([start(), stop(missed)], missed + 5 * DAY, limit_days=9, tz=WASHINGTON)
    assert reading.due == missed
    assert reading.overdue
    assert due_at([start(), stop(missed - MINUTE)], 9, WASHINGTON) is None


def test_the_end_freezes_a_clock_and_ends_the_stop_that_stands():
    events = [start(), stop(NOON + 2 * DAY), end(NOON + 3 * DAY)]
    reading = compute(events, NOON + 40 * DAY, limit_days=9, tz=WASHINGTON)
    assert (reading.elapsed, reading.counted, reading.stopped) == (3 * DAY, 2 * DAY, DAY)
    assert not reading.running
    assert not reading.is_stopped
    assert reading.due == NOON + 10 * DAY
    assert not reading.overdue


def test_a_clock_read_as_of_an_earlier_day_shows_that_day():
    events = [start(), stop(NOON + 2 * DAY), resume(NOON + 3 * DAY), end(NOON + 4 * DAY)]
    reading = compute(events, NOON + DAY, limit_days=9, tz=WASHINGTON)
    assert reading.running
    assert reading.counted == DAY
    assert reading.due == NOON + 9 * DAY
    before = compute(events, NOON - DAY, limit_days=9, tz=WASHINGTON)
    assert (before.elapsed, before.running, before.started_at) == (0 * DAY, False, None)


def test_seconds_do_not_count():
    reading = compute([start(NOON + timedelta(seconds=59))], NOON + timedelta(minutes=1, seconds=1))
    assert reading.elapsed == MINUTE


def test_a_stop_can_be_lifted_and_set_again_within_the_same_minute():
    again = NOON + DAY
    events = [start(), stop(NOON + HOUR), resume(again), stop(again), resume(again + HOUR)]
    assert compute(events, NOON + 2 * DAY).stopped == DAY
    assert compute([start(), stop(again), resume(again)], NOON + 2 * DAY).stopped == 0 * DAY


# --- wall clocks ---


@pytest.mark.parametrize(
    ("started", "days", "due"),
    [
        # March 8, 2026 is an hour short, November 1 an hour long: the wall clock decides.
        (washington(2026, 3, 5, 10, 0), 9, washington(2026, 3, 14, 10, 0)),
        (washington(2026, 10, 30, 10, 0), 9, washington(2026, 11, 8, 10, 0)),
        # 2:30 in the morning of March 8 does not exist: an hour later does.
        (washington(2026, 3, 7, 2, 30), 1, washington(2026, 3, 8, 3, 30)),
        # 1:30 in the morning of November 1 happens twice: the first is meant.
        (washington(2026, 10, 31, 1, 30), 1, datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        # A leap day, its missing twin, the end of a month and of a year.
        (washington(2028, 2, 20, 9, 0), 9, washington(2028, 2, 29, 9, 0)),
        (washington(2027, 2, 20, 9, 0), 9, washington(2027, 3, 1, 9, 0)),
        (washington(2026, 1, 31, 23, 59), 30, washington(2026, 3, 2, 23, 59)),
        (washington(2026, 12, 27, 0, 0), 9, washington(2027, 1, 5, 0, 0)),
    ],
)
def test_a_due_instant_lies_at_the_same_minute_on_the_wall(started, days, due):
    assert due_at([start(started)], days, WASHINGTON) == due


def test_a_stop_of_one_hour_over_the_change_of_time_is_one_hour():
    began = washington(2026, 3, 8, 1, 30)
    events = [start(washington(2026, 3, 5, 10, 0)), stop(began), resume(washington(2026, 3, 8, 3, 30))]
    assert compute(events, washington(2026, 3, 9, 10, 0)).stopped == HOUR
    assert due_at(events, 9, WASHINGTON) == washington(2026, 3, 14, 11, 0)


# --- refusals ---


@pytest.mark.parametrize(
    ("events", "error", "words"),
    [
        ([], NotStarted, "never started"),
        ([stop(NOON)], NotStarted, "never started"),
        ([start(), start(NOON + DAY)], SecondStart, "only once"),
        ([start(), end(NOON + DAY), end(NOON + DAY)], SecondEnd, "only once"),
        ([start(), end(NOON - DAY)], EventBeforeStart, "before the start"),
        ([start(), stop(NOON - DAY)], EventBeforeStart, "cannot stop earlier"),
        ([start(), end(NOON), stop(NOON + DAY)], EventAfterEnd, "cannot stop later"),
        ([start(), stop(NOON, ground=" ")], StopWithoutGround, "legal ground"),
        ([start(), stop(NOON, key="")], StopWithoutGround, "needs a key"),
        ([start(), resume(NOON + DAY)], ResumeWithoutStop, "Nothing is stopped under “question”"),
        ([start(), stop(NOON), resume(NOON + DAY, "other")], ResumeWithoutStop, "“other”"),
        ([start(), stop(NOON), resume(NOON), resume(NOON)], ResumeWithoutStop, "nothing can resume"),
        ([start(), stop(NOON), stop(NOON + DAY)], StopTwice, "already"),
        ([start(), ClockEvent("pause", NOON)], ClockError, "“pause”"),
    ],
)
def test_what_cannot_have_happened_is_refused_in_words(events, error, words):
    with pytest.raises(error, match=words):
        due_at(events, 9, WASHINGTON)
    if events:
        with pytest.raises(error, match=words):
            compute(events, NOON + 30 * DAY)


def test_an_impossible_event_after_the_moment_of_reading_is_refused_as_well():
    with pytest.raises(SecondEnd):
        compute([start(), end(NOON + 2 * DAY), end(NOON + 3 * DAY)], NOON + DAY)


@pytest.mark.parametrize("name", ["America/Washington", "", "../etc/passwd", "Nowhere"])
def test_an_unknown_time_zone_is_refused(name):
    with pytest.raises(UnknownTimeZone, match="is not a time zone"):
        due_at([start()], 9, name)


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="names no instant"):
        compute([start(NOON.replace(tzinfo=None))], NOON)


def test_a_limit_below_a_day_is_refused():
    with pytest.raises(ClockError, match="at least one calendar day"):
        due_at([start()], 0, WASHINGTON)


# --- properties ---


@st.composite
def histories(draw):
    """Events of one clock that could have happened, in any order of recording, and the minutes they stop."""
    # Weeks around both changes of time, a leap day and the turn of a year.
    began = draw(
        st.sampled_from(
            [
                washington(2026, 3, 6, 1, 30),
                washington(2026, 10, 30, 0, 45),
                washington(2028, 2, 27, 23, 59),
                washington(2026, 12, 30, 12, 0),
            ]
        )
    ).astimezone(UTC)
    events = [start(began)]
    stopped = set()
    lasted = draw(st.none() | st.integers(0, 6000))
    for key in draw(st.sets(st.sampled_from("abc"))):
        marks = draw(st.lists(st.integers(0, lasted if lasted is not None else 6000), max_size=6))
        marks.sort()
        for first, last in zip(marks[::2], [*marks[1::2], None], strict=False):
            events.append(stop(began + first * MINUTE, key, f"ground {key}"))
            if last is not None:
                events.append(resume(began + last * MINUTE, key))
            stopped.update(range(first, 20_000 if last is None else last))
    if lasted is not None:
        events.append(end(began + lasted * MINUTE))
    return began, draw(st.permutations(events)), stopped, lasted


@given(histories(), st.integers(0, 9000), st.integers(0, 59))
def test_elapsed_is_counted_and_stopped_and_agrees_with_counting_every_minute(history, minutes, seconds):
    began, events, stopped, lasted = history
    reading = compute(events, began + minutes * MINUTE + timedelta(seconds=seconds))
    past = minutes if lasted is None else min(minutes, lasted)
    assert reading.elapsed == past * MINUTE
    if lasted is not None and minutes >= lasted:
        stopped = {minute for minute in stopped if minute < lasted}
    assert reading.stopped == sum(1 for minute in range(past) if minute in stopped) * MINUTE
    assert reading.elapsed == reading.counted + reading.stopped
    assert min(reading.elapsed, reading.counted, reading.stopped) >= timedelta()
    assert sum((i.length for i in reading.intervals), timedelta()) == reading.elapsed
    assert sum((i.length for i in reading.intervals if i.counted), timedelta()) == reading.counted


@given(histories(), st.integers(1, 4))
def test_the_due_instant_is_where_a_minute_counter_uses_up_the_limit(history, days):
    began, events, stopped, lasted = history
    left = int((add_calendar_days(began, days, WASHINGTON) - began) / MINUTE)
    minute = 0
    while left and minute < 20_000:
        minute_is_stopped = minute in stopped and (lasted is None or minute < lasted)
        left -= not minute_is_stopped
        minute += 1
    # After its last counted minute a clock is due, even if a stop begins in that very minute.
    expected = None if left else began + minute * MINUTE
    assert due_at(events, days, WASHINGTON) == expected


@given(histories(), st.randoms(use_true_random=False), st.integers(0, 9000))
def test_the_order_of_recording_does_not_matter(history, random, minutes):
    began, events, _, _ = history
    shuffled = list(events)
    random.shuffle(shuffled)
    now = began + minutes * MINUTE
    assert compute(events, now, limit_days=2, tz=WASHINGTON) == compute(shuffled, now, limit_days=2, tz=WASHINGTON)
    assert due_at(events, 2, WASHINGTON) == due_at(shuffled, 2, WASHINGTON)


@given(histories(), st.integers(0, 9000), st.integers(0, 3000))
def test_time_never_runs_backwards(history, minutes, later):
    began, events, _, _ = history
    first = compute(events, began + minutes * MINUTE)
    second = compute(events, began + (minutes + later) * MINUTE)
    assert second.elapsed >= first.elapsed
    assert second.counted >= first.counted
    assert second.stopped >= first.stopped


@given(histories(), st.integers(0, 12_000), st.integers(1, 4))
def test_a_clock_is_overdue_when_more_is_counted_than_its_limit(history, minutes, days):
    began, events, _, _ = history
    reading = compute(events, began + minutes * MINUTE, limit_days=days, tz=WASHINGTON)
    limit = add_calendar_days(began, days, WASHINGTON) - began
    assert reading.overdue == (reading.counted > limit)


# The other library reads no change of time after 2037, so both ends stay before it.
@given(st.integers(0, 16 * 365 * 24 * 60), st.integers(-400, 400))
@example(int((washington(2026, 3, 7, 2, 30) - datetime(2020, 1, 1, tzinfo=UTC)) / MINUTE), 1)
@example(int((washington(2026, 10, 31, 1, 30) - datetime(2020, 1, 1, tzinfo=UTC)) / MINUTE), 1)
def test_calendar_days_agree_with_another_library(minutes, days):
    at = datetime(2020, 1, 1, tzinfo=UTC) + minutes * MINUTE
    zone = dateutil_tz.gettz(WASHINGTON)
    local = at.replace(second=0, microsecond=0).astimezone(zone)
    if days == 0:
        expected = local
    else:
        wall = (local.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=zone, fold=0)
        expected = dateutil_tz.resolve_imaginary(wall)
    assert add_calendar_days(at, days, WASHINGTON) == expected.astimezone(UTC)
