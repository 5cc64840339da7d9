"""What a case holds of a country's allocation and of an assurance's coverage, from recommendation to decision."""

from datetime import datetime

from accounts.rules import Principal, Refused
from allocations.operations import draw_chips, draw_reserved_chips, release_chips, reserve_chips
from allocations.selectors import get_allocation
from assurances.operations import draw_coverage, release_coverage, reserve_coverage
from investments.models import Commitment
from investments.operations import open_tranches
from ledger.statuses import AccountKind
from licensing.models import Case, License, RequirementAct, Reservation, TranchePlan
from licensing.selectors.evidence import COMMITMENT, get_track
from licensing.statuses import RequirementActKind, RequirementStatus
from registry.operations import end_reliances, rely_on
from registry.selectors import list_grounds_of
from registry.statuses import DependentKind
from rulebook.rules import Edition


def covering_instruments(case: Case, edition: Edition) -> list[str]:
    """The instruments whose coverage the case uses: those that its satisfied requirements stand on. One query."""
    acts = RequirementAct.objects.filter(
        requirement__case=case,
        requirement__status=RequirementStatus.SATISFIED,
        kind=RequirementActKind.SATISFIED,
        ground__kind="assurances.instrument",
    ).select_related("requirement", "ground")
    wanted = []
    for act in acts:
        row = get_track(edition, act.choice)
        if act.round == act.requirement.round and act.ground and row is not None and row.get("covers_units"):
            wanted.append(act.ground.subject_id)
    return sorted(set(wanted))


def reserve_for(case: Case, edition: Edition, *, units: int, version: int, by: Principal, at: datetime) -> None:
    """Hold what a recommendation to approve would use: the coverage first, the country's allocation last.

    What an older version held is given back before. Raises `ledger.rules.NotEnough` with what is left: nothing is
    ever cut in silence. Where a country has no allocation in effect, the edition says whether that means none.
    """
    release_all(case, by=by, at=at)
    key, reason = f"{case.acn}/v{version}", f"Recommended in {case.acn}, version {version}."
    for instrument in covering_instruments(case, edition):
        entry = reserve_coverage(instrument=instrument, units=units, key=key, reason=reason, by=by, at=at)
        _keep(case, entry.account_id, units, key, at=at)
    if _counts_against_allocation(case.destination_id, edition, at=at):
        entry = reserve_chips(country=case.destination_id, units=units, key=key, reason=reason, by=by, at=at)
        _keep(case, entry.account_id, units, key, at=at)


def let_go(case: Case, *, by: Principal, at: datetime) -> None:
    """A case that ends without a grant holds nothing, and stands on nothing any more."""
    release_all(case, by=by, at=at)
    end_reliances(dependent=(DependentKind.CASE, str(case.pk)), by=by, at=at)


def draw_exemption(case: Case, edition: Edition, *, units: int, number: str, by: Principal, at: datetime) -> None:
    """Use the country's allocation up for an exemption: exemptions count as licenses do."""
    if _counts_against_allocation(case.destination_id, edition, at=at):
        draw_chips(
            country=case.destination_id,
            units=units,
            key=number,
            reason=f"Exempt as {number} in {case.acn}.",
            by=by,
            at=at,
        )


def stand_license(case: Case, license_: License, edition: Edition, *, chips: int, by: Principal, at: datetime) -> None:
    """Let a new license stand on what its case stood on, release its first tranche, and use up what it was granted.

    Raises Stale when a ground fell meanwhile, NotEnough, and Refused where planned tranches do not come to what is
    granted.
    """
    dependent = (DependentKind.LICENSE, str(license_.pk))
    for ground in list_grounds_of((DependentKind.CASE, str(case.pk)), lock=True):
        rely_on(subject=(ground.kind, ground.subject_id), dependent=dependent, label=license_.number, by=by, at=at)
    end_reliances(dependent=(DependentKind.CASE, str(case.pk)), by=by, at=at)
    _open_tranches(case, license_, chips=chips, by=by, at=at)
    draw_all(case, edition, units=chips, number=license_.number, by=by, at=at)


def _open_tranches(case: Case, license_: License, *, chips: int, by: Principal, at: datetime) -> None:
    planned = [
        step
        for step in TranchePlan.objects.filter(requirement__case=case).select_related("requirement")
        if step.round == step.requirement.round and step.requirement.status == RequirementStatus.SATISFIED
    ]
    if not planned:
        return
    total = sum(step.chips for step in planned)
    if total != chips:
        raise Refused(
            f"The planned tranches release {total:,} chips and {chips:,} are granted. Reopen the requirement and plan "
            "tranches for what is granted.",
            rule="tranche.whole",
            field="lines",
        )
    act = (
        planned[0]
        .requirement.acts.filter(round=planned[0].round, kind=RequirementActKind.SATISFIED, ground__isnull=False)
        .select_related("ground")
        .get(ground__kind=COMMITMENT)
    )
    assert act.ground is not None
    open_tranches(
        commitment=Commitment.objects.get(pk=act.ground.subject_id),
        license=("licensing.license", str(license_.pk)),
        label=license_.number,
        steps=[(step.required, step.chips) for step in planned],
        by=by,
        at=at,
    )


