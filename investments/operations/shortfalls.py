"""A shortfall is cured by what is verified, under a plan where there is one, or waived by two officials."""

from __future__ import annotations

from datetime import date, datetime

from accounts.rules import Principal, Refused
from audit.operations import operation, record
from deadlines.operations import meet_deadline
from deadlines.rules import day_of
from investments.models import Commitment, Shortfall, WaiverSignature
from investments.operations.assessing import close_deadlines, settle
from investments.operations.locking import lock_commitment, require_user, require_words, save_version
from investments.operations.papers import PaperIn, file_paper, inspect_paper
from investments.permissions import check_can_keep_commitments, check_can_sign_waiver
from investments.rules import SHORTFALL_TRANSITIONS, WORDS, end_of, write_day, write_units
from investments.statuses import PaperKind, ShortfallStatus
from registry.lifecycles import follow

# A waiver is never one person's act.
WAIVER_SIGNATURES = 2


def _lock(shortfall: Shortfall, version: int | None) -> tuple[Commitment, Shortfall]:
    locked = lock_commitment(shortfall.commitment, version=version)
    found = Shortfall.objects.select_for_update(of=("self",)).select_related("milestone").get(pk=shortfall.pk)
    return locked, found


def _follow(shortfall: Shortfall, act: str) -> ShortfallStatus:
    return ShortfallStatus(
        follow(
            SHORTFALL_TRANSITIONS,
            ShortfallStatus(shortfall.status),
            act,
            subject=f"The shortfall of “{shortfall.milestone.title}”",
            words=WORDS,
        )
    )


@operation
def record_cure_plan(
    *,
    shortfall: Shortfall,
    says: str,
    cure_by: date,
    paper: PaperIn,
    by: Principal,
    at: datetime,
    version: int | None = None,
) -> Shortfall:
    """Record the obligor's plan to cure a shortfall, with its document and the day that it promises.

    Raises Refused, naming the field: a day after the cure period, a day that has passed, no words.
    """
    locked, found = _lock(shortfall, version)
    check_can_keep_commitments(by, to="record a cure plan")
    status = _follow(found, "record_plan")
    words = require_words(says, field="says", says="Say how the shortfall is to be cured.")
    if end_of(cure_by) > found.cure_due_at:
        raise Refused(
            f"The plan promises {write_day(cure_by)}, after the cure period is over. "
            "Choose an earlier day, or ask two officials for a waiver.",
            rule="shortfall.plan_in_period",
            field="cure_by",
        )
    if cure_by < day_of(at):
        raise Refused("The day that the plan promises has passed.", rule="shortfall.plan_day", field="cure_by")
    inspected = inspect_paper(paper)
    papers = file_paper(
        locked, inspected, paper, kind=PaperKind.CURE_PLAN, title=f"Cure plan: {found.milestone.title}", by=by, at=at
    )
    found.status, found.plan, found.plan_says, found.plan_until = status, papers[0], words, cure_by
    found.save(update_fields=["status", "plan", "plan_says", "plan_until"])
    meet_deadline(subject=found, kind="cure_plan", by=by, at=at)
    save_version(locked)
    record(
        subject=locked,
        verb="shortfall.plan",
        says=f"Recorded the plan to cure “{found.milestone.title}” by {write_day(cure_by)}: {words}",
        by=by,
        at=at,
        data={"shortfall": found.pk, "sha256": papers[0].sha256},
        covers=papers,
    )
    settle(locked, by=by, at=at)
    return found


@operation
def sign_waiver(
    *, shortfall: Shortfall, reason: str, by: Principal, at: datetime, version: int | None = None
) -> WaiverSignature:
    """Sign the waiver of a shortfall; with the second official's signature what is short is no longer owed.

    No more is waived than every official saw: what became short between the signatures is a shortfall of its own.
    Raises NotPermitted, Refused where this official signed already or nothing is short any more.
    """
    locked, found = _lock(shortfall, version)
    check_can_sign_waiver(by)
    person = require_user(by)
    _follow(found, "sign_waiver")
    why = require_words(reason, field="reason", says="Give the reason for the waiver.")
    signed = dict(found.signatures.values_list("official_id", "short"))
    if person.pk in signed:
        raise Refused(
            "You signed this waiver already. A second official must sign it before it counts.",
            rule="waiver.two_officials",
        )
    signature = WaiverSignature.objects.create(
        shortfall=found, official=person, official_label=by.actor.label, reason=why, short=found.short, at=at
    )
    complete = len(signed) + 1 >= WAIVER_SIGNATURES
    seen = min([found.short, *(before for before in signed.values() if before is not None)])
    short = write_units(seen, locked.unit)
    if complete:
        found.status = _follow(found, "complete_waiver")
        found.waived, found.closed_at = seen, at
        found.save(update_fields=["status", "waived", "closed_at"])
        close_deadlines(found, by=by, at=at, met=False)
    save_version(locked)
    record(
        subject=locked,
        verb="shortfall.waived" if complete else "shortfall.waiver_signed",
        says=f"{'Waived' if complete else 'Signed a waiver of'} {short} short of “{found.milestone.title}”: {why}",
        by=by,
        at=at,
        data={"shortfall": found.pk, "signature": len(signed) + 1},
        covers=[signature],
    )
    if complete:
        settle(locked, by=by, at=at)
    return signature
