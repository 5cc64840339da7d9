"""Through the door: what a browser sees and what the journal keeps."""

import logging

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client

from accounts import demonstration, operations
from accounts.models import User
from accounts.statuses import Role
from audit.models import Entry
from audit.selectors import list_entries
from tests.accounts import factories
from tests.accounts.factories import AT, PASSWORD

pytestmark = pytest.mark.django_db

WRONG = "not-the-password-at-all"


def sign_in(client, email, password=PASSWORD, **extra):
    return client.post("/sign-in/", {"username": email, "password": password} | extra)


def verbs(subject):
    return [entry.verb for entry in list_entries(subject).order_by("sequence")]


@pytest.mark.parametrize(
    ("role", "home"),
    [
        (Role.EXPORTER_ADMIN, "/portal/"),
        (Role.EXPORTER_MEMBER, "/portal/"),
        (Role.LICENSING_OFFICER, "/desk/"),
        (Role.COUNTERSIGNER, "/desk/"),
        (Role.LICENSING_DIRECTOR, "/desk/"),
        (Role.WAIVER_OFFICIAL, "/desk/"),
        (Role.AGENCY_REVIEWER, "/desk/"),
        (Role.AUDITOR, "/oversight/"),
        (Role.ADMINISTRATOR, "/oversight/"),
        (None, "/"),
    ],
)
def test_everybody_arrives_at_the_home_of_their_face(client, role, home):
    person = factories.user(role, password=PASSWORD)
    answer = sign_in(client, person.email)
    assert answer.status_code == 302
    assert answer.url == home
    assert verbs(person) == ["signed_in"]
    entry = list_entries(person).get()
    assert entry.data == {"address": "127.0.0.1"}


def test_the_address_may_be_written_in_any_case(client):
    factories.user(email="ada@test.example", password=PASSWORD)
    assert sign_in(client, " ADA@Test.Example").status_code == 302


def test_the_way_back_leads_only_to_this_site(client):
    person = factories.user(password=PASSWORD)
    assert sign_in(client, person.email, next="/password/").url == "/password/"
    client.post("/sign-out/")
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert sign_in(client, person.email, next=elsewhere).url == "/portal/"
        client.post("/sign-out/")


def test_who_is_signed_in_is_sent_home_from_the_sign_in_page(client):
    client.force_login(factories.user(Role.AUDITOR))
    assert client.get("/sign-in/").url == "/oversight/"


def test_signing_out_needs_a_post_and_is_journaled(client):
    person = factories.user(password=PASSWORD)
    sign_in(client, person.email)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").url == "/"
    assert verbs(person) == ["signed_in", "signed_out"]
    assert client.get("/password/").status_code == 302


def test_a_wrong_password_is_explained_and_journaled_without_it(client):
    person = factories.user(password=PASSWORD)
    answer = sign_in(client, person.email, WRONG)
    assert answer.status_code == 400
    assert "No active account has this e-mail address and password" in answer.content.decode()
    assert WRONG not in answer.content.decode()
    assert verbs(person) == ["sign_in_failed"]
    assert list_entries(person).get().actor_kind == "system"


def test_an_unknown_address_gets_the_same_answer_and_is_not_written_down(client):
    known = factories.user(password=PASSWORD)
    answers = [sign_in(client, email, WRONG) for email in (known.email, "hunter2-typed-here@test.example")]
    errors = [answer.context["form"].non_field_errors() for answer in answers]
    assert errors[0] == errors[1]
    entry = list_entries(("accounts.sign_in", "unknown")).get()
    assert entry.verb == "sign_in_failed"
    assert "hunter2" not in f"{entry.says} {entry.data}"


def test_an_inactive_person_cannot_sign_in(client):
    person = factories.user(password=PASSWORD, is_active=False)
    answer = sign_in(client, person.email)
    assert answer.status_code == 400
    assert "_auth_user_id" not in client.session
    assert verbs(person) == ["sign_in_failed"]


