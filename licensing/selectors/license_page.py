"""Everything a license page shows, read before the template starts, in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject

from accounts.rules import Principal
from allocations.models import Allocation
from allocations.selectors import SUBJECT
from audit.models import Entry as JournalEntry
from audit.selectors import list_entries_of
from deadlines.rules import day_of
from investments.selectors import TrancheReading, get_tranche_balance, list_tranches
from ledger.models import Account, Entry
from ledger.rules import Balance
from ledger.statuses import AccountKind
from licensing.models import ApplicationParty, Letter, License, LicenseCondition, Requirement, Shipment, ShipmentLine
from licensing.permissions import check_is_staff_of_cases
from licensing.rules import Ceiling, license_status
from licensing.selectors.books import Book
from licensing.selectors.case_page.lines import LetterLine, LicensedLine
from licensing.selectors.case_page.reads import read_letters, read_licensed
from licensing.selectors.grounds import INSTRUMENT, GroundLine, read_ground
from licensing.statuses import LicenseStatus, RequirementStatus
from registry.models import Ground, Hold
from registry.selectors import list_grounds_of, list_holds
from registry.statuses import DependentKind
from rulebook.rules import Edition
from rulebook.selectors import get_operating_edition

# Shipments and lines of the timeline on one page; a shipment counts its own number, so that none is lost from sight.
SHIPPED = 50
TIMELINE = 200


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """A shipment with what of each line it held: (line number, model, chips, US cents)."""

    shipment: Shipment
    lines: list[tuple[int, str, int, int]]


@dataclass(frozen=True, slots=True)
class LicensePage:
    """A license with all that belongs to it."""

    license: License
    status: LicenseStatus
    lines: list[LicensedLine]
    conditions: list[tuple[int, str]]
    grounds: list[GroundLine]
    coverage: list[Book]
    allocation: tuple[Allocation, int] | None
    holds: list[Hold]
    requirements: list[tuple[str, str]]
    released: Balance | None
    tranches: list[TrancheReading]
    shipments: list[ShipmentRow]
    letters: list[LetterLine]
    journal: list[JournalEntry]

    @property
    def licensed(self) -> int:
        """Chips that were licensed."""
        return sum(line.quantity.ceiling or 0 for line in self.lines)

    @property
    def shipped(self) -> int:
        """Chips that left under it."""
        return sum(line.quantity.drawn for line in self.lines)

    @property
    def left(self) -> int:
        """Chips that were licensed and have not left."""
        return sum(line.quantity.left or 0 for line in self.lines)

    @property
    def fallen(self) -> list[GroundLine]:
        """What it stands on and what no longer stands."""
        return [ground for ground in self.grounds if not ground.stands]

    @property
    def ready(self) -> int:
        """Chips that could be shipped now, were nothing in the way: what is left, inside what is released."""
        return self.left if self.released is None else min(self.left, self.released.left or 0)

    def list_stops(self) -> list[str]:
        """What stops a shipment now, each in a sentence; nothing where one can leave."""
        stops = []
        if self.status != LicenseStatus.VALID:
            stops.append(f"The license is {self.status.label.lower()}.")
        stops += [f"“{ground.title}” no longer stands." for ground in self.fallen]
        stops += [f"“{title}” is open." for title, status in self.requirements if status == RequirementStatus.OPEN]
        fallen = {(ground.kind, ground.subject_id) for ground in self.fallen}
        stops += [
            f"A hold stands: {hold.says}"
            for hold in self.holds
            # The hold of what fell is told once, as its fall.
            if hold.ground is None or (hold.ground.kind, hold.ground.subject_id) not in fallen
        ]
        if self.released is not None and self.left and not self.released.left:
            stops.append("Everything that was released has been shipped.")
        return stops


def get_license_page(*, number: str, by: Principal, at: datetime) -> LicensePage:
    """All that the desk shows of a license. Raises License.DoesNotExist, and NotPermitted for others than Commerce."""
    check_is_staff_of_cases(by)
    license_ = _read_license(number)
    row: Any = license_
    lines = read_licensed(license_)
    left = sum(line.quantity.left or 0 for line in lines)
    grounds = list_grounds_of((DependentKind.LICENSE, str(license_.pk)))
    subject = ("licensing.license", str(license_.pk))
    released = get_tranche_balance(subject)
    edition = get_operating_edition(at)
    return LicensePage(
        license=license_,
        status=_status(license_, left=left, at=at),
        lines=lines,
        conditions=[(each["number"], each["text"]) for each in row.condition_lines],
        grounds=_read_grounds(grounds, at=at, edition=edition),
        coverage=_read_coverage(grounds, edition),
        allocation=_read_allocation(license_),
        holds=list(list_holds(_scopes(license_)).select_related("ground")),
        requirements=[(each["title"], each["status"]) for each in row.gating],
        released=released,
        tranches=list_tranches(subject) if released is not None else [],
        shipments=_read_shipments(license_),
        letters=read_letters(license_),
        journal=list(list_entries_of([subject])[:TIMELINE]),
    )


def _read_license(number: str) -> License:
    conditions = LicenseCondition.objects.filter(license=OuterRef("pk")).order_by("number")
    letters = Letter.objects.filter(case=OuterRef("case")).order_by("id")
    gating = Requirement.objects.filter(case=OuterRef("case"), gates="shipment").order_by("position")
    parties = ApplicationParty.objects.filter(application__case=OuterRef("case"), party__isnull=False)
    return (
        License.objects.select_related(
            "organization",
            "destination",
            "installation",
            "installation__operator",
            "installation__country",
            "case",
            "case__application",
            "case__officer",
        )
        .annotate(
            condition_lines=ArraySubquery(conditions.values(line=JSONObject(number="number", text="text"))),
            letter_lines=ArraySubquery(letters.values(line=JSONObject(id="id", kind="kind", title="title", at="at"))),
            gating=ArraySubquery(gating.values(line=JSONObject(title="title", status="status"))),
            party_ids=ArraySubquery(parties.order_by("party").values("party").distinct()),
        )
        .get(number=number.upper())
    )


def _status(license_: License, *, left: int, at: datetime) -> LicenseStatus:
    # As everywhere: the day on which a license is used is a day in Washington.
    return LicenseStatus(
        license_status(
            on=day_of(at),
            valid_from=license_.valid_from,
            expires_on=license_.expires_on,
            suspended=license_.suspended_at is not None,
            revoked=license_.revoked_at is not None,
            surrendered=license_.surrendered_at is not None,
            quantity_left=left,
        )
    )


def _read_grounds(grounds: list[Ground], *, at: datetime, edition: Edition) -> list[GroundLine]:
    return [read_ground(ground, at=at, edition=edition) for ground in grounds]


def _read_coverage(grounds: list[Ground], edition: Edition) -> list[Book]:
    """What is left of the instruments on which it stands, whoever uses them. One query, and none without one."""
    titles = {ground.subject_id: ground.title for ground in grounds if ground.kind == INSTRUMENT}
    if not titles:
        return []
    accounts = Account.objects.filter(
        kind=AccountKind.ASSURANCE_COVERAGE, subject_kind=INSTRUMENT, subject_id__in=sorted(titles)
    ).order_by("pk")
    return [
        Book(
            int(account.subject_id),
            titles[account.subject_id],
            Ceiling(account.ceiling, account.reserved, account.drawn),
        )
        for account in accounts
    ]


def _read_allocation(license_: License) -> tuple[Allocation, int] | None:
    """The allocation that the license was drawn from, and how many chips. At most two queries."""
    drawn = Entry.objects.filter(
        account__kind=AccountKind.ALLOCATION,
        account__subject_kind=SUBJECT,
        key__in=[license_.number, f"{license_.number}/more"],
    ).values_list("account__subject_id", "units")
    units: dict[str, int] = {}
    for subject, count in drawn:
        units[subject] = units.get(subject, 0) + count
    if not units:
        return None
    allocation = Allocation.objects.select_related("country").get(pk=min(units))
    return allocation, units[str(allocation.pk)]


def _scopes(license_: Any) -> list[tuple[str, str]]:
    """The license itself, and what its case can be held by."""
    return [
        ("license", str(license_.pk)),
        ("country", license_.destination_id),
        ("installation", str(license_.installation_id)),
        *(("party", str(party)) for party in license_.party_ids),
    ]


def _read_shipments(license_: License) -> list[ShipmentRow]:
    held = ShipmentLine.objects.filter(shipment=OuterRef("pk")).order_by("license_line__line_no")
    fields = {
        "number": F("license_line__line_no"),
        "model": F("license_line__model"),
        "quantity": F("quantity"),
        "value_cents": F("value_cents"),
    }
    rows = license_.shipments.annotate(held=ArraySubquery(held.values(line=JSONObject(**fields)))).order_by("-number")
    return [
        ShipmentRow(row, [(each["number"], each["model"], each["quantity"], each["value_cents"]) for each in row.held])
        for row in rows[:SHIPPED]
    ]
