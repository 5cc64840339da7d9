"""An exporter's pages: filled rightly and wrongly, by the right people and the wrong ones."""

import re
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.statuses import Role
from licensing import operations
from licensing.models import Application, Case, Letter
from licensing.statuses import CaseStatus
from tests.accounts.factories import user
from tests.licensing import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> make.People:
    make.load_rules()
    return make.people()


def enter(person: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.pk))
    return client


@pytest.fixture
def client(who) -> Client:
    return enter(who.applicant)


def address(application: Application, step: str = "") -> str:
    return f"/portal/applications/{application.reference}/{step}"


def started(client: Client) -> Application:
    client.post("/portal/applications/new/")
    return Application.objects.get()


PARTY = {
    "name": "Norrsken Compute AB",
    "address": "1 Example Road",
    "city": "Luleå",
    "postal_code": "",
    "country": "SE",
    "headquarters": "SE",
    "ultimate_parent": "",
    "ultimate_parent_headquarters": "",
}
SITE = {
    "site_name": "Hall 1",
    "site_operator": "",
    "site_address": "2 Example Road",
    "site_city": "Luleå",
    "site_country": "SE",
    "declared_installed": "",
    "declared_licensed": "",
    "declared_pending": "",
}
ITEM = {"kind": "chip", "model": "a 100", "eccn": "3A090.a", "quantity": "752", "unit_price": "12000.50"}
END_USE = {"end_use": "Training of weather models for the national service, by its own staff."}


def fill(client: Client, draft: Application) -> Application:
    """Every step, as a person would fill it."""

    def send(step: str, data: dict[str, Any]) -> None:
        draft.refresh_from_db()
        response = client.post(address(draft, step), {**data, "version": draft.version})
        assert response.status_code == 302, response.content.decode()

    send("parties/add/", {**PARTY, "role": "purchaser", "also": ["ultimate_consignee", "end_user"]})
    send("installation/", SITE)
    send("items/add/", ITEM)
    send("end-use/", END_USE)
    draft.refresh_from_db()
    return draft


def certification(draft: Application, **changes: Any) -> dict[str, Any]:
    return {
        "version": draft.version,
        "key": "one-click",
        "certifier_name": "A. Person",
        "certifier_title": "Manager",
        "certified": "on",
        **changes,
    }


def test_a_draft_is_filled_reviewed_certified_and_followed(client):
    draft = fill(client, started(client))
    assert draft.items.get().model == "A100"
    review = client.get(address(draft, "review/")).content.decode()
    assert "A license is required." in review
    assert "Still missing" not in review
    response = client.post(address(draft, "certify/"), certification(draft), follow=True)
    case = Case.objects.get()
    page = response.content.decode()
    assert case.acn in page
    assert "A licensing officer will take your case." in page
    assert case.acn in client.get("/portal/").content.decode()


def test_a_double_click_on_the_certification_files_once(client):
    draft = fill(client, started(client))
    data = certification(draft)
    first = client.post(address(draft, "certify/"), data)
    second = client.post(address(draft, "certify/"), data)
    assert (first.status_code, second.status_code) == (302, 302)
    assert Case.objects.count() == 1


def test_a_whole_submission_asks_the_database_at_most_thirty_times(client):
    draft = fill(client, started(client))
    client.get("/portal/")
    with CaptureQueriesContext(connection) as asked:
        response = client.post(address(draft, "certify/"), certification(draft))
    assert response.status_code == 302
    statements = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
    assert len(statements) <= 30, "\n".join(sql[:120] for sql in statements)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("quantity", "-5", "Enter 1 or more."),
        ("quantity", "0", "Enter 1 or more."),
        ("quantity", "1.5", "Enter a whole number,"),
        ("quantity", "many", "Enter a whole number,"),
        ("quantity", "99999999999999999999", "Enter 1,000,000,000 or less."),
        ("unit_price", "-1", "Enter 0 or more."),
        ("unit_price", "1.234", "decimal"),
        ("model", "", "Fill in"),
        ("model", "x" * 101, "Shorten it to 100 characters"),
        ("kind", "weapon", "Choose one of the answers in the list."),
        ("version", "", "required"),
    ],
)
def test_a_wrong_item_is_refused_beside_its_field_and_what_was_typed_is_kept(client, field, value, says):
    draft = started(client)
    sent = {**ITEM, "version": draft.version, "model": "GB300", field: value}
    response = client.post(address(draft, "items/add/"), sent)
    page = response.content.decode()
    assert response.status_code == 400
    assert says in page
    if field != "model":
        assert "GB300" in page
    assert not draft.items.exists()


