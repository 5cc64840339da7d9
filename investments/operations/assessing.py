"""What follows from dates and verified amounts: shortfalls, the status, the ground, the tranches. In one place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts.rules import Principal
from accounts.statuses import Role
from audit.operations import operation, record
from deadlines.operations import cancel_deadline, meet_deadline, notify, set_deadline
from deadlines.rules import day_of
from investments.models import Commitment, Milestone, Shortfall
from investments.operations.locking import lock_commitment, on_desk, save_version
from investments.operations.releasing import settle_tranches
from investments.permissions import check_can_assess
from investments.rules import (
    COMMITMENT_TRANSITIONS,
    GROUND,
    LIVE,
    OPEN_SHORTFALLS,
    WORDS,
    Reading,
    end_of,
    find_act,
    find_standing_status,
    write_day,
    write_units,
)
from investments.selectors import get_verified, list_readings
from investments.statuses import CommitmentStatus, ShortfallStatus
from registry.lifecycles import follow
from registry.operations import set_ground
from registry.statuses import HoldCause
from rulebook.selectors import get_operating_edition


@operation
def assess_commitment(*, commitment: Commitment, by: Principal, at: datetime) -> Commitment:
    """Write down what is short now, what was cured, and which cure period is over; again changes nothing."""
    locked = lock_commitment(commitment)
    check_can_assess(by)
    settle(locked, by=by, at=at)
    return locked


def settle(commitment: Commitment, *, by: Principal, at: datetime) -> None:
    """Bring everything that hangs on a locked commitment up to date, in the same transaction."""
    if commitment.status not in LIVE:
        settle_tranches(commitment, verified=get_verified(commitment), by=by, at=at)
        return
    milestones = list(commitment.milestones.all())
    shortfalls = list(Shortfall.objects.select_for_update().filter(commitment=commitment).order_by("pk"))
    verified = get_verified(commitment)
    readings = list_readings(milestones, shortfalls, verified, at)
    _settle_shortfalls(commitment, milestones, shortfalls, readings, by=by, at=at)
    is_whole = all(reading.missing == 0 for reading in readings)
    _settle_status(commitment, shortfalls, is_whole=is_whole, by=by, at=at)
    set_standing(commitment, shortfalls, by=by, at=at)
    settle_tranches(commitment, verified=verified, by=by, at=at)
    for reading in readings:
        if reading.missing == 0:
            by_id = {each.pk: each for each in milestones}
            meet_deadline(subject=by_id[reading.milestone], kind="milestone", by=by, at=at)


def _settle_shortfalls(
    commitment: Commitment,
    milestones: Sequence[Milestone],
    shortfalls: list[Shortfall],
    readings: Sequence[Reading],
    *,
    by: Principal,
    at: datetime,
) -> None:
    by_id = {each.pk: each for each in milestones}
    open_ones = {each.milestone_id: each for each in shortfalls if each.is_open}
    for reading in readings:
        milestone, standing = by_id[reading.milestone], open_ones.get(reading.milestone)
        if standing is None:
            if reading.short:
                shortfalls.append(_find(commitment, milestone, reading, by=by, at=at))
        elif not reading.short:
            _cure(commitment, standing, by=by, at=at)
        else:
            if standing.short != reading.short:
                standing.short = reading.short
                standing.save(update_fields=["short"])
            if standing.status != ShortfallStatus.LAPSED and at >= standing.cure_due_at:
                _lapse(commitment, standing, by=by, at=at)


def _find(commitment: Commitment, milestone: Milestone, reading: Reading, *, by: Principal, at: datetime) -> Shortfall:
    edition, today = get_operating_edition(at), day_of(at)
    shortfall = Shortfall.objects.create(
        commitment=commitment,
        milestone=milestone,
        owed=reading.owed,
        short=reading.short,
        found_short=reading.short,
        found_at=at,
        plan_due_at=end_of(today + timedelta(days=int(edition.value("investments.cure_plan_days")))),
        cure_due_at=end_of(today + timedelta(days=int(edition.value("investments.cure_days")))),
    )
    short = write_units(reading.short, commitment.unit)
    record(
        subject=commitment,
        verb="shortfall.found",
        says=f"“{milestone.title}” was due on {write_day(milestone.due_on)}, and "
        f"{short} are not verified. The next tranche is held.",
        by=by,
        at=at,
        data={"shortfall": shortfall.pk, "short": reading.short},
    )
    for kind, says, due_at in (
        ("cure_plan", f"{commitment.number}: plan to cure the shortfall of {short}", shortfall.plan_due_at),
        ("shortfall_cure", f"{commitment.number}: cure the shortfall of {short}", shortfall.cure_due_at),
    ):
        set_deadline(
            subject=shortfall,
            kind=kind,
            says=says,
            url=on_desk(commitment),
            owner=("user", commitment.officer_id),
            due_at=due_at,
            reminder_offsets=edition.value("reminders.shortfall_cure"),
            by=by,
            at=at,
        )
    notify(
        users=[commitment.officer],
        kind="commitment_shortfall",
        says=f"{commitment.number} is short by {short} on “{milestone.title}”.",
        url=on_desk(commitment),
        at=at,
    )
    return shortfall


def _cure(commitment: Commitment, shortfall: Shortfall, *, by: Principal, at: datetime) -> None:
    shortfall.status, shortfall.short, shortfall.closed_at = ShortfallStatus.CURED, 0, at
    shortfall.save(update_fields=["status", "short", "closed_at"])
    close_deadlines(shortfall, by=by, at=at, met=True)
    record(
        subject=commitment,
        verb="shortfall.cured",
        says=f"The shortfall of “{shortfall.milestone.title}” is cured: all of it is verified.",
        by=by,
        at=at,
        data={"shortfall": shortfall.pk},
    )


def close_deadlines(shortfall: Shortfall, *, by: Principal, at: datetime, met: bool) -> None:
    """Let go of the dates of a shortfall that is over."""
    close = meet_deadline if met else cancel_deadline
    close(subject=shortfall, kind="cure_plan", by=by, at=at)
    close(subject=shortfall, kind="shortfall_cure", by=by, at=at)


def _lapse(commitment: Commitment, shortfall: Shortfall, *, by: Principal, at: datetime) -> None:
    shortfall.status = ShortfallStatus.LAPSED
    shortfall.save(update_fields=["status"])
    record(
        subject=commitment,
        verb="shortfall.lapsed",
        says=f"The cure period of “{shortfall.milestone.title}” ended with "
        f"{write_units(shortfall.short, commitment.unit)} still short. Licenses that stand on the commitment are held.",
        by=by,
        at=at,
        data={"shortfall": shortfall.pk},
    )


def _settle_status(
    commitment: Commitment, shortfalls: Sequence[Shortfall], *, is_whole: bool, by: Principal, at: datetime
) -> None:
    before = CommitmentStatus(commitment.status)
    after = find_standing_status(before, [ShortfallStatus(each.status) for each in shortfalls], is_whole=is_whole)
    if after is before:
        return
    act = find_act(before, after)
    # The table has the last word, also on what nobody asked for.
    reached = follow(
        [step for step in COMMITMENT_TRANSITIONS if step.target == after],
        before,
        act,
        subject=f"Commitment {commitment.number}",
        words=WORDS,
    )
    commitment.status = CommitmentStatus(reached)
    fields = ["status"]
    if before is CommitmentStatus.COMPLETED:
        commitment.ended_at, commitment.end_reason = None, ""
        fields += ["ended_at", "end_reason"]
    save_version(commitment, *fields)
    record(
        subject=commitment,
        verb=f"commitment.{act}",
        says=f"{commitment.number} is “{after.label.lower()}” now; it was “{before.label.lower()}”.",
        by=by,
        at=at,
    )


def set_standing(commitment: Commitment, shortfalls: Sequence[Shortfall], *, by: Principal, at: datetime) -> None:
    """Say whether what stands on the commitment still may: not once it is terminated or a cure period is over."""
    status = CommitmentStatus(commitment.status)
    lapsed = any(each.status == ShortfallStatus.LAPSED for each in shortfalls)
    short = sum(each.short for each in shortfalls if each.status in OPEN_SHORTFALLS)
    says = {
        CommitmentStatus.SHORTFALL: f"{write_units(short, commitment.unit)} short; the next tranche is held.",
        CommitmentStatus.IN_CURE: f"{write_units(short, commitment.unit)} short and in cure; the next tranche is held.",
        CommitmentStatus.SHORTFALL_WAIVED: "In force, with a shortfall that two officials waived.",
        CommitmentStatus.COMPLETED: "Completed: all of it is verified or waived.",
        CommitmentStatus.TERMINATED: f"Terminated: {commitment.end_reason}",
    }.get(status, "In force.")
    if lapsed:
        says = f"A cure period ended with {write_units(short, commitment.unit)} still short."
    set_ground(
        subject=(GROUND, str(commitment.pk)),
        title=f"Commitment {commitment.number} of {commitment.obligor}"[:300],
        stands=status in LIVE and not lapsed,
        says=says,
        until=None if status == CommitmentStatus.COMPLETED else end_of(commitment.ends_on),
        cause=HoldCause.COMMITMENT_MISSED,
        lifter_role=Role.COMMITMENT_OFFICER,
        by=by,
        at=at,
    )
