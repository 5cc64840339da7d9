"""A requirement is met by what a track holds: an instrument, a visit, a commitment, verified conditions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from accounts.models import User
from accounts.rules import Principal, Refused
from audit.operations import operation, record
from deadlines.operations import notify
from licensing.addresses import on_desk
from licensing.models import Case, ConditionCheck, Requirement, RequirementAct, TranchePlan
from licensing.permissions import check_can_work_on
from licensing.rules import REQUIREMENT_TRANSITIONS, next_status
from licensing.selectors.evidence import CONDITIONS, choices_of, get_edition_of, get_track, list_offers
from licensing.statuses import DocumentKind, RequirementActKind, RequirementStatus
from registry.models import Ground, Reliance
from registry.operations import end_reliances, rely_on
from registry.statuses import DependentKind

from .applications import file_document
from .documents import Upload
from .requirements import lock_requirement

WHOLE = 100


@dataclass(frozen=True, slots=True)
class Tranche:
    """A planned release: so many chips once so much is verified, in the unit of the commitment's measure."""

    required: int
    chips: int


@operation
def accept_evidence(
    *,
    requirement: Requirement,
    choice: str,
    subject: tuple[str, str],
    says: str,
    by: User,
    at: datetime,
    share: int = WHOLE,
    tranches: Sequence[Tranche] = (),
) -> RequirementAct:
    """Let a requirement stand on what a track holds; it reopens by itself when that falls away.

    `choice` is the requirement's name, or the alternative that is met; `share` is below 100 only for a mix of
    alternatives, where the edition allows one. `tranches` plan the release under a commitment. Raises NotPermitted
    but for the case's officer, and Refused with what the evidence lacks.
    """
    case, locked = lock_requirement(requirement)
    check_can_work_on(by, case, to="accept evidence")
    edition = get_edition_of(case)
    status = next_status(
        REQUIREMENT_TRANSITIONS,
        RequirementStatus(locked.status),
        "satisfy",
        subject=f"The requirement “{locked.title}”",
    )
    if choice not in choices_of(locked):
        raise Refused("Choose which of the alternatives the evidence is for.", field="choice")
    if not 1 <= share <= WHOLE:
        raise Refused("A share is between 1 and 100 percent.", rule="requirement.share", field="share")
    if share < WHOLE and not (locked.any_of and edition.value("alternatives.mix_allowed")):
        raise Refused(
            "This edition lets one alternative meet the whole requirement and allows no mix. Choose what meets "
            "all of it.",
            rule="requirement.no_mix",
            field="share",
        )
    offers = list_offers(case, locked, edition, at)
    offer = next(
        (
            each
            for each in offers
            if each.choice == choice and (each.evidence.kind, each.evidence.subject_id) == subject
        ),
        None,
    )
    if offer is None:
        raise Refused(
            "There is no such evidence for this requirement. Choose one from the list.",
            rule="requirement.evidence_known",
            field="evidence",
        )
    if not offer.evidence.suffices:
        raise Refused(
            f"{offer.evidence.title} does not suffice yet. " + " ".join(offer.evidence.lacks),
            rule="requirement.evidence_suffices",
            field="evidence",
        )
    track = get_track(edition, choice)
    if track is not None and track.get("track") == "investments":
        _check_tranches(case, tranches)
    elif tranches:
        raise Refused("Tranches belong to a commitment.", rule="tranche.commitment", field="tranches")
    rely_on(subject=subject, dependent=(DependentKind.CASE, str(case.pk)), label=case.acn, by=by, at=at)
    act = RequirementAct.objects.create(
        requirement=locked,
        round=locked.round,
        kind=RequirementActKind.SATISFIED,
        choice=choice,
        share=share,
        ground=Ground.objects.get(kind=subject[0], subject_id=subject[1]),
        says=" ".join(filter(None, [f"{offer.evidence.title}.", says.strip() or offer.evidence.says])),
        actor=by,
        actor_label=by.actor.label,
        at=at,
    )
    planned = TranchePlan.objects.bulk_create(
        TranchePlan(requirement=locked, round=locked.round, position=position, required=each.required, chips=each.chips)
        for position, each in enumerate(tranches, start=1)
    )
    met = locked.acts.filter(round=locked.round, kind=RequirementActKind.SATISFIED).aggregate(whole=Sum("share"))
    if met["whole"] >= WHOLE:
        locked.status = status
        locked.save(update_fields=["status"])
    record(
        subject=case,
        verb="requirement.satisfied" if met["whole"] >= WHOLE else "requirement.partly_satisfied",
        says=f"“{locked.title}” stands on {offer.evidence.title}.",
        by=by,
        at=at,
        data={"requirement": locked.name, "choice": choice, "ground": list(subject), "share": share},
        covers=[act, *planned],
    )
    return act


