"""An exporter gives a license up, on the portal and by a program: once, with a reason, and for good."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.statuses import Role
from deadlines.rules import day_of
from licensing.models import License
from tests.accounts.factories import organization, user
from tests.licensing import factories as make
from tests.portal.api.calling import assert_problem, program

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> make.People:
    make.load_rules()
    return make.people()


@pytest.fixture
def license_(who: make.People) -> License:
    return make.licensed(who, at=timezone.now()).license


@pytest.fixture
def client(who: make.People, client: Client) -> Client:
    client.force_login(who.applicant)
    return client


def page(license_: License) -> str:
    return reverse("portal:surrender", args=[license_.number])


def token(html: str) -> str:
    return re.search(r'name="token" value="([^"]+)"', html)[1]


def test_the_page_says_what_is_lost_and_the_license_ends(client: Client, license_: License) -> None:
    listed = reverse("portal:shipments", args=[license_.number])
    assert page(license_) in client.get(listed).content.decode()
    asked = client.get(page(license_)).content.decode()
    assert "752 chips that were not shipped" in asked
    sent = {"token": token(asked), "reason": "The buyer gave up."}
    answer = client.post(page(license_), sent, follow=True)
    assert "752 chips that were not shipped went back" in answer.content.decode()
    license_.refresh_from_db()
    assert license_.surrendered_at
    assert license_.end.says == "Surrendered: The buyer gave up."
    # The same button once more leads to the same place and changes nothing.
    assert client.post(page(license_), sent).status_code == 302
    assert page(license_) not in client.get(listed).content.decode()


def test_without_a_reason_nothing_ends(client: Client, license_: License) -> None:
    answer = client.post(page(license_), {"token": token(client.get(page(license_)).content.decode()), "reason": " "})
    assert answer.status_code == 400
    license_.refresh_from_db()
    assert license_.surrendered_at is None


def test_what_has_ended_cannot_be_given_up_and_says_so_before_anybody_types(client: Client, license_: License) -> None:
    sent = {"token": token(client.get(page(license_)).content.decode()), "reason": "The buyer gave up."}
    License.objects.filter(pk=license_.pk).update(revoked_at=timezone.now())
    told = "was revoked, so it has ended already"
    asked = client.get(page(license_)).content.decode()
    assert told in asked
    assert "<textarea" not in asked
    # From a page that was open before: refused, with what was typed.
    answer = client.post(page(license_), sent)
    assert answer.status_code == 409
    assert told in answer.content.decode()
    assert "The buyer gave up." in answer.content.decode()


def test_what_left_before_the_last_day_can_be_recorded_after_it(client: Client, who: make.People) -> None:
    at = timezone.now() - timedelta(days=30)
    case = make.countersigned(who, at=at)
    make.decide(case, who, at=at, expires_on=day_of(timezone.now()) - timedelta(days=10))
    case.refresh_from_db()
    listed = client.get(reverse("portal:shipments", args=[case.license.number])).content.decode()
    assert "Record a shipment" in listed
    assert "Give up the license" not in listed


def test_another_exporter_does_not_find_it(license_: License) -> None:
    stranger = Client()
    stranger.force_login(user(Role.EXPORTER_ADMIN, organization=organization()))
    assert stranger.get(page(license_)).status_code == 404
    assert stranger.post(page(license_), {"reason": "Mine."}).status_code == 404


def test_a_program_gives_a_license_up_once(who: make.People, license_: License) -> None:
    administrator = user(Role.EXPORTER_ADMIN, organization=who.organization)
    exporter = program(who.organization, created_by=administrator)
    address = f"/licenses/{license_.number}/surrender/"
    assert_problem(exporter.send(address, {"reason": ""}), 400, field="reason")
    answer = exporter.send(address, {"reason": "The buyer gave up."}, key="one")
    assert answer.status_code == 200, answer.content
    assert (answer.json()["license"], answer.json()["chips"]) == (license_.number, 752)
    assert exporter.send(address, {"reason": "The buyer gave up."}, key="one").json() == answer.json()
    assert_problem(exporter.send(address, {"reason": "Again."}, key="two"), 409)
