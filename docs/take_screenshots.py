"""Take the pictures of docs/screenshots.md from a running demonstration.

    python docs/take_screenshots.py http://127.0.0.1:8000

It signs in as the demonstration's people and finds its way by the words on the pages, as they do. It leaves one
draft behind, and files and decides nothing. Needs Chromium, and `pdftoppm` for
the paper; what a page lacks is told at the end, and the exit code is then 1.
"""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

FOLDER = Path(__file__).resolve().parent / "screenshots"
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
DOMAIN, PASSWORD = "demo.countersign.example", "lantern-orchard-gate-42"
SIZES = {1440: 1100, 360: 900}
LARGEST = 200 * 1024
ACN = re.compile(r"^[A-Z]\d{6}$")

Way = Callable[[Page], None]


class NotThere(Exception):
    """The demonstration has nothing of the kind that a picture should show."""


def sign_in(page: Page, account: str) -> None:
    """Through the front door."""
    page.goto("/sign-in/")
    page.get_by_label(re.compile("^E-mail")).fill(f"{account}@{DOMAIN}")
    page.get_by_label(re.compile("^Password")).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/sign-in/" not in address)


def go(address: str) -> Way:
    """A page that everybody knows by its address."""
    return lambda page: check(page, page.goto(address))


def check(page: Page, response: object) -> None:
    """A page that answers with an error is no picture."""
    status = getattr(response, "status", 200)
    if status >= 400:
        raise NotThere(f"{page.url} answers {status}")


def list_numbers(page: Page, status: str) -> list[str]:
    """The numbers of the rows on this page that bear a status."""
    rows = page.get_by_role("row").filter(has_text=status)
    return re.findall(r"\b[A-Z]\d{6}\b", " ".join(rows.all_inner_texts()))


def find_case(page: Page, *statuses: str) -> None:
    """Open the first case of the desk that is in one of the states, in this order."""
    page.goto("/desk/?view=all")
    for status in statuses:
        for acn in list_numbers(page, status)[:1]:
            check(page, page.goto(f"/desk/cases/{acn}/"))
            return
    raise NotThere(f"no case is “{'” or “'.join(statuses)}”")


def show_case(page: Page) -> None:
    find_case(page, "Awaiting countersignature", "Awaiting decision", "Under review")


def show_decision(page: Page) -> None:
    find_case(page, "Awaiting decision")
    page.get_by_role("link", name=re.compile("^Decide")).first.click()
    page.get_by_role("heading", level=1).wait_for()


def press(page: Page, name: str) -> None:
    """Press a button."""
    page.get_by_role("button", name=name).click()


def follow(page: Page, name: str) -> None:
    """Follow the first link of that name."""
    page.get_by_role("link", name=name).first.click()


def choose(page: Page, role: str, name: str) -> None:
    """Choose a radio button or a check box, as a keyboard does."""
    box = page.get_by_role(role, name=re.compile(f"^{re.escape(name)}")).first
    box.focus()
    if not box.is_checked():
        page.keyboard.press("Space")


def show_error(page: Page) -> None:
    """A line of a new draft sent empty: the summary of what is wrong, and the same beside each field."""
    page.goto("/portal/")
    press(page, "Start an application")
    follow(page, "The items")
    follow(page, "Add an item")
    page.get_by_label("Model", exact=True).fill("GB300")
    page.get_by_label("Quantity").fill("0")
    # The browser would stop it here; the picture shows what the server says to those that do not.
    page.evaluate("for (const form of document.forms) form.noValidate = true")
    press(page, "Save this line")
    page.get_by_role("heading", name="There is a problem").wait_for()


def show_review(page: Page) -> None:
    """The draft of the picture before, filled in as far as the rules need it. It is never filed."""
    found = re.search(r".*/portal/applications/[0-9a-f-]{36}/", page.url)
    if found is None:
        raise NotThere("the draft was not started")
    page.get_by_label("Quantity").fill("35000")
    page.get_by_label("Price of one").fill("50000")
    page.get_by_label("ECCN").fill("3A090.a")
    press(page, "Save this line")
    page.goto(found[0])
    follow(page, "The parties")
    follow(page, "Add a party")
    choose(page, "radio", "Purchaser")
    for role in ("Ultimate consignee", "End user"):
        choose(page, "checkbox", role)
    for label, value in (("Full legal name", "Example Compute Oy"), ("Street address", "1 Example Road")):
        page.get_by_label(label).fill(value)
    page.get_by_label("City", exact=True).fill("Espoo")
    for label in ("of this address", "of the party’s headquarters", "of the ultimate parent’s headquarters"):
        page.get_by_label(f"Country {label}").select_option(label="Finland")
    press(page, "Save this party")
    follow(page, "Continue")
    for label, value in (("Name of the installation", "Espoo Hall 1"), ("Street address", "2 Example Road")):
        page.get_by_label(label).fill(value)
    page.get_by_label("City", exact=True).fill("Espoo")
    page.get_by_label("Country", exact=True).select_option(label="Finland")
    press(page, "Save and continue")
    check(page, page.goto(f"{found[0]}end-use/"))
    page.get_by_label("What will the chips be used for?").fill("Weather models, invented for this picture.")
    press(page, "Save and continue")
    check(page, page.goto(f"{found[0]}review/"))


