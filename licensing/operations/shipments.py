"""Recording what was shipped under a license: it draws from the license's ledger, inside what is released."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max

from accounts.rules import Principal, Refused
from audit.operations import operation, record
from deadlines.operations import notify
from deadlines.rules import day_of
from investments.operations import draw_tranche
from ledger.models import Account
from ledger.operations import draw, raise_ceiling
from ledger.rules import NotEnough
from ledger.selectors import balance_of
from ledger.statuses import AccountKind
from licensing.addresses import on_desk
from licensing.models import License, LicenseLine, Shipment, ShipmentLine
from licensing.permissions import check_can_file_for
from licensing.rules import ShipmentFacts, check_shipment, content_hash, license_status, tolerance
from licensing.selectors.evidence import get_edition_of
from licensing.selectors.shipments import tell_hold, weigh_ground
from registry.selectors import list_grounds_of, list_holds

from .ending import refuse_unmet
from .scopes import scopes_of_license


@dataclass(frozen=True, slots=True)
class Shipped:
    """What left of one line: chips, and their value in US cents."""

    quantity: int
    value_cents: int


@operation
def record_shipment(
    *,
    license: License,
    shipped_on: date,
    lines: Mapping[int, Shipped],
    key: str,
    reference: str = "",
    late_reason: str = "",
    by: Principal,
    at: datetime,
) -> Shipment:
    """Record a shipment and draw it from the license, its value and its released tranche (EAR 750.7(f)).

    The same key with the same content is the shipment that is there, and so is the same content of the same export
    filing under another key; the same key with another content is refused. Raises
    NotPermitted for another organization, and Refused with every rule that is not met: an open requirement, a
    ground that fell, a hold, dates, more than is left.
    """
    locked = (
        License.objects.select_for_update(of=("self",))
        .select_related("case", "case__application", "case__officer", "installation", "destination")
        .get(pk=license.pk)
    )
    check_can_file_for(by, organization_id=locked.organization_id)
    wanted = {line: shipped for line, shipped in lines.items() if shipped.quantity or shipped.value_cents}
    digest = _digest(shipped_on, wanted, reference)
    if not key.strip():
        raise Refused("A shipment needs a key of your own, so that it can be sent again.", field="key")
    before = locked.shipments.filter(key=key).first()
    if before is None and reference.strip():
        # One export filing is one shipment, also where a form and a program both sent it, each with a key of its own.
        before = locked.shipments.filter(content_hash=digest).first()
    if before is not None:
        if before.content_hash != digest:
            raise Refused(
                f"Shipment {before.number} was recorded with this key and another content. Use a new key for another "
                "shipment.",
                rule="shipment.key",
                field="key",
            )
        return before
    rows = {line.line_no: line for line in locked.lines.all()}
    accounts = _accounts(rows)
    _check(locked, rows, accounts, wanted, shipped_on=shipped_on, late_reason=late_reason, at=at)
    chips = sum(shipped.quantity for shipped in wanted.values())
    shipment = Shipment.objects.create(
        license=locked,
        number=(locked.shipments.aggregate(last=Max("number"))["last"] or 0) + 1,
        key=key,
        shipped_on=shipped_on,
        reference=reference.strip(),
        late_reason=late_reason.strip(),
        chips=chips,
        value_cents=sum(shipped.value_cents for shipped in wanted.values()),
        content_hash=digest,
        recorded_at=at,
        recorded_by_label=by.actor.label,
    )
    drawn = ShipmentLine.objects.bulk_create(
        ShipmentLine(
            shipment=shipment,
            license_line=rows[line],
            quantity=shipped.quantity,
            value_cents=shipped.value_cents,
        )
        for line, shipped in sorted(wanted.items())
    )
    reason = f"Shipment {shipment.number} under {locked.number}."
    ledger_key = f"shipment-{shipment.number}"
    draw_tranche(
        license=("licensing.license", str(locked.pk)), units=chips, key=ledger_key, reason=reason, by=by, at=at
    )
    for line, shipped in sorted(wanted.items()):
        _draw_line(locked, rows[line], accounts[line], shipped, key=ledger_key, reason=reason, by=by, at=at)
    record(
        subject=locked,
        verb="license.shipped",
        says=f"Shipment {shipment.number}: {chips:,} chips left on {shipped_on:%B} {shipped_on.day}, "
        f"{shipped_on.year}.",
        by=by,
        at=at,
        data={"shipment": shipment.number, "chips": chips},
        covers=[shipment, *drawn],
    )
    if locked.case.officer is not None:
        notify(
            users=[locked.case.officer],
            kind="license_shipped",
            says=f"{locked.number}: {chips:,} chips were shipped.",
            url=on_desk(locked.case),
            at=at,
        )
    return shipment


def _digest(shipped_on: date, lines: Mapping[int, Shipped], reference: str) -> str:
    return content_hash(
        {
            "shipped_on": shipped_on.isoformat(),
            "reference": reference.strip(),
            "lines": {str(line): [each.quantity, each.value_cents] for line, each in sorted(lines.items())},
        }
    )


def _accounts(rows: Mapping[int, LicenseLine]) -> dict[int, dict[str, Account]]:
    """The quantity and the value account of each line, in one query."""
    found = Account.objects.filter(
        kind__in=[AccountKind.LICENSE_LINE_QUANTITY, AccountKind.LICENSE_LINE_VALUE],
        subject_kind=LicenseLine._meta.label_lower,
        subject_id__in=[str(row.pk) for row in rows.values()],
    )
    by_subject: dict[str, dict[str, Account]] = {}
    for account in found:
        by_subject.setdefault(account.subject_id, {})[account.kind] = account
    return {line: by_subject[str(row.pk)] for line, row in rows.items()}


def _left(accounts: Mapping[str, Account], kind: str) -> int:
    return balance_of(accounts[kind]).left or 0


def _check(
    license_: License,
    rows: Mapping[int, LicenseLine],
    accounts: Mapping[int, Mapping[str, Account]],
    wanted: Mapping[int, Shipped],
    *,
    shipped_on: date,
    late_reason: str,
    at: datetime,
) -> None:
    today = day_of(at)
    dependent = ("license", str(license_.pk))
    facts = ShipmentFacts(
        license_number=license_.number,
        status=license_status(
            on=shipped_on,
            valid_from=license_.valid_from,
            expires_on=license_.expires_on,
            suspended=license_.suspended_at is not None,
            revoked=license_.revoked_at is not None,
            surrendered=license_.surrendered_at is not None,
            quantity_left=sum(_left(each, AccountKind.LICENSE_LINE_QUANTITY) for each in accounts.values()),
        ),
        issued_on=license_.valid_from,
        expires_on=license_.expires_on,
        recorded_on=today,
        shipped_on=shipped_on,
        longest_past_days=get_edition_of(license_.case).value("shipments.longest_past_days"),
        late_reason=late_reason,
        quantities={line: each.quantity for line, each in wanted.items()},
        values={line: each.value_cents for line, each in wanted.items()},
        known_lines=frozenset(rows),
        requirements=[
            (title, status)
            for title, status in license_.case.requirements.filter(gates="shipment").values_list("title", "status")
        ],
        # Locked: what a license stands on cannot fall between this look and the draw.
        grounds=[weigh_ground(ground, at) for ground in list_grounds_of(dependent, lock=True)],
        holds=[tell_hold(hold) for hold in list_holds(scopes_of_license(license_))],
    )
    refuse_unmet(check_shipment(facts))


def _draw_line(
    license_: License,
    row: LicenseLine,
    accounts: Mapping[str, Account],
    shipped: Shipped,
    *,
    key: str,
    reason: str,
    by: Principal,
    at: datetime,
) -> None:
    quantity, value = accounts[AccountKind.LICENSE_LINE_QUANTITY], accounts[AccountKind.LICENSE_LINE_VALUE]
    percent = get_edition_of(license_.case).value("license.value_tolerance_percent")
    allowed = tolerance(row.value_cents, percent=percent, quantity_left=balance_of(quantity).left or 0)
    try:
        draw(account=quantity, units=shipped.quantity, key=key, reason=reason, by=by, at=at)
    except NotEnough as refused:
        raise Refused(
            f"Line {row.line_no} has {refused.left:,} {row.model} left, and {shipped.quantity:,} were to be shipped. "
            "Quantity has no tolerance: ship what is left, or apply for more.",
            rule="shipment.quantity_left",
            field=f"quantity_{row.line_no}",
        ) from refused
    left = balance_of(value).left or 0
    if shipped.value_cents > left and value.ceiling == row.value_cents and allowed:
        raise_ceiling(
            account=value,
            units=allowed,
            key="tolerance",
            reason=f"Shipping tolerance of {percent} percent on value (15 CFR 750.11).",
            by=by,
            at=at,
        )
    try:
        draw(account=value, units=shipped.value_cents, key=key, reason=reason, by=by, at=at)
    except NotEnough as refused:
        raise Refused(
            f"Line {row.line_no} allows ${refused.left / 100:,.2f} more, the tolerance of {percent} percent "
            f"included, and this shipment is worth ${shipped.value_cents / 100:,.2f}. Correct the value, or apply for "
            "a replacement license.",
            rule="shipment.value_left",
            field=f"value_{row.line_no}",
        ) from refused
