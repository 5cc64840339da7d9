"""Who gets into the reading room, and that nobody writes in it: every address, as every kind of person."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.statuses import Role
from audit.models import ChainHead, Entry
from audit.reading import ReadOnlyAdmin
from oversight.site import OversightSite
from tests.accounts.factories import user
from tests.oversight.factories import World, our_models, row_of

READERS = (Role.AUDITOR, Role.ADMINISTRATOR)
OTHERS = (
    Role.LICENSING_OFFICER,
    Role.COUNTERSIGNER,
    Role.LICENSING_DIRECTOR,
    Role.WAIVER_OFFICIAL,
    Role.AGENCY_REVIEWER,
    Role.EXPORTER_ADMIN,
    Role.EXPORTER_MEMBER,
)
# Django's admin refuses models whose key has several columns; the chains have pages of their own.
WITHOUT_ADMIN = {ChainHead}
MODELS = [model for model in our_models() if model not in WITHOUT_ADMIN]
WRITING = ("add", "delete")


def address(model, page: str) -> str:
    opts = model._meta
    args = [] if page in ("changelist", "add") else [row_of(model).pk]
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)


def pages() -> list[str]:
    """Every address that reads."""
    found = [
        reverse("admin:index"),
        reverse("admin:journal"),
        reverse("admin:journal_subject", args=["audit.seal", "all"]),
    ]
    for model in MODELS:
        found += [address(model, page) for page in ("changelist", "change", "history")]
        found.append(reverse(f"admin:app_{model._meta.app_label}"))
    return found


def writes() -> list[str]:
    """Every address that would write."""
    return [address(model, page) for model in MODELS for page in WRITING]


def signed_in(role: str | None) -> Client:
    client = Client()
    client.force_login(user(role))
    return client


def test_every_model_of_the_product_is_in_the_reading_room():
    registered = set(admin.site._registry)
    assert registered == set(our_models()) - WITHOUT_ADMIN


def test_every_model_is_read_only_and_says_what_it_is():
    for model, listed in admin.site._registry.items():
        assert isinstance(listed, ReadOnlyAdmin), model
        assert listed.says.endswith("."), model
        assert listed.search_fields, model
        assert listed.search_help_text, model


def test_an_admin_that_could_write_is_not_admitted():
    site = OversightSite(name="other")
    with pytest.raises(Exception, match="must be a ReadOnlyAdmin"):
        site.register(Entry, admin.ModelAdmin)


@pytest.mark.parametrize("role", READERS)
def test_oversight_reads_every_page(made: World, role: str):
    client = signed_in(role)
    for url in pages():
        answer = client.get(url, follow=True)
        assert answer.status_code == 200, url
        assert b"Protected from disclosure" in answer.content, url


@pytest.mark.parametrize("role", [*OTHERS, None])
def test_everybody_else_is_told_why_not(made: World, role: str | None):
    client = signed_in(role)
    for url in [*pages(), *writes()]:
        answer = client.get(url)
        assert answer.status_code == 403, url
        assert "Only an auditor or an administrator" in answer.content.decode(), url


def test_without_signing_in_every_page_leads_to_the_products_own_door(made: World, client: Client):
    for url in [*pages(), *writes()]:
        answer = client.get(url)
        assert answer.status_code == 302, url
        assert answer["Location"].startswith("/sign-in/?next=/oversight/"), url


def test_a_person_who_is_no_longer_active_reads_nothing(made: World):
    person = user(Role.AUDITOR)
    client = Client()
    client.force_login(person)
    type(person).objects.filter(pk=person.pk).update(is_active=False)
    assert client.get(reverse("admin:index")).status_code in (302, 403)


@pytest.mark.parametrize("role", READERS)
def test_nothing_is_added_or_deleted_and_the_reason_is_given(made: World, role: str):
    client = signed_in(role)
    for url in writes():
        for answer in (client.get(url), client.post(url, {"post": "yes"})):
            assert answer.status_code == 403, url
            assert "reading room" in answer.content.decode(), url


@pytest.mark.parametrize("role", READERS)
def test_no_form_and_no_act_on_a_list_changes_anything(made: World, role: str):
    client = signed_in(role)
    before = {model: model._default_manager.count() for model in MODELS}
    for model in MODELS:
        row = row_of(model)
        filled = {field.name: "1" for field in model._meta.concrete_fields}
        for url, sent in (
            (address(model, "change"), {**filled, "_save": "Save"}),
            (address(model, "changelist"), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}),
            (address(model, "history"), {}),
        ):
            answer = client.post(url, sent)
            assert answer.status_code == 403, url
            assert "reading room" in answer.content.decode(), url
    assert {model: model._default_manager.count() for model in MODELS} == before


@pytest.mark.parametrize("name", ["login", "logout", "password_change", "jsi18n", "autocomplete", "view_on_site"])
def test_the_admins_own_sign_in_and_tools_are_not_there(name: str):
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:{name}")


def test_a_row_that_is_not_there_is_not_found(made: World):
    client = signed_in(Role.AUDITOR)
    for model in MODELS:
        opts = model._meta
        for key in ("999999999", "nonsense", "1_2F2"):
            url = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[key])
            assert client.get(url).status_code == 404, url
    assert client.get("/oversight/journal/licensing.case/999999999/").status_code in (200, 404)
    assert client.get("/oversight/journal/no.such/1/").status_code == 404
    assert client.get("/oversight/no-such-page/").status_code == 404
