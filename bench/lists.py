"""What the lists and pages of the tracks cost: queries, and whether more rows make them dearer.

Every page is asked for signed in, through the whole middleware. The cost is CPU time of this process and of its
database server's. It is told in plain pages of the same base at the same time, in rounds that go through the pages
forth and back, and medians are compared: with 1,000 rows of everything, and with 100,000. The lists on one object
(entries, shipments) grow on that very object. Beside the commitments stands the naive list: count, skip, and look
every row up as it is drawn.
"""

import gc
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from django.core.paginator import Paginator
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path, reverse

from accounts.models import User
from bench.rows import Made, make_objects, multiply
from config.urls import urlpatterns as every_address
from investments.models import Commitment

FEW, MANY = 1_000, 100_000
ROUNDS, REPEATS = 5, 1
LIST_BAR, DETAIL_BAR, GROWTH_BAR = 8, 20, 1.3
AT = datetime.now(tz=UTC)
PLAIN, NAIVE = "/desk/bench-plain/", "/desk/bench-naive/"

_PLAIN = """{% extends "desk/base.html" %}{% block main %}<p>Nothing</p>{% endblock %}"""
_NAIVE = """{% extends "desk/base.html" %}{% load values %}{% block main %}
<p>{{ page.paginator.count }} commitments</p><table>{% for each in page %}<tr>
<td><a class="cs-row-link" href="{% url 'desk:commitment' each.number %}">{{ each.number }}</a></td>
<td>{{ each.title }}</td><td>{{ each.obligor_country.name }}</td><td>{{ each.get_status_display }}</td>
<td>{{ each.entries.all|length }}</td><td>{{ each.milestones.first.due_on|day }}</td></tr>
{% endfor %}</table>{% endblock %}"""


def plain(request: HttpRequest) -> HttpResponse:
    """The reference: a page with nothing in it."""
    return HttpResponse(engines["django"].from_string(_PLAIN).render({}, request))


def naive(request: HttpRequest) -> HttpResponse:
    """What a first version does: count all, skip to the page, ask again for each row's relations."""
    pages = Paginator(Commitment.objects.order_by("title", "id"), 50)
    # The last but one: it is full.
    page = pages.page(pages.num_pages - 1)
    return HttpResponse(engines["django"].from_string(_NAIVE).render({"page": page}, request))


urlpatterns = [path("desk/bench-plain/", plain), path("desk/bench-naive/", naive), *every_address]


@dataclass
class Page:
    """A page that is measured: its address, who asks, and what its body must hold when there are so many rows.

    `costs` are pages of nothing, `asked` queries, both by the number of rows.
    """

    name: str
    url: str
    by: User
    shows: Callable[[int], str]
    bar: int = LIST_BAR
    client: Client = field(default_factory=Client)
    asked: dict[int, int] = field(default_factory=dict)
    costs: dict[int, float] = field(default_factory=dict)

    @property
    def growth(self) -> float:
        """How many times its cost with few rows it costs with many."""
        return self.costs[MANY] / self.costs[FEW]

    @property
    def holds(self) -> bool:
        """Whether it asks few enough times, as often with many rows, and a list costs no more than it may."""
        constant = self.asked[FEW] == self.asked[MANY] <= self.bar
        return constant and (self.bar == DETAIL_BAR or self.growth <= GROWTH_BAR)


@override_settings(ROOT_URLCONF="bench.lists")
def measure() -> list[dict[str, Any]]:
    """A line for each page: its queries; with how its cost grows. Raises NoReverseMatch where a page is not there."""
    made = make_objects(AT)
    pages = _list_pages(made)
    wrong = Page("the naive list of commitments", NAIVE, made.licensing.director, lambda _: "commitments")
    every = [*pages, wrong]
    clients: dict[int, Client] = {}
    for page in every:
        if page.by.pk not in clients:
            page.client.force_login(User.objects.get(pk=page.by.pk))
        page.client = clients.setdefault(page.by.pk, page.client)
    done = 0
    for rows in (FEW, MANY):
        multiply(made, done + 1, rows)
        done = rows
        for page in every:
            page.asked[rows] = _count(page, rows)
        for page, cost in zip(every, _weigh(every), strict=True):
            page.costs[rows] = cost
    missed = [page for page in pages if not page.holds]
    # The machine is not ours alone: what missed gets a second look.
    for page, cost in zip(missed, _weigh(missed), strict=True):
        page.costs[MANY] = min(cost, page.costs[MANY])
    return [*(_tell(page) for page in pages), _tell_naive(wrong)]


