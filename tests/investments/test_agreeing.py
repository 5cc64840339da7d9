"""Drafting, planning, signing, bringing into force; and every bad input with its refusal."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.permissions import NotPermitted
from accounts.rules import Refused, Stale
from audit.selectors import list_entries
from audit.verification import verify
from deadlines.models import Deadline
from investments import operations
from investments.models import AmountEntry, Asset, Commitment, Milestone, Paper
from investments.rules import Rate
from investments.selectors import get_totals
from investments.statuses import CommitmentStatus, PaperKind
from registry.models import Ground
from tests.investments import factories as make
from tests.registry.factories import party


def test_a_commitment_goes_from_its_draft_into_force(who):
    commitment = make.in_force(who)
    assert commitment.status == CommitmentStatus.IN_FORCE
    assert commitment.number == f"K{commitment.pk:06d}"
    assert commitment.obligor == "Saudi Arabia"
    assert get_totals([commitment])[commitment.pk] == {("pledged", "cents"): 10 * make.BILLION}
    ground = Ground.objects.get(kind="investments.commitment", subject_id=str(commitment.pk))
    assert ground.stands_at(make.AT)
    assert Deadline.objects.filter(kind="milestone", status="open", owner_id=who.officer.pk).count() == 2
    verbs = [entry.verb for entry in list_entries(commitment)][::-1]
    assert verbs[0] == "commitment.drafted"
    assert {"commitment.signed", "commitment.in_force"} <= set(verbs)
    assert verify().intact


def test_a_firm_may_be_bound_instead_of_a_nation(who):
    firm = party("Humain", headquarters="SA")
    commitment = make.draft(who, obligor_country=None, obligor_party=firm)
    assert commitment.obligor == "Humain"
    for both in ({"obligor_party": firm}, {"obligor_country": None}):
        with pytest.raises(Refused, match="not both") as refused:
            make.draft(who, **both)
        assert refused.value.field == "obligor"


def test_money_that_flows_out_of_the_united_states_is_refused_with_the_reason(who):
    with pytest.raises(Refused, match="from United States to Saudi Arabia") as refused:
        make.draft(who, funds_from=make.country("US"), funds_to=make.country("SA"))
    assert refused.value.field == "funds_to"
    assert "cannot be counted as a commitment" in refused.value.reason
    assert not Commitment.objects.exists()


def test_an_asset_outside_the_united_states_is_refused_with_the_reason(who):
    commitment = make.draft(who)
    with pytest.raises(Refused, match="The asset is in Saudi Arabia") as refused:
        make.asset(commitment, who, country=make.country("SA"))
    assert refused.value.field == "country"
    assert not Asset.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"amount": "-5"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "Infinity"}, "amount"),
        ({"amount": "0.001"}, "amount"),
        ({"amount": "1e30"}, "amount"),
        ({"currency": "XYZ"}, "currency"),
        ({"currency": "SAR"}, "rate"),
        ({"currency": "SAR", "rate": Rate(Decimal("0.2666"), date(2026, 4, 2), "H.10")}, "rate_on"),
        ({"currency": "SAR", "rate": Rate(Decimal("0.2666"), date(2026, 3, 20), "H.10")}, "rate_on"),
        ({"currency": "SAR", "rate": Rate(Decimal("0.2666"), date(2026, 4, 1), "")}, "rate_source"),
        ({"instrument": "wish"}, "instrument"),
        ({"measure": "wish"}, "measure"),
        ({"measure": "matching"}, "abroad"),
        ({"measure": "matching", "abroad": "20,000,000,000"}, "amount"),
        ({"measure": "matching", "abroad": "5", "ratio": Decimal("NaN")}, "ratio"),
        ({"measure": "megawatts"}, "megawatts"),
        ({"measure": "megawatts", "megawatts": "-3"}, "megawatts"),
        ({"title": " "}, "title"),
        ({"ends_on": date(2026, 3, 1)}, "ends_on"),
        ({"starts_on": date(2025, 1, 1), "ends_on": date(2026, 3, 31)}, "ends_on"),
    ],
)
def test_terms_that_cannot_be_are_refused_beside_their_field_and_nothing_is_kept(who, fields, field):
    with pytest.raises(Refused) as refused:
        make.draft(who, **fields)
    assert refused.value.field == field
    assert not Commitment.objects.exists()


def test_an_amount_in_another_currency_keeps_its_dated_rate_and_its_source(who):
    rate = Rate(Decimal("0.2666"), date(2026, 3, 31), "Federal Reserve, H.10")
    commitment = make.draft(who, amount="37,500,000,000.00", currency="sar", rate=rate)
    assert (commitment.currency, commitment.amount_minor) == ("SAR", 3_750_000_000_000)
    assert commitment.amount_cents == commitment.target == 999_750_000_000
    assert (commitment.rate_on, commitment.rate_source) == (date(2026, 3, 31), "Federal Reserve, H.10")


def test_each_dollar_abroad_is_matched_as_the_edition_says_unless_the_agreement_names_another_ratio(who):
    usual = make.draft(who, measure="matching", abroad="8,000,000,000", abroad_says="Riyadh Hall 1")
    assert (usual.ratio, usual.target) == (1, 8 * make.BILLION)
    other = make.draft(who, measure="matching", abroad="8,000,000,000", ratio=Decimal("1.25"))
    assert other.target == 10 * make.BILLION


def test_megawatts_are_kept_in_kilowatts_and_pledged_beside_the_money(who):
    commitment = make.signed(who, measure="megawatts", megawatts="500")
    assert (commitment.target, commitment.unit) == (500_000, "kilowatts")
    assert get_totals([commitment])[commitment.pk] == {
        ("pledged", "cents"): 10 * make.BILLION,
        ("pledged", "kilowatts"): 500_000,
    }


def test_a_milestone_after_the_end_of_the_commitment_is_refused(who):
    commitment = make.draft(who)
    for day in (date(2028, 1, 1), date(2026, 3, 31)):
        with pytest.raises(Refused) as refused:
            make.milestone(commitment, who, day, "5")
        assert refused.value.field == "due_on"
    assert not Milestone.objects.exists()
    make.milestone(commitment, who, date(2027, 12, 31), "5")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"amount": "-5"}, "amount"),
        ({"amount": "Infinity"}, "amount"),
        ({"amount": "10,000,000,000.01"}, "amount"),
        ({"criteria": " "}, "criteria"),
        ({"title": ""}, "title"),
    ],
)
def test_a_milestone_that_cannot_be_is_refused_beside_its_field(who, fields, field):
    commitment = make.draft(who)
    given = {"due_on": date(2026, 6, 30), "amount": "5", **fields}
    with pytest.raises(Refused) as refused:
        make.milestone(commitment, who, given.pop("due_on"), given.pop("amount"), **given)
    assert refused.value.field == field
    assert not Milestone.objects.exists()


def test_an_earlier_end_is_refused_while_a_milestone_would_fall_after_it(who):
    commitment = make.ready(who)
    with pytest.raises(Refused, match="would no longer fit") as refused:
        operations.save_commitment(
            commitment=commitment, terms=make.terms(ends_on=date(2027, 1, 1)), by=who.officer, at=make.AT
        )
    assert refused.value.field == "ends_on"
    commitment.refresh_from_db()
    assert commitment.ends_on == date(2027, 12, 31)


def test_the_same_asset_is_counted_once_across_commitments(who):
    first, second = make.draft(who), make.draft(who)
    place = {"name": "Prairie Hall", "address": "1 Example Road", "city": "Abilene"}
    counted = make.asset(first, who, **place)
    for other in ({**place, "address": "9 Other Road", "name": "PRAIRIE-HALL"}, {**place, "name": "Another Name"}):
        with pytest.raises(Refused, match=f"counted for {first.number} already"):
            make.asset(second, who, **other)
    operations.remove_asset(asset=counted, by=who.officer, at=make.AT)
    make.asset(second, who, **place)
    assert Asset.objects.filter(is_counted=True).count() == 1


@pytest.mark.parametrize(
    ("address", "again"),
    [
        ("1 Example Road", "1 EXAMPLE RD."),
        ("9 Saint Mary Street", "9 St. Mary St"),
        ("7 Pe\N{LATIN SMALL LETTER N WITH TILDE}a Avenue", "7 Pen\N{COMBINING TILDE}a Ave"),
        ("12 North Lane", "12 N. Ln."),
    ],
)
def test_an_asset_in_another_spelling_is_the_same_asset(who, address, again):
    make.asset(make.draft(who), who, name="Prairie Hall", address=address, city="Fort Worth")
    with pytest.raises(Refused, match="an asset counts once") as refused:
        make.asset(make.draft(who), who, name="Second Name", address=again, city="Ft. Worth")
    assert refused.value.field == "address"


def test_a_draft_without_an_asset_or_with_another_sum_cannot_be_signed(who):
    commitment = make.draft(who)
    sign = {"reference": "A", "signed_on": date(2026, 3, 20), "by": who.officer, "at": make.AT}
    with pytest.raises(Refused, match="No asset"):
        operations.sign_commitment(commitment=commitment, paper=make.paper(), **sign)
    make.asset(commitment, who)
    with pytest.raises(Refused, match="no milestone yet"):
        operations.sign_commitment(commitment=commitment, paper=make.paper(), **sign)
    make.milestone(commitment, who, date(2026, 6, 30), "4,000,000,000")
    with pytest.raises(Refused, match=r"come to USD 4,000,000,000.00, the commitment to USD 10,000,000,000.00"):
        operations.sign_commitment(commitment=commitment, paper=make.paper(), **sign)
    assert not AmountEntry.objects.exists()
    assert not Paper.objects.exists()


def test_a_document_in_another_language_needs_its_certified_translation(who):
    commitment = make.ready(who)
    sign = {"reference": "A", "signed_on": date(2026, 3, 20), "by": who.officer, "at": make.AT}
    same = make.pdf(text="same")
    for paper, field in (
        (make.paper(language="ar"), "translation"),
        (make.paper(language="ar", translation=make.pdf(text="x")), "translator"),
        (make.paper("same", language="ar", translation=same, translator="A service"), "translation"),
        (make.paper(language="Arabic"), "language"),
    ):
        with pytest.raises(Refused) as refused:
            operations.sign_commitment(commitment=commitment, paper=paper, **sign)
        assert refused.value.field == field
    assert not Paper.objects.exists()
    paper = make.paper(language="ar", translation=make.pdf(text="translated"), translator="A service")
    operations.sign_commitment(commitment=commitment, paper=paper, **sign)
    assert Paper.objects.get(kind=PaperKind.TRANSLATION).translation_of.kind == PaperKind.AGREEMENT


def test_a_rate_that_grew_old_before_the_signature_is_refused(who):
    rate = Rate(Decimal("0.2666"), date(2026, 3, 31), "H.10")
    commitment = make.ready(who, amount="37,500,000,000.00", currency="SAR", rate=rate)
    with pytest.raises(Refused, match="Change the terms with a newer rate"):
        operations.sign_commitment(
            commitment=commitment,
            reference="A",
            signed_on=date(2026, 4, 20),
            paper=make.paper(),
            by=who.officer,
            at=make.later(days=25),
        )


def test_a_signature_of_the_future_is_refused(who):
    with pytest.raises(Refused) as refused:
        operations.sign_commitment(
            commitment=make.ready(who),
            reference="A",
            signed_on=date(2026, 4, 2),
            paper=make.paper(),
            by=who.officer,
            at=make.AT,
        )
    assert refused.value.field == "signed_on"


def test_what_is_signed_stays_as_it_was_signed(who):
    commitment = make.signed(who)
    with pytest.raises(Refused, match="“signed” and cannot be changed now"):
        operations.save_commitment(commitment=commitment, terms=make.terms(), by=who.officer, at=make.AT)
    with pytest.raises(Refused, match="cannot be changed now"):
        make.milestone(commitment, who, date(2026, 7, 1), "5")


def test_a_page_that_is_older_than_what_is_stored_is_refused(who):
    commitment = make.draft(who)
    with pytest.raises(Stale):
        operations.save_commitment(
            commitment=commitment, terms=make.terms(), version=commitment.version + 1, by=who.officer, at=make.AT
        )


def test_only_a_commitment_officer_keeps_commitments(who):
    commitment = make.ready(who)
    for person in (who.director, who.exporter, who.waivers[0]):
        with pytest.raises(NotPermitted, match="Only a commitment officer"):
            operations.draft_commitment(terms=make.terms(), by=person, at=make.AT)
        with pytest.raises(NotPermitted):
            operations.withdraw_commitment(commitment=commitment, reason="x", by=person, at=make.AT)


def test_a_withdrawn_draft_lets_its_assets_go(who):
    commitment = make.ready(who)
    operations.withdraw_commitment(commitment=commitment, reason="Talks ended.", by=who.officer, at=make.AT)
    commitment.refresh_from_db()
    assert commitment.status == CommitmentStatus.WITHDRAWN
    assert not commitment.assets.filter(is_counted=True).exists()
