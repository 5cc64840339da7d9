"""Documents over the API: listed, read, taken out again; and a draft begun from an earlier one."""

import pytest
from django.utils import timezone

from audit.models import Entry
from licensing.models import Application, Document
from tests.licensing import factories as make
from tests.portal.api.calling import ROOT, Program, a_draft, a_party, a_pdf, an_item, assert_problem, of

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(exporter: Program) -> dict:
    made = exporter.create()
    for number in range(3):
        assert exporter.upload(of(made, "documents/"), a_pdf(f"paper {number}", title=f"N{number}")).status_code == 201
    return made


def listed(exporter: Program, draft: dict, **query: int) -> dict:
    return dict(exporter.get(of(draft, "documents/"), query).json())


def test_documents_are_walked_page_by_page(exporter, draft):
    first = listed(exporter, draft, limit=2)
    second = listed(exporter, draft, limit=2, after=first["after"])
    assert [each["title"] for each in first["documents"] + second["documents"]] == ["N0", "N1", "N2"]
    assert second["after"] is None
    assert listed(exporter, draft, limit=3)["after"] is None


def test_a_document_comes_back_as_it_was_sent_and_is_found_where_its_answer_said(exporter, draft):
    sent = make.pdf(text="the very bytes")
    added = exporter.upload(of(draft, "documents/"), {"kind": "other", "file": sent})
    sent.seek(0)
    read = exporter.get(added.headers["Location"].removeprefix(ROOT))
    assert read.headers["Content-Type"] == "application/pdf"
    assert b"".join(read.streaming_content) == sent.read()


def test_a_document_is_taken_out_of_a_draft_once(exporter, draft):
    second = listed(exporter, draft)["documents"][1]
    where = of(draft, f"documents/{second['id']}/")
    removed = exporter.send(where, b"", method="delete", key="remove")
    assert removed.status_code == 200
    assert [each["title"] for each in removed.json()["documents"]] == ["N0", "N2"]
    again = exporter.send(where, b"", method="delete", key="remove")
    assert again.content == removed.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert_problem(exporter.send(where, b"", method="delete"), 404)
    assert Entry.objects.filter(verb="document.removed").count() == 1


def test_a_removal_needs_an_idempotency_key(exporter, draft):
    where = of(draft, f"documents/{listed(exporter, draft)['documents'][0]['id']}/")
    assert_problem(exporter.send(where, b"", method="delete", key=""), 400, field="Idempotency-Key")
    assert Document.objects.count() == 3


def test_a_document_that_was_submitted_stays(exporter, draft):
    assert exporter.submit(draft).status_code == 201
    where = of(draft, f"documents/{listed(exporter, draft)['documents'][0]['id']}/")
    assert_problem(exporter.send(where, b"", method="delete"), 409, says="can no longer")
    assert len(listed(exporter, draft)["documents"]) == 3


def test_a_paper_of_staff_is_neither_listed_nor_read(exporter, who):
    case = make.filed(who, at=timezone.now())
    paper = case.application.documents.create(
        kind="evidence", title="An internal paper", file="x.pdf", sha256="0" * 64, size=1, pages=1,
        uploaded_by_label="staff", uploaded_at=timezone.now(), is_internal=True,
    )  # fmt: skip
    assert exporter.get(of(case.application, "documents/")).json() == {"documents": [], "after": None}
    assert_problem(exporter.get(of(case.application, f"documents/{paper.pk}/")), 404)


def test_a_document_is_only_found_under_its_own_application(exporter, draft):
    other = exporter.create()
    number = listed(exporter, draft)["documents"][0]["id"]
    assert_problem(exporter.get(of(other, f"documents/{number}/")), 404)
    assert_problem(exporter.send(of(other, f"documents/{number}/"), b"", method="delete"), 404)


@pytest.mark.parametrize("number", ["0", "999999", str(10**40)])
def test_a_document_that_is_not_there_is_a_404(exporter, draft, number):
    assert_problem(exporter.get(of(draft, f"documents/{number}/")), 404)


@pytest.mark.parametrize("query", [{"after": "x"}, {"after": "-1"}, {"after": "9" * 30}, {"limit": "0"}, {"page": "1"}])
@pytest.mark.parametrize("part", ["documents/", "requirements/"])
def test_a_wrong_question_of_a_list_is_named(exporter, draft, part, query):
    exporter.submit(draft)
    assert_problem(exporter.get(of(draft, part), query), 400, field=next(iter(query)))