def test_an_unknown_country_or_a_missing_name_is_refused(client):
    draft = started(client)
    for change, says in (({"country": "XX"}, "Choose one of the answers in the list."), ({"name": ""}, "Fill in")):
        sent = {**PARTY, "role": "purchaser", "version": draft.version, **change}
        response = client.post(address(draft, "parties/add/"), sent)
        assert response.status_code == 400
        assert says in response.content.decode()
    assert not draft.parties.exists()


def test_a_missing_party_stands_in_the_way_of_filing_and_is_named(client):
    draft = fill(client, started(client))
    place = [p.role for p in draft.parties.all()].index("end_user") + 1
    client.post(address(draft, f"parties/{place}/remove/"), {"version": draft.version})
    draft.refresh_from_db()
    response = client.post(address(draft, "certify/"), certification(draft))
    assert response.status_code == 409
    assert "Name at least one end user" in response.content.decode()
    assert not Case.objects.exists()


def test_an_old_page_overwrites_nothing_and_says_so(client):
    draft = fill(client, started(client))
    response = client.post(address(draft, "end-use/"), {"end_use": "Another use altogether.", "version": 1})
    assert response.status_code == 409
    page = response.content.decode()
    assert "changed on another page" in page
    assert "Another use altogether." in page
    draft.refresh_from_db()
    assert draft.end_use == END_USE["end_use"]


def test_nothing_is_certified_without_the_box_and_the_name(client):
    draft = fill(client, started(client))
    unchecked = certification(draft)
    del unchecked["certified"]
    for sent in (unchecked, certification(draft, certifier_name="")):
        assert client.post(address(draft, "certify/"), sent).status_code == 400
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"GIF89a not a pdf", "not a PDF"),
        (b"%PDF-1.7 and then nothing", "cannot be read"),
    ],
)
def test_a_file_that_is_no_pdf_is_refused_whatever_its_name(client, content, says):
    draft = started(client)
    upload = SimpleUploadedFile("plan.pdf", content, content_type="application/pdf")
    response = client.post(address(draft, "documents/"), {"kind": "other", "title": "Plan", "file": upload})
    assert response.status_code in (400, 409)
    assert says in response.content.decode()
    assert not draft.documents.exists()


def test_a_document_is_attached_read_and_removed(client):
    draft = started(client)
    response = client.post(address(draft, "documents/"), {"kind": "other", "title": "Plan", "file": make.pdf(2)})
    assert response.status_code == 302
    document = draft.documents.get()
    assert document.pages == 2
    read = client.get(address(draft, f"documents/{document.pk}/"))
    assert b"".join(read.streaming_content).startswith(b"%PDF-")
    client.post(address(draft, f"documents/{document.pk}/remove/"))
    assert not draft.documents.exists()


def test_the_same_transaction_is_refused_on_the_page_with_the_pending_number(client):
    first, second = (fill(client, draft) for draft in (started(client), _second(client)))
    client.post(address(first, "certify/"), certification(first))
    response = client.post(address(second, "certify/"), certification(second, key="another"))
    assert response.status_code == 409
    assert Case.objects.get().acn in response.content.decode()


def _second(client: Client) -> Application:
    client.post("/portal/applications/new/")
    return Application.objects.order_by("-pk")[0]


def test_a_question_is_answered_once(client, who):
    case = make.assigned(who)
    operations.request_information(
        case=case, question="Who operates the hall?", version=case.version, by=who.officer, at=timezone.now()
    )
    where = address(case.application, "case/questions/1/")
    assert "Who operates the hall?" in client.get(where).content.decode()
    assert client.post(where, {"answer": ""}).status_code == 400
    assert client.post(where, {"answer": "We do.", "file": BytesIO(b"no pdf")}).status_code == 409
    case.refresh_from_db()
    assert case.status == CaseStatus.AWAITING_INFORMATION
    assert client.post(where, {"answer": "We do."}).status_code == 302
    assert client.post(where, {"answer": "We do not."}).status_code == 409
    assert case.information_requests.get().answer == "We do."


