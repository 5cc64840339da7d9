"""What was shipped under a license, what still can be, and what stands in the way, as its licensee may know it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch

from accounts.rules import Principal
from deadlines.rules import day_of
from investments.selectors import get_tranche_balance
from ledger.rules import Balance
from ledger.selectors import get_totals
from ledger.statuses import AccountKind
from licensing.models import License, LicenseLine, Shipment, ShipmentLine
from licensing.permissions import check_is_exporter
from licensing.rules import Finding, ShipmentFacts, check_shipment, license_status, tell_ended
from licensing.statuses import LicenseStatus
from registry.models import Ground, Hold
from registry.selectors import list_grounds_of, list_holds
from registry.statuses import HoldCause, HoldScope

from .evidence import get_edition_of

SHIPMENTS_SHOWN = 50
# What no shipment can change: the rules that speak of the license, and not of what is to be recorded.
_OF_THE_LICENSE = ("shipment.license_usable", "shipment.requirement", "shipment.ground", "shipment.no_hold")
# What a license stands on, by the kind of its ground, in words without a number, a name or a finding.
_GROUNDS = {
    "assurances.instrument": "Government-to-government assurance",
    "inspections.installation": "Site visit",
    "investments.commitment": "Investment in United States AI data centers",
}
# Causes that concern what the licensee knows of. Any other may come from an inquiry of which nothing is told.
_TOLD_CAUSES = (
    HoldCause.VISIT_FINDING,
    HoldCause.MISSING_REPORT,
    HoldCause.ASSURANCE_LAPSED,
    HoldCause.COMMITMENT_MISSED,
)
_WITH_LINES = Prefetch("lines", ShipmentLine.objects.select_related("license_line"))
_ASK = "Your licensing officer can say what is waited for."


@dataclass(frozen=True, slots=True)
class ShippableLine:
    """A licensed line and what is left of it: chips, and US cents without any tolerance."""

    line: LicenseLine
    quantity_left: int
    value_cents_left: int


@dataclass(frozen=True, slots=True)
class ShippingPage:
    """A license as somebody about to record a shipment sees it.

    `obstacles` stop every shipment until they are gone. `released` is what its tranches release (ceiling) and what of
    that was shipped (drawn); None where it is not released in tranches.
    """

    license: License
    status: LicenseStatus
    lines: list[ShippableLine]
    released: Balance | None
    obstacles: list[str]
    longest_past_days: int
    today: date

    @property
    def quantity(self) -> int:
        """All chips that the license allows."""
        return sum(each.line.quantity for each in self.lines)

    @property
    def left(self) -> int:
        """Chips that are left of the license, released or not."""
        return sum(each.quantity_left for each in self.lines)


@dataclass(frozen=True, slots=True)
class ShipmentsPage:
    """Some shipments of a license, and where the next ones begin (empty on the last page)."""

    rows: list[Shipment]
    after: str


def get_own_license(*, number: str, by: Principal) -> License:
    """A license of this organization by its number; case does not matter.

    Raises License.DoesNotExist for anybody else's, as if it were not there, and NotPermitted for who is not an
    exporter's.
    """
    check_is_exporter(by)
    if not (number.isascii() and number.isalnum()):
        raise License.DoesNotExist
    return License.objects.select_related("case__application", "destination", "installation").get(
        number=number.upper(), organization=by.organization_id
    )


def get_shipping_page(*, number: str, by: Principal, at: datetime) -> ShippingPage:
    """What of a license can be shipped, and what stands in the way. Raises License.DoesNotExist for others'."""
    license_ = get_own_license(number=number, by=by)
    lines = _read_lines(license_)
    released = get_tranche_balance(("license", str(license_.pk)))
    longest_past_days = get_edition_of(license_.case).value("shipments.longest_past_days")
    today = day_of(at)
    status = _status_of(license_, lines, today)
    return ShippingPage(
        license=license_,
        status=status,
        lines=lines,
        released=released,
        obstacles=_list_obstacles(license_, status, lines, released, longest_past_days, today, at),
        longest_past_days=longest_past_days,
        today=today,
    )


def list_shipments(*, license: License, after: str = "", size: int = SHIPMENTS_SHOWN) -> ShipmentsPage:
    """Shipments of an own license with their lines, the newest first; `after` is where the page before ended.

    Two queries.
    """
    found = license.shipments.prefetch_related(_WITH_LINES).order_by("-number")
    if after.isascii() and after.isdecimal():
        found = found.filter(number__lt=min(int(after[:18]), 2**31 - 1))
    rows = list(found[: size + 1])
    return ShipmentsPage(rows[:size], str(rows[size - 1].number) if len(rows) > size else "")


def list_shipments_from(*, number: str, by: Principal, after: int, limit: int) -> ShipmentsPage:
    """Up to `limit` shipments of an own license that follow on the one numbered `after`, the oldest first.

    Raises License.DoesNotExist for other people's.
    """
    license_ = get_own_license(number=number, by=by)
    found = license_.shipments.prefetch_related(_WITH_LINES).order_by("number")
    rows = list(found.filter(number__gt=min(after, 2**31 - 1))[: limit + 1])
    return ShipmentsPage(rows[:limit], str(rows[limit - 1].number) if len(rows) > limit else "")


