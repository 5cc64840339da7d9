"""Shipments in the portal: typed, reviewed, recorded once, listed; and what stands in the way, told beforehand."""

import csv
import io
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import User
from accounts.rules import SYSTEM
from accounts.statuses import Role
from audit.models import Entry
from deadlines.rules import AGENCY_ZONE, day_of
from ledger.operations import open_account
from ledger.selectors import get_totals
from ledger.statuses import AccountKind
from licensing import operations
from licensing.models import Case, License, Shipment
from licensing.operations import Shipped
from licensing.selectors.shipments import SHIPMENTS_SHOWN
from registry.operations import place_hold, rely_on, set_ground
from registry.statuses import HoldCause
from tests.accounts.factories import organization, user
from tests.inspections import factories as visits
from tests.licensing import factories as make

pytestmark = pytest.mark.django_db
# Every page of the portal asks for the session, the person, their roles and their inbox.
CASE_BAR = 20
LIST_BAR = 8


def client_of(person: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(pk=person.pk))
    return client


def address(license_: License, part: str = "") -> str:
    return f"/portal/licenses/{license_.number}/shipments/{part}"


def typed(**changes: Any) -> dict[str, Any]:
    """A shipment as its form is filled in."""
    return {
        "key": str(uuid.uuid4()),
        "shipped_on": day_of(timezone.now()).isoformat(),
        "quantity_1": "100",
        "value_1": "1,000,000.00",
        "reference": "X20260501123456",
        "late_reason": "",
        **changes,
    }


def text(response: HttpResponse) -> str:
    return unescape(response.content.decode())


def left(license_: License) -> int:
    totals = get_totals(AccountKind.LICENSE_LINE_QUANTITY, list(license_.lines.all()))
    return sum(balance.left or 0 for items in totals.values() for balance in items.values())


@pytest.fixture
def who(db: None) -> make.People:
    make.load_rules(at=timezone.now())
    return make.people()


@pytest.fixture
def license_(who: make.People) -> License:
    return make.licensed(who, at=timezone.now()).license


@pytest.fixture
def client(who: make.People) -> Client:
    return client_of(who.applicant)


def test_a_license_that_can_be_used_offers_it_on_its_row_and_on_its_case(client: Client, license_: License) -> None:
    for page in ("/portal/licenses/", f"/portal/applications/{license_.case.application.reference}/case/"):
        assert f'href="{address(license_, "new/")}"' in text(client.get(page))


def test_the_review_says_what_will_be_left_and_records_nothing(client: Client, license_: License) -> None:
    before = Entry.objects.count()
    page = client.post(address(license_, "new/"), typed(act="review"))
    assert page.status_code == 200
    assert "After this, 652 of 752 A100 are left." in text(page)
    assert "Record this shipment of 100 chips" in text(page)
    assert not Shipment.objects.exists()
    assert (left(license_), Entry.objects.count()) == (752, before)


def test_what_was_reviewed_is_sent_on_by_the_page_itself_and_recorded(client: Client, license_: License) -> None:
    reviewed = text(client.post(address(license_, "new/"), typed(act="review")))
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', reviewed))
    hidden.pop("csrfmiddlewaretoken", None)
    answer = client.post(address(license_, "new/"), {**hidden, "act": "record"}, follow=True)
    assert "Shipment 1 was recorded: 100 A100." in text(answer)
    shipment = license_.shipments.get()
    assert (shipment.chips, shipment.value_cents, shipment.reference) == (100, 1_000_000_00, "X20260501123456")
    assert left(license_) == 652


def test_going_back_to_change_keeps_what_was_typed(client: Client, license_: License) -> None:
    page = client.post(address(license_, "new/"), typed(act="change", quantity_1="123"))
    assert page.status_code == 200
    assert 'value="123"' in text(page)
    assert "There is a problem" not in text(page)


def test_the_same_sent_twice_is_the_same_shipment_and_the_page_says_so(client: Client, license_: License) -> None:
    sent = typed(act="record")
    client.post(address(license_, "new/"), sent)
    again = client.post(address(license_, "new/"), sent, follow=True)
    assert "This was recorded already, as shipment 1" in text(again)
    assert license_.shipments.count() == 1
    # Back in the browser, and reviewed once more.
    assert "recorded already" in text(client.post(address(license_, "new/"), {**sent, "act": "review"}, follow=True))


