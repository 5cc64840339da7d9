"""Letters, documents, evidence, photos and lists: opened as files, never shown, and every opening written down."""

import hashlib

import pytest
from django.contrib import admin
from django.core.files.base import ContentFile
from django.db.models import BinaryField, FileField, Model
from django.test import Client
from django.urls import reverse

from accounts.permissions import NotPermitted
from assurances.models import Breach, TextVersion, Translation
from audit.models import Entry
from inspections.models import Paper as VisitPaper
from inspections.models import SerialList
from investments.models import Evidence
from investments.models import Paper as CommitmentPaper
from licensing.models import Document, Letter
from oversight import operations
from tests.audit.factories import AT, past_the_triggers
from tests.oversight.factories import World, our_models

PDF, TABBED = "application/pdf", "text/tab-separated-values"
# Each with what it is, the name under which it is saved (of its key), and what it is called in the journal.
PAPERS = [
    (Letter, PDF, "letter-{}.pdf", "letter"),
    (Document, PDF, "document-{}.pdf", "document"),
    (TextVersion, PDF, "instrument-text-{}.pdf", "instrument text"),
    (Translation, PDF, "instrument-translation-{}.pdf", "instrument translation"),
    (Breach, PDF, "breach-evidence-{}.pdf", "breach evidence"),
    (VisitPaper, "image/jpeg", "visit-paper-{}.jpg", "visit paper"),
    (SerialList, TABBED, "serial-list-1-of-{visit}.tsv", "list of serial numbers"),
    (CommitmentPaper, PDF, "commitment-paper-{}.pdf", "commitment paper"),
]
STORED = [model for model, *_ in PAPERS if model not in (Letter, SerialList)]


@pytest.fixture
def client(made: World, client: Client) -> Client:
    client.force_login(made.auditor)
    return client


def entries_of(row: Model) -> list[Entry]:
    return list(Entry.objects.filter(subject_kind=row._meta.label_lower, subject_id=str(row.pk)))


def address_of(row: Model, page: str = "file") -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def label(value: object) -> str | None:
    return value._meta.label if isinstance(value, type) else None


def test_every_model_with_a_file_hands_it_out():
    holding = {
        model
        for model in our_models()
        if any(isinstance(field, FileField | BinaryField) for field in model._meta.concrete_fields)
    }
    handed_out = {model for model, listed in admin.site._registry.items() if listed.downloads}
    assert handed_out == holding | {SerialList} == {model for model, *_ in PAPERS}


@pytest.mark.parametrize(("model", "media_type", "name", "word"), PAPERS, ids=label)
def test_a_paper_is_downloaded_byte_for_byte_and_the_opening_journaled(
    made: World, client: Client, model, media_type: str, name: str, word: str
):
    paper = model.objects.latest("pk")
    page = client.get(address_of(paper, "change")).content.decode()
    assert f'href="{address_of(paper)}"' in page
    answer = client.get(address_of(paper))
    assert answer.status_code == 200
    assert hashlib.sha256(answer.content).hexdigest() == paper.sha256
    assert answer["Content-Type"] == media_type
    saved_as = name.format(paper.pk, visit=getattr(paper, "visit", ""))
    assert answer["Content-Disposition"] == f'attachment; filename="{saved_as}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    (entry,) = [entry for entry in entries_of(paper) if entry.verb == "opened"]
    assert entry.actor_label == made.auditor.actor.label
    assert entry.says.startswith(f'Opened the {word} "{getattr(paper, "title", paper)}')
    assert entry.data == {"sha256": paper.sha256}


def test_a_photo_is_called_what_it_is(made: World, client: Client):
    kinds = {VisitPaper: "JPEG image", SerialList: "list", Letter: "PDF"}
    for model, kind in kinds.items():
        page = client.get(address_of(model.objects.latest("pk"), "change")).content.decode()
        assert f"Download the {kind}</a>" in page


def test_evidence_leads_to_the_file_of_its_paper(made: World, client: Client):
    evidence = Evidence.objects.latest("pk")
    assert f'href="{address_of(evidence.paper)}"' in client.get(address_of(evidence, "change")).content.decode()


def test_a_list_is_handed_out_as_its_hash_covers_it(made: World, client: Client):
    found = SerialList.objects.latest("pk")
    lines = client.get(address_of(found)).content.decode().splitlines()
    assert len(lines) == found.count
    first = found.serials.get(position=1)
    assert lines[0] == f"{first.serial}\t{first.place}"


def test_a_list_of_which_a_number_was_altered_is_not_handed_out_as_the_original(made: World, client: Client):
    found = SerialList.objects.latest("pk")
    with past_the_triggers() as cursor:
        cursor.execute("UPDATE inspections_serial SET serial = 'OTHER' WHERE list_id = %s AND position = 1", [found.pk])
    answer = client.get(address_of(found))
    assert answer.status_code == 409
    assert "was altered" in answer.content.decode()


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


@pytest.mark.parametrize("model", STORED, ids=label)
def test_a_paper_whose_file_is_gone_or_another_says_so(made: World, client: Client, model):
    paper = model.objects.latest("pk")
    storage, name = paper.file.storage, paper.file.name
    with storage.open(name) as file:
        content = file.read()
    storage.delete(name)
    gone = client.get(address_of(paper))
    storage.save(name, ContentFile(b"Something else."))
    another = client.get(address_of(paper))
    storage.delete(name)
    storage.save(name, ContentFile(content))
    assert (gone.status_code, another.status_code) == (409, 409)
    assert "is missing from the store" in gone.content.decode()
    assert "was altered" in another.content.decode()
    assert not [entry for entry in entries_of(paper) if entry.verb == "opened"]


@pytest.mark.parametrize("model", [model for model, *_ in PAPERS], ids=label)
def test_nobody_else_opens_a_paper_here(made: World, model):
    row = model.objects.latest("pk")
    paper = admin.site.get_model_admin(model).get_paper(row)
    for person in (made.who.director, made.who.applicant):
        with pytest.raises(NotPermitted):
            operations.open_paper(subject=row, paper=paper, by=person, at=AT)
    assert not [entry for entry in entries_of(row) if entry.verb == "opened"]


@pytest.mark.parametrize("model", [model for model, *_ in PAPERS], ids=label)
@pytest.mark.parametrize("method", ["post", "put", "delete", "head"])
def test_a_paper_is_only_ever_fetched(made: World, client: Client, model, method: str):
    assert getattr(client, method)(address_of(model.objects.latest("pk"))).status_code == 405


@pytest.mark.parametrize("model", [model for model, *_ in PAPERS], ids=label)
def test_a_paper_that_is_not_there_is_not_found(client: Client, model):
    assert client.get(address_of(model(pk=999999))).status_code == 404
