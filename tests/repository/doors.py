"""Who may read an address and act on it: the words in which tests/repository and the tests of the tracks say so.

A track's own table stands in `tests/<track>/doors.py`: TABLE, and `prepare(world)`, which makes what its addresses
name and answers the arguments.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from accounts.rules import COMMERCE_ROLES
from accounts.statuses import Role
from licensing.models import Application, Case
from registry.permissions import HOLD_PLACERS
from tests.licensing import factories as make

ANONYMOUS, NO_ROLE, STRANGER = "anonymous", "no role", "another exporter"
PEOPLE = (*(str(role) for role in Role), NO_ROLE, STRANGER)

NOBODY: frozenset[str] = frozenset()
SIGNED_IN = frozenset(PEOPLE)
EVERYBODY = SIGNED_IN | {ANONYMOUS}
COMMERCE = frozenset(Role(role) for role in COMMERCE_ROLES)
DESK = COMMERCE | {Role.AGENCY_REVIEWER}
READERS = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})
APPLICANT = frozenset({Role.EXPORTER_ADMIN, Role.EXPORTER_MEMBER})
EXPORTERS = APPLICANT | {STRANGER}
KEY_HOLDERS = frozenset({Role.EXPORTER_ADMIN, STRANGER})


@dataclass
class World:
    """Who there is, and cases in the states in which something can be done on them."""

    people: dict[str, User]
    who: make.People
    draft: Application
    cases: dict[str, Case]
    other_officer: User
    args: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Access:
    """Who may read an address, who may act on it, what they send, and what stands for its arguments.

    `is_written_down`: opening it leaves an entry in the journal.
    """

    read: frozenset[str] = NOBODY
    act: frozenset[str] = NOBODY
    sends: Callable[[World], dict[str, Any]] = lambda world: {}
    given: Callable[[World], dict[str, Any]] = lambda world: {}
    is_written_down: bool = False


def on(name: str) -> Callable[[World], dict[str, Any]]:
    """The arguments of the case of that name."""

    def given(world: World) -> dict[str, Any]:
        case = world.cases[name]
        return {
            "acn": case.acn,
            "reference": case.application.reference,
            "letter_id": getattr(case.letters.first(), "pk", 0),
            "document_id": getattr(case.application.documents.first(), "pk", 0),
            "number": 1,
            "position": getattr(case.requirements.first(), "position", 1),
        }

    return given


def act_on(name: str, by: frozenset[str], **sends: Any) -> Access:
    """A page of the desk that all of Commerce reads, and on which those act whose act it is."""

    def sent(world: World) -> dict[str, Any]:
        case = world.cases[name]
        case.refresh_from_db()
        return {
            "version": case.version,
            **{key: value(world) if callable(value) else value for key, value in sends.items()},
        }

    return Access(read=COMMERCE, act=by, sends=sent, given=on(name))


def of_draft(**sends: Any) -> Access:
    """A step of a draft, of its own organization alone."""

    def sent(world: World) -> dict[str, Any]:
        world.draft.refresh_from_db()
        return {"version": world.draft.version, **sends}

    return Access(read=APPLICANT, act=APPLICANT, sends=sent)


def only_acting(access: Access) -> Access:
    """The same, for an address that has no page of its own."""
    return Access(act=access.act, sends=access.sends, given=access.given)


def newest(world: World) -> Any:
    return world.cases["recommended"].recommendations.order_by("-version").first()


OFFICER, SIGNER, DIRECTOR, WAIVER = (
    frozenset({role})
    for role in (Role.LICENSING_OFFICER, Role.COUNTERSIGNER, Role.LICENSING_DIRECTOR, Role.WAIVER_OFFICIAL)
)
HOLDERS = frozenset(HOLD_PLACERS)
A_PARTY = {
    "role": "purchaser",
    "name": "Norrsken Compute AB",
    "address": "1 Example Road",
    "city": "Luleå",
    "country": "SE",
}
AN_ITEM = {"kind": "chip", "model": "A100", "eccn": "3A090.a", "quantity": 5, "unit_price": "10000.00"}
