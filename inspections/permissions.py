"""Who may choose targets, request, carry out, report and review visits. Deny by default."""

from __future__ import annotations

from collections.abc import Callable, Collection

from accounts.permissions import NotPermitted, check_has_role, is_commerce
from accounts.rules import Principal
from accounts.statuses import Role


def check_can_read_visits(by: Principal) -> None:
    """All of Commerce reads visits: what was found decides what can be recommended."""
    if not is_commerce(by):
        raise NotPermitted(
            "Only Commerce staff read visits. What a visit means for a case is told in its letters; oversight reads "
            "them in its own rooms."
        )


def check_can_select_targets(by: Principal) -> None:
    """Officers and their supervisors choose where to go."""
    check_has_role(by, Role.EXPORT_CONTROL_OFFICER, Role.VISIT_SUPERVISOR, to="choose targets of visits")


def check_can_request(by: Principal) -> None:
    """Officers and supervisors request visits; a licensing officer requests one for a case."""
    check_has_role(by, Role.EXPORT_CONTROL_OFFICER, Role.VISIT_SUPERVISOR, Role.LICENSING_OFFICER, to="request a visit")


def check_can_arrange(by: Principal, *, to: str) -> None:
    """Officers and supervisors deal with the host government and the calendar. `to` completes "… may "."""
    check_has_role(by, Role.EXPORT_CONTROL_OFFICER, Role.VISIT_SUPERVISOR, to=to)


def check_is_of_team(by: Principal, *, team_ids: Collection[int], number: str, to: str) -> None:
    """What is seen on site is entered and reported by the officers who went."""
    check_has_role(by, Role.EXPORT_CONTROL_OFFICER, to=to)
    if by.actor.kind != "user" or int(by.actor.id) not in team_ids:
        raise NotPermitted(
            f"Only an officer of the team of {number} may {to}. A visit supervisor can schedule you for it."
        )


def check_can_supervise(by: Principal, *, to: str) -> None:
    """Supervisors cancel, list, review, change ratings and close. `to` completes "… may "."""
    check_has_role(by, Role.VISIT_SUPERVISOR, to=to)


def check_can_review(by: Principal, *, author_ids: Collection[int], team_ids: Collection[int], to: str) -> None:
    """A supervisor reviews what others saw and wrote."""
    check_can_supervise(by, to=to)
    if by.actor.kind == "user" and int(by.actor.id) in {*author_ids, *team_ids}:
        raise NotPermitted(
            f"You went on this visit or wrote its report, so you may not {to}: another visit supervisor has to."
        )


def can(check: Callable[[], None]) -> bool:
    """Would this check let it pass?"""
    try:
        check()
    except NotPermitted:
        return False
    return True


def can_select_targets(by: Principal) -> bool:
    """Would `check_can_select_targets` let this pass?"""
    return can(lambda: check_can_select_targets(by))


def can_request(by: Principal) -> bool:
    """Would `check_can_request` let this pass?"""
    return can(lambda: check_can_request(by))


def can_arrange(by: Principal) -> bool:
    """Would `check_can_arrange` let this pass?"""
    return can(lambda: check_can_arrange(by, to="arrange visits"))


def can_supervise(by: Principal) -> bool:
    """Would `check_can_supervise` let this pass?"""
    return can(lambda: check_can_supervise(by, to="supervise visits"))


def check_can_keep_absence(by: Principal, *, officer_id: int, to: str) -> None:
    """Officers enter their own leave, and a supervisor that of each. `to` completes "… may "."""
    if by.is_active and by.has_role(Role.VISIT_SUPERVISOR):
        return
    check_has_role(by, Role.EXPORT_CONTROL_OFFICER, to=to)
    if by.actor.kind != "user" or int(by.actor.id) != officer_id:
        raise NotPermitted(f"Only the officer or a visit supervisor may {to}. Ask one of them.")


def can_keep_absence(by: Principal, *, officer_id: int) -> bool:
    """Would `check_can_keep_absence` let this pass?"""
    return can(lambda: check_can_keep_absence(by, officer_id=officer_id, to="enter an absence"))


def check_can_have_feed(by: Principal) -> None:
    """A calendar feed is that of an officer who travels."""
    check_has_role(by, Role.EXPORT_CONTROL_OFFICER, to="have a calendar feed")


def can_have_feed(by: Principal) -> bool:
    """Would `check_can_have_feed` let this pass?"""
    return can(lambda: check_can_have_feed(by))
