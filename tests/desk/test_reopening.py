"""A closed requirement is opened again when what closed it turns out wrong; a refused exemption gets its letter."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from accounts.models import User
from accounts.statuses import Role
from audit.selectors import list_entries
from licensing import operations
from licensing.models import Letter, RequirementAct
from tests.accounts.factories import user
from tests.licensing import factories as make

pytestmark = pytest.mark.django_db

SAUDI = {"country": "SA", "items": [make.chips("GB300", 35_000)]}


@pytest.fixture
def case(who):
    case = make.assigned(who, **SAUDI)
    make.meet(case, who, "government_assurance")
    return case


def address(case, position: int = 1) -> str:
    return f"/desk/cases/{case.acn}/requirements/{position}/reopen/"


class TestReopening:
    def test_begins_a_new_round_and_stays_in_the_journal(self, who, enter, case):
        client = enter(who.officer)
        assert f'href="{address(case)}"' in client.get(f"/desk/cases/{case.acn}/").text
        assert "Letter of assurance for SA" in client.get(address(case)).text
        response = client.post(address(case), {"reason": "The letter was not signed."}, follow=True)
        assert "is open again" in response.text
        assert "The letter was not signed." in response.text
        requirement = case.requirements.get(position=1)
        assert (requirement.status, requirement.round) == ("open", 2)
        assert list_entries(case)[0].verb == "requirement.reopened"
        assert f'href="{address(case)}"' not in response.text

    def test_is_done_once_however_often_it_is_sent(self, who, enter, case):
        client = enter(who.officer)
        assert client.post(address(case), {"reason": "Not signed."}).status_code == 302
        again = client.post(address(case), {"reason": "Not signed."})
        assert again.status_code == 409
        assert RequirementAct.objects.filter(kind="reopened").count() == 1

    def test_of_a_waiver_asks_for_both_signatures_anew(self, who, enter):
        case = make.assigned(who, **SAUDI)
        requirement = case.requirements.filter(waivable=True).first()
        for official in who.waivers:
            operations.sign_waiver(requirement=requirement, reason="Covered.", by=official, at=make.AT)
        enter(who.officer).post(address(case, requirement.position), {"reason": "The arrangement lapsed."})
        assert "The arrangement lapsed." in enter(who.waivers[0]).get("/desk/inbox/").text
        operations.sign_waiver(requirement=requirement, reason="Renewed.", by=who.waivers[0], at=make.AT)
        requirement.refresh_from_db()
        assert requirement.status == "open"
        operations.sign_waiver(requirement=requirement, reason="Renewed.", by=who.waivers[1], at=make.AT)
        requirement.refresh_from_db()
        assert requirement.status == "waived"

    def test_holds_up_a_license_that_was_about_to_be_issued(self, who, enter):
        case = make.countersigned(who, **SAUDI)
        make.waive_everything(case, who)
        first = case.requirements.filter(gates="issue").first()
        enter(who.officer).post(address(case, first.position), {"reason": "The arrangement lapsed."})
        assert "A license cannot be issued until" in enter(who.director).get(f"/desk/cases/{case.acn}/").text

    @pytest.mark.parametrize("role", [Role.LICENSING_OFFICER, Role.LICENSING_DIRECTOR, Role.WAIVER_OFFICIAL])
    def test_is_for_the_officer_of_the_case(self, enter, case, role):
        client = enter(user(role))
        assert f'href="{address(case)}"' not in client.get(f"/desk/cases/{case.acn}/").text
        assert client.post(address(case), {"reason": "Not signed."}).status_code == 403
        assert case.requirements.get(position=1).status == "satisfied"

    def test_is_too_late_once_the_case_is_decided(self, who, enter):
        case = make.licensed(who, **SAUDI)
        closed = case.requirements.exclude(status="open").first()
        client = enter(who.officer)
        assert f'href="{address(case, closed.position)}"' not in client.get(f"/desk/cases/{case.acn}/").text
        response = client.post(address(case, closed.position), {"reason": "Too late."})
        assert response.status_code == 409
        assert "can no longer change" in response.text

    @pytest.mark.parametrize("reason", ["", " ", "x" * 10_001, "a\x00b"])
    def test_needs_a_reason_that_can_be_read(self, who, enter, case, reason):
        response = enter(who.officer).post(address(case), {"reason": reason})
        assert response.status_code == 400
        assert "There is a problem" in response.text


class TestARefusedExemption:
    def refused(self, who, enter, reasons: str = "The plan names no auditor."):
        case = make.assigned(who, safeguards=make.MONITORED)
        sends = {"version": case.version, "outcome": "refuse", "reasons": reasons}
        response = enter(who.officer).post(f"/desk/cases/{case.acn}/exemption/", sends, follow=True)
        assert "the letter has gone out" in response.text
        return case

    def test_writes_to_the_applicant_why_and_what_they_can_do(self, who, enter):
        case = self.refused(who, enter)
        letter = Letter.objects.get(case=case)
        assert letter.kind == "exemption_refusal"
        text = " ".join(page.extract_text() for page in PdfReader(BytesIO(bytes(letter.pdf))).pages)
        text = " ".join(text.split())
        for words in ("A license is required", "The plan names no auditor.", "need not file again", "withdraw",
                      who.officer.name, case.acn):  # fmt: skip
            assert words in text, words

    def test_shows_the_letter_to_the_applicant(self, who, enter):
        case = self.refused(who, enter)
        client = enter(User.objects.get(pk=who.applicant.pk))
        page = client.get(f"/portal/applications/{case.application.reference}/case/").text
        letter = Letter.objects.get(case=case)
        assert letter.title in page
        assert "Refusal of an exemption" in page
        assert client.get(f"/portal/letters/{letter.pk}/").content.startswith(b"%PDF-")

    def test_prints_reasons_of_ten_thousand_characters(self, who, enter):
        case = self.refused(who, enter, "The plan is short. " * 525)
        assert len(PdfReader(BytesIO(bytes(Letter.objects.get(case=case).pdf))).pages) > 2
