"""The desk's pages of allocations: what they show, to whom, and how a ceiling is set on them."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import User
from accounts.statuses import Role
from allocations import operations, selectors
from allocations.models import Allocation
from allocations.statuses import AllocationStatus
from ledger.models import Account, Entry
from ledger.operations import open_account
from tests.accounts.factories import user
from tests.allocations import factories as make
from tests.audit.factories import past_the_triggers

pytestmark = pytest.mark.django_db

BOARD = "/desk/allocations/"


@pytest.fixture(autouse=True)
def _in_april(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: make.AT)


@pytest.fixture
def enter():
    def signed_in(person: User) -> Client:
        client = Client()
        client.force_login(User.objects.get(pk=person.pk))
        return client

    return signed_in


def url(name: str, allocation: Allocation) -> str:
    return reverse(f"desk:allocation{name}", args=[allocation.pk])


def fill(allocation: Allocation, count: int) -> None:
    """So many entries more on its account, past the ledger: so many draws in one transaction would take minutes."""
    account = Account.objects.get(subject_kind="allocations.allocation", subject_id=str(allocation.pk))
    with past_the_triggers() as cursor:
        cursor.execute(
            """
            INSERT INTO ledger_entry (account_id, sequence, kind, units, key, reason, at, actor_kind, actor_id,
                actor_label, ceiling_after, reserved_after, drawn_after, previous_hash, hash)
            SELECT e.account_id, e.sequence + n, 'draw', 1, 'fill/' || e.sequence || '/' || n, 'Filled', e.at, 'system',
                'x', 'x', e.ceiling_after, 0, n, '', '' FROM generate_series(1, %s) n,
                (SELECT * FROM ledger_entry WHERE account_id = %s ORDER BY sequence DESC LIMIT 1) e
            """,
            [count, account.pk],
        )


class TestTheBoard:
    def test_says_why_it_is_empty(self, who, enter):
        for view in ("now", "proposed", "later", "ended", "refused", "unset", "all"):
            response = enter(who.first).get(BOARD, {"view": view})
            assert response.status_code == 200
            assert "cs-empty" in response.text

    @pytest.mark.parametrize("role", [Role.EXPORTER_ADMIN, Role.AGENCY_REVIEWER, Role.AUDITOR])
    def test_is_shut_to_others(self, who, enter, role):
        assert enter(user(role)).get(BOARD).status_code == 403

    def test_shows_used_reserved_and_left_each_a_link_to_its_entries(self, who, enter):
        allocation = make.approved(who)
        operations.draw_chips(**make.take(who, 120_000, "D1"))
        operations.reserve_chips(**make.take(who, 68_000, "C1"))
        page = enter(who.officer).get(BOARD).text
        for number, side in (("200,000", "ceiling"), ("120,000", "used"), ("68,000", "reserved")):
            assert f'{url("_entries", allocation)}?side={side}">{number}<' in page
        assert "<strong>12,000</strong>" in page
        assert "A tenth or less is left" in page
        assert "Saudi Arabia, 2026 (12,000 left)" in page

    def test_has_a_view_for_every_state(self, who, enter):
        make.approved(who, "SA")
        make.approved(who, "AE", year=2027)
        make.proposed(who, "QA")
        declined = make.proposed(who, "KZ")
        operations.decline_proposal(proposal=make.waiting(declined), reason="No.", by=who.second, at=make.AT)
        ended = make.approved(who, "NO", starts_on=date(2026, 1, 1), ends_on=date(2026, 4, 2))
        client = enter(who.first)
        shown = {
            view: client.get(BOARD, {"view": view}).text for view in ("now", "later", "proposed", "refused", "all")
        }
        assert "Saudi Arabia, 2026" in shown["now"]
        assert "United Arab Emirates, 2027" in shown["later"]
        assert "Qatar, 2026" in shown["proposed"]
        assert "Kazakhstan, 2026" in shown["refused"]
        assert all(name in shown["all"] for name in ("Saudi", "Emirates", "Qatar", "Kazakhstan", "Norway"))
        assert selectors.list_board(by=who.first, on=date(2026, 4, 2), view="ended").rows[0].allocation == ended

    def test_tells_where_chips_were_granted_without_an_allocation(self, who, enter):
        account = open_account(
            kind="country.chips",
            subject=("registry.country", "SE"),
            unit="chips",
            ceiling=None,
            key="open",
            reason="Counted.",
            by=who.officer,
            at=make.AT,
        )
        Entry.objects.create(
            account=account,
            kind="draw",
            units=752,
            key="D1",
            reason="D1",
            at=make.AT,
            actor_kind="system",
            actor_id="x",
            actor_label="x",
        )
        page = enter(who.first).get(BOARD, {"view": "unset"}).text
        assert "Sweden" in page
        assert ">752<" in page
        assert "?country=SE" in page
        make.approved(who, "SE")
        assert "Sweden" not in enter(who.first).get(BOARD, {"view": "unset"}).text

    def test_goes_on_where_the_page_before_ended(self, who, monkeypatch):
        monkeypatch.setattr(selectors, "PAGE", 1)
        for country, year in (("SA", 2026), ("SA", 2027), ("AE", 2026)):
            make.approved(who, country, year)
        titles, after = [], ""
        for _ in range(3):
            page = selectors.list_board(by=who.first, on=date(2026, 4, 1), view="all", after=after)
            titles += [row.allocation.title for row in page.rows]
            after = page.after
        assert titles == ["Saudi Arabia, 2027", "Saudi Arabia, 2026", "United Arab Emirates, 2026"]
        assert after == ""

    @pytest.mark.parametrize("query", ["after=%00", "after=1~x~y", "after=99999999999999999999~2026-01-01~A"])
    def test_begins_anew_at_a_damaged_place(self, who, enter, query):
        assert enter(who.first).get(f"{BOARD}?{query}").status_code == 200

    @pytest.mark.parametrize("query", ["view=nothing", f"q={'x' * 101}", "q=%00"])
    def test_tells_what_it_cannot_read(self, who, enter, query):
        assert enter(who.first).get(f"{BOARD}?{query}").status_code == 400

    def test_asks_as_much_of_many_allocations_and_entries_as_of_few(self, who, enter):
        client = enter(who.first)
        allocation = make.approved(who)
        fill(allocation, 1_000)
        client.get(BOARD)
        with CaptureQueriesContext(connection) as few:
            client.get(BOARD)
        fill_more = [make.approved(who, country) for country in ("AE", "QA", "KZ", "NO")]
        for each in fill_more:
            make.approved(who, each.country_id, year=2027)
        with CaptureQueriesContext(connection) as many:
            assert client.get(BOARD).status_code == 200
        assert len(many) == len(few) <= 8


class TestAnExport:
    def test_has_the_filters_of_the_page_and_the_marking(self, who, enter):
        make.approved(who, "SA")
        make.approved(who, "AE")
        response = enter(who.officer).get(BOARD, {"q": "Saudi", "format": "csv"})
        lines = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
        assert lines[0] == ["Protected from disclosure: 50 USC 4820(h)"]
        assert [line[:9] for line in lines[2:]] == [
            ["Saudi Arabia", "SA", "2026-01-01", "2027-01-01", "In effect", "200000", "0", "0", "200000"]
        ]

    def test_of_entries_has_numbers_as_numbers(self, who, enter):
        allocation = make.approved(who)
        operations.draw_chips(**make.take(who, 7, "D1", reason="=1+1"))
        response = enter(who.officer).get(url("_entries", allocation), {"side": "used", "format": "xlsx"})
        sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
        response.close()
        assert [sheet.cell(3, column).value for column in (1, 4, 5, 8)] == [2, 7, "'=1+1", 7]

    def test_is_refused_to_others(self, who, enter):
        assert enter(user(Role.AGENCY_REVIEWER)).get(BOARD, {"format": "csv"}).status_code == 403
        assert enter(who.officer).get(BOARD, {"format": "pdf"}).status_code == 400
        assert enter(who.officer).get(f"{BOARD}999/entries/", {"format": "csv"}).status_code == 404


class TestTheEntries:
    def test_are_those_behind_the_number_and_walk_by_key(self, who, enter, monkeypatch):
        allocation = make.approved(who)
        operations.reserve_chips(**make.take(who, 9, "C1"))
        operations.draw_reserved_chips(**make.take(who, 9, "D1", reserved_as="C1"))
        client = enter(who.officer)

        def kinds(side: str) -> list[str]:
            page = selectors.list_ledger_page(
                allocation_id=allocation.pk, by=who.officer, on=date(2026, 4, 1), side=side
            )
            return [row.kind for row in page.rows]

        assert kinds("") == ["draw_reserved", "reserve", "open"]
        assert kinds("used") == ["draw_reserved"]
        assert kinds("reserved") == ["draw_reserved", "reserve"]
        assert kinds("ceiling") == ["open"]
        monkeypatch.setattr(selectors, "PAGE", 2)
        first = client.get(url("_entries", allocation)).text
        assert "after=2" in first
        assert "Opened" in client.get(url("_entries", allocation), {"after": 2}).text
        assert client.get(url("_entries", allocation), {"side": "nothing"}).status_code == 400

    def test_ask_as_much_of_a_hundred_thousand_as_of_a_thousand(self, who, enter):
        client = enter(who.officer)
        allocation = make.approved(who)
        counted = []
        for more in (1_000, 99_000):
            fill(allocation, more)
            for address in (BOARD, url("_entries", allocation), url("", allocation)):
                with CaptureQueriesContext(connection) as asked:
                    assert client.get(address).status_code == 200
                counted.append(len(asked))
        assert counted[:3] == counted[3:]
        assert max(counted[:2]) <= 8
        assert counted[2] <= 20


class TestAnAllocation:
    def test_says_what_is_waited_for_and_from_whom(self, who, enter):
        allocation = make.proposed(who)
        page = enter(who.second).get(url("", allocation)).text
        assert f"Waiting for an allocation official other than {who.first.name}" in page
        assert "to approve or decline a ceiling of 200,000 chips." in page
        assert "Approve the ceiling" in page
        assert "Approve the ceiling" not in enter(who.first).get(url("", allocation)).text
        assert "Withdraw the proposal" in enter(who.first).get(url("", allocation)).text
        assert "Approve the ceiling" not in enter(who.officer).get(url("", allocation)).text

    def test_tells_its_history(self, who, enter):
        allocation = make.approved(who)
        page = enter(who.officer).get(url("", allocation)).text
        assert "Proposed a ceiling of 200,000 chips for Saudi Arabia, 2026: As announced in May." in page
        assert "Approved the proposed ceiling" in page
        assert "200,000 chips are left" in page

    @pytest.mark.parametrize("page", ["", "_entries", "_change", "_approve"])
    def test_that_is_not_there_is_not_found(self, who, enter, page):
        make.proposed(who)
        assert enter(who.first).get(reverse(f"desk:allocation{page}", args=[2**31])).status_code == 404


class TestSettingACeiling:
    def test_goes_through_two_persons_pages(self, who, enter):
        sent = {
            "country": "SA",
            "starts_on": "2026-01-01",
            "ends_on": "2027-01-01",
            "ceiling": "200000",
            "reason": "As announced.",
        }
        client = enter(who.first)
        assert client.get(reverse("desk:allocation_propose"), {"country": "SA"}).status_code == 200
        response = client.post(reverse("desk:allocation_propose"), sent)
        allocation = Allocation.objects.get()
        assert response.url == url("", allocation)
        proposal = make.waiting(allocation)
        second = enter(who.second)
        assert f'value="{proposal.pk}"' in second.get(url("_approve", allocation)).text
        answer = second.post(url("_approve", allocation), {"proposal": proposal.pk, "reason": "Agreed."}, follow=True)
        assert "You approved a ceiling of 200,000 chips for Saudi Arabia, 2026." in answer.text
        allocation.refresh_from_db()
        assert allocation.status == AllocationStatus.APPROVED

    def test_keeps_what_was_typed_beside_the_refusal(self, who, enter):
        make.approved(who)
        sent = {
            "country": "SA",
            "starts_on": "2026-06-01",
            "ends_on": "2027-06-01",
            "ceiling": "5",
            "reason": "Typed words.",
        }
        response = enter(who.first).post(reverse("desk:allocation_propose"), sent)
        assert response.status_code == 409
        assert "shares days with" in response.text
        assert 'href="#id_starts_on"' in response.text
        assert "Typed words." in response.text

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("ceiling", "-1"),
            ("ceiling", "1e9"),
            ("ceiling", "NaN"),
            ("starts_on", "soon"),
            ("country", "XX"),
            ("reason", ""),
        ],
    )
    def test_tells_what_it_cannot_read_by_field(self, who, enter, field, value):
        sent = {"country": "SA", "starts_on": "2026-01-01", "ends_on": "2027-01-01", "ceiling": 5, "reason": "x"}
        response = enter(who.first).post(reverse("desk:allocation_propose"), {**sent, field: value})
        assert response.status_code == 400
        assert f'href="#id_{field}"' in response.text
        assert not Allocation.objects.exists()

    def test_below_what_is_taken_names_the_field(self, who, enter):
        allocation = make.approved(who)
        operations.draw_chips(**make.take(who, 10, "D1"))
        response = enter(who.first).post(url("_change", allocation), {"ceiling": 9, "reason": "Fewer."})
        assert response.status_code == 409
        assert "10 are used" in response.text
        assert 'href="#id_ceiling"' in response.text

    def test_of_a_proposal_that_has_a_verdict_says_who_was_faster(self, who, enter):
        allocation = make.proposed(who)
        proposal = make.waiting(allocation)
        make.approve(who, allocation)
        client = enter(who.second)
        sent = {"proposal": proposal.pk, "reason": "Again."}
        for page in ("_approve", "_decline"):
            response = client.post(url(page, allocation), sent)
            assert response.status_code == 409
            assert "approved this proposal already" in response.text
        assert client.get(url("_approve", allocation)).status_code == 409
        assert client.post(url("_approve", allocation), {**sent, "proposal": 10**6}).status_code == 404

    def test_is_shown_to_officials_alone(self, who, enter):
        allocation = make.approved(who)
        for page in (reverse("desk:allocation_propose"), url("_change", allocation)):
            assert enter(who.officer).get(page).status_code == 403

    def test_declined_and_withdrawn_on_pages(self, who, enter):
        first, second = make.proposed(who), make.proposed(who, "AE")
        sent = {"proposal": make.waiting(first).pk, "reason": "No."}
        assert enter(who.second).get(url("_decline", first)).status_code == 200
        assert enter(who.second).post(url("_decline", first), sent).status_code == 302
        assert enter(who.first).get(url("_withdraw", second)).status_code == 200
        sent = {"proposal": make.waiting(second).pk, "reason": "A slip."}
        assert enter(who.first).post(url("_withdraw", second), sent).status_code == 302
        assert enter(who.second).post(url("_withdraw", second), sent).status_code == 403
        page = enter(who.officer).get(url("", second)).text
        assert "withdrawn it: A slip." in page
