"""A requirement is satisfied with evidence, or waived by two officials; nothing else closes it. It can be reopened."""

from datetime import datetime

from accounts.models import User
from accounts.rules import Refused
from audit.operations import operation, record
from deadlines.operations import notify
from licensing.addresses import on_desk
from licensing.models import Case, Requirement, RequirementAct
from licensing.permissions import check_can_sign_waiver, check_can_work_on
from licensing.rules import REQUIREMENT_TRANSITIONS, check_requirement_can_change, next_status
from licensing.selectors.evidence import get_edition_of, is_met_by_track
from licensing.statuses import CaseStatus, DocumentKind, RequirementActKind, RequirementStatus
from registry.operations import end_reliances
from registry.statuses import DependentKind

from .applications import file_document
from .documents import Upload
from .ending import lock_case

# A waiver is never one person's act; the count is the product's own, as the law knows no waiver.
WAIVER_SIGNATURES = 2


def lock_requirement(requirement: Requirement) -> tuple[Case, Requirement]:
    """Lock a requirement with its case; refuse it once it can no longer change."""
    case = lock_case(requirement.case)
    locked = Requirement.objects.select_for_update().get(pk=requirement.pk)
    check_requirement_can_change(
        acn=case.acn, case_status=CaseStatus(case.status), is_closed=case.closed_at is not None, gates=locked.gates
    )
    return case, locked


@operation
def satisfy_requirement(
    *,
    requirement: Requirement,
    says: str,
    by: User,
    at: datetime,
    choice: str = "",
    upload: Upload | None = None,
) -> RequirementAct:
    """Accept evidence for a requirement: what satisfies it, in words, with the document where there is one.

    Where any one of several will do, `choice` names the one that the evidence is for.
    """
    case, locked = lock_requirement(requirement)
    check_can_work_on(by, case, to="accept evidence")
    status = next_status(
        REQUIREMENT_TRANSITIONS,
        RequirementStatus(locked.status),
        "satisfy",
        subject=f"The requirement “{locked.title}”",
    )
    if is_met_by_track(locked, get_edition_of(case)):
        raise Refused(
            f"“{locked.title}” is met by what its track holds, not by a document alone. Choose the instrument, the "
            "visit or the commitment, or have the requirement waived by two officials.",
            rule="requirement.by_track",
        )
    if not says.strip():
        raise Refused("Say what satisfies the requirement and where that can be seen.", field="says")
    if locked.any_of and choice not in locked.any_of:
        raise Refused("Choose which of the alternatives the evidence is for.", field="choice")
    document = None
    if upload is not None:
        document = file_document(
            case.application,
            kind=DocumentKind.EVIDENCE,
            title=f"Evidence: {locked.title}"[:200],
            upload=upload,
            by=by,
            at=at,
            is_internal=True,
        )
    act = RequirementAct.objects.create(
        requirement=locked,
        round=locked.round,
        kind=RequirementActKind.SATISFIED,
        choice=choice if locked.any_of else locked.name,
        says=says.strip(),
        document=document,
        actor=by,
        actor_label=by.actor.label,
        at=at,
    )
    locked.status = status
    locked.save(update_fields=["status"])
    record(
        subject=case,
        verb="requirement.satisfied",
        says=f"Accepted evidence for “{locked.title}”: {says.strip()}",
        by=by,
        at=at,
        data={
            "requirement": locked.name,
            "choice": act.choice,
            "sha256": document.sha256 if document else "",
        },
        covers=[act],
    )
    return act


@operation
def sign_waiver(*, requirement: Requirement, reason: str, by: User, at: datetime) -> RequirementAct:
    """Sign the waiver of a requirement; with the second official's signature it is waived.

    Raises Refused where the edition lets nobody waive it, or where this official signed already.
    """
    case, locked = lock_requirement(requirement)
    check_can_sign_waiver(by)
    next_status(
        REQUIREMENT_TRANSITIONS,
        RequirementStatus(locked.status),
        "sign_waiver",
        subject=f"The requirement “{locked.title}”",
    )
    if not locked.waivable:
        raise Refused(
            f"“{locked.title}” cannot be waived under the edition that this case was determined under. It can only be "
            "satisfied with evidence.",
            rule="requirement.waivable",
        )
    if not reason.strip():
        raise Refused("Give the reason for the waiver.", field="reason")
    signed = list(
        locked.acts.filter(round=locked.round, kind=RequirementActKind.WAIVER_SIGNED).values_list("actor_id", flat=True)
    )
    if by.pk in signed:
        raise Refused(
            "You signed this waiver already. A second official must sign it before it counts.",
            rule="waiver.two_officials",
        )
    act = RequirementAct.objects.create(
        requirement=locked,
        round=locked.round,
        kind=RequirementActKind.WAIVER_SIGNED,
        says=reason.strip(),
        actor=by,
        actor_label=by.actor.label,
        at=at,
    )
    complete = len(signed) + 1 >= WAIVER_SIGNATURES
    if complete:
        locked.status = next_status(
            REQUIREMENT_TRANSITIONS,
            RequirementStatus(locked.status),
            "complete_waiver",
            subject=f"The requirement “{locked.title}”",
        )
        locked.save(update_fields=["status"])
    record(
        subject=case,
        verb="requirement.waived" if complete else "requirement.waiver_signed",
        says=f"{'Waived' if complete else 'Signed a waiver of'} “{locked.title}”: {reason.strip()}",
        by=by,
        at=at,
        data={"requirement": locked.name, "signature": len(signed) + 1},
        covers=[act],
    )
    return act


@operation
def reopen_requirement(*, requirement: Requirement, reason: str, by: User, at: datetime) -> RequirementAct:
    """Reopen a satisfied or waived requirement because what closed it turned out wrong; a new round begins.

    Only the officer of the case does, and only before its decision. Whoever signed a waiver is told, because
    their signature no longer counts.
    """
    case, locked = lock_requirement(requirement)
    check_can_work_on(by, case, to="reopen a requirement")
    status = next_status(
        REQUIREMENT_TRANSITIONS,
        RequirementStatus(locked.status),
        "reopen",
        subject=f"The requirement “{locked.title}”",
    )
    if not reason.strip():
        raise Refused("Say what turned out wrong.", field="reason")
    signers = User.objects.filter(
        pk__in=locked.acts.filter(round=locked.round, kind=RequirementActKind.WAIVER_SIGNED).values("actor_id"),
        is_active=True,
    )
    told = list(signers.order_by("pk"))
    for stood in locked.acts.filter(round=locked.round, ground__isnull=False).select_related("ground"):
        end_reliances(dependent=(DependentKind.CASE, str(case.pk)), ground=stood.ground, by=by, at=at)
    locked.status = status
    locked.round += 1
    locked.save(update_fields=["status", "round"])
    act = RequirementAct.objects.create(
        requirement=locked,
        round=locked.round,
        kind=RequirementActKind.REOPENED,
        says=reason.strip(),
        actor=by,
        actor_label=by.actor.label,
        at=at,
    )
    record(
        subject=case,
        verb="requirement.reopened",
        says=f"Reopened “{locked.title}”: {reason.strip()}",
        by=by,
        at=at,
        data={"requirement": locked.name, "round": locked.round},
        covers=[act],
    )
    notify(
        users=told,
        kind="waiver_reopened",
        says=f"{case.acn}: the waiver of “{locked.title}” that you signed no longer counts: {reason.strip()}"[:300],
        url=on_desk(case),
        at=at,
    )
    return act
