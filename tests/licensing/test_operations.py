"""A case from its filing to its end, act by act."""

import pytest

from accounts.permissions import NotPermitted
from accounts.rules import Refused, Stale
from ledger.selectors import get_balance
from ledger.statuses import AccountKind
from licensing import operations
from licensing.models import Application, Case
from licensing.statuses import CaseKind, CaseStatus, DecisionKind, LetterKind, RecommendedAction
from registry.selectors import get_chip_counts

from . import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> make.People:
    make.load_rules()
    return make.people()


def test_a_small_unmonitored_order_becomes_a_license_case_without_requirements(who):
    case = make.filed(who)
    assert (case.kind, case.tier, case.status) == (CaseKind.LICENSE, "small", CaseStatus.RECEIVED)
    assert case.requirements.count() == 0
    assert case.acn[0] == "C"
    assert len(case.acn) == 7
    counts = get_chip_counts(case.application.installation)
    assert counts["A100"].pending == 752


def test_a_small_monitored_order_becomes_an_exemption_that_counts_in_the_installed_base(who):
    case = make.assigned(who, safeguards=make.MONITORED)
    assert case.kind == CaseKind.EXEMPTION
    exemption = operations.accept_exemption(
        case=case,
        reasons="Plan and undertaking are complete.",
        version=case.version,
        by=who.officer,
        at=make.later(days=1),
    )
    case.refresh_from_db()
    assert case.status == CaseStatus.EXEMPTION_ACCEPTED
    assert exemption.number.startswith("E")
    counts = get_chip_counts(case.application.installation)
    assert (counts["A100"].installed, counts["A100"].pending) == (752, 0)
    assert get_balance(AccountKind.COUNTRY_CHIPS, case.destination).drawn == 752


def test_a_medium_order_is_licensed_once_its_assurance_is_waived_by_two_officials(who):
    case = make.countersigned(who, country="SA", items=[make.chips("GB300", 35000, "40000.00")])
    with pytest.raises(Refused, match="Government-to-government assurance"):
        make.decide(case, who)
    make.waive_everything(case, who)
    make.decide(case, who)
    case.refresh_from_db()
    assert case.status == CaseStatus.ISSUED
    line = case.license.lines.get()
    assert get_balance(AccountKind.LICENSE_LINE_QUANTITY, line).left == 35000
    assert get_balance(AccountKind.LICENSE_LINE_VALUE, line).left == 35000 * 40000 * 100
    assert case.letters.get().kind == LetterKind.LICENSE
    assert case.license.expires_on.isoformat() == "2030-04-01"
    assert get_chip_counts(case.application.installation)["GB300"].licensed == 35000


def test_a_barred_destination_is_refused_in_writing_when_it_is_filed(who):
    case = make.filed(who, country="RU", items=[make.chips(quantity=1)])
    assert (case.kind, case.status) == (CaseKind.REFUSAL, CaseStatus.REFUSED_BARRED)
    assert case.letters.get().kind == LetterKind.REFUSAL
    assert get_chip_counts(case.application.installation) == {}


def test_model_weights_alone_are_answered_as_not_controlled(who):
    weights = make.chips("Open weights", 1, "0.00", kind="model_weights", eccn="4E091")
    case = make.filed(who, country="FR", items=[weights])
    assert (case.kind, case.status) == (CaseKind.ANSWER, CaseStatus.NOT_CONTROLLED)


def test_the_larger_of_declared_and_known_counts_decides_the_tier(who):
    first = make.licensed(who, items=[make.chips(quantity=990)])
    assert first.tier == "small"
    second = make.filed(who, items=[make.chips(quantity=10)])
    assert second.tier == "medium"
    stored = second.application.determinations.get()
    assert stored.declared["licensed"] == 0
    assert stored.known["licensed"] == 990


def test_the_same_transaction_is_refused_while_the_first_is_pending(who):
    first = make.filed(who)
    again = make.draft(who.applicant)
    with pytest.raises(Refused, match=first.acn):
        make.submit(again, who.applicant)
    operations.withdraw_application(
        application=first.application, reason="Mistaken quantity.", by=who.applicant, at=make.later(hours=1)
    )
    assert make.submit(Application.objects.get(pk=again.pk), who.applicant).status == CaseStatus.RECEIVED


