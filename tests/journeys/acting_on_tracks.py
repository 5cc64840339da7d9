"""What people do on the pages of allocations, instruments and commitments."""

import re
from datetime import date, timedelta

from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import User
from deadlines.rules import day_of
from tests.journeys.acting import PageOf, choose, choose_file, fill, follow, press, reads
from tests.journeys.looking import Watch


def today() -> date:
    """The day in Washington, as the pages have it."""
    return day_of(timezone.now())


def allocate(proposer: Page, approver: Page, watch: Watch, *, country: str, ceiling: int) -> str:
    """One official proposes a ceiling for this year, another approves it; the allocation's address."""
    year = today().year
    proposer.goto("/desk/allocations/")
    watch.look(proposer)
    follow(proposer, "Propose a ceiling")
    watch.look(proposer)
    fill(
        proposer,
        {
            "Country": country,
            "First day": f"{year}-01-01",
            "Ends before": f"{year + 1}-01-01",
            "Ceiling": ceiling,
            "Why this ceiling?": "What was announced for the year.",
        },
    )
    press(proposer, "Propose this ceiling to a second official")
    reads(proposer, f"A ceiling of {ceiling:,} chips is proposed")
    approver.goto(proposer.url)
    follow(approver, "Approve the ceiling")
    watch.look(approver)
    fill(approver, {"Why do you agree?": "It agrees with the announcement."})
    press(approver, "Approve this ceiling")
    reads(approver, f"{ceiling:,} chips are left")
    return approver.url


class Kept:
    """What two officers keep together: whoever acts after the other loads its page anew."""

    url = ""
    actor: Page | None = None

    def go(self, page: Page) -> None:
        """To the object's page, unless this person's last act led there and nobody acted since."""
        if page is not self.actor or page.url != self.url:
            page.goto(self.url)
        self.actor = page


class Assurance(Kept):
    """An instrument as two assurance officers bring it into force and end it, page by page."""

    def __init__(self, page_of: PageOf, people: dict[str, User], watch: Watch | None = None) -> None:
        self.page, self.second = page_of(people["assurances"]), page_of(people["assurances.second"])
        self.watch = watch

    def look(self, page: Page) -> None:
        """Look at the page, where this journey is the one that looks at the pages of instruments."""
        if self.watch is not None:
            self.watch.look(page)

    def open(self, page: Page, act: str) -> None:
        """From the instrument's page to that of an act."""
        self.go(page)
        self.look(page)
        page.get_by_role("link", name=act, exact=True).first.click()
        self.look(page)

    def draft(self, *, kind: str, title: str, country: str, ceiling: int | None, occasion: str) -> None:
        """Draft the terms."""
        self.page.goto("/desk/assurances/")
        self.look(self.page)
        follow(self.page, "Draft an instrument")
        self.look(self.page)
        choose(self.page, "radio", kind, "Yes, in international or national law")
        fill(
            self.page,
            {
                "Title": title,
                "What is it asked for?": occasion,
                "Country of the government": country,
                "Government": f"Government of {country}",
                "Ministry": "Ministry of Communications",
                "Countries covered": country,
                "End": today() + timedelta(days=3 * 365),
            },
        )
        if ceiling is not None:
            fill(self.page, {"Ceiling": ceiling})
        press(self.page, "Draft the instrument")
        reads(self.page, "is drafted.")
        self.url = self.page.url

    def negotiate(self) -> None:
        """Ask through State, record the contact, add the text, name the clauses, agree."""
        self.open(self.page, "Ask through State")
        fill(self.page, {"What was sent, and to whom?": "A note to the Office of Export Control Cooperation."})
        press(self.page, "Record the request")
        reads(self.page, "is requested through State.")
        self.open(self.page, "Record State’s contact")
        fill(
            self.page,
            {"Day of the first contact": today(), "Whom did State contact, and how?": "The embassy, by a note."},
        )
        press(self.page, "Record the contact")
        reads(self.page, "is under negotiation.")
        self.add_text("The text that both sides discussed.")
        self.open(self.page, "Note undertakings")
        # All at once are those that are there: first the page must be.
        reads(self.page, "Undertakings of ")
        for number, box in enumerate(self.page.get_by_label(re.compile("^Clause")).all(), start=1):
            box.fill(f"Article {number}")
        self.page.get_by_label(re.compile("^Notice within")).fill("48")
        press(self.page, "Save the undertakings")
        reads(self.page, "The undertakings are saved.")
        self.open(self.page, "Record the agreed text")
        press(self.page, "Record the agreed text")
        reads(self.page, "Version 1 is agreed.")

    def add_text(self, says: str, *, signed: bool = False) -> None:
        """Add a version of the text."""
        self.open(self.page, "Add a text")
        choose_file(self.page, "Text (PDF)", f"{self.url} {says}")
        if signed:
            choose(self.page, "checkbox", "It is signed.")
        fill(self.page, {"What is it, or what changed?": says})
        press(self.page, "Add the text")
        reads(self.page, "was added.")

    def receive(self) -> None:
        """Add the signed text and record its receipt."""
        self.add_text("As it was signed.", signed=True)
        self.open(self.page, "Record the receipt")
        fill(
            self.page,
            {
                "Signed by": "H. E. the Minister",
                "Office of the signatory": "Minister of Communications",
                "Authority to bind the government": "Full powers of this year",
                "Day of the signature": today(),
            },
        )
        press(self.page, "Record the receipt")
        reads(self.page, "is signed and waits for a second officer.")

    def bring_into_force(self) -> None:
        """The second officer's act; the first is not offered it."""
        self.go(self.page)
        assert not self.page.get_by_role("link", name="Bring into force", exact=True).count()
        self.open(self.second, "Bring into force")
        choose(self.second, "checkbox", "I have read the signed text and every clause that is named.")
        press(self.second, "Bring the instrument into force")
        reads(self.second, "is in force.")

    def reach_force(self) -> None:
        """From a draft into force."""
        self.negotiate()
        self.receive()
        self.bring_into_force()

    def suspend(self, reason: str) -> None:
        """Suspend it, for a reason."""
        self.open(self.page, "Suspend")
        fill(self.page, {"Why, and what would end it?": reason})
        press(self.page, "Suspend the instrument")
        reads(self.page, "is suspended.")

    def restore(self, reason: str) -> None:
        """Restore it, for a reason."""
        self.open(self.page, "Restore")
        fill(self.page, {"What has changed?": reason})
        press(self.page, "Restore the instrument")
        reads(self.page, "is in force again.")


