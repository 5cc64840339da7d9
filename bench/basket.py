"""What the work basket costs an officer: fifty rows, signed in, through the whole middleware.

Beside it stand the same page as literal text through the same middleware, and the naive basket: count, skip, and
look every row up as it is drawn. The cost is CPU time, of this process and of its database server's; rounds
alternate A B B A and their medians are compared, so that a busy machine burdens both alike.
"""

import gc
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from typing import Any

import psutil
from django.core.paginator import Paginator
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path

from accounts.models import User
from config.urls import urlpatterns as every_address
from licensing.models import Case
from licensing.selectors.basket import PAGE
from tests.licensing import factories as make

FEW, MANY = 1_000, 100_000
ROUNDS, REPEATS = 8, 40
QUERY_BAR, GROWTH_BAR, STATIC_BAR = 8, 1.15, 2.5
AT = datetime.now(tz=UTC)
BASKET, STATIC, NAIVE = "/desk/?view=all", "/desk/static/", "/desk/naive/?page=last"

_APPLICATIONS = """
INSERT INTO licensing_application (reference, own_reference, created_by_label, created_at, saved_at, status, version,
    site_name, site_operator, site_address, site_city, end_use, additional_information, all_or_nothing,
    resubmission_of, declared_facts, undertaking_signatory, certifier_name, certifier_title, submission_key,
    transaction_digest, reconstruction_source, reconstruction_note, organization_id, certified_on, submitted_at)
SELECT gen_random_uuid(), '', 'Bench', now(), now(), 'submitted', 1, 'Hall', 'Operator', '', '', '', '', false, '',
    '[]', '', 'Bench', '', 'bench-' || n, 'bench-' || n, '', '', %(organization)s, current_date, now()
FROM generate_series(%(begin)s::int, %(end)s::int) n
"""
# Every unit, officer and status has its share; due dates lie around today, so that some are late.
_CASES = """
INSERT INTO licensing_case (acn, application_id, kind, status, version, tier, destination_id, subject_line,
    applicant_name, chips, value_cents, officer_id, unit_id, opened_at, due_at)
SELECT 'B' || lpad(n::text, 6, '0'), a.id, 'license',
    (ARRAY['received', 'under_review', 'awaiting_information', 'recommended', 'countersigned'])[1 + n %% 5], 1,
    (ARRAY['small', 'medium', 'large', 'sovereign'])[1 + n %% 4], (ARRAY['SA', 'AE', 'SE', 'NO'])[1 + n %% 4],
    (n %% 977 + 8) || ' GB300 to Company ' || n %% 311 || ', City ' || n %% 53, 'Exporter ' || n %% 41,
    n %% 977 + 8, 1000000, CASE WHEN n %% 5 > 0 THEN %(officer)s END, %(unit)s,
    now() - (n %% 200 || ' hours')::interval, now() + ((n * 7919) %% 2000 - 100 || ' hours')::interval
FROM generate_series(%(begin)s::int, %(end)s::int) n
JOIN licensing_application a ON a.submission_key = 'bench-' || n AND a.organization_id = %(organization)s
"""


_NAIVE = """{% extends "desk/base.html" %}{% load components values %}{% block main %}
<p>{{ page.paginator.count }} cases</p><table>{% for case in page %}<tr>
<td><a class="cs-row-link" href="{% url 'desk:case' case.acn %}">{{ case.acn }}</a></td>
<td>{{ case.subject_line }}</td><td>{{ case.destination.name }}</td><td>{{ case.applicant_name }}</td>
<td>{% include "components/status.html" with tone="active" label=case.get_status_display %}</td>
<td>{{ case.officer.name }}</td><td>{{ case.unit.code }}</td>
<td>{{ case.due_at|day }}</td><td>{{ case.opened_at|day }}</td></tr>{% endfor %}</table>{% endblock %}"""

_literal: list[Any] = []


def static(request: HttpRequest) -> HttpResponse:
    """The reference: what the basket answered, as literal text inside the same base."""
    return HttpResponse(_literal[0].render({}, request))


