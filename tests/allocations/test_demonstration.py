"""The demonstration's allocations: every state, two persons, and no second loading."""

from datetime import UTC, datetime

import pytest

from accounts import demonstration as people
from allocations import demonstration
from allocations.models import Allocation, Proposal
from allocations.selectors import get_standing, list_board
from allocations.statuses import AllocationStatus
from deadlines.rules import day_of
from tests.allocations import factories as make

pytestmark = pytest.mark.django_db


def load(at: datetime) -> int:
    return demonstration.load(people=people.create_people(at=at), at=at)


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 8, 14, 15, 0, tzinfo=UTC),
        datetime(2027, 1, 3, 15, 0, tzinfo=UTC),
        datetime(2027, 2, 27, 15, 0, tzinfo=UTC),
    ],
)
def test_every_state_is_there_on_any_day(who, at):
    count = load(at)
    rows = list_board(by=who.officer, on=day_of(at), view="all").rows
    assert {row.status for row in rows} == set(AllocationStatus)
    assert any(row.is_proposed_anew for row in rows)
    assert get_standing("SA", at).ceiling == 200_000
    assert get_standing("NO", at).ceiling == 135_000
    assert get_standing("KZ", at).ceiling == 5_000
    assert load(at) == count == Allocation.objects.count()


def test_everything_says_that_it_is_invented(who):
    load(make.later(days=150))
    reasons = Proposal.objects.values_list("reason", flat=True)
    assert all(reason.startswith("Invented for the demonstration.") for reason in reasons)
