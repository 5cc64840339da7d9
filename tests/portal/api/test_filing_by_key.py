"""A program files with its organization's key: rightly, wrongly, twice, and for somebody else."""

import json
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from accounts.models import ApiKey
from licensing.models import Application, Case
from tests.accounts.factories import api_key
from tests.licensing import factories as make

pytestmark = pytest.mark.django_db

DRAFT: dict[str, Any] = {
    "parties": [
        {
            "role": role,
            "name": "Norrsken Compute AB",
            "address": "1 Example Road",
            "city": "Luleå",
            "country": "SE",
            "headquarters": "SE",
        }
        for role in ("purchaser", "ultimate_consignee", "end_user")
    ],
    "installation": {"name": "Hall 1", "address": "2 Example Road", "city": "Luleå", "country": "SE"},
    "items": [{"eccn": "3A090.a", "model": "A100", "quantity": 752, "unit_price": "12000.00"}],
    "end_use": "Training of weather models for the national service, by its own staff.",
}
ADDRESS = "/api/v1/applications/"


@pytest.fixture
def who() -> make.People:
    make.load_rules()
    return make.people()


@pytest.fixture
def secret(who) -> str:
    return api_key(organization=who.organization)[1]


def call(method: str, path: str, secret: str = "", body: Any = None, key: str = "", **headers: str) -> Any:
    """One call as a program makes it; `key` is the idempotency key."""
    sent = {"Authorization": f"Bearer {secret}"} if secret else {}
    if key:
        sent["Idempotency-Key"] = key
    content = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    return getattr(Client(), method)(path, headers={**sent, **headers}, **content)


def create(secret: str, key: str = "", **changes: Any) -> Any:
    return call("post", ADDRESS, secret, {**DRAFT, **changes}, key or uuid.uuid4().hex)


def certification(version: int) -> dict[str, Any]:
    return {"name": "A. Person", "title": "Manager", "certified": True, "version": version}


def test_an_application_is_created_submitted_and_followed(secret):
    draft = create(secret).json()
    assert draft["lacking"] == []
    where = f"{ADDRESS}{draft['reference']}/"
    filed = call("post", f"{where}submit/", secret, certification(draft["version"]), "file")
    assert filed.status_code == 201, filed.content
    case = Case.objects.get()
    assert filed.json()["case"]["acn"] == case.acn
    assert call("get", f"{where}status/", secret).json()["determination"]["tier"] == "small"
    assert call("get", f"{where}requirements/", secret).status_code == 200
    assert call("get", ADDRESS, secret).json()["applications"][0]["case"]["acn"] == case.acn


def test_the_same_key_gives_the_same_answer_and_makes_one_application(secret):
    first, second = create(secret, "again"), create(secret, "again")
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert Application.objects.count() == 1
    other = create(secret, "again", end_use="Something else entirely, with the same key as before.")
    assert other.status_code == 422
    assert Application.objects.count() == 1


def test_a_write_without_an_idempotency_key_is_refused(secret):
    response = call("post", ADDRESS, secret, DRAFT)
    assert response.status_code == 400
    assert "Idempotency-Key" in response.json()["detail"]
    assert not Application.objects.exists()


