"""The ceiling of each license's tranche account follows what is verified. Called with the commitment locked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.rules import Principal
from audit.operations import record
from investments.models import Commitment, TrancheMove, TranchePlan, TrancheStep
from investments.rules import Step, settle_steps, write_units
from investments.statuses import CommitmentStatus, TrancheMoveKind
from ledger.models import Account
from ledger.operations import lower_ceiling, raise_ceiling
from ledger.selectors import balance_of
from ledger.statuses import AccountKind

LICENSE = "licensing.license"
# While it is short, and before it is in force or after it ended, nothing more is released.
RELEASING = (CommitmentStatus.IN_FORCE, CommitmentStatus.SHORTFALL_WAIVED, CommitmentStatus.COMPLETED)


def is_held(commitment: Commitment) -> bool:
    """Whether the next tranche is held."""
    return commitment.status not in RELEASING


def lock_account(plan: TranchePlan) -> Account:
    """The tranche account of a plan, locked with what is drawn on it now; whoever holds it may move its steps."""
    return Account.objects.select_for_update(no_key=True).get(
        kind=AccountKind.TRANCHE, subject_kind=LICENSE, subject_id=plan.license_id, item=""
    )


def settle_tranches(commitment: Commitment, *, verified: int, by: Principal, at: datetime) -> None:
    """Release what is reached, take back what no longer is, down to what was shipped."""
    for plan in commitment.plans.order_by("pk"):
        settle_plan(plan, commitment, lock_account(plan), verified=verified, held=is_held(commitment), by=by, at=at)


def settle_plan(
    plan: TranchePlan,
    commitment: Commitment,
    account: Account,
    *,
    verified: int,
    held: bool,
    by: Principal,
    at: datetime,
) -> None:
    """The same for one plan, whose account is locked."""
    rows = {row.position: row for row in plan.steps.order_by("position")}
    steps = [Step(row.position, row.required, row.chips, row.released) for row in rows.values()]
    moves: list[TrancheMove] = []
    for change in settle_steps(steps, verified=verified, left=balance_of(account).left or 0, held=held):
        row = rows[change.position]
        if change.chips == 0 and _is_told(row):
            continue
        moves.append(_move(plan, account, row, change.chips, change.kept, verified, by=by, at=at))
    if not moves:
        return
    says = _sentence(plan, commitment, moves, verified)
    data = {"plan": plan.pk, "released": account.ceiling, "verified": verified}
    record(subject=commitment, verb="tranche.moved", says=says, by=by, at=at, data=data, covers=moves)
    record(subject=(LICENSE, plan.license_id), verb="tranche.moved", says=_short(moves), by=by, at=at)


def _is_told(row: TrancheStep) -> bool:
    """Whether it was written down already that nothing more can be taken from this step."""
    last = row.moves.order_by("-pk").first()
    return last is not None and last.kind == TrancheMoveKind.WITHDRAWN


def _move(
    plan: TranchePlan,
    account: Account,
    row: TrancheStep,
    chips: int,
    kept: int,
    verified: int,
    *,
    by: Principal,
    at: datetime,
) -> TrancheMove:
    row.changes += 1
    key = f"step-{row.position}/{row.changes}"
    if chips > 0:
        raise_ceiling(account=account, units=chips, key=key, reason=f"Step {row.position} is reached.", by=by, at=at)
    elif chips < 0:
        lower_ceiling(
            account=account, units=-chips, key=key, reason=f"Step {row.position} is no longer reached.", by=by, at=at
        )
    row.released += chips
    row.save(update_fields=["released", "changes"])
    return TrancheMove.objects.create(
        step=row,
        kind=TrancheMoveKind.RELEASED if chips > 0 else TrancheMoveKind.WITHDRAWN,
        chips=abs(chips),
        not_taken=kept,
        verified=verified,
        at=at,
    )


def _short(moves: Sequence[TrancheMove]) -> str:
    """What moved, without what the commitment is about: a license's journal is read more widely."""
    released = sum(move.chips for move in moves if move.kind == TrancheMoveKind.RELEASED)
    taken = sum(move.chips for move in moves if move.kind == TrancheMoveKind.WITHDRAWN)
    kept = sum(move.not_taken for move in moves)
    parts = []
    if released:
        parts.append(f"{released:,} chips were released for shipment")
    if taken:
        parts.append(f"the release of {taken:,} chips was withdrawn")
    if kept:
        parts.append(f"{kept:,} chips that are no longer covered had been shipped")
    return f"{'; '.join(parts)[:1].upper()}{'; '.join(parts)[1:]}."


def _sentence(plan: TranchePlan, commitment: Commitment, moves: Sequence[TrancheMove], verified: int) -> str:
    return f"{plan.label}: {_short(moves)} Verified: {write_units(verified, commitment.unit)}."
