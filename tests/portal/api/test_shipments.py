"""A program records shipments, each once, and reads them; nothing is drawn for what is wrong."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts.statuses import Role
from deadlines.rules import day_of
from ledger.selectors import get_totals
from ledger.statuses import AccountKind
from licensing.models import License, Shipment
from portal.models import StoredAnswer
from registry.operations import place_hold
from tests.licensing import factories as make
from tests.portal.api.calling import Program, assert_problem, program

pytestmark = pytest.mark.django_db


@pytest.fixture
def license_(who: make.People) -> License:
    items = [make.chips("A100", 752), make.chips("H200", 40, "30000.00")]
    return make.licensed(who, at=timezone.now(), items=items).license


def below(license_: License, part: str = "") -> str:
    return f"/licenses/{license_.number}/shipments/{part}"


def a_line(**changes: Any) -> dict[str, Any]:
    return {"line": 1, "quantity": 100, "value_cents": 100 * 10_000_00, **changes}


def a_shipment(**changes: Any) -> dict[str, Any]:
    today = day_of(timezone.now()).isoformat()
    return {"shipped_on": today, "reference": "X20260501123456", "lines": [a_line()], **changes}


def left(license_: License) -> dict[int, int]:
    lines = list(license_.lines.all())
    totals = get_totals(AccountKind.LICENSE_LINE_QUANTITY, lines)
    return {line.line_no: totals[str(line.pk)][""].left or 0 for line in lines}


def test_a_shipment_is_recorded_under_the_key_of_its_request(exporter: Program, license_: License) -> None:
    answer = exporter.send(below(license_), a_shipment(), key="order-17")
    assert answer.status_code == 201, answer.content
    assert answer.headers["Location"] == f"/api/v1{below(license_, '1/')}"
    told = answer.json()
    assert told.pop("recorded_at")
    assert told == {
        "number": 1,
        "license": license_.number,
        "key": "order-17",
        "shipped_on": a_shipment()["shipped_on"],
        "reference": "X20260501123456",
        "late_reason": "",
        "chips": 100,
        "value_cents": 100_000_000,
        "lines": [{"line": 1, "model": "A100", "quantity": 100, "value_cents": 100_000_000}],
    }
    assert exporter.get(below(license_, "1/")).content == answer.content
    assert left(license_) == {1: 652, 2: 40}


def test_the_same_sent_again_is_the_same_shipment_even_when_its_answer_is_forgotten(
    exporter: Program, license_: License
) -> None:
    first = exporter.send(below(license_), a_shipment(), key="order-17")
    again = exporter.send(below(license_), a_shipment(), key="order-17")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    StoredAnswer.objects.all().delete()
    assert exporter.send(below(license_), a_shipment(), key="order-17").content == first.content
    StoredAnswer.objects.all().delete()
    other = exporter.send(below(license_), a_shipment(lines=[a_line(quantity=99)]), key="order-17")
    assert_problem(other, 422, field="Idempotency-Key", says="another content")
    assert license_.shipments.count() == 1


def test_shipments_are_walked_in_pages(exporter: Program, license_: License) -> None:
    assert exporter.get(below(license_)).json() == {"shipments": [], "after": None}
    for number in range(5):
        assert exporter.send(below(license_), a_shipment(reference=str(number))).status_code == 201
    seen, after = [], 0
    while after is not None:
        page = exporter.get(below(license_), {"limit": 2, "after": after}).json()
        seen += [each["number"] for each in page["shipments"]]
        after = page["after"]
    assert seen == [1, 2, 3, 4, 5]
    assert_problem(exporter.get(below(license_), {"limit": 0}), 400, field="limit")
    assert_problem(exporter.get(below(license_), {"after": "x"}), 400, field="after")


@pytest.mark.parametrize(
    ("line", "status", "field", "says"),
    [
        ({"quantity": -1}, 400, "lines/1/quantity", "whole number from 1 to 1,000,000,000, not -1"),
        ({"quantity": 0}, 400, "lines/1/quantity", "not 0"),
        ({"quantity": 1.5}, 400, "lines/1/quantity", "not 1.5"),
        ({"quantity": "5"}, 400, "lines/1/quantity", "the text “5”"),
        ({"quantity": True}, 400, "lines/1/quantity", "not true"),
        ({"quantity": 10**40}, 400, "lines/1/quantity", "a number that long"),
        ({"quantity": 753}, 422, "lines/1/quantity", "752 A100 left, and 753 were to be shipped"),
        ({"value_cents": 0}, 400, "lines/1/value_cents", "not 0"),
        ({"value_cents": -5}, 400, "lines/1/value_cents", "not -5"),
        ({"value_cents": 10**14}, 422, "lines/1/value_cents", "tolerance of 10 percent"),
        ({"line": 0}, 400, "lines[0].line", "not 0"),
        ({"line": None}, 400, "lines[0].line", "must not be null"),
        ({"line": 7}, 422, "lines/7/quantity", "It has no line 7"),
        ({"price": 1}, 400, "lines/1/price", "is not a field that is read here"),
    ],
)
def test_a_wrong_line_is_named_by_its_number_in_the_license(
    exporter: Program, license_: License, line: dict[str, Any], status: int, field: str, says: str
) -> None:
    assert_problem(exporter.send(below(license_), a_shipment(lines=[a_line(**line)])), status, field=field, says=says)
    assert not Shipment.objects.exists()
    assert left(license_) == {1: 752, 2: 40}


def test_a_wrong_second_line_is_named_wherever_it_stands_and_nothing_of_the_first_is_drawn(
    exporter: Program, license_: License
) -> None:
    for lines, status in (
        ([a_line(), a_line(line=2, quantity=0)], 400),
        ([a_line(line=2, quantity=0), a_line()], 400),
        ([a_line(), a_line(line=2, quantity=41)], 422),
    ):
        assert_problem(exporter.send(below(license_), a_shipment(lines=lines)), status, field="lines/2/quantity")
    assert left(license_) == {1: 752, 2: 40}


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"lines": []}, 400, "lines"),
        ({"lines": "all"}, 400, "lines"),
        ({"lines": ["all"]}, 400, "lines[0]"),
        ({"lines": [a_line(), a_line()]}, 400, "lines/1/line"),
        ({"lines": [a_line(line=number) for number in range(1, 52)]}, 400, "lines"),
        ({"shipped_on": "tomorrow"}, 400, "shipped_on"),
        ({"shipped_on": None}, 400, "shipped_on"),
        ({"shipped_on": "9999-12-31"}, 422, "shipped_on"),
        ({"shipped_on": "0001-01-01"}, 422, "shipped_on"),
        ({"reference": "x" * 101}, 400, "reference"),
        ({"reference": 5}, 400, "reference"),
        ({"late_reason": "x" * 2001}, 400, "late_reason"),
        ({"carrier": "By sea"}, 400, "carrier"),
    ],
)
def test_a_wrong_shipment_names_its_field(
    exporter: Program, license_: License, changes: dict[str, Any], status: int, field: str
) -> None:
    assert_problem(exporter.send(below(license_), a_shipment(**changes)), status, field=field)
    assert not Shipment.objects.exists()


def test_a_body_that_is_no_object_and_a_missing_key_are_told(exporter: Program, license_: License) -> None:
    assert_problem(exporter.send(below(license_), []), 400)
    assert_problem(exporter.send(below(license_), a_shipment(), key=""), 400, field="Idempotency-Key")
    assert_problem(exporter.send(below(license_), a_shipment(), key="a b"), 400, field="Idempotency-Key")
    assert not Shipment.objects.exists()


def test_a_shipment_before_the_license_began_is_refused(exporter: Program, who: make.People) -> None:
    day = (day_of(timezone.now()) - timedelta(days=1)).isoformat()
    license_ = make.licensed(who, at=timezone.now(), site="Hall 2").license
    answer = exporter.send(below(license_), a_shipment(shipped_on=day))
    assert_problem(answer, 422, field="shipped_on", says="allows shipments from")


def test_a_hold_is_told_without_what_staff_wrote(exporter: Program, who: make.People, license_: License) -> None:
    place_hold(
        scope=("license", str(license_.pk)),
        cause="investigation",
        says="The informant said so.",
        lifter_role=Role.LICENSING_DIRECTOR,
        by=who.officer,
        at=timezone.now(),
    )
    answer = exporter.send(below(license_), a_shipment())
    body = assert_problem(answer, 422, says="stopped shipments because of the license")
    assert "informant" not in str(body)


def test_another_organizations_license_and_one_that_was_never_issued_are_not_there(
    exporter: Program, stranger: Program, license_: License
) -> None:
    exporter.send(below(license_), a_shipment())
    for caller, number in ((stranger, license_.number), (exporter, "D999999"), (exporter, "%00"), (exporter, "x")):
        address = f"/licenses/{number}/shipments/"
        assert_problem(caller.get(address), 404)
        assert_problem(caller.get(f"{address}1/"), 404)
        assert_problem(caller.send(address, a_shipment()), 404)
    assert_problem(exporter.get(below(license_, f"{10**30}/")), 404)
    assert license_.shipments.count() == 1


def test_a_license_number_may_be_written_small(exporter: Program, license_: License) -> None:
    assert exporter.send(below(license_).lower(), a_shipment()).json()["license"] == license_.number


@pytest.mark.django_db(transaction=True)
def test_programs_that_send_the_same_at_once_record_one_shipment() -> None:
    make.load_rules(at=timezone.now())
    who = make.people()
    license_ = make.licensed(who, at=timezone.now()).license
    programs, body = [program(who.organization) for _ in range(6)], a_shipment()

    def send(caller: Program) -> int:
        try:
            return caller.send(below(license_), body, key="order-17").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, programs))
    # Whoever comes while it is being carried out is told to ask again.
    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert license_.shipments.count() == 1
    assert left(license_) == {1: 652}
