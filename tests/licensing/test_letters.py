"""The letters of real cases: written by the act they tell of, kept for good, known to the journal."""

import hashlib
from io import BytesIO

import pytest
from django.db import DatabaseError, transaction
from pypdf import PdfReader

from audit.selectors import list_entries
from licensing import operations
from licensing.models import Case, Letter
from licensing.operations.letters import CODE_LETTERS, generate_verification_code, write_letter
from licensing.statuses import DecisionKind, LetterKind, RecommendedAction

from . import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> factories.People:
    factories.load_rules()
    return factories.people()


def text_of(letter: Letter) -> str:
    reader = PdfReader(BytesIO(bytes(letter.pdf)))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def only_letter(case: Case) -> Letter:
    letter = case.letters.get()
    letter.refresh_from_db()
    return letter


def test_a_license_goes_out_as_its_rows_say(who, settings):
    settings.SITE_URL = "https://countersign.example"
    case = factories.licensed(who, items=[factories.chips("GB300", 5_000, "42000.00")])
    letter, license_ = only_letter(case), case.license
    assert letter.kind == LetterKind.LICENSE
    assert letter.title == f"License {license_.number} on application {case.acn}"
    text = text_of(letter)
    assert f"Export license {license_.number}" in text
    assert "1 GB300 3A090.a 5,000 42,000.00 210,000,000.00" in text
    assert "Ceilings of the license 5,000 210,000,000.00" in text
    assert "Norrsken Compute AB" in text
    assert "Luleå Hall 1" in text
    assert "Training of weather models" in text
    assert who.director.name in text
    assert "edition reported-2026-03" in text
    address = f"https://countersign.example/validate/{license_.number}/?code={license_.verification_code}"
    assert address in text


def test_the_conditions_on_paper_are_those_that_were_decided(who):
    case = factories.assigned(who)
    recommendation = factories.recommend(
        case,
        who,
        action=RecommendedAction.APPROVE_WITH_CONDITIONS,
        conditions=["Report each rack.", "Admit visits."],
    )
    factories.countersign(recommendation, who.countersigner)
    factories.waive_everything(case, who)
    factories.decide(case, who)
    assert "1. Report each rack. 2. Admit visits." in text_of(only_letter(case))


def test_a_license_in_part_lists_only_what_is_granted(who):
    case = factories.countersigned(who, items=[factories.chips("A100", 700), factories.chips("H100", 90)])
    factories.waive_everything(case, who)
    factories.decide(case, who, kind=DecisionKind.APPROVE_IN_PART, lines={1: 600}, reasons="The hall is smaller.")
    text = text_of(only_letter(case))
    assert "is approved in part." in text
    assert "1 A100 3A090.a 600 " in text
    assert "H100" not in text
    assert "The hall is smaller." in text


def test_a_license_before_whose_shipments_something_is_due_says_so(who):
    case = factories.licensed(who, country="CN", items=[factories.chips("H20", 500)])
    text = text_of(only_letter(case))
    assert "Nothing may be shipped under this license until" in text
    assert "National security conditions" in text


def test_a_denial_states_the_grounds_of_the_decision(who):
    case = factories.countersigned(who, action=RecommendedAction.DENY)
    factories.decide(case, who, kind=DecisionKind.DENY, reasons="The end user lets its halls to others.")
    letter = only_letter(case)
    assert letter.kind == LetterKind.DENIAL
    text = text_of(letter)
    assert f"Your application {case.acn} is denied." in text
    assert "Statutory basis 50 USC 4813" in text
    assert "Regulatory basis 15 CFR 742.6" in text
    assert "The end user lets its halls to others." in text
    assert "You may appeal this denial under 15 CFR Part 756." in text
    assert who.director.name in text


def test_a_return_lists_what_is_missing_and_the_number_to_cite(who):
    case = factories.countersigned(who, action=RecommendedAction.RETURN)
    factories.decide(case, who, kind=DecisionKind.RETURN, reasons="The purchase contract is missing.")
    letter = only_letter(case)
    assert letter.kind == LetterKind.RETURN
    text = text_of(letter)
    assert "The purchase contract is missing." in text
    assert f"Name {case.acn} in it as the earlier application" in text


