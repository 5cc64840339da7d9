"""The basket and the case page: what they show, to whom, in how many questions to the database."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.statuses import Role
from deadlines.models import Notification
from licensing import operations, selectors
from licensing.selectors import BasketFilters
from registry.operations import place_hold
from tests.accounts.factories import user
from tests.licensing import factories as make
from tests.registry import factories as known

pytestmark = pytest.mark.django_db

OUTSIDERS = [Role.EXPORTER_ADMIN, Role.EXPORTER_MEMBER, Role.AUDITOR, Role.ADMINISTRATOR]


def address(case, rest: str = "") -> str:
    return f"/desk/cases/{case.acn}/{rest}"


def shown(response) -> list[str]:
    """The numbers of a basket's rows, in their order."""
    return re.findall(r'cs-row-link" href="/desk/cases/(\w+)/"', response.text)


def several(who, count: int, **fields):
    return [make.filed(who, site=f"Hall {n}", end_user=f"Norrsken {n} AB", **fields) for n in range(count)]


class TestTheBasket:
    def test_of_an_officer_who_has_none_says_what_to_do(self, who, enter):
        response = enter(who.officer).get("/desk/")
        assert response.status_code == 200
        assert "No case is assigned to you" in response.text

    def test_shows_each_case_with_what_this_person_can_do_next(self, who, enter):
        case = make.filed(who)
        row = enter(who.officer).get("/desk/?view=unassigned").text
        assert case.subject_line in row
        assert f'href="{address(case, "take/")}"' in row
        assert "Take this case" not in enter(who.countersigner).get("/desk/?view=unassigned").text

    @pytest.mark.parametrize("role", OUTSIDERS)
    def test_is_shut_to_whom_it_does_not_concern(self, who, enter, role):
        case = make.filed(who)
        response = enter(user(role)).get("/desk/")
        assert response.status_code == 403
        assert case.acn not in response.text

    def test_of_an_agency_is_empty_and_says_so(self, who, enter):
        case = make.filed(who)
        response = enter(user(Role.AGENCY_REVIEWER)).get("/desk/")
        assert response.status_code == 200
        assert "No case is referred to your agency" in response.text
        assert case.acn not in response.text

    @pytest.mark.parametrize("sort", ["due", "-due", "received", "-received"])
    def test_goes_on_where_the_page_before_ended(self, who, sort):
        cases = [make.filed(who, at=make.later(hours=n), site=f"Hall {n}", end_user=f"A {n} AB") for n in range(5)]
        wanted = [case.acn for case in (reversed(cases) if sort.startswith("-") else cases)]
        got, after = [], ""
        for _ in range(3):
            page = selectors.list_basket(
                by=who.officer, view="all", filters=BasketFilters(sort=sort), now=make.AT, after=after, size=2
            )
            got += [row.acn for row in page.rows]
            after = page.after
        assert got == wanted
        assert after == ""

    def test_of_equal_due_dates_leaves_none_out(self, who):
        cases = several(who, 4)
        got, after = [], ""
        for _ in range(2):
            page = selectors.list_basket(
                by=who.officer, view="all", filters=BasketFilters(), now=make.AT, after=after, size=2
            )
            got += [row.acn for row in page.rows]
            after = page.after
        assert sorted(got) == sorted(case.acn for case in cases)

    @pytest.mark.parametrize(
        ("query", "finds"),
        [("q=norrsken", True), ("q=C1", False), ("q=%25", False), ("status=received", True), ("destination=SE", True),
         ("destination=SA", False), ("status=countersigned", False)],
    )  # fmt: skip
    def test_is_narrowed_by_filters_that_can_be_taken_off_again(self, who, enter, query, finds):
        case = make.filed(who)
        response = enter(who.officer).get(f"/desk/?view=all&{query}")
        assert (case.acn in shown(response)) is finds
        assert "Remove filter" in response.text

    def test_finds_a_case_by_its_number_however_it_is_written(self, who, enter):
        case, _ = several(who, 2)
        assert shown(enter(who.officer).get(f"/desk/?view=all&q={case.acn.lower()}")) == [case.acn]

    @pytest.mark.parametrize("query", ["status=whim", "destination=XX", "q=%00", "q=" + "x" * 101, "sort=whim"])
    def test_tells_a_filter_that_cannot_be_used(self, who, enter, query):
        response = enter(who.officer).get(f"/desk/?view=all&{query}")
        assert response.status_code == 400
        assert "This filter cannot be used" in response.text

    @pytest.mark.parametrize(
        "after", ["x", "~", "2026-04-01~1", "2026-04-01T15:00:00~1", "2026-04-01T15:00:00+00:00~" + "9" * 30]
    )
    def test_begins_anew_at_a_damaged_place(self, who, enter, after):
        make.filed(who)
        assert enter(who.officer).get("/desk/", {"view": "all", "after": after}).status_code == 200

    def test_says_overdue_in_words(self, who, enter):
        case = make.assigned(who, at=timezone.now() - timedelta(days=200))
        response = enter(who.officer).get("/desk/?view=overdue")
        assert shown(response) == [case.acn]
        assert "Overdue" in response.text

    def test_knows_each_view(self, who, enter):
        mine = make.assigned(who, site="Hall 1", end_user="A 1 AB")
        unassigned = make.filed(who, site="Hall 2", end_user="A 2 AB")
        signing = make.assigned(who, site="Hall 3", end_user="A 3 AB")
        make.recommend(signing, who)
        deciding = make.countersigned(who, site="Hall 4", end_user="A 4 AB")
        wanted = {
            (who.officer, "mine"): {mine.acn, signing.acn, deciding.acn},
            (who.officer, "unassigned"): {unassigned.acn},
            (who.countersigner, "signature"): {signing.acn},
            (who.director, "decision"): {deciding.acn},
            (who.director, "all"): {mine.acn, unassigned.acn, signing.acn, deciding.acn},
        }
        for (person, view), acns in wanted.items():
            assert set(shown(enter(person).get(f"/desk/?view={view}"))) == acns, view

    def test_asks_as_much_of_many_cases_as_of_one(self, who, enter):
        client = enter(who.officer)
        make.filed(who)
        client.get("/desk/?view=all")
        with CaptureQueriesContext(connection) as few:
            client.get("/desk/?view=all")
        several(who, 4)
        with CaptureQueriesContext(connection) as many:
            assert len(shown(client.get("/desk/?view=all"))) == 5
        assert len(many) == len(few) <= 8