def get_shipment(*, number: str, shipment: int, by: Principal) -> Shipment:
    """A shipment of an own license with its lines. Raises License.DoesNotExist or Shipment.DoesNotExist."""
    license_ = get_own_license(number=number, by=by)
    return license_.shipments.prefetch_related(_WITH_LINES).get(number=shipment)


def tell_end_of(license_: License, *, on: date) -> str:
    """Why a license has ended by a day; empty while it can be given up. It reads nothing."""
    return tell_ended(
        license_.number,
        on=on,
        expires_on=license_.expires_on,
        revoked=license_.revoked_at is not None,
        surrendered=license_.surrendered_at is not None,
    )


def can_ship(license_: License, *, left: int, on: date) -> bool:
    """Whether a license can still be used on a day, by its dates and what is left of it. It reads nothing."""
    return _status_of_left(license_, left, on) == LicenseStatus.VALID


def weigh_ground(ground: Ground, at: datetime) -> tuple[str, bool, str]:
    """What a license stands on, whether it stands, and what its licensee may read of that."""
    return _GROUNDS.get(ground.kind, "Evidence for a requirement"), ground.stands_at(at), _ASK


def tell_hold(hold: Hold) -> str:
    """What a licensee may read of a hold: its cause where that is theirs to know, never the text among staff."""
    what = {HoldScope.LICENSE: "license", HoldScope.INSTALLATION: "installation", HoldScope.COUNTRY: "country"}.get(
        HoldScope(hold.scope_kind), "parties to the license"
    )
    cause = HoldCause(hold.cause)
    why = f" ({cause.label.lower()})" if cause in _TOLD_CAUSES else ""
    return f"the Department of Commerce has stopped shipments because of the {what}{why}. {_ASK}"


def _read_lines(license_: License) -> list[ShippableLine]:
    rows = list(license_.lines.all())
    quantities = get_totals(AccountKind.LICENSE_LINE_QUANTITY, rows)
    values = get_totals(AccountKind.LICENSE_LINE_VALUE, rows)
    return [
        ShippableLine(row, quantities[str(row.pk)][""].left or 0, values[str(row.pk)][""].left or 0) for row in rows
    ]


def _status_of(license_: License, lines: Sequence[ShippableLine], on: date) -> LicenseStatus:
    return _status_of_left(license_, sum(each.quantity_left for each in lines), on)


def _status_of_left(license_: License, left: int, on: date) -> LicenseStatus:
    return LicenseStatus(
        license_status(
            on=on,
            valid_from=license_.valid_from,
            expires_on=license_.expires_on,
            suspended=license_.suspended_at is not None,
            revoked=license_.revoked_at is not None,
            surrendered=license_.surrendered_at is not None,
            quantity_left=left,
        )
    )


def _list_obstacles(
    license_: License,
    status: LicenseStatus,
    lines: Sequence[ShippableLine],
    released: Balance | None,
    longest_past_days: int,
    today: date,
    at: datetime,
) -> list[str]:
    """The sentences of the rules that no shipment could meet now, and what they do not speak of: nothing released."""
    grounds = list_grounds_of(("license", str(license_.pk)))
    fallen = {ground.hold_cause for ground in grounds if not ground.stands_at(at)}
    facts = ShipmentFacts(
        license_number=license_.number,
        status=status,
        issued_on=license_.valid_from,
        expires_on=license_.expires_on,
        recorded_on=today,
        shipped_on=today,
        longest_past_days=longest_past_days,
        late_reason="",
        quantities={},
        values={},
        known_lines=frozenset(each.line.line_no for each in lines),
        requirements=list(license_.case.requirements.filter(gates="shipment").values_list("title", "status")),
        grounds=[weigh_ground(ground, at) for ground in grounds],
        # A ground that fell has placed its hold: one sentence tells of both.
        holds=[
            tell_hold(hold)
            for hold in list_holds(_scopes_of(license_))
            if not (hold.scope_kind == HoldScope.LICENSE and hold.cause in fallen)
        ],
    )
    found: tuple[Finding, ...] = check_shipment(facts)
    obstacles = [each.says for each in found if not each.met and each.rule in _OF_THE_LICENSE]
    if status == LicenseStatus.NOT_YET_VALID:
        obstacles += [each.says for each in found if each.rule == "shipment.in_validity"]
    if released is not None and not released.left and status != LicenseStatus.EXHAUSTED:
        obstacles.append(
            "All chips that are released so far were shipped. The next tranche is released once more of the investment "
            f"that the license stands on is verified. {_ASK}"
        )
    return list(dict.fromkeys(obstacles))


def _scopes_of(license_: License) -> list[tuple[str, str]]:
    """On what a hold can stand in the way of a license. One query."""
    application = license_.case.application
    parties = application.parties.exclude(party=None).values_list("party_id", flat=True)
    return [
        ("license", str(license_.pk)),
        ("country", license_.case.destination_id),
        ("installation", str(application.installation_id)),
        *(("party", str(party)) for party in sorted(set(parties))),
    ]
