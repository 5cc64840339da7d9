"""Who may call: a key of the exporter whose thing it is, and nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern
from django.utils import timezone

from accounts.models import ApiKey
from accounts.statuses import OrganizationKind
from licensing.models import Application, Case, License
from portal.api.permissions import DenyAll
from portal.api.urls import urlpatterns
from portal.api.views import ApiView, NothingHere
from portal.models import StoredAnswer
from tests.accounts.factories import organization, user
from tests.licensing import factories as make
from tests.portal.api.calling import ROOT, Program, a_draft, assert_problem, of, program

OPEN = {"schema", "nothing"}
CLOSED = [each for each in urlpatterns if each.name not in OPEN]


def address_of(pattern: URLPattern, reference: Any, letter: int = 1) -> str:
    route = str(pattern.pattern)
    for part, value in (
        ("<uuid:reference>", reference),
        ("<int:number>", 1),
        ("<int:letter_id>", letter),
        ("<int:document_id>", 1),
        ("<str:license_number>", "D000000" if letter == 1 else License.objects.get(case__letters=letter).number),
        ("<int:shipment_number>", 1),
    ):
        route = route.replace(part, str(value))
    return f"/{route}"


def methods_of(pattern: URLPattern) -> list[str]:
    return [name for name in ("get", "post", "put", "patch", "delete") if hasattr(pattern.callback.cls, name)]


def every_call(client_of: Program, reference: Any, letter: int = 1) -> list[tuple[str, Any]]:
    """Every method of every closed address, called with nothing to say."""
    found = []
    for pattern in CLOSED:
        for method in methods_of(pattern):
            address = address_of(pattern, reference, letter)
            answer = client_of.get(address) if method == "get" else client_of.send(address, {}, method=method)
            found.append((f"{method} {address}", answer))
    return found


@pytest.fixture
def licensed(who: make.People) -> Case:
    return make.licensed(who, at=timezone.now())


def test_a_view_that_declares_nothing_is_closed():
    assert DenyAll().has_permission(None, None) is False
    assert all(pattern.callback.cls.permission_classes for pattern in CLOSED)
    assert all(pattern.callback.cls.authentication_classes for pattern in CLOSED)


def test_only_the_schema_and_what_is_not_there_need_no_key():
    assert {each.name for each in urlpatterns} - {each.name for each in CLOSED} == OPEN
    assert issubclass(NothingHere, ApiView)


@pytest.mark.parametrize("given", ["", "Bearer", "Basic YTpi", "Token csk_a_b", "csk_a_b"])
def test_without_a_key_every_address_asks_for_one(licensed, given):
    client = Client(headers={"Authorization": given} if given else {})
    for pattern in CLOSED:
        for method in methods_of(pattern):
            answer = getattr(client, method)(f"{ROOT}{address_of(pattern, licensed.application.reference)}")
            assert_problem(answer, 401)
            assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("secret", ["csk_", "csk_nobody_secret", "csk_\xff_é", "x" * 5000, "csk_a_b c", "csk__"])
def test_a_key_that_never_was_is_refused(who, secret):
    assert_problem(Program(secret=secret).get("/applications/"), 401)


def test_a_revoked_key_opens_nothing(who, licensed):
    revoked = program(who.organization, revoked_at=timezone.now() - timedelta(minutes=1))
    for call, answer in every_call(revoked, licensed.application.reference, licensed.letters.get().pk):
        assert answer.status_code == 401, call


def test_an_expired_key_opens_nothing_and_gets_the_same_words_as_a_revoked_one(who, licensed):
    expired = program(who.organization, expires_at=timezone.now() - timedelta(minutes=1))
    for call, answer in every_call(expired, licensed.application.reference, licensed.letters.get().pk):
        assert answer.status_code == 401, call
    revoked = program(who.organization, revoked_at=timezone.now() - timedelta(minutes=1))
    assert expired.get("/editions/").json() == revoked.get("/editions/").json()


def test_another_organizations_key_finds_none_of_it(stranger, licensed):
    draftless = {"/editions/", "/determinations/", "/applications/"}
    letter = licensed.letters.get().pk
    seen = [
        (call, answer)
        for call, answer in every_call(stranger, licensed.application.reference, letter)
        if call.split()[1] not in draftless
    ]
    assert len(seen) == 18
    for call, answer in seen:
        # What is sent is read before the application is looked for, so an empty body may be told of first.
        assert answer.status_code in (404, 400, 415), call
        assert licensed.acn not in answer.content.decode(), call
    assert stranger.get("/applications/").json()["applications"] == []


@pytest.mark.parametrize(
    ("part", "method", "body"),
    [
        ("", "put", {**a_draft(), "version": 1}),
        ("submit/", "post", {"name": "A", "title": "B", "certified": True, "version": 1}),
        ("withdraw/", "post", {"reason": "Not mine."}),
        ("questions/1/answer/", "post", {"answer": "Not mine."}),
    ],
)
def test_a_whole_write_to_another_organizations_application_is_a_404_and_changes_nothing(
    stranger, who, part, method, body
):
    application = make.draft(who.applicant)
    assert_problem(stranger.send(of(application, part), body, method=method), 404)
    application.refresh_from_db()
    assert application.status == "draft"
    assert StoredAnswer.objects.count() == 0


def test_a_document_for_another_organizations_application_is_a_404(stranger, who):
    application = make.draft(who.applicant)
    answer = stranger.upload(of(application, "documents/"), {"kind": "other", "file": make.pdf()})
    assert_problem(answer, 404)
    assert application.documents.count() == 0


@pytest.mark.parametrize("kind", [OrganizationKind.COMMERCE, OrganizationKind.AGENCY, OrganizationKind.OVERSIGHT])
def test_a_key_of_an_organization_that_is_no_exporter_opens_nothing(licensed, kind):
    other = organization(kind)
    caller = program(other, created_by=user(role=None, organization=other))
    for call, answer in every_call(caller, licensed.application.reference, licensed.letters.get().pk):
        assert answer.status_code == 403, call


def test_a_key_without_a_role_opens_nothing(exporter, licensed, monkeypatch):
    monkeypatch.setattr(ApiKey, "has_role", lambda key, role: False)
    for call, answer in every_call(exporter, licensed.application.reference, licensed.letters.get().pk):
        assert answer.status_code == 403, call


def test_a_person_who_is_signed_in_needs_a_key_like_everybody(who):
    client = Client()
    client.force_login(who.applicant)
    assert_problem(client.get(f"{ROOT}/applications/"), 401)
    assert_problem(client.post(f"{ROOT}/applications/", a_draft(), content_type="application/json"), 401)
    assert Application.objects.count() == 0


def test_the_use_of_a_key_is_noted_once_a_day(exporter, django_assert_num_queries):
    exporter.get("/editions/")
    exporter.key.refresh_from_db()
    assert exporter.key.last_used_on is not None
    with django_assert_num_queries(6):
        exporter.get("/editions/")


@pytest.mark.parametrize(
    "address", ["/", "/nothing/", "/applications", "/applications/x/", "/letters/x/", "/letters/-1/", "/docs/", "/%00/"]
)
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_an_address_that_is_not_there_is_a_problem_and_never_a_redirect(exporter, address, method):
    answer = exporter.get(address) if method == "get" else exporter.send(address, {}, method=method)
    assert_problem(answer, 404, says="ends in a slash")


def test_a_method_that_is_not_taken_is_named(exporter):
    answer = exporter.send("/applications/", {}, method="delete")
    assert_problem(answer, 405, says="DELETE")
    assert answer.headers["Allow"].split(", ")[:2] == ["GET", "POST"]


def test_no_answer_is_kept_on_the_way(exporter):
    assert exporter.get("/applications/").headers["Cache-Control"] == "no-store"
    assert exporter.get("/letters/1/").headers["Cache-Control"] == "no-store"
