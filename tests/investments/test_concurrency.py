"""Many at once, on real connections that commit."""

import pytest

from accounts.rules import SYSTEM, Refused
from audit.operations import operation
from audit.verification import verify
from investments import operations, selectors
from investments.models import AmountEntry, Asset, Evidence, TranchePlan
from investments.statuses import Verdict
from ledger.models import Entry
from ledger.rules import NotEnough
from registry.models import Hold, Reliance
from registry.operations import rely_on
from tests.investments import factories as make
from tests.investments.test_shortfalls import AFTER
from tests.threads import many_at_once

pytestmark = pytest.mark.django_db(transaction=True)
LICENSE = ("license", "1")


@pytest.fixture
def who(transactional_db) -> make.People:
    make.load_rules()
    return make.People()


def test_twenty_verifying_and_drawing_never_overdraw(who):
    commitment = make.in_force(who)
    make.tranches(commitment, who, (0, 100), *((number * make.BILLION, 100) for number in range(1, 11)))
    waiting = [make.submitted(commitment, who, "1,000,000,000") for _ in range(10)]

    def act(index: int) -> object:
        if index % 2:
            return operations.verify_evidence(
                evidence=waiting[index // 2], verdict=Verdict.AT_FACE, method="x", by=who.verifier, at=make.AT
            )
        drawn = 0
        for number in range(30):
            try:
                operations.draw_tranche(
                    license=LICENSE, units=7, key=f"{index}/{number}", reason="x", by=who.exporter, at=make.AT
                )
                drawn += 7
            except NotEnough:
                continue
        return drawn

    results = many_at_once(20, act)
    drawn = sum(each for each in results if isinstance(each, int))
    balance = selectors.get_tranche_balance(LICENSE)
    assert balance.ceiling == 1100
    assert balance.drawn == drawn <= 1100
    assert AmountEntry.objects.filter(kind="verified").count() == 10
    assert Entry.objects.filter(kind="raise").count() == 10
    assert verify().intact


def test_reversing_and_drawing_at_once_leave_no_more_than_what_was_drawn_or_is_covered(who):
    commitment = make.in_force(who)
    evidence = [make.verified(commitment, who, "1,000,000,000") for _ in range(5)]
    make.tranches(commitment, who, *((number * make.BILLION, 100) for number in range(1, 6)))

    def act(index: int) -> object:
        if index < 5:
            return operations.reverse_verification(evidence=evidence[index], reason="x", by=who.verifier, at=make.AT)
        return operations.draw_tranche(
            license=LICENSE, units=30, key=str(index), reason="x", by=who.exporter, at=make.AT
        )

    results = many_at_once(20, act)
    balance = selectors.get_tranche_balance(LICENSE)
    assert balance.drawn == 30 * sum(isinstance(each, Entry) for each in results)
    assert balance.ceiling == balance.drawn
    assert all(not isinstance(each, Refused) or isinstance(each, NotEnough) for each in results)
    assert verify().intact


def test_the_same_evidence_is_verified_once_and_released_once(who):
    commitment = make.in_force(who)
    make.tranches(commitment, who)
    evidence = make.submitted(commitment, who)
    results = many_at_once(
        12,
        lambda _: operations.verify_evidence(
            evidence=evidence, verdict=Verdict.AT_FACE, method="x", by=who.verifier, at=make.AT
        ),
    )
    assert sum(isinstance(each, Refused) for each in results) == 11
    assert selectors.get_tranche_balance(LICENSE).ceiling == 260_000


def test_one_asset_and_one_document_for_two_commitments_at_once_count_once(who):
    both = [make.in_force(who), make.in_force(who)]
    place = {"name": "Prairie Hall", "address": "1 Example Road", "city": "Abilene"}
    results = many_at_once(8, lambda index: make.asset(both[index % 2], who, **place))
    assert sum(isinstance(each, Refused) for each in results) == 7
    assert Asset.objects.filter(name="Prairie Hall").count() == 1
    results = many_at_once(8, lambda index: make.submitted(both[index % 2], who, paper=make.paper("one")))
    assert sum(isinstance(each, Refused) for each in results) == 7
    assert Evidence.objects.count() == 1


def test_issuing_verifying_and_ending_at_once_never_wait_for_each_other_in_a_circle(who):
    commitment = make.in_force(who)
    ground = ("investments.commitment", str(commitment.pk))
    waiting = [make.submitted(commitment, who, "100,000,000") for _ in range(6)]

    @operation
    def issue(number: int) -> object:
        """What a decision does: the license stands on the ground, then its tranches open."""
        rely_on(subject=ground, dependent=("license", str(number)), label=f"D{number}", by=who.director, at=make.AT)
        return make.tranches(commitment, who, license_id=str(number))

    def act(index: int) -> object:
        if index % 3 == 0:
            return issue(index)
        if index % 3 == 1:
            return operations.verify_evidence(
                evidence=waiting[index // 3], verdict=Verdict.AT_FACE, method="x", by=who.verifier, at=make.AT
            )
        if index == 17:
            return operations.terminate_commitment(commitment=commitment, reason="x", by=who.officer, at=make.AT)
        return operations.assess_commitment(commitment=commitment, by=SYSTEM, at=AFTER)

    many_at_once(18, act)
    commitment.refresh_from_db()
    assert commitment.status == "terminated"
    standing = {row.dependent_id for row in Reliance.objects.all()}
    assert {hold.scope_id for hold in Hold.objects.all()} == standing
    assert set(TranchePlan.objects.values_list("license_id", flat=True)) == standing
    assert verify().intact


def test_two_officials_signing_at_once_waive(who):
    commitment = make.in_force(who)
    operations.assess_commitment(commitment=commitment, by=who.officer, at=AFTER)
    shortfall = commitment.shortfalls.get()
    many_at_once(
        2, lambda index: operations.sign_waiver(shortfall=shortfall, reason="x", by=who.waivers[index], at=AFTER)
    )
    shortfall.refresh_from_db()
    assert shortfall.status == "waived"
