"""What people do on the pages of officers, teams and visits."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from accounts.models import User
from tests.journeys.acting import choose, fill, follow, press, reads
from tests.journeys.acting_on_tracks import Kept, today
from tests.journeys.looking import Watch


def form_team(supervisor: Page, watch: Watch, *, officer: User, name: str) -> None:
    """A supervisor gives an officer a file and forms a team of that officer."""
    supervisor.goto("/desk/visits/officers/")
    watch.look(supervisor)
    follow(supervisor, "Add an officer")
    watch.look(supervisor)
    fill(
        supervisor,
        {
            "Officer": officer.name,
            "City of the home base": "Singapore",
            "Country of the home base": "Singapore",
            "Available from": today() - timedelta(days=365),
        },
    )
    choose(supervisor, "checkbox", "English")
    supervisor.locator("main form button[type=submit]").last.click()
    reads(supervisor, officer.name)
    supervisor.goto("/desk/visits/officers/")
    follow(supervisor, "Form a team")
    watch.look(supervisor)
    choose(supervisor, "checkbox", officer.name)
    fill(supervisor, {"Name": name, "Lead": f"{officer.name}, Singapore"})
    supervisor.locator("main form button[type=submit]").last.click()
    reads(supervisor, name)


class SiteVisit(Kept):
    """A visit as its officer makes it and a supervisor reviews it, page by page."""

    def __init__(self, officer: Page, supervisor: Page, watch: Watch) -> None:
        self.page, self.second, self.watch = officer, supervisor, watch

    def open(self, page: Page, act: str) -> None:
        """From the visit's page to that of an act."""
        self.go(page)
        self.watch.look(page)
        page.get_by_role("link", name=act, exact=True).first.click()
        self.watch.look(page)

    def answer(self, act: str, answers: dict[str, object], *, button: str, says: str, by: Page | None = None) -> None:
        """Do an act whose page has nothing but fields."""
        page = by or self.page
        self.open(page, act)
        fill(page, answers)
        press(page, button)
        reads(page, says)

    def arrange(self, *, place: str, acn: str, team: str) -> None:
        """Request the visit, hear the host government, and book a team for today."""
        self.page.goto("/desk/visits/")
        self.watch.look(self.page)
        follow(self.page, "Request a visit")
        self.watch.look(self.page)
        option = self.page.get_by_label("Installation").locator("option", has_text=place)
        fill(
            self.page,
            {
                "Installation": option.inner_text(),
                "Kind": "Pre-license check",
                "Why is it visited?": f"{acn} is of the large tier.",
                "Case or license number": acn,
            },
        )
        press(self.page, "Request the visit")
        reads(self.page, "is requested.")
        self.url, self.actor = self.page.url, self.page
        told = {"On which day?": today(), "What happened?": "A note went to the ministry through the embassy."}
        self.answer("Record the notice to the host", told, button="Record the notice", says="The notice for")
        told["What happened?"] = "The ministry consented by a note."
        self.answer("Record the consent", told, button="Record the consent", says="The consent for")
        self.open(self.page, "Schedule the visit")
        fill(
            self.page,
            {
                "First day on site": today(),
                "Last day on site": today(),
                "Why these days and this team?": "The operator can receive us.",
                "Why is a short notice enough?": "The host government asked for today.",
            },
        )
        choose(self.page, "radio", team)
        press(self.page, "Schedule the visit and book this team")
        reads(self.page, "is planned")
        self.watch.look(self.page)

    def go_on_site(self, answers: dict[str, str]) -> None:
        """Arrive, answer questions of the checklist on the page for a phone, and leave what was found to the report."""
        self.open(self.page, "Record the arrival on site")
        press(self.page, "Record the arrival")
        reads(self.page, "has begun.")
        self.open(self.page, "Enter on site")
        for question, value in answers.items():
            entry = self.page.locator(f"form#{question}")
            entry.get_by_label(value, exact=True).focus()
            self.page.keyboard.press("Space")
            entry.get_by_role("button").click()
            expect(entry).to_contain_text(f"Stored: {value.lower()}")

    def find(self, *, title: str, action: str, owner: str) -> None:
        """Add a finding, and recommend what is to be done about it."""
        self.answer(
            "Add a finding",
            {"How severe is it?": "Major", "Title": title, "What was found?": f"{title}, on the day of the visit."},
            button="Add the finding",
            says="Finding 1 is added.",
        )
        self.answer(
            "Recommend an action",
            {
                "What is to be done?": action,
                "Who is to do it?": owner,
                "By the end of which day?": today() + timedelta(days=30),
            },
            button="Recommend the action",
            says="Action 1 is recommended.",
        )

    def report(self, *, rating: str, why: str) -> None:
        """Leave the site and report."""
        self.open(self.page, "Record the end on site")
        press(self.page, "Record the end on site")
        reads(self.page, "is done on site.")
        self.answer(
            "Write the report",
            {"Summary": "The operator showed every hall.", "Rating": rating, "Why this rating?": why},
            button="Submit the report",
            says="is reported.",
        )

    def accept(self, reason: str) -> None:
        """The supervisor reviews the report and accepts it."""
        self.open(self.second, "Take up the review")
        press(self.second, "Take up the review")
        reads(self.second, "You review")
        self.answer("Accept the report", {"Why?": reason}, button="Accept the report", says="accepted", by=self.second)

    def correct(self, what_shows_it: str) -> None:
        """The officer records that the recommended action was done; only then can the supervisor close the visit."""
        self.go(self.second)
        assert not self.second.get_by_role("link", name="Close the visit", exact=True).count()
        self.go(self.page)
        self.page.get_by_role("link", name=re.compile("^Answer action 1")).click()
        self.watch.look(self.page)
        fill(
            self.page,
            {
                "What became of it?": "Done",
                "What shows that it was done, or why is it declined or open again?": what_shows_it,
            },
        )
        press(self.page, "Record the answer")
        reads(self.page, "Action 1 is answered.")
        self.answer(
            "Close the visit",
            {"Why?": "What was wrong is mended."},
            button="Close the visit",
            says="is closed.",
            by=self.second,
        )
