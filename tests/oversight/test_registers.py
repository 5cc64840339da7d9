"""Registers and rows: found, linked, within their budget of queries, and without secrets."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from accounts.models import ApiKey, User
from allocations.models import Verdict
from assurances.models import BreachStep, Translation
from audit.reading.registers import CappedPaginator
from config.templatetags.values import instant
from deadlines.models import Holiday
from inspections.models import (
    CalendarToken,
    Candidate,
    CorrectiveAction,
    Engagement,
    FindingWithdrawal,
    RecommendingUnit,
    Report,
    Sample,
    SampleItem,
    SerialList,
    TeamMember,
)
from investments.models import TrancheMove
from licensing.models import Case, Decision, Exemption, Letter, License, LicenseLine, Recommendation, Signature
from tests.accounts.factories import user
from tests.oversight.factories import World, row_of
from tests.registry.factories import party

REGISTERS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def client(made: World, client: Client) -> Client:
    client.force_login(made.auditor)
    return client


def register_of(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def page_of(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


@pytest.mark.parametrize("model", REGISTERS, ids=lambda model: model._meta.label)
def test_a_register_stays_within_its_budget_however_many_rows_it_has(client: Client, model):
    listed = admin.site._registry[model]
    client.get(register_of(model))
    with CaptureQueriesContext(
        connection,
    ) as many:
        answer = client.get(register_of(model))
    shown = len(answer.context["rows"])
    listed.list_per_page, before = 1, listed.list_per_page
    try:
        with CaptureQueriesContext(connection) as one:
            client.get(register_of(model))
    finally:
        listed.list_per_page = before
    assert shown >= 1
    assert len(many) <= 12
    assert len(many) == len(one), [query["sql"] for query in many.captured_queries]


@pytest.mark.parametrize("model", REGISTERS, ids=lambda model: model._meta.label)
def test_a_register_joins_only_what_its_columns_show(client: Client, model):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(register_of(model)).status_code == 200
    assert max(query["sql"].count(" JOIN ") for query in queries.captured_queries) <= 8


@pytest.mark.parametrize("model", REGISTERS, ids=lambda model: model._meta.label)
def test_a_register_reads_no_name_row_by_row(client: Client, model):
    def alone(url: str) -> list[str]:
        """The queries that fetch one row: who asks, and every name that was not joined."""
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        return [query["sql"] for query in queries.captured_queries if query["sql"].endswith("LIMIT 21")]

    found = alone(register_of(model))
    assert len(found) == len(alone(reverse("admin:journal"))), found


def test_what_belongs_to_a_visit_is_named_by_people_and_things(client: Client):
    member, candidate = TeamMember.objects.latest("pk"), Candidate.objects.latest("pk")
    engagement, barred = Engagement.objects.latest("pk"), RecommendingUnit.objects.latest("pk")
    withdrawal, token = FindingWithdrawal.objects.latest("pk"), CalendarToken.objects.latest("pk")
    named = {
        member.officer: member.officer.user.name,
        member: f"{member.officer.user.name} in {member.team.name}",
        engagement: f"{engagement.get_kind_display()} of {engagement.officer.name}",
        token: f"Calendar of {token.officer.name}",
        candidate: f"{candidate.installation.name}: {candidate.points} points",
        barred: f"{barred.unit.name} recommended it",
        withdrawal: f"Withdrawal of {withdrawal.finding.title}",
    }
    for word, model in {
        "List 1": SerialList,
        "Sample 1": Sample,
        "Report 1": Report,
        "Action 1": CorrectiveAction,
    }.items():
        row = model.objects.latest("pk")
        named[row] = f"{word} of {row.visit.number}"
    for row, name in named.items():
        assert str(row) == name
        assert (
            f'<h1 class="cs-page-head__title cs-break">{escape(name)}</h1>' in client.get(page_of(row)).content.decode()
        )
    assert named[member.officer] in client.get(register_of(TeamMember)).content.decode()
    assert str(Sample.objects.latest("pk")) in client.get(register_of(SampleItem)).content.decode()


def test_a_period_is_told_by_its_instants(client: Client):
    engagement = Engagement.objects.latest("pk")
    for url in (register_of(Engagement), page_of(engagement)):
        text = client.get(url).content.decode()
        assert f"[{engagement.period.lower}" not in text
        assert f"{instant(engagement.period.lower)} to {instant(engagement.period.upper)}" in text


@pytest.mark.parametrize(
    ("model", "column", "leads_to"),
    [
        (Translation, "instrument", lambda row: row.text.instrument),
        (BreachStep, "instrument", lambda row: row.breach.instrument),
        (Verdict, "allocation", lambda row: row.proposal.allocation),
        (TrancheMove, "plan", lambda row: row.step.plan),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", None),
)
def test_what_is_numbered_within_another_says_within_which(client: Client, model, column: str, leads_to):
    above = leads_to(model.objects.latest("pk"))
    answer = client.get(register_of(model))
    assert f'<a class="usa-link" href="{page_of(above)}">{escape(str(above))}</a>' in answer.content.decode()
    assert column in admin.site._registry[model].list_display


@pytest.mark.parametrize("model", REGISTERS, ids=lambda model: model._meta.label)
def test_every_register_can_be_searched_sorted_and_filtered(client: Client, model):
    url = register_of(model)
    listed = admin.site._registry[model]
    assert client.get(url, {"q": "Zzyzx nowhere"}).status_code == 200
    assert "Nothing fits" in client.get(url, {"q": "Zzyzx nowhere"}).content.decode()
    for column in range(len(listed.list_display)):
        assert client.get(url, {"o": f"-{column}"}).status_code == 200
    for one in client.get(url).context["filters"]:
        for choice in one["choices"]:
            assert client.get(url + choice["query_string"]).status_code == 200


@pytest.mark.parametrize("model", REGISTERS, ids=lambda model: model._meta.label)
def test_a_row_costs_the_same_however_much_belongs_to_it(client: Client, model):
    row = row_of(model)
    with CaptureQueriesContext(connection) as queries:
        client.get(page_of(row))
    assert len(queries) <= 4 + 2 * len(admin.site._registry[model].sections) + 2


def test_a_case_leads_to_everything_that_belongs_to_it(made: World, client: Client):
    case = Case.objects.get(pk=made.case.pk)
    text = client.get(page_of(case)).content.decode()
    recommendation = Recommendation.objects.get(case=case)
    linked = [
        case.application,
        case.officer,
        recommendation,
        *Signature.objects.filter(recommendation=recommendation),
        Decision.objects.get(case=case),
        *Letter.objects.defer("pdf").filter(case=case),
        License.objects.get(case=case),
    ]
    assert len(linked) >= 7
    for row in linked:
        assert page_of(row) in text, row
    assert reverse("admin:journal_subject", args=["licensing.case", case.pk]) in text
    line = LicenseLine.objects.get(license__case=case)
    assert "licensing.licenseline" not in text
    assert f"License line {line.pk}" in text


def test_what_is_cut_on_a_page_is_read_whole_in_its_register(made: World, client: Client):
    book = made.who.organization
    for number in range(25):
        party(f"Client {number}", organization=book)
    answer = client.get(page_of(book))
    (section,) = [one for one in answer.context["sections"] if one["title"] == "Parties in its own book"]
    assert len(section["rows"]) == 20
    whole = client.get(section["more_url"])
    assert whole.context["cl"].result_count >= 25
    assert "Organization:" in whole.content.decode()


def test_secrets_are_named_and_never_shown(made: World, client: Client):
    person = user(password="a-long-test-password-71")
    secrets = [
        (person, person.password),
        (ApiKey.objects.latest("pk"), ApiKey.objects.latest("pk").key_hash),
        (License.objects.get(case=made.case), License.objects.get(case=made.case).verification_code),
        (Exemption.objects.latest("pk"), Exemption.objects.latest("pk").verification_code),
    ]
    for row, secret in secrets:
        assert secret
        text = client.get(page_of(row)).content.decode()
        assert "Never shown" in text
        assert secret not in text
        assert secret not in client.get(register_of(type(row))).content.decode()
        assert "Nothing fits" in client.get(register_of(type(row)), {"q": secret}).content.decode()


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        (User, "password__startswith"),
        (ApiKey, "key_hash__startswith"),
        (License, "verification_code__startswith"),
        (Case, "officer__password__startswith"),
        (Case, "license__verification_code__startswith"),
    ],
)
def test_an_address_cannot_ask_for_a_secret_letter_by_letter(client: Client, model, lookup: str):
    assert client.get(register_of(model), {lookup: "a"}).status_code == 400


def test_sessions_and_the_frameworks_own_tables_are_not_listed(client: Client):
    text = client.get(reverse("admin:index")).content.decode()
    for word in ("session", "permission", "content type", "access attempt", "log entr"):
        assert word not in text.lower(), word


def test_a_register_of_millions_is_counted_only_as_far_as_anybody_pages(
    made: World, client: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("audit.reading.registers.COUNTED_AT_MOST", 100)
    monkeypatch.setattr(CappedPaginator, "counted_at_most", 100)
    text = client.get(register_of(Holiday)).content.decode()
    assert "more than" in text
    last = client.get(register_of(Holiday), {"p": 3})
    assert "Search or filter to reach the rest" in last.content.decode()
    assert client.get(register_of(Holiday), {"p": 4000}).status_code in (200, 302, 404)


def test_a_page_has_no_script_or_style_of_its_own(client: Client):
    for url in (reverse("admin:index"), reverse("admin:journal"), *map(register_of, REGISTERS[:5])):
        answer = client.get(url)
        text = answer.content.decode()
        assert " style=" not in text, url
        assert "<style" not in text, url
        assert "onclick" not in text, url
        assert "script-src 'self'" in answer["Content-Security-Policy"]