def item(**changes: Any) -> dict[str, Any]:
    return {**DRAFT["items"][0], **changes}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"items": [item(quantity=0)]}, "items[0].quantity"),
        ({"items": [item(quantity=-1)]}, "items[0].quantity"),
        ({"items": [item(quantity=1.5)]}, "items[0].quantity"),
        ({"items": [item(quantity="5")]}, "items[0].quantity"),
        ({"items": [item(quantity=True)]}, "items[0].quantity"),
        ({"items": [item(quantity=10**30)]}, "items[0].quantity"),
        ({"items": [item(unit_price="-1.00")]}, "items[0].unit_price"),
        ({"items": [item(model="x" * 101)]}, "items[0].model"),
        ({"items": [item(color="red")]}, "items[0].color"),
        ({"items": {}}, "items"),
        ({"parties": [{"role": "purchaser"}]}, "parties[0].name"),
        ({"installation": {**DRAFT["installation"], "country": "XX"}}, "installation.country"),
        ({"end_use": 7}, "end_use"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_a_wrong_field_is_named_in_a_problem_document(secret, changes, field):
    response = create(secret, **changes)
    assert response.status_code in (400, 422)
    assert response["Content-Type"].startswith("application/problem+json")
    problem = response.json()
    assert field in [error["field"] for error in problem["errors"]]
    assert not Application.objects.exists()


def test_what_is_no_json_is_refused_in_words(secret):
    response = Client().post(
        ADDRESS,
        data="{not json",
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"},
    )
    assert response.status_code == 400
    assert response["Content-Type"].startswith("application/problem+json")


def test_an_incomplete_draft_is_refused_with_everything_it_lacks(secret):
    draft = create(secret, parties=DRAFT["parties"][:1]).json()
    response = call("post", f"{ADDRESS}{draft['reference']}/submit/", secret, certification(draft["version"]), "file")
    assert response.status_code in (409, 422)
    assert "end user" in response.content.decode()
    assert not Case.objects.exists()


def test_an_old_version_is_refused(secret):
    draft = create(secret).json()
    response = call("post", f"{ADDRESS}{draft['reference']}/submit/", secret, certification(1), "file")
    assert response.status_code == 409


def test_a_second_application_for_the_transaction_names_the_pending_one(secret):
    for number, status in (("one", 201), ("two", 409)):
        draft = create(secret).json()
        where = f"{ADDRESS}{draft['reference']}/submit/"
        response = call("post", where, secret, certification(draft["version"]), number)
        assert response.status_code == status
    assert Case.objects.get().acn in response.json()["detail"]


def every_address(application: Application) -> list[str]:
    """Every address of the API, with this application's reference in it."""
    found = []
    for entry in get_resolver("portal.api.urls").url_patterns:
        route = str(entry.pattern)
        if route in ("", "schema/"):
            continue
        route = route.replace("<uuid:reference>", str(application.reference))
        route = route.replace("<str:license_number>", "D100001")
        found.append("/api/v1/" + re.sub(r"<int:\w+>", "1", route))
    return found


def test_nobody_enters_without_a_valid_key(who, secret):
    application = make.draft(who.applicant)
    revoked = api_key(organization=who.organization, revoked_at=make.AT)[1]
    expired = api_key(organization=who.organization, expires_at=make.AT)[1]
    for address in every_address(application):
        for bad in ("", revoked, expired, f"{secret}x", "csk_nothing"):
            for method in ("get", "post", "put", "delete", "patch"):
                response = call(method, address, bad, {} if method != "get" else None, "k")
                assert response.status_code in (401, 403), (method, address, bad)
    signed_in = Client()
    signed_in.force_login(who.applicant)
    assert signed_in.get(ADDRESS).status_code in (401, 403)


def test_another_organizations_key_finds_nothing(who, secret):
    draft = make.draft(who.applicant)
    case = make.licensed(who, site="Hall 2")
    stranger = api_key()[1]
    for application in (draft, case.application):
        for address in every_address(application):
            if str(application.reference) not in address:
                continue
            for method, body in (("get", None), ("post", certification(1)), ("put", {**DRAFT, "version": 1})):
                response = call(method, address, stranger, body, uuid.uuid4().hex)
                assert response.status_code in (400, 404, 405, 415, 422), (method, address, response.status_code)
                assert "Norrsken" not in response.content.decode()
    assert call("get", f"/api/v1/letters/{case.letters.get().pk}/", stranger).status_code == 404
    assert call("get", ADDRESS, stranger).json()["applications"] == []
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_determination_is_answered_and_bad_facts_are_named(secret):
    facts = {"destination": "NO", "items": [{"kind": "chip", "model": "GB300", "quantity": 100_000}]}
    answer = call("post", "/api/v1/determinations/", secret, facts, "d1")
    assert answer.status_code in (200, 201)
    assert (answer.json()["tier"], answer.json()["requirements"]) == ("medium", ["government_assurance"])
    facts["items"][0]["quantity"] = 1.5
    bad = call("post", "/api/v1/determinations/", secret, facts, "d2")
    assert bad.status_code in (400, 422)
    assert "items[0].quantity" in [error["field"] for error in bad.json()["errors"]]


def test_a_license_is_read_with_what_is_left_of_it(who, secret):
    case = make.licensed(who)
    grant = call("get", f"{ADDRESS}{case.application.reference}/license/", secret)
    assert grant.status_code == 200
    assert case.license.number in grant.content.decode()
    letter = call("get", f"/api/v1/letters/{case.letters.get().pk}/", secret)
    assert letter.content.startswith(b"%PDF-")


def test_an_answer_of_the_api_is_never_a_page(secret):
    for method, path in (("get", "/api/v1/nothing/"), ("delete", ADDRESS), ("get", "/api/v1/letters/0/")):
        response = call(method, path, secret)
        assert response.status_code in (404, 405)
        assert response["Content-Type"].startswith("application/problem+json")


def test_a_key_marks_the_day_of_its_last_use(secret):
    call("get", ADDRESS, secret)
    assert ApiKey.objects.get().last_used_on is not None
    assert ApiKey.objects.get().created_at < timezone.now()


def test_a_submission_by_key_keeps_to_its_number_of_queries(secret, django_assert_max_num_queries):
    draft = create(secret).json()
    with django_assert_max_num_queries(29):
        call("post", f"{ADDRESS}{draft['reference']}/submit/", secret, certification(draft["version"]), "file")
    assert Case.objects.count() == 1
