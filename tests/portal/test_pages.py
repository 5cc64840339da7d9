"""What a reader of the portal sees: where they are, what is still missing, and what can be done about it."""

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from deadlines.operations import notify
from deadlines.selectors import INBOX_PAGE
from licensing import operations
from licensing.models import Application
from licensing.statuses import CaseStatus
from tests.licensing import factories as make

pytestmark = pytest.mark.django_db

LONG = "Hochleistungsrechenzentrumsbetriebsgesellschaft" * 4


@pytest.fixture
def who() -> make.People:
    make.load_rules()
    return make.people()


@pytest.fixture
def client(who) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.get(pk=who.applicant.pk))
    return client


def address(application: Application, step: str = "") -> str:
    return f"/portal/applications/{application.reference}/{step}"


def read(client: Client, where: str) -> str:
    response = client.get(where)
    assert response.status_code == 200, where
    return response.content.decode()


def write_to(person: User, count: int) -> None:
    for number in range(count):
        notify(users=[person], kind="test", says=f"Message {number}", url="/portal/", at=make.AT)


@pytest.mark.parametrize("where", ["/portal/licenses/", "/portal/organization/", "/portal/inbox/"])
def test_the_navigation_marks_only_the_page_that_is_open(client, where):
    page = read(client, where)
    navigation = page[page.index('aria-label="Main"') : page.index("</nav>")]
    marked = [line for line in navigation.split("<li") if "aria-current" in line]
    assert not any("Applications" in line for line in marked)


def test_a_filed_step_says_that_it_can_no_longer_be_changed(client, who):
    draft = make.draft(who.applicant)
    assert "can no longer be changed" not in read(client, address(draft, "parties/"))
    make.submit(draft, who.applicant)
    for step in ("parties/", "parties/1/", "installation/", "items/", "end-use/", "safeguards/", "documents/"):
        page = read(client, address(draft, step))
        assert "This can no longer be changed" in page, step
        assert address(draft, "case/") in page, step


def test_a_withdrawn_draft_offers_the_copy_that_was_promised(client, who):
    draft = make.draft(who.applicant)
    operations.withdraw_application(application=draft, reason="No longer wanted.", by=who.applicant, at=make.AT)
    assert address(draft, "copy/") in read(client, address(draft))
    response = client.post(address(draft, "copy/"))
    assert response.status_code == 302
    copied = Application.objects.exclude(pk=draft.pk).get()
    assert copied.status == "draft"
    assert copied.parties.count() == draft.parties.count()


def test_a_certification_that_is_refused_names_each_lack_once_and_leads_to_it(client, who):
    draft = operations.start_application(organization=who.organization, by=who.applicant, at=make.AT)
    response = client.post(
        address(draft, "certify/"),
        {"version": draft.version, "key": "once", "certifier_name": "A. Person", "certified": "on"},
    )
    page = response.content.decode()
    assert response.status_code == 409
    assert page.count("Name the ultimate consignee") == 1
    for step in ("parties/", "installation/", "items/", "end-use/"):
        assert f'href="{address(draft, step)}"' in page, step
    assert not draft.determinations.exists()


def test_a_document_is_removed_by_the_button_beside_it(client, who):
    draft = make.draft(who.applicant)
    kept, removed = (
        operations.add_document(
            application=draft, kind="other", title=title, upload=make.pdf(text=title), by=who.applicant, at=make.AT
        )
        for title in ("Kept", LONG)
    )
    page = read(client, address(draft, "documents/"))
    item = page[page.index(LONG) :]
    assert item.index(address(draft, f"documents/{removed.pk}/remove/")) < item.index("</li>")
    client.post(address(draft, f"documents/{removed.pk}/remove/"))
    assert [document.pk for document in draft.documents.all()] == [kept.pk]


def test_a_missing_signatory_leads_to_the_step_that_asks_for_it(client, who):
    draft = make.draft(who.applicant)
    operations.save_safeguards(
        application=draft,
        safeguards={"declared_facts": ["recipient_no_cluster_undertaking"]},
        version=draft.version,
        by=who.applicant,
        at=make.AT,
    )
    page = read(client, address(draft, "documents/"))
    assert "Say who signed" in page
    assert f'href="{address(draft, "safeguards/")}"' in page


def test_only_an_open_requirement_says_what_would_satisfy_it(client, who):
    case = make.countersigned(who, country="SA", items=[make.chips("GB300", 35_000, "50000.00")])
    requirement = case.requirements.first()
    where = address(case.application, "case/")
    assert f"Satisfied by: {requirement.satisfied_by}" in read(client, where)
    make.waive_everything(case, who)
    waived = read(client, where)
    assert "Waived" in waived
    assert f"Satisfied by: {requirement.satisfied_by}" not in waived


def test_every_message_of_a_long_inbox_can_be_reached(client, who):
    write_to(who.applicant, INBOX_PAGE + 3)
    newest = read(client, "/portal/inbox/")
    assert "Message 2<" not in newest
    onward = newest.split('rel="next" href="')[1].split('"')[0]
    earlier = read(client, f"/portal/inbox/{onward}")
    for number in range(3):
        assert f"Message {number}<" in earlier
    assert 'rel="next"' not in earlier


def test_the_end_of_the_inbox_does_not_claim_that_nothing_was_ever_sent(client, who):
    write_to(who.applicant, INBOX_PAGE)
    onward = read(client, "/portal/inbox/").split('rel="next" href="')[1].split('"')[0]
    end = read(client, f"/portal/inbox/{onward}")
    assert "No earlier messages" in end
    assert "Nothing was sent to you" not in end


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"safeguards": make.MONITORED},
        {"items": [make.chips("A100", 900), make.chips("GB300", 10)]},
        {"country": "RU", "items": [make.chips(quantity=1)]},
    ],
    ids=["license", "exemption", "two lines", "barred"],
)
def test_an_application_is_filed_in_thirty_queries_with_all_that_a_request_costs(client, who, fields):
    draft = make.draft(who.applicant, **fields)
    draft.refresh_from_db()
    with CaptureQueriesContext(connection) as queries:
        response = client.post(
            address(draft, "certify/"),
            {"version": draft.version, "key": "once", "certifier_name": "A. Person", "certified": "on"},
        )
    assert response.status_code == 302
    assert len(queries) <= 30, len(queries)
    barred = fields.get("country") == "RU"
    assert (Application.objects.get(pk=draft.pk).case.status == CaseStatus.REFUSED_BARRED) == barred
