"""Whatever is sent, the answer is a problem in words, and nothing is half saved."""

import logging
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from licensing.models import Application, Document
from licensing.operations.documents import LARGEST_BYTES
from portal.api import applications
from portal.models import StoredAnswer
from tests.licensing import factories as make
from tests.portal.api.calling import (
    a_draft,
    a_party,
    a_pdf,
    an_item,
    assert_problem,
    certification,
    of,
)

pytestmark = pytest.mark.django_db
HUGE = 10**400


def item(**changes: Any) -> dict[str, Any]:
    return {"items": [an_item(), an_item(**changes)]}


def installation(**changes: Any) -> dict[str, Any]:
    return {"installation": {**a_draft()["installation"], **changes}}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is missing"),
        (b"{", "is not JSON"),
        (b"{'a': 1}", "is not JSON"),
        (b"null", ""),
        (b"[]", "must be an object, not a list"),
        (b'"text"', "must be an object, not the text"),
        (b"7", "must be an object, not 7"),
        (b'{"a": NaN}', "NaN is not a number in JSON"),
        (b'{"a": Infinity}', "Infinity is not a number in JSON"),
        (b'{"end_use": 1, "end_use": 2}', "given twice"),
        (b"\xff\xfe{}", "is not UTF-8"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "number that is too long"),
        (b'{"' + b"n" * 500 + b'": 1}', "is not a field that is read here"),
    ],
)
@pytest.mark.parametrize("address", ["/applications/", "/determinations/"])
def test_content_that_cannot_be_read_is_refused_in_words(exporter, address, content, says):
    if address == "/determinations/" and says in ("is missing", "is not a field that is read here"):
        says = ""
    if address == "/determinations/":
        says = says.replace("must be an object", "must be a JSON object")
    assert_problem(exporter.send(address, content), 400, says=says)
    assert Application.objects.count() == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""])
def test_a_format_that_is_not_taken_is_named(exporter, kind):
    answer = exporter.client.generic(
        "POST",
        "/api/v1/applications/",
        b"a=1",
        content_type=kind,
        headers={"Authorization": f"Bearer {exporter.secret}", "Idempotency-Key": "one"},
    )
    assert_problem(answer, 415, says="application/json")


def test_json_is_no_document(exporter):
    draft = exporter.create()
    assert_problem(exporter.send(of(draft, "documents/"), {"kind": "other"}), 415, says="multipart/form-data")


def test_more_than_two_megabytes_of_json_are_too_large(exporter):
    answer = exporter.send("/applications/", a_draft(end_use="x" * (2 * 1024 * 1024)))
    assert_problem(answer, 413, says="2 MB")