def _check_tranches(case: Case, tranches: Sequence[Tranche]) -> None:
    if not tranches:
        raise Refused(
            "Plan at least one tranche: how many chips are released once how much is verified.",
            rule="tranche.planned",
            field="tranches",
        )
    if any(each.chips < 1 or each.required < 0 for each in tranches):
        raise Refused(
            "Each tranche releases at least 1 chip, and asks for an amount that is not negative.",
            rule="tranche.amounts",
            field="tranches",
        )
    amounts = [each.required for each in tranches]
    if amounts != sorted(set(amounts)):
        raise Refused("Each tranche must ask for more than the one before it.", rule="tranche.rising", field="tranches")
    total = sum(each.chips for each in tranches)
    if total != case.chips:
        raise Refused(
            f"The tranches release {total:,} chips and the case asks for {case.chips:,}. They must come to the same.",
            rule="tranche.whole",
            field="tranches",
        )


@operation
def verify_condition(
    *, requirement: Requirement, item: str, says: str, by: User, at: datetime, upload: Upload | None = None
) -> ConditionCheck:
    """Mark one condition of a requirement as verified, with what shows it; with the last one it is satisfied.

    Conditions gate shipments, so that they can be verified after the license was issued too. Raises Refused for
    an unknown condition, one that was verified already, or no words.
    """
    case, locked = lock_requirement(requirement)
    check_can_work_on(by, case, to="verify a condition")
    edition = get_edition_of(case)
    track = get_track(edition, locked.name)
    if track is None or track.get("track") != CONDITIONS:
        raise Refused("This requirement has no conditions to be verified one by one.", rule="condition.track")
    rows = {row.id: row for row in edition.rows(locked.name)}
    status = next_status(
        REQUIREMENT_TRANSITIONS,
        RequirementStatus(locked.status),
        "satisfy",
        subject=f"The requirement “{locked.title}”",
    )
    if item not in rows:
        raise Refused("Choose one of the conditions.", rule="condition.known", field="item")
    if not says.strip():
        raise Refused("Say what shows that the condition is met.", rule="condition.says", field="says")
    checked = set(locked.checks.filter(round=locked.round).values_list("item", flat=True))
    if item in checked:
        raise Refused(f"“{rows[item].title}” was verified already.", rule="condition.once", field="item")
    document = None
    if upload is not None:
        document = file_document(
            case.application,
            kind=DocumentKind.EVIDENCE,
            title=f"Evidence: {rows[item].title}"[:200],
            upload=upload,
            by=by,
            at=at,
            is_internal=True,
        )
    check = ConditionCheck.objects.create(
        requirement=locked,
        round=locked.round,
        item=item,
        title=rows[item].title,
        says=says.strip(),
        document=document,
        actor=by,
        actor_label=by.actor.label,
        at=at,
    )
    covers: list[ConditionCheck | RequirementAct] = [check]
    if checked | {item} == set(rows):
        locked.status = status
        locked.save(update_fields=["status"])
        covers.append(
            RequirementAct.objects.create(
                requirement=locked,
                round=locked.round,
                kind=RequirementActKind.SATISFIED,
                choice=locked.name,
                says="Every condition was verified.",
                actor=by,
                actor_label=by.actor.label,
                at=at,
            )
        )
    record(
        subject=case,
        verb="requirement.condition_verified",
        says=f"Verified “{rows[item].title}”: {says.strip()}",
        by=by,
        at=at,
        data={"requirement": locked.name, "item": item, "sha256": document.sha256 if document else ""},
        covers=covers,
    )
    return check