def test_another_shipment_from_an_old_page_gets_a_key_of_its_own(client: Client, license_: License) -> None:
    sent = typed(act="record")
    client.post(address(license_, "new/"), sent)
    refused = client.post(address(license_, "new/"), {**sent, "quantity_1": "50"})
    assert refused.status_code == 409
    assert "has recorded a shipment already, with other figures" in text(refused)
    assert sent["key"] not in text(refused)
    assert license_.shipments.count() == 1


@pytest.mark.parametrize(
    ("changes", "status", "field", "says"),
    [
        ({"quantity_1": "-1"}, 400, "quantity_1", "a whole number of at least 1"),
        ({"quantity_1": "0", "value_1": ""}, 400, "quantity_1", "a whole number of at least 1"),
        ({"quantity_1": "", "value_1": ""}, 400, "quantity_1", "a whole number of at least 1"),
        ({"quantity_1": "1.5"}, 400, "quantity_1", "Enter a whole number"),
        ({"quantity_1": "many"}, 400, "quantity_1", "Enter a whole number"),
        ({"quantity_1": "9" * 30}, 400, "quantity_1", "Enter 1,000,000,000 or less."),
        ({"quantity_1": "9" * 5000}, 400, "quantity_1", "Enter a whole number"),
        ({"quantity_1": "753"}, 409, "quantity_1", "752 A100 left, and 753 were to be shipped"),
        ({"value_1": ""}, 400, "value_1", "Enter the value of what left, above zero."),
        ({"value_1": "-5"}, 400, "value_1", "Enter the value of what left, above zero."),
        ({"value_1": "0.001"}, 400, "value_1", "at most 2 digits after the point"),
        ({"value_1": "NaN"}, 400, "value_1", "Enter a number"),
        ({"value_1": "Infinity"}, 400, "value_1", "Enter a number"),
        ({"value_1": "999999999999.99"}, 409, "value_1", "the tolerance of 10 percent included"),
        ({"quantity_1": "", "value_1": "5"}, 400, "quantity_1", "Enter how many left"),
        ({"shipped_on": ""}, 400, "shipped_on", "Fill in"),
        ({"shipped_on": "2026-02-30"}, 400, "shipped_on", "Enter a day that exists"),
        ({"shipped_on": "9999-12-31"}, 409, "shipped_on", "not in the future"),
        ({"shipped_on": "0001-01-01"}, 409, "shipped_on", "allows shipments from"),
        ({"reference": "x" * 101}, 400, "reference", "Shorten it to 100 characters"),
        ({"reference": "a\x00b"}, 400, "reference", "cannot be stored"),
        ({"late_reason": "x" * 2001}, 400, "late_reason", "Shorten it to 2,000 characters"),
    ],
)
@pytest.mark.parametrize("act", ["review", "record"])
def test_wrong_input_is_told_beside_its_field_and_above_and_nothing_is_recorded(
    client: Client,
    license_: License,
    changes: dict[str, str],
    status: int,
    field: str,
    says: str,
    act: str,
) -> None:
    page = client.post(address(license_, "new/"), typed(act=act, **changes))
    assert page.status_code == status
    shown = text(page)
    assert says in shown[shown.index("cs-error-summary") : shown.index("<h1")]
    assert f'href="#id_{field}"' in shown
    beside = shown[shown.index(f'id="id_{field}_error"') :]
    assert says in beside[: beside.index("</div>")]
    assert 'value="X20260501123456"' in shown or field == "reference"
    assert not Shipment.objects.exists()
    assert left(license_) == 752


@pytest.mark.parametrize("key", ["", "x", "../../", "1" * 200])
def test_a_forged_key_is_refused_and_nothing_is_recorded(client: Client, license_: License, key: str) -> None:
    page = client.post(address(license_, "new/"), typed(act="record", key=key))
    assert page.status_code == 400
    assert "was damaged, so nothing was recorded" in text(page)
    assert not Shipment.objects.exists()


def test_a_line_that_the_license_does_not_have_is_not_read(client: Client, license_: License) -> None:
    client.post(address(license_, "new/"), typed(act="record", quantity_7="5", value_7="5"))
    assert [line.license_line.line_no for line in license_.shipments.get().lines.all()] == [1]