def open_licensed(page: Page) -> None:
    """The applicant's case of the first license in the list."""
    page.goto("/portal/licenses/")
    licensed = page.get_by_role("main").get_by_role("link", name=ACN)
    if not licensed.count():
        raise NotThere("the applicant has no license")
    licensed.first.click()
    page.get_by_role("heading", level=1).wait_for()


def show_journal(page: Page) -> None:
    """The chain of a case in the reading room."""
    page.goto("/oversight/licensing/case/")
    page.get_by_role("main").get_by_role("link", name=re.compile(r"[A-Z]\d{6}")).last.click()
    follow(page, "Its journal")
    page.get_by_role("heading", level=1).wait_for()


# Name of the file, what it shows, who looks, how they come there.
PICTURES: list[tuple[str, str, str, Way]] = [
    ("home", "The first page", "", go("/")),
    ("portal", "An applicant's home", "nvidia", go("/portal/")),
    ("step-with-error", "A step of an application, sent with mistakes", "nvidia", show_error),
    ("review", "The review before filing, with what the rules answer", "nvidia", show_review),
    ("applicant-case", "A case as its applicant follows it", "nvidia", open_licensed),
    ("basket", "An officer's basket", "officer", go("/desk/?view=all")),
    ("case", "A case at the desk", "officer", show_case),
    ("decide", "The page on which a director decides", "director", show_decision),
    ("oversight", "The reading room", "auditor", go("/oversight/")),
    ("journal", "The journal of a case", "auditor", show_journal),
    ("validation", "The public confirmation of a license", "", go("/validate/")),
]


def save(picture: Image.Image, name: str) -> None:
    """Write a PNG of at most 200 KB, with as many colors as fit."""
    for colors in (256, 128, 64, 32, 16):
        file = io.BytesIO()
        picture.convert("RGB").quantize(colors, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        if file.tell() <= LARGEST:
            break
    (FOLDER / f"{name}.png").write_bytes(file.getvalue())
    print(f"{name}.png: {file.tell() / 1024:.0f} KB")


def take(page: Page, name: str, way: Way) -> None:
    """One page at every width."""
    way(page)
    for width, height in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("window.scrollTo(0, 0)")
        save(Image.open(io.BytesIO(page.screenshot(animations="disabled"))), f"{name}-{width}")
    page.set_viewport_size({"width": 1440, "height": SIZES[1440]})


def take_license(page: Page) -> None:
    """The first page of a license, as it is printed."""
    if not shutil.which("pdftoppm"):
        raise NotThere("pdftoppm is not installed")
    open_licensed(page)
    letter = page.get_by_role("main").get_by_role("link", name=re.compile(r"license", re.IGNORECASE))
    addresses = [link.get_attribute("href") or "" for link in letter.all()]
    for address in addresses:
        if "/letters/" in address:
            break
    else:
        raise NotThere("the case has no letter")
    paper = page.request.get(address).body()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "license.pdf").write_bytes(paper)
        subprocess.run(
            ["pdftoppm", "-png", "-r", "90", "-f", "1", "-l", "1", "-singlefile", "license.pdf", "license"],
            cwd=folder,
            check=True,
            timeout=60,
        )
        with Image.open(Path(folder) / "license.png") as picture:
            save(picture, "license")


def main(address: str) -> int:
    """Take every picture; returns how many could not be taken, 1 at most."""
    FOLDER.mkdir(exist_ok=True)
    missing: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for account in dict.fromkeys(account for _, _, account, _ in PICTURES):
            missing += take_all_of(browser, address, account)
        browser.close()
    for line in missing:
        print(line, file=sys.stderr)
    return 1 if missing else 0


def take_all_of(browser: Browser, address: str, account: str) -> list[str]:
    """Every picture that one person sees; what could not be taken, in words."""
    missing = []
    context: BrowserContext = browser.new_context(
        base_url=address, viewport={"width": 1440, "height": SIZES[1440]}, reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    if account:
        sign_in(page, account)
    wanted: list[tuple[str, Callable[[], None]]] = [
        (name, lambda name=name, way=way: take(page, name, way)) for name, _, who, way in PICTURES if who == account
    ]
    if account == "nvidia":
        wanted.append(("license", lambda: take_license(page)))
    for name, shoot in wanted:
        try:
            shoot()
        except (BrowserError, NotThere) as why:
            missing.append(f"{name} was not taken: {str(why).splitlines()[0]}")
    context.close()
    return missing


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python docs/take_screenshots.py http://127.0.0.1:8000")
    sys.exit(main(sys.argv[1]))
