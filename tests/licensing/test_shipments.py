"""Shipments: recorded once, drawn from the license, stopped by whatever stands in the way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction

from accounts.permissions import NotPermitted
from accounts.rules import SYSTEM, Refused
from accounts.statuses import Role
from audit.verification import verify
from ledger.selectors import get_balance
from ledger.statuses import AccountKind
from licensing import operations
from licensing.models import License, Shipment
from licensing.operations import Shipped
from registry.operations import lift_hold, place_hold, rely_on, set_ground
from registry.statuses import HoldCause
from tests.accounts.factories import organization, user
from tests.licensing import factories as make

pytestmark = pytest.mark.django_db

NEXT = make.later(days=1)


def licensed(who: make.People, **fields: Any) -> License:
    make.load_rules()
    return make.licensed(who, **fields).license


def ship(license_: License, who: make.People, *, chips: int = 100, **changes: Any) -> Shipment:
    """A shipment of some chips at the licensed price."""
    usual: dict[str, Any] = {
        "shipped_on": NEXT.date(),
        "lines": {1: Shipped(chips, chips * 10_000_00)},
        "key": "1",
        "by": who.applicant,
        "at": NEXT,
    }
    return operations.record_shipment(license=license_, **{**usual, **changes})


def left(license_: License, kind: str = AccountKind.LICENSE_LINE_QUANTITY) -> int:
    balance = get_balance(kind, license_.lines.get())
    assert balance is not None
    return balance.left or 0


@pytest.fixture
def who(db: None) -> make.People:
    make.load_rules()
    return make.people()


@pytest.fixture
def license_(who: make.People) -> License:
    return make.licensed(who).license


def test_a_shipment_draws_quantity_and_value(license_: License, who: make.People) -> None:
    shipment = ship(license_, who)
    assert (shipment.number, shipment.chips, shipment.value_cents) == (1, 100, 100 * 10_000_00)
    assert left(license_) == 652
    assert left(license_, AccountKind.LICENSE_LINE_VALUE) == 652 * 10_000_00
    assert verify().intact


def test_the_same_sent_again_is_the_same_shipment(license_: License, who: make.People) -> None:
    assert ship(license_, who) == ship(license_, who)
    assert left(license_) == 652
    with pytest.raises(Refused, match="another content") as refusal:
        ship(license_, who, chips=101)
    assert refusal.value.field == "key"


def test_the_same_export_filing_sent_under_another_key_is_the_same_shipment(
    license_: License, who: make.People
) -> None:
    first = ship(license_, who, reference="X20260402000001")
    assert ship(license_, who, reference=" X20260402000001", key="another") == first
    assert left(license_) == 652
    assert ship(license_, who, reference="X20260402000002", key="another") != first
    assert left(license_) == 552


def test_another_organization_is_turned_away(license_: License) -> None:
    stranger = make.People(applicant=user(Role.EXPORTER_MEMBER, organization=organization()))
    with pytest.raises(NotPermitted):
        ship(license_, stranger)
    assert not Shipment.objects.exists()


def test_staff_do_not_ship(license_: License, who: make.People) -> None:
    with pytest.raises(NotPermitted):
        ship(license_, who, by=who.officer)


def test_quantity_has_no_tolerance(license_: License, who: make.People) -> None:
    with pytest.raises(Refused, match="752 A100 left, and 753 were to be shipped") as refusal:
        ship(license_, who, lines={1: Shipped(753, 1)})
    assert refusal.value.field == "quantity_1"
    assert left(license_) == 752


def test_value_may_be_passed_by_its_tolerance_and_no_further(license_: License, who: make.People) -> None:
    worth = 752 * 10_000_00
    with pytest.raises(Refused, match="tolerance of 10 percent") as refusal:
        ship(license_, who, lines={1: Shipped(700, worth * 110 // 100 + 1)})
    assert refusal.value.field == "value_1"
    assert left(license_, AccountKind.LICENSE_LINE_VALUE) == worth
    ship(license_, who, lines={1: Shipped(700, worth * 110 // 100)})
    assert left(license_, AccountKind.LICENSE_LINE_VALUE) == 0


def test_a_hold_on_the_license_its_place_or_its_country_stops_it_until_it_is_lifted(
    license_: License, who: make.People
) -> None:
    for scope in (("license", str(license_.pk)), license_.installation, ("country", "SE")):
        hold = place_hold(
            scope=scope,
            cause=HoldCause.INVESTIGATION,
            says="Under investigation.",
            lifter_role=Role.LICENSING_DIRECTOR,
            by=who.officer,
            at=NEXT,
        )
        with pytest.raises(Refused, match="stopped shipments") as refusal:
            ship(license_, who)
        assert "Under investigation" not in refusal.value.reason  # the text among staff is not the licensee's
        lift_hold(hold=hold, reason="Cleared.", by=who.director, at=NEXT)
    assert ship(license_, who).number == 1


def stand(license_: License, *, stands: bool = True, until: datetime | None = None, at: datetime = NEXT) -> None:
    set_ground(
        subject=("assurances.instrument", "1"),
        title="Letter of assurance",
        stands=stands,
        says="In force." if stands else "Suspended on suspicion of a transfer.",
        until=until,
        cause=HoldCause.ASSURANCE_LAPSED,
        lifter_role=Role.LICENSING_DIRECTOR,
        by=SYSTEM,
        at=at,
    )
    if stands:
        rely_on(
            subject=("assurances.instrument", "1"),
            dependent=("license", str(license_.pk)),
            label=license_.number,
            by=SYSTEM,
            at=at,
        )


def test_what_the_license_stands_on_stops_it_the_moment_it_falls(license_: License, who: make.People) -> None:
    stand(license_)
    ship(license_, who)
    stand(license_, stands=False)
    with pytest.raises(Refused, match="Government-to-government assurance”, which does not stand") as refusal:
        ship(license_, who, key="2")
    assert not any("suspicion" in finding.says for finding in refusal.value.findings)
    stand(license_)
    assert ship(license_, who, key="2").number == 2


def test_a_ground_that_ended_by_its_date_stops_it_without_any_job(license_: License, who: make.People) -> None:
    stand(license_, until=NEXT + timedelta(hours=1))
    ship(license_, who)
    with pytest.raises(Refused, match="does not stand at present"):
        ship(license_, who, key="2", at=NEXT + timedelta(hours=1))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"shipped_on": NEXT.date() + timedelta(days=1)}, "shipped_on"),
        ({"shipped_on": date(2026, 3, 1), "late_reason": "x"}, "shipped_on"),
        ({"lines": {}}, "lines"),
        ({"lines": {2: Shipped(1, 1)}}, "quantity_2"),
        ({"lines": {1: Shipped(-1, 1)}}, "lines"),
        ({"lines": {1: Shipped(1, 0)}}, "lines"),
        ({"key": " "}, "key"),
    ],
)
def test_wrong_input_is_refused_beside_its_field_and_nothing_is_saved(
    license_: License, who: make.People, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        ship(license_, who, **changes)
    assert refusal.value.field == field
    assert not Shipment.objects.exists()
    assert left(license_) == 752


def test_a_shipment_stays_as_it_was_recorded(license_: License, who: make.People) -> None:
    shipment = ship(license_, who)
    with pytest.raises(DatabaseError), transaction.atomic():
        Shipment.objects.filter(pk=shipment.pk).update(chips=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        Shipment.objects.filter(pk=shipment.pk).delete()


def test_national_security_conditions_gate_the_shipment_and_are_verified_one_by_one(who: make.People) -> None:
    case = make.countersigned(who, country="CN", items=[make.chips("H20", 500)], end_user="Example Cloud")
    make.decide(case, who)
    case.refresh_from_db()
    license_, requirement = case.license, case.requirements.get(name="national_security_conditions")
    with pytest.raises(Refused, match="National security conditions” is open"):
        ship(license_, who)
    items = ["us_supply", "foundry_capacity", "volume_share", "recipient_security", "third_party_test"]
    for item in items:
        operations.verify_condition(requirement=requirement, item=item, says="On file.", by=who.officer, at=NEXT)
        requirement.refresh_from_db()
        assert requirement.status == ("satisfied" if item == items[-1] else "open")
    assert ship(license_, who).number == 1


def test_a_condition_is_verified_once_with_words_and_by_the_officer(who: make.People) -> None:
    case = make.assigned(who, country="CN", items=[make.chips("H20", 500)], end_user="Example Cloud")
    requirement = case.requirements.get(name="national_security_conditions")

    def verify(**changes: Any) -> None:
        usual: dict[str, Any] = {"item": "us_supply", "says": "On file.", "by": who.officer, "at": NEXT}
        operations.verify_condition(requirement=requirement, **{**usual, **changes})

    verify()
    for changes, words in (
        ({}, "verified already"),
        ({"item": "no_such"}, "Choose one of the conditions"),
        ({"item": "volume_share", "says": " "}, "Say what shows"),
    ):
        with pytest.raises(Refused, match=words):
            verify(**changes)
    with pytest.raises(NotPermitted):
        verify(item="volume_share", by=who.director)


@pytest.mark.django_db(transaction=True)
def test_twenty_shipments_at_once_ship_exactly_what_was_licensed() -> None:
    make.load_rules()
    who = make.people()
    license_ = make.licensed(who).license

    def one(number: int) -> bool:
        try:
            ship(license_, who, chips=100, key=str(number))
        except Refused:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(one, range(20)))
    assert sum(outcomes) == 7
    assert left(license_) == 52
    assert sorted(license_.shipments.values_list("number", flat=True)) == list(range(1, 8))
