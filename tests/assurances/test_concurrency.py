"""Many at once on one coverage: exactly the ceiling is used, and nobody waits for ever."""

from collections.abc import Callable
from time import sleep
from typing import Any

import pytest
from django.db import transaction

from accounts.rules import SYSTEM, Stale
from assurances import operations
from assurances.models import Instrument
from audit import verification
from ledger.models import Entry
from ledger.rules import NotEnough
from ledger.selectors import get_balance
from ledger.statuses import AccountKind
from registry.selectors import list_grounds_of, list_holds
from tests.threads import at_once

from . import factories as make
from .factories import AT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def who() -> make.Officers:
    make.load_rules()
    return make.Officers()


def test_thirty_cases_on_one_coverage_get_exactly_the_ceiling(who):
    instrument = make.in_force(who, ceiling=20_000)

    def license_(number: int) -> Entry:
        act = {"instrument": instrument.pk, "units": 1_000, "key": f"case:{number}", "by": SYSTEM, "at": AT}
        operations.reserve_coverage(reason=f"Case {number}", **act)
        return operations.draw_coverage(reason=f"License {number}", **act)

    answers = at_once([lambda number=number: license_(number) for number in range(30)])
    assert sum(isinstance(answer, Entry) for answer in answers) == 20
    refused = [answer for answer in answers if isinstance(answer, NotEnough)]
    assert len(refused) == 10
    assert all("0 are left under the ceiling of 20,000" in refusal.reason for refusal in refused)
    balance = get_balance(AccountKind.ASSURANCE_COVERAGE, instrument)
    assert (balance.reserved, balance.drawn, balance.left) == (0, 20_000, 0)
    assert verification.verify().intact


def test_a_ceiling_that_is_lowered_meanwhile_is_never_below_what_is_used(who):
    instrument = make.in_force(who, ceiling=20_000)
    act = {"instrument": instrument.pk, "units": 1_500, "reason": "Case", "by": SYSTEM, "at": AT}
    acts: list[Callable[[], Any]] = [
        lambda number=number: operations.reserve_coverage(key=f"case:{number}", **act) for number in range(12)
    ]
    acts.append(
        lambda: operations.change_ceiling(
            instrument=instrument, ceiling=9_000, reason="Note.", version=instrument.version, by=who.first, at=AT
        )
    )
    at_once(acts)
    balance = get_balance(AccountKind.ASSURANCE_COVERAGE, instrument)
    assert balance.reserved + balance.drawn <= balance.ceiling
    assert Instrument.objects.get().ceiling == balance.ceiling


def test_whoever_relies_while_it_is_suspended_is_held_or_refused(who):
    instrument = make.in_force(who)
    acts: list[Callable[[], Any]] = [
        lambda number=number: make.stand_on(instrument, ("license", str(number)), f"D00000{number}")
        for number in range(8)
    ]
    acts.append(
        lambda: operations.suspend_instrument(
            instrument=instrument, reason="Denied.", version=instrument.version, by=who.first, at=AT
        )
    )
    answers = at_once(acts)
    refused = sum(isinstance(answer, Stale) for answer in answers)
    assert list_holds().count() == 8 - refused


def test_a_form_that_is_sent_twice_in_the_same_instant_drafts_once(who):
    answers = at_once([lambda: make.drafted(who)] * 6)
    assert sum(isinstance(answer, Instrument) for answer in answers) == 1
    assert Instrument.objects.count() == 1


def test_a_decision_and_a_suspension_in_the_same_instant_do_not_wait_for_each_other(who):
    instrument = make.in_force(who)
    make.stand_on(instrument, ("case", "9"), "C000009")
    act = {"instrument": instrument.pk, "units": 10, "key": "k", "reason": "Case", "by": SYSTEM, "at": AT}
    operations.reserve_coverage(**act)

    def decide() -> Entry:
        with transaction.atomic():
            assert all(ground.stands_at(AT) for ground in list_grounds_of(("case", "9"), lock=True))
            sleep(0.4)
            return operations.draw_coverage(**act)

    def suspend() -> Instrument:
        sleep(0.2)
        return operations.suspend_instrument(
            instrument=instrument, reason="Denied.", version=instrument.version, by=who.first, at=AT
        )

    drawn, suspended = at_once([decide, suspend])
    assert isinstance(drawn, Entry)
    assert suspended.status == "suspended"


def test_two_successions_in_opposite_ways_do_not_wait_for_each_other_for_ever(who):
    one, two = make.in_force(who), make.in_force(who)
    answers = at_once(
        [
            lambda old=old, new=new: operations.supersede_instrument(
                instrument=old, successor=new, says="x", version=old.version, by=who.first, at=AT
            )
            for old, new in ((one, two), (two, one))
        ]
    )
    assert sum(isinstance(answer, Instrument) for answer in answers) == 1
