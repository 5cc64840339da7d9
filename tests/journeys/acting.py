"""What people do on the pages, by the labels and buttons that they read."""

import re
from collections.abc import Callable, Mapping
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from accounts.models import User
from deadlines.rules import day_of
from tests.licensing.factories import pdf

PageOf = Callable[..., Page]
CERTIFIED = "I certify that all of this is true"


def choose(page: Page, role: str, *names: str) -> None:
    """Choose radio buttons or check boxes as a keyboard does: go there, press space."""
    for name in names:
        exact = page.get_by_role(role, name=name, exact=True)
        # Where a choice has a hint, its name goes on with it.
        box = exact if exact.count() else page.get_by_role(role, name=re.compile(f"^{re.escape(name)}"))
        box.focus()
        if not box.is_checked():
            page.keyboard.press("Space")
        expect(box).to_be_checked()


def press(page: Page, name: str) -> None:
    """Press the button of that name."""
    page.get_by_role("button", name=name).click()


def follow(page: Page, name: str) -> None:
    """Follow the link of that name."""
    page.get_by_role("link", name=name).first.click()


def reads(page: Page, words: str) -> None:
    """The page says these words."""
    expect(page.get_by_text(words).first).to_be_visible()


def fill(page: Page, answers: Mapping[str, Any]) -> None:
    """Fill fields by their labels: a list is chosen from, a box is typed into."""
    for label, answer in answers.items():
        box = page.get_by_label(re.compile(rf"^{re.escape(label)}( \(optional\))?$"))
        if box.evaluate("node => node.tagName") == "SELECT":
            box.select_option(label=answer)
        else:
            box.fill(str(answer))


def choose_file(page: Page, label: str, text: str) -> None:
    """Choose a PDF that says this of itself for the field of that label."""
    file: Any = {"name": "document.pdf", "mimeType": "application/pdf", "buffer": pdf(text=text).read()}
    page.get_by_label(label).set_input_files([file])


def sign_in(page: Page, email: str, password: str) -> None:
    """Through the front door, with e-mail address and password."""
    page.goto("/sign-in/")
    page.get_by_label(re.compile("^E-mail")).fill(email)
    page.get_by_label(re.compile("^Password")).fill(password)
    press(page, "Sign in")


def fill_party(page: Page, *, name: str, city: str, country: str) -> None:
    """One party that buys, receives and uses the chips."""
    choose(page, "radio", "Purchaser")
    choose(page, "checkbox", "Ultimate consignee", "End user")
    page.get_by_label("Full legal name").fill(name)
    page.get_by_label("Street address").fill("1 Example Road")
    page.get_by_label("City", exact=True).fill(city)
    page.get_by_label("Country of this address").select_option(label=country)
    page.get_by_label("Country of the party’s headquarters").select_option(label=country)
    page.get_by_label("Country of the ultimate parent’s headquarters").select_option(label=country)


def draft(
    page: Page, *, country: str, city: str, model: str, quantity: int, price: str, monitored: bool = False
) -> None:
    """From the exporter's home to a draft that can be filed, one step after the other."""
    press(page, "Start an application")
    follow(page, "The parties")
    follow(page, "Add a party")
    fill_party(page, name=f"{city} Compute", city=city, country=country)
    press(page, "Save this party")
    reads(page, f"{city} Compute was saved.")
    follow(page, "Continue")
    page.get_by_label("Name of the installation").fill(f"{city} Hall 1")
    page.get_by_label("Street address").fill("2 Example Road")
    page.get_by_label("City", exact=True).fill(city)
    page.get_by_label("Country", exact=True).select_option(label=country)
    press(page, "Save and continue")
    follow(page, "Add an item")
    page.get_by_label("Model", exact=True).fill(model)
    page.get_by_label("Quantity").fill(str(quantity))
    page.get_by_label("Price of one").fill(price)
    press(page, "Save this line")
    follow(page, "Continue")
    page.get_by_label("What will the chips be used for?").fill("Weather models of the national meteorological service.")
    press(page, "Save and continue")
    if monitored:
        # Typed first: it waits for the page, and what is listed all at once does not.
        page.get_by_label("Who signed the recipient’s undertaking?").fill("Director of Operations")
        for box in page.get_by_role("checkbox").all()[:2]:
            box.focus()
            page.keyboard.press("Space")
        page.get_by_label("Signed on").fill("2026-03-02")
    press(page, "Save and continue")
    if monitored:
        for kind in ("Exporter monitoring plan", "Recipient undertaking"):
            attach(page, kind)
    follow(page, "Continue to the review")


def attach(page: Page, kind: str) -> None:
    """Attach a document of that kind to the draft."""
    page.get_by_label("What is it?").select_option(label=kind)
    choose_file(page, "PDF file", kind)
    press(page, "Attach this document")
    reads(page, "was attached.")


def file_draft(page: Page) -> str:
    """Certify what the review shows; the Application Control Number that it is given."""
    follow(page, "Go on to certify and file")
    page.get_by_label("Your title").fill("Export manager")
    choose(page, "checkbox", CERTIFIED)
    press(page, "Certify and file this application")
    says = page.get_by_text("Its Application Control Number is").inner_text()
    found = re.search(r"[A-Z][0-9]{6}", says)
    assert found, says
    return found[0]


def take(page: Page, acn: str) -> None:
    """Find the case in the basket and take it."""
    page.goto("/desk/?view=unassigned")
    page.get_by_role("link", name=acn, exact=True).click()
    page.get_by_role("link", name="Take this case").click()
    press(page, f"Take case {acn}")
    reads(page, f"{acn} is yours now.")


