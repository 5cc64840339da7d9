"""Setting a country's ceiling: proposed by one official, and approved, declined or taken back."""

from __future__ import annotations

from datetime import date, datetime

from accounts.models import User
from accounts.rules import Refused, Stale
from accounts.selectors import list_users_with_role
from accounts.statuses import Role
from allocations.models import Allocation, Proposal, Verdict
from allocations.permissions import check_can_judge, check_can_propose, check_can_withdraw
from allocations.rules import (
    TRANSITIONS,
    WORDS,
    Period,
    below_taken,
    check_ceiling,
    check_change,
    check_free,
    check_period,
    check_reason,
    end_of,
)
from allocations.selectors import get_verdict
from allocations.statuses import AllocationStatus, Outcome, ProposalKind
from audit.operations import operation, record
from deadlines.operations import meet_deadline, notify, set_deadline
from deadlines.rules import day_of
from ledger import operations as ledger
from ledger.models import Account
from ledger.rules import NotEnough
from ledger.selectors import balance_of, get_account
from ledger.statuses import AccountKind
from registry.lifecycles import follow
from registry.models import Country
from rulebook.selectors import get_operating_edition

UNIT = "chips"
END = "allocation_end"


def address_of(allocation: Allocation) -> str:
    """Where the desk shows an allocation."""
    return f"/desk/allocations/{allocation.pk}/"


@operation
def propose_allocation(
    *, country: str, starts_on: date, ends_on: date, ceiling: int, reason: str, by: User, at: datetime
) -> Allocation:
    """Propose a ceiling in chips for a country (alpha-2) and a period from `starts_on` until before `ends_on`.

    It waits for a second official. Raises NotPermitted; Refused, naming the field, for an unknown country, a period
    that is out of order, over or longer than the edition allows, days that another allocation of the country has
    already, an impossible ceiling, or no reason.
    """
    # Proposals for one country take turns, so that an overlap is refused in words and not by the database.
    found = Country.objects.select_for_update(no_key=True).filter(pk=country).first()
    check_can_propose(by)
    if found is None:
        raise Refused(
            "Choose a country of the list: this one is not known.", rule="allocations.country", field="country"
        )
    period = Period(starts_on, ends_on)
    longest = get_operating_edition(at).value("allocations.longest_period_days")
    check_period(period, longest_days=longest, today=day_of(at))
    standing = Allocation.objects.filter(
        country=found,
        status__in=[AllocationStatus.PROPOSED, AllocationStatus.APPROVED],
        starts_on__lt=ends_on,
        ends_on__gt=starts_on,
    ).order_by("starts_on")
    check_free(found.name, period, [(each.period, each.status) for each in standing])
    check_ceiling(ceiling)
    reason = check_reason(reason)
    allocation = Allocation.objects.create(country=found, starts_on=starts_on, ends_on=ends_on, created_at=at)
    _propose(allocation, ProposalKind.NEW, ceiling, None, reason, by=by, at=at)
    return allocation


@operation
def propose_change(*, allocation: Allocation, ceiling: int, reason: str, by: User, at: datetime) -> Proposal:
    """Propose that the ceiling become `ceiling` chips. It waits for a second official, and nothing changes before.

    Raises NotPermitted; Refused where the allocation is not approved or has ended, another proposal waits, the
    ceiling stays as it is, or is below what is reserved and used (`NotEnough`); each names the field.
    """
    locked = _lock(allocation)
    check_can_propose(by)
    follow(TRANSITIONS, locked.status_on(day_of(at)), "change", subject=f"The allocation {locked.title}", words=WORDS)
    waiting = locked.proposals.filter(verdict=None).first()
    if waiting is not None:
        raise Stale(
            f"A ceiling of {waiting.ceiling:,} chips has been proposed by {waiting.proposer_label} already and waits "
            "for a verdict. Have it approved, declined or withdrawn first.",
            rule="allocations.one_proposal",
        )
    balance = balance_of(_account(locked))
    kind = check_change(locked.title, ceiling, balance)
    return _propose(locked, kind, ceiling, balance.ceiling, check_reason(reason), by=by, at=at)