def test_content_in_chunks_is_not_mistaken_for_none(exporter):
    answer = exporter.client.post(
        "/api/v1/determinations/",
        b"",
        content_type="application/json",
        headers={"Authorization": f"Bearer {exporter.secret}", "Transfer-Encoding": "chunked"},
    )
    assert_problem(answer, 411, says="Content-Length")


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        (item(quantity=True), "items[1].quantity", "not true"),
        (item(quantity=1.0), "items[1].quantity", "not 1.0"),
        (item(quantity="5"), "items[1].quantity", "not the text “5”"),
        (item(quantity=None), "items[1].quantity", "must not be null"),
        (item(quantity=0), "items[1].quantity", "from 1 to 1,000,000,000"),
        (item(quantity=-1), "items[1].quantity", "not -1"),
        (item(quantity=10**9 + 1), "items[1].quantity", "1,000,000,000"),
        (item(quantity=HUGE), "items[1].quantity", "a number that long"),
        (item(quantity=[1]), "items[1].quantity", "not a list"),
        (item(unit_price="1e5"), "items[1].unit_price", "US dollars"),
        (item(unit_price="1,000.00"), "items[1].unit_price", "US dollars"),
        (item(unit_price="٣"), "items[1].unit_price", "US dollars"),
        (item(unit_price="1.001"), "items[1].unit_price", "two decimals"),
        (item(unit_price=-1), "items[1].unit_price", "not below 0"),
        (item(unit_price=True), "items[1].unit_price", "it is true"),
        (item(unit_price=HUGE), "items[1].unit_price", "a number that long"),
        (item(unit_price="999999999999.99", quantity=10**9), "items[1].unit_price", "which cannot be meant"),
        (item(tpp=0), "items[1].tpp", "above 0"),
        (item(tpp=True), "items[1].tpp", "not true"),
        (item(tpp="4000"), "items[1].tpp", "not the text"),
        (item(tpp=HUGE), "items[1].tpp", "a number that long"),
        (item(memory_bandwidth_gbs=1e12), "items[1].memory_bandwidth_gbs", "below 100,000,000"),
        (item(memory_bandwidth_gbs=0.001), "items[1].memory_bandwidth_gbs", "two decimals"),
        (item(model=""), "items[1].model", "must not be empty"),
        (item(model="  "), "items[1].model", "must not be empty"),
        (item(model=7), "items[1].model", "must be a text, not 7"),
        (item(model="A\x00B"), "items[1].model", ""),
        (item(model="A\ud800B"), "items[1].model", ""),
        (item(model="x" * 101), "items[1].model", "longer than 100 characters"),
        (item(kind="board"), "items[1].kind", "chip, model_weights"),
        (item(kind=["chip"]), "items[1].kind", "a list"),
        (item(color="red"), "items[1].color", "not a field that is read here"),
        ({"items": [7]}, "items[0]", "must be an object, not 7"),
        ({"items": {}}, "items", "must be a list"),
        ({"items": "A100"}, "items", "must be a list"),
        ({"items": None}, "items", "must not be null"),
        ({"items": [an_item()] * 51}, "items", "more than 50"),
        ({"parties": [a_party("purchaser")] * 21}, "parties", "more than 20"),
        ({"parties": [a_party("buyer")]}, "parties[0].role", "purchaser"),
        ({"parties": [a_party("purchaser", country="se")]}, "parties[0].country", "two-letter"),
        ({"parties": [a_party("purchaser", country="ZZ")]}, "parties[0].country", "ZZ"),
        ({"parties": [a_party("purchaser", headquarters=46)]}, "parties[0].headquarters", "must be a text"),
        ({"parties": [{"role": "purchaser"}]}, "parties[0].name", "is missing"),
        (installation(country=None), "installation.country", "must not be null"),
        (installation(installed=-1), "installation.installed", "from 0 to"),
        (installation(pending=1.5), "installation.pending", "not 1.5"),
        (installation(name="x" * 201), "installation.name", "longer than 200"),
        ({"installation": []}, "installation", "must be an object"),
        ({"all_or_nothing": "yes"}, "all_or_nothing", "true or false"),
        ({"all_or_nothing": 1}, "all_or_nothing", "true or false"),
        ({"resubmission_of": "42"}, "resubmission_of", "one letter and six digits"),
        ({"end_use": "x" * 4001}, "end_use", "longer than 4000"),
        ({"safeguards": {"declared_facts": "all"}}, "safeguards.declared_facts", "must be a list"),
        ({"safeguards": {"declared_facts": [1]}}, "safeguards.declared_facts[0]", "must be a text"),
        ({"safeguards": {"declared_facts": ["no_such"]}}, "safeguards.declared_facts", "no_such"),
        ({"safeguards": {"undertaking_signed_on": "2026-02-30"}}, "safeguards.undertaking_signed_on", "YYYY-MM-DD"),
        ({"safeguards": {"undertaking_signed_on": 20260401}}, "safeguards.undertaking_signed_on", "YYYY-MM-DD"),
        ({"status": "submitted"}, "status", "not a field"),
        ({"organization": 1}, "organization", "not a field"),
    ],
)
def test_a_wrong_field_is_named_where_it_stands_and_nothing_is_kept(exporter, changes, field, says):
    answer = exporter.send("/applications/", a_draft(**changes))
    # A fact that the edition does not read is a matter of the rules; the rest is a matter of form.
    status = 422 if changes.get("safeguards") == {"declared_facts": ["no_such"]} else 400
    assert_problem(answer, status, field=field, says=says)
    assert Application.objects.count() == 0
    assert StoredAnswer.objects.count() == 0


