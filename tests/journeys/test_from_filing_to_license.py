"""Whole cases in a real browser, from the exporter's sign-in to what it can download at the end."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.demonstration import DOMAIN, PASSWORD
from tests.journeys import acting

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("all_is_well_afterwards")]


def test_a_small_order_is_filed_reviewed_signed_decided_and_its_license_confirmed(people, page_of, tmp_path):
    exporter = page_of(None)
    acting.sign_in(exporter, f"nvidia@{DOMAIN}", PASSWORD)
    acting.draft(exporter, country="Sweden", city="Luleå", model="A100", quantity=752, price="10000")
    acting.reads(exporter, "A license is required.")
    acn = acting.file_draft(exporter)

    officer = page_of(people["officer"])
    acting.take(officer, acn)
    acting.reads(officer, "The edition asks for nothing beyond the decision.")
    acting.recommend(officer, acn)
    acting.countersign(page_of(people["countersigner"]), acn)
    acting.decide(page_of(people["director"]), acn)

    exporter.goto("/portal/")
    exporter.get_by_role("link", name=re.compile(acn)).click()
    acting.reads(exporter, "License issued")
    letter = acting.download(exporter, "License", tmp_path)
    assert "752" in letter
    assert acting.validate(page_of(None), letter).startswith("D")


def test_a_small_monitored_order_becomes_an_exemption_and_its_notice_is_confirmed(people, page_of, tmp_path):
    exporter = page_of(people["nvidia.member"])
    exporter.goto("/portal/")
    acting.draft(exporter, country="Sweden", city="Kiruna", model="A100", quantity=500, price="9000", monitored=True)
    acting.reads(exporter, "Exempt, once the filing is checked and accepted.")
    acn = acting.file_draft(exporter)

    officer = page_of(people["officer"])
    acting.take(officer, acn)
    officer.get_by_role("link", name="Check the exemption").click()
    acting.choose(officer, "radio", "The plan and the undertaking suffice")
    officer.get_by_label("Reasons").fill("The plan covers every chip.")
    acting.press(officer, "Answer the exemption filing")

    exporter.reload()
    acting.reads(exporter, "Exemption accepted")
    letter = acting.download(exporter, "Exemption", tmp_path)
    assert acting.validate(page_of(None), letter).startswith("E")


def test_a_medium_case_is_refused_its_license_until_two_officials_waive_the_assurance(people, page_of, tmp_path):
    exporter = page_of(people["nvidia"])
    exporter.goto("/portal/")
    acting.draft(exporter, country="Saudi Arabia", city="Riyadh", model="GB300", quantity=35_000, price="40000")
    acn = acting.file_draft(exporter)
    acting.reads(exporter, "Government-to-government assurance")

    officer = page_of(people["officer"])
    acting.take(officer, acn)
    officer.get_by_role("link", name="Request information").click()
    officer.get_by_label("Question to the applicant").fill("Who has access to the hall?")
    acting.press(officer, "Send the question and stop the clock")
    acting.reads(officer, "The clock stands until it is answered.")

    exporter.reload()
    acting.reads(exporter, "Who has access to the hall?")
    exporter.get_by_role("link", name="Answer the question").click()
    exporter.get_by_label("Your answer").fill("The operator's own staff only.")
    acting.press(exporter, "Send this answer")
    acting.reads(exporter, "Your answer was sent.")

    acting.recommend(officer, acn)
    signers = (name for name in ("countersigner", "countersigner.second", "countersigner.third"))
    while True:
        officer.reload()
        if officer.get_by_text("Awaiting decision").count():
            break
        acting.countersign(page_of(people[next(signers)]), acn)

    director = page_of(people["director"])
    acting.decide(director, acn)
    acting.reads(director, "Government-to-government assurance")
    expect(director.get_by_role("radio", name="Approve in whole")).to_be_checked()

    for name in ("waiver", "waiver.second"):
        official = page_of(people[name])
        official.goto(f"/desk/cases/{acn}/")
        while official.get_by_role("link", name=re.compile("^Sign a waiver")).count():
            official.get_by_role("link", name=re.compile("^Sign a waiver")).first.click()
            official.get_by_label("Reason for the waiver").fill("Covered by the arrangement of 2025.")
            acting.press(official, "Sign the waiver")
            acting.reads(official, "You signed the waiver of")

    acting.decide(director, acn)
    acting.reads(director, "License issued")
    exporter.reload()
    letter = acting.download(exporter, "License", tmp_path)
    assert "35,000" in letter
    assert acting.validate(page_of(None), letter).startswith("D")


def test_a_barred_order_is_refused_when_it_is_filed_with_its_rule_in_a_letter(people, page_of, tmp_path):
    exporter = page_of(people["nvidia"])
    exporter.goto("/portal/")
    acting.draft(exporter, country="Russia", city="Moscow", model="A100", quantity=1, price="10000")
    acting.reads(exporter, "Barred: no license can be issued.")
    acting.file_draft(exporter)
    acting.reads(exporter, "Refused: barred")
    letter = acting.download(exporter, "refusal", tmp_path)
    assert "arms-embargoed destination" in " ".join(letter.split())


def test_a_draft_is_filled_and_filed_by_keyboard_and_without_scripts(people, page_of):
    page = page_of(people["nvidia"], scripts=False)
    keys = Keys(page)
    page.goto("/portal/")
    keys.enter(page.get_by_role("button", name="Start an application"))
    keys.enter(page.get_by_role("link", name="The parties"))
    keys.enter(page.get_by_role("link", name="Add a party"))
    keys.space(page.get_by_role("radio", name=re.compile("^Purchaser")))
    keys.space(page.get_by_role("checkbox", name="Ultimate consignee"))
    keys.space(page.get_by_role("checkbox", name="End user"))
    keys.type(page.get_by_label("Full legal name"), "Norrsken Compute")
    keys.type(page.get_by_label("Street address"), "1 Road")
    keys.type(page.get_by_label("City", exact=True), "Boden")
    keys.type(page.get_by_label("Country of this address"), "Sweden")
    keys.enter(page.get_by_role("button", name="Save this party"))
    keys.enter(page.get_by_role("link", name="Continue", exact=True))
    keys.type(page.get_by_label("Name of the installation"), "Hall 2")
    keys.type(page.get_by_label("Street address"), "2 Road")
    keys.type(page.get_by_label("City", exact=True), "Boden")
    keys.type(page.get_by_label("Country", exact=True), "Sweden")
    keys.enter(page.get_by_role("button", name="Save and continue"))
    keys.enter(page.get_by_role("link", name="Add an item"))
    keys.type(page.get_by_label("Model", exact=True), "A100")
    keys.type(page.get_by_label("Quantity"), "752")
    keys.type(page.get_by_label("Price of one"), "10000")
    keys.enter(page.get_by_role("button", name="Save this line"))
    keys.enter(page.get_by_role("link", name="Continue", exact=True))
    keys.type(page.get_by_label("What will the chips be used for?"), "Weather models of the meteorological service.")
    keys.type(page.get_by_label("Earlier application"), "12")
    keys.enter(page.get_by_role("button", name="Save and continue"))
    # What is wrong is told on top with a way to the field, and what was typed is kept.
    keys.enter(page.get_by_role("link", name="Enter a letter and six digits"))
    expect(page.get_by_label("Earlier application")).to_be_focused()
    expect(page.get_by_label("What will the chips be used for?")).to_have_value(re.compile("^Weather models"))
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.press("Delete")
    keys.enter(page.get_by_role("button", name="Save and continue"))
    keys.enter(page.get_by_role("button", name="Save and continue"))
    keys.enter(page.get_by_role("link", name="Continue to the review"))
    keys.enter(page.get_by_role("link", name="Go on to certify and file"))
    keys.space(page.get_by_role("checkbox", name=re.compile(f"^{acting.CERTIFIED}")))
    keys.enter(page.get_by_role("button", name="Certify and file this application"))
    acting.reads(page, "Its Application Control Number is")


class Keys:
    """Somebody without a mouse: Tab until it has the focus, then a key."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, wanted: Locator) -> None:
        """Tab forward to it; whatever cannot be reached within a hundred stops is not reachable."""
        expect(wanted).to_be_attached()
        for _ in range(100):
            if wanted.evaluate("node => node === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{wanted} cannot be reached by keyboard on {self.page.url}")

    def enter(self, wanted: Locator) -> None:
        """Follow a link or press a button."""
        self.reach(wanted)
        self.page.keyboard.press("Enter")
        self.page.wait_for_load_state()

    def space(self, wanted: Locator) -> None:
        """Choose a radio button or a check box."""
        self.reach(wanted)
        self.page.keyboard.press("Space")
        expect(wanted).to_be_checked()

    def type(self, wanted: Locator, text: str) -> None:
        """Type into a field, or into a list to choose what begins so."""
        self.reach(wanted)
        self.page.keyboard.type(text)
