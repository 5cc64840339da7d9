"""What the basket and the case page offer a person: what they can do next, and nothing that would be refused."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.statuses import Role
from licensing import operations
from tests.accounts.factories import user
from tests.licensing import factories as make

pytestmark = pytest.mark.django_db

# A national installation in Saudi Arabia: two countersignatures, requirements that may be waived.
NATIONAL = {"country": "SA", "items": [make.chips("GB300", 250_000)]}


def shown(response) -> list[str]:
    return re.findall(r'cs-row-link" href="/desk/cases/(\w+)/"', response.text)


def offered(client, case) -> set[str]:
    """The acts that a case's page offers, by their addresses."""
    page = client.get(f"/desk/cases/{case.acn}/").text
    return set(re.findall(rf'href="/desk/cases/{case.acn}/([\w/-]+?)/"', page)) - {"notes"}


@pytest.fixture
def recommended(who):
    case = make.assigned(who, **NATIONAL)
    assert make.recommend(case, who).signatures_wanted == 2
    return case


class TestWhoSigned:
    def test_has_nothing_left_to_sign_though_another_signature_is_wanted(self, who, enter, recommended):
        first, second = enter(who.countersigner), enter(who.second_countersigner)
        for client in (first, second):
            assert shown(client.get("/desk/?view=signature")) == [recommended.acn]
            assert "countersign" in offered(client, recommended)
        make.countersign(recommended.recommendations.get(), who.countersigner)
        assert shown(first.get("/desk/?view=signature")) == []
        assert "No recommendation waits for a countersignature" in first.get("/desk/?view=signature").text
        assert ">Countersign<span" not in first.get("/desk/?view=all").text
        assert offered(first, recommended) == set()
        assert shown(second.get("/desk/?view=signature")) == [recommended.acn]
        assert "countersign" in offered(second, recommended)

    def test_signs_again_when_there_is_a_new_version(self, who, enter, recommended):
        make.countersign(recommended.recommendations.get(), who.countersigner)
        make.recommend(recommended, who, reasons="Another thought.")
        client = enter(who.countersigner)
        assert shown(client.get("/desk/?view=signature")) == [recommended.acn]
        assert "countersign" in offered(client, recommended)

    def test_is_not_counted_on_the_tab(self, who, enter, recommended):
        tab = r"For my signature\s*<span class=\"cs-count\">(\d+)</span>"
        assert re.search(tab, enter(who.countersigner).get("/desk/").text)[1] == "1"
        make.countersign(recommended.recommendations.get(), who.countersigner)
        assert re.search(tab, enter(who.countersigner).get("/desk/").text)[1] == "0"

    def test_does_not_decide(self, who, enter):
        who.countersigner = user(Role.COUNTERSIGNER, roles=(Role.LICENSING_DIRECTOR,))
        case = make.countersigned(who)
        client = enter(who.countersigner)
        assert shown(client.get("/desk/?view=decision")) == []
        assert "decide" not in offered(client, case)
        assert shown(enter(who.director).get("/desk/?view=decision")) == [case.acn]
        assert "decide" in offered(enter(who.director), case)


def test_the_author_is_never_asked_to_countersign(who, enter):
    who.officer = user(Role.LICENSING_OFFICER, roles=(Role.COUNTERSIGNER, Role.LICENSING_DIRECTOR))
    case = make.assigned(who, **NATIONAL)
    make.recommend(case, who)
    client = enter(who.officer)
    assert shown(client.get("/desk/?view=signature")) == []
    assert ">Countersign<span" not in client.get("/desk/?view=all").text
    assert not offered(client, case) & {"countersign", "send-back"}
    make.countersign(case.recommendations.get(), who.countersigner, who.second_countersigner)
    assert shown(client.get("/desk/?view=decision")) == []
    assert "decide" not in offered(client, case)


class TestAWaiver:
    def test_is_offered_until_this_official_has_signed_all_there_is(self, who, enter):
        case = make.assigned(who, **NATIONAL)
        open_ones = case.requirements.filter(status="open", waivable=True)
        assert open_ones.exists()
        one, other = (enter(official) for official in who.waivers)
        assert "Consider a waiver" in one.get("/desk/?view=all").text
        for requirement in open_ones:
            operations.sign_waiver(requirement=requirement, reason="Covered.", by=who.waivers[0], at=make.AT)
        assert "Consider a waiver" not in one.get("/desk/?view=all").text
        assert "waiver" not in " ".join(offered(one, case))
        assert "Consider a waiver" in other.get("/desk/?view=all").text
        assert f"requirements/{open_ones[0].position}/waiver" in offered(other, case)

    def test_leads_to_the_first_requirement_not_signed_yet(self, who, enter):
        case = make.assigned(who, **NATIONAL)
        first, second = case.requirements.filter(waivable=True)[:2]
        operations.sign_waiver(requirement=first, reason="Covered.", by=who.waivers[0], at=make.AT)
        page = enter(who.waivers[0]).get(f"/desk/cases/{case.acn}/").text
        primary = re.search(r'href="([^"]+)" data-primary-act', page)
        assert primary[1] == f"/desk/cases/{case.acn}/requirements/{second.position}/waiver/"

    def test_has_no_form_for_whom_it_would_be_refused(self, who, enter):
        case = make.assigned(who, **NATIONAL)
        requirement = case.requirements.filter(waivable=True).first()
        page, client = f"/desk/cases/{case.acn}/requirements/{requirement.position}/waiver/", enter(who.waivers[0])
        assert "Sign the waiver" in client.get(page).text
        client.post(page, {"reason": "Covered."})
        assert "Sign the waiver" not in client.get(page).text
        assert "You signed already" in client.get(page).text

    def test_is_not_offered_where_nothing_is_to_waive(self, who, enter):
        case = make.assigned(who)
        assert not case.requirements.exists()
        client = enter(who.waivers[0])
        assert "Consider a waiver" not in client.get("/desk/?view=all").text
        assert "Consider a waiver" not in client.get(f"/desk/cases/{case.acn}/").text


def test_evidence_is_not_asked_for_where_nothing_is_open(who, enter):
    case = make.assigned(who)
    operations.request_information(case=case, question="Who runs it?", version=case.version, by=who.officer, at=make.AT)
    assert "Record evidence" not in enter(who.officer).get("/desk/?view=mine").text


@pytest.mark.parametrize("view", ["mine", "signature", "decision", "unassigned", "all", "closed"])
def test_a_person_of_every_role_is_answered_in_eight_queries(who, enter, view, recommended):
    every = user(Role.LICENSING_OFFICER, roles=(Role.COUNTERSIGNER, Role.LICENSING_DIRECTOR, Role.WAIVER_OFFICIAL))
    client = enter(every)
    client.get(f"/desk/?view={view}")
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/desk/?view={view}").status_code == 200
    assert len(asked) <= 8
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/desk/?view={view}&q=Norrsken").status_code == 200
    assert len(asked) <= 8