def test_a_late_shipment_says_why() -> None:
    earlier = timezone.now() - timedelta(days=60)
    make.load_rules(at=earlier)
    who = make.people()
    client, license_ = client_of(who.applicant), make.licensed(who, at=earlier).license
    day = day_of(timezone.now() - timedelta(days=45)).isoformat()
    refused = client.post(address(license_, "new/"), typed(act="record", shipped_on=day))
    assert refused.status_code == 409
    assert "left more than 30 days ago" in text(refused)
    client.post(address(license_, "new/"), typed(act="record", shipped_on=day, late_reason="Our broker told us late."))
    assert license_.shipments.get().late_reason == "Our broker told us late."


def test_several_lines_are_drawn_each_from_its_own(client: Client, who: make.People) -> None:
    items = [make.chips("A100", 300), make.chips("H200", 40, "30000.00")]
    license_ = make.licensed(who, at=timezone.now(), items=items, site="Hall 2").license
    for number, model in ((1, "A100"), (2, "H200")):
        assert f"{model}: how many left?" in text(client.get(address(license_, "new/"))), number
    page = client.post(
        address(license_, "new/"), typed(act="review", quantity_1="0", value_1="", quantity_2="39", value_2="1170000")
    )
    assert "After this, 1 of 40 H200 is left." in text(page)
    for changes in ({"quantity_1": "", "value_1": ""}, {"quantity_1": "0", "value_1": "", "quantity_2": "0"}):
        empty = client.post(address(license_, "new/"), typed(act="record", **changes))
        assert empty.status_code == 400
        assert "a whole number of at least 1 on at least one line" in text(empty)


# ── What stands in the way ───────────────────────────────────────────────────────────────────────


def hold(license_: License, who: make.People, cause: HoldCause, scope: tuple[str, str]) -> None:
    place_hold(
        scope=scope,
        cause=cause,
        says="The informant said so.",
        lifter_role=Role.LICENSING_DIRECTOR,
        by=who.officer,
        at=timezone.now(),
    )


def test_a_hold_is_told_before_anybody_types_without_what_staff_wrote(
    client: Client, license_: License, who: make.People
) -> None:
    hold(license_, who, HoldCause.INVESTIGATION, ("country", "SE"))
    page = text(client.get(address(license_, "new/")))
    assert "Nothing can be shipped under this license now" in page
    assert "stopped shipments because of the country" in page
    assert "informant" not in page
    assert "investigation" not in page.lower()
    assert "quantity_1" not in page
    sent = client.post(address(license_, "new/"), typed(act="record", quantity_1="123"))
    assert sent.status_code == 409
    assert 'value="123"' in text(sent)
    assert text(sent).count("stopped shipments because of the country") == 1
    assert "informant" not in text(sent)


def test_a_hold_whose_cause_is_the_licensees_to_know_names_it(
    client: Client, license_: License, who: make.People
) -> None:
    hold(license_, who, HoldCause.MISSING_REPORT, ("license", str(license_.pk)))
    assert "(report not received)" in text(client.get(address(license_, "new/")))


def test_a_suspended_assurance_is_told_once_and_without_its_reason(client: Client, license_: License) -> None:
    ground = ("assurances.instrument", "1")
    fields: dict[str, Any] = {
        "title": "Letter of assurance G000001",
        "until": None,
        "cause": HoldCause.ASSURANCE_LAPSED,
        "lifter_role": Role.LICENSING_DIRECTOR,
        "by": SYSTEM,
        "at": timezone.now(),
    }
    set_ground(subject=ground, stands=True, says="In force.", **fields)
    rely_on(
        subject=ground,
        dependent=("license", str(license_.pk)),
        label=license_.number,
        by=SYSTEM,
        at=timezone.now(),
    )
    assert "Nothing can be shipped" not in text(client.get(address(license_, "new/")))
    set_ground(subject=ground, stands=False, says="Suspended on suspicion of a transfer.", **fields)
    page = text(client.get(address(license_, "new/")))
    assert "stands on “Government-to-government assurance”, which does not stand at present" in page
    assert page.count("stopped shipments") == 0
    assert "suspicion" not in page
    assert "G000001" not in page


