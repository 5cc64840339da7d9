"""One object of each kind, made as people make them, and many more of it: with what the lists read beside it.

States, countries, days and owners are spread by the number of each copy; every tenth has the same state.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Model

from accounts.models import Organization, User
from allocations.models import Allocation, Proposal, Verdict
from assurances.models import Instrument
from bench.copies import COPY, FIRST, copy, pick, unguarded
from deadlines.rules import day_of
from inspections.models import Engagement, Officer, Schedule, Visit
from investments.models import AmountEntry, Commitment, Milestone, Shortfall
from ledger.models import Account, Entry
from ledger.statuses import AccountKind
from licensing import operations
from licensing.models import Application, Case, License, LicenseLine, Shipment, ShipmentLine
from licensing.operations import Shipped
from registry.models import Country, Hold, Installation
from tests.allocations import factories as allocations
from tests.assurances import factories as assurances
from tests.inspections import factories as inspections
from tests.investments import factories as investments
from tests.licensing import factories as licensing
from tests.registry import factories as registry

CODES = ["SA", "AE", "IN", "MY", "BR", "MX", "PL", "CH"]
OFFICERS, EXPORTERS = 100, 40
_LABEL = f"'Bench ' || ({COPY})"


@dataclass
class Made:
    """The objects that are copied, with everybody who made them; `countries` are those whose allocations are copies."""

    assurances: assurances.Officers
    inspections: inspections.People
    investments: investments.People
    allocations: allocations.People
    licensing: licensing.People
    instrument: Instrument
    visit: Visit
    commitment: Commitment
    allocation: Allocation
    license: License
    shipment: Shipment
    hold: Hold
    countries: list[str]
    first: int = FIRST


def make_objects(at: datetime) -> Made:
    """Each object with everything on it: papers, entries, a journal, findings, shipments."""
    licensing.load_rules(at=at - timedelta(days=90))
    day = day_of(at)
    officials, who = allocations.People(), licensing.people()
    proposed = allocations.proposed(officials, at=at, starts_on=day, ends_on=day + timedelta(days=300))
    allocation = allocations.approve(officials, proposed, at=at)
    officers = assurances.Officers()
    instrument = assurances.in_force(
        officers, at=at, from_on=day, to_on=day + timedelta(days=900), chip_models=("GB300",), ceiling=50_000
    )
    investments.one_of_each(at=at)
    inspections.one_of_each(at=at - timedelta(days=30))
    case = licensing.countersigned(who, at=at, country="SA", items=[licensing.chips("GB300", 35_000)])
    licensing.waive_everything(case, who, at=at)
    licensing.decide(case, who, at=at)
    license_ = License.objects.get(case=case)
    shipment = operations.record_shipment(
        license=license_,
        shipped_on=license_.valid_from,
        lines={1: Shipped(5, 5 * 10_000_00)},
        key="first",
        by=who.applicant,
        at=at,
    )
    travelers = inspections.People()
    made = Made(
        assurances=officers,
        inspections=travelers,
        investments=investments.People(),
        allocations=officials,
        licensing=who,
        instrument=instrument,
        visit=Visit.objects.latest("pk"),
        commitment=Commitment.objects.latest("pk"),
        allocation=allocation,
        license=license_,
        shipment=shipment,
        hold=registry.hold(license_),
        countries=list(Country.objects.exclude(pk="SA").order_by("name").values_list("pk", flat=True)),
    )
    _copy_people(made)
    return made


def multiply(made: Made, begin: int, end: int) -> None:
    """Copies `begin` to `end` of everything."""
    with unguarded(
        *(Instrument, Instrument.countries.through, Installation, Visit, Schedule, Engagement),
        *(Commitment, Milestone, AmountEntry, Shortfall, Allocation, Proposal, Verdict),
        *(Application, Case, License, LicenseLine, Shipment, ShipmentLine, Hold, Account, Entry),
    ):
        _copy_instruments(made, begin, end)
        _copy_visits(made, begin, end)
        _copy_commitments(made, begin, end)
        _copy_allocations(made, begin, end)
        _copy_licenses(made, begin, end)
        _copy_shipments(made, begin, end)
        _copy_holds(made, begin, end)


def _copy_people(made: Made) -> None:
    officer = Officer.objects.get(user=made.visit.requested_by)
    with unguarded(User, Officer, Organization):
        copy(officer.user, 1, OFFICERS, id=COPY, email="'bench' || n || '@test.example'", name="'Bench officer ' || n")
        copy(officer, 1, OFFICERS, id=COPY, user_id=COPY)
        copy(made.licensing.organization, 1, EXPORTERS, id=COPY, name="'Bench exporter ' || n")


def _copy_instruments(made: Made, begin: int, end: int) -> None:
    states = ["in_force", "in_force", "amended", "suspended", "in_force"]
    states += ["requested", "renewed", "draft", "terminated", "superseded"]
    copy(
        made.instrument,
        begin,
        end,
        id=COPY,
        title=_LABEL,
        status=pick(states),
        country_id=pick(CODES),
        in_force_at="CASE WHEN n % 10 NOT IN (5, 7) THEN t.in_force_at END",
        ended_at="CASE WHEN n % 10 IN (8, 9) THEN now() END",
        to_on="current_date + CASE WHEN n % 50 = 21 THEN 20 ELSE 700 + n % 900 END",
    )
    first = Instrument.countries.through._default_manager.filter(instrument_id=made.instrument.pk).first()
    assert first is not None
    copy(first, begin, end, instrument_id=COPY, country_id=pick(CODES))
    account = _account(AccountKind.ASSURANCE_COVERAGE, made.instrument)
    _copy_account(account, begin, end, "n % 10 NOT IN (5, 7)")
    _copy_entries(account, begin, end)


def _copy_account(account: Account, begin: int, end: int, where: str = "") -> None:
    drawn = f"n % {max((account.ceiling or 2) * 9 // 10, 1)}"
    copy(account, begin, end, where=where, subject_id=f"({COPY})::text", drawn=drawn, reserved="0")


def _copy_entries(account: Account, begin: int, end: int) -> None:
    """More entries on the account itself."""
    source = Entry.objects.filter(account=account).order_by("sequence").first()
    assert source is not None
    copy(
        source,
        begin,
        end,
        sequence="1000 + n",
        kind=pick(["reserve", "release", "draw", "draw_reserved", "return"]),
        units="1",
        key="'bench-' || n",
        reason="'Bench entry ' || n",
        hash="md5(n::text) || md5(n::text)",
    )


def _account(kind: str, subject: Model) -> Account:
    return Account.objects.get(kind=kind, subject_id=str(subject.pk))


def _copy_visits(made: Made, begin: int, end: int) -> None:
    copy(made.visit.installation, begin, end, id=COPY, name="'Bench hall ' || n", country_id=pick(CODES))
    states = ["requested", "closed", "closed", "scheduled", "closed"]
    states += ["corrective_actions", "closed", "reported", "closed", "consented"]
    copy(
        made.visit,
        begin,
        end,
        id=COPY,
        status=pick(states),
        installation_id=COPY,
        candidate_id="NULL",
        follows_id="NULL",
        requested_at="now() - '200 days'::interval",
        due_at="now() + CASE WHEN n % 10 = 9 THEN - n % 90 - 1 ELSE n % 60 + 1 END * '1 day'::interval",
        arrived_at="CASE WHEN n % 10 NOT IN (0, 3, 9) THEN t.arrived_at END",
        left_at="CASE WHEN n % 10 NOT IN (0, 3, 9) THEN t.left_at END",
        closed_at="CASE WHEN n % 10 IN (1, 2, 4, 6, 8) THEN now() END",
    )
    # Each officer travels for five days in ten; the newest visits lie ahead, the others further and further back.
    officer = f"((n - 1) % {OFFICERS})"
    day = f"(current_date + 40 - 10 * ((n - 1) / {OFFICERS}) - {officer} % 10)"
    away, on_site = f"tstzrange({day}, {day} + 5)", f"tstzrange({day} + 1, {day} + 4)"
    schedule = made.visit.schedules.get()
    copy(schedule, begin, end, id=COPY, visit_id=COPY, on_site=on_site, away=away)
    copy(
        made.visit.engagements.get(),
        begin,
        end,
        visit_id=COPY,
        schedule_id=COPY,
        officer_id=f"{FIRST + 1} + {officer}",
        period=away,
    )


def _copy_commitments(made: Made, begin: int, end: int) -> None:
    states = ["in_force", "in_force", "in_force", "shortfall_waived", "in_force"]
    states += ["shortfall", "in_cure", "draft", "completed", "withdrawn"]
    copy(
        made.commitment,
        begin,
        end,
        id=COPY,
        title=_LABEL,
        status=pick(states),
        obligor_country_id=pick(CODES),
        ended_at="CASE WHEN n % 10 IN (8, 9) THEN now() END",
        end_reason="CASE WHEN n % 10 IN (8, 9) THEN 'It is over.' ELSE '' END",
    )
    milestone = made.commitment.milestones.earliest("due_on")
    copy(milestone, begin, end, id=COPY, commitment_id=COPY)
    entry = made.commitment.entries.filter(kind="pledged").first()
    assert entry is not None
    for kind, share in (("pledged", 1), ("contracted", 2), ("disbursed", 4)):
        copy(entry, begin, end, commitment_id=COPY, asset_id="NULL", kind=f"'{kind}'", units=f"t.units / {share} - n")
    shortfall = made.commitment.shortfalls.get()
    short = {"short": "1000 + n", "waived": "0", "closed_at": "NULL", "status": "'open'"}
    copy(shortfall, begin, end, where="n % 10 IN (5, 6)", commitment_id=COPY, milestone_id=COPY, **short)


def _copy_allocations(made: Made, begin: int, end: int) -> None:
    """For each country by name: what is in effect, what begins later, what is proposed, and periods that are over."""
    codes = made.countries
    slot = f"((n - 1) / {len(codes)})"
    copy(
        made.allocation,
        begin,
        end,
        id=COPY,
        country_id=pick(codes, "n - 1"),
        status=f"CASE WHEN {slot} = 3 THEN 'proposed' WHEN {slot} % 10 = 4 THEN 'declined' ELSE 'approved' END",
        is_waiting=f"{slot} = 3",
        starts_on=f"current_date + CASE {slot} WHEN 0 THEN -100 WHEN 1 THEN 200 ELSE -100 - 30 * {slot} END",
        ends_on=f"current_date + CASE {slot} WHEN 0 THEN 200 WHEN 1 THEN 230 ELSE -70 - 30 * {slot} END",
    )
    proposal = made.allocation.proposals.get()
    copy(proposal, begin, end, id=COPY, allocation_id=COPY)
    outcome = f"CASE {slot} % 10 WHEN 4 THEN 'declined' ELSE 'approved' END"
    copy(proposal.verdict, begin, end, where=f"{slot} <> 3", proposal_id=COPY, outcome=outcome)
    account = _account(AccountKind.ALLOCATION, made.allocation)
    _copy_account(account, begin, end, f"{slot} <> 3 AND {slot} % 10 <> 4")
    _copy_entries(account, begin, end)


def _copy_licenses(made: Made, begin: int, end: int) -> None:
    exporter = f"{FIRST} + 1 + n % {EXPORTERS}"
    copy(
        made.license.case.application,
        begin,
        end,
        id=COPY,
        reference="gen_random_uuid()",
        submission_key="'bench-' || n",
        transaction_digest="'bench-' || n",
        organization_id=exporter,
    )
    copy(made.license.case, begin, end, id=COPY, acn=f"'B' || ({COPY})", application_id=COPY)
    copy(
        made.license,
        begin,
        end,
        id=COPY,
        number=f"'D' || ({COPY})",
        case_id=COPY,
        organization_id=exporter,
        destination_id=pick(CODES),
        suspended_at="CASE WHEN n % 10 = 4 THEN now() END",
    )
    line = made.license.lines.get()
    copy(line, begin, end, id=COPY, license_id=COPY)
    _copy_account(_account(AccountKind.LICENSE_LINE_QUANTITY, line), begin, end)


def _copy_shipments(made: Made, begin: int, end: int) -> None:
    """More shipments of the license itself."""
    day = "t.shipped_on + n % 300"
    copy(
        made.shipment,
        begin,
        end,
        id=COPY,
        number="1 + n",
        key="'bench-' || n",
        reference=f"'Bench-' || ({COPY})",
        shipped_on=day,
    )
    copy(made.shipment.lines.get(), begin, end, shipment_id=COPY)


def _copy_holds(made: Made, begin: int, end: int) -> None:
    lifted = "CASE WHEN n % 2 = 1 THEN {} END"
    copy(
        made.hold,
        begin,
        end,
        id=COPY,
        scope_kind=pick(["license", "installation"], "n / 2"),
        scope_id=f"({COPY})::text",
        says=f"'Bench hold ' || ({COPY})",
        lifted_at=lifted.format("t.placed_at"),
        lifted_by_label="CASE WHEN n % 2 = 1 THEN 'Bench' ELSE '' END",
        lift_reason="CASE WHEN n % 2 = 1 THEN 'It was answered.' ELSE '' END",
    )
