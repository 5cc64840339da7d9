"""The inbox: told once each, paged by key, counted cheaply, read only by its owner."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.permissions import NotPermitted
from accounts.rules import SYSTEM
from deadlines import operations, selectors
from deadlines.models import Notification
from tests.accounts import factories as people
from tests.deadlines.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return people.user()


def tell(*users, says="Case C104233 was assigned to you", at=NOW):
    return operations.notify(users=users, kind="case_assigned", says=says, url="/desk/cases/C104233/", at=at)


def test_each_active_person_is_told_once_in_one_statement(person, django_assert_num_queries):
    gone = people.user(is_active=False)
    with django_assert_num_queries(1):
        assert tell(person, person, gone) == 1
    assert [each.says for each in selectors.list_notifications(person)] == ["Case C104233 was assigned to you"]
    assert selectors.list_notifications(gone) == []


def test_a_line_too_long_for_the_inbox_is_cut_visibly(person):
    tell(person, says="word " * 150)
    (line,) = selectors.list_notifications(person)
    assert len(line.says) <= 500
    assert line.says.endswith("word…")


def test_telling_nobody_is_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert tell() == 0


def test_pages_follow_one_another_newest_first_and_miss_nothing(person):
    for number in range(60):
        tell(person, says=str(number))
    seen, before = [], None
    while page := selectors.list_notifications(person, before=before):
        assert len(page) <= 25
        seen += [each.says for each in page]
        before = page[-1].pk
    assert seen == [str(number) for number in reversed(range(60))]


def test_unread_are_counted_up_to_a_hundred(person):
    assert selectors.count_unread(person) == 0
    for _ in range(2):
        tell(person)
    assert selectors.count_unread(person) == 2
    Notification.objects.bulk_create(Notification(user=person, kind="k", says="s", created_at=NOW) for _ in range(150))
    assert selectors.count_unread(person) == 100


def test_reading_takes_a_line_off_the_unread_and_the_first_reading_counts(person):
    tell(person)
    (line,) = selectors.list_notifications(person, unread_only=True)
    operations.mark_read(notification=line, by=person, at=NOW)
    operations.mark_read(notification=line, by=person, at=NOW + timedelta(hours=1))
    assert selectors.list_notifications(person, unread_only=True) == []
    assert selectors.get_notification(person, line.pk).read_at == NOW


def test_nobody_reads_for_another(person):
    tell(person)
    (line,) = selectors.list_notifications(person)
    stranger = people.user()
    for by in (stranger, SYSTEM):
        with pytest.raises(NotPermitted, match="Only the person"):
            operations.mark_read(notification=line, by=by, at=NOW)
        with pytest.raises(NotPermitted, match="Only its owner"):
            operations.mark_all_read(user=person, by=by, at=NOW)
    with pytest.raises(Notification.DoesNotExist):
        selectors.get_notification(stranger, line.pk)
    assert selectors.count_unread(person) == 1


def test_everything_can_be_read_at_once(person):
    other = people.user()
    tell(person, other)
    tell(person)
    assert operations.mark_all_read(user=person, by=person, at=NOW) == 2
    assert (selectors.count_unread(person), selectors.count_unread(other)) == (0, 1)


@pytest.mark.parametrize("change", ["says = 'other words'", "read_at = NULL", "user_id = user_id + 1"])
def test_a_line_keeps_its_words_and_stays_read(person, change):
    tell(person)
    operations.mark_all_read(user=person, by=person, at=NOW)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE deadlines_notification SET {change}")