class TestTheCasePage:
    @pytest.mark.parametrize("role", [*OUTSIDERS, Role.AGENCY_REVIEWER])
    def test_is_shut_to_whom_it_does_not_concern(self, who, enter, role):
        case = make.filed(who)
        response = enter(user(role)).get(address(case))
        assert response.status_code == 403
        assert case.subject_line not in response.text

    def test_says_what_is_waited_for_and_gives_the_act(self, who, enter):
        case = make.filed(who)
        page = enter(who.officer).get(address(case)).text
        assert "Waiting for an officer to take the case." in page
        assert f'href="{address(case, "take/")}"' in page
        case = make.assigned(who, site="Hall 2", end_user="A 2 AB")
        operations.request_information(
            case=case, question="Who runs it?", version=case.version, by=who.officer, at=make.AT
        )
        page = enter(who.officer).get(address(case)).text
        assert "Waiting for the applicant’s answer to question 1, due Apr 11, 2026." in page

    def test_tells_what_blocks_a_license_and_what_would_not(self, who, enter):
        case = make.countersigned(who, country="SA", items=[make.chips("GB300", 35_000)])
        page = enter(who.director).get(address(case)).text
        assert "What blocks a license now" in page
        assert "What satisfies it:" in page
        assert "Two officials can waive it" in page

    def test_shows_owners_and_the_hold_that_stands(self, who, enter):
        case = make.assigned(who)
        party = case.application.parties.get(role="end_user").party
        known.own(known.party("Polaris Holding AB", headquarters="SE"), party, "51.50")
        place_hold(
            scope=party, cause="other", says="Wait for the visit.", lifter_role=Role.COUNTERSIGNER, by=who.officer,
            at=make.AT,
        )  # fmt: skip
        page = enter(who.officer).get(address(case)).text
        assert "Polaris Holding AB" in page
        assert "Wait for the visit." in page

    def test_shows_a_hold_on_its_license(self, who, enter):
        case = make.licensed(who)
        place_hold(
            scope=case.license, cause="other", says="Seal was broken.", lifter_role=Role.COUNTERSIGNER, by=who.officer,
            at=make.AT,
        )  # fmt: skip
        page = enter(who.officer).get(address(case)).text
        assert "<p>Seal was broken.</p>" in page
        assert "Nothing is licensed or exempted" not in page

    def test_shows_the_license_with_what_is_left_and_its_letter(self, who, enter):
        case = make.licensed(who)
        client = enter(who.officer)
        page = client.get(address(case)).text
        assert case.license.number in page
        letter = case.letters.get()
        assert address(case, f"letters/{letter.pk}/") in page
        response = client.get(address(case, f"letters/{letter.pk}/"))
        assert bytes(response.content).startswith(b"%PDF-")

    def test_gives_the_documents_as_they_were_filed(self, who, enter):
        case = make.filed(who, safeguards=make.MONITORED)
        other = make.filed(who, site="Hall 2", end_user="A 2 AB")
        document = case.application.documents.first()
        client = enter(who.officer)
        response = client.get(address(case, f"documents/{document.pk}/"))
        assert b"".join(response).startswith(b"%PDF-")
        assert client.get(address(other, f"documents/{document.pk}/")).status_code == 404

    @pytest.mark.parametrize("acn", ["C999999", "C", "x" * 60, "%00", "C10000%00"])
    def test_that_is_not_there_is_not_found(self, who, enter, acn):
        assert enter(who.officer).get(f"/desk/cases/{acn}/").status_code == 404

    @pytest.mark.parametrize("kind", ["case", "requirement", "letter", "clock", "document"])
    def test_narrows_its_timeline(self, who, enter, kind):
        case = make.licensed(who)
        assert enter(who.officer).get(f"{address(case)}?timeline={kind}").status_code == 200

    @pytest.mark.parametrize("stage", ["filed", "countersigned", "licensed"])
    def test_asks_at_most_twenty_questions(self, who, enter, stage):
        fields = {"country": "SA", "items": [make.chips("GB300", 700), make.chips("H200", 800)]}
        case = {"filed": make.filed, "countersigned": make.countersigned, "licensed": make.licensed}[stage](
            who, **fields
        )
        client = enter(who.director)
        client.get(address(case))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address(case)).status_code == 200
        assert len(asked) <= 20

    def test_escapes_what_was_typed(self, who, enter):
        case = make.filed(who, end_user="<script>alert(1)</script> AB")
        page = enter(who.officer).get(address(case)).text
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


class TestTheInbox:
    def test_tells_what_was_sent_and_marks_it_read(self, who, enter):
        case = make.filed(who)
        operations.assign_case(case=case, officer=who.officer, version=case.version, by=who.director, at=make.AT)
        client = enter(who.officer)
        assert f"{case.acn} was assigned to you" in client.get("/desk/inbox/").text
        assert client.post("/desk/inbox/").status_code == 302
        assert Notification.objects.filter(user=who.officer, read_at=None).count() == 0

    @pytest.mark.parametrize("before", ["x", "²", "9" * 30, "-1", "%00"])
    def test_begins_anew_at_a_damaged_place(self, who, enter, before):
        assert enter(who.officer).get(f"/desk/inbox/?before={before}").status_code == 200