def reopen_fallen(ground: Ground, reliances: Sequence[Reliance], by: Principal, at: datetime) -> None:
    """Reopen what pending cases had satisfied by a ground that fell; told inside the act that felled it."""
    if ground.stands:
        return
    cases = [each.dependent_id for each in reliances if each.dependent_kind == DependentKind.CASE]
    standing = (
        Requirement.objects.select_for_update(of=("self",))
        .filter(
            case_id__in=cases,
            case__closed_at__isnull=True,
            # In a mix an open requirement may stand on it already, in part.
            status__in=[RequirementStatus.SATISFIED, RequirementStatus.OPEN],
            pk__in=RequirementAct.objects.filter(ground=ground).values("requirement"),
        )
        .select_related("case", "case__officer")
        .order_by("pk")
    )
    for requirement in standing:
        if requirement.acts.filter(ground=ground, round=requirement.round, kind=RequirementActKind.SATISFIED).exists():
            reopen(requirement, ground, by=by, at=at)


def reopen(requirement: Requirement, ground: Ground, *, by: Principal, at: datetime) -> RequirementAct:
    """Begin a new round of a locked requirement because its ground no longer stands; its officer is told."""
    case = requirement.case
    says = f"{ground.title} no longer stands: {ground.says}"
    if requirement.status == RequirementStatus.SATISFIED:
        requirement.status = next_status(
            REQUIREMENT_TRANSITIONS,
            RequirementStatus(requirement.status),
            "reopen",
            subject=f"The requirement “{requirement.title}”",
        )
    requirement.round += 1
    requirement.save(update_fields=["status", "round"])
    act = RequirementAct.objects.create(
        requirement=requirement,
        round=requirement.round,
        kind=RequirementActKind.REOPENED,
        ground=ground,
        says=says,
        actor_label=by.actor.label,
        at=at,
    )
    end_reliances(dependent=(DependentKind.CASE, str(case.pk)), ground=ground, by=by, at=at)
    record(
        subject=case,
        verb="requirement.reopened",
        says=f"Reopened “{requirement.title}”: {says}",
        by=by,
        at=at,
        data={"requirement": requirement.name, "round": requirement.round, "ground": ground.pk},
        covers=[act],
    )
    if case.officer is not None:
        notify(
            users=[case.officer],
            kind="requirement_reopened",
            says=f"{case.acn}: “{requirement.title}” is open again. {says}"[:300],
            url=on_desk(case),
            at=at,
        )
    return act


@operation
def reopen_ended(*, by: Principal, at: datetime, batch: int = 200) -> int:
    """Reopen the requirements of pending cases whose ground has ended by its date; answers how many.

    That it ended counts at every decision and shipment by itself; this writes it down and tells the officers.
    """
    ended = (
        Requirement.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(
            case__closed_at__isnull=True,
            status=RequirementStatus.SATISFIED,
            acts__ground__until__lte=at,
        )
        .select_related("case", "case__officer")
        .order_by("pk")[:batch]
    )
    reopened = 0
    for requirement in ended:
        act = (
            requirement.acts.filter(round=requirement.round, kind=RequirementActKind.SATISFIED, ground__until__lte=at)
            .select_related("ground")
            .first()
        )
        if act is not None and act.ground is not None:
            reopen(requirement, act.ground, by=by, at=at)
            reopened += 1
    return reopened
