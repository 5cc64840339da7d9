"""The four amounts, evidence, and its verification by somebody else."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.permissions import NotPermitted
from accounts.rules import Refused
from audit.verification import verify
from deadlines.models import Notification
from investments import operations
from investments.models import AmountEntry, Evidence
from investments.rules import Rate
from investments.selectors import get_totals, get_verified
from investments.statuses import EvidenceStatus, Verdict
from tests.investments import factories as make
from tests.licensing.factories import pdf


def judge(evidence, who, verdict, **fields):
    given = {"method": "The bank confirmed it.", "by": who.verifier, "at": make.AT, **fields}
    return operations.verify_evidence(evidence=evidence, verdict=verdict, **given)


def test_the_four_amounts_are_counted_each_for_itself(who):
    commitment = make.in_force(who)
    amount = {"asset": commitment.assets.get(), "on": date(2026, 4, 1), "by": who.officer, "at": make.AT}
    rate = Rate(Decimal("0.2666"), date(2026, 4, 1), "H.10")
    operations.record_amount(
        commitment=commitment, kind="contracted", amount="7,000,000,000", says="The builder's contract.", **amount
    )
    operations.record_amount(
        commitment=commitment,
        kind="disbursed",
        amount="10,000",
        currency="SAR",
        rate=rate,
        says="First payment.",
        **amount,
    )
    make.verified(commitment, who, "1,000,000,000")
    assert get_totals([commitment])[commitment.pk] == {
        ("pledged", "cents"): 10 * make.BILLION,
        ("contracted", "cents"): 7 * make.BILLION,
        ("disbursed", "cents"): 266_600,
        ("verified", "cents"): make.BILLION,
    }
    assert verify().intact


def test_a_wrong_amount_is_reversed_by_a_new_entry_once(who):
    commitment = make.in_force(who)
    entry = operations.record_amount(
        commitment=commitment,
        kind="contracted",
        asset=commitment.assets.get(),
        amount="5",
        on=date(2026, 4, 1),
        says="A contract.",
        by=who.officer,
        at=make.AT,
    )
    operations.reverse_amount(entry=entry, reason="It was never signed.", by=who.officer, at=make.AT)
    assert get_totals([commitment])[commitment.pk]["contracted", "cents"] == 0
    with pytest.raises(Refused, match="reversed already"):
        operations.reverse_amount(entry=entry, reason="Again.", by=who.officer, at=make.AT)
    pledged = commitment.entries.get(kind="pledged")
    with pytest.raises(Refused, match="Only a contracted or disbursed"):
        operations.reverse_amount(entry=pledged, reason="No.", by=who.officer, at=make.AT)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "verified"}, "kind"),
        ({"kind": "pledged"}, "kind"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"currency": "ZZZ"}, "currency"),
        ({"currency": "EUR"}, "rate"),
        ({"on": date(2026, 4, 2)}, "on"),
        ({"says": ""}, "says"),
        ({"in_megawatts": True}, "unit"),
    ],
)
def test_an_amount_that_cannot_be_is_refused_beside_its_field(who, fields, field):
    commitment = make.in_force(who)
    given = {
        "kind": "contracted",
        "asset": commitment.assets.get(),
        "amount": "5",
        "on": date(2026, 4, 1),
        "says": "A contract.",
        **fields,
    }
    with pytest.raises(Refused) as refused:
        operations.record_amount(commitment=commitment, by=who.officer, at=make.AT, **given)
    assert refused.value.field == field
    assert commitment.entries.count() == 1


def test_the_asset_of_another_commitment_takes_no_amount_and_no_evidence(who):
    commitment, other = make.in_force(who), make.in_force(who)
    with pytest.raises(Refused) as refused:
        make.submitted(commitment, who, asset=other.assets.get())
    assert refused.value.field == "asset"
    with pytest.raises(Refused) as refused:
        make.submitted(commitment, who, milestone=other.milestones.first())
    assert refused.value.field == "milestone"
    assert not Evidence.objects.exists()


def test_evidence_is_verified_by_somebody_other_than_its_submitter(who):
    evidence = make.submitted(make.in_force(who), who)
    assert Notification.objects.filter(user=who.verifier, kind="commitment_evidence").exists()
    with pytest.raises(NotPermitted, match="somebody else must verify"):
        judge(evidence, who, Verdict.AT_FACE, by=who.officer)
    for person in (who.director, who.exporter):
        with pytest.raises(NotPermitted):
            judge(evidence, who, Verdict.AT_FACE, by=person)
    assert judge(evidence, who, Verdict.AT_FACE).accepted == 4 * make.BILLION
    assert get_verified(evidence.commitment) == 4 * make.BILLION


def test_a_discount_counts_less_and_says_why(who):
    evidence = make.submitted(make.in_force(who), who)
    with pytest.raises(Refused) as refused:
        judge(evidence, who, Verdict.DISCOUNTED, accepted="3,000,000,000")
    assert refused.value.field == "reason"
    for accepted in ("4,000,000,000", "-1", "NaN", ""):
        with pytest.raises(Refused) as refused:
            judge(evidence, who, Verdict.DISCOUNTED, accepted=accepted, reason="Part is for land.")
        assert refused.value.field == "accepted"
    with pytest.raises(Refused) as refused:
        judge(evidence, who, "perhaps")
    assert refused.value.field == "verdict"
    with pytest.raises(Refused) as refused:
        judge(evidence, who, Verdict.AT_FACE, method=" ")
    assert refused.value.field == "method"
    judge(evidence, who, Verdict.DISCOUNTED, accepted="3,000,000,000", reason="Part is for land.")
    assert get_verified(evidence.commitment) == 3 * make.BILLION


def test_refused_evidence_counts_nothing_and_may_be_shown_anew(who):
    commitment = make.in_force(who)
    evidence = make.submitted(commitment, who, paper=make.paper("one"))
    judge(evidence, who, Verdict.REFUSED, reason="The account is another's.")
    assert not AmountEntry.objects.filter(kind="verified").exists()
    assert make.submitted(commitment, who, paper=make.paper("one")).status == EvidenceStatus.SUBMITTED


def test_the_same_document_is_counted_once_across_commitments(who):
    first, second = make.in_force(who), make.in_force(who)
    evidence = make.submitted(first, who, paper=make.paper("one"))
    for commitment in (first, second):
        with pytest.raises(Refused, match=f"evidence of {first.number} already") as refused:
            make.submitted(commitment, who, paper=make.paper("one"))
        assert refused.value.field == "file"
    judge(evidence, who, Verdict.AT_FACE)
    with pytest.raises(Refused, match="a document counts once"):
        make.submitted(second, who, paper=make.paper("one"))
    operations.reverse_verification(evidence=evidence, reason="It was forged.", by=who.officer, at=make.AT)
    make.submitted(second, who, paper=make.paper("one"))


def test_a_document_and_its_translation_are_counted_once_together(who):
    first, second = make.in_force(who), make.in_force(who)
    translated = {"language": "ja", "translator": "A sworn translator"}
    make.submitted(first, who, paper=make.paper("one", **translated, translation=pdf(text="one in English")))
    with pytest.raises(Refused, match=f"evidence of {first.number} already") as refused:
        make.submitted(second, who, paper=make.paper("one in English"))
    assert refused.value.field == "file"
    make.submitted(second, who, paper=make.paper("two in English"))
    with pytest.raises(Refused, match=f"evidence of {second.number} already"):
        make.submitted(first, who, paper=make.paper("two", **translated, translation=pdf(text="two in English")))


def test_evidence_is_judged_once(who):
    evidence = make.verified(make.in_force(who), who)
    with pytest.raises(Refused, match="“verified”, so it cannot be verified now"):
        judge(evidence, who, Verdict.AT_FACE)


def test_its_submitter_takes_evidence_back_before_it_is_verified(who):
    evidence = make.submitted(make.in_force(who), who)
    with pytest.raises(NotPermitted, match="who submitted this evidence"):
        operations.withdraw_evidence(evidence=evidence, reason="Wrong file.", by=who.verifier, at=make.AT)
    operations.withdraw_evidence(evidence=evidence, reason="Wrong file.", by=who.officer, at=make.AT)
    with pytest.raises(Refused, match="“withdrawn”"):
        judge(evidence, who, Verdict.AT_FACE)


def test_a_reversal_is_a_new_entry_and_the_old_one_stays(who):
    evidence = make.verified(make.in_force(who), who)
    operations.reverse_verification(evidence=evidence, reason="Forged.", by=who.verifier, at=make.AT)
    entries = list(AmountEntry.objects.filter(kind="verified").values_list("units", flat=True))
    assert entries == [4 * make.BILLION, -4 * make.BILLION]
    assert get_verified(evidence.commitment) == 0
    with pytest.raises(Refused, match="“verification reversed”"):
        operations.reverse_verification(evidence=evidence, reason="Again.", by=who.verifier, at=make.AT)
    assert verify().intact


def test_megawatts_are_verified_in_megawatts(who):
    commitment = make.in_force(who, measure="megawatts", megawatts="500")
    make.verified(commitment, who, "200")
    assert get_totals([commitment])[commitment.pk]["verified", "kilowatts"] == 200_000
    assert ("verified", "cents") not in get_totals([commitment])[commitment.pk]


def test_a_draft_takes_no_evidence(who):
    with pytest.raises(Refused, match="cannot take evidence now"):
        make.submitted(make.signed(who), who)
