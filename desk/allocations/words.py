"""How the desk puts an allocation into words and pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from allocations.models import Allocation, Proposal
from allocations.rules import say_day
from allocations.selectors import AllocationPage, BoardRow, get_verdict
from allocations.statuses import AllocationStatus, Outcome, ProposalKind
from ledger.rules import Balance

# Of a hundred chips so few are left that somebody should look.
NEARLY_USED_UP = 10
BAR = 200
ACTS = {
    "approve": "Approve the ceiling",
    "decline": "Decline it",
    "withdraw": "Withdraw the proposal",
    "change": "Propose another ceiling",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A balance as a bar of `BAR` units: what is used, then what is reserved."""

    used: float
    reserved: float


@dataclass(frozen=True, slots=True)
class ActLink:
    """An act and the page where it is done."""

    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the board as it is drawn."""

    row: BoardRow
    bar: Bar | None
    acts: list[ActLink]


def draw_bar(balance: Balance | None) -> Bar | None:
    """The bar of a balance; none where there is no ceiling yet, an empty one under a ceiling of zero."""
    if balance is None:
        return None
    whole = balance.ceiling or 1
    used = round(balance.drawn / whole * BAR, 1)
    return Bar(used=used, reserved=round(balance.reserved / whole * BAR, 1))


def list_act_links(allocation: Allocation, acts: Sequence[str]) -> list[ActLink]:
    """What a person can do on an allocation, each with the page where it is done."""
    return [ActLink(reverse(f"desk:allocation_{act}", args=[allocation.pk]), ACTS[act]) for act in acts]


def tell_scarce(rows: Sequence[BoardRow]) -> str:
    """The sentence that matters first: for which countries of these lines little is left, or nothing."""
    scarce = [
        f"{row.allocation.title} ({row.balance.left or 0:,} left)"
        for row in rows
        if row.status == AllocationStatus.IN_EFFECT
        and row.balance is not None
        and (row.balance.left or 0) * 100 <= (row.balance.ceiling or 0) * NEARLY_USED_UP
    ]
    return "; ".join(scarce)


def tell_subject(page: AllocationPage) -> str:
    """An allocation in a line: its ceiling, or what was proposed where there is none."""
    if page.balance is not None:
        return f"{page.balance.ceiling or 0:,} chips"
    newest = page.proposals[0] if page.proposals else None
    return f"{newest.ceiling:,} chips proposed" if newest else "No ceiling"


def tell_waiting(page: AllocationPage) -> str:
    """What is waited for, from whom, until when."""
    allocation, proposal = page.allocation, page.open_proposal
    if proposal is not None:
        return (
            f"Waiting for an allocation official other than {proposal.proposer_label} to approve or decline "
            f"{tell_proposal(proposal)}."
        )
    newest = page.proposals[0] if page.proposals else None
    verdict = get_verdict(newest) if newest else None
    match page.status:
        case AllocationStatus.APPROVED:
            return f"Begins on {say_day(allocation.starts_on)}. Nothing is waited for."
        case AllocationStatus.IN_EFFECT:
            left = page.balance.left or 0 if page.balance else 0
            verb = "chip is" if left == 1 else "chips are"
            return (
                f"In effect through {say_day(allocation.period.last_day)}; {left:,} {verb} left. Nothing is waited for."
            )
        case AllocationStatus.ENDED:
            return (
                f"Its last day was {say_day(allocation.period.last_day)}. What was reserved in it can still be used or "
                "released."
            )
    if verdict is None:
        return ""
    return f"{verdict.judge_label} {Outcome(verdict.outcome).value} it: {verdict.reason}"


def tell_proposal(proposal: Proposal) -> str:
    """What a proposal asks for."""
    if proposal.kind == ProposalKind.NEW:
        return f"a ceiling of {proposal.ceiling:,} chips"
    return f"a ceiling of {proposal.ceiling:,} chips instead of {proposal.ceiling_before:,}"