def test_a_double_click_files_once(who):
    draft = make.draft(who.applicant)
    first = make.submit(draft, who.applicant, key="click")
    second = make.submit(draft, who.applicant, key="click")
    assert first.pk == second.pk
    assert Case.objects.count() == 1


def test_an_old_page_changes_nothing(who):
    draft = make.draft(who.applicant)
    with pytest.raises(Stale):
        operations.save_items(
            application=draft, items=[make.chips(quantity=5)], version=1, by=who.applicant, at=make.AT
        )
    assert draft.items.get().quantity == 752


def test_a_question_stops_the_clock_until_it_is_answered(who):
    case = make.assigned(who)
    due = case.due_at
    asked = operations.request_information(
        case=case, question="Who operates the hall?", version=case.version, by=who.officer, at=make.later(days=2)
    )
    operations.answer_information(
        request=asked, answer="Norrsken Compute AB does.", by=who.applicant, at=make.later(days=7)
    )
    case.refresh_from_db()
    assert case.status == CaseStatus.UNDER_REVIEW
    assert (case.due_at - due).days == 5


def test_a_new_version_voids_the_signatures_on_the_old_one(who):
    case = make.assigned(who)
    first = make.recommend(case, who)
    case.refresh_from_db()
    second = make.recommend(case, who, reasons="Revised after a second look.")
    with pytest.raises(Stale, match="version 2"):
        make.countersign(first, who.countersigner)
    make.countersign(second, who.countersigner)
    case.refresh_from_db()
    assert case.status == CaseStatus.COUNTERSIGNED


def test_nobody_signs_their_own_text_signs_twice_or_decides_what_they_signed(who):
    from accounts.models import RoleGrant

    for role in ("countersigner", "licensing_director"):
        for person in (who.officer, who.countersigner):
            RoleGrant.objects.get_or_create(user=person, role=role, defaults={"granted_at": make.AT})
    case = make.assigned(who, country="ID", items=[make.chips("GB300", 100001)])
    recommendation = make.recommend(case, who)
    assert recommendation.signatures_wanted == 2
    officer = type(who.officer).objects.get(pk=who.officer.pk)
    with pytest.raises(NotPermitted, match="You wrote"):
        make.countersign(recommendation, officer)
    make.countersign(recommendation, who.countersigner)
    with pytest.raises(Refused, match="twice"):
        make.countersign(recommendation, who.countersigner)
    make.countersign(recommendation, who.second_countersigner)
    case.refresh_from_db()
    with pytest.raises(NotPermitted, match="countersigned"):
        operations.decide(
            case=case,
            kind=DecisionKind.APPROVE,
            lines=make.asked_lines(case),
            reasons="Fine.",
            version=case.version,
            by=type(who.countersigner).objects.get(pk=who.countersigner.pk),
            at=make.AT,
        )


def test_a_denial_names_both_bases_and_ends_in_a_letter(who):
    case = make.assigned(who)
    with pytest.raises(Refused, match="regulatory basis"):
        make.recommend(case, who, action=RecommendedAction.DENY, regulatory_basis="")
    recommendation = make.recommend(case, who, action=RecommendedAction.DENY)
    make.countersign(recommendation, who.countersigner)
    make.decide(case, who, kind=DecisionKind.DENY)
    case.refresh_from_db()
    assert case.status == CaseStatus.DENIED
    assert case.letters.get().kind == LetterKind.DENIAL
    assert get_chip_counts(case.application.installation) == {}


def test_an_approval_in_part_licenses_the_part_and_releases_the_rest(who):
    case = make.countersigned(who)
    make.decide(case, who, kind=DecisionKind.APPROVE_IN_PART, lines={1: 500})
    counts = get_chip_counts(case.application.installation)["A100"]
    assert (counts.licensed, counts.pending) == (500, 0)


def test_the_journal_of_a_decided_case_verifies(who):
    from django.core.management import call_command

    make.licensed(who)
    call_command("verify_audit")
