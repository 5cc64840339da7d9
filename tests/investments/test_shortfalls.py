"""What is short after a due date: found, cured, planned for, waived by two, and what is held meanwhile."""

from datetime import UTC, date, datetime

import pytest

from accounts.permissions import NotPermitted
from accounts.rules import SYSTEM, Refused
from audit.verification import verify
from deadlines.models import Deadline
from investments import operations, selectors
from investments.models import Shortfall
from investments.statuses import CommitmentStatus, ShortfallStatus
from investments.tasks import assess_commitments
from registry.models import Ground, Hold
from registry.operations import rely_on
from tests.investments import factories as make

# The first milestone is due on June 30, 2026; its day is over at midnight in Washington.
BEFORE = datetime(2026, 7, 1, 3, 59, tzinfo=UTC)
AFTER = datetime(2026, 7, 1, 4, 1, tzinfo=UTC)
LAPSED = datetime(2026, 8, 1, 5, 0, tzinfo=UTC)
LICENSE = ("license", "1")


def assess(commitment, at):
    operations.assess_commitment(commitment=commitment, by=SYSTEM, at=at)
    commitment.refresh_from_db()
    return commitment


def plan(shortfall, who, *, at=AFTER, cure_by=date(2026, 7, 20), says="Payments follow in July."):
    return operations.record_cure_plan(
        shortfall=shortfall, says=says, cure_by=cure_by, paper=make.paper(), by=who.officer, at=at
    )


def test_a_shortfall_is_found_when_the_due_date_is_over_and_written_down_once(who):
    commitment = make.in_force(who)
    make.verified(commitment, who, "1,000,000,000")
    assert assess(commitment, BEFORE).status == CommitmentStatus.IN_FORCE
    assert assess(commitment, AFTER).status == CommitmentStatus.SHORTFALL
    assess(commitment, AFTER)
    shortfall = Shortfall.objects.get()
    assert (shortfall.short, shortfall.owed) == (3 * make.BILLION, 4 * make.BILLION)
    assert shortfall.cure_due_at == datetime(2026, 8, 1, 4, 0, tzinfo=UTC)
    assert set(Deadline.objects.filter(status="open", subject_kind="investments.shortfall").values_list("kind")) == {
        ("cure_plan",),
        ("shortfall_cure",),
    }
    assert verify().intact


def test_the_schedule_finds_what_is_due(who, monkeypatch):
    commitment = make.in_force(who)
    monkeypatch.setattr("investments.tasks.timezone.now", lambda: AFTER)
    assert assess_commitments() == 1
    commitment.refresh_from_db()
    assert commitment.status == CommitmentStatus.SHORTFALL


def test_a_shortfall_holds_the_next_tranche_and_the_cure_releases_it(who):
    commitment = make.in_force(who)
    make.tranches(commitment, who, (0, 100), (2 * make.BILLION, 100))
    assess(commitment, AFTER)
    make.verified(commitment, who, "2,000,000,000", at=AFTER)
    assert selectors.get_tranche_balance(LICENSE).ceiling == 100
    assert [each.state for each in selectors.list_tranches(LICENSE)] == ["released", "held"]
    assert Shortfall.objects.get().short == 2 * make.BILLION
    make.verified(commitment, who, "2,000,000,000", at=AFTER)
    commitment.refresh_from_db()
    assert commitment.status == CommitmentStatus.IN_FORCE
    assert Shortfall.objects.get().status == ShortfallStatus.CURED
    assert selectors.get_tranche_balance(LICENSE).ceiling == 200
    assert not Deadline.objects.filter(status="open", subject_kind="investments.shortfall").exists()


def test_a_plan_puts_the_commitment_in_cure(who):
    commitment = assess(make.in_force(who), AFTER)
    shortfall = Shortfall.objects.get()
    for fields, field in (
        ({"cure_by": date(2026, 8, 1)}, "cure_by"),
        ({"cure_by": date(2026, 6, 1)}, "cure_by"),
        ({"says": " "}, "says"),
    ):
        with pytest.raises(Refused) as refused:
            plan(shortfall, who, **fields)
        assert refused.value.field == field
    plan(shortfall, who, cure_by=date(2026, 7, 31))
    commitment.refresh_from_db()
    assert commitment.status == CommitmentStatus.IN_CURE


def test_when_the_cure_period_is_over_licenses_are_held_and_the_cure_lifts_it(who):
    commitment = make.in_force(who)
    ground = ("investments.commitment", str(commitment.pk))
    rely_on(subject=ground, dependent=LICENSE, label="D000001", by=who.director, at=make.AT)
    plan(Shortfall.objects.get(commitment=assess(commitment, AFTER)), who)
    assert not Hold.objects.exists()
    assert assess(commitment, LAPSED).status == CommitmentStatus.SHORTFALL
    hold = Hold.objects.get()
    assert (hold.scope_kind, hold.scope_id, hold.cause) == ("license", "1", "commitment_missed")
    assert hold.is_open
    with pytest.raises(Refused, match="cannot take a cure plan now"):
        plan(Shortfall.objects.get(), who, at=LAPSED, cure_by=date(2026, 8, 2))
    make.verified(commitment, who, at=LAPSED)
    hold.refresh_from_db()
    assert not hold.is_open
    commitment.refresh_from_db()
    assert commitment.status == CommitmentStatus.IN_FORCE