class Investment(Kept):
    """A commitment as one officer keeps it and another verifies, page by page."""

    def __init__(self, page_of: PageOf, people: dict[str, User], watch: Watch) -> None:
        self.page, self.second = page_of(people["commitments"]), page_of(people["commitments.second"])
        self.watch = watch

    def open(self, page: Page, act: str) -> None:
        """From the commitment's page to that of an act."""
        self.go(page)
        self.watch.look(page)
        page.get_by_role("link", name=act).first.click()
        self.watch.look(page)

    def draft(self, *, title: str, nation: str, dollars: int, milestones: dict[str, int]) -> None:
        """Draft what a nation pays in the United States, with its asset and its milestones."""
        self.page.goto("/desk/commitments/")
        self.watch.look(self.page)
        follow(self.page, "Draft a commitment")
        self.watch.look(self.page)
        choose(self.page, "radio", "A nation", "Capital expenditure", "Amount in dollars")
        fill(
            self.page,
            {
                "Title": title,
                "Nation": nation,
                "Where does the money come from?": nation,
                "Where is it paid?": "United States",
                "Amount": f"{dollars:,}",
                "First day": today(),
                "Last day": today() + timedelta(days=2 * 365),
            },
        )
        press(self.page, "Save the draft")
        reads(self.page, "was drafted. Name its assets and its milestones next.")
        self.url = self.page.url
        self.open(self.page, "Name an asset")
        fill(
            self.page,
            {
                "Name of the data center": f"{title}, hall 1",
                "Street address": "1 Example Ranch Road",
                "City": "Abilene",
                "State": "TX",
            },
        )
        press(self.page, "Name the asset")
        reads(self.page, "counts for")
        for number, (milestone, amount) in enumerate(milestones.items(), start=1):
            self.open(self.page, "Add a milestone")
            fill(
                self.page,
                {
                    "Title": milestone,
                    "Due on": today() + timedelta(days=300 * number),
                    "Amount in US dollars": f"{amount:,}",
                    "What must be shown for it to be accepted?": "Audited accounts of what was paid.",
                },
            )
            press(self.page, "Add the milestone")
            reads(self.page, f"“{milestone}” was planned.")

    def reach_force(self) -> None:
        """Record the signed agreement, and bring it into force."""
        self.open(self.page, "Record the signature")
        fill(self.page, {"Agreement": "Memorandum on data centers", "Signed on": today()})
        choose_file(self.page, "Document (PDF)", f"{self.url} agreement")
        press(self.page, "Record the signed agreement")
        reads(self.page, "is signed. It can be brought into force.")
        self.open(self.second, "Bring it into force")
        fill(self.second, {"What brought it into force?": "The exchange of notices of today."})
        press(self.second, "Bring it into force")
        reads(self.second, "is in force.")

    def prove(self, milestone: str, dollars: int) -> None:
        """Submit evidence of a payment."""
        self.open(self.page, "Submit evidence")
        fill(
            self.page,
            {"Milestone": milestone, "What does it show?": f"What was paid for {milestone}.", "Amount": f"{dollars:,}"},
        )
        choose_file(self.page, "Document (PDF)", f"{self.url} {milestone}")
        press(self.page, "Submit the evidence")
        reads(self.page, "The evidence waits for another officer to verify it.")

    def verify(self) -> None:
        """The second officer accepts the newest evidence at face."""
        self.open(self.second, "Verify")
        choose(self.second, "radio", "Accepted at face")
        fill(self.second, {"How was it verified?": "By the bank’s own record of the payment."})
        press(self.second, "Record my verdict")
        reads(self.second, "Accepted at face")
