"""Letters and documents: opened as files, never shown as bytes, and every opening is written down."""

import hashlib

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from accounts.permissions import NotPermitted
from audit.models import Entry
from licensing.models import Document, Letter
from oversight import operations
from tests.audit.factories import AT, past_the_triggers
from tests.oversight.factories import World


@pytest.fixture
def client(made: World, client: Client) -> Client:
    client.force_login(made.auditor)
    return client


def entries_of(row: Letter | Document) -> list[Entry]:
    return list(Entry.objects.filter(subject_kind=row._meta.label_lower, subject_id=str(row.pk)))


@pytest.mark.parametrize(("model", "name"), [(Letter, "letter"), (Document, "document")])
def test_a_paper_is_downloaded_byte_for_byte_and_the_opening_journaled(made: World, client: Client, model, name: str):
    paper = model.objects.latest("pk")
    answer = client.get(reverse(f"admin:licensing_{name}_file", args=[paper.pk]))
    assert answer.status_code == 200
    assert hashlib.sha256(answer.content).hexdigest() == paper.sha256
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}-{paper.pk}.pdf"'
    assert "no-store" in answer["Cache-Control"]
    (entry,) = [entry for entry in entries_of(paper) if entry.verb == "opened"]
    assert entry.actor_label == made.auditor.actor.label
    assert paper.title in entry.says


def test_reading_about_a_letter_neither_opens_it_nor_loads_its_bytes(made: World, client: Client):
    letter = Letter.objects.defer("pdf").latest("pk")
    for url in (
        reverse("admin:licensing_letter_change", args=[letter.pk]),
        reverse("admin:licensing_letter_changelist"),
        reverse("admin:licensing_case_change", args=[letter.case_id]),
    ):
        text = client.get(url).content.decode()
        assert "%PDF" not in text
        assert "\\x25504446" not in text
        assert "25504446" not in text
    assert not [entry for entry in entries_of(letter) if entry.verb == "opened"]


def test_a_letter_whose_bytes_were_altered_is_not_handed_out_as_the_original(made: World, client: Client):
    letter = Letter.objects.defer("pdf").latest("pk")
    with past_the_triggers() as cursor:
        cursor.execute("UPDATE licensing_letter SET pdf = '\\x00' WHERE id = %s", [letter.pk])
    answer = client.get(reverse("admin:licensing_letter_file", args=[letter.pk]))
    assert answer.status_code == 409
    assert "was altered" in answer.content.decode()


def test_a_document_whose_file_is_gone_says_so(made: World, client: Client):
    document = Document.objects.latest("pk")
    storage, name = document.file.storage, document.file.name
    with storage.open(name) as file:
        content = file.read()
    storage.delete(name)
    answer = client.get(reverse("admin:licensing_document_file", args=[document.pk]))
    storage.save(name, ContentFile(content))
    assert answer.status_code == 409
    assert "is missing from the store" in answer.content.decode()


def test_nobody_else_opens_a_paper_here(made: World):
    letter = Letter.objects.defer("pdf").latest("pk")
    with pytest.raises(NotPermitted):
        operations.open_letter(letter=letter, by=made.who.director, at=AT)
    with pytest.raises(NotPermitted):
        operations.open_document(document=Document.objects.latest("pk"), by=made.who.applicant, at=AT)
    assert not [entry for entry in entries_of(letter) if entry.verb == "opened"]


@pytest.mark.parametrize("method", ["post", "put", "delete", "head"])
def test_a_paper_is_only_ever_fetched(made: World, client: Client, method: str):
    letter = Letter.objects.defer("pdf").latest("pk")
    assert getattr(client, method)(reverse("admin:licensing_letter_file", args=[letter.pk])).status_code == 405


def test_a_paper_that_is_not_there_is_not_found(client: Client):
    assert client.get(reverse("admin:licensing_letter_file", args=[999999])).status_code == 404
    assert client.get(reverse("admin:licensing_document_file", args=[999999])).status_code == 404