def recommend(page: Page, acn: str) -> None:
    """Recommend approval of everything that is asked."""
    page.goto(f"/desk/cases/{acn}/")
    page.get_by_role("link", name="Recommend", exact=True).click()
    choose(page, "radio", "Approve")
    page.get_by_label("Reasons").fill("The end use and the end user were verified.")
    press(page, "Send for countersignature")
    reads(page, "waits for countersignature")


def countersign(page: Page, acn: str) -> None:
    """Read the recommendation and sign it."""
    page.goto("/desk/?view=signature")
    page.get_by_role("link", name=acn, exact=True).click()
    page.get_by_role("link", name="Countersign", exact=True).click()
    choose(page, "checkbox", "I have read this version and sign it.")
    page.get_by_role("button", name=re.compile("^Countersign version")).click()
    reads(page, "You countersigned version 1.")


def have_countersigned(page_of: PageOf, people: Mapping[str, User], acn: str) -> None:
    """One countersigner after the other, until as many have signed as the case wants."""
    watcher = page_of(people["officer"])
    for name in ("countersigner", "countersigner.second", "countersigner.third"):
        countersign(page_of(people[name]), acn)
        watcher.goto(f"/desk/cases/{acn}/")
        if watcher.get_by_text("Awaiting decision").count():
            return
    raise AssertionError(f"{acn} wants more signatures than there are countersigners.")


def waive(page: Page, acn: str, requirement: str, reason: str) -> None:
    """Sign the waiver of a requirement."""
    page.goto(f"/desk/cases/{acn}/")
    page.get_by_role("link", name=f"Sign a waiver of {requirement}").click()
    page.get_by_label("Reason for the waiver").fill(reason)
    press(page, "Sign the waiver")
    reads(page, "You signed the waiver of")


def open_evidence(page: Page, acn: str, requirement: str) -> None:
    """Open the page on which it is chosen what a requirement stands on."""
    page.goto(f"/desk/cases/{acn}/")
    page.get_by_role("link", name=f"Record evidence for {requirement}").click()


def stand_on(page: Page, acn: str, requirement: str, evidence: str) -> None:
    """Let a requirement of a case stand on what a track holds."""
    open_evidence(page, acn, requirement)
    choose(page, "radio", evidence)
    press(page, "Let the requirement stand on it")
    reads(page, f"“{requirement}” stands on {evidence}")


def open_decision(page: Page, acn: str) -> None:
    """Open the page on which the case is decided, with its evidence."""
    page.goto("/desk/?view=decision")
    page.get_by_role("link", name=acn, exact=True).click()
    page.get_by_role("link", name="Decide", exact=True).click()
    choose(page, "radio", "Approve in whole")


def decide(page: Page, acn: str) -> None:
    """Decide as it was recommended."""
    open_decision(page, acn)
    page.get_by_role("button", name=re.compile("^Decide")).click()


def download(page: Page, name: str, place: Path) -> str:
    """Download the letter of that name; everything it says, without its line breaks."""
    with page.expect_download() as started:
        page.get_by_role("main").get_by_role("link", name=re.compile(name, re.IGNORECASE)).first.click()
    path = place / "letter.pdf"
    started.value.save_as(path)
    content = path.read_bytes()
    assert content.startswith(b"%PDF-")
    return "".join(each.extract_text() for each in PdfReader(BytesIO(content)).pages)


def review_shipment(page: Page, case: str, *, model: str, quantity: int, dollars: int) -> None:
    """From the case's page to the review of a shipment, or to what stands in its way."""
    page.goto(case)
    follow(page, "Record a shipment")
    fill(
        page,
        {
            "On which day did it leave?": day_of(timezone.now()),
            f"{model}: how many left?": f"{quantity:,}",
            f"{model}: their value, in US dollars": f"{dollars:,}",
            "Reference of the export filing (AES ITN)": "X20261101123456",
        },
    )
    press(page, "Review this shipment")


def record_shipment(page: Page) -> None:
    """Record what the review shows."""
    page.get_by_role("button", name=re.compile("^Record")).click()


def ship(page: Page, case: str, *, model: str, quantity: int, dollars: int) -> None:
    """Record a shipment that nothing stands in the way of."""
    review_shipment(page, case, model=model, quantity=quantity, dollars=dollars)
    reads(page, "Review this shipment")
    record_shipment(page)
    reads(page, f"was recorded: {quantity:,} {model}.")


def is_left(page: Page, case: str, *, licensed: int, shipped: int) -> None:
    """The case's page tells the exporter what was shipped and what is left."""
    page.goto(case)
    numbers = f"{licensed:,} {shipped:,} {licensed - shipped:,}"
    expect(page.get_by_role("row", name=re.compile(f"{numbers}$"))).to_be_visible()


def validate(page: Page, letter: str) -> str:
    """Go to the address in the letter's square, which it also prints; the number that the page confirms."""
    found = re.search(r"/validate/([A-Z][0-9]{6})/\?code=([A-Z0-9]{12})", re.sub(r"\s", "", letter))
    assert found, letter
    page.goto(found[0])
    reads(page, f"{found[1]} exists")
    return found[1]


def everything_is_as_it_was_written() -> None:
    """The journal, its seals, what it covers, and the ledger."""
    out: Any = StringIO()
    call_command("verify_audit", stdout=out)
    assert "Everything is as it was written." in out.getvalue()