def _counts_against_allocation(country: str, edition: Edition, *, at: datetime) -> bool:
    """Whether chips for a country count against an allocation; where none is set, `reserve_chips` refuses them."""
    return get_allocation(country, at) is not None or bool(edition.value("allocations.required"))


def _keep(case: Case, account_id: int, units: int, key: str, *, at: datetime) -> None:
    Reservation.objects.create(case=case, account_id=account_id, units=units, key=key, at=at)


def release_all(case: Case, *, by: Principal, at: datetime) -> None:
    """Give back all that a case holds: another recommendation, a denial, a return or a withdrawal."""
    for held in _open(case):
        _release(case, held, held.units, f"No longer held for {case.acn}.", by=by, at=at)
        _end(held, at=at)


def draw_all(case: Case, edition: Edition, *, units: int, number: str, by: Principal, at: datetime) -> None:
    """Use up what is granted, out of what the case holds; the rest is given back.

    What the case came to stand on after its recommendation is drawn from without a reservation. The country's
    allocation comes last in every act, so that no two decisions wait for each other.
    """
    held = {(each.account.kind, each.account.subject_id): each for each in _open(case)}
    for instrument in covering_instruments(case, edition):
        reservation = held.pop((AccountKind.ASSURANCE_COVERAGE, instrument), None)
        _draw_coverage(case, instrument, reservation, units, number, by=by, at=at)
    for (kind, _), reservation in list(held.items()):
        if kind == AccountKind.ASSURANCE_COVERAGE:
            _release(case, reservation, reservation.units, f"No longer used by {case.acn}.", by=by, at=at)
            _end(reservation, at=at)
    allocated = next((each for (kind, _), each in held.items() if kind == AccountKind.ALLOCATION), None)
    if allocated is not None or _counts_against_allocation(case.destination_id, edition, at=at):
        _draw_allocation(case, allocated, units, number, by=by, at=at)


def _draw_coverage(
    case: Case,
    instrument: str,
    reservation: Reservation | None,
    units: int,
    number: str,
    *,
    by: Principal,
    at: datetime,
) -> None:
    reason = f"Granted as {number} in {case.acn}."
    reserved = min(reservation.units, units) if reservation else 0
    if reserved:
        draw_coverage(
            instrument=instrument, units=reserved, key=number, reason=reason, from_reserved=True, by=by, at=at
        )
    if units > reserved:
        draw_coverage(
            instrument=instrument,
            units=units - reserved,
            key=f"{number}/more",
            reason=reason,
            from_reserved=False,
            by=by,
            at=at,
        )
    _settle(case, reservation, reserved, by=by, at=at)


def _draw_allocation(
    case: Case, reservation: Reservation | None, units: int, number: str, *, by: Principal, at: datetime
) -> None:
    country, reason = case.destination_id, f"Granted as {number} in {case.acn}."
    reserved = min(reservation.units, units) if reservation else 0
    if reservation and reserved:
        draw_reserved_chips(
            country=country, units=reserved, key=number, reason=reason, reserved_as=reservation.key, by=by, at=at
        )
    if units > reserved:
        draw_chips(country=country, units=units - reserved, key=f"{number}/more", reason=reason, by=by, at=at)
    _settle(case, reservation, reserved, by=by, at=at)


def _settle(case: Case, reservation: Reservation | None, used: int, *, by: Principal, at: datetime) -> None:
    if reservation is None:
        return
    if reservation.units > used:
        _release(case, reservation, reservation.units - used, f"Not granted in {case.acn}.", by=by, at=at)
    _end(reservation, at=at)


def _release(case: Case, held: Reservation, units: int, reason: str, *, by: Principal, at: datetime) -> None:
    key = f"{held.key}/released"
    if held.account.kind == AccountKind.ASSURANCE_COVERAGE:
        release_coverage(instrument=held.account.subject_id, units=units, key=key, reason=reason, by=by, at=at)
    else:
        release_chips(
            country=case.destination_id,
            units=units,
            key=key,
            reason=reason,
            reserved_as=held.key,
            by=by,
            at=at,
        )


def _open(case: Case) -> list[Reservation]:
    return list(case.reservations.filter(ended_at__isnull=True).select_related("account").order_by("id"))


def _end(reservation: Reservation, *, at: datetime) -> None:
    reservation.ended_at = at
    reservation.save(update_fields=["ended_at"])
