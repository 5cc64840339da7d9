"""An act is whole: everything of it is stored and written down, or nothing is."""

from datetime import UTC, datetime

import pytest

from accounts.rules import SYSTEM
from audit.models import Entry
from audit.operations import operation, record
from audit.verification import verify

pytestmark = pytest.mark.django_db
AT = datetime(2026, 4, 1, tzinfo=UTC)


@operation
def part(name: str) -> None:
    record(subject=("test.thing", name), verb="part", says=f"Part {name}.", by=SYSTEM, at=AT)


@operation
def whole(*names: str, fail: bool = False) -> None:
    for name in names:
        part(name)
    if fail:
        raise ValueError("no")


def test_the_entries_of_an_act_are_written_in_one_statement(django_assert_num_queries):
    with django_assert_num_queries(3):  # the savepoint of the test's own transaction, the entries, its release
        whole("a", "b", "a")
    said = list(Entry.objects.order_by("id").values_list("subject_id", "sequence"))
    assert said == [("a", 1), ("b", 1), ("a", 2)]


def test_nothing_is_written_of_an_act_that_fails():
    with pytest.raises(ValueError, match="no"):
        whole("a", fail=True)
    assert not Entry.objects.exists()
    part("a")
    assert Entry.objects.count() == 1


def test_chains_written_together_verify():
    whole("a", "b", "a", "a")
    assert verify().intact