def test_an_open_condition_is_told_and_on_the_case_with_what_is_still_to_come(client: Client, who: make.People) -> None:
    case = make.countersigned(
        who, at=timezone.now(), country="CN", items=[make.chips("H20", 500)], end_user="Example Cloud"
    )
    make.decide(case, who, at=timezone.now())
    case.refresh_from_db()
    license_ = case.license
    assert "“National security conditions” is open" in text(client.get(address(license_, "new/")))
    requirement = case.requirements.get(name="national_security_conditions")
    operations.verify_condition(
        requirement=requirement, item="us_supply", says="Secret.", by=who.officer, at=timezone.now()
    )
    page = text(client.get(f"/portal/applications/{case.application.reference}/case/"))
    assert "1 of 5 are verified. Still to come: No diversion of foundry capacity;" in page
    assert "Secret." not in page


def release(license_: License, chips: int) -> None:
    open_account(
        kind=AccountKind.TRANCHE,
        subject=("licensing.license", str(license_.pk)),
        unit="chips",
        ceiling=chips,
        key="open",
        reason="For this test.",
        by=SYSTEM,
        at=timezone.now(),
    )


def test_what_a_tranche_releases_is_told_and_an_empty_one_stops(
    client: Client, license_: License, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(license_, 200)
    assert "752 of 752 chips are left; 200 of them are released now" in text(client.get(address(license_, "new/")))
    page = text(client.post(address(license_, "new/"), typed(act="review")))
    assert "After this, 652 of 752 A100 are left; the released tranche has 100 left." in page


def test_a_license_without_a_released_chip_says_so(client: Client, license_: License) -> None:
    release(license_, 0)
    page = text(client.get(address(license_, "new/")))
    assert "All chips that are released so far were shipped. The next tranche" in page


def test_everything_shipped_is_told(client: Client, license_: License) -> None:
    client.post(address(license_, "new/"), typed(act="record", quantity_1="752", value_1="7520000"))
    assert "Everything that license" in text(client.get(address(license_, "new/")))
    assert address(license_, "new/") not in text(client.get("/portal/licenses/"))


def test_a_surrendered_license_offers_no_shipment_and_says_why(
    client: Client, who: make.People, license_: License
) -> None:
    operations.surrender_license(license=license_, reason="The project ended.", by=who.applicant, at=timezone.now())
    assert "was surrendered, so nothing more can be shipped" in text(client.get(address(license_, "new/")))
    for page in ("/portal/licenses/", f"/portal/applications/{license_.case.application.reference}/case/"):
        assert address(license_, "new/") not in text(client.get(page))


# ── Whose it is ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("part", ["", "new/"])
def test_another_organizations_license_is_not_there(license_: License, part: str) -> None:
    stranger = client_of(user(Role.EXPORTER_MEMBER, organization=organization()))
    assert stranger.get(address(license_, part)).status_code == 404
    assert stranger.post(address(license_, "new/"), typed(act="record")).status_code == 404
    assert not Shipment.objects.exists()


@pytest.mark.parametrize("number", ["D999999", "x", "%00", "D 1", "é"])
def test_a_license_that_was_not_issued_is_not_there(client: Client, number: str) -> None:
    for part in ("", "new/"):
        assert client.get(f"/portal/licenses/{number}/shipments/{part}").status_code == 404
    assert client.post(f"/portal/licenses/{number}/shipments/new/", typed(act="record")).status_code == 404


def test_a_case_that_is_not_decided_offers_no_shipment(client: Client, who: make.People) -> None:
    case = make.assigned(who, at=timezone.now(), site="Hall 3")
    assert "Record a shipment" not in text(client.get(f"/portal/applications/{case.application.reference}/case/"))


@pytest.mark.django_db(transaction=True)
def test_two_browsers_that_send_the_same_page_record_one_shipment() -> None:
    make.load_rules(at=timezone.now())
    who = make.people()
    license_ = make.licensed(who, at=timezone.now()).license
    browsers, sent = [client_of(who.applicant) for _ in range(6)], typed(act="record")

    def send(browser: Client) -> int:
        try:
            return browser.post(address(license_, "new/"), sent).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(send, browsers)) == [302] * 6
    assert license_.shipments.count() == 1
    assert left(license_) == 652


# ── The list ─────────────────────────────────────────────────────────────────────────────────────


