"""Looking at a page the way a careful reader does: does it fit, is it accessible, did the browser complain?"""

import re
from dataclasses import dataclass, field

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Page, Response

WIDTHS = (360, 1440)
GRAVE = ("serious", "critical")
# Only what is found comes back, and only from the rules whose breach is grave.
_FIND = """grave => axe.run({resultTypes: ["violations"]}).then(results => results.violations
    .filter(found => grave.includes(found.impact))
    .map(found => `${found.impact} ${found.id}: ` + found.nodes.slice(0, 2).map(node => node.html.slice(0, 160))))"""
_FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
_WIDE = """() => [...document.querySelectorAll("main *, header *, footer *")]
    .filter((node) => node.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .slice(0, 2).map((node) => node.outerHTML.slice(0, 160))"""


@dataclass
class Watch:
    """What the browser complained of, and whether a page asked another host for anything."""

    complaints: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def look(self, page: Page) -> None:
        """Look at the page as it stands, once in a test for each kind of address, and go on at the width of a desk."""
        kind = re.sub(r"[A-Z]?\d+", "0", page.url.split("/", 3)[-1])
        if kind not in self.seen:
            self.seen.add(kind)
            self.complaints += find_faults(page)

    def over(self, page: Page, home: str) -> None:
        """Watch this page from now on; `home` is the only address it may ask."""

        def console(message: ConsoleMessage) -> None:
            # A page that is refused on purpose is told as an error of loading; that is the page's own status.
            refused = message.text.startswith("Failed to load resource") and message.location["url"] == page.url
            if message.type in ("error", "warning") and not refused:
                self.complaints.append(f"{page.url}: the console says {message.text}")

        def response(answer: Response) -> None:
            if answer.status >= 500:
                self.complaints.append(f"{answer.url}: answered {answer.status}")

        def asked(address: str) -> None:
            if not address.startswith((f"{home}/", "data:", "blob:")):
                self.complaints.append(f"{page.url}: asked {address}")

        page.on("console", console)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: the script failed with {error}"))
        page.on("request", lambda request: asked(request.url))
        page.on("response", response)


def find_faults(page: Page, *, axe_at: tuple[int, ...] = WIDTHS) -> list[str]:
    """What is wrong with the page as it stands, in words: does it fit at every width, what does axe find at these?"""
    faults = []
    page.evaluate(AXE_SCRIPT)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        where = f"{page.url.split('/', 3)[-1] or '(home)'} at {width}"
        if not page.evaluate(_FITS):
            faults.append(f"{where}: scrolls sideways because of {page.evaluate(_WIDE)}")
        if width in axe_at:
            faults += [f"{where}: {found}" for found in page.evaluate(_FIND, list(GRAVE))]
    return faults
