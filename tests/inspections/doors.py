"""Who may open the pages of visits and act on them, for tests/repository/test_access.py."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.statuses import Role
from inspections import operations
from inspections.models import Visit
from inspections.statuses import VisitKind
from tests.accounts.factories import unit
from tests.inspections import calendar_doors
from tests.inspections import factories as make
from tests.registry.factories import installation
from tests.repository.doors import COMMERCE, NOBODY, Access, World

TRAVELLERS = frozenset({Role.EXPORT_CONTROL_OFFICER})
SUPERVISORS = frozenset({Role.VISIT_SUPERVISOR})
ARRANGERS = TRAVELLERS | SUPERVISORS
REQUESTERS = ARRANGERS | {Role.LICENSING_OFFICER}


def _on(name: str, sends: Callable[[World], dict[str, Any]] | None = None, **more: str) -> dict[str, Any]:
    """The visit that a page is about, and what its form sends with the visit's version."""

    def given(world: World) -> dict[str, Any]:
        return {"visit_id": world.args[name], **{argument: world.args[value] for argument, value in more.items()}}

    def sent(world: World) -> dict[str, Any]:
        version = Visit.objects.get(pk=world.args[name]).version
        return {"version": version, **(sends(world) if sends else {})}

    return {"given": given, "sends": sent}


def _reason(world: World) -> dict[str, Any]:
    return {"reason": "As agreed."}


def _step(world: World) -> dict[str, Any]:
    return {"happened_on": timezone.localdate(), "says": "To the ministry."}


def _answer(world: World) -> dict[str, Any]:
    return {"question": "existence", "value": "yes", "client_key": "a-key"}


def _result(world: World) -> dict[str, Any]:
    return {"outcome": "found", "client_key": "another-key"}


TABLE: dict[str, Access] = {
    **calendar_doors.TABLE,
    "desk:visits": Access(COMMERCE),
    "desk:visit": Access(COMMERCE, **_on("visit_new")),
    "desk:visit_request": Access(
        REQUESTERS,
        REQUESTERS,
        sends=lambda world: {
            "installation": world.args["visit_place"],
            "kind": "periodic",
            "occasion": "A year is over.",
        },
    ),
    "desk:visit_targets": Access(COMMERCE),
    "desk:visit_target_select": Access(
        ARRANGERS,
        ARRANGERS,
        sends=lambda world: {
            "kind": "periodic",
            "says": "The next quarter.",
            "chosen": [world.args["visit_place"]],
            f"rationale_{world.args['visit_place']}": "Never visited.",
            "passed_over": "Later.",
        },
    ),
    "desk:visit_target_round": Access(COMMERCE, given=lambda world: {"round_id": world.args["visit_round"]}),
    "desk:visit_notify": Access(ARRANGERS, ARRANGERS, **_on("visit_new", _step)),
    "desk:visit_consent": Access(ARRANGERS, ARRANGERS, **_on("visit_told", _step)),
    "desk:visit_refusal": Access(ARRANGERS, ARRANGERS, **_on("visit_told", _step)),
    "desk:visit_unit": Access(
        REQUESTERS,
        REQUESTERS,
        **_on("visit_new", lambda world: {"unit": world.args["visit_unit"], "says": "Approval of C1."}),
    ),
    "desk:visit_cancel": Access(SUPERVISORS, SUPERVISORS, **_on("visit_told", _reason)),
    "desk:visit_not_carried_out": Access(SUPERVISORS, SUPERVISORS, **_on("visit_told", _reason)),
    "desk:visit_unverified": Access(SUPERVISORS, SUPERVISORS, **_on("visit_late", _reason)),
    "desk:visit_entity": Access(SUPERVISORS, SUPERVISORS, **_on("visit_listed", _reason)),
    "desk:visit_begin": Access(COMMERCE, TRAVELLERS, **_on("visit_planned")),
    "desk:visit_leave": Access(COMMERCE, TRAVELLERS, **_on("visit_there")),
    "desk:visit_field": Access(COMMERCE, **_on("visit_there")),
    "desk:visit_field_answer": Access(NOBODY, TRAVELLERS, **_on("visit_there", _answer)),
    "desk:visit_field_result": Access(NOBODY, TRAVELLERS, **_on("visit_there", _result, item_id="visit_item")),
    "desk:visit_serials_add": Access(
        ARRANGERS,
        ARRANGERS,
        **_on("visit_there", lambda world: {"source": "The operator.", "file": make.serial_file("GB-1", "GB-2")}),
    ),
    "desk:visit_sample": Access(
        ARRANGERS,
        ARRANGERS,
        **_on(
            "visit_there",
            lambda world: {
                "list": world.args["visit_list"],
                "tolerated_percent": "1",
                "confidence_percent": "95",
                "seed": "a seed",
            },
        ),
    ),
    "desk:visit_topology": Access(
        COMMERCE,
        TRAVELLERS,
        **_on(
            "visit_there",
            lambda world: {
                "declared_chips": 4,
                "seen_chips": 4,
                "declared_fabric": 4,
                "seen_fabric": 4,
                "declared_says": "One hall.",
                "seen_says": "One hall.",
            },
        ),
    ),
    "desk:visit_paper_add": Access(
        COMMERCE, TRAVELLERS, **_on("visit_there", lambda world: {"says": "The hall", "file": make.photo("red")})
    ),
    "desk:visit_paper": Access(COMMERCE, **_on("visit_there", paper_id="visit_paper")),
    "desk:visit_finding": Access(
        COMMERCE,
        TRAVELLERS,
        **_on("visit_there", lambda world: {"severity": "minor", "title": "A door", "says": "It was open."}),
    ),
    "desk:visit_finding_withdraw": Access(COMMERCE, TRAVELLERS, **_on("visit_there", _reason, number="visit_one")),
    "desk:visit_action": Access(
        COMMERCE,
        TRAVELLERS,
        **_on(
            "visit_there",
            lambda world: {
                "finding": 1,
                "says": "Shut it.",
                "owner": "The guard",
                "due_on": timezone.localdate() + timedelta(days=30),
            },
        ),
    ),
    "desk:visit_action_answer": Access(
        ARRANGERS,
        ARRANGERS,
        **_on("visit_open", lambda world: {"outcome": "done", "says": "A photo."}, number="visit_one"),
    ),
    "desk:visit_report": Access(
        COMMERCE,
        TRAVELLERS,
        **_on("visit_back", lambda world: {"summary": "Seen.", "rating": "limited", "rationale": "One gap."}),
    ),
    "desk:visit_review": Access(SUPERVISORS, SUPERVISORS, **_on("visit_reported")),
    "desk:visit_accept": Access(SUPERVISORS, SUPERVISORS, **_on("visit_read", _reason)),
    "desk:visit_return": Access(SUPERVISORS, SUPERVISORS, **_on("visit_read", _reason)),
    "desk:visit_rating": Access(
        SUPERVISORS, SUPERVISORS, **_on("visit_read", lambda world: {"rating": "limited", "reason": "One gap."})
    ),
    "desk:visit_close": Access(SUPERVISORS, SUPERVISORS, **_on("visit_answered", _reason)),
    "desk:visit_reopen": Access(SUPERVISORS, SUPERVISORS, **_on("visit_closed", _reason)),
}


