"""Who may open the pages of allocations and act on them, for tests/repository/test_access.py."""

from collections.abc import Callable
from typing import Any

from accounts.statuses import Role
from allocations import operations
from tests.accounts.factories import user
from tests.allocations import factories as make
from tests.repository.doors import COMMERCE, Access, World

OFFICIALS = frozenset({Role.ALLOCATION_OFFICIAL})
A_CEILING = {"country": "NZ", "starts_on": "2026-01-01", "ends_on": "2027-01-01", "ceiling": 5, "reason": "Asked for."}


def _of(name: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"allocation_id": world.args[f"allocation_{name}"]}


def _sends(name: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"proposal": world.args[f"proposal_{name}"], "reason": "As agreed."}


def _act(name: str) -> Access:
    return Access(read=OFFICIALS, act=OFFICIALS, sends=_sends(name), given=_of(name))


TABLE: dict[str, Access] = {
    "desk:allocations": Access(COMMERCE),
    "desk:allocation": Access(COMMERCE, given=_of("standing")),
    "desk:allocation_entries": Access(COMMERCE, given=_of("standing")),
    "desk:allocation_propose": Access(read=OFFICIALS, act=OFFICIALS, sends=lambda world: A_CEILING),
    "desk:allocation_change": Access(
        read=OFFICIALS,
        act=OFFICIALS,
        sends=lambda world: {"ceiling": 7, "reason": "Fewer are asked for."},
        given=_of("standing"),
    ),
    "desk:allocation_approve": _act("waiting"),
    "desk:allocation_decline": _act("waiting"),
    "desk:allocation_withdraw": _act("own"),
}


def prepare(world: World) -> dict[str, Any]:
    """Allocations in the states in which something can be done on them."""
    other, third = user(Role.ALLOCATION_OFFICIAL), user(Role.ALLOCATION_OFFICIAL)
    who = make.People(first=other, second=third)
    standing = make.approved(who, "SA", ceiling=100)
    operations.draw_chips(**make.take(who, 5, "D1"))
    waiting = make.proposed(who, "AE")
    own = make.proposed(make.People(first=world.people[Role.ALLOCATION_OFFICIAL], second=third), "QA")
    return {
        "allocation_standing": standing.pk,
        "allocation_waiting": waiting.pk,
        "allocation_own": own.pk,
        "proposal_waiting": make.waiting(waiting).pk,
        "proposal_own": make.waiting(own).pk,
    }
