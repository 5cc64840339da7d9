"""Many at once: numbers stay unique, one transaction stays one, two officials make one decision."""

import pytest

from accounts.rules import Refused, Stale
from audit.models import Entry
from licensing import operations
from licensing.models import Application, Case, Decision, Document, License
from tests.threads import at_once

from . import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def who() -> make.People:
    make.load_rules()
    return make.people()


def test_numbers_are_unique_when_many_file_at_once(who):
    drafts = [make.draft(who.applicant, site=f"Hall {n}") for n in range(6)]
    cases = at_once([lambda draft=draft: make.submit(draft, who.applicant) for draft in drafts])
    assert len({case.acn for case in cases}) == 6


def test_of_two_filings_of_one_transaction_one_is_refused_with_the_others_number(who):
    drafts = [make.draft(who.applicant) for _ in range(4)]
    answers = at_once([lambda draft=draft: make.submit(draft, who.applicant) for draft in drafts])
    filed = [answer for answer in answers if isinstance(answer, Case)]
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(filed) == 1
    assert len(refused) == 3
    assert all(filed[0].acn in answer.reason for answer in refused)


def test_a_double_click_in_the_same_instant_files_once(who):
    draft = make.draft(who.applicant)
    answers = at_once([lambda: make.submit(draft, who.applicant, key="one")] * 4)
    assert {answer.acn for answer in answers} == {Case.objects.get().acn}


def test_two_officers_who_decide_at_once_make_one_decision(who):
    case = make.countersigned(who)
    answers = at_once([lambda: make.decide(Case.objects.get(pk=case.pk), who)] * 3)
    assert Decision.objects.count() == 1
    assert License.objects.count() == 1
    assert sum(isinstance(answer, Stale | Refused) for answer in answers) == 2


def test_two_orders_for_one_installation_both_count_whoever_files_first(who):
    other = make.people()
    drafts = [
        (make.draft(who.applicant, items=[make.chips(quantity=600)]), who.applicant),
        (make.draft(other.applicant, items=[make.chips(quantity=600)]), other.applicant),
    ]
    at_once([lambda draft=draft, by=by: make.submit(draft, by) for draft, by in drafts])
    assert sorted(Case.objects.values_list("tier", flat=True)) == ["medium", "small"]
    assert Application.objects.filter(status="submitted").count() == 2


def test_two_who_remove_one_document_at_once_write_one_line(who):
    draft = make.draft(who.applicant)
    document = operations.add_document(
        application=draft, kind="purchase_contract", title="Contract", upload=make.pdf(), by=who.applicant, at=make.AT
    )
    seen = [Document.objects.get(pk=document.pk) for _ in range(4)]
    answers = at_once(
        [lambda each=each: operations.remove_document(document=each, by=who.applicant, at=make.AT) for each in seen]
    )
    assert not draft.documents.exists()
    assert sum(isinstance(answer, Refused) and "removed before" in answer.reason for answer in answers) == 3
    assert Entry.objects.filter(verb="document.removed").count() == 1