def naive(request: HttpRequest) -> HttpResponse:
    """What a first version does: count all, skip to the page, ask again for each row's relations."""
    cases = Case.objects.filter(closed_at__isnull=True).order_by("due_at", "id")
    page = Paginator(cases, PAGE).get_page(request.GET.get("page", 1))
    if request.GET.get("page") == "last":
        page = page.paginator.page(page.paginator.num_pages)
    return HttpResponse(engines["django"].from_string(_NAIVE).render({"page": page}, request))


urlpatterns = [path("desk/static/", static), path("desk/naive/", naive), *every_address]


@override_settings(ROOT_URLCONF="bench.basket")
def measure() -> list[dict[str, Any]]:
    """The lines of the basket: queries, growth with the number of cases, the price over a static page."""
    make.load_rules(at=AT)
    who = make.people()
    _insert(who, 1, FEW)
    client = _sign_in(who.officer)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(BASKET)
    asked = len(queries)
    assert response.content.count(b"cs-row-link") == PAGE, f"the basket answered {response.status_code}"
    body = response.content.decode().split('tabindex="-1">', 1)[1].split("</main>", 1)[0]
    text = "{% extends 'desk/base.html' %}{% block main %}{% verbatim %}" + body + "{% endverbatim %}{% endblock %}"
    _literal[:] = [engines["django"].from_string(text)]
    few, few_naive = _compare(client, BASKET, STATIC), _compare(client, NAIVE, STATIC)
    _insert(who, FEW + 1, MANY)
    many, many_naive = _compare(client, BASKET, STATIC), _compare(client, NAIVE, STATIC)
    # Each is told in static pages of its own time, so that a machine that slows down in between does not count.
    growth, naive_growth = many / few, many_naive / few_naive
    return [
        _row("basket: queries for 50 rows", asked, QUERY_BAR, "queries", "signed in, whole middleware"),
        _row(
            f"basket: {MANY:,} open cases against {FEW:,}",
            round(growth, 2),
            GROWTH_BAR,
            "×",
            f"the naive one, which counts and skips: {naive_growth:.2f} ×, {_misses(naive_growth, GROWTH_BAR)}",
        ),
        _row(
            "basket: against the same page as literal text",
            round(max(few, many), 2),
            STATIC_BAR,
            "×",
            f"the naive one: {many_naive:.2f} ×, {_misses(many_naive, STATIC_BAR)}",
        ),
    ]


def _row(name: str, figure: float, bar: float, unit: str, detail: str) -> dict[str, Any]:
    holds = figure <= bar and "but should not" not in detail
    return {"name": name, "figure": figure, "bar": bar, "holds": holds, "unit": unit, "detail": detail}


def _misses(figure: float, bar: float) -> str:
    return "misses the bar" if figure > bar else "holds, but should not"


def _insert(who: make.People, begin: int, end: int) -> None:
    parameters = {
        "begin": begin,
        "end": end,
        "organization": who.organization.pk,
        "officer": who.officer.pk,
        "unit": who.officer.unit_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_APPLICATIONS, parameters)
        cursor.execute(_CASES, parameters)
        cursor.execute("VACUUM ANALYZE licensing_case")
        cursor.execute("VACUUM ANALYZE licensing_application")


def _sign_in(person: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.pk))
    client.get(BASKET)
    return client


def _compare(client: Client, subject: str, reference: str) -> float:
    """How many times the reference a page costs: the median over rounds that alternate A B B A."""

    def get(url: str) -> Callable[[], None]:
        def act() -> None:
            assert client.get(url).status_code == 200, url

        return act

    one, other = get(subject), get(reference)
    one(), other()
    costs: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS):
        for which in (0, 1) if number % 2 else (1, 0):
            costs[which].append(_time((one, other)[which]))
    return median(costs[0]) / median(costs[1])


def _time(act: Callable[[], None]) -> float:
    server = _server()
    gc.collect()
    begun = _spent(server)
    for _ in range(REPEATS):
        act()
    return _spent(server) - begun


def _server() -> psutil.Process | None:
    """The server process of our connection, where it runs on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (number,) = cursor.fetchone()
    found = psutil.Process(number) if psutil.pid_exists(number) else None
    return found if found is not None and "postgres" in found.name() else None


def _spent(server: psutil.Process | None) -> float:
    """CPU seconds so far, of this process and of its server."""
    times = server.cpu_times() if server else None
    return time.process_time() + (times.user + times.system if times else 0.0)
