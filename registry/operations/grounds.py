"""What cases and licenses stand on, and what follows in the same transaction when it falls or returns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.rules import Principal, Refused, Stale
from audit.operations import operation, record
from registry.listening import tell
from registry.models import Ground, Hold, Reliance
from registry.permissions import check_can_keep_grounds
from registry.selectors import list_reliances
from registry.statuses import DependentKind, HoldCause, HoldScope


@operation
def set_ground(
    *,
    subject: tuple[str, str],
    title: str,
    stands: bool,
    says: str,
    until: datetime | None,
    cause: str,
    lifter_role: str,
    by: Principal,
    at: datetime,
) -> Ground:
    """Say whether what others stand on stands, why, and until when; called by the track that it belongs to.

    When it falls, a hold is placed on every license that stands on it; when it returns, those holds and no
    others are lifted. Both happen in this transaction, and listeners are told in it. Saying the same again
    changes nothing. Raises NotPermitted, and Refused without a reason.
    """
    check_can_keep_grounds(by)
    if not says.strip():
        raise Refused("Say why it stands or what made it fall.", rule="registry.ground_says")
    kind, subject_id = subject
    ground, created = Ground.objects.select_for_update(of=("self",)).get_or_create(
        kind=kind,
        subject_id=subject_id,
        defaults={
            "title": title,
            "stands": stands,
            "says": says.strip(),
            "until": until,
            "hold_cause": cause,
            "lifter_role": lifter_role,
            "changed_at": at,
        },
    )
    if created:
        return ground
    turned = ground.stands != stands
    if not turned and (ground.until, ground.says, ground.title) == (until, says.strip(), title):
        return ground
    ground.title, ground.stands, ground.says, ground.until = title, stands, says.strip(), until
    ground.hold_cause, ground.lifter_role, ground.changed_at = cause, lifter_role, at
    ground.save()
    if turned:
        reliances = list(list_reliances(ground))
        if stands:
            _lift(ground, by=by, at=at)
        else:
            _hold(ground, reliances, by=by, at=at)
        tell(ground, reliances, by, at)
    return ground


def _hold(ground: Ground, reliances: Sequence[Reliance], *, by: Principal, at: datetime) -> None:
    for reliance in reliances:
        if reliance.dependent_kind != DependentKind.LICENSE:
            continue
        hold = Hold.objects.create(
            scope_kind=HoldScope.LICENSE,
            scope_id=reliance.dependent_id,
            cause=ground.hold_cause,
            says=f"{ground.title}: {ground.says}",
            placed_by_label=by.actor.label,
            placed_at=at,
            lifter_role=ground.lifter_role,
            ground=ground,
        )
        record(
            subject=("licensing.license", reliance.dependent_id),
            verb="hold_placed",
            says=f"Placed a hold ({HoldCause(ground.hold_cause).label.lower()}): {hold.says}",
            by=by,
            at=at,
            data={"hold": hold.pk, "ground": ground.pk},
        )


def _lift(ground: Ground, *, by: Principal, at: datetime) -> None:
    for hold in Hold.objects.select_for_update().filter(ground=ground, lifted_at__isnull=True).order_by("pk"):
        hold.lifted_at, hold.lifted_by_label, hold.lift_reason = at, by.actor.label, f"It returned: {ground.says}"
        hold.save(update_fields=["lifted_at", "lifted_by_label", "lift_reason"])
        record(
            subject=("licensing.license", hold.scope_id),
            verb="hold_lifted",
            says=f"Lifted the hold, because its ground returned: {ground.says}",
            by=by,
            at=at,
            data={"hold": hold.pk, "ground": ground.pk},
        )


@operation
def rely_on(
    *, subject: tuple[str, str], dependent: tuple[str, str], label: str, by: Principal, at: datetime
) -> Reliance:
    """Let a case or a license stand on a ground, which must stand now. Again is the reliance that is there.

    `dependent` is ("case", id) or ("license", id). Raises Stale when the ground has fallen or ended meanwhile.
    """
    check_can_keep_grounds(by)
    kind, subject_id = subject
    # Whoever makes it fall takes the same lock, so that no dependent is overlooked.
    ground = Ground.objects.select_for_update(no_key=True).filter(kind=kind, subject_id=subject_id).first()
    if ground is None or not ground.stands_at(at):
        raise Stale(
            f"{ground.title if ground else 'The evidence'} does not stand at present"
            f"{': ' + ground.says if ground else ''}. Choose other evidence, or wait until it stands again.",
            rule="registry.ground_stands",
        )
    dependent_kind, dependent_id = dependent
    reliance, _ = Reliance.objects.get_or_create(
        ground=ground,
        dependent_kind=DependentKind(dependent_kind).value,
        dependent_id=dependent_id,
        ended_at=None,
        defaults={"label": label, "from_at": at},
    )
    return reliance


@operation
def end_reliances(*, dependent: tuple[str, str], by: Principal, at: datetime, ground: Ground | None = None) -> int:
    """A case or a license no longer stands on its grounds (or on this one); answers how many ended."""
    check_can_keep_grounds(by)
    standing = Reliance.objects.filter(dependent_kind=dependent[0], dependent_id=dependent[1], ended_at__isnull=True)
    if ground is not None:
        standing = standing.filter(ground=ground)
    return standing.update(ended_at=at)
