"""A button that is pressed twice makes one thing, also when both presses arrive in the same instant."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import ApiKey, User
from accounts.statuses import Role
from licensing.models import Application
from portal.models import SentForm
from portal.operations import REMEMBERED, forget_forms
from tests.accounts.factories import user
from tests.licensing import factories as make
from tests.threads import at_once

NEW = "/portal/applications/new/"
PARTY = {"role": "purchaser", "name": "Norrsken AB", "address": "1 Road", "city": "Luleå", "country": "SE"}


def enter(person: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.pk))
    return client


def token_of(client: Client, where: str) -> str:
    """The token that a page's form carries."""
    found = re.search(r'name="token" value="([^"]+)"', client.get(where).content.decode())
    assert found, where
    return found[1]


@pytest.fixture
def who(db) -> make.People:
    make.load_rules()
    return make.people()


def test_start_pressed_twice_leads_to_the_same_draft(who):
    client = enter(who.applicant)
    sent = {"token": token_of(client, "/portal/")}
    first, second = (client.post(NEW, sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert Application.objects.count() == 1
    client.post(NEW, {"token": token_of(client, "/portal/")})
    assert Application.objects.count() == 2


def test_copy_pressed_twice_makes_one_copy(who):
    client, draft = enter(who.applicant), make.draft(who.applicant)
    make.submit(draft, who.applicant)
    where = f"/portal/applications/{draft.reference}/"
    sent = {"token": token_of(client, f"{where}case/")}
    first, second = (client.post(f"{where}copy/", sent) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Application.objects.count() == 2


@pytest.mark.parametrize("token", ["no-uuid", "1", "x" * 5000, "\x00"])
def test_a_token_that_is_none_is_told_and_starts_nothing(who, token):
    response = enter(who.applicant).post(NEW, {"token": token})
    assert response.status_code == 400
    assert "load the page again" in response.content.decode()
    assert not Application.objects.exists()


def test_another_organizations_token_never_leads_to_its_draft(who):
    token = str(uuid4())
    theirs = enter(who.applicant).post(NEW, {"token": token})
    mine = enter(user(Role.EXPORTER_ADMIN)).post(NEW, {"token": token})
    assert mine.status_code == 302
    assert mine["Location"] != theirs["Location"]
    assert Application.objects.count() == 2


def test_a_token_does_not_hold_on_another_address(who):
    client, draft, token = enter(who.applicant), make.draft(who.applicant), str(uuid4())
    client.post(NEW, {"token": token})
    client.post(f"/portal/applications/{draft.reference}/copy/", {"token": token})
    assert Application.objects.count() == 3


def test_nobody_else_can_start_with_a_token(who):
    assert enter(who.officer).post(NEW, {"token": str(uuid4())}).status_code == 403
    assert not SentForm.objects.exists()


def test_a_party_saved_twice_stands_once_and_the_second_click_is_led_on(who):
    client, draft = enter(who.applicant), make.draft(who.applicant)
    where = f"/portal/applications/{draft.reference}/parties/add/"
    sent = {**PARTY, "version": draft.version, "token": token_of(client, where)}
    before = draft.parties.count()
    first, second = (client.post(where, sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert draft.parties.count() == before + 1


def test_the_page_sent_again_with_other_words_is_another_act_and_told_to_be_old(who):
    client, draft = enter(who.applicant), make.draft(who.applicant)
    where = f"/portal/applications/{draft.reference}/parties/add/"
    sent = {**PARTY, "version": draft.version, "token": token_of(client, where)}
    client.post(where, sent)
    response = client.post(where, {**sent, "name": "Another AB"})
    assert response.status_code == 409
    assert "Another AB" in response.content.decode()


def test_what_was_refused_may_be_sent_again_from_the_same_page(who):
    client, draft = enter(who.applicant), make.draft(who.applicant)
    where = f"/portal/applications/{draft.reference}/documents/"
    token = token_of(client, where)
    refused = client.post(where, {"kind": "other", "title": "", "token": token})
    assert refused.status_code == 400
    assert token in refused.content.decode()
    paper = make.pdf()
    for _ in range(2):
        paper.seek(0)
        response = client.post(where, {"kind": "other", "title": "", "token": token, "file": paper})
        assert response.status_code == 302, response.content.decode()
    assert draft.documents.count() == 1


def test_the_secret_of_a_key_is_shown_once_and_a_second_click_names_the_key(who):
    client = enter(user(Role.EXPORTER_ADMIN, organization=who.organization))
    sent = {"name": "Order system", "token": token_of(client, "/portal/keys/new/")}
    first, second = (client.post("/portal/keys/new/", sent) for _ in range(2))
    key = ApiKey.objects.get()
    secret = re.search(r"csk_[0-9a-f]{12}_[\w-]+", first.content.decode())
    assert secret
    page = second.content.decode()
    assert second.status_code == 200
    assert secret.group() not in page
    assert "This key exists already" in page
    assert key.prefix in page


def test_a_form_that_was_carried_out_stays_so(who):
    enter(who.applicant).post(NEW, {"token": str(uuid4())})
    with pytest.raises(IntegrityError), transaction.atomic():
        SentForm.objects.update(made="/elsewhere/")


def test_old_marks_are_forgotten(who):
    enter(who.applicant).post(NEW, {"token": str(uuid4())})
    at = SentForm.objects.get().at
    assert forget_forms(at=at + REMEMBERED) == 0
    assert forget_forms(at=at + REMEMBERED + timedelta(seconds=1)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_in_one_instant_start_one_draft():
    make.load_rules()
    client = enter(make.people().applicant)
    cookies, token = client.cookies, str(uuid4())

    def press() -> Any:
        one = Client()
        one.cookies = cookies
        return one.post(NEW, {"token": token})

    answers = at_once([press] * 4)
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer["Location"] for answer in answers}) == 1
    assert Application.objects.count() == 1
