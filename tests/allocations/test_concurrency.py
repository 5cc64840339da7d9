"""Many cases at once on the last chips of a country, on real connections that commit."""

import pytest

from accounts.rules import Refused
from allocations import operations
from allocations.models import Allocation, Verdict
from allocations.selectors import get_standing
from audit import verification
from ledger.models import Entry
from ledger.rules import NotEnough
from tests.allocations import factories as make
from tests.threads import many_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_fifty_approvals_on_the_last_chips_give_exactly_what_was_left():
    make.load_rules()
    who = make.People()
    make.approved(who, ceiling=1_000)
    operations.draw_chips(**make.take(who, 963, "D0"))
    results = many_at_once(50, lambda index: operations.draw_chips(**make.take(who, 1, f"D{index + 1}")))
    assert sum(isinstance(result, Entry) for result in results) == 37
    refused = [result for result in results if isinstance(result, NotEnough)]
    assert len(refused) == 13
    assert {(refusal.left, refusal.wanted) for refusal in refused} == {(0, 1)}
    assert all(
        "none is left of the 1,000 allocated to Saudi Arabia, 2026 (1,000 used" in refusal.reason for refusal in refused
    )
    assert get_standing("SA", make.AT).left == 0
    assert verification.verify().intact


def test_a_lowered_ceiling_and_draws_at_once_never_pass_one_another():
    make.load_rules()
    who = make.People()
    allocation = make.approved(who, ceiling=100)
    proposal = operations.propose_change(allocation=allocation, ceiling=50, reason="Fewer.", by=who.first, at=make.AT)

    def act(index: int) -> object:
        if index == 10:
            return operations.approve_proposal(proposal=proposal, reason="Agreed.", by=who.second, at=make.AT)
        return operations.reserve_chips(**make.take(who, 4, f"C{index}"))

    results = many_at_once(25, act)
    standing = get_standing("SA", make.AT)
    lowered = isinstance(results[10], Verdict)
    assert standing.ceiling == (50 if lowered else 100)
    assert standing.reserved == 4 * sum(isinstance(result, Entry) for result in results) <= standing.ceiling
    assert Verdict.objects.filter(proposal=proposal).exists() is lowered


def test_two_officials_who_propose_the_same_period_at_once_make_one_allocation():
    make.load_rules()
    who = make.People()
    results = many_at_once(6, lambda index: make.proposed(who))
    assert sum(isinstance(result, Allocation) for result in results) == 1
    assert sum("shares days with" in str(result) for result in results if isinstance(result, Refused)) == 5
    assert Allocation.objects.count() == 1


def test_two_verdicts_at_once_are_one():
    make.load_rules()
    who = make.People()
    proposal = make.waiting(make.proposed(who))
    results = many_at_once(
        4,
        lambda index: [operations.approve_proposal, operations.decline_proposal][index % 2](
            proposal=proposal, reason="At once.", by=who.second, at=make.AT
        ),
    )
    assert sum(isinstance(result, Verdict) for result in results) == 1
    assert Verdict.objects.count() == 1
