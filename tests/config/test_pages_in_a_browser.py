"""The shared look in a real browser: three widths, axe, keys, no script, and nothing the policy had to stop."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))

pytestmark = [
    pytest.mark.journey,
    pytest.mark.urls("tests.config.gallery"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium: apt-get install chromium, or CHROMIUM=path"),
]
PAGES = [
    "/",
    "/about/",
    "/accessibility/",
    "/sign-in/",
    "/gallery/portal/",
    "/gallery/portal/?wrong=1",
    "/gallery/desk/?wrong=1",
    "/gallery/oversight/",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs a loop in this thread, which Django would otherwise take for asynchronous code of ours.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Browser, live_server) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("address", PAGES)
def test_a_page_fits_every_screen_and_is_accessible(page, address):
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for width in (360, 768, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert said == []


def test_the_error_summary_gets_the_focus_and_leads_to_the_field(page):
    page.goto("/gallery/portal/?wrong=1")
    assert page.evaluate("document.activeElement.className").endswith("cs-error-summary")
    page.get_by_role("link", name="Quantity: Enter 1 or more.").click()
    assert page.evaluate("document.activeElement.id") == "id_quantity"


def test_the_first_stop_skips_the_header(page):
    page.goto("/about/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_desk_is_walked_by_keys(page):
    page.goto("/gallery/desk/")
    for key in "jjjk":
        page.keyboard.press(key)
    assert page.locator("tr.is-here th").inner_text() == "C104202"
    page.keyboard.press("o")
    assert page.url.endswith("#C104202")
    page.keyboard.press("/")
    page.keyboard.type("jk?")
    assert page.locator("#id_q").input_value() == "jk?"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("dialog[open]").get_by_role("heading", name="Keys").is_visible()


def test_without_scripts_the_page_is_the_same(browser, live_server):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/gallery/portal/?wrong=1")
    assert page.get_by_role("button", name="Save and continue").is_visible()
    assert page.get_by_text("Fill in “First delivery”.").count() == 2
    context.close()
