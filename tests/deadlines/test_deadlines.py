"""Deadlines: set, moved, met, canceled; never in the past, never deleted."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts.rules import SYSTEM, Refused
from audit import selectors as audit
from deadlines import operations, selectors
from deadlines.models import Deadline
from tests.accounts import factories as people
from tests.deadlines import factories
from tests.deadlines.factories import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def person():
    return people.user()


def test_a_deadline_knows_its_first_reminder(person):
    deadline = factories.deadline(owner=person, reminder_offsets=[1, 7, 3, 3])
    assert deadline.reminder_offsets == [7, 3, 1]
    assert deadline.next_reminder_at == deadline.due_at - 7 * DAY
    assert factories.deadline(owner=person, reminder_offsets=[]).next_reminder_at is None


@pytest.mark.parametrize("due_at", [NOW - DAY, NOW])
def test_a_deadline_in_the_past_is_refused(person, due_at):
    with pytest.raises(Refused, match="lies in the future") as refused:
        factories.deadline(owner=person, due_at=due_at)
    assert refused.value.field == "due_at"
    assert not Deadline.objects.exists()


def test_the_database_refuses_a_deadline_in_the_past_as_well(person):
    deadline = factories.deadline(owner=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Deadline.objects.filter(pk=deadline.pk).update(due_at=NOW - DAY)


def test_an_unknown_kind_of_owner_is_refused():
    with pytest.raises(Refused, match="not to a team"):
        factories.deadline(owner=("team", 1))


def test_setting_it_again_moves_the_open_one(person):
    subject = factories.new_subject()
    first = factories.deadline(owner=person, subject=subject)
    second = factories.deadline(owner=person, subject=subject, due_at=NOW + 20 * DAY, at=NOW + DAY)
    assert first.pk == second.pk
    assert (second.due_at, second.moves) == (NOW + 20 * DAY, 1)
    assert second.next_reminder_at == NOW + 13 * DAY
    with pytest.raises(Refused, match="lies in the future"):
        factories.deadline(owner=person, subject=subject, due_at=NOW + DAY, at=NOW + 2 * DAY)
    says = {entry.says for entry in audit.list_entries(subject)}
    # What it says may end in a period, so it comes last.
    assert says == {
        "Set a deadline, due June 11, 2026 at 12:00 PM: Answer the question on case C104233",
        "Moved a deadline, due June 21, 2026 at 12:00 PM instead of June 11, 2026 at 12:00 PM: "
        "Answer the question on case C104233",
    }


def test_setting_the_same_again_writes_nothing(person):
    subject = factories.new_subject()
    factories.deadline(owner=person, subject=subject)
    again = factories.deadline(owner=person, subject=subject, due_at=NOW + 10 * DAY, at=NOW + DAY)
    assert again.moves == 0
    assert len(list(audit.list_entries(subject))) == 1


def test_a_deadline_is_one_for_each_subject_kind_and_owner(person):
    subject, other = factories.new_subject(), people.user()
    factories.deadline(owner=person, subject=subject)
    factories.deadline(owner=other, subject=subject)
    factories.deadline(owner=person, subject=subject, kind="report", due_at=NOW + DAY)
    found = list(selectors.list_deadlines_of(subject))
    assert [each.kind for each in found] == ["report", "answer", "answer"]


def test_a_person_sees_what_is_open_alone_and_with_others(django_assert_num_queries):
    unit = people.unit()
    officer = people.user("licensing_officer", unit=unit)
    own = factories.deadline(owner=officer, due_at=NOW + 3 * DAY)
    shared = factories.deadline(owner=("unit", unit.pk), due_at=NOW + DAY)
    house = factories.deadline(owner=("organization", officer.organization_id), due_at=NOW + 2 * DAY)
    factories.deadline(owner=people.user())
    done = factories.deadline(owner=officer)
    operations.meet_deadline(subject=(done.subject_kind, done.subject_id), kind=done.kind, by=SYSTEM, at=NOW)
    with django_assert_num_queries(1):
        assert selectors.list_open_deadlines_for(officer) == [shared, house, own]


def test_meeting_closes_every_open_one_of_the_kind_and_stops_its_reminders(person):
    subject, other = factories.new_subject(), people.user()
    factories.deadline(owner=person, subject=subject)
    factories.deadline(owner=other, subject=subject)
    factories.deadline(owner=person, subject=subject, kind="report")
    assert operations.meet_deadline(subject=subject, kind="answer", by=SYSTEM, at=NOW + DAY) == 2
    assert operations.meet_deadline(subject=subject, kind="answer", by=SYSTEM, at=NOW + DAY) == 0
    status = {(each.kind, each.status) for each in selectors.list_deadlines_of(subject)}
    assert status == {("answer", "met"), ("report", "open")}
    assert operations.send_due_reminders(at=NOW + 30 * DAY) == 1


def test_one_owner_can_meet_a_deadline_alone(person):
    subject, other = factories.new_subject(), people.user()
    factories.deadline(owner=person, subject=subject)
    factories.deadline(owner=other, subject=subject)
    owner = ("user", person.pk)
    assert operations.meet_deadline(subject=subject, kind="answer", owner=owner, by=SYSTEM, at=NOW) == 1


def test_meeting_late_says_so_in_the_journal(person):
    subject = factories.new_subject()
    factories.deadline(owner=person, subject=subject)
    operations.meet_deadline(subject=subject, kind="answer", by=SYSTEM, at=NOW + 11 * DAY)
    assert any("after it was due" in entry.says for entry in audit.list_entries(subject))


def test_a_canceled_deadline_makes_room_for_a_new_one(person):
    subject = factories.new_subject()
    first = factories.deadline(owner=person, subject=subject)
    assert operations.cancel_deadline(subject=subject, kind="answer", by=SYSTEM, at=NOW) == 1
    second = factories.deadline(owner=person, subject=subject)
    assert second.pk != first.pk


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM deadlines_deadline",
        "UPDATE deadlines_deadline SET status = 'open', closed_at = NULL",
        "UPDATE deadlines_deadline SET due_at = due_at + interval '1 day'",
    ],
)
def test_what_was_closed_stays_and_nothing_is_deleted(person, statement):
    subject = factories.new_subject()
    factories.deadline(owner=person, subject=subject)
    operations.meet_deadline(subject=subject, kind="answer", by=SYSTEM, at=NOW)
    with pytest.raises(DatabaseError), transaction.atomic(), transaction.get_connection().cursor() as cursor:
        cursor.execute(statement)


def test_two_open_deadlines_of_one_kind_and_owner_cannot_be(person):
    deadline = factories.deadline(owner=person)
    deadline.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        deadline.save(force_insert=True)
