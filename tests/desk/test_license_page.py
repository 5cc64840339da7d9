"""The page of a license: what it stands on, what left under it, and what stops the next shipment."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.statuses import Role
from assurances import operations as assurances
from licensing import operations
from licensing.models import Case, License, Shipment, ShipmentLine
from licensing.operations import Shipped
from registry.operations import place_hold
from tests.accounts.factories import user
from tests.allocations import factories as allocations
from tests.licensing import factories as make

pytestmark = pytest.mark.django_db

SAUDI: dict[str, Any] = {"country": "SA", "items": [make.chips("GB300", 35_000)], "end_user": "Example Compute"}
Enter = Callable[[User], Client]


def address(license_: License) -> str:
    return f"/desk/licenses/{license_.number}/"


def issue(who: make.People, **fields: Any) -> tuple[License, Any]:
    """A license of today that stands on an instrument of its own, out of an allocation of 200,000."""
    at = timezone.now() - timedelta(hours=3)
    case = make.assigned(who, at=at, **{**SAUDI, **fields})
    instrument = make.meet(case, who, "government_assurance", at=at)
    sign_and_decide(case, who, at=at)
    return case.license, instrument


def sign_and_decide(case: Case, who: make.People, *, at: Any, **fields: Any) -> None:
    recommendation = make.recommend(case, who, at=at, **fields)
    make.countersign(
        recommendation, *[who.countersigner, who.second_countersigner][: recommendation.signatures_wanted], at=at
    )
    make.decide(case, who, at=at)
    case.refresh_from_db()


def suspend(instrument: Any) -> None:
    instrument.refresh_from_db()
    assurances.suspend_instrument(
        instrument=instrument,
        reason="The ministry denied access.",
        version=instrument.version,
        by=user(Role.ASSURANCE_OFFICER),
        at=timezone.now() - timedelta(minutes=1),
    )


def ship(license_: License, who: make.People, *, number: int = 1, chips: int = 1_000) -> None:
    at = timezone.now() - timedelta(minutes=30)
    operations.record_shipment(
        license=license_,
        shipped_on=timezone.localdate(at),
        lines={1: Shipped(chips, chips * 10_000_00)},
        key=str(number),
        by=who.applicant,
        at=at,
    )


@pytest.fixture
def allocation(who: make.People) -> Any:
    """200,000 chips for Saudi Arabia this year."""
    year = timezone.localdate().year
    return allocations.approved(
        allocations.People(), "SA", year=year, ceiling=200_000, at=timezone.now() - timedelta(hours=4)
    )


def test_shows_what_it_stands_on_and_that_chips_can_leave(who: make.People, enter: Enter, allocation: Any) -> None:
    license_, instrument = issue(who)
    page = enter(who.officer).get(address(license_)).text
    assert f'href="/desk/assurances/{instrument.pk}/"' in page
    assert "Stands" in page
    assert "35,000 chips can be shipped now." in page
    assert f"Allocation SA {timezone.localdate().year}" in page
    assert f'href="/desk/allocations/{allocation.pk}/entries/"' in page
    assert "35,000 chips of it for this license" in page
    assert f'href="/desk/assurances/{instrument.pk}/coverage/"' in page


def test_a_suspended_assurance_shows_on_the_license_the_register_and_the_holds_at_once(
    who: make.People, enter: Enter
) -> None:
    license_, instrument = issue(who)
    client = enter(who.officer)
    assert "No longer stands" not in client.get("/desk/licenses/").text
    suspend(instrument)
    page = client.get(address(license_)).text
    assert "No longer stands" in page
    assert "Nothing can be shipped now" in page
    assert f'lifted by itself when <a class="usa-link" href="/desk/assurances/{instrument.pk}/"' in page
    register = client.get("/desk/licenses/").text
    assert "No longer stands" in register
    assert "On hold" in register
    holds = client.get("/desk/holds/").text
    assert "or by itself, when" in holds
    assert f'href="/desk/assurances/{instrument.pk}/"' in holds
    assert f'href="{address(license_)}"' in holds
    assert "Government assurance lapsed" in holds


def test_an_instrument_that_ended_by_its_date_shows_without_any_job(who: make.People, enter: Enter) -> None:
    at = make.AT
    case = make.assigned(who, at=at, **SAUDI)
    instrument = make.instrument_for(case, at=at, to_on=(at + timedelta(days=30)).date())
    make.meet(case, who, "government_assurance", at=at, instrument=instrument)
    sign_and_decide(case, who, at=at)
    client = enter(who.officer)
    assert "Has ended" in client.get(address(case.license)).text
    assert "No longer stands" in client.get("/desk/licenses/").text


def test_shows_shipments_and_what_is_left(who: make.People, enter: Enter) -> None:
    license_, _ = issue(who)
    ship(license_, who)
    page = enter(who.officer).get(address(license_)).text
    assert "34,000 chips can be shipped now." in page
    assert ">1,000<" in page
    assert "Shipment 1:" in page


def test_tells_each_condition_of_the_license(who: make.People, enter: Enter) -> None:
    at = timezone.now() - timedelta(hours=3)
    case = make.assigned(who, at=at)
    make.waive_everything(case, who, at=at)
    conditions = ["Report every quarter.", "No re-export of <b>chips</b>."]
    sign_and_decide(case, who, at=at, action="approve_with_conditions", conditions=conditions)
    page = enter(who.officer).get(address(case.license)).text
    assert "Report every quarter." in page
    assert "No re-export of &lt;b&gt;chips&lt;/b&gt;." in page


def test_gives_the_links_to_place_and_to_lift_to_whom_they_are_for(who: make.People, enter: Enter) -> None:
    license_, _ = issue(who)
    hold = place_hold(
        scope=license_, cause="other", says="A seal was broken.", lifter_role=Role.LICENSING_DIRECTOR, by=who.officer,
        at=timezone.now(),
    )  # fmt: skip
    lift, place = f'href="/desk/holds/{hold.pk}/lift/"', f'href="/desk/holds/place/license/{license_.pk}/"'
    page = enter(who.officer).get(address(license_)).text
    assert "A seal was broken." in page
    assert "the licensing director lifts it" in page
    assert (lift in page, place in page) == (False, True)
    assert lift in enter(who.director).get(address(license_)).text
    assert place not in enter(user(Role.WAIVER_OFFICIAL)).get(address(license_)).text


@pytest.mark.parametrize(
    "role", [Role.EXPORTER_ADMIN, Role.EXPORTER_MEMBER, Role.AGENCY_REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR]
)
def test_is_shut_to_whom_it_does_not_concern(who: make.People, enter: Enter, role: Role) -> None:
    license_ = make.licensed(who).license
    response = enter(user(role)).get(address(license_))
    assert response.status_code == 403
    assert license_.verification_code not in response.text


@pytest.mark.parametrize("number", ["D999999", "D", "x" * 60, "%00"])
def test_that_is_not_there_is_not_found(who: make.People, enter: Enter, number: str) -> None:
    assert enter(who.officer).get(f"/desk/licenses/{number}/").status_code == 404


def test_asks_as_much_of_many_shipments_as_of_one(who: make.People, enter: Enter, allocation: Any) -> None:
    license_, instrument = issue(who)
    client = enter(who.director)
    client.get(address(license_))

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address(license_)).status_code == 200
        return len(asked)

    ship(license_, who, chips=10)
    few = count()
    many = Shipment.objects.bulk_create(
        Shipment(
            license=license_, number=number, key=f"{number}", shipped_on=timezone.localdate(), chips=1, value_cents=1,
            content_hash="", recorded_at=timezone.now(), recorded_by_label="A bulk load",
        )
        for number in range(2, 1_001)
    )  # fmt: skip
    line = license_.lines.get()
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, license_line=line, quantity=1, value_cents=1) for shipment in many
    )
    suspend(instrument)
    assert count() == few <= 20
    assert "The last 50 of 1,000." in client.get(address(license_)).text


def test_a_hold_of_what_fell_is_told_once(who: make.People, enter: Enter) -> None:
    license_, instrument = issue(who)
    suspend(instrument)
    page = enter(who.officer).get(address(license_)).text
    assert f"Nothing can be shipped now. “Letter of assurance for SA (G{instrument.pk:06})” no longer stands." in page
    assert page.count("A hold stands") == 1


def test_says_that_nothing_leaves_under_one_that_was_given_up(who: make.People, enter: Enter) -> None:
    license_, _ = issue(who)
    operations.surrender_license(
        license=license_, reason="The project ended.", by=who.applicant, at=timezone.now() - timedelta(minutes=1)
    )
    page = enter(who.officer).get(address(license_)).text
    assert "Surrendered: nothing more is shipped under it." in page
