"""Every case is found again: the open and the closed ones, by any number and by any name on them."""

import re

import pytest

from licensing import operations, selectors
from licensing.selectors import BasketFilters
from tests.licensing import factories as make

pytestmark = pytest.mark.django_db


def shown(response) -> list[str]:
    return re.findall(r'cs-row-link" href="/desk/cases/(\w+)/"', response.text)


def withdrawn(who, n: int):
    case = make.filed(who, site=f"Hall {n}", end_user=f"Company {n} AB")
    operations.withdraw_application(
        application=case.application, reason="Sold elsewhere.", by=who.applicant, at=make.later(days=n)
    )
    case.refresh_from_db()
    return case


class TestClosedCases:
    def test_are_in_a_view_of_their_own(self, who, enter):
        closed, still_open = make.licensed(who), make.filed(who, site="Hall 2", end_user="A 2 AB")
        response = enter(who.officer).get("/desk/?view=closed")
        assert response.status_code == 200
        assert shown(response) == [closed.acn]
        assert "License issued" in response.text
        assert shown(enter(who.officer).get("/desk/?view=all")) == [still_open.acn]

    def test_come_a_page_at_a_time_the_newest_first(self, who):
        cases = [withdrawn(who, n) for n in range(1, 6)]
        for sort, wanted in (("", cases[::-1]), ("closed", cases)):
            got, after = [], ""
            for _ in range(3):
                page = selectors.list_basket(
                    by=who.officer, view="closed", filters=BasketFilters(sort=sort), now=make.AT, after=after, size=2
                )
                got += [row.acn for row in page.rows]
                after = page.after
            assert got == [case.acn for case in wanted]
            assert after == ""

    def test_are_narrowed_by_their_own_statuses(self, who, enter):
        closed = make.licensed(who)
        client = enter(who.officer)
        assert shown(client.get("/desk/?view=closed&status=issued")) == [closed.acn]
        assert shown(client.get("/desk/?view=closed&status=denied")) == []
        assert client.get("/desk/?view=closed&status=received").status_code == 400
        assert client.get("/desk/?view=all&status=issued").status_code == 400

    def test_keep_the_search_but_not_the_order_of_the_open_ones(self, who, enter):
        page = enter(who.officer).get("/desk/?view=all&q=Norrsken&sort=-due&status=received").text
        assert 'href="?view=closed&amp;q=Norrsken"' in page
        assert "Look among the closed cases" in page
        assert 'href="?view=all&amp;q=Norrsken&amp;status=received&amp;sort=-due"' in page

    def test_say_why_there_are_none(self, who, enter):
        assert "No case is closed yet" in enter(who.officer).get("/desk/?view=closed").text


class TestSearching:
    def test_finds_a_case_by_any_of_its_numbers(self, who, enter):
        case, other = make.licensed(who), make.licensed(who, site="Hall 2", end_user="A 2 AB")
        client = enter(who.officer)
        for number in (case.acn, case.license.number, case.license.number.lower()):
            assert shown(client.get("/desk/", {"view": "closed", "q": number})) == [case.acn]
        exempt = make.assigned(who, site="Hall 3", end_user="A 3 AB", safeguards=make.MONITORED)
        exemption = operations.accept_exemption(
            case=exempt, reasons="Both suffice.", version=exempt.version, by=who.officer, at=make.AT
        )
        assert shown(client.get("/desk/", {"view": "closed", "q": exemption.number})) == [exempt.acn]
        assert other.acn not in shown(client.get("/desk/", {"view": "closed", "q": exempt.acn}))

    def test_finds_a_case_by_every_party_on_it(self, who, enter):
        case = make.filed(
            who,
            parties=[
                make.party("purchaser", "Nordhandel Trading AB", "SE"),
                make.party("intermediate_consignee", "Rhein (Spedition) & Sons", "DE"),
                make.party("ultimate_consignee", "Norrsken Compute AB", "SE"),
                make.party("end_user", "Norrsken Compute AB", "SE"),
            ],
        )
        make.filed(who, site="Hall 2", end_user="A 2 AB")
        client = enter(who.officer)
        for text in ("nordhandel", "Rhein (Sped", "norrsken", who.organization.name[:6]):
            assert case.acn in shown(client.get("/desk/", {"view": "all", "q": text})), text
        assert shown(client.get("/desk/", {"view": "all", "q": "nordhandel"})) == [case.acn]

    @pytest.mark.parametrize("text", ["(x[", "[a", "a{2", "\\", "*+?", "%", "_", "xq", "A" * 100, "²", "Å B"])
    def test_takes_every_text_as_text(self, who, enter, text):
        make.filed(who)
        response = enter(who.officer).get("/desk/", {"view": "all", "q": text})
        assert response.status_code == 200
        assert shown(response) == []

    def test_finds_names_that_are_on_more_cases_than_are_listed(self, who, enter, monkeypatch):
        monkeypatch.setattr("licensing.selectors.basket._LISTED", 1)
        cases = [
            make.filed(
                who,
                site=f"Hall {n}",
                parties=[
                    make.party("purchaser", "Nordhandel Trading AB", "SE"),
                    make.party("ultimate_consignee", f"A {n} AB", "SE"),
                    make.party("end_user", f"A {n} AB", "SE"),
                ],
            )
            for n in range(3)
        ]
        found = shown(enter(who.officer).get("/desk/?view=all&q=nordhandel"))
        assert sorted(found) == sorted(case.acn for case in cases)


class TestTheTier:
    def test_is_chosen_among_those_of_the_edition(self, who, enter):
        case = make.filed(who)
        client = enter(who.officer)
        page = client.get("/desk/?view=all").text
        for words in ("Small installation", "Medium installation", "Large installation", "National installation"):
            assert re.search(rf'<option value="\w+">{words}</option>', page)
        assert shown(client.get(f"/desk/?view=all&tier={case.tier}")) == [case.acn]
        assert "Tier: Small installation" in client.get(f"/desk/?view=all&tier={case.tier}").text
        assert shown(client.get("/desk/?view=all&tier=large")) == []

    @pytest.mark.parametrize("tier", ["whim", "SMALL", "%00", "x" * 500])
    def test_that_the_edition_does_not_know_is_told(self, who, enter, tier):
        response = enter(who.officer).get(f"/desk/?view=all&tier={tier}")
        assert response.status_code == 400
        assert "This filter cannot be used" in response.text


@pytest.mark.parametrize("view", ["whim", "%00", "signature", "decision"])
def test_a_view_that_is_not_this_person_s_is_told(who, enter, view):
    response = enter(who.officer).get(f"/desk/?view={view}")
    assert response.status_code == 400
    assert "You have no such view" in response.text
