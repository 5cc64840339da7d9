"""Who may open the pages of commitments and act on them, for tests/repository/test_access.py."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.statuses import Role
from deadlines.rules import day_of
from investments import operations
from investments.models import Commitment, Evidence, Shortfall
from tests.accounts.factories import user
from tests.investments import factories as make
from tests.repository.doors import COMMERCE, WAIVER, Access, World

OFFICERS = frozenset({Role.COMMITMENT_OFFICER})


def _of(name: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {
        "number": world.args[f"commitment_{name}"],
        **{
            key: world.args[f"commitment_{name}_{key}"]
            for key in ("asset_id", "milestone_id", "entry_id", "evidence_id", "shortfall_id", "paper_id")
            if f"commitment_{name}_{key}" in world.args
        },
    }


def _act(which: str, by: frozenset[str] = OFFICERS, /, **sends: Any) -> Access:
    def sent(world: World) -> dict[str, Any]:
        number = world.args[f"commitment_{which}"]
        version = Commitment.objects.values_list("version", flat=True).get(pk=int(number[1:]))
        made = {key: value(world) if callable(value) else value for key, value in sends.items()}
        return {"version": version, **made}

    return Access(read=COMMERCE, act=by, sends=sent, given=_of(which))


def _today(world: World) -> str:
    return day_of(timezone.now()).isoformat()


def _terms(world: World) -> dict[str, Any]:
    today = day_of(timezone.now())
    return {
        "title": "Data centers",
        "obligor": "nation",
        "obligor_country": "SA",
        "instrument": "equity",
        "funds_from": "SA",
        "funds_to": "US",
        "amount": "10,000,000,000",
        "currency": "USD",
        "measure": "amount",
        "starts_on": (today - timedelta(days=60)).isoformat(),
        "ends_on": (today + timedelta(days=700)).isoformat(),
    }


def _file(world: World) -> Any:
    return make.pdf(text=f"walk {next(make._numbers)}")


_MONEY = {"amount": "5", "currency": "USD"}
_PAPER = {"file": _file, "language": "en"}
_REASON = {"reason": "As agreed."}
TABLE: dict[str, Access] = {
    "desk:commitments": Access(COMMERCE),
    "desk:commitment": Access(COMMERCE, given=_of("standing")),
    "desk:commitment_paper": Access(COMMERCE, given=_of("standing")),
    "desk:commitment_draft": Access(read=OFFICERS, act=OFFICERS, sends=_terms),
    "desk:commitment_terms": Access(
        read=COMMERCE,
        act=OFFICERS,
        sends=lambda world: {**_act("draft").sends(world), **_terms(world)},
        given=_of("draft"),
    ),
    "desk:commitment_add_asset": _act(
        "draft", name="New Hall", address="77 New Road", city="Reno", state="NV", country="US"
    ),
    "desk:commitment_remove_asset": _act("draft"),
    "desk:commitment_add_milestone": _act("bare", title="First", due_on=_today, amount="5", criteria="Bank records."),
    "desk:commitment_remove_milestone": _act("draft"),
    "desk:commitment_sign": _act("draft", reference="Agreement", signed_on=_today, **_PAPER),
    "desk:commitment_bring_into_force": _act("signed", says="Notes were exchanged."),
    "desk:commitment_withdraw": _act("draft", **_REASON),
    "desk:commitment_record_amount": _act(
        "standing",
        kind="contracted",
        asset=lambda world: world.args["commitment_standing_asset_id"],
        on=_today,
        says="A contract.",
        **_MONEY,
    ),
    "desk:commitment_reverse_amount": _act("standing", **_REASON),
    "desk:commitment_submit_evidence": _act(
        "standing",
        milestone=lambda world: world.args["commitment_standing_milestone_id"],
        asset=lambda world: world.args["commitment_standing_asset_id"],
        says="Payments.",
        **_MONEY,
        **_PAPER,
    ),
    "desk:commitment_verify": _act("standing", verdict="at_face", method="The bank confirmed it."),
    "desk:commitment_withdraw_evidence": _act("own", **_REASON),
    "desk:commitment_reverse": _act("proved", **_REASON),
    "desk:commitment_plan": _act("short", says="In a week.", cure_by=_today, **_PAPER),
    "desk:commitment_waive": _act("short", WAIVER, **_REASON),
    "desk:commitment_assess": Access(act=COMMERCE, given=_of("overdue")),
    "desk:commitment_complete": _act("proved", **_REASON),
    "desk:commitment_terminate": _act("standing", **_REASON),
}


def prepare(world: World) -> dict[str, Any]:
    """Commitments in the states in which something can be done on them."""
    now = timezone.now()
    at, today = now - timedelta(hours=1), day_of(now)
    others = make.People(officer=user(Role.COMMITMENT_OFFICER), verifier=user(Role.COMMITMENT_OFFICER))
    own = make.People(officer=world.people[Role.COMMITMENT_OFFICER], verifier=others.verifier)
    period = {"starts_on": today - timedelta(days=60), "ends_on": today + timedelta(days=700)}

    def ready(who: make.People, *, due: int = 300) -> Commitment:
        commitment = make.draft(who, at=at, **period)
        make.asset(commitment, who, at=at)
        make.milestone(commitment, who, today + timedelta(days=due), "10,000,000,000", at=at)
        return commitment

    def standing(who: make.People, *, due: int = 300) -> Commitment:
        commitment = operations.sign_commitment(
            commitment=ready(who, due=due),
            reference="Agreement",
            signed_on=today - timedelta(days=1),
            paper=make.paper(),
            by=who.officer,
            at=at,
        )
        return operations.bring_into_force(commitment=commitment, says="Notes.", by=who.officer, at=at)

    made = {"draft": ready(others), "bare": make.draft(others, at=at, **period)}
    made["signed"] = operations.sign_commitment(
        commitment=ready(others),
        reference="Agreement",
        signed_on=today - timedelta(days=1),
        paper=make.paper(),
        by=others.officer,
        at=at,
    )
    made |= {"standing": standing(others), "own": standing(own), "proved": standing(others)}
    operations.record_amount(
        commitment=made["standing"],
        kind="contracted",
        asset=made["standing"].assets.get(),
        amount="5",
        on=today - timedelta(days=1),
        says="A contract.",
        by=others.officer,
        at=at,
    )
    make.submitted(made["standing"], others, at=at)
    make.submitted(made["own"], own, at=at)
    make.verified(made["proved"], others, "10,000,000,000", at=at)
    # Brought into force after the day was over, it is found short at once.
    made["short"] = standing(others, due=-1)
    made["overdue"] = made["short"]
    args: dict[str, Any] = {}
    for name, commitment in made.items():
        args[f"commitment_{name}"] = commitment.number
        for key, rows in (
            ("asset_id", commitment.assets),
            ("milestone_id", commitment.milestones),
            ("entry_id", commitment.entries.filter(kind="contracted")),
            ("evidence_id", Evidence.objects.filter(commitment=commitment)),
            ("shortfall_id", Shortfall.objects.filter(commitment=commitment)),
            ("paper_id", commitment.papers),
        ):
            found = rows.first()
            if found is not None:
                args[f"commitment_{name}_{key}"] = found.pk
    return {
        **args,
        **dict.fromkeys(("asset_id", "milestone_id", "entry_id", "evidence_id", "shortfall_id", "paper_id"), 0),
    }
