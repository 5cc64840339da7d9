"""What stands on paper, and that nothing a person writes can break it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from licensing import papers

MARKING = "Protected from disclosure: 50 USC 4820(h)"
DEMONSTRATION = "Demonstration. Not law, not a government document."
URL = "https://countersign.example/validate/D000017/?code=7KQ2M9XWTR4B"

RULES = papers.Rules(
    id="test-edition",
    title="An edition for tests",
    notice="It is not law.",
    value_tolerance_percent=7,
    value_tolerance_source="15 CFR 750.11",
    appeal_days=33,
    record_years=6,
)
ENVELOPE = papers.Envelope(
    on=date(2026, 3, 9),
    acn="C104233",
    filed_on=date(2026, 3, 6),
    applicant="Example Chips Inc.",
    applicant_address="1 Example Street\nSanta Clara, CA 95051",
    contact="Jordan Avery",
    contact_title="Director, Trade Compliance",
    own_reference="EX-2231",
    letterhead=("Department of Commerce (test)", "Advanced Computing Division"),
    signer=papers.Official("Robin Castellane", "Director, Licensing", ("Department of Commerce (test)",)),
    rules=RULES,
    site=papers.Site("Riyadh North 1", "Example Compute", "King Fahd Road 1, Riyadh", "Saudi Arabia"),
    parties=(papers.NamedParty("End user", "Example Compute", "King Fahd Road 1, Riyadh, Saudi Arabia"),),
    asked=(papers.AskedLine(1, "GB300", "3A090.a", 35_000),),
    marking=MARKING,
)
VERIFICATION = papers.Verification("https://countersign.example/validate/", URL, "7KQ2M9XWTR4B")
LICENSE = papers.LicenseFacts(
    number="D000017",
    in_part=False,
    reasons="As recommended.",
    valid_from=date(2026, 3, 9),
    expires_on=date(2030, 3, 11),
    validity_note="",
    end_use="Training of language models.",
    lines=(
        papers.LicensedLine(1, "GB300", "3A090.a", 18_000, Decimal("42000.00"), Decimal("756000000.00")),
        papers.LicensedLine(2, "H200", "3A090.a", 500, Decimal("30000.00"), Decimal("15000000.00")),
    ),
    conditions=("Report serial numbers within 30 days.", "Admit visits."),
    verification=VERIFICATION,
)


def read(paper: papers.Paper) -> str:
    """The text of a paper as a reader of its PDF gets it, on one line."""
    reader = PdfReader(BytesIO(papers.render(paper)))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def pages(paper: papers.Paper) -> list[str]:
    return [" ".join(p.extract_text().split()) for p in PdfReader(BytesIO(papers.render(paper))).pages]


def one_of_each(envelope: papers.Envelope = ENVELOPE) -> dict[str, papers.Paper]:
    reasons = (papers.Reason("It is barred.", "15 CFR 740"),)
    return {
        "license": papers.compose_license(envelope, LICENSE),
        "exemption": papers.compose_exemption(envelope, exemption()),
        "denial": papers.compose_denial(
            envelope, statutory_basis="50 USC 4813", regulatory_basis="15 CFR 742.6", reasons="Diversion.\nTwice."
        ),
        "return": papers.compose_return(envelope, deficiencies="The purchase contract is missing."),
        "refusal": papers.compose_refusal(envelope, reasons=reasons),
        "answer": papers.compose_answer(envelope, reasons=reasons),
    }


def exemption() -> papers.ExemptionFacts:
    return papers.ExemptionFacts(
        number="E000003",
        chips=752,
        accepted_on=date(2026, 3, 9),
        lapses_on=date(2027, 3, 9),
        conditions=("An accepted plan.", "A signed undertaking."),
        reports=(("July to December", "January 15"), ("January to June", "July 15")),
        next_report_on=date(2026, 7, 15),
        verification=VERIFICATION,
    )


KINDS = tuple(one_of_each())


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_paper_has_the_same_bytes(kind):
    assert papers.render(one_of_each()[kind]) == papers.render(one_of_each()[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_has_number_marking_and_place_in_the_whole(kind):
    paper = one_of_each(replace(ENVELOPE, demonstration=DEMONSTRATION))[kind]
    set_pages = pages(paper)
    for number, text in enumerate(set_pages, start=1):
        assert paper.number in text
        assert MARKING in text
        assert DEMONSTRATION in text
        assert f"Page {number} of {len(set_pages)}" in text


@pytest.mark.parametrize("kind", KINDS)
def test_outside_of_the_demonstration_nothing_speaks_of_one(kind):
    assert "Demonstration" not in read(one_of_each()[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_says_what_it_is_and_in_which_language(kind):
    paper = one_of_each()[kind]
    reader = PdfReader(BytesIO(papers.render(paper)))
    assert reader.metadata is not None
    assert paper.number in (reader.metadata.title or "")
    assert reader.metadata.author == "Department of Commerce (test)"
    assert reader.trailer["/Root"]["/Lang"] == "en-US"


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_is_a_letter(kind):
    text = read(one_of_each()[kind])
    assert "Dear Jordan Avery:" in text
    assert "March 9, 2026" in text
    assert "Sincerely, Robin Castellane Director, Licensing" in text
    assert "edition test-edition, “An edition for tests”. It is not law." in text


@pytest.mark.parametrize(
    ("kind", "decision"),
    [
        ("license", "Your application C104233 is approved in whole."),
        ("exemption", "Your exemption filing C104233 is accepted as exemption E000003."),
        ("denial", "Your application C104233 is denied."),
        ("return", "Your application C104233 is returned without action (RWA)."),
        ("refusal", "Your application C104233 is refused: what it asks for is barred"),
        ("answer", "Your application C104233 needs no license"),
    ],
)
def test_the_decision_is_the_first_sentence(kind, decision):
    assert f"Dear Jordan Avery: {decision}" in read(one_of_each()[kind])


@pytest.mark.parametrize("kind", ["denial", "return", "refusal", "answer"])
def test_what_was_asked_is_enclosed(kind):
    text = read(one_of_each()[kind])
    assert "Enclosed: what application C104233 asked for" in text
    assert "Enclosure: what application C104233 asked for" in text
    assert "Filed on March 6, 2026" in text
    assert "1 GB300 3A090.a 35,000" in text


def test_nobody_signs_an_automatic_answer():
    text = read(one_of_each(replace(ENVELOPE, signer=papers.Automatic()))["refusal"])
    assert "Issued by the system under edition test-edition; no official signed it." in text
    assert "Robin Castellane" not in text


def test_a_license_states_its_lines_and_both_its_ceilings():
    text = read(one_of_each()["license"])
    assert "1 GB300 3A090.a 18,000 42,000.00 756,000,000.00" in text
    assert "Ceilings of the license 18,500 771,000,000.00" in text
    assert "Quantity and total value both cap each line" in text
    assert "The quantity has no tolerance." in text
    assert "up to 7 percent" in text


def test_a_license_numbers_its_conditions_and_says_to_whom_they_go():
    text = read(one_of_each()["license"])
    assert "1. Report serial numbers within 30 days. 2. Admit visits." in text
    assert "in writing" in text
    assert "15 CFR 750.7(d)" in text


def test_a_license_without_conditions_says_so():
    text = read(papers.compose_license(ENVELOPE, replace(LICENSE, conditions=())))
    assert "This license has no conditions beyond its own terms" in text
    assert "750.7(d)" not in text


def test_a_license_in_part_says_what_it_leaves_out_and_why():
    text = read(papers.compose_license(ENVELOPE, replace(LICENSE, in_part=True, reasons="The hall holds no more.")))
    assert "is approved in part." in text
    assert "this license does not list is not licensed" in text
    assert "The hall holds no more." in text


def test_a_license_in_whole_keeps_the_reasons_of_the_house():
    assert "As recommended." not in read(one_of_each()["license"])


def test_a_license_says_when_a_holiday_moved_its_last_day():
    note = "March 9, 2030 is a legal holiday; the license runs to the next business day."
    text = read(papers.compose_license(ENVELOPE, replace(LICENSE, validity_note=note)))
    assert "valid from March 9, 2026 through March 11, 2030" in text
    assert note in text


def test_a_license_names_what_must_come_before_any_shipment():
    pending = papers.PendingCondition("National security conditions", "They must be verified.")
    text = read(papers.compose_license(ENVELOPE, replace(LICENSE, before_shipment=(pending,))))
    assert "Nothing may be shipped under this license until" in text
    assert "National security conditions. They must be verified." in text


def test_a_license_can_be_confirmed_with_and_without_the_square():
    text = read(one_of_each()["license"])
    assert URL in text
    assert "the code 7KQ2-M9XW-TR4B" in text


def test_an_exemption_says_what_it_asks_and_when_it_lapses():
    text = read(one_of_each()["exemption"])
    assert "1. An accepted plan. 2. A signed undertaking." in text
    assert "July to December Due by January 15 each year" in text
    assert "Your first report is due by July 15, 2026." in text
    assert "lapses after March 9, 2027" in text
    assert "valid from March 9, 2026 through March 9, 2027" in text


def test_a_denial_gives_its_grounds_and_the_right_of_appeal():
    text = read(one_of_each()["denial"])
    assert "Statutory basis 50 USC 4813" in text
    assert "Regulatory basis 15 CFR 742.6" in text
    assert "Diversion. Twice." in text
    assert "no later than 33 days after the date of this letter" in text
    assert "An appeal does not suspend the denial." in text


def test_a_number_that_the_edition_does_not_state_is_not_invented():
    silent = replace(ENVELOPE, rules=replace(RULES, value_tolerance_percent=None, appeal_days=None, record_years=None))
    made = one_of_each(silent)
    assert "within the time that 15 CFR Part 756 states" in read(made["denial"])
    assert "A tolerance on value is as 15 CFR 750.11 states it." in read(made["license"])
    assert "for as long as 15 CFR 762.6 requires" in read(made["license"])


def test_a_return_says_how_to_file_again():
    text = read(one_of_each()["return"])
    assert "The purchase contract is missing." in text
    assert "Name C104233 in it as the earlier application (15 CFR 748.4(g))" in text


def test_a_refusal_names_the_rule_and_its_source():
    assert "1. It is barred. Source: 15 CFR 740" in read(one_of_each()["refusal"])


HOSTILE = (
    "<b>bold</b> <font size=99>&amp; <img src='file:///etc/passwd'/> </para> <seq> &#0; %s {0} \\",
    "A\x00B\x07C\u202edesrever\u200b\ufeff",
    "A" * 400,
    "名前 اسم שם 이름 नाम 🚢 \ud83d",
    "\u0301" * 200,
    "line\r\n\n\n\tline\x0b\x0c\u2028line",
    " ",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_person_writes_breaks_a_paper(text):
    envelope = replace(
        ENVELOPE,
        applicant=text,
        applicant_address=text,
        contact=text,
        own_reference=text[:40],
        site=papers.Site(text, text, text, text),
        parties=(papers.NamedParty("End user", text, text),),
        asked=(papers.AskedLine(1, text, text, 1),),
        signer=papers.Official(text, text, (text,)),
    )
    facts = replace(LICENSE, end_use=text, conditions=(text,), reasons=text, in_part=True)
    line = replace(LICENSE.lines[0], model=text, eccn=text)
    assert papers.render(papers.compose_license(envelope, replace(facts, lines=(line,)))).startswith(b"%PDF")
    denial = papers.compose_denial(envelope, statutory_basis=text, regulatory_basis=text, reasons=text)
    assert papers.render(denial).startswith(b"%PDF")
    refusal = papers.compose_refusal(envelope, reasons=(papers.Reason(text, text),))
    assert papers.render(refusal).startswith(b"%PDF")


def test_markup_is_printed_and_not_obeyed():
    envelope = replace(ENVELOPE, site=replace(ENVELOPE.site, name="<b>Hall & Sons</b>"))
    assert "<b>Hall & Sons</b>" in read(papers.compose_license(envelope, LICENSE))


def test_a_name_cannot_turn_the_direction_of_writing():
    envelope = replace(ENVELOPE, applicant="Good\u202e Company")
    assert "\u202e" not in read(papers.compose_license(envelope, LICENSE))


def test_letters_of_europe_are_printed_as_they_are():
    envelope = replace(ENVELOPE, site=replace(ENVELOPE.site, name="Łódź Ελλάς Жизнь Søn İstanbul"))
    text = read(papers.compose_license(envelope, LICENSE))
    assert "Łódź Ελλάς Жизнь Søn İstanbul" in text
    assert "□" not in text


def test_a_letter_that_the_typeface_lacks_is_shown_as_one_and_explained():
    envelope = replace(ENVELOPE, site=replace(ENVELOPE.site, name="名前"))
    text = read(papers.compose_license(envelope, LICENSE))
    assert "□□" in text
    assert "□ stands for a letter that the typeface of this paper does not have." in text


def test_fifty_lines_keep_their_head_and_their_order():
    lines = tuple(replace(LICENSE.lines[0], line_no=n, model=f"Model {n}") for n in range(1, 51))
    conditions = tuple(f"Condition of the license, the {n}th. " * 12 for n in range(1, 31))
    paper = papers.compose_license(ENVELOPE, replace(LICENSE, lines=lines, conditions=conditions))
    text = read(paper)
    assert all(f"Model {n} " in text for n in range(1, 51))
    assert sum("Unit price, USD" in page for page in pages(paper)) >= 2
    assert "30. Condition of the license" in text


def test_text_of_many_pages_is_set_whole():
    words = " ".join(f"word{n}" for n in range(3000))
    text = read(papers.compose_denial(ENVELOPE, statutory_basis=words, regulatory_basis="x", reasons=words))
    assert text.count("word2999") == 2