def _propose(
    allocation: Allocation, kind: ProposalKind, ceiling: int, before: int | None, reason: str, *, by: User, at: datetime
) -> Proposal:
    proposal = Proposal.objects.create(
        allocation=allocation,
        number=allocation.proposals.count() + 1,
        kind=kind,
        ceiling=ceiling,
        ceiling_before=before,
        reason=reason,
        proposer=by,
        proposer_label=by.actor.label,
        at=at,
    )
    instead = "" if before is None else f" instead of {before:,}"
    record(
        subject=allocation,
        verb="allocation.proposed",
        says=f"Proposed a ceiling of {ceiling:,} chips for {allocation.title}{instead}: {reason}",
        by=by,
        at=at,
        data={"proposal": proposal.pk, "ceiling": ceiling, "before": before, "reason": reason},
        covers=[proposal],
    )
    notify(
        users=list_users_with_role(Role.ALLOCATION_OFFICIAL).exclude(pk=by.pk),
        kind="allocation_proposed",
        says=f"{by.name} proposes a ceiling of {ceiling:,} chips for {allocation.title}. It needs a second official.",
        url=address_of(allocation),
        at=at,
    )
    return proposal


@operation
def approve_proposal(*, proposal: Proposal, reason: str, by: User, at: datetime) -> Verdict:
    """Approve what another official proposed: the ceiling is set, raised or lowered at once.

    A first ceiling opens the ledger account and sets a deadline at the period's end; the country's allocation before
    it has its deadline met. Raises NotPermitted for the proposer, Stale once there is a verdict, Refused where the
    period is over, NotEnough where more is taken by now than the lower ceiling.
    """
    allocation, proposal = _lock_proposal(proposal)
    check_can_judge(by, proposal=proposal, to="approve it")
    _check_waits(proposal)
    verdict_reason = check_reason(reason)
    today = day_of(at)
    name = f"proposal/{proposal.number}"
    if proposal.kind == ProposalKind.NEW:
        target = follow(
            TRANSITIONS,
            AllocationStatus(allocation.status),
            "approve",
            subject=f"The allocation {allocation.title}",
            words=WORDS,
        )
        edition = get_operating_edition(at)
        check_period(allocation.period, longest_days=edition.value("allocations.longest_period_days"), today=today)
        allocation.status = target
        allocation.save(update_fields=["status"])
        ledger.open_account(
            kind=AccountKind.ALLOCATION,
            subject=allocation,
            unit=UNIT,
            ceiling=proposal.ceiling,
            key=name,
            reason=f"Ceiling of {allocation.title}: {proposal.reason}",
            by=by,
            at=at,
        )
        _set_end(allocation, edition.value("reminders.allocation_end"), by=by, at=at)
    else:
        follow(
            TRANSITIONS,
            allocation.status_on(today),
            "change",
            subject=f"The allocation {allocation.title}",
            words=WORDS,
        )
        _move_ceiling(allocation, proposal, key=name, by=by, at=at)
    return _judge(allocation, proposal, Outcome.APPROVED, verdict_reason, by=by, at=at)


def _move_ceiling(allocation: Allocation, proposal: Proposal, *, key: str, by: User, at: datetime) -> None:
    account = _account(allocation)
    difference = proposal.ceiling - (proposal.ceiling_before or 0)
    move = ledger.raise_ceiling if difference > 0 else ledger.lower_ceiling
    try:
        move(account=account, units=abs(difference), key=key, reason=proposal.reason, by=by, at=at)
    except NotEnough as refusal:
        balance = refusal.balance or balance_of(account)
        raise below_taken(allocation.title, proposal.ceiling, balance) from refusal


def _set_end(allocation: Allocation, offsets: list[int], *, by: User, at: datetime) -> None:
    """A deadline for whoever approved, before the period ends; the one of the period before is met by this one."""
    before = Allocation.objects.filter(
        country=allocation.country_id, status=AllocationStatus.APPROVED, ends_on__lte=allocation.starts_on
    )
    latest = before.order_by("-ends_on").first()
    if latest is not None:
        meet_deadline(subject=latest, kind=END, by=by, at=at)
    set_deadline(
        subject=allocation,
        kind=END,
        says=f"The allocation {allocation.title} ends: propose the next one",
        url=address_of(allocation),
        owner=("user", by.pk),
        due_at=end_of(allocation.period),
        reminder_offsets=offsets,
        by=by,
        at=at,
    )