def ship(license_: License, who: make.People, number: int, reference: str = "") -> Shipment:
    return operations.record_shipment(
        license=license_,
        shipped_on=day_of(timezone.now()),
        lines={1: Shipped(1, 10_000_00)},
        key=str(number),
        reference=reference,
        by=who.applicant,
        at=timezone.now(),
    )


def test_the_list_comes_in_pages_and_loses_none(client: Client, license_: License, who: make.People) -> None:
    assert "No shipment recorded yet" in text(client.get(address(license_)))
    for number in range(SHIPMENTS_SHOWN + 2):
        ship(license_, who, number, reference=f"ITN-{number}.")
    first = text(client.get(address(license_)))
    onward = first.split('rel="next" href="')[1].split('"')[0]
    second = text(client.get(address(license_) + onward))
    for number in range(SHIPMENTS_SHOWN + 2):
        assert (f"ITN-{number}." in first) != (f"ITN-{number}." in second)
    assert 'rel="next"' not in second
    for damaged in ("?after=x", "?after=" + "9" * 40, "?after=-1", "?after=²"):
        assert client.get(address(license_) + damaged).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        client.get(address(license_))
    assert len(queries) <= LIST_BAR, len(queries)


def test_the_list_is_exported_whole_and_never_as_a_formula(client: Client, license_: License, who: make.People) -> None:
    ship(license_, who, 1, reference="=HYPERLINK()")
    ship(license_, who, 2)
    answer = client.get(address(license_), {"format": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows[1][:5] == ["Shipment", "Left on", "Items", "Chips", "Value (USD)"]
    assert [row[0] for row in rows[2:]] == ["2", "1"]
    assert (rows[3][2], rows[3][4], rows[3][5]) == ("1 A100", "10000", "'=HYPERLINK()")
    book = load_workbook(io.BytesIO(b"".join(client.get(address(license_), {"format": "xlsx"}).streaming_content)))
    assert book.active is not None
    assert book.active.max_row == 4
    assert client.get(address(license_), {"format": "pdf"}).status_code == 400


def test_the_form_asks_no_more_often_than_a_page_may(client: Client, license_: License) -> None:
    with CaptureQueriesContext(connection) as queries:
        client.get(address(license_, "new/"))
    assert len(queries) <= CASE_BAR, len(queries)


# ── Whom a requirement waits for ─────────────────────────────────────────────────────────────────


def case_page(client: Client, case: Case) -> str:
    return text(client.get(f"/portal/applications/{case.application.reference}/case/"))


def test_a_requirement_says_whom_it_waits_for_and_until_when_it_stands(client: Client, who: make.People) -> None:
    case = make.assigned(who, at=timezone.now(), country="SA", items=[make.chips("GB300", 35_000)])
    assert "Waiting for the Department of State" in case_page(client, case)
    instrument = make.instrument_for(case, at=timezone.now())
    page = case_page(client, case)
    assert "has given an assurance that is in force. The licensing officer has yet to accept it" in page
    assert instrument.number not in page
    make.meet(case, who, "government_assurance", at=timezone.now(), instrument=instrument)
    page = case_page(client, case)
    until = (instrument.until - timedelta(seconds=1)).astimezone(AGENCY_ZONE)
    assert f"Stands until {until:%B} {until.day}, {until.year}." in page
    assert "Waiting for the Department of State" not in page


def test_a_case_of_the_largest_tier_names_each_wait_within_its_budget(client: Client, who: make.People) -> None:
    case = make.assigned(who, at=timezone.now(), country="AE", items=[make.chips("GB300", 260_000)])
    visits.requested(visits.People(), place=case.application.installation, at=timezone.now())
    make.instrument_for(case, at=timezone.now())
    make.instrument_for(case, at=timezone.now(), kind="security_guarantee")
    case_page(client, case)
    with CaptureQueriesContext(connection) as queries:
        page = case_page(client, case)
    for words in ("investment commitment", "Security guarantee: ", "Or: "):
        assert words in page, words
    assert len(queries) <= CASE_BAR, [query["sql"][:150] for query in queries]


def test_a_closed_case_waits_for_nobody(client: Client, who: make.People) -> None:
    case = make.countersigned(who, at=timezone.now(), country="SA", items=[make.chips("GB300", 35_000)], action="deny")
    make.decide(case, who, at=timezone.now(), kind="deny")
    assert "Waiting for" not in case_page(client, case)