def test_every_wrong_field_is_named_at_once(exporter):
    answer = exporter.send("/applications/", a_draft(**item(quantity=0, unit_price="x"), end_use=1))
    fields = [error["field"] for error in assert_problem(answer, 400)["errors"]]
    assert fields == ["items[1].quantity", "items[1].unit_price", "end_use"]


def test_a_missing_part_is_named(exporter):
    for part in ("parties", "installation", "items", "end_use"):
        body = a_draft()
        del body[part]
        assert_problem(exporter.send("/applications/", body), 400, field=part, says="is missing")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"certified": "true"}, "certified"),
        ({"certified": 1}, "certified"),
        ({"certified": False}, "certified"),
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"title": None}, "title"),
        ({"version": "1"}, "version"),
        ({"version": 0}, "version"),
        ({"version": 2**31}, "version"),
        ({"key": "forged"}, "key"),
        ({"at": "2020-01-01"}, "at"),
    ],
)
def test_a_wrong_certification_files_nothing(exporter, changes, field):
    draft = exporter.create()
    answer = exporter.submit(draft, **changes)
    assert_problem(answer, 422 if changes == {"certified": False} else 400, field=field)
    assert exporter.get(of(draft)).json()["status"] == "draft"


def test_an_incomplete_draft_is_told_everything_that_it_lacks_by_part(exporter):
    draft = exporter.create(parties=[a_party("purchaser")], items=[], end_use="AI")
    answer = exporter.submit(draft)
    errors = assert_problem(answer, 422)["errors"]
    assert [error["field"] for error in errors] == ["parties", "parties", "items", "end_use"]
    assert [each["says"] for each in draft["lacking"]] == [error["says"] for error in errors]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"GIF89a", "is not a PDF, whatever its name says"),
        (b"%PDF-1.7 and then nothing", "cannot be read as one"),
        (b"", "empty"),
    ],
)
def test_a_pdf_that_is_none_is_refused(exporter, content, says):
    draft = exporter.create()
    parts = {"kind": "other", "file": SimpleUploadedFile("plan.pdf", content, content_type="application/pdf")}
    answer = exporter.upload(of(draft, "documents/"), parts)
    assert answer.status_code in (400, 422)
    assert_problem(answer, answer.status_code, field="file", says=says)
    assert Document.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "passport"}, "kind"),
        ({"file": "text"}, "file"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"is_internal": "true"}, "is_internal"),
        ({"sha256": "0" * 64}, "sha256"),
    ],
)
def test_a_wrong_part_of_an_upload_is_named(exporter, changes, field):
    draft = exporter.create()
    assert_problem(exporter.upload(of(draft, "documents/"), a_pdf(**changes)), 400, field=field)
    assert Document.objects.count() == 0


def test_a_document_above_the_limit_is_too_large(exporter):
    draft = exporter.create()
    big = SimpleUploadedFile("big.pdf", b"%PDF-" + b"0" * LARGEST_BYTES, content_type="application/pdf")
    assert_problem(exporter.upload(of(draft, "documents/"), {"kind": "other", "file": big}), 422, field="file")
    bigger = SimpleUploadedFile("big.pdf", b"%PDF-" + b"0" * (LARGEST_BYTES + 2 * 1024 * 1024))
    assert_problem(exporter.upload(of(draft, "documents/"), {"kind": "other", "file": bigger}), 413, says="11 MB")


