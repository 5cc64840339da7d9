"""The sweep sends each reminder once: alone, again, after a downtime, and in several threads at a time."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Organization, User
from accounts.rules import SYSTEM, Refused
from audit import selectors as audit
from deadlines import operations, selectors
from deadlines.models import Deadline, Notification, Reminder
from tests.accounts import factories as people
from tests.deadlines import factories
from tests.deadlines.factories import NOW

DAY = timedelta(days=1)
MANY = 1200


@pytest.fixture
def person(db):
    return people.user()


def sweep(at):
    return operations.send_due_reminders(at=at)


def sent():
    return [(each.step, each.folded) for each in Reminder.objects.order_by("id")]


def test_nothing_is_sent_before_its_time(person):
    factories.deadline(owner=person)
    assert sweep(NOW + 3 * DAY - timedelta(seconds=1)) == 0
    assert sent() == []


def test_each_step_is_sent_once_when_its_time_comes(person):
    deadline = factories.deadline(owner=person)
    for day in range(12):
        sweep(NOW + day * DAY)
        sweep(NOW + day * DAY)
    assert sent() == [(7, False), (3, False), (1, False)]
    deadline.refresh_from_db()
    assert deadline.next_reminder_at is None
    assert len(selectors.list_notifications(person)) == 3


def test_a_reminder_says_what_to_do_by_when_and_where(person):
    factories.deadline(owner=person, reminder_offsets=[1, -2])
    sweep(NOW + 9 * DAY)
    sweep(NOW + 12 * DAY)
    late, early = selectors.list_notifications(person)
    assert early.says == "Due June 11, 2026 at 12:00 PM: Answer the question on case C104233"
    assert late.says == "Was due June 11, 2026 at 12:00 PM: Answer the question on case C104233"
    assert early.url == "/portal/cases/C104233/"


def test_a_deadline_at_midnight_names_the_day_that_ends(person):
    midnight = datetime(2026, 6, 12, 0, 0, tzinfo=ZoneInfo("America/New_York"))
    deadline = factories.deadline(owner=person, due_at=midnight, reminder_offsets=[1])
    sweep(NOW + 10 * DAY)
    (line,) = selectors.list_notifications(person)
    assert line.says == "Due by the end of June 11, 2026: Answer the question on case C104233"
    (entry,) = audit.list_entries((deadline.subject_kind, deadline.subject_id))
    assert "due by the end of June 11, 2026:" in entry.says


def test_after_a_downtime_only_the_latest_step_is_told(person):
    factories.deadline(owner=person)
    assert sweep(NOW + 9 * DAY) == 1
    assert sorted(sent()) == [(1, False), (3, True), (7, True)]
    assert len(selectors.list_notifications(person)) == 1


def test_a_step_that_was_sent_is_not_folded_into_a_later_one(person):
    factories.deadline(owner=person)
    sweep(NOW + 3 * DAY)
    sweep(NOW + 9 * DAY)
    assert sent()[0] == (7, False)
    assert sorted(sent()[1:]) == [(1, False), (3, True)]


def test_a_deadline_set_late_reminds_at_once_of_the_step_it_is_in(person):
    factories.deadline(owner=person, due_at=NOW + 2 * DAY)
    sweep(NOW)
    assert sorted(sent()) == [(3, False), (7, True)]


def test_a_deadline_that_moved_reminds_anew(person):
    subject = factories.new_subject()
    factories.deadline(owner=person, subject=subject, reminder_offsets=[1])
    sweep(NOW + 9 * DAY)
    factories.deadline(owner=person, subject=subject, reminder_offsets=[1], due_at=NOW + 20 * DAY, at=NOW + 9 * DAY)
    assert sweep(NOW + 10 * DAY) == 0
    assert sweep(NOW + 19 * DAY) == 1
    assert sent() == [(1, False), (1, False)]


def test_every_active_person_of_the_owner_is_told_and_nobody_else(db):
    unit = people.unit()
    both = [people.user("licensing_officer", unit=unit) for _ in range(2)]
    left = people.user("licensing_officer", unit=unit, is_active=False)
    elsewhere = people.user("licensing_officer")
    exporter = people.user()
    colleague = people.user(organization=exporter.organization)
    factories.deadline(owner=("unit", unit.pk))
    factories.deadline(owner=("organization", exporter.organization_id))
    assert sweep(NOW + 3 * DAY) == 2
    told = Counter(Notification.objects.values_list("user_id", flat=True))
    assert told == Counter(each.pk for each in [*both, exporter, colleague])
    assert left.pk not in told
    assert elsewhere.pk not in told


def test_a_step_without_anybody_to_tell_is_still_dealt_with(db):
    nobody = people.user(is_active=False)
    factories.deadline(owner=nobody)
    assert sweep(NOW + 3 * DAY) == 1
    assert sweep(NOW + 3 * DAY) == 0
    assert sent() == [(7, False)]


def test_a_batch_is_one_statement_whatever_its_size(person, django_assert_num_queries):
    for _ in range(30):
        factories.deadline(owner=person)
    with django_assert_num_queries(1):
        assert operations.send_due_reminders(at=NOW + 3 * DAY, batch=20) == 20
    assert operations.send_due_reminders(at=NOW + 3 * DAY, batch=20) == 10
    assert operations.send_due_reminders(at=NOW + 3 * DAY, batch=20) == 0


@pytest.mark.parametrize("statement", ["UPDATE deadlines_reminder SET folded = true", "DELETE FROM deadlines_reminder"])
def test_what_was_sent_stays_sent(person, statement):
    factories.deadline(owner=person)
    sweep(NOW + 3 * DAY)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_sweep_reads_the_index_of_what_is_due(person):
    Deadline.objects.bulk_create(
        Deadline(
            subject_kind="licensing.case",
            subject_id=str(number),
            kind="answer",
            says="Answer",
            owner_kind="user",
            owner_id=person.pk,
            due_at=NOW + DAY * (number + 2),
            set_at=NOW,
            reminder_offsets=[1],
            reminder_instants=[NOW + DAY * (number + 1)],
            next_reminder_at=NOW + DAY * (number + 1),
        )
        for number in range(3000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE deadlines_deadline")
        cursor.execute(
            "EXPLAIN SELECT id FROM deadlines_deadline WHERE status = 'open' AND next_reminder_at <= %s "
            "ORDER BY next_reminder_at, id LIMIT 500",
            [NOW + 5 * DAY],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "deadline_next_reminder" in plan
    assert "Sort" not in plan


def in_threads(*acts):
    """Run the acts at once, each on a connection of its own; raise what any of them raised."""
    gate = threading.Barrier(len(acts))

    def run(act):
        try:
            gate.wait(timeout=10)
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(run, act) for act in acts]:
            done.result(timeout=60)


def test_sweeps_at_the_same_time_send_everything_once(committed_db):
    person = people.user()
    Deadline.objects.bulk_create(
        Deadline(
            subject_kind="licensing.case",
            subject_id=str(number),
            kind="answer",
            says="Answer",
            owner_kind="user",
            owner_id=person.pk,
            due_at=NOW + 5 * DAY,
            set_at=NOW,
            reminder_offsets=[3, 1],
            reminder_instants=[NOW + 2 * DAY, NOW + 4 * DAY],
            next_reminder_at=NOW + 2 * DAY,
        )
        for number in range(MANY)
    )
    swept = []

    def work():
        while count := operations.send_due_reminders(at=NOW + 3 * DAY, batch=50):
            swept.append(count)

    in_threads(work, work, work)
    work()  # what a worker had locked while the last ones looked
    assert sum(swept) == MANY
    assert Reminder.objects.count() == Notification.objects.count() == MANY
    assert not Deadline.objects.filter(next_reminder_at__lte=NOW + 3 * DAY).exists()


def test_a_sweep_that_looks_and_then_writes_would_tell_people_twice(committed_db):
    """The naive sweep that this one replaces fails the same check, so the check is known to bite."""
    person = people.user()
    factories.deadline(owner=person)
    looked = threading.Barrier(2)

    def naive():
        due = list(Deadline.objects.filter(status="open", next_reminder_at__lte=NOW + 3 * DAY))
        looked.wait(timeout=10)
        for deadline in due:
            operations.notify(users=[person], kind=deadline.kind, says=deadline.says, url="", at=NOW)
        Deadline.objects.filter(pk__in=[each.pk for each in due]).update(next_reminder_at=None)

    in_threads(naive, naive)
    assert Notification.objects.count() == 2


def test_setting_the_same_deadline_at_once_makes_one(committed_db):
    person, subject = people.user(), factories.new_subject()
    in_threads(*[lambda: factories.deadline(owner=person, subject=subject) for _ in range(4)])
    assert Deadline.objects.filter(status="open").count() == 1


def test_of_two_people_who_stop_a_clock_under_one_key_at_once_one_is_refused(committed_db):
    clock = factories.clock(at=NOW)
    outcomes = []

    def stop():
        try:
            operations.stop_clock(clock=clock, stop_key="same", ground="g", source="s", by=SYSTEM, at=NOW + DAY)
            outcomes.append("stopped")
        except Refused:
            outcomes.append("refused")

    in_threads(stop, stop)
    assert sorted(outcomes) == ["refused", "stopped"]


def test_the_fixture_leaves_nothing_behind(db):
    assert not User.objects.exists()
    assert not Organization.objects.exists()