@operation
def decline_proposal(*, proposal: Proposal, reason: str, by: User, at: datetime) -> Verdict:
    """Decline what another official proposed; a ceiling that stands stays as it is.

    Raises NotPermitted for the proposer, Stale once there is a verdict, Refused without a reason.
    """
    allocation, proposal = _lock_proposal(proposal)
    check_can_judge(by, proposal=proposal, to="decline it")
    _check_waits(proposal)
    return _end(allocation, proposal, "decline", Outcome.DECLINED, check_reason(reason), by=by, at=at)


@operation
def withdraw_proposal(*, proposal: Proposal, reason: str, by: User, at: datetime) -> Verdict:
    """Take one's own proposal back; a ceiling that stands stays as it is.

    Raises NotPermitted for anybody else, Stale once there is a verdict, Refused without a reason.
    """
    allocation, proposal = _lock_proposal(proposal)
    check_can_withdraw(by, proposal=proposal)
    _check_waits(proposal)
    return _end(allocation, proposal, "withdraw", Outcome.WITHDRAWN, check_reason(reason), by=by, at=at)


def _end(
    allocation: Allocation, proposal: Proposal, act: str, outcome: Outcome, reason: str, *, by: User, at: datetime
) -> Verdict:
    if proposal.kind == ProposalKind.NEW:
        allocation.status = follow(
            TRANSITIONS,
            AllocationStatus(allocation.status),
            act,
            subject=f"The allocation {allocation.title}",
            words=WORDS,
        )
        allocation.save(update_fields=["status"])
    return _judge(allocation, proposal, outcome, reason, by=by, at=at)


def _judge(
    allocation: Allocation, proposal: Proposal, outcome: Outcome, reason: str, *, by: User, at: datetime
) -> Verdict:
    verdict = Verdict.objects.create(
        proposal=proposal,
        outcome=outcome,
        reason=reason,
        proposer_id=proposal.proposer_id,
        judge=by,
        judge_label=by.actor.label,
        at=at,
    )
    word = outcome.value.capitalize()
    record(
        subject=allocation,
        verb=f"allocation.{outcome.value}",
        says=f"{word} the proposed ceiling of {proposal.ceiling:,} chips for {allocation.title}: {reason}",
        by=by,
        at=at,
        data={"proposal": proposal.pk, "ceiling": proposal.ceiling, "reason": reason},
        covers=[verdict],
    )
    if outcome != Outcome.WITHDRAWN:
        notify(
            users=[proposal.proposer],
            kind=f"allocation_{outcome.value}",
            says=f"{by.name} {outcome.value} your ceiling of {proposal.ceiling:,} chips for {allocation.title}.",
            url=address_of(allocation),
            at=at,
        )
    return verdict


def _lock(allocation: Allocation) -> Allocation:
    found = Allocation.objects.select_for_update(of=("self",), no_key=True).select_related("country")
    return found.get(pk=allocation.pk)


def _lock_proposal(proposal: Proposal) -> tuple[Allocation, Proposal]:
    allocation = _lock(Allocation(pk=proposal.allocation_id))
    return allocation, allocation.proposals.select_related("verdict", "proposer").get(pk=proposal.pk)


def _check_waits(proposal: Proposal) -> None:
    verdict = get_verdict(proposal)
    if verdict is not None:
        raise Stale(
            f"{verdict.judge_label} {Outcome(verdict.outcome).value} this proposal already: {verdict.reason}",
            rule="allocations.one_verdict",
        )


def _account(allocation: Allocation) -> Account:
    account = get_account(AccountKind.ALLOCATION, allocation)
    if account is None:
        raise Refused(f"No ceiling of {allocation.title} was approved yet.", rule="allocations.approved")
    return account
