"""What a license did not use goes back when it ends, once, to the period it came from."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts.permissions import NotPermitted
from accounts.rules import SYSTEM, Refused, Stale
from allocations.models import Allocation
from ledger.selectors import get_balance
from ledger.statuses import AccountKind
from licensing import operations
from licensing.models import License, LicenseEnd
from licensing.operations import Shipped
from registry.selectors import get_chip_counts, list_grounds_of
from tests.allocations import factories as allocations
from tests.licensing import factories as make

pytestmark = pytest.mark.django_db
NEXT = make.later(days=1)


@pytest.fixture
def who(db: None) -> make.People:
    make.load_rules()
    return make.people()


@pytest.fixture
def license_(who: make.People) -> License:
    allocations.approved(allocations.People(), "SA", ceiling=40_000)
    case = make.assigned(who, country="SA", items=[make.chips("GB300", 35_000)], end_user="Example Compute")
    make.meet(case, who, "government_assurance")
    make.countersign(make.recommend(case, who), who.countersigner)
    make.decide(case, who, expires_on=date(2026, 6, 1))
    case.refresh_from_db()
    license_ = case.license
    operations.record_shipment(
        license=license_,
        shipped_on=NEXT.date(),
        lines={1: Shipped(5_000, 5_000 * 10_000_00)},
        key="1",
        by=who.applicant,
        at=NEXT,
    )
    return license_


def used(license_: License) -> tuple[int, int, int]:
    """Chips drawn of the allocation, of the coverage, and on order at the installation."""
    allocation = get_balance(AccountKind.ALLOCATION, Allocation.objects.get(country="SA"))
    (ground,) = list_grounds_of(("license", str(license_.pk))) or [None]
    coverage = get_balance(AccountKind.ASSURANCE_COVERAGE, (ground.kind, ground.subject_id)) if ground else None
    assert allocation is not None
    assert license_.installation is not None
    return (
        allocation.drawn,
        coverage.drawn if coverage else -1,
        get_chip_counts(license_.installation).get("GB300", Any).licensed,
    )


def test_an_expired_license_gives_back_what_was_not_shipped_and_once(license_: License) -> None:
    assert used(license_) == (35_000, 35_000, 35_000)
    assert operations.end_expired_licenses(on=date(2026, 6, 1), by=SYSTEM, at=make.later(days=61)) == 0
    assert operations.end_expired_licenses(on=date(2026, 6, 2), by=SYSTEM, at=make.later(days=62)) == 1
    assert operations.end_expired_licenses(on=date(2026, 6, 2), by=SYSTEM, at=make.later(days=62)) == 0
    assert used(license_) == (5_000, -1, 5_000)
    assert license_.end.chips_returned == 30_000
    assert license_.end.kind == "expired"


def test_a_surrendered_license_ships_nothing_more(license_: License, who: make.People) -> None:
    operations.surrender_license(license=license_, reason="The buyer gave up.", by=who.applicant, at=NEXT)
    assert used(license_) == (5_000, -1, 5_000)
    with pytest.raises(Refused, match="was surrendered"):
        operations.record_shipment(
            license=license_,
            shipped_on=NEXT.date(),
            lines={1: Shipped(1, 1)},
            key="2",
            by=who.applicant,
            at=NEXT,
        )
    with pytest.raises(Stale, match="ended already"):
        operations.surrender_license(license=license_, reason="Again.", by=who.applicant, at=NEXT)


def test_only_the_licensee_surrenders_and_says_why(license_: License, who: make.People) -> None:
    with pytest.raises(NotPermitted):
        operations.surrender_license(license=license_, reason="x", by=who.officer, at=NEXT)
    with pytest.raises(Refused) as refusal:
        operations.surrender_license(license=license_, reason=" ", by=who.applicant, at=NEXT)
    assert refusal.value.field == "reason"


def test_an_end_stays_as_it_was_written(license_: License, who: make.People) -> None:
    end = operations.surrender_license(license=license_, reason="Given up.", by=who.applicant, at=NEXT)
    with pytest.raises(DatabaseError), transaction.atomic():
        LicenseEnd.objects.filter(pk=end.pk).update(chips_returned=0)
