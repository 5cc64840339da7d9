"""A browser for a module, a page that remembers whatever went wrong on it, and people who are signed in."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, sync_playwright

from accounts.demonstration import create_people
from accounts.models import Unit, User
from licensing.models import UnitRoute
from tests.journeys.acting import PageOf, everything_is_as_it_was_written
from tests.journeys.looking import Watch
from tests.licensing.factories import load_rules

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


@pytest.fixture
def people(live_server, transactional_db) -> dict[str, User]:
    """The people of the demonstration, by their mailbox, with one unit for every case."""
    at = timezone.now()
    load_rules(at=at)
    found = create_people(at=at)
    UnitRoute.objects.create(destination=None, unit=Unit.objects.get(code="ACD"))
    return {email.split("@")[0]: person for email, person in found.items()}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a module."""
    if not CHROMIUM.exists():
        pytest.skip("needs Chromium: apt-get install chromium, or CHROMIUM=path")
    # Playwright runs a loop in this thread, which Django would otherwise take for asynchronous code of ours.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def watch() -> Watch:
    """What the browser complained of, on any page of this test."""
    return Watch()


@pytest.fixture
def all_is_well_afterwards(watch: Watch) -> Iterator[None]:
    """At the end the books are as they were written, and neither the browser nor axe had a complaint."""
    yield
    everything_is_as_it_was_written()
    assert watch.complaints == [], "\n".join(watch.complaints)


@pytest.fixture
def page_of(browser: Browser, live_server, watch: Watch) -> Iterator[PageOf]:
    """`page_of(person)`: a page of that person's own browser, signed in; `page_of(None)`: of a stranger's."""
    contexts = []

    def open_page(person: User | None, *, scripts: bool = True, width: int = 1440) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            accept_downloads=True,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        if person is not None:
            client = Client()
            client.force_login(person)
            name = django_settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page = context.new_page()
        watch.over(page, live_server.url)
        return page

    yield open_page
    for context in contexts:
        context.close()
