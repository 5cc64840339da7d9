"""What an officer enters on site while the connection comes and goes, and after the session has ended."""

import re
from datetime import datetime

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.demonstration import PASSWORD
from accounts.models import User
from deadlines.rules import day_of
from inspections import operations
from inspections.models import Answer, Visit
from tests.inspections import factories as make
from tests.journeys.acting import reads

pytestmark = pytest.mark.journey
AGAIN = 25_000  # What was kept is tried again every fifteen seconds.


def begin(people: dict[str, User], at: datetime) -> Visit:
    """A visit that begins today."""
    who = make.People(officer=people["inspector"], supervisor=people["supervisor"])
    visit = make.step(
        make.consented(who, at=at),
        operations.schedule_visit,
        who.supervisor,
        at,
        team=who.team(),
        first_day=day_of(at),
        last_day=day_of(at),
        reason="The operator is open today.",
        notice_reason="The host government asked for today.",
    )
    return make.step(visit, operations.begin_visit, who.officer, at)


def enter(page: Page, question: str, value: str) -> None:
    """Answer one question of the checklist."""
    entry = page.locator(f"form#{question}")
    entry.get_by_label(value, exact=True).focus()
    page.keyboard.press("Space")
    entry.get_by_role("button").click()


def test_what_was_entered_without_a_connection_or_a_session_is_kept_and_stored_once(people, page_of):
    visit = begin(people, timezone.now())
    page = page_of(people["inspector"], width=360)
    page.goto(f"/desk/visits/{visit.pk}/field/")
    page.context.set_offline(True)
    enter(page, "existence", "Yes")
    enter(page, "physical_security", "No")
    reads(page, "2 entries are kept on this phone")
    assert not Answer.objects.exists()
    page.context.set_offline(False)
    reads(page, "Everything entered is stored.")

    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    enter(page, "end_use", "Yes")
    reads(page, "The server did not take them: sign in again in another tab")
    tab = page.context.new_page()
    tab.goto("/sign-in/")
    tab.get_by_label("E-mail address").fill(people["inspector"].email)
    tab.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.locator("main form button[type=submit]").click()
    expect(tab).to_have_url(re.compile("/desk/"))
    expect(page.locator("form#end_use")).to_contain_text("Stored: yes", timeout=AGAIN)
    reads(page, "Everything entered is stored.")
    stored = Answer.objects.order_by("question").values_list("question", "value")
    assert list(stored) == [("end_use", "yes"), ("existence", "yes"), ("physical_security", "no")]
