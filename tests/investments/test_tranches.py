"""Chips are released as verified amounts reach thresholds, and never past what is released."""

import pytest

from accounts.permissions import NotPermitted
from accounts.rules import SYSTEM, Refused
from audit.verification import verify
from investments import operations, selectors
from investments.models import TrancheMove
from investments.statuses import CommitmentStatus
from ledger.models import Entry
from ledger.rules import NotEnough
from tests.investments import factories as make

LICENSE = ("license", "1")


def balance():
    found = selectors.get_tranche_balance(LICENSE)
    return (found.ceiling, found.drawn)


def ship(who, units, key="s1"):
    return operations.draw_tranche(
        license=("licensing.license", "1"), units=units, key=key, reason="Shipment 1.", by=who.exporter, at=make.AT
    )


def test_a_plan_opens_with_what_is_reached_and_verification_releases_the_rest(who):
    commitment = make.in_force(who)
    make.tranches(commitment, who)
    assert balance() == (100_000, 0)
    make.verified(commitment, who, "3,999,999,999.99")
    assert balance() == (100_000, 0)
    make.verified(commitment, who, "0.01")
    assert balance() == (260_000, 0)
    assert [(each.position, each.state) for each in selectors.list_tranches(LICENSE)] == [
        (1, "released"),
        (2, "released"),
    ]
    assert verify().intact


def test_a_plan_that_is_opened_late_opens_with_everything_that_is_reached(who):
    commitment = make.in_force(who)
    make.verified(commitment, who)
    make.tranches(commitment, who)
    assert balance() == (260_000, 0)


def test_opening_the_same_plan_again_is_the_plan_that_is_there(who):
    commitment = make.in_force(who)
    plan = make.tranches(commitment, who)
    assert make.tranches(commitment, who) == plan
    with pytest.raises(Refused, match="has its tranches already"):
        make.tranches(commitment, who, (0, 5))
    with pytest.raises(Refused, match="has its tranches already"):
        make.tranches(make.in_force(who), who)


def test_tranches_hang_on_a_commitment_in_force(who):
    with pytest.raises(Refused, match="Tranches hang on a commitment in force"):
        make.tranches(make.signed(who), who)
    with pytest.raises(NotPermitted):
        operations.open_tranches(
            commitment=make.in_force(who), license=LICENSE, label="D1", steps=[(0, 1)], by=who.exporter, at=make.AT
        )


def test_a_step_beyond_what_is_committed_is_refused_and_nothing_is_kept(who):
    commitment = make.in_force(who)
    with pytest.raises(Refused, match="could never be released"):
        make.tranches(commitment, who, (11 * make.BILLION, 5))
    assert selectors.get_tranche_balance(LICENSE) is None
    assert selectors.list_tranches(LICENSE) == []


def test_a_shipment_beyond_the_released_tranche_is_refused_in_words(who):
    make.tranches(make.in_force(who), who)
    ship(who, 90_000)
    with pytest.raises(
        NotEnough, match=r"20,000 chips are more than what is released under D000001: 10,000"
    ) as refused:
        ship(who, 20_000, key="s2")
    assert "next tranche has 160,000 chips" in refused.value.reason
    assert "USD" not in refused.value.reason
    assert balance() == (100_000, 90_000)


def test_the_same_key_draws_once_and_a_license_without_a_plan_is_not_limited(who):
    make.tranches(make.in_force(who), who)
    ship(who, 90_000)
    ship(who, 90_000)
    assert balance() == (100_000, 90_000)
    assert (
        operations.draw_tranche(
            license=("license", "77"), units=5, key="x", reason="None.", by=who.exporter, at=make.AT
        )
        is None
    )


def test_a_reversal_takes_back_what_was_not_shipped(who):
    commitment = make.in_force(who)
    make.tranches(commitment, who)
    evidence = make.verified(commitment, who)
    ship(who, 50_000)
    operations.reverse_verification(evidence=evidence, reason="Forged.", by=who.officer, at=make.AT)
    assert balance() == (100_000, 50_000)
    assert [each.state for each in selectors.list_tranches(LICENSE)] == ["released", "waiting"]


def test_a_reversal_never_makes_a_balance_negative_and_says_what_is_not_covered(who):
    commitment = make.in_force(who)
    make.tranches(commitment, who, (0, 100), (make.BILLION, 100), (2 * make.BILLION, 100))
    first, second = make.verified(commitment, who, "1,000,000,000"), make.verified(commitment, who, "1,000,000,000")
    ship(who, 250)
    for evidence in (first, second):
        operations.reverse_verification(evidence=evidence, reason="Forged.", by=who.officer, at=make.AT)
    assert balance() == (250, 250)
    assert [each.uncovered for each in selectors.list_tranches(LICENSE)] == [0, 100, 50]
    assert list(TrancheMove.objects.filter(kind="withdrawn").values_list("chips", "not_taken")) == [(0, 100), (50, 50)]
    with pytest.raises(NotEnough):
        ship(who, 1, key="s2")
    make.verified(commitment, who, "1,000,000,000")
    assert balance() == (250, 250)
    make.verified(commitment, who, "1,000,000,000")
    assert balance() == (300, 250)
    assert verify().intact


def test_what_comes_back_is_not_shipped_again_while_it_is_not_covered(who):
    commitment = make.in_force(who)
    make.tranches(commitment, who, (0, 100), (make.BILLION, 100))
    evidence = make.verified(commitment, who, "1,000,000,000")
    ship(who, 200)
    operations.reverse_verification(evidence=evidence, reason="Forged.", by=who.officer, at=make.AT)
    back = {"key": "r1", "reason": "Returned.", "by": SYSTEM, "at": make.AT}
    operations.give_back_tranche(license=LICENSE, units=150, **back)
    assert balance() == (100, 50)
    make.verified(commitment, who, "1,000,000,000")
    assert balance() == (200, 50)


def test_nothing_is_released_twice(who):
    commitment = make.in_force(who)
    make.tranches(commitment, who)
    make.verified(commitment, who)
    for _ in range(3):
        operations.assess_commitment(commitment=commitment, by=who.officer, at=make.AT)
    assert balance() == (260_000, 0)
    assert Entry.objects.filter(kind="raise").count() == 1


def test_a_terminated_commitment_releases_nothing_more(who):
    commitment = make.in_force(who)
    make.tranches(commitment, who)
    operations.terminate_commitment(commitment=commitment, reason="It was denounced.", by=who.officer, at=make.AT)
    with pytest.raises(Refused, match="cannot"):
        make.verified(commitment, who)
    commitment.refresh_from_db()
    assert commitment.status == CommitmentStatus.TERMINATED
    assert balance() == (100_000, 0)


def test_a_verification_is_reversed_also_after_the_end(who):
    commitment = make.in_force(who)
    make.tranches(commitment, who)
    evidence = make.verified(commitment, who)
    operations.terminate_commitment(commitment=commitment, reason="It was denounced.", by=who.officer, at=make.AT)
    assert balance() == (260_000, 0)
    operations.reverse_verification(evidence=evidence, reason="Forged.", by=who.officer, at=make.AT)
    assert balance() == (100_000, 0)