def _list_pages(made: Made) -> list[Page]:
    first = made.first
    director, exporter = made.licensing.director, made.licensing.applicant
    instrument, commitment, allocation = made.instrument.pk, made.commitment.number, made.allocation.pk
    license_, visit = made.license.number, made.visit.pk
    keeper, investor, allocator = made.assurances.first, made.investments.officer, made.allocations.second

    def url(name: str, *args: Any, query: str = "") -> str:
        return reverse(f"desk:{name}", args=args) + (f"?{query}" if query else "")

    def newest(letter: str, less: int = 0) -> Callable[[int], str]:
        return lambda rows: f"{letter}{first + rows - less:06d}"

    def always(text: str) -> Callable[[int], str]:
        return lambda _: text

    middle = f"after={first + FEW // 2}"
    return [
        Page("instruments", url("assurances"), keeper, newest("G")),
        Page("instruments, a later page", url("assurances", query=middle), keeper, always(f"G{first + 490:06d}")),
        Page("instruments that need attention", url("assurances", query="view=attention"), keeper, newest("G", 7)),
        Page("instruments of a country", url("assurances", query="view=all&country=SA"), keeper, newest("G")),
        Page("entries of a coverage", url("assurance_coverage", instrument), keeper, always("Bench entry")),
        Page("visits", url("visits"), made.inspections.supervisor, newest("V")),
        Page("visits that are late", url("visits", query="view=late"), made.inspections.supervisor, newest("V", 1)),
        Page("visits in review", url("visits", query="view=review"), made.inspections.supervisor, newest("V", 3)),
        Page("month of visits", url("calendar"), made.inspections.supervisor, always("Bench hall")),
        Page("week of visits", url("calendar_week"), made.inspections.supervisor, always("Bench officer")),
        Page("commitments", url("commitments"), investor, newest("K")),
        Page("commitments, a later page", url("commitments", query=middle), investor, always(f"K{first + 490:06d}")),
        Page("commitments that are short", url("commitments", query="view=short"), investor, newest("K", 5)),
        Page("allocations", url("allocations"), allocator, always(f"/allocations/{first + 1}/")),
        Page(
            "proposed allocations",
            url("allocations", query="view=proposed"),
            allocator,
            always(f"/allocations/{first + 1 + 3 * len(made.countries)}/"),
        ),
        Page("allocations that ended", url("allocations", query="view=ended"), allocator, always("cs-row-link")),
        Page("every allocation", url("allocations", query="view=all"), allocator, always("cs-row-link")),
        Page("entries of an allocation", url("allocation_entries", allocation), allocator, always("Bench entry")),
        Page("used of an allocation", url("allocation_entries", allocation, query="side=used"), allocator, always("")),
        Page("licenses", url("licenses"), director, newest("D")),
        Page("holds", url("holds"), director, newest("Bench hold ")),
        Page("holds that were lifted", url("holds", query="view=lifted"), director, newest("Bench hold ", 1)),
        Page("shipments, for the exporter", reverse("portal:shipments", args=[license_]), exporter, newest("Bench-")),
        Page("an instrument", url("assurance", instrument), keeper, always(made.instrument.number), DETAIL_BAR),
        Page("a commitment", url("commitment", commitment), investor, always(commitment), DETAIL_BAR),
        Page("an allocation", url("allocation", allocation), allocator, always("Ceiling"), DETAIL_BAR),
        Page("a visit", url("visit", visit), made.inspections.supervisor, always(f"V{visit:06d}"), DETAIL_BAR),
        Page("a license", url("license", license_), director, always(license_), DETAIL_BAR),
    ]


def _count(page: Page, rows: int) -> int:
    """The queries of a page, whose body is looked at."""
    page.client.get(page.url)
    with CaptureQueriesContext(connection) as queries:
        response = page.client.get(page.url)
    assert response.status_code == 200, f"{page.url} answered {response.status_code}"
    assert page.shows(rows) in response.content.decode(), f"{page.url} does not show {page.shows(rows)}"
    return len(queries)


def _weigh(pages: list[Page]) -> list[float]:
    """What each page costs in plain pages: medians over rounds that go forth and back."""
    if not pages:
        return []
    # Who asks for the plain page is one of the desk's people.
    rounds = [
        (next(page.client for page in pages if page.by.organization_id), PLAIN),
        *((page.client, page.url) for page in pages),
    ]
    costs: list[list[float]] = [[] for _ in rounds]
    server = _server()
    for number in range(ROUNDS):
        order: Iterable[int] = range(len(rounds)) if number % 2 else reversed(range(len(rounds)))
        gc.collect()
        for which in order:
            client, url = rounds[which]
            begun = _spent(server)
            for _ in range(REPEATS):
                client.get(url)
            costs[which].append(_spent(server) - begun)
    unit, *rest = [median(each) for each in costs]
    return [each / unit for each in rest]


def _server() -> psutil.Process | None:
    """The server process of our connection, where it runs on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (number,) = cursor.fetchone()
    found = psutil.Process(number) if psutil.pid_exists(number) else None
    return found if found is not None and "postgres" in found.name() else None


def _spent(server: psutil.Process | None) -> float:
    """CPU seconds so far, of this process and of its server; Linux tells the server's to the nanosecond."""
    own = time.process_time()
    if server is None:
        return own
    with suppress(OSError, ValueError, IndexError):
        return own + int(Path(f"/proc/{server.pid}/schedstat").read_text().split()[0]) / 1e9
    times = server.cpu_times()
    return own + float(times.user + times.system)


def _tell(page: Page) -> dict[str, Any]:
    kind = "" if page.bar == DETAIL_BAR else f" (bar: {GROWTH_BAR})"
    return {
        "name": f"page: {page.name}",
        "figure": page.asked[MANY],
        "bar": page.bar,
        "holds": page.holds,
        "unit": "queries",
        "detail": (
            f"{page.asked[FEW]} with {FEW:,} rows; with {MANY:,} it costs {page.growth:.2f} times as much{kind},"
            f" {page.costs[MANY]:.1f} pages of nothing"
        ),
    }


def _tell_naive(page: Page) -> dict[str, Any]:
    bites = page.asked[MANY] > LIST_BAR and page.growth > GROWTH_BAR
    return {
        "name": f"page: {page.name}",
        "figure": page.asked[MANY],
        "bar": f"> {LIST_BAR}",
        "holds": bites,
        "unit": "queries",
        "detail": f"with {MANY:,} rows it costs {page.growth:.2f} times as much (it has to miss {GROWTH_BAR})",
    }