def test_five_failures_close_the_door_for_that_person_from_there(client):
    person = factories.user(password=PASSWORD, email="ada@test.example")
    other = factories.user(password=PASSWORD)
    spellings = ["ada@test.example", "ADA@test.example", "Ada@Test.Example", " ada@test.example"]
    for spelling in spellings:
        assert sign_in(client, spelling, WRONG).status_code == 400
    answer = sign_in(client, "adA@test.example", WRONG)
    assert answer.status_code == 429
    assert "Too many failed sign-ins" in answer.content.decode()
    assert sign_in(client, person.email).status_code == 429
    assert sign_in(client, person.email).status_code == 429
    assert verbs(person) == ["sign_in_failed"] * 5 + ["locked_out"]
    assert sign_in(client, other.email).status_code == 302


def test_success_forgets_earlier_failures(client):
    person = factories.user(password=PASSWORD)
    for _ in range(4):
        sign_in(client, person.email, WRONG)
    assert sign_in(client, person.email).status_code == 302
    client.post("/sign-out/")
    assert sign_in(client, person.email, WRONG).status_code == 400


def test_no_secret_is_stored_or_logged_by_signing_in(client, caplog):
    person = factories.user(password=PASSWORD)
    with caplog.at_level(logging.DEBUG):
        sign_in(client, person.email, WRONG)
        sign_in(client, person.email)
        operations.create_api_key(
            organization=person.organization,
            name="ERP",
            by=factories.user(Role.EXPORTER_ADMIN, organization=person.organization),
            at=AT,
        )
    attempt = " ".join(str(values) for values in AccessAttempt.objects.values())
    journal = " ".join(f"{entry.says} {entry.data}" for entry in Entry.objects.all())
    for place in (attempt, journal, caplog.text):
        assert PASSWORD not in place
        assert WRONG not in place
        assert "csk_" not in place


def test_a_new_password_ends_every_other_session(client):
    person = factories.user(password=PASSWORD)
    elsewhere = Client()
    for browser in (client, elsewhere):
        sign_in(browser, person.email)
    answer = client.post(
        "/password/",
        {"old_password": PASSWORD, "new_password1": "brass-anchor-61-field", "new_password2": "brass-anchor-61-field"},
    )
    assert answer.url == "/portal/"
    assert client.get("/password/").status_code == 200
    assert elsewhere.get("/password/").status_code == 302
    assert User.objects.get(pk=person.pk).check_password("brass-anchor-61-field")
    assert verbs(person)[-1] == "password_changed"


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        (WRONG, "brass-anchor-61-field", "brass-anchor-61-field"),
        (PASSWORD, "short", "short"),
        (PASSWORD, "brass-anchor-61-field", "brass-anchor-61-other"),
        (PASSWORD, "", ""),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(client, old, new, again):
    person = factories.user(password=PASSWORD)
    client.force_login(person)
    answer = client.post("/password/", {"old_password": old, "new_password1": new, "new_password2": again})
    assert answer.status_code == 400
    assert answer.context["form"].errors
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)


def test_the_session_holds_no_password(client):
    person = factories.user(password=PASSWORD)
    sign_in(client, person.email)
    decoded = str([session.get_decoded() for session in Session.objects.all()])
    assert PASSWORD not in decoded


def test_the_demonstration_shows_who_can_sign_in_and_production_does_not(client, settings):
    assert "demonstration_sign_ins" not in client.get("/sign-in/").context
    settings.DEMONSTRATION = True
    context = client.get("/sign-in/").context
    assert context["demonstration_sign_ins"] == demonstration.SIGN_INS
    assert context["demonstration_password"] == demonstration.PASSWORD


def test_a_role_taken_away_is_gone_with_the_next_request(client):
    person = factories.user(Role.AUDITOR, password=PASSWORD)
    client.force_login(person)
    assert client.get("/sign-in/").url == "/oversight/"
    operations.revoke_role(user=person, role=Role.AUDITOR, by=factories.user(Role.ADMINISTRATOR), at=AT)
    assert client.get("/sign-in/").url == "/"
