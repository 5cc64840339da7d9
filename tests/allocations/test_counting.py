"""Chips are reserved, used and given back against the allocation in effect, and never beyond it."""

import pytest

from accounts.permissions import NotPermitted
from accounts.rules import SYSTEM, Refused
from accounts.statuses import Role
from allocations import operations
from allocations.rules import NoAllocation
from allocations.selectors import get_standing, get_taken
from ledger.models import Entry
from ledger.rules import NotEnough
from tests.accounts.factories import user
from tests.allocations import factories as make

pytestmark = pytest.mark.django_db


def numbers(at=make.AT, country="SA"):
    standing = get_standing(country, at)
    return standing.used, standing.reserved, standing.left


class TestACase:
    def test_reserves_then_uses_then_gives_back(self, who):
        make.approved(who, ceiling=100)
        operations.reserve_chips(**make.take(who, 60, "C1"))
        assert numbers() == (0, 60, 40)
        operations.draw_reserved_chips(**make.take(who, 50, "D1", reserved_as="C1"))
        operations.release_chips(**make.take(who, 10, "C1/rest", reserved_as="C1"))
        assert numbers() == (50, 0, 50)
        operations.give_back_chips(**make.take(who, 20, "D1/expired", drawn_as="D1"))
        assert numbers() == (30, 0, 70)

    def test_is_told_when_no_allocation_is_set(self, who):
        make.proposed(who)
        for act in (operations.reserve_chips, operations.draw_chips):
            with pytest.raises(NoAllocation, match="No allocation is set for Saudi Arabia on April 1, 2026. Hold"):
                act(**make.take(who, 1))

    @pytest.mark.parametrize("act", [operations.reserve_chips, operations.draw_chips])
    def test_above_what_is_left_is_refused_whole(self, who, act):
        make.approved(who, ceiling=100)
        operations.draw_chips(**make.take(who, 60, "D1"))
        with pytest.raises(NotEnough, match="Decide at the ceiling, for at most 40, or hold") as refusal:
            act(**make.take(who, 41, "D2"))
        assert (refusal.value.left, refusal.value.wanted) == (40, 41)
        assert numbers() == (60, 0, 40)

    def test_sent_twice_counts_once(self, who):
        make.approved(who, ceiling=100)
        first = operations.draw_chips(**make.take(who, 60, "D1"))
        assert operations.draw_chips(**make.take(who, 60, "D1")).pk == first.pk
        assert numbers() == (60, 0, 40)

    def test_sent_again_after_the_period_turned_counts_where_it_did(self, who):
        make.approved(who, ceiling=100)
        make.approved(who, year=2027, ceiling=100)
        first = operations.draw_chips(**make.take(who, 60, "D1"))
        next_year = make.later(days=300)
        assert operations.draw_chips(**make.take(who, 60, "D1", at=next_year)).pk == first.pk
        assert numbers(next_year) == (0, 0, 100)

    def test_uses_its_reservation_in_the_period_in_which_it_was_made(self, who):
        make.approved(who, ceiling=100)
        make.approved(who, year=2027, ceiling=100)
        operations.reserve_chips(**make.take(who, 60, "C1"))
        next_year = make.later(days=300)
        operations.draw_reserved_chips(**make.take(who, 60, "D1", reserved_as="C1", at=next_year))
        assert numbers() == (60, 0, 40)
        assert numbers(next_year) == (0, 0, 100)
        operations.give_back_chips(**make.take(who, 5, "D1/back", drawn_as="D1", at=next_year))
        assert numbers() == (55, 0, 45)

    def test_gives_back_after_the_last_period_ended(self, who):
        make.approved(who, ceiling=100)
        operations.reserve_chips(**make.take(who, 60, "C1"))
        operations.release_chips(**make.take(who, 60, "C1/denied", reserved_as="C1", at=make.later(days=400)))
        assert numbers() == (0, 0, 100)

    def test_gives_back_only_what_it_took(self, who):
        make.approved(who, ceiling=100)
        operations.reserve_chips(**make.take(who, 5, "C1"))
        with pytest.raises(NotEnough, match="only 5 are reserved"):
            operations.release_chips(**make.take(who, 6, "C1/x", reserved_as="C1"))
        with pytest.raises(NotEnough, match="only 0 are used"):
            operations.give_back_chips(**make.take(who, 6, "C1/y"))
        with pytest.raises(NotEnough, match="only 5 are reserved"):
            operations.draw_reserved_chips(**make.take(who, 6, "C1/z", reserved_as="C1"))
        with pytest.raises(Refused, match="under “C9”"):
            operations.release_chips(**make.take(who, 1, "C9/x", reserved_as="C9"))

    @pytest.mark.parametrize("units", [0, -1, 2**60])
    def test_counts_whole_chips(self, who, units):
        make.approved(who)
        with pytest.raises(Refused, match="whole number of at least 1") as refusal:
            operations.reserve_chips(**make.take(who, units))
        assert refusal.value.field == "units"

    def test_finds_what_was_taken_for_it(self, who):
        make.approved(who)
        assert get_taken("SA", "C1") is None
        operations.reserve_chips(**make.take(who, 7, "C1"))
        assert get_taken("SA", "C1").units == 7
        assert get_taken("AE", "C1") is None


class TestWhoMayCount:
    def test_an_exporter_gives_back_and_takes_nothing(self, who):
        make.approved(who)
        exporter = user(Role.EXPORTER_MEMBER)
        operations.reserve_chips(**make.take(who, 7, "C1"))
        with pytest.raises(NotPermitted, match="Only Commerce staff"):
            operations.reserve_chips(**make.take(who, 7, "C2", by=exporter))
        operations.release_chips(**make.take(who, 7, "C1/withdrawn", reserved_as="C1", by=exporter))
        assert numbers() == (0, 0, 200_000)

    @pytest.mark.parametrize("role", [Role.AGENCY_REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR])
    def test_others_do_neither(self, who, role):
        make.approved(who)
        for act in (operations.draw_chips, operations.release_chips, operations.give_back_chips):
            with pytest.raises(NotPermitted):
                act(**make.take(who, 1, by=user(role)))

    def test_the_system_counts(self, who):
        make.approved(who)
        operations.draw_chips(**make.take(who, 1, by=SYSTEM))
        assert Entry.objects.get(kind="draw").actor_kind == "system"