def test_a_waiver_takes_two_officials(who):
    commitment = assess(make.in_force(who), AFTER)
    shortfall = Shortfall.objects.get()
    sign = {"shortfall": shortfall, "reason": "The grid operator was late.", "at": AFTER}
    with pytest.raises(NotPermitted):
        operations.sign_waiver(by=who.officer, **sign)
    operations.sign_waiver(by=who.waivers[0], **sign)
    with pytest.raises(Refused, match="A second official must sign"):
        operations.sign_waiver(by=who.waivers[0], **sign)
    commitment.refresh_from_db()
    assert commitment.status == CommitmentStatus.SHORTFALL
    operations.sign_waiver(by=who.waivers[1], **sign)
    commitment.refresh_from_db()
    shortfall.refresh_from_db()
    assert commitment.status == CommitmentStatus.SHORTFALL_WAIVED
    assert (shortfall.status, shortfall.waived) == (ShortfallStatus.WAIVED, 4 * make.BILLION)
    assert assess(commitment, LAPSED).status == CommitmentStatus.SHORTFALL_WAIVED
    with pytest.raises(Refused, match="cannot be waived now"):
        operations.sign_waiver(by=who.waivers[0], **sign)
    assert verify().intact


def test_what_one_official_never_saw_is_not_waived(who):
    commitment = make.in_force(who)
    evidence = make.verified(commitment, who, "1,000,000,000")
    assess(commitment, AFTER)
    sign = {"shortfall": Shortfall.objects.get(), "reason": "The grid operator was late.", "at": AFTER}
    operations.sign_waiver(by=who.waivers[0], **sign)
    operations.reverse_verification(evidence=evidence, reason="It was no payment.", by=who.verifier, at=AFTER)
    operations.sign_waiver(by=who.waivers[1], **sign)
    waived, found = Shortfall.objects.order_by("pk")
    assert (waived.status, waived.waived) == (ShortfallStatus.WAIVED, 3 * make.BILLION)
    assert (found.status, found.short) == (ShortfallStatus.OPEN, make.BILLION)
    commitment.refresh_from_db()
    assert commitment.status == CommitmentStatus.SHORTFALL
    assert verify().intact


def test_a_reversal_after_the_due_date_opens_a_shortfall_in_the_same_act(who):
    commitment = make.in_force(who)
    evidence = make.verified(commitment, who)
    assert assess(commitment, AFTER).status == CommitmentStatus.IN_FORCE
    operations.reverse_verification(evidence=evidence, reason="Forged.", by=who.officer, at=AFTER)
    commitment.refresh_from_db()
    assert commitment.status == CommitmentStatus.SHORTFALL


def test_each_due_date_has_a_shortfall_of_its_own(who):
    commitment = assess(make.in_force(who), AFTER)
    assess(commitment, datetime(2027, 7, 1, 5, tzinfo=UTC))
    assert sorted(Shortfall.objects.values_list("status", "short")) == [
        ("lapsed", 4 * make.BILLION),
        ("open", 6 * make.BILLION),
    ]


def test_a_commitment_is_completed_when_all_of_it_is_verified_or_waived(who):
    commitment = make.in_force(who)
    end = {"commitment": commitment, "reason": "All evidence is in.", "by": who.officer, "at": AFTER}
    make.verified(commitment, who, at=make.AT)
    with pytest.raises(Refused, match=r"USD 6,000,000,000.00 of K\d+ are neither verified nor waived"):
        operations.complete_commitment(**end)
    evidence = make.verified(commitment, who, "6,000,000,000", at=AFTER)
    operations.complete_commitment(**end)
    commitment.refresh_from_db()
    assert commitment.status == CommitmentStatus.COMPLETED
    assert Ground.objects.get().until is None
    operations.reverse_verification(evidence=evidence, reason="Forged.", by=who.officer, at=AFTER)
    commitment.refresh_from_db()
    assert (commitment.status, commitment.ended_at) == (CommitmentStatus.IN_FORCE, None)
    assert Ground.objects.get().until is not None


def test_a_terminated_commitment_holds_the_licenses_that_stand_on_it(who):
    commitment = make.in_force(who)
    ground = ("investments.commitment", str(commitment.pk))
    rely_on(subject=ground, dependent=LICENSE, label="D000001", by=who.director, at=make.AT)
    operations.terminate_commitment(commitment=commitment, reason="It was denounced.", by=who.officer, at=AFTER)
    assert Hold.objects.get().says.endswith("Terminated: It was denounced.")
    assert not Deadline.objects.filter(status="open").exists()


def test_an_exporter_does_not_record_what_is_short(who):
    with pytest.raises(NotPermitted):
        operations.assess_commitment(commitment=make.in_force(who), by=who.exporter, at=AFTER)