def test_requirements_are_walked_page_by_page(exporter):
    country = {"country": "IN", "headquarters": "IN"}
    draft = exporter.create(
        parties=[a_party(role, **country) for role in ("purchaser", "ultimate_consignee", "end_user")],
        installation={**a_draft()["installation"], "country": "IN"},
        items=[an_item(model="GB300", quantity=200_000)],
    )
    assert exporter.submit(draft).status_code == 201
    whole = exporter.get(of(draft, "requirements/")).json()
    assert len(whole["requirements"]) > 1
    seen, after = [], 0
    while after is not None:
        page = exporter.get(of(draft, "requirements/"), {"limit": 1, "after": after}).json()
        seen += page["requirements"]
        after = page["after"]
    assert seen == whole["requirements"]
    assert exporter.get(of(draft, "requirements/"), {"after": 10**12}).json()["requirements"] == []


def test_editions_are_walked_page_by_page(exporter):
    whole = exporter.get("/editions/").json()["editions"]
    first = exporter.get("/editions/", {"limit": 1}).json()
    rest = exporter.get("/editions/", {"after": first["after"]}).json()
    assert first["editions"] + rest["editions"] == whole
    assert rest["after"] is None
    assert_problem(exporter.get("/editions/", {"after": "no-such"}), 400, field="after")


def test_a_draft_is_begun_from_an_earlier_application_without_its_documents(exporter, draft):
    exporter.submit(draft)
    copied = exporter.send(of(draft, "copy/"), {}, key="copy")
    assert copied.status_code == 201
    told = copied.json()
    assert told["reference"] != draft["reference"]
    assert told["content"]["parties"] == draft["content"]["parties"]
    assert (told["status"], told["documents"]) == ("draft", [])
    assert exporter.send(of(draft, "copy/"), {}, key="copy").content == copied.content
    assert Application.objects.count() == 2
    assert_problem(exporter.send(of(draft, "copy/"), {"end_use": "Else."}), 400, field="end_use")


@pytest.mark.parametrize(
    ("part", "most"),
    [("documents/", 3), ("documents/{}/", 3), ("requirements/?limit=1", 3)],
)
def test_reading_keeps_to_its_queries(exporter, draft, part, most, django_assert_max_num_queries):
    number = listed(exporter, draft)["documents"][0]["id"]
    exporter.submit(draft)
    with django_assert_max_num_queries(most):
        answer = exporter.get(of(draft, part.format(number)))
        answer.close()
    assert answer.status_code == 200


def test_the_rules_and_letters_keep_to_their_queries(exporter, who, django_assert_max_num_queries):
    letter = make.licensed(who, at=timezone.now()).letters.get()
    order = {"destination": "NO", "items": [{"kind": "chip", "model": "GB300", "quantity": 5}]}
    exporter.get("/editions/")
    with django_assert_max_num_queries(6):
        assert exporter.get("/editions/").status_code == 200
    with django_assert_max_num_queries(2):
        assert exporter.send("/determinations/", order, key="").status_code == 200
    with django_assert_max_num_queries(2):
        assert exporter.get(f"/letters/{letter.pk}/").status_code == 200


def test_writing_keeps_to_its_queries(exporter, who, django_assert_max_num_queries):
    exporter.get("/editions/")
    with django_assert_max_num_queries(35):
        draft = exporter.create()
    with django_assert_max_num_queries(35):
        body = {**a_draft(own_reference="NEW"), "version": draft["version"]}
        assert exporter.send(of(draft), body, method="put").status_code == 200
    with django_assert_max_num_queries(12):
        added = exporter.upload(of(draft, "documents/"), a_pdf())
    # One of them looks whether a verified condition rests on the document, one whether an act does.
    with django_assert_max_num_queries(19):
        where = of(draft, f"documents/{added.json()['id']}/")
        assert exporter.send(where, b"", method="delete").status_code == 200
    with django_assert_max_num_queries(18):
        assert exporter.send(of(draft, "copy/"), {}).status_code == 201
    with django_assert_max_num_queries(12):
        assert exporter.send(of(draft, "withdraw/"), {"reason": "A mistake."}).status_code == 200
