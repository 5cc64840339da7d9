"""The acts of staff: done once, by the right person, with a reason; and refused in words otherwise."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.statuses import Role
from licensing.models import (
    Case,
    ConditionCheck,
    Decision,
    Document,
    Letter,
    License,
    Note,
    Recommendation,
    RequirementAct,
    Signature,
)
from licensing.statuses import CaseStatus
from tests.accounts.factories import user
from tests.licensing import factories as make

pytestmark = pytest.mark.django_db

SAUDI = {"country": "SA", "items": [make.chips("GB300", 35_000)]}
OUTSIDERS = [Role.EXPORTER_ADMIN, Role.EXPORTER_MEMBER, Role.AGENCY_REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR]
ACTS = ("take", "assign", "request-information", "recommend", "send-back", "exemption")


def address(case: Case, act: str) -> str:
    return f"/desk/cases/{case.acn}/{act}/"


def status_of(case: Case) -> str:
    case.refresh_from_db()
    return case.status


def recommending(case: Case, **fields: Any) -> dict[str, Any]:
    case.refresh_from_db()
    return {
        "version": case.version,
        "action": "approve",
        "line_1": case.chips,
        "conditions": "",
        "reasons": "The end use was verified.",
        "statutory_basis": "",
        "regulatory_basis": "",
        **fields,
    }


def deciding(case: Case, **fields: Any) -> dict[str, Any]:
    case.refresh_from_db()
    return {
        "version": case.version,
        "kind": "approve",
        "line_1": case.chips,
        "reasons": "As recommended.",
        "statutory_basis": "",
        "regulatory_basis": "",
        "expires_on": "",
        **fields,
    }


def signing(case: Case, **fields: Any) -> dict[str, Any]:
    newest = case.recommendations.order_by("-version")[0]
    return {"read": "on", "recommendation": newest.pk, "content_hash": newest.content_hash, **fields}


def test_a_case_goes_from_hand_to_hand_to_its_license(who, enter):
    case = make.filed(who, **SAUDI)
    officer, director = enter(who.officer), enter(who.director)

    def done(client: Client, act: str, sends: dict[str, Any], says: str) -> None:
        assert client.get(address(case, act)).status_code == 200
        response = client.post(address(case, act), sends, follow=True)
        assert response.redirect_chain == [(f"/desk/cases/{case.acn}/", 302)], response.text
        assert says in response.text
        case.refresh_from_db()

    done(officer, "take", {"version": case.version}, "is yours now")
    done(officer, "request-information", {"version": case.version, "question": "Who runs it?"}, "Question 1 was sent")
    make.operations.answer_information(
        request=case.information_requests.get(), answer="The ministry.", by=who.applicant, at=timezone.now()
    )
    done(
        officer,
        "recommend",
        recommending(case, action="approve_with_conditions", conditions="Report twice a year.\n\nAdmit visits."),
        "Version 1 was recorded",
    )
    assert case.recommendations.get().conditions == ["Report twice a year.", "Admit visits."]
    for signer in (who.countersigner, who.second_countersigner)[: case.recommendations.get().signatures_wanted]:
        done(enter(signer), "countersign", signing(case), "You countersigned version 1")
    refused = director.post(address(case, "decide"), deciding(case))
    assert refused.status_code == 409
    assert "A license cannot be issued yet." in refused.text
    assert "As recommended." in refused.text
    first = case.requirements.filter(status="open", gates="issue").order_by("position")[0]
    for official in who.waivers:
        done(
            enter(official),
            f"requirements/{first.position}/waiver",
            {"reason": "Covered by the arrangement of 2025."},
            "You signed the waiver",
        )
    for requirement in case.requirements.filter(status="open", gates="issue"):
        done(
            officer,
            f"requirements/{requirement.position}/evidence",
            {"says": "On file.", "choice": (requirement.any_of or [""])[0], "file": make.pdf(text=requirement.name)},
            "is satisfied",
        )
    done(director, "decide", deciding(case), "Decided: approve in whole. The letter has gone out.")
    assert case.status == CaseStatus.ISSUED
    assert bytes(Letter.objects.get(case=case, kind="license").pdf).startswith(b"%PDF-")


class TestEveryAct:
    @pytest.mark.parametrize("role", OUTSIDERS)
    @pytest.mark.parametrize("act", [*ACTS, "notes", "requirements/1/evidence", "requirements/1/waiver"])
    def test_is_shut_to_whom_it_does_not_concern(self, who, enter, role, act):
        case = make.filed(who, **SAUDI)
        client = enter(user(role))
        for response in (client.get(address(case, act)), client.post(address(case, act), {"version": 1})):
            assert response.status_code in (403, 405)
            assert case.subject_line not in response.text

    @pytest.mark.parametrize("act", ["decide", "countersign"])
    def test_on_a_recommendation_is_not_there_before_one(self, who, enter, act):
        assert enter(who.director).get(address(make.assigned(who), act)).status_code == 404

    @pytest.mark.parametrize("version", ["", "0", "-1", "1.5", "x", "9" * 30, "\x00"])
    @pytest.mark.parametrize("act", ["take", "request-information"])
    def test_with_a_forged_version_is_not_done(self, who, enter, act, version):
        case = make.filed(who)
        response = enter(who.officer).post(address(case, act), {"version": version, "question": "Who?"})
        assert response.status_code in (400, 409)
        assert status_of(case) == CaseStatus.RECEIVED

    def test_from_a_stale_page_says_so_and_keeps_what_was_typed(self, who, enter):
        case = make.assigned(who)
        old = case.version
        make.recommend(case, who)
        response = enter(who.officer).post(
            address(case, "recommend"), recommending(case, version=old, reasons="Typed for an hour.")
        )
        assert response.status_code == 409
        assert "Typed for an hour." in response.text
        assert Recommendation.objects.count() == 1

    def test_sent_twice_is_done_once(self, who, enter):
        case = make.assigned(who)
        client, sends = enter(who.officer), recommending(case)
        assert client.post(address(case, "recommend"), sends).status_code == 302
        assert client.post(address(case, "recommend"), sends).status_code == 409
        assert Recommendation.objects.count() == 1


class TestTakingAndAssigning:
    def test_a_case_of_somebody_else_is_not_worked_on(self, who, enter):
        case = make.assigned(who)
        other = enter(user(Role.LICENSING_OFFICER))
        response = other.post(address(case, "recommend"), recommending(case))
        assert response.status_code == 403
        assert "is assigned to somebody else" in response.text

    def test_a_director_gives_it_to_an_officer_who_is_told(self, who, enter):
        case, other = make.filed(who), user(Role.LICENSING_OFFICER)
        enter(who.director).post(address(case, "assign"), {"version": case.version, "officer": other.pk})
        case.refresh_from_db()
        assert case.officer == other
        assert case.acn in enter(other).get("/desk/inbox/").text

    @pytest.mark.parametrize("officer", ["", "0", "x", "-1"])
    def test_nobody_else_can_be_chosen(self, who, enter, officer):
        case = make.filed(who)
        response = enter(who.director).post(address(case, "assign"), {"version": case.version, "officer": officer})
        assert response.status_code == 400

    def test_a_person_of_another_role_is_no_choice(self, who, enter):
        case = make.filed(who)
        response = enter(who.director).post(
            address(case, "assign"), {"version": case.version, "officer": who.countersigner.pk}
        )
        assert response.status_code == 400


class TestRecommending:
    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"line_1": "-1"}, "Enter 0 or more."),
            ({"line_1": "753"}, "Enter 752 or less."),
            ({"line_1": "1.5"}, "Enter a whole number,"),
            ({"line_1": "many"}, "Enter a whole number,"),
            ({"action": ""}, "Choose an answer for"),
            ({"action": "whim"}, "Choose one of the answers in the list"),
            ({"reasons": ""}, "Fill in “Reasons”."),
            ({"reasons": "x" * 10_001}, "Shorten it to 10,000 characters"),
        ],
    )
    def test_filled_wrongly_is_told_beside_the_field(self, who, enter, wrong, says):
        case = make.assigned(who)
        response = enter(who.officer).post(address(case, "recommend"), recommending(case, **wrong))
        assert response.status_code == 400
        assert says in response.text
        assert not Recommendation.objects.exists()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"action": "deny"},
            {"action": "approve_with_conditions"},
            {"conditions": "Report."},
            {"line_1": "0"},
            {"line_1": ""},
        ],
    )
    def test_against_a_rule_is_refused_and_kept(self, who, enter, wrong):
        case = make.assigned(who)
        response = enter(who.officer).post(address(case, "recommend"), recommending(case, **wrong))
        assert response.status_code == 409
        assert "There is a problem" in response.text
        assert "The end use was verified." in response.text
        assert not Recommendation.objects.exists()

    def test_begins_with_the_newest_version(self, who, enter):
        case = make.assigned(who)
        make.recommend(case, who, lines={1: 300}, reasons="Said before.")
        page = enter(who.officer).get(address(case, "recommend")).text
        assert "Said before." in page
        assert 'value="300"' in page


class TestCountersigning:
    @pytest.fixture
    def case(self, who) -> Case:
        case = make.assigned(who)
        make.recommend(case, who)
        return case

    def test_shows_the_very_text(self, who, enter, case):
        page = enter(who.countersigner).get(address(case, "countersign")).text
        newest = case.recommendations.get()
        assert newest.reasons in page
        assert newest.content_hash in page

    def test_of_a_text_that_was_revised_signs_nothing(self, who, enter, case):
        sends = signing(case)
        make.recommend(case, who, reasons="Another thought.")
        response = enter(who.countersigner).post(address(case, "countersign"), sends)
        assert response.status_code == 409
        assert "Nothing was signed." in response.text
        assert not Signature.objects.exists()

    @pytest.mark.parametrize("forged", [{"content_hash": "0" * 64}, {"recommendation": 0}, {"read": ""}])
    def test_with_forged_fields_signs_nothing(self, who, enter, case, forged):
        response = enter(who.countersigner).post(address(case, "countersign"), signing(case, **forged))
        assert response.status_code in (400, 409)
        assert not Signature.objects.exists()

    def test_of_another_case_signs_nothing(self, who, enter, case):
        other = make.assigned(who, site="Hall 2", end_user="A 2 AB")
        make.recommend(other, who)
        response = enter(who.countersigner).post(address(case, "countersign"), signing(other))
        assert response.status_code == 409
        assert not Signature.objects.exists()

    def test_of_one_s_own_text_is_not_permitted(self, who, enter):
        author = user(Role.LICENSING_OFFICER, roles=(Role.COUNTERSIGNER,))
        who.officer = author
        case = make.assigned(who)
        make.recommend(case, who)
        response = enter(author).post(address(case, "countersign"), signing(case))
        assert response.status_code == 403
        assert "You wrote this recommendation" in response.text

    def test_can_send_it_back_instead(self, who, enter, case):
        case.refresh_from_db()
        client = enter(who.countersigner)
        assert client.post(address(case, "send-back"), {"version": case.version, "reason": " "}).status_code == 400
        client.post(address(case, "send-back"), {"version": case.version, "reason": "Say more on the parent."})
        assert status_of(case) == CaseStatus.UNDER_REVIEW
        assert "Say more on the parent." in enter(who.officer).get("/desk/inbox/").text


class TestDeciding:
    def test_in_part_licenses_the_part(self, who, enter):
        case = make.countersigned(who)
        enter(who.director).post(
            address(case, "decide"), deciding(case, kind="approve_in_part", line_1="300", expires_on="2028-07-04")
        )
        license_ = License.objects.get(case=case)
        assert license_.lines.get().quantity == 300
        assert license_.expires_on.isoformat() == "2028-07-05"

    @pytest.mark.parametrize(
        ("wrong", "status"),
        [
            ({"kind": "whim"}, 400),
            ({"line_1": "753"}, 400),
            ({"expires_on": "tomorrow"}, 400),
            ({"expires_on": "2020-01-01"}, 409),
            ({"kind": "approve", "line_1": "300"}, 409),
            ({"kind": "approve_in_part"}, 409),
            ({"kind": "deny"}, 409),
            ({"reasons": ""}, 400),
        ],
    )
    def test_filled_wrongly_decides_nothing(self, who, enter, wrong, status):
        case = make.countersigned(who)
        response = enter(who.director).post(address(case, "decide"), deciding(case, **wrong))
        assert response.status_code == status
        assert "There is a problem" in response.text
        assert status_of(case) == CaseStatus.COUNTERSIGNED
        assert not Decision.objects.exists()
        assert not Letter.objects.exists()

    def test_to_deny_sends_the_letter(self, who, enter):
        case = make.countersigned(who, action="deny")
        enter(who.director).post(
            address(case, "decide"),
            deciding(case, kind="deny", statutory_basis="50 USC 4813", regulatory_basis="15 CFR 742.6"),
        )
        assert status_of(case) == CaseStatus.DENIED
        assert Letter.objects.get(case=case).kind == "denial"

    def test_who_countersigned_does_not_decide(self, who, enter):
        who.countersigner = user(Role.COUNTERSIGNER, roles=(Role.LICENSING_DIRECTOR,))
        case = make.countersigned(who)
        response = enter(who.countersigner).post(address(case, "decide"), deciding(case))
        assert response.status_code == 403
        assert "You countersigned the recommendation" in response.text

    @pytest.mark.django_db(transaction=True)
    def test_of_two_directors_at_once_one_decides(self, who, enter):
        case = make.countersigned(who)
        clients = [enter(who.director), enter(user(Role.LICENSING_DIRECTOR))]
        sends = deciding(case)

        def decide(client: Client) -> int:
            try:
                return client.post(address(case, "decide"), sends).status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(decide, clients)) == [302, 409]
        assert Decision.objects.count() == License.objects.count() == Letter.objects.count() == 1


class TestRequirements:
    @pytest.fixture
    def case(self, who) -> Case:
        return make.assigned(who, **SAUDI)

    def evidence(self, case: Case, position: int = 1) -> str:
        return address(case, f"requirements/{position}/evidence")

    def test_a_file_that_is_no_pdf_is_refused_and_nothing_half_saved(self, who, enter):
        chinese = make.assigned(who, country="CN", items=[make.chips("H20", 500)], end_user="Example Cloud")
        paper = SimpleUploadedFile("letter.pdf", b"not a PDF", content_type="application/pdf")
        sent = {"item": "us_supply", "says": "The exporter’s letter.", "file": paper}
        response = enter(who.officer).post(self.evidence(chinese), sent)
        assert response.status_code == 409
        assert "The exporter’s letter." in response.text
        assert not ConditionCheck.objects.exists()
        assert not Document.objects.exists()

    def test_a_condition_is_verified_with_words_and_shows_what_is_left(self, who, enter):
        chinese = make.assigned(who, country="CN", items=[make.chips("H20", 500)], end_user="Example Cloud")
        client = enter(who.officer)
        assert client.post(self.evidence(chinese), {"item": "us_supply", "says": ""}).status_code == 400
        assert client.post(self.evidence(chinese), {"item": "forged", "says": "x"}).status_code == 400
        assert client.post(self.evidence(chinese), {"item": "us_supply", "says": "On file."}).status_code == 302
        page = client.get(self.evidence(chinese)).text
        assert "Verified" in page
        assert 'value="us_supply"' not in page
        assert 'value="third_party_test"' in page

    def test_an_instrument_is_chosen_once_and_what_does_not_suffice_says_why(self, who, enter, case):
        client = enter(who.officer)
        assert "Nothing suffices yet" in client.get(self.evidence(case)).text
        small = make.instrument_for(case, ceiling=10_000)
        page = client.get(self.evidence(case)).text
        assert "Not sufficient yet" in page
        assert f"/desk/assurances/{small.pk}/" in page
        instrument = make.instrument_for(case)
        sent = {"evidence": f"government_assurance|assurances.instrument|{instrument.pk}"}
        assert client.post(self.evidence(case), {"evidence": "forged|x|1"}).status_code == 400
        assert client.post(self.evidence(case), {}).status_code == 400
        assert client.post(self.evidence(case), sent).status_code == 302
        assert client.post(self.evidence(case), sent).status_code == 409
        assert RequirementAct.objects.count() == 1
        assert instrument.number in client.get(f"/desk/cases/{case.acn}/").text

    def test_that_is_not_there_is_not_found(self, who, enter, case):
        assert enter(who.officer).get(self.evidence(case, 99)).status_code == 404

    def test_one_official_alone_waives_nothing(self, who, enter, case):
        waiver, client = address(case, "requirements/1/waiver"), enter(who.waivers[0])
        assert client.post(waiver, {"reason": "Covered."}).status_code == 302
        again = client.post(waiver, {"reason": "Covered."})
        assert again.status_code == 409
        assert "A second official must sign it" in again.text
        assert case.requirements.get(position=1).status == "open"
        enter(who.waivers[1]).post(waiver, {"reason": "Covered."})
        assert case.requirements.get(position=1).status == "waived"


class TestExemptions:
    @pytest.mark.parametrize(
        ("outcome", "status"), [("accept", CaseStatus.EXEMPTION_ACCEPTED), ("refuse", CaseStatus.UNDER_REVIEW)]
    )
    def test_are_accepted_or_refused(self, who, enter, outcome, status):
        case = make.assigned(who, safeguards=make.MONITORED)
        response = enter(who.officer).post(
            address(case, "exemption"), {"version": case.version, "outcome": outcome, "reasons": "Checked."}
        )
        assert response.status_code == 302
        assert status_of(case) == status

    def test_of_a_license_case_is_refused(self, who, enter):
        case = make.assigned(who)
        response = enter(who.officer).post(
            address(case, "exemption"), {"version": case.version, "outcome": "accept", "reasons": "Checked."}
        )
        assert response.status_code == 409
        assert "is no exemption filing" in response.text


class TestNotes:
    def test_are_read_by_colleagues_and_not_by_the_applicant(self, who, enter):
        case = make.assigned(who)
        assert enter(who.countersigner).post(address(case, "notes"), {"text": "Ask State."}).status_code == 302
        assert "Ask State." in enter(who.officer).get(f"/desk/cases/{case.acn}/").text
        applicant = User.objects.get(pk=who.applicant.pk)
        assert "Ask State." not in enter(applicant).get(f"/portal/applications/{case.application.reference}/case/").text

    def test_sent_twice_stand_once(self, who, enter):
        case, client = make.assigned(who), enter(who.officer)
        for _ in range(2):
            assert client.post(address(case, "notes"), {"text": "Ask State."}).status_code == 302
        assert Note.objects.count() == 1

    @pytest.mark.parametrize("text", ["", " ", "x" * 4001, "a\x00b"])
    def test_filled_wrongly_are_told(self, who, enter, text):
        case = make.assigned(who)
        assert enter(who.officer).post(address(case, "notes"), {"text": text}).status_code == 400
        assert not Note.objects.exists()


class TestAPageOfAnActThatWouldBeRefused:
    """Nobody fills in a form that cannot succeed: the reason stands in its place."""

    @pytest.mark.parametrize("act", ["recommend", "request-information", "send-back", "assign"])
    def test_tells_the_reason_in_place_of_the_form(self, act):
        make.load_rules()
        who = make.people()
        case = make.filed(who)
        client = Client()
        client.force_login(User.objects.get(pk=who.waivers[0].pk))
        page = client.get(address(case, act)).content.decode()
        assert "You cannot do this here" in page
        assert "<textarea" not in page
        assert "Back to the case" in page


def test_the_page_of_a_requirement_that_is_closed_says_so_in_place_of_its_form(enter, who):
    case = make.assigned(who, **SAUDI)
    make.meet(case, who, "government_assurance")
    official, officer = enter(who.waivers[0]), enter(who.officer)
    position = case.requirements.get(name="government_assurance").position
    for client, act in ((official, "waiver"), (officer, "evidence")):
        page = client.get(address(case, f"requirements/{position}/{act}"))
        assert page.status_code == 200
        assert "can no longer" in page.content.decode()
        assert "<textarea" not in page.content.decode()
    reopening = officer.get(address(case, f"requirements/{position}/reopen"))
    assert "<textarea" in reopening.content.decode()
    assert "can no longer" not in reopening.content.decode()
