"""Whoever saves and leaves keeps what was typed; removing asks first; numbers are read as people write them."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.statuses import Role
from deadlines.models import Notification
from deadlines.operations import notify
from ledger.operations import draw
from ledger.selectors import get_account
from ledger.statuses import AccountKind
from licensing import operations
from licensing.models import Application, Case
from tests.accounts.factories import api_key, user
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


@pytest.fixture
def draft(who) -> Application:
    return operations.start_application(organization=who.organization, by=who.applicant, at=make.AT)


def address(application: Application, step: str = "") -> str:
    return f"/portal/applications/{application.reference}/{step}"


def read(client: Client, where: str) -> str:
    response = client.get(where)
    assert response.status_code == 200, where
    return response.content.decode()


class TestSavingAndLeaving:
    def leave(self, client: Client, draft: Application, step: str, **typed: Any) -> Any:
        draft.refresh_from_db()
        sent = {"version": draft.version, "leave": "1", **typed}
        return client.post(address(draft, f"{step}/"), sent, follow=True)

    def test_keeps_an_incomplete_step_and_names_what_is_missing(self, client, draft):
        response = self.leave(client, draft, "installation", site_city="Luleå", declared_installed="1,200")
        page = response.content.decode()
        assert response.redirect_chain == [(address(draft), 302)]
        assert "Still to answer: Name of the installation; Street address; Country." in page
        assert re.search(r"The installation</a>.*?</li>", page, re.DOTALL)[0].count("Incomplete") == 1
        draft.refresh_from_db()
        assert (draft.site_city, draft.declared_installed, draft.site_name) == ("Luleå", 1200, "")
        assert 'value="Luleå"' in read(client, address(draft, "installation/"))

    @pytest.mark.parametrize(
        ("step", "typed", "kept"),
        [
            ("installation", {"site_name": "Hall 1"}, {"site_name": "Hall 1", "site_country_id": None}),
            ("end-use", {"own_reference": "PO 7"}, {"own_reference": "PO 7", "end_use": ""}),
            ("safeguards", {"undertaking_signatory": "A. Person"}, {"undertaking_signatory": "A. Person"}),
        ],
    )
    def test_keeps_each_step_with_gaps_and_submitting_refuses_it(self, client, draft, step, typed, kept):
        assert self.leave(client, draft, step, **typed).status_code == 200
        draft.refresh_from_db()
        assert {name: getattr(draft, name) for name in kept} == kept
        response = client.post(
            address(draft, "certify/"),
            {"version": draft.version, "key": "k", "certifier_name": "A. Person", "certified": "on"},
        )
        assert response.status_code == 409
        assert "Say where the chips will stand" in response.content.decode()
        assert not Case.objects.exists()

    @pytest.mark.parametrize("value", ["many", "-1", "1,2", "1.5", "99999999999999"])
    def test_still_shows_a_malformed_answer_beside_its_field_and_keeps_what_was_typed(self, client, draft, value):
        response = self.leave(client, draft, "installation", site_name="Hall 1", declared_installed=value)
        page = response.content.decode()
        assert response.status_code == 400
        assert 'id="id_declared_installed_error"' in page
        assert f'value="{value}"' in page
        assert 'value="Hall 1"' in page
        assert 'id="id_site_city_error"' not in page
        assert "(optional)" not in page.split("Street address")[1][:40]

    def test_saving_to_continue_asks_for_everything(self, client, draft):
        response = client.post(address(draft, "installation/"), {"version": draft.version, "site_name": "Hall 1"})
        assert response.status_code == 400
        assert "Fill in “City”." in response.content.decode()


class TestLeavingAPartyOrALine:
    """Nothing incomplete becomes a party or a line, and nothing that was typed is lost."""

    def leave(self, client: Client, draft: Application, step: str, **typed: Any) -> str:
        draft.refresh_from_db()
        sent = {"version": draft.version, **typed}
        response = client.post(address(draft, f"{step}/"), sent, follow=True)
        assert response.status_code == 200, response.content.decode()
        draft.refresh_from_db()
        return response.content.decode()

    def test_keeps_an_incomplete_party_for_its_page_and_makes_none_of_it(self, client, draft):
        page = self.leave(client, draft, "parties/add", leave="1", role="purchaser", also=["end_user"], name="Nordlys")
        assert "Still to answer: Street address; City; Country of this address." in page
        assert not draft.parties.exists()
        assert "Not finished: Nordlys" in read(client, address(draft, "parties/"))
        form = read(client, address(draft, "parties/add/"))
        assert 'value="Nordlys"' in form
        assert re.search(r'value="end_user"[^>]*checked', form.split('name="also"', 1)[1])

    def test_completing_it_later_leaves_nothing_unfinished(self, client, draft, who):
        self.leave(client, draft, "parties/add", leave="1", name="Nordlys")
        whole = {"role": "purchaser", "name": "Nordlys", "address": "1 Street", "city": "Oslo", "country": "NO"}
        self.leave(client, draft, "parties/add", **whole)
        assert draft.unfinished == {}
        assert [party.name for party in draft.parties.all()] == ["Nordlys"]

    def test_keeps_what_was_stored_while_its_change_is_unfinished(self, client, who):
        draft = make.draft(who.applicant)
        lines = [line.model for line in draft.items.all()]
        page = self.leave(client, draft, "items/1", leave="1", kind="chip", model="", quantity="12", unit_price="")
        assert "Still to answer: Model; ECCN; Price of one, in US dollars." in page
        assert [line.model for line in draft.items.all()] == lines
        assert "Change not finished" in read(client, address(draft, "items/"))
        assert 'value="12"' in read(client, address(draft, "items/1/"))
        self.leave(client, draft, "items/1/remove")
        assert draft.unfinished == {}

    def test_discarding_forgets_it(self, client, draft):
        self.leave(client, draft, "items/add", leave="1", kind="chip", model="GB300")
        assert draft.unfinished == {"items": {"new": {"kind": "chip", "model": "GB300"}}}
        assert "was discarded" in self.leave(client, draft, "items/add", discard="1")
        assert draft.unfinished == {}

    def test_a_page_on_which_nothing_was_typed_keeps_nothing(self, client, draft):
        page = self.leave(client, draft, "items/add", leave="1", kind="chip", eccn="3A090.a")
        assert "Nothing was typed, so nothing was kept." in page
        assert draft.unfinished == {}

    def test_a_complete_one_is_saved_and_left(self, client, draft):
        sent = {"kind": "chip", "model": "A100", "eccn": "3A090.a", "quantity": "5", "unit_price": "10"}
        assert "were saved" in self.leave(client, draft, "items/add", leave="1", **sent)
        assert draft.items.count() == 1

    def test_a_draft_with_something_unfinished_is_not_filed(self, client, who):
        draft = make.draft(who.applicant)
        self.leave(client, draft, "parties/add", leave="1", role="end_user", name="Nordlys")
        sent = {"version": draft.version, "key": "k", "certifier_name": "A. Person", "certified": "on"}
        response = client.post(address(draft, "certify/"), sent)
        assert response.status_code == 409
        assert "Finish it, or discard it." in response.content.decode()


class TestNumbers:
    @pytest.mark.parametrize(("typed", "means"), [("35,000", 35_000), (" 752 ", 752), ("1,000,000", 1_000_000)])
    def test_are_read_as_they_are_written(self, client, draft, typed, means):
        sent = {"kind": "chip", "model": "A100", "eccn": "3A090.a", "quantity": typed, "unit_price": "12,000.50"}
        assert client.post(address(draft, "items/add/"), {**sent, "version": draft.version}).status_code == 302
        line = draft.items.get()
        assert (line.quantity, str(line.unit_price)) == (means, "12000.50")

    @pytest.mark.parametrize("typed", ["1,00", "12,3456", ",100", "1.000,00", "٣"])
    def test_grouped_otherwise_are_not_guessed_at(self, client, draft, typed):
        sent = {"kind": "chip", "model": "A100", "eccn": "3A090.a", "quantity": typed, "unit_price": "1"}
        response = client.post(address(draft, "items/add/"), {**sent, "version": draft.version})
        if typed == "٣":
            assert draft.items.get().quantity == 3
        else:
            assert response.status_code == 400

    def test_keep_a_keyboard_of_digits_and_lose_nothing_to_the_browser(self, client, draft):
        page = read(client, address(draft, "items/add/"))
        assert 'type="number"' not in page
        assert page.count('inputmode="numeric"') == 1
        assert page.count('inputmode="decimal"') == 3


FORMS = (
    "parties/add/",
    "installation/",
    "items/add/",
    "end-use/",
    "safeguards/",
    "documents/",
    "certify/",
    "withdraw/",
)


def test_no_form_leaves_explaining_to_the_browser(client, who):
    draft = make.draft(who.applicant)
    for where in (*FORMS, "parties/1/", "items/1/", "parties/1/remove/", "items/1/remove/"):
        page = read(client, address(draft, where))
        main = page[page.index("<main") :]
        for form in re.findall(r"<form[^>]*>", main):
            assert "novalidate" in form, (where, form)


@pytest.mark.parametrize("step", [step for step in FORMS if step not in ("safeguards/",)])
def test_every_form_sent_empty_explains_in_its_summary_and_beside_its_fields(client, draft, step):
    response = client.post(address(draft, step), {"version": draft.version, "key": "k"})
    page = response.content.decode()
    assert response.status_code == 400
    summary = page[page.index("cs-error-summary") :]
    for target in re.findall(r'href="#(id_\w+)"', summary[: summary.index("</ul>")]):
        assert f'id="{target}"' in page, target
        assert f'id="{re.sub("_0$", "", target)}_error"' in page, target


class TestRemoving:
    def test_asks_first_and_removes_on_the_second_page(self, client, who):
        draft = make.draft(who.applicant)
        for where, rows in (("parties/1/remove/", draft.parties), ("items/1/remove/", draft.items)):
            draft.refresh_from_db()
            before = rows.count()
            page = read(client, address(draft, where))
            assert "You are about to remove" in page
            assert rows.count() == before
            token = re.search(r'name="token" value="([^"]+)"', page)[1]
            for _ in range(2):
                sent = {"version": draft.version, "token": token}
                assert client.post(address(draft, where), sent).status_code in (302, 404)
            assert rows.count() == before - 1

    def test_of_what_is_not_there_is_not_found(self, client, who):
        draft = make.draft(who.applicant)
        for where in ("parties/9/remove/", "items/0/remove/", "documents/0/remove/"):
            assert client.get(address(draft, where)).status_code == 404
            assert client.post(address(draft, where), {"version": draft.version}).status_code == 404

    def test_from_an_old_page_removes_nothing(self, client, who):
        draft = make.draft(who.applicant)
        response = client.post(address(draft, "parties/1/remove/"), {"version": 1})
        assert response.status_code == 409
        assert "changed on another page" in response.content.decode()
        assert draft.parties.count() == 3

    def test_a_key_is_revoked_after_asking(self, who):
        admin = user(Role.EXPORTER_ADMIN, organization=who.organization)
        key, _ = api_key(organization=who.organization, created_by=admin)
        client, where = enter(admin), f"/portal/keys/{key.pk}/revoke/"
        assert "at once and for good" in read(client, where)
        key.refresh_from_db()
        assert key.revoked_at is None
        for _ in range(2):
            assert client.post(where).status_code == 302
        key.refresh_from_db()
        assert key.revoked_at
        assert client.get(where).status_code == 302


def test_the_step_indicator_goes_on_to_the_review_and_the_certification(client, who):
    draft = make.draft(who.applicant)
    for step, words in (("parties/", "Step 1 of 8"), ("review/", "Step 7 of 8"), ("certify/", "Step 8 of 8")):
        assert words in read(client, address(draft, step))


class TestInbox:
    def test_marks_one_message_and_leaves_the_others(self, client, who):
        for number in range(2):
            notify(users=[who.applicant], kind="test", says=f"Message {number}", url="/portal/", at=make.AT)
        first, second = Notification.objects.order_by("pk")
        assert f'action="?read={first.pk}"' in read(client, "/portal/inbox/")
        assert client.post(f"/portal/inbox/?read={first.pk}").status_code == 302
        first.refresh_from_db()
        second.refresh_from_db()
        assert first.read_at
        assert second.read_at is None

    @pytest.mark.parametrize("sent", ["0", "", "x", "9" * 40, "-1"])
    def test_marks_nothing_that_is_not_there(self, client, who, sent):
        notify(users=[who.applicant], kind="test", says="Message", url="/portal/", at=make.AT)
        assert client.post(f"/portal/inbox/?read={sent}").status_code == 404
        assert Notification.objects.get().read_at is None

    def test_marks_nobody_elses(self, client, who):
        notify(users=[who.officer], kind="test", says="Message", url="/desk/", at=make.AT)
        assert client.post(f"/portal/inbox/?read={Notification.objects.get().pk}").status_code == 404
        assert Notification.objects.get().read_at is None


def test_the_case_page_shows_what_is_left_on_each_line(client, who):
    case = make.licensed(who)
    line = case.license.lines.get()
    account = get_account(AccountKind.LICENSE_LINE_QUANTITY, line)
    draw(account=account, units=52, key="ship", reason="Shipped.", by=who.officer, at=make.AT)
    page = read(client, address(case.application, "case/"))
    table = page[page.index("What your license allows") :]
    assert f"{line.quantity - 52:,}" in table[: table.index("</table>")]
    assert ">52<" in table[: table.index("</table>")]


def test_the_licenses_page_lists_accepted_exemptions(client, who):
    case = make.assigned(who, safeguards=make.MONITORED)
    exemption = operations.accept_exemption(
        case=case, reasons="Both suffice.", version=case.version, by=who.officer, at=make.AT
    )
    page = read(client, "/portal/licenses/")
    assert exemption.number in page
    assert "No license yet" not in page
    assert exemption.number not in read(enter(user(Role.EXPORTER_ADMIN)), "/portal/licenses/")
