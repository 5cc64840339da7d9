"""A country's ceiling is set, raised and lowered by two persons."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from accounts.permissions import NotPermitted
from accounts.rules import Refused, Stale
from accounts.statuses import Role
from allocations import operations
from allocations.models import Allocation, Proposal, Verdict
from allocations.selectors import count_waiting, get_allocation, get_standing
from allocations.statuses import AllocationStatus as S
from allocations.statuses import Outcome
from audit import verification
from audit.models import Entry as JournalEntry
from deadlines.models import Deadline, Notification
from ledger.models import Account
from ledger.rules import NotEnough
from tests.accounts.factories import user
from tests.allocations import factories as make

pytestmark = pytest.mark.django_db


def change(who, allocation, ceiling, by=None, at=make.AT):
    return operations.propose_change(
        allocation=allocation, ceiling=ceiling, reason="Demand has changed.", by=by or who.first, at=at
    )


def judge(act, proposal, by, reason="Agreed.", at=make.AT):
    return act(proposal=proposal, reason=reason, by=by, at=at)


class TestAFirstCeiling:
    def test_waits_for_a_second_official_and_allows_nothing_before(self, who):
        allocation = make.proposed(who)
        assert allocation.status == S.PROPOSED
        assert get_allocation("SA", make.AT) is None
        assert not Account.objects.exists()
        assert Notification.objects.get().user == who.second

    def test_stands_once_another_official_approves_it(self, who):
        allocation = make.approved(who)
        assert allocation.status == S.APPROVED
        assert allocation.status_on(date(2026, 4, 1)) == S.IN_EFFECT
        standing = get_standing("SA", make.AT)
        assert (standing.title, standing.ceiling, standing.left) == ("Saudi Arabia, 2026", 200_000, 200_000)

    def test_is_not_approved_by_who_proposed_it(self, who):
        allocation = make.proposed(who)
        with pytest.raises(NotPermitted, match="two persons set it"):
            judge(operations.approve_proposal, make.waiting(allocation), who.first)
        with pytest.raises(NotPermitted, match="two persons set it"):
            judge(operations.decline_proposal, make.waiting(allocation), who.first)
        assert get_allocation("SA", make.AT) is None

    @pytest.mark.parametrize("role", [Role.LICENSING_DIRECTOR, Role.EXPORTER_ADMIN, Role.AGENCY_REVIEWER])
    def test_is_no_act_of_others(self, who, role):
        stranger = user(role)
        with pytest.raises(NotPermitted, match="allocation official"):
            make.proposed(make.People(first=stranger))
        allocation = make.proposed(who)
        for act in (operations.approve_proposal, operations.decline_proposal, operations.withdraw_proposal):
            with pytest.raises(NotPermitted, match="allocation official"):
                judge(act, make.waiting(allocation), stranger)

    def test_is_declined_with_a_reason_and_the_period_is_free_again(self, who):
        allocation = make.proposed(who)
        judge(operations.decline_proposal, make.waiting(allocation), who.second, "Too many.")
        allocation.refresh_from_db()
        assert allocation.status == S.DECLINED
        assert make.approved(who, ceiling=100).status == S.APPROVED

    def test_is_withdrawn_by_who_proposed_it_alone(self, who):
        allocation = make.proposed(who)
        with pytest.raises(NotPermitted, match="who proposed this ceiling, may withdraw it"):
            judge(operations.withdraw_proposal, make.waiting(allocation), who.second)
        judge(operations.withdraw_proposal, make.waiting(allocation), who.first, "A slip.")
        allocation.refresh_from_db()
        assert allocation.status == S.WITHDRAWN

    def test_has_one_verdict(self, who):
        allocation = make.proposed(who)
        proposal = make.waiting(allocation)
        judge(operations.decline_proposal, proposal, who.second, "Too many.")
        with pytest.raises(Stale, match="declined this proposal already: Too many"):
            judge(operations.approve_proposal, proposal, user(Role.ALLOCATION_OFFICIAL))

    @pytest.mark.parametrize("act", ["approve_proposal", "decline_proposal"])
    def test_needs_a_reason_at_every_step(self, who, act):
        with pytest.raises(Refused, match="Say why") as refusal:
            operations.propose_allocation(
                country="SA",
                starts_on=date(2026, 1, 1),
                ends_on=date(2027, 1, 1),
                ceiling=1,
                reason="  ",
                by=who.first,
                at=make.AT,
            )
        assert refusal.value.field == "reason"
        with pytest.raises(Refused, match="Say why"):
            judge(getattr(operations, act), make.waiting(make.proposed(who)), who.second, " ")

    def test_of_none_is_a_ceiling_too(self, who):
        make.approved(who, ceiling=0)
        assert get_standing("SA", make.AT).left == 0


class TestThePeriod:
    @pytest.mark.parametrize(
        ("fields", "field", "says"),
        [
            ({"ends_on": date(2025, 12, 31)}, "ends_on", "ends before it begins"),
            ({"ends_on": date(2027, 2, 1)}, "ends_on", "at most 366"),
            ({"starts_on": date(2025, 1, 1), "ends_on": date(2026, 1, 1)}, "ends_on", "over already"),
            ({"country": "XX"}, "country", "not known"),
            ({"ceiling": -5}, "ceiling", "from 0"),
            ({"ceiling": 2**70}, "ceiling", "from 0"),
        ],
    )
    def test_that_cannot_be_is_refused_by_its_field_and_nothing_is_kept(self, who, fields, field, says):
        with pytest.raises(Refused, match=says) as refusal:
            make.proposed(who, **fields)
        assert refusal.value.field == field
        assert not Allocation.objects.exists()

    @pytest.mark.parametrize("stands", [make.proposed, make.approved])
    def test_that_shares_days_with_another_is_refused_in_words(self, who, stands):
        stands(who)
        with pytest.raises(Refused, match="Saudi Arabia .* for 2026, which shares days with") as refusal:
            make.proposed(who, starts_on=date(2026, 12, 31), ends_on=date(2027, 6, 1))
        assert refusal.value.field == "starts_on"
        assert Allocation.objects.count() == 1

    def test_begins_where_another_ends_and_is_free_for_another_country(self, who):
        make.approved(who)
        assert make.approved(who, year=2027).title == "Saudi Arabia, 2027"
        assert make.approved(who, "AE").title == "United Arab Emirates, 2026"

    def test_that_is_over_is_not_approved(self, who):
        allocation = make.proposed(who)
        with pytest.raises(Refused, match="over already"):
            make.approve(who, allocation, at=make.later(days=300))

    def test_decides_which_allocation_is_in_effect(self, who):
        make.approved(who)
        make.approved(who, year=2027, ceiling=7)
        assert get_standing("SA", make.later(days=300)).ceiling == 7
        assert get_standing("SA", make.later(days=700)) is None


class TestAChange:
    def test_raises_and_lowers_by_two_persons(self, who):
        allocation = make.approved(who)
        proposal = change(who, allocation, 250_000)
        assert get_standing("SA", make.AT).ceiling == 200_000
        judge(operations.approve_proposal, proposal, who.second)
        assert get_standing("SA", make.AT).ceiling == 250_000
        judge(operations.approve_proposal, change(who, allocation, 90_000, by=who.second), who.first)
        assert get_standing("SA", make.AT).ceiling == 90_000

    def test_never_goes_below_what_is_reserved_and_used(self, who):
        allocation = make.approved(who)
        operations.draw_chips(**make.take(who, 120_000, "D1"))
        operations.reserve_chips(**make.take(who, 30_000, "C1"))
        with pytest.raises(NotEnough, match="120,000 are used and 30,000 reserved. 150,000 is the lowest") as refusal:
            change(who, allocation, 149_999)
        assert refusal.value.field == "ceiling"
        judge(operations.approve_proposal, change(who, allocation, 150_000), who.second)
        assert get_standing("SA", make.AT).left == 0

    def test_is_refused_at_its_approval_when_more_was_taken_meanwhile(self, who):
        allocation = make.approved(who)
        proposal = change(who, allocation, 100)
        operations.draw_chips(**make.take(who, 101, "D1"))
        with pytest.raises(NotEnough, match="101 are used") as refusal:
            judge(operations.approve_proposal, proposal, who.second)
        assert refusal.value.field == "ceiling"
        assert not Verdict.objects.filter(proposal=proposal).exists()
        assert get_standing("SA", make.AT).ceiling == 200_000

    def test_that_was_declined_or_withdrawn_leaves_the_ceiling(self, who):
        allocation = make.approved(who)
        judge(operations.decline_proposal, change(who, allocation, 1), who.second, "No.")
        judge(operations.withdraw_proposal, change(who, allocation, 2), who.first, "No.")
        allocation.refresh_from_db()
        assert allocation.status == S.APPROVED
        assert get_standing("SA", make.AT).ceiling == 200_000
        assert list(Verdict.objects.values_list("outcome", flat=True)) == [
            Outcome.APPROVED,
            Outcome.DECLINED,
            Outcome.WITHDRAWN,
        ]

    def test_waits_alone(self, who):
        allocation = make.approved(who)
        change(who, allocation, 250_000)
        with pytest.raises(Stale, match="250,000 chips has been proposed by"):
            change(who, allocation, 260_000)

    def test_changes_something(self, who):
        with pytest.raises(Refused, match="200,000 chips already"):
            change(who, make.approved(who), 200_000)

    def test_is_for_what_stands_alone(self, who):
        with pytest.raises(Refused, match="“ceiling proposed” and cannot have its ceiling changed"):
            change(who, make.proposed(who), 5)
        with pytest.raises(Refused, match="“ended” and cannot"):
            change(who, make.approved(who, "AE"), 5, at=make.later(days=400))


class TestTheDeadline:
    def test_stands_at_the_periods_end_for_who_approved(self, who):
        allocation = make.approved(who)
        deadline = Deadline.objects.get()
        assert (deadline.subject_id, deadline.owner_kind, deadline.owner_id) == (
            str(allocation.pk),
            "user",
            who.second.pk,
        )
        assert deadline.due_at.isoformat() == "2027-01-01T05:00:00+00:00"
        assert deadline.reminder_offsets == [90, 30]

    def test_is_met_by_the_next_allocation(self, who):
        make.approved(who)
        make.approved(who, year=2027)
        assert list(Deadline.objects.order_by("due_at").values_list("status", flat=True)) == ["met", "open"]


class TestTheDatabase:
    def refused(self, act):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()

    def test_knows_no_overlap_of_periods(self, who):
        first = make.approved(who)
        self.refused(
            lambda: Allocation.objects.create(
                country_id="SA", starts_on=date(2026, 6, 1), ends_on=date(2027, 6, 1), created_at=make.AT
            )
        )
        self.refused(lambda: Allocation.objects.filter(pk=first.pk).update(ends_on=date(2028, 1, 1)))

    def test_keeps_terms_proposals_and_verdicts_as_they_are(self, who):
        allocation = make.approved(who)
        self.refused(lambda: Allocation.objects.filter(pk=allocation.pk).update(country_id="AE"))
        self.refused(lambda: Allocation.objects.filter(pk=allocation.pk).update(status=S.DECLINED))
        self.refused(lambda: Allocation.objects.filter(pk=allocation.pk).update(status="in_effect"))
        self.refused(lambda: Allocation.objects.filter(pk=allocation.pk).delete())
        self.refused(lambda: Proposal.objects.update(ceiling=7))
        self.refused(lambda: Verdict.objects.update(reason="Other"))
        self.refused(lambda: Verdict.objects.all().delete())

    def test_lets_nobody_approve_their_own_proposal_whatever_name_is_claimed(self, who):
        proposal = make.waiting(make.proposed(who))
        self.refused(
            lambda: Verdict.objects.create(
                proposal=proposal,
                outcome=Outcome.APPROVED,
                reason="Mine.",
                proposer=who.second,
                judge=who.first,
                judge_label="First",
                at=make.AT,
            )
        )

    def test_knows_one_open_proposal(self, who):
        allocation = make.approved(who)
        change(who, allocation, 5)
        self.refused(
            lambda: Proposal.objects.create(
                allocation=allocation,
                number=3,
                kind="raise",
                ceiling=300_000,
                ceiling_before=200_000,
                reason="More.",
                proposer=who.first,
                proposer_label="First",
                at=make.AT,
            )
        )


def test_everything_is_in_the_journal_and_verifies(who):
    allocation = make.approved(who)
    judge(operations.decline_proposal, change(who, allocation, 7), who.second, "No.")
    verbs = (
        JournalEntry.objects.filter(subject_kind="allocations.allocation").order_by("id").values_list("verb", flat=True)
    )
    assert [verb for verb in verbs if verb.startswith("allocation.")] == [
        "allocation.proposed",
        "allocation.approved",
        "allocation.proposed",
        "allocation.declined",
    ]
    assert verification.verify().intact


@pytest.mark.parametrize("act", [operations.approve_proposal, operations.decline_proposal])
def test_the_database_knows_which_allocations_wait_until_their_verdict(who, act):
    allocation = make.approved(who)
    make.approved(who, "AE")
    assert count_waiting() == 0
    proposal = change(who, allocation, 300_000)
    assert Allocation.objects.get(is_waiting=True) == allocation
    judge(act, proposal, who.second)
    assert count_waiting() == 0