def prepare(world: World) -> dict[str, Any]:
    """Visits in the states in which something can be done on them, and the calendar around them."""
    args = calendar_doors.prepare(world)
    at = timezone.now() - timedelta(days=200)
    who = make.People(officer=world.people[Role.EXPORT_CONTROL_OFFICER], supervisor=make.People().supervisor)
    # Those who judge did not go; the visits that are over are of a second officer.
    other = make.People(supervisor=who.supervisor)
    days = iter(range(0, 100, 5))

    def some(state: Any, people: make.People = who, **fields: Any) -> Visit:
        return state(people, at=at + timedelta(days=next(days)), **fields)

    there = some(make.on_site)
    now = there.arrived_at
    list_ = make.listed(who, there, at=now)
    sample = make.sampled(who, list_, at=now)
    paper = operations.add_paper(visit=there, says="The racks", upload=make.photo(), by=who.officer, at=now)
    make.found(who, there, at=now)
    open_ = some(make.accepted, other, rating="unfavorable", with_action=True)
    answered = some(make.accepted, other, rating="unfavorable", with_action=True)
    operations.answer_action(
        action=answered.actions.get(), outcome="done", says="Shown.", by=other.officer, at=timezone.now()
    )
    listed = make.notified(other, at=at)
    operations.send_to_unverified_list(
        visit=listed, reason="No answer.", by=other.supervisor, at=at + timedelta(days=70)
    )
    place = installation(city="Riyadh", country="SA")
    round_ = operations.select_targets(
        kind=VisitKind.PERIODIC,
        says="This quarter.",
        choices=[operations.Choice(place.pk, True, "Never visited.")],
        by=who.officer,
        at=at,
    )
    return {
        **args,
        "visit_new": make.requested(other, at=timezone.now() - timedelta(hours=1)).pk,
        "visit_told": make.notified(other, at=timezone.now() - timedelta(hours=1)).pk,
        "visit_late": make.notified(other, at=at).pk,
        "visit_listed": listed.pk,
        "visit_planned": some(make.scheduled).pk,
        "visit_there": there.pk,
        "visit_back": some(make.left).pk,
        "visit_reported": some(make.reported, other).pk,
        "visit_read": some(make.under_review, other).pk,
        "visit_open": open_.pk,
        "visit_answered": answered.pk,
        "visit_closed": some(make.accepted, other).pk,
        "visit_place": place.pk,
        "visit_round": round_.pk,
        "visit_unit": unit().pk,
        "visit_list": list_.pk,
        "visit_item": sample.items.first().pk,
        "visit_paper": paper.pk,
        "visit_one": 1,
    }
