"""What PostgreSQL keeps true of commitments, also when somebody types SQL."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from investments import operations
from investments.models import AmountEntry, Asset, Commitment, Evidence, Milestone, Shortfall, Verification
from investments.models import Paper as PaperRow
from tests.investments import factories as make
from tests.investments.test_shortfalls import AFTER


def refused(says, act):
    with pytest.raises(IntegrityError, match=says), transaction.atomic():
        act()


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_an_asset_and_a_document_count_once(who):
    first, second = make.in_force(who), make.in_force(who)
    counted, evidence = first.assets.get(), make.submitted(first, who)
    copy = {field: getattr(counted, field) for field in ("name", "address", "city", "state", "country_id", "added_at")}
    for keys in (
        {"name_key": counted.name_key, "address_key": "x"},
        {"name_key": "x", "address_key": counted.address_key},
    ):
        refused("counts_once", lambda keys=keys: Asset.objects.create(commitment=second, **copy, **keys))
    paper = PaperRow.objects.create(
        commitment=second,
        kind="evidence",
        title="The same",
        file="x",
        sha256=evidence.sha256,
        size=1,
        pages=1,
        filed_by_label="x",
        filed_at=make.AT,
    )
    refused(
        "evidence_counts_once",
        lambda: Evidence.objects.create(
            commitment=second,
            milestone=second.milestones.first(),
            asset=second.assets.get(),
            paper=paper,
            sha256=evidence.sha256,
            says="x",
            claimed=1,
            submitted_by=who.officer,
            submitted_by_label="x",
            submitted_at=make.AT,
        ),
    )


def test_nothing_outside_the_united_states_is_stored(who):
    commitment = make.draft(who)
    refused("commitment_funds_into_us", lambda: Commitment.objects.filter(pk=commitment.pk).update(funds_to="SA"))
    made = make.asset(commitment, who)
    refused("keeps its commitment", lambda: Asset.objects.filter(pk=made.pk).update(country="SA"))
    refused(
        "asset_in_us",
        lambda: sql(
            "INSERT INTO investments_asset (commitment_id, name, address, city, state, country_id, owner, name_key,"
            " address_key, is_counted, added_by_label, added_at)"
            " SELECT commitment_id, name, address, city, state, 'SA', owner, 'other', 'other', true, '', added_at"
            " FROM investments_asset WHERE id = %s",
            made.pk,
        ),
    )


def test_evidence_is_never_verified_by_its_submitter(who):
    evidence = make.submitted(make.in_force(who), who)
    row = {"evidence": evidence, "method": "x", "verified_by_label": "x", "at": make.AT}
    refused(
        "somebody other than its submitter",
        lambda: Verification.objects.create(
            verdict="at_face", claimed=evidence.claimed, accepted=evidence.claimed, verified_by=who.officer, **row
        ),
    )
    refused(
        "somebody other than its submitter",
        lambda: Verification.objects.create(verdict="at_face", claimed=5, accepted=5, verified_by=who.verifier, **row),
    )
    for worth in (
        {"verdict": "discounted", "accepted": 5},
        {"verdict": "discounted", "accepted": evidence.claimed, "reason": "x"},
        {"verdict": "at_face", "accepted": evidence.claimed + 1},
        {"verdict": "refused", "accepted": 0},
    ):
        refused(
            "verification_worth",
            lambda worth=worth: Verification.objects.create(
                claimed=evidence.claimed, verified_by=who.verifier, **row, **worth
            ),
        )


def test_amounts_are_only_ever_added_to_and_nothing_is_verified_without_a_verification(who):
    evidence = make.verified(make.in_force(who), who)
    entry = AmountEntry.objects.get(kind="verified")
    refused("cannot be changed", lambda: AmountEntry.objects.filter(pk=entry.pk).update(units=1))
    refused("cannot be deleted", lambda: AmountEntry.objects.filter(pk=entry.pk).delete())
    refused("cannot be changed", lambda: Verification.objects.filter(evidence=evidence).update(accepted=1))
    row = {"commitment": evidence.commitment, "unit": "cents", "on": date(2026, 4, 1), "says": "x", "at": make.AT}
    refused("by_a_verification", lambda: AmountEntry.objects.create(kind="verified", units=5, **row))
    refused("only_in_reversal", lambda: AmountEntry.objects.create(kind="disbursed", units=-5, **row))
    refused(
        "takes back the whole", lambda: AmountEntry.objects.create(kind="verified", units=-5, reverses=entry, **row)
    )
    refused(
        "takes back the whole",
        lambda: AmountEntry.objects.create(kind="disbursed", units=-entry.units, reverses=entry, **row),
    )


def test_what_is_signed_stays(who):
    commitment = make.signed(who)
    first = commitment.milestones.first()
    refused("stay as they were signed", lambda: Commitment.objects.filter(pk=commitment.pk).update(amount_cents=5))
    refused("stays as it was signed", lambda: Milestone.objects.filter(pk=first.pk).update(units=1))
    refused("stays as it was signed", lambda: Milestone.objects.filter(pk=first.pk).delete())
    refused("cannot be deleted", lambda: sql("DELETE FROM investments_commitment WHERE id = %s", commitment.pk))


def test_no_milestone_lies_outside_the_period(who):
    commitment = make.draft(who)
    refused(
        "within the period",
        lambda: Milestone.objects.create(
            commitment=commitment, title="x", due_on=date(2028, 1, 1), units=5, criteria="x"
        ),
    )


def test_a_waiver_stands_only_on_two_signatures(who):
    commitment = make.in_force(who)
    operations.assess_commitment(commitment=commitment, by=who.officer, at=AFTER)
    shortfall = Shortfall.objects.get()
    operations.sign_waiver(shortfall=shortfall, reason="x", by=who.waivers[0], at=AFTER)
    refused(
        "waived by two officials",
        lambda: Shortfall.objects.filter(pk=shortfall.pk).update(
            status="waived", waived=shortfall.short, closed_at=AFTER
        ),
    )
    refused(
        "waiver_signed_once",
        lambda: sql(
            "INSERT INTO investments_waiversignature (shortfall_id, official_id, official_label, reason, at)"
            " SELECT shortfall_id, official_id, official_label, reason, at FROM investments_waiversignature"
        ),
    )


def test_a_step_never_releases_more_than_its_chips_or_less_than_none(who):
    plan = make.tranches(make.in_force(who), who)
    for released in (-1, 100_001):
        refused(
            "tranche_step_within_its_chips",
            lambda released=released: plan.steps.filter(position=1).update(released=released),
        )
    refused("keeps its amount", lambda: plan.steps.filter(position=1).update(chips=5))
