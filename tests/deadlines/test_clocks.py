"""Clocks in the database: every act adds an event, the stored due date can always be recomputed."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.rules import SYSTEM, Refused
from audit import selectors as audit
from audit import verification
from deadlines import operations, rules, selectors
from deadlines.models import Clock, ClockEvent
from tests.deadlines import factories
from tests.deadlines.factories import NOW

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
GROUND, SOURCE = "agreement of the applicant to the delay", "15 CFR 750.4(b)(1)"


def stop(clock, at, key="question", **words):
    words = {"ground": GROUND, "source": SOURCE, **words}
    return operations.stop_clock(clock=clock, stop_key=key, by=SYSTEM, at=at, **words)


def resume(clock, at, key="question", **more):
    return operations.resume_clock(clock=clock, stop_key=key, by=SYSTEM, at=at, **more)


def test_a_started_clock_runs_and_knows_when_it_is_due():
    clock = factories.clock(limit_days=9)
    found = selectors.get_clock((clock.subject_kind, clock.subject_id), "initial")
    assert (found.due_at, found.running) == (NOW + 9 * DAY, True)
    assert selectors.get_reading(found, NOW + 2 * DAY).counted == 2 * DAY


def test_a_stop_takes_the_due_date_away_and_a_resume_brings_a_later_one():
    clock = factories.clock(limit_days=9)
    stop(clock, NOW + DAY)
    clock.refresh_from_db()
    assert (clock.due_at, clock.running) == (None, False)
    resume(clock, NOW + 3 * DAY)
    clock.refresh_from_db()
    assert (clock.due_at, clock.running) == (NOW + 11 * DAY, True)


def test_the_row_in_the_callers_hand_follows():
    clock = factories.clock()
    stop(clock, NOW + DAY)
    assert (clock.due_at, clock.running) == (None, False)


def test_what_happened_earlier_can_be_recorded_later_but_not_the_future():
    clock = factories.clock(limit_days=9)
    stop(clock, NOW + 4 * DAY, from_at=NOW + DAY)
    resume(clock, NOW + 4 * DAY, from_at=NOW + 2 * DAY)
    event = clock.events.get(kind="stop")
    assert (event.at, event.recorded_at) == (NOW + DAY, NOW + 4 * DAY)
    assert clock.due_at == NOW + 10 * DAY
    with pytest.raises(Refused, match="has not come"):
        stop(clock, NOW + 5 * DAY, from_at=NOW + 6 * DAY)


def test_an_end_is_for_good():
    clock = factories.clock()
    operations.end_clock(clock=clock, by=SYSTEM, at=NOW + DAY)
    assert not Clock.objects.get(pk=clock.pk).running
    with pytest.raises(Refused, match="only once"):
        operations.end_clock(clock=clock, by=SYSTEM, at=NOW + 2 * DAY)
    with pytest.raises(Refused, match="cannot stop later"):
        stop(clock, NOW + 2 * DAY)


def test_refusals_change_nothing_and_say_why():
    clock = factories.clock()
    with pytest.raises(Refused, match="legal ground"):
        stop(clock, NOW + DAY, ground="")
    with pytest.raises(Refused, match="source is named"):
        stop(clock, NOW + DAY, source=" ")
    with pytest.raises(Refused, match="Nothing is stopped"):
        resume(clock, NOW + DAY)
    with pytest.raises(Refused, match="started already"):
        operations.start_clock(
            subject=(clock.subject_kind, clock.subject_id), kind="initial", limit_days=9, by=SYSTEM, at=NOW
        )
    with pytest.raises(Refused, match="not a time zone"):
        operations.start_clock(
            subject=factories.new_subject(),
            kind="initial",
            limit_days=9,
            by=SYSTEM,
            at=NOW,
            time_zone="America/Springfield",
        )
    with pytest.raises(Refused, match="at least one calendar day"):
        factories.clock(limit_days=0)
    assert clock.events.count() == 1


def test_every_event_stands_in_the_journal_of_its_subject_which_covers_it():
    clock = factories.clock()
    stop(clock, NOW + DAY)
    resume(clock, NOW + 2 * DAY)
    entries = list(audit.list_entries((clock.subject_kind, clock.subject_id)))
    assert {entry.verb for entry in entries} == {"start_clock", "stop_clock", "resume_clock"}
    assert {int(entry.covers[0]["id"]) for entry in entries} == set(clock.events.values_list("pk", flat=True))


def test_a_clock_event_that_somebody_altered_is_found_by_the_audit(committed_db):
    clock = factories.clock()
    stop(clock, NOW + DAY)
    assert verification.verify().intact
    with transaction.atomic(), transaction.get_connection().cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE deadlines_clockevent SET at = at - interval '1 day' WHERE kind = 'stop'")
    found = verification.verify()
    assert not found.intact
    assert "deadlines_clockevent" in found.broken[0]


def test_what_an_event_of_a_faster_clock_says_has_happened():
    clock = factories.clock(at=NOW + timedelta(minutes=2))
    with pytest.raises(Refused, match="cannot stop earlier"):
        stop(clock, NOW)
    stop(clock, NOW + 2 * HOUR)
    resume(clock, NOW + 3 * HOUR)
    stop(clock, NOW + HOUR, "other")  # recorded last, by a process whose clock is behind
    resume(clock, NOW + HOUR, "other")
    assert clock.running
    assert Clock.objects.get(pk=clock.pk).due_at == clock.due_at


def test_a_clock_is_read_with_its_events_in_two_queries(django_assert_num_queries):
    clock = factories.clock()
    stop(clock, NOW + DAY)
    with django_assert_num_queries(2):
        found = selectors.list_clocks_of((clock.subject_kind, clock.subject_id))
        assert [selectors.get_reading(each, NOW + 2 * DAY).stopped for each in found] == [DAY]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE deadlines_clockevent SET at = at - interval '1 day'",
        "DELETE FROM deadlines_clockevent",
        "TRUNCATE deadlines_clockevent",
        "DELETE FROM deadlines_clock",
        "UPDATE deadlines_clock SET limit_days = 30",
    ],
)
def test_the_database_keeps_history_as_it_was(statement):
    clock = factories.clock()
    with pytest.raises(DatabaseError), transaction.atomic(), transaction.get_connection().cursor() as cursor:
        cursor.execute(statement)
    assert selectors.get_reading(clock, NOW + DAY).counted == DAY


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "start"},
        {"kind": "stop", "stop_key": "a", "ground": "", "ground_source": "x"},
        {"kind": "stop", "stop_key": "", "ground": "g", "ground_source": "x"},
        {"kind": "stop", "stop_key": "a", "ground": "g", "ground_source": ""},
        {"kind": "resume", "stop_key": ""},
        {"kind": "pause"},
        {"kind": "end", "at": NOW + DAY, "recorded_at": NOW},
    ],
)
def test_the_database_refuses_impossible_events(fields):
    clock = factories.clock()
    with pytest.raises(IntegrityError), transaction.atomic():
        ClockEvent.objects.create(**{"clock": clock, "at": NOW, "recorded_at": NOW, "actor_label": "test", **fields})


acts = st.lists(
    st.tuples(st.sampled_from(["stop", "resume", "end"]), st.sampled_from("ab"), st.integers(0, 15_000)),
    max_size=8,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(acts, st.integers(1, 12))
def test_whatever_is_recorded_the_stored_due_date_is_what_the_events_give(acts, limit_days):
    clock = factories.clock(limit_days=limit_days)
    late = NOW + 30 * DAY
    for act, key, minutes in acts:
        from_at = NOW + timedelta(minutes=minutes)
        with suppress(Refused):
            if act == "stop":
                stop(clock, late, key, from_at=from_at)
            elif act == "resume":
                resume(clock, late, key, from_at=from_at)
            else:
                operations.end_clock(clock=clock, by=SYSTEM, at=late, from_at=from_at)
    stored = Clock.objects.get(pk=clock.pk)
    events = [rules.ClockEvent(e.kind, e.at, e.stop_key, e.ground) for e in stored.events.all()]
    assert stored.due_at == rules.due_at(events, limit_days, stored.time_zone)
    assert stored.running == selectors.get_reading(stored, late).running