def test_the_same_document_twice_is_refused(exporter):
    draft = exporter.create()
    exporter.upload(of(draft, "documents/"), a_pdf("same"))
    assert_problem(exporter.upload(of(draft, "documents/"), a_pdf("same")), 422, field="file", says="already")


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": 7}, {"reason": "x" * 1001}])
def test_a_withdrawal_says_why(exporter, body):
    draft = exporter.create()
    assert_problem(exporter.send(of(draft, "withdraw/"), body), 400, field="reason")


@pytest.mark.parametrize(
    ("facts", "field", "says"),
    [
        ({"destination": "XX"}, "destination", "two-letter country code"),
        ({"destination": "no"}, "destination", "NO"),
        ({"items": []}, "items", "at least one line"),
        ({"items": [{"kind": "chip", "model": "GB300", "quantity": True}]}, "items[0].quantity", "not true"),
        ({"items": [{"kind": "chip", "model": "Nothing", "quantity": 1}]}, "items[0].model", "catalogue"),
        ({"color": "red"}, "color", "not a field"),
        ({"installation": {"installed": -1}}, "installation.installed", "whole number"),
        ({"edition": "no-such"}, "edition", "GET /editions/"),
        ({"edition": 7}, "edition", "not 7"),
        ({"edition": "a\x00b"}, "edition", "must be the id"),
        ({"edition": None}, "edition", "null"),
    ],
)
def test_facts_that_cannot_be_answered_are_named(exporter, facts, field, says):
    good = {"destination": "NO", "items": [{"kind": "chip", "model": "GB300", "quantity": 5}]}
    assert_problem(exporter.send("/determinations/", {**good, **facts}), 400, field=field, says=says)


@pytest.mark.parametrize(
    "query",
    [{"limit": "0"}, {"limit": "101"}, {"limit": "ten"}, {"limit": "9" * 5000}, {"after": "x"}, {"page": "2"}],
)
def test_a_wrong_question_of_a_list_is_named(exporter, query):
    assert_problem(exporter.get("/applications/", query), 400, field=next(iter(query)))


def test_a_page_after_another_organizations_application_is_refused(exporter, who, stranger):
    theirs = stranger.create()
    assert_problem(exporter.get("/applications/", {"after": theirs["reference"]}), 400, field="after")


def test_a_fault_of_ours_is_a_problem_without_detail_and_nothing_is_kept(exporter, monkeypatch, caplog):
    def broken(**words: Any) -> Application:
        make.draft(make.user(organization=exporter.organization))
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr(applications, "start_whole_draft", broken)
    with caplog.at_level(logging.CRITICAL):
        answer = exporter.send("/applications/", a_draft(), key="one")
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "secret detail" not in answer.content.decode()
    assert Application.objects.count() == 0
    monkeypatch.undo()
    assert exporter.send("/applications/", a_draft(), key="one").status_code == 201


def test_a_version_that_is_no_longer_current_changes_nothing(exporter):
    draft = exporter.create()
    body = {**a_draft(own_reference="NEW"), "version": draft["version"] - 1}
    assert_problem(exporter.send(of(draft), body, method="put"), 409, says="changed")
    assert exporter.get(of(draft)).json() == draft


def test_a_change_whose_last_part_is_refused_keeps_none_of_its_parts(exporter):
    draft = exporter.create()
    body = {**a_draft(own_reference="NEW", safeguards={"declared_facts": ["no_such"]}), "version": draft["version"]}
    assert_problem(exporter.send(of(draft), body, method="put"), 422, field="safeguards.declared_facts")
    assert exporter.get(of(draft)).json() == draft


@pytest.mark.parametrize("part", ["", "documents/", "submit/"])
def test_what_was_filed_stays(exporter, part):
    draft = exporter.create()
    assert exporter.submit(draft).status_code == 201
    version = exporter.get(of(draft)).json()["version"]
    if part == "documents/":
        answer = exporter.upload(of(draft, part), a_pdf())
    elif part:
        answer = exporter.send(of(draft, part), certification(version=version))
    else:
        answer = exporter.send(of(draft), {**a_draft(), "version": version}, method="put")
    assert_problem(answer, 409, says="can no longer")
