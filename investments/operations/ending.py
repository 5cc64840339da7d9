"""How a commitment ends: completed, when all of it is verified or waived, or terminated."""

from __future__ import annotations

from datetime import datetime

from accounts.rules import Principal, Refused
from audit.operations import operation, record
from deadlines.operations import cancel_deadline
from investments.models import Commitment, Shortfall
from investments.operations.assessing import close_deadlines, set_standing, settle
from investments.operations.locking import follow_table, lock_commitment, require_words, save_version
from investments.operations.releasing import settle_tranches
from investments.permissions import check_can_keep_commitments
from investments.rules import write_units
from investments.selectors import get_verified, list_readings


@operation
def complete_commitment(
    *, commitment: Commitment, reason: str, by: Principal, at: datetime, version: int | None = None
) -> Commitment:
    """Declare a commitment completed. Refused while anything of it is neither verified nor waived."""
    locked = lock_commitment(commitment, version=version)
    check_can_keep_commitments(by, to="complete a commitment")
    settle(locked, by=by, at=at)
    status = follow_table(locked, "complete")
    shortfalls = list(Shortfall.objects.filter(commitment=locked))
    readings = list_readings(list(locked.milestones.all()), shortfalls, get_verified(locked), at)
    missing = sum(reading.missing for reading in readings)
    if missing:
        raise Refused(
            f"{write_units(missing, locked.unit)} of {locked.number} are neither verified nor waived. Verify evidence "
            "for them first.",
            rule="commitment.whole",
        )
    locked.end_reason = require_words(reason, field="reason", says="Say on what it is found completed.")
    locked.status, locked.ended_at = status, at
    save_version(locked, "status", "ended_at", "end_reason")
    record(
        subject=locked,
        verb="commitment.completed",
        says=f"Completed {locked.number}: {locked.end_reason}",
        by=by,
        at=at,
    )
    settle(locked, by=by, at=at)
    return locked


@operation
def terminate_commitment(
    *, commitment: Commitment, reason: str, by: Principal, at: datetime, version: int | None = None
) -> Commitment:
    """End a commitment before its time. What stands on it is held, and no tranche is released any more."""
    locked = lock_commitment(commitment, version=version)
    check_can_keep_commitments(by, to="terminate a commitment")
    locked.status = follow_table(locked, "terminate")
    locked.end_reason = require_words(reason, field="reason", says="Say why it is terminated.")
    locked.ended_at = at
    save_version(locked, "status", "ended_at", "end_reason")
    record(
        subject=locked,
        verb="commitment.terminated",
        says=f"Terminated {locked.number}: {locked.end_reason}",
        by=by,
        at=at,
    )
    for milestone in locked.milestones.all():
        cancel_deadline(subject=milestone, kind="milestone", by=by, at=at)
    shortfalls = list(Shortfall.objects.filter(commitment=locked))
    for shortfall in shortfalls:
        if shortfall.is_open:
            close_deadlines(shortfall, by=by, at=at, met=False)
    set_standing(locked, shortfalls, by=by, at=at)
    settle_tranches(locked, verified=get_verified(locked), by=by, at=at)
    return locked
