"""Every page of the tracks as a reader meets it: empty, with something on it, and with every error of its form.

Which pages there are, who opens them and on what they can act is what each track's `doors.py` says of itself, so
that a page that is added is looked at, too.
"""

from importlib import import_module
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import User
from accounts.statuses import Role
from tests.accounts.factories import user
from tests.journeys.looking import WIDTHS, Watch, find_faults
from tests.licensing import factories as make
from tests.repository.doors import Access, World
from tests.repository.test_access import EVERY_ADDRESS, url_of

pytestmark = pytest.mark.journey

# What the page itself filled in goes, too.
_EMPTY = """form => {
    form.noValidate = true
    for (const field of form.querySelectorAll("input[required], textarea[required]")) {
        if (field.type === "radio" || field.type === "checkbox") field.checked = false
        else if (field.type !== "hidden" && field.type !== "file") field.value = ""
    }
    for (const list of form.querySelectorAll("select[required]")) list.value = ""
}"""
REGISTERS = {
    "assurances": ["/desk/assurances/"],
    "inspections": [
        "/desk/visits/",
        "/desk/visits/targets/",
        "/desk/visits/calendar/",
        "/desk/visits/calendar/week/",
        "/desk/visits/officers/",
    ],
    "investments": ["/desk/commitments/"],
    "allocations": ["/desk/allocations/"],
}


@pytest.fixture
def world(live_server, transactional_db) -> World:
    """Somebody in every role, and nothing that they have done."""
    make.load_rules(at=timezone.now())
    who = make.people()
    people = {str(role): user(role) for role in Role} | {Role.LICENSING_OFFICER: who.officer}
    return World(people=people, who=who, draft=make.draft(who.applicant), cases={}, other_officer=who.officer)


class Reader:
    """Somebody of every role at a page of their own, who writes down what is wrong."""

    def __init__(self, page_of: Any, people: dict[str, User]) -> None:
        self.page_of, self.people = page_of, people
        self.pages: dict[str, Page] = {}
        self.faults: list[str] = []

    def page(self, role: str) -> Page:
        """The page of somebody in this role."""
        if role not in self.pages:
            self.pages[role] = self.page_of(self.people[role])
        return self.pages[role]

    def look(self, role: str, url: str, *, status: int = 200) -> bool:
        """Look at a page; whether it is one, and not a file or an address that only takes acts."""
        page = self.page(role)
        # Asked for first: a browser would open a file in a page of its own making.
        answer = page.request.get(url)
        if answer.status == 405 or "text/html" not in answer.headers["content-type"]:
            return False
        if answer.status != status:
            self.faults.append(f"{url}: answered {answer.status} to the {role}")
            return False
        page.goto(url)
        self.faults += find_faults(page)
        return True

    def look_at_errors(self, role: str, url: str) -> None:
        """Send the page's form empty, where something in it has to be answered, and look at what comes back."""
        page = self.page(role)
        page.goto(url)
        form = page.locator("main form[method=post]").last
        if not form.locator("[required]").count():
            return
        form.evaluate(_EMPTY)
        with page.expect_navigation():
            form.locator(".usa-button:not([name=look])").last.click()
        if not page.title().startswith("Error: "):
            self.faults.append(f"{url}: an empty form was answered with “{page.title()}”")
            return
        self.faults += find_faults(page, axe_at=(min(WIDTHS),))


def _who(roles: frozenset[str]) -> str:
    return sorted(roles & {str(role) for role in Role})[0]


@pytest.mark.parametrize("track", REGISTERS)
def test_every_page_of_this_track(world, page_of, watch: Watch, track):
    reader = Reader(page_of, world.people)
    for register in REGISTERS[track]:
        reader.look(Role.LICENSING_OFFICER, register)
    doors = import_module(f"tests.{track}.doors")
    world.args = doors.prepare(world)
    for address in EVERY_ADDRESS:
        access: Access | None = doors.TABLE.get(address.name)
        if access is None or not access.read or not address.name.startswith("desk:"):
            continue
        url = url_of(address, access, world)
        is_page = reader.look(_who(access.act or access.read), url)
        if is_page and access.act:
            reader.look_at_errors(_who(access.act), url)
    for register in REGISTERS[track]:
        reader.look(Role.LICENSING_OFFICER, f"{register}?q=nothing+like+it")
    assert not reader.faults, "\n".join(reader.faults)
    assert watch.complaints == [], "\n".join(watch.complaints)
