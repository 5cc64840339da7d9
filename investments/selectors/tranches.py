"""What of a license is released, shipped and left, and what each step waits for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from investments.models import Commitment, TrancheMove, TranchePlan, TrancheStep
from investments.selectors.totals import get_verified
from ledger.rules import Balance
from ledger.selectors import get_balance, get_totals
from ledger.statuses import AccountKind

LICENSE = "licensing.license"


@dataclass(frozen=True, slots=True)
class TrancheReading:
    """A step of a license: what releases it, what it releases, and how it stands. `uncovered` chips are in the
    ceiling although what they want is no longer verified: they had been shipped."""

    position: int
    required: int
    unit: str
    chips: int
    released: int
    uncovered: int
    is_reached: bool
    commitment: str

    @property
    def state(self) -> str:
        """One word for the page: released, uncovered, held or open."""
        if self.uncovered:
            return "uncovered"
        if self.released >= self.chips:
            return "released"
        return "held" if self.is_reached else "waiting"


def get_tranche_balance(license: tuple[str, str]) -> Balance | None:
    """What is released (ceiling) and shipped (drawn) of a license, or None where it has no plan. One query."""
    return get_balance(AccountKind.TRANCHE, (LICENSE, license[1]))


def list_tranches(license: tuple[str, str]) -> list[TrancheReading]:
    """The steps of a license in their order; none where it has no plan. At most three queries."""
    plan = (
        TranchePlan.objects.select_related("commitment").prefetch_related("steps").filter(license_id=license[1]).first()
    )
    if plan is None:
        return []
    return read_tranches(plan.commitment, list(plan.steps.all()), get_verified(plan.commitment))


def read_tranches(commitment: Commitment, steps: Sequence[TrancheStep], verified: int) -> list[TrancheReading]:
    """How steps stand at a verified amount."""
    return [
        TrancheReading(
            position=step.position,
            required=step.required,
            unit=commitment.unit,
            chips=step.chips,
            released=step.released,
            uncovered=step.released if step.required > verified else 0,
            is_reached=step.required <= verified,
            commitment=commitment.number,
        )
        for step in steps
    ]


def list_tranche_moves(plans: Iterable[TranchePlan]) -> list[TrancheMove]:
    """What was released and taken back under these plans, the newest first. One query."""
    return list(TrancheMove.objects.filter(step__plan__in=plans).select_related("step__plan").order_by("-pk"))


def list_balances(plans: Iterable[TranchePlan]) -> dict[str, Balance]:
    """The tranche balances of several plans by license. One query."""
    totals = get_totals(AccountKind.TRANCHE, [(LICENSE, plan.license_id) for plan in plans])
    return {license_id: items[""] for license_id, items in totals.items()}
