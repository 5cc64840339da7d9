"""Anybody who holds a license can have it confirmed; nobody learns more than that."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.rules import SYSTEM
from ledger.operations import draw
from ledger.selectors import get_account
from ledger.statuses import AccountKind
from licensing import operations
from licensing.models import Exemption, License
from licensing.selectors.validation import get_validation
from licensing.statuses import LicenseStatus
from tests.licensing import factories

pytestmark = pytest.mark.django_db

END_USER = "Norrsken Compute AB"
SITE = "Luleå Hall 1"
ON = date(2026, 4, 2)
NOT_CONFIRMED = "This number and this code are not confirmed"


@pytest.fixture
def license_() -> License:
    factories.load_rules()
    case = factories.licensed(factories.people(), items=[factories.chips("GB300", 777, "43210.00")])
    return License.objects.get(case=case)


@pytest.fixture
def exemption() -> Exemption:
    factories.load_rules()
    who = factories.people()
    case = factories.assigned(who, safeguards=factories.MONITORED)
    return operations.accept_exemption(
        case=case, reasons="Both suffice.", version=case.version, by=who.officer, at=factories.AT
    )


def address(number: str) -> str:
    return reverse("validation:license", args=[number])


def test_a_license_is_confirmed_with_number_status_and_dates(client, license_):
    answer = client.get(address(license_.number), {"code": license_.verification_code})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert f"License {license_.number} exists" in page
    assert "Apr 1, 2026" in page
    assert "Apr 1, 2030" in page


def test_a_confirmation_names_nobody_and_nothing_licensed(client, license_):
    page = client.get(address(license_.number), {"code": license_.verification_code}).content.decode()
    case = license_.case
    for secret in (
        END_USER,
        SITE,
        "Luleå",
        "Sweden",
        "GB300",
        "3A090",
        "777",
        "43,210",
        case.acn,
        license_.organization.name,
        case.application.certifier_name,
        "weather",
    ):
        assert secret not in page


def test_a_selector_gives_five_facts_and_no_more(license_):
    found = get_validation(license_.number, license_.verification_code, ON)
    assert found is not None
    assert set(type(found).__slots__) == {"number", "kind", "status", "valid_from", "expires_on"}


def test_unknown_numbers_and_wrong_codes_get_one_answer(client, license_):
    wrong = client.get(address(license_.number), {"code": "2" * 12})
    unknown = client.get(address("D999999"), {"code": license_.verification_code})
    assert wrong.status_code == unknown.status_code == 404
    assert NOT_CONFIRMED in wrong.content.decode()
    same = wrong.content.decode().replace(license_.number, "D999999")
    assert same == unknown.content.decode()


def test_a_wrong_code_costs_as_many_queries_as_an_unknown_number(license_, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert get_validation(license_.number, "2" * 12, ON) is None
    with django_assert_num_queries(2):
        assert get_validation("D999999", "2" * 12, ON) is None


@pytest.mark.parametrize(
    "number", ["D1", "nothing", "D%2F%3Cscript%3E", "D000001'--", "%00", "D" * 300, "Ｄ０００００１", "D00000１"]
)
def test_a_malformed_number_gets_the_same_answer(client, number):
    answer = client.get(f"/validate/{number.replace('%2F', '')}/", {"code": "2" * 12})
    assert answer.status_code == 404
    assert NOT_CONFIRMED in answer.content.decode()
    assert "<script>" not in answer.content.decode()


@pytest.mark.parametrize("code", ["", " ", "é" * 12, "\x00", "7" * 5000])
def test_a_malformed_code_gets_the_same_answer(client, license_, code):
    answer = client.get(address(license_.number), {"code": code})
    assert answer.status_code == 404
    assert NOT_CONFIRMED in answer.content.decode()


def test_number_and_code_are_taken_as_people_type_them(client, license_):
    code = license_.verification_code
    typed = f" {code[:4].lower()} - {code[4:8]}-{code[8:]} "
    answer = client.get(
        reverse("validation:form"), {"number": f" {license_.number.lower()}", "code": typed}, follow=True
    )
    assert answer.status_code == 200
    assert f"License {license_.number} exists" in answer.content.decode()


def test_the_address_in_the_square_works_without_signing_in(client, license_):
    answer = client.get(f"/validate/{license_.number}/?code={license_.verification_code}")
    assert answer.status_code == 200


def test_without_a_code_the_number_is_filled_in(client, license_):
    answer = client.get(address(license_.number))
    assert answer.status_code == 200
    assert f'value="{license_.number}"' in answer.content.decode()
    assert NOT_CONFIRMED not in answer.content.decode()


def test_the_front_door_leads_a_number_to_its_address(client):
    answer = client.get(reverse("validation:form"), {"number": "d000042"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/validate/D000042/"


def test_an_empty_form_says_what_is_missing_and_keeps_what_was_typed(client):
    answer = client.get(reverse("validation:form"), {"number": "D12", "code": ""})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Enter the number as one letter and six digits" in page
    assert "Enter the code printed beside the square" in page
    assert 'value="D12"' in page


def test_a_bad_number_from_the_front_door_is_not_blamed_for_its_code(client):
    page = client.get(reverse("validation:form"), {"number": "12"}).content.decode()
    assert "Enter the number as one letter and six digits" in page
    assert "Enter the code printed beside the square" not in page


def test_no_search_engine_and_no_other_site_keeps_a_code(client, license_):
    answer = client.get(address(license_.number), {"code": license_.verification_code})
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]


def test_only_reading_is_possible(client):
    assert client.post(reverse("validation:form"), {"number": "D000001", "code": "2" * 12}).status_code == 405


def test_an_exemption_is_confirmed_too(client, exemption):
    answer = client.get(address(exemption.number), {"code": exemption.verification_code})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert f"Exemption {exemption.number} exists" in page
    assert "752" not in page
    assert END_USER not in page


def test_an_exemption_runs_out_after_its_last_day(exemption):
    last = get_validation(exemption.number, exemption.verification_code, exemption.lapses_on)
    after = get_validation(exemption.number, exemption.verification_code, exemption.lapses_on + timedelta(days=1))
    assert last is not None
    assert last.status == LicenseStatus.VALID
    assert after is not None
    assert after.status == LicenseStatus.EXPIRED


def test_a_license_expires_after_its_last_day(license_):
    last = get_validation(license_.number, license_.verification_code, license_.expires_on)
    after = get_validation(license_.number, license_.verification_code, license_.expires_on + timedelta(days=1))
    assert last is not None
    assert last.status == LicenseStatus.VALID
    assert after is not None
    assert after.status == LicenseStatus.EXPIRED


def test_a_license_whose_quantity_is_shipped_is_exhausted(license_):
    line = license_.lines.get()
    account = get_account(AccountKind.LICENSE_LINE_QUANTITY, line)
    assert account is not None
    draw(account=account, units=line.quantity, key="ship", reason="All shipped.", by=SYSTEM, at=factories.AT)
    found = get_validation(license_.number, license_.verification_code, ON)
    assert found is not None
    assert found.status == LicenseStatus.EXHAUSTED


@pytest.mark.parametrize("act", ["suspended", "revoked"])
def test_a_license_that_was_taken_back_says_so(client, license_, act):
    License.objects.filter(pk=license_.pk).update(**{f"{act}_at": factories.AT})
    page = client.get(address(license_.number), {"code": license_.verification_code}).content.decode()
    assert f"It is {act}." in page
