"""What a license did not use when it ends goes back to where it came from."""

from datetime import date, datetime

from accounts.rules import Principal, Refused, Stale
from allocations.operations import give_back_chips
from allocations.selectors import get_taken
from assurances.operations import give_back_coverage
from audit.operations import operation, record
from deadlines.operations import cancel_deadline, notify
from deadlines.rules import day_of
from ledger.models import Account
from ledger.operations import give_back
from ledger.selectors import balance_of, get_account
from ledger.statuses import AccountKind
from licensing.addresses import on_desk
from licensing.models import License, LicenseEnd, LicenseLine
from licensing.permissions import check_can_file_for
from licensing.selectors.shipments import tell_end_of
from licensing.statuses import LicenseEndKind
from registry.operations import end_reliances
from registry.selectors import list_grounds_of
from registry.statuses import DependentKind

BATCH = 100


@operation
def end_expired_licenses(*, on: date, by: Principal, at: datetime, batch: int = BATCH) -> int:
    """Settle the licenses that expired before a day; answers how many. A second call finds nothing left to do.

    That a license has expired follows from its date alone; this returns what was not shipped under it.
    """
    expired = (
        License.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(expires_on__lt=on, end=None)
        .select_related("case", "case__application", "installation", "destination")
        .order_by("pk")[:batch]
    )
    ended = 0
    for license_ in expired:
        end_license(license_, LicenseEndKind.EXPIRED, says="It expired.", by=by, at=at)
        ended += 1
    return ended


def end_license(license_: License, kind: LicenseEndKind, *, says: str, by: Principal, at: datetime) -> LicenseEnd:
    """End a locked license: what is left of it goes back to the installation's count, the coverage and the country.

    The country's allocation comes last, as in every act.
    """
    left = _left(list(license_.lines.all()))
    chips = sum(left.values())
    end = LicenseEnd.objects.create(
        license=license_, kind=kind, chips_returned=chips, says=says, at=at, by_label=by.actor.label
    )
    number, reason = license_.number, f"Not shipped under {license_.number}. {says}"
    key = f"{number}/ended"
    for model, units in sorted(left.items()):
        account = (
            get_account(AccountKind.INSTALLATION_ORDERS, license_.installation, model)
            if license_.installation is not None
            else None
        )
        if account is not None and units:
            give_back(account=account, units=units, key=key, reason=reason, by=by, at=at)
    if chips:
        _return_coverage(license_, chips, key=key, reason=reason, by=by, at=at)
        _return_allocation(license_, chips, key=key, reason=reason, by=by, at=at)
    end_reliances(dependent=(DependentKind.LICENSE, str(license_.pk)), by=by, at=at)
    cancel_deadline(subject=license_, kind="license_expiry", by=by, at=at)
    record(
        subject=license_,
        verb=f"license.{kind}",
        says=f"{says} {chips:,} chips that were not shipped went back.",
        by=by,
        at=at,
        data={"chips": chips},
        covers=[end],
    )
    return end


@operation
def surrender_license(*, license: License, reason: str, by: Principal, at: datetime) -> LicenseEnd:
    """Give a license up: nothing more can be shipped under it, and what was not shipped goes back.

    An act of the licensee, done once. Raises NotPermitted, and Refused without a reason or once it has ended.
    """
    locked = (
        License.objects.select_for_update(of=("self",))
        .select_related("case", "case__application", "installation", "destination")
        .get(pk=license.pk)
    )
    check_can_file_for(by, organization_id=locked.organization_id)
    if not reason.strip():
        raise Refused("Say why the license is given up.", rule="license.surrender_says", field="reason")
    if ended := tell_end_of(locked, on=day_of(at)):
        raise Stale(ended, rule="license.ended_once")
    locked.surrendered_at = at
    locked.save(update_fields=["surrendered_at"])
    end = end_license(locked, LicenseEndKind.SURRENDERED, says=f"Surrendered: {reason.strip()}", by=by, at=at)
    if locked.case.officer is not None:
        notify(
            users=[locked.case.officer],
            kind="license_surrendered",
            says=f"{locked.number} was surrendered; {end.chips_returned:,} chips went back.",
            url=on_desk(locked.case),
            at=at,
        )
    return end


def _left(lines: list[LicenseLine]) -> dict[str, int]:
    """What was not shipped, by model. One query."""
    accounts = Account.objects.filter(
        kind=AccountKind.LICENSE_LINE_QUANTITY,
        subject_kind=LicenseLine._meta.label_lower,
        subject_id__in=[str(line.pk) for line in lines],
    )
    left = {account.subject_id: balance_of(account).left or 0 for account in accounts}
    models: dict[str, int] = {}
    for line in lines:
        models[line.model] = models.get(line.model, 0) + left.get(str(line.pk), 0)
    return models


def _return_coverage(license_: License, chips: int, *, key: str, reason: str, by: Principal, at: datetime) -> None:
    # Grounds are locked before instruments, as in every act; a security guarantee was never drawn from.
    for ground in list_grounds_of((DependentKind.LICENSE, str(license_.pk)), lock=True):
        account = get_account(AccountKind.ASSURANCE_COVERAGE, (ground.kind, ground.subject_id))
        if account is not None and account.drawn >= chips:
            give_back_coverage(instrument=ground.subject_id, units=chips, key=key, reason=reason, by=by, at=at)


def _return_allocation(license_: License, chips: int, *, key: str, reason: str, by: Principal, at: datetime) -> None:
    country = license_.destination_id
    drawn_as = next((each for each in (license_.number, f"{license_.number}/more") if get_taken(country, each)), None)
    if drawn_as is not None:
        give_back_chips(country=country, units=chips, key=key, reason=reason, drawn_as=drawn_as, by=by, at=at)
