"""Placing and lifting holds."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from accounts.rules import Principal, Refused, Stale
from accounts.statuses import Role
from audit.operations import record
from registry import permissions
from registry.models import Hold
from registry.rules import check_lifter_role
from registry.selectors import Scope, identify_scope, list_holds
from registry.statuses import HoldCause, HoldScope

# The journal of what is held tells of its holds.
_SUBJECTS = {
    HoldScope.PARTY: "registry.party",
    HoldScope.INSTALLATION: "registry.installation",
    HoldScope.LICENSE: "licensing.license",
    HoldScope.COUNTRY: "registry.country",
}


def _subject(hold: Hold) -> tuple[str, str]:
    return _SUBJECTS[HoldScope(hold.scope_kind)], hold.scope_id


@transaction.atomic
def place_hold(*, scope: Scope, cause: str, says: str, lifter_role: str, by: Principal, at: datetime) -> Hold:
    """Stop what concerns a party, an installation, a license or a country, until somebody with the role lifts it.

    `scope` is the row or a pair such as ("country", "SA"). Raises NotPermitted unless a Commerce officer (or the
    system) asks, Refused when the cause is unknown, the sentence is empty or the role is not Commerce's. The same
    hold again while it stands is the one that stands.
    """
    permissions.check_can_place_hold(by)
    if cause not in HoldCause.values:
        raise Refused(
            f"“{cause}” is not a cause of a hold. Choose one of: {', '.join(HoldCause.values)}.",
            rule="registry.hold_cause",
            field="cause",
        )
    if not says.strip():
        raise Refused("Say why the hold is placed and what would end it.", rule="registry.hold_says", field="says")
    check_lifter_role(lifter_role)
    scope_kind, scope_id = identify_scope(scope)
    # Of two clicks the second waits here and then finds the hold of the first.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"registry.hold/{scope_kind}/{scope_id}"]
        )
    standing = list_holds([(scope_kind, scope_id)]).filter(cause=cause, says=says.strip(), lifter_role=lifter_role)
    if (same := standing.first()) is not None:
        return same
    hold = Hold.objects.create(
        scope_kind=scope_kind,
        scope_id=scope_id,
        cause=cause,
        says=says.strip(),
        placed_by_label=by.actor.label,
        placed_at=at,
        lifter_role=lifter_role,
    )
    record(
        subject=_subject(hold),
        verb="hold_placed",
        says=f"Placed a hold ({HoldCause(cause).label.lower()}): {hold.says}",
        by=by,
        at=at,
        data={"hold": hold.pk, "cause": cause, "lifter_role": lifter_role},
    )
    return hold


@transaction.atomic
def lift_hold(*, hold: Hold, reason: str, by: Principal, at: datetime) -> Hold:
    """Lift a hold, once. Raises NotPermitted unless `by` holds the hold's lifter role, Refused without a reason,
    Stale when it was lifted before."""
    locked = Hold.objects.select_for_update().get(pk=hold.pk)
    permissions.check_can_lift_hold(by, hold=locked)
    if not reason.strip():
        raise Refused("Say why the hold is lifted.", rule="registry.hold_reason", field="reason")
    if locked.lifted_at is not None:
        raise Stale(
            f"{locked.lifted_by_label} lifted this hold already. Load the page again to see it.",
            rule="registry.hold_lifted_once",
        )
    if at < locked.placed_at:
        raise Refused("A hold cannot be lifted before it was placed.", rule="registry.hold_order", field="reason")
    locked.lifted_at = at
    locked.lifted_by_label = by.actor.label
    locked.lift_reason = reason.strip()
    locked.save(update_fields=["lifted_at", "lifted_by_label", "lift_reason"])
    record(
        subject=_subject(locked),
        verb="hold_lifted",
        says=f"Lifted the hold ({Role(locked.lifter_role).label.lower()}): {locked.lift_reason}",
        by=by,
        at=at,
        data={"hold": locked.pk},
    )
    return locked
