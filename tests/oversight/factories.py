"""A whole world to read: at least one row of every model, made the way people make them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.db.models import Model

from accounts.models import User
from accounts.rules import SYSTEM
from accounts.statuses import Role
from audit.operations import record, seal_journal
from deadlines.operations import send_due_reminders
from deadlines.rules import day_of
from ledger.models import Account
from licensing import operations
from licensing.models import Case, ConditionCheck, Reservation, Shipment, ShipmentLine, TranchePlan
from licensing.statuses import RecommendedAction
from registry.models import Party, PartyAddress, PartyAlias
from registry.operations import rely_on, set_ground
from registry.statuses import HoldCause
from tests.accounts.factories import api_key, user
from tests.deadlines.factories import deadline
from tests.licensing import factories as licensing
from tests.registry.factories import hold, own

TRACKS = ("assurances", "inspections", "investments", "allocations")
OUR_APPS = ("audit", "accounts", "ledger", "deadlines", "rulebook", "registry", *TRACKS, "licensing")


def our_models() -> list[type[Model]]:
    """Every model of the product."""
    return [model for label in OUR_APPS for model in apps.get_app_config(label).get_models()]


@dataclass
class World:
    """Who reads, and what there is to read."""

    auditor: User
    administrator: User
    who: Any
    case: Case


def world() -> World:
    """One license with all its papers, one exemption, and everything beside them."""
    licensing.load_rules()
    who = licensing.people()
    at = licensing.AT
    case = licensing.assigned(who)
    request = operations.request_information(
        case=case, question="Who runs the hall?", version=case.version, by=who.officer, at=at
    )
    operations.answer_information(request=request, answer="We do.", by=who.applicant, at=at)
    case.refresh_from_db()
    operations.add_note(case=case, text="The answer is plausible.", by=who.officer, at=at)
    recommendation = licensing.recommend(
        case,
        who,
        action=RecommendedAction.APPROVE_WITH_CONDITIONS,
        conditions=["The licensee reports the number of chips installed each quarter."],
    )
    signers = [who.countersigner, who.second_countersigner][: recommendation.signatures_wanted]
    licensing.countersign(recommendation, *signers)
    licensing.waive_everything(case, who)
    licensing.decide(case, who)
    case.refresh_from_db()
    small = licensing.filed(
        who,
        country="GB",
        end_user="Thames Compute Ltd",
        site="Slough Hall 2",
        items=[licensing.chips(quantity=100)],
        safeguards=licensing.MONITORED,
    )
    small = operations.assign_case(case=small, officer=who.officer, version=small.version, by=who.officer, at=at)
    operations.accept_exemption(
        case=small, reasons="Small and monitored.", version=small.version, by=who.officer, at=at
    )
    large = licensing.assigned(
        who, country="SA", end_user="Example Compute", site="Riyadh 1", items=[licensing.chips("GB300", 35_000)]
    )
    licensing.waive_everything(large, who)
    owner, owned = Party.objects.order_by("pk")[:2]
    PartyAddress.objects.create(party=owned, line="2 Example Road", city="Luleå", country_id="SE")
    PartyAlias.objects.create(party=owned, name="Norrsken")
    own(owner, owned)
    hold(owned)
    api_key(organization=who.organization, created_by=who.applicant)
    deadline(owner=who.officer, at=at)
    stand_on(case, large, who, at=at)
    for track in TRACKS:
        if find_spec(f"tests.{track}.factories"):
            import_module(f"tests.{track}.factories").one_of_each(at=at)
    send_due_reminders(at=at + timedelta(days=4))
    seal_journal(at=at + timedelta(days=5))
    return World(auditor=user(Role.AUDITOR), administrator=user(Role.ADMINISTRATOR), who=who, case=case)


def stand_on(licensed: Case, pending: Case, who: Any, *, at: datetime) -> None:
    """A license that stands on a ground and was shipped from, and a case that holds units and a planned tranche."""
    set_ground(
        subject=("assurances.instrument", "0"),
        title="Letter of assurance",
        stands=True,
        says="In force.",
        until=None,
        cause=HoldCause.ASSURANCE_LAPSED,
        lifter_role=Role.LICENSING_DIRECTOR,
        by=SYSTEM,
        at=at,
    )
    license_ = licensed.license
    rely_on(
        subject=("assurances.instrument", "0"),
        dependent=("license", str(license_.pk)),
        label=license_.number,
        by=SYSTEM,
        at=at,
    )
    shipment = Shipment.objects.create(
        license=license_, number=1, key="1", shipped_on=day_of(at), chips=1, value_cents=1, recorded_at=at
    )
    line = ShipmentLine.objects.create(
        shipment=shipment, license_line=license_.lines.first(), quantity=1, value_cents=1
    )
    requirement = pending.requirements.first()
    check = ConditionCheck.objects.create(
        requirement=requirement, round=1, item="us_supply", title="Supply", says="On file.", actor=who.officer, at=at
    )
    plan = TranchePlan.objects.create(requirement=requirement, round=1, position=1, required=1, chips=1)
    Reservation.objects.create(case=pending, account=Account.objects.order_by("pk")[0], units=1, key="v1", at=at)
    surrendered = licensing.licensed(who, end_user="Given Up AB", site="Hall of the given up").license
    operations.surrender_license(license=surrendered, reason="The buyer gave up.", by=who.applicant, at=at)
    record(subject=pending, verb="made", says="For this test.", by=SYSTEM, at=at, covers=[shipment, line, check, plan])


def row_of(model: type[Model]) -> Model:
    """Some row of this model."""
    row = model._default_manager.order_by("pk").first()
    assert row is not None, f"The world has no {model._meta.label}: add one to tests/oversight/factories.py."
    return row
