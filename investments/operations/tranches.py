"""The tranches of a license: opened with it, drawn by its shipments, given back when those return."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.rules import Principal, Refused
from audit.operations import operation, record
from investments.models import Commitment, TrancheMove, TranchePlan, TrancheStep
from investments.operations.locking import lock_commitment
from investments.operations.releasing import LICENSE, is_held, lock_account, settle_plan
from investments.permissions import check_can_draw, check_can_open_tranches
from investments.rules import check_steps, count_released, write_units
from investments.selectors import get_verified
from investments.statuses import CommitmentStatus, TrancheMoveKind
from ledger.models import Entry
from ledger.operations import draw, give_back, open_account
from ledger.rules import NotEnough
from ledger.selectors import get_account
from ledger.statuses import AccountKind


@operation
def open_tranches(
    *,
    commitment: Commitment,
    license: tuple[str, str],
    label: str,
    steps: Sequence[tuple[int, int]],
    by: Principal,
    at: datetime,
) -> TranchePlan:
    """Release a license's chips in steps: each is (verified units wanted, chips), rising.

    The ledger's tranche account of the license opens with what is reached now. The same plan again is the plan
    that is there. `license` is a pair such as ("license", id). Raises Refused on steps that could not work, on a
    commitment that is not in force, and on another plan for the same license.
    """
    locked = lock_commitment(commitment)
    check_can_open_tranches(by)
    standing = TranchePlan.objects.filter(license_id=license[1]).first()
    if standing is not None:
        if (standing.commitment_id, _terms(standing)) == (locked.pk, [tuple(step) for step in steps]):
            return standing
        raise Refused(
            f"{standing.label} has its tranches already, under {standing.commitment.number}. They stay as they were "
            "opened.",
            rule="tranche.once",
        )
    if locked.status in (
        CommitmentStatus.DRAFT,
        CommitmentStatus.SIGNED,
        CommitmentStatus.TERMINATED,
        CommitmentStatus.WITHDRAWN,
    ):
        raise Refused(
            f"{locked.number} is “{locked.get_status_display().lower()}”. Tranches hang on a commitment in force.",
            rule="tranche.in_force",
        )
    planned = check_steps(steps, target=locked.target, unit=locked.unit)
    verified, held = get_verified(locked), is_held(locked)
    plan = TranchePlan.objects.create(
        commitment=locked, license_id=license[1], label=label, opened_by_label=by.actor.label, opened_at=at
    )
    rows = TrancheStep.objects.bulk_create(
        TrancheStep(
            plan=plan,
            position=step.position,
            required=step.required,
            chips=step.chips,
            released=0 if held or step.required > verified else step.chips,
        )
        for step in planned
    )
    moves = [
        TrancheMove.objects.create(
            step=row, kind=TrancheMoveKind.RELEASED, chips=row.released, verified=verified, at=at
        )
        for row in rows
        if row.released
    ]
    released = 0 if held else count_released(planned, verified)
    open_account(
        kind=AccountKind.TRANCHE,
        subject=(LICENSE, license[1]),
        unit="chips",
        ceiling=released,
        key="open",
        reason=f"Released so far under {locked.number}.",
        by=by,
        at=at,
    )
    record(
        subject=locked,
        verb="tranche.opened",
        says=f"{label} is released in {len(rows)} {'tranche' if len(rows) == 1 else 'tranches'}, "
        f"{sum(row.chips for row in rows):,} chips in all; {released:,} at once. "
        f"Verified: {write_units(verified, locked.unit)}.",
        by=by,
        at=at,
        data={"plan": plan.pk, "license": license[1], "steps": [[row.required, row.chips] for row in rows]},
        covers=moves,
    )
    return plan


def _terms(plan: TranchePlan) -> list[tuple[int, int]]:
    return list(plan.steps.order_by("position").values_list("required", "chips"))


@operation
def draw_tranche(
    *, license: tuple[str, str], units: int, key: str, reason: str, by: Principal, at: datetime
) -> Entry | None:
    """Use released chips of a license up, for a shipment; a license without a plan is not limited here (None).

    The same key is the draw that is there. Raises NotEnough, in words for the exporter, beyond what is released.
    The caller's own record of the shipment is what the journal tells.
    """
    check_can_draw(by)
    plan = TranchePlan.objects.filter(license_id=license[1]).first()
    if plan is None:
        return None
    account = get_account(AccountKind.TRANCHE, (LICENSE, plan.license_id))
    assert account is not None
    try:
        return draw(account=account, units=units, key=key, reason=reason, by=by, at=at)
    except NotEnough as refusal:
        waiting = plan.steps.order_by("position")
        more = next((step for step in waiting if step.released < step.chips), None)
        coming = (
            f" The next tranche has {more.chips - more.released:,} chips. It is released once more of the investment "
            "that the license stands on is verified; the licensing officer can say what is waited for."
            if more
            else ""
        )
        raise NotEnough(
            refusal.left,
            units,
            reason=f"{units:,} chips are more than what is released under {plan.label}: {refusal.left:,} released "
            f"{'chip is' if refusal.left == 1 else 'chips are'} left to ship.{coming}",
        ) from refusal


@operation
def give_back_tranche(
    *, license: tuple[str, str], units: int, key: str, reason: str, by: Principal, at: datetime
) -> Entry | None:
    """Give drawn chips back, as when a shipment returns; what is no longer covered is taken back at once.

    Raises NotEnough when fewer were drawn. None for a license without a plan.
    """
    check_can_draw(by)
    plan = TranchePlan.objects.select_related("commitment").filter(license_id=license[1]).first()
    if plan is None:
        return None
    # Locked before what is verified is read: whoever changes that comes to this account next.
    account = lock_account(plan)
    entry = give_back(account=account, units=units, key=key, reason=reason, by=by, at=at)
    verified = get_verified(plan.commitment)
    # Nothing is added here: that is for acts on the commitment, which hold its lock.
    settle_plan(plan, plan.commitment, account, verified=verified, held=True, by=by, at=at)
    return entry