def test_a_license_is_downloaded_by_its_holder(client, who):
    case = make.licensed(who)
    letter = Letter.objects.get(case=case)
    page = client.get(address(case.application, "case/")).content.decode()
    assert case.license.number in page
    response = client.get(f"/portal/letters/{letter.pk}/")
    assert response["Content-Type"] == "application/pdf"
    assert bytes(response.content) == bytes(letter.pdf)
    assert case.license.number in client.get("/portal/licenses/").content.decode()


EVERY_PAGE = (
    "",
    "parties/",
    "parties/add/",
    "parties/1/",
    "installation/",
    "items/",
    "items/add/",
    "items/1/",
    "end-use/",
    "safeguards/",
    "documents/",
    "review/",
    "certify/",
    "withdraw/",
    "case/",
    "case/questions/1/",
)


def test_another_exporter_meets_nothing_but_404(who):
    draft = make.draft(who.applicant)
    case = make.assigned(who, site="Hall 2")
    operations.request_information(case=case, question="Who?", version=case.version, by=who.officer, at=timezone.now())
    licensed = make.licensed(who, site="Hall 3")
    document = operations.add_document(
        application=draft, kind="other", title="Plan", upload=make.pdf(), by=who.applicant, at=make.AT
    )
    stranger = enter(user(Role.EXPORTER_ADMIN))
    for application in (draft, case.application, licensed.application):
        for step in EVERY_PAGE:
            assert stranger.get(address(application, step)).status_code == 404, step
            assert stranger.post(address(application, step), {"version": 1}).status_code in (404, 405), step
        for step in ("copy/", "parties/1/remove/", "items/1/remove/", f"documents/{document.pk}/remove/"):
            assert stranger.post(address(application, step), {"version": 1}).status_code == 404, step
    assert stranger.get(address(draft, f"documents/{document.pk}/")).status_code == 404
    assert stranger.get(f"/portal/letters/{licensed.letters.get().pk}/").status_code == 404
    assert "Norrsken" not in stranger.get("/portal/").content.decode()
    assert licensed.license.number not in stranger.get("/portal/licenses/").content.decode()


@pytest.mark.parametrize(
    "role",
    [Role.LICENSING_OFFICER, Role.COUNTERSIGNER, Role.LICENSING_DIRECTOR, Role.AGENCY_REVIEWER, Role.AUDITOR, None],
)
def test_only_an_exporters_people_enter_the_portal(who, role):
    draft = make.draft(who.applicant)
    client = enter(user(role))
    for where in ("/portal/", "/portal/licenses/", "/portal/inbox/", "/portal/organization/", "/portal/keys/"):
        assert client.get(where).status_code == 403, where
    assert client.get(address(draft)).status_code in (403, 404)
    assert client.post("/portal/applications/new/").status_code == 403
    assert Client().get("/portal/").status_code == 302


def test_the_list_and_every_page_keep_to_their_number_of_queries(client, who, django_assert_max_num_queries):
    draft = make.draft(who.applicant, safeguards=make.MONITORED)
    for hall in range(12):
        make.filed(who, site=f"Hall {hall}")
    case = make.licensed(who, site="Hall 99")
    for where, most in (
        ("/portal/", 8),
        ("/portal/licenses/", 8),
        ("/portal/inbox/", 8),
        ("/portal/organization/", 8),
        *((address(draft, step), 12) for step in EVERY_PAGE[:14]),
        (address(case.application, "case/"), 20),
    ):
        with django_assert_max_num_queries(most):
            assert client.get(where).status_code == 200, where


def test_a_key_is_shown_once_and_only_to_the_account_administrator(who):
    member = enter(who.applicant)
    assert member.get("/portal/keys/new/").status_code == 403
    admin = enter(user(Role.EXPORTER_ADMIN, organization=who.organization))
    made = admin.post("/portal/keys/new/", {"name": "Order system"}).content.decode()
    secret = re.search(r"csk_[\w-]+_[\w-]+", made)
    assert secret
    assert secret.group() not in admin.get("/portal/keys/").content.decode()