def test_an_exemption_names_its_conditions_and_its_reports(who):
    case = factories.assigned(who, safeguards=factories.MONITORED)
    exemption = operations.accept_exemption(
        case=case, reasons="Both suffice.", version=case.version, by=who.officer, at=factories.AT
    )
    letter = only_letter(case)
    assert letter.kind == LetterKind.EXEMPTION
    text = text_of(letter)
    assert f"accepted as exemption {exemption.number}" in text
    assert "1. An accepted plan by which the exporter monitors the chips." in text
    assert "2. A signed undertaking by the recipient" in text
    assert "Your first report is due by July 15, 2026." in text
    assert "April 1, 2027" in text
    assert who.officer.name in text


def test_a_barred_filing_is_refused_in_writing_by_nobody(who):
    case = factories.filed(who, country="RU", items=[factories.chips("A100", 1)])
    letter = only_letter(case)
    assert letter.kind == LetterKind.REFUSAL
    text = text_of(letter)
    assert f"Your application {case.acn} is refused" in text
    assert "barred" in text
    assert "Source: " in text
    assert "Issued by the system under edition reported-2026-03; no official signed it." in text


def test_a_filing_that_is_not_controlled_is_answered_in_writing(who):
    case = factories.filed(who, country="US", items=[factories.chips("A100", 10)])
    letter = only_letter(case)
    assert letter.kind == LetterKind.ANSWER
    text = text_of(letter)
    assert f"Your application {case.acn} needs no license" in text
    assert "a domestic delivery is not an export" in text


def test_a_refusal_tells_nothing_of_what_others_have(who):
    others = factories.people()
    factories.filed(others, country="ID", site="Jakarta Hall", items=[factories.chips("A100", 4_321)])
    case = factories.filed(
        who,
        country="ID",
        site="Jakarta Hall",
        items=[factories.chips("A100", 10), factories.chips("GB300", 7)],
        end_user_fields={"headquarters": "CN"},
    )
    letter = only_letter(case)
    assert letter.kind == LetterKind.REFUSAL
    text = text_of(letter)
    assert "4,321" not in text
    assert "4,338" not in text
    assert "Counted in" not in text


def test_the_journal_knows_the_letter_by_its_hash(who):
    case = factories.filed(who, country="RU", items=[factories.chips("A100", 1)])
    letter = only_letter(case)
    assert letter.sha256 == hashlib.sha256(bytes(letter.pdf)).hexdigest()
    entry = next(entry for entry in list_entries(case) if entry.verb == "letter.written")
    assert entry.data["sha256"] == letter.sha256
    assert [covered["table"] for covered in entry.covers] == ["licensing_letter"]
    assert letter.title in entry.says


def test_a_letter_is_never_changed(who):
    case = factories.filed(who, country="RU", items=[factories.chips("A100", 1)])
    with pytest.raises(DatabaseError), transaction.atomic():
        Letter.objects.filter(case=case).update(title="Another letter")


def test_only_the_demonstration_says_that_it_is_one(who, settings):
    first = factories.filed(who, country="RU", items=[factories.chips("A100", 1)])
    settings.DEMONSTRATION = True
    second = factories.filed(who, country="RU", site="Another hall", items=[factories.chips("A100", 1)])
    assert "Demonstration." not in text_of(only_letter(first))
    assert "Not law, not a government document." in text_of(only_letter(second))


def test_a_letter_without_what_it_tells_of_is_not_written(who):
    case = factories.filed(who)
    with pytest.raises(ValueError, match="cannot be written without what it tells of"):
        write_letter(case=case, kind=LetterKind.DENIAL, by=who.director, at=factories.AT)
    assert not case.letters.exists()


def test_codes_are_long_plain_and_never_the_same():
    codes = {generate_verification_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 12 and set(code) <= set(CODE_LETTERS) for code in codes)
    assert not set("01OILUV") & set(CODE_LETTERS) - {"V"}
