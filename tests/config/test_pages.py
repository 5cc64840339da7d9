"""The shared look: what every page has, what every component promises, and how a refusal reads."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpResponse
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.rules import Refused
from config import errors, fields, tones
from config.context import BANNER, MARKING, site
from config.templatetags import values
from licensing import statuses
from tests.accounts.factories import PASSWORD, organization, user
from tests.config.gallery import LONG, AllWidgets

OPEN_PAGES = ["/", "/about/", "/accessibility/", "/sign-in/"]
FACES = ["portal", "desk", "oversight"]
TEMPLATES = Path(settings.BASE_DIR) / "templates"
VENDOR = Path(settings.BASE_DIR) / "static" / "vendor"

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.config.gallery")]


class Elements(HTMLParser):
    """The elements of a page with their attributes, and nothing else of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, {name: value or "" for name, value in attrs}))

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.all if name == tag]

    def with_attribute(self, name: str) -> list[str]:
        return [attrs[name] for _, attrs in self.all if name in attrs]


def get(client: Client, address: str, **extra: str) -> HttpResponse:
    return client.get(address, headers=extra or None)


def draw(source: str, **context: object) -> str:
    return Template("{% load components values %}" + source).render(Context(context))


# ── What every page has ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", OPEN_PAGES)
def test_open_page_needs_no_sign_in_and_has_one_heading_and_a_way_past_the_header(client, address):
    answer = get(client, address)
    page = Elements(answer.content.decode())
    assert answer.status_code == 200
    assert len(page.named("h1")) == 1
    assert {"class": "usa-skipnav", "href": "#main"} in page.named("a")
    assert [attrs["id"] for attrs in page.named("main")] == ["main"]


@pytest.mark.parametrize("address", [*OPEN_PAGES, *[f"/gallery/{face}/?wrong=1" for face in FACES], "/no/refused/"])
def test_no_page_holds_a_style_or_a_script_of_its_own(client, address):
    page = Elements(get(client, address).content.decode())
    assert not page.with_attribute("style")
    assert not [name for _, attrs in page.all for name in attrs if name.startswith("on")]
    assert not page.named("style")
    assert all(attrs.get("src", "").startswith("/static/") for attrs in page.named("script"))


def test_the_policy_allows_no_inline_code(client):
    policy = get(client, "/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "style-src 'self'" in policy


@pytest.mark.parametrize("face", FACES)
def test_every_face_carries_the_marking_and_its_own_class(client, face):
    text = get(client, f"/gallery/{face}/").content.decode()
    assert text.count(MARKING) == 1
    assert f'class="cs face-{face}"' in text


@pytest.mark.parametrize("address", OPEN_PAGES)
def test_open_page_holds_no_case_and_so_no_marking(client, address):
    assert MARKING not in get(client, address).content.decode()


def test_the_demonstration_says_that_it_is_one_above_the_marking(client, settings):
    settings.DEMONSTRATION = True
    text = get(client, "/gallery/desk/").content.decode()
    assert 0 < text.index(BANNER) < text.index(MARKING)


def test_elsewhere_there_is_neither_banner_nor_list_of_sign_ins(client, settings):
    settings.DEMONSTRATION = False
    text = get(client, "/").content.decode()
    assert BANNER not in text
    assert "demo.countersign.example" not in text


def test_the_demonstration_lists_its_sign_ins_on_the_front_page(client, settings):
    settings.DEMONSTRATION = True
    text = get(client, "/").content.decode()
    assert "officer@demo.countersign.example" in text


@pytest.mark.parametrize("address", ["/", "/about/"])
def test_open_pages_say_that_the_draft_was_withdrawn(client, address):
    text = get(client, address).content.decode()
    assert "withdrawn on March 13, 2026" in text
    assert "not law" in text


def test_the_page_on_the_rules_has_each_date_for_machines_too(client):
    dates = Elements(get(client, "/about/").content.decode()).with_attribute("datetime")
    assert dates == sorted(dates)
    assert "2026-03-13" in dates


def test_open_pages_only_answer_reading(client):
    assert client.post("/about/").status_code == 405


def test_the_inbox_is_counted_once_and_only_when_a_page_shows_it(rf):
    request = rf.get("/")
    request.user = user(name="Ada Person", organization=organization(name=LONG))
    with CaptureQueriesContext(connection) as queries:
        context = site(request)
        assert len(queries) == 0
        assert context["unread_count"]() == 0
        assert context["unread_count"]() == 0
    assert len(queries) == 1


def test_nobody_signed_in_has_no_inbox(rf, django_assert_num_queries):
    request = rf.get("/")
    request.user = AnonymousUser()
    with django_assert_num_queries(0):
        assert site(request)["unread_count"]() == 0


def test_the_account_menu_names_the_person_and_signs_out_by_post(client):
    person = user(name="Ada Person", organization=organization(name=LONG))
    client.force_login(person)
    text = get(client, "/").content.decode()
    forms_of_page = Elements(text).named("form")
    assert person.name in text
    assert person.organization.name in text
    assert {"method": "post", "action": "/sign-out/"} in forms_of_page


# ── Forms ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("query", ["", "?wrong=1"])
def test_every_reference_inside_a_form_page_has_its_target(client, query):
    page = Elements(get(client, f"/gallery/portal/{query}").content.decode())
    ids = page.with_attribute("id")
    assert len(ids) == len(set(ids)), "an id is used twice"
    described = {one for value in page.with_attribute("aria-describedby") for one in value.split()}
    labelled = set(page.with_attribute("for")) | set(page.with_attribute("aria-labelledby"))
    linked = {attrs["href"][1:] for attrs in page.named("a") if re.match(r"#id_", attrs.get("href", ""))}
    assert described | labelled | linked <= set(ids)
    assert bool(linked) is bool(query)


def test_each_wrong_field_says_so_to_those_who_cannot_see_it(client):
    page = Elements(get(client, "/gallery/portal/?wrong=1").content.decode())
    wrong = {attrs["name"] for _, attrs in page.all if attrs.get("aria-invalid") == "true"}
    assert {"quantity", "reasons", "role", "contract", "delivery", "correct"} <= wrong
    assert "name" not in wrong


def test_what_was_typed_is_kept_beside_the_error(client):
    page = Elements(get(client, "/gallery/portal/?wrong=1").content.decode())
    typed = {attrs["name"]: attrs.get("value") for attrs in page.named("input") if "name" in attrs}
    assert typed["name"] == LONG
    assert typed["quantity"] == "-4"


def test_a_missing_answer_is_named_in_the_summary():
    form = AllWidgets({"quantity": "0"})
    says = {problem.target: problem.says for problem in fields.list_problems([form])}
    assert says["id_name"] == "Fill in “Name of the end user”."
    assert says["id_shipment_0"] == "Choose an answer for “How will the chips be shipped?”."
    assert says["id_safeguards_0"] == "Choose at least one answer for “Which safeguards are in place?”."
    assert says["id_contract"] == "Choose a file for “Purchase contract”."
    assert says["id_quantity"] == "Quantity: Enter 1 or more."


def test_an_error_of_the_whole_form_is_listed_without_a_link():
    problems = fields.list_problems([AllWidgets({})])
    assert fields.Problem("The total exceeds what the letter of intent allows.", "") in problems


def test_a_message_of_the_apps_own_stays_as_it_is():
    class Own(forms.Form):
        reason = forms.CharField(error_messages={"required": "Say why the case goes back."})

    form = Own({})
    assert fields.list_problems([form])[0].says == "Reason: Say why the case goes back."
    assert "Say why the case goes back." in draw("{% field form.reason %}", form=form)


def test_a_refusal_of_an_operation_leads_to_the_field_it_names():
    form = AllWidgets(None)
    refused = Refused("Only 12 are left.", field="quantity")
    assert fields.list_problems([form], refused) == [fields.Problem("Only 12 are left.", "id_quantity")]
    elsewhere = Refused("A hold stands.", field="installation")
    assert fields.list_problems([form], elsewhere) == [fields.Problem("A hold stands.", "")]


def test_nothing_wrong_shows_no_summary():
    assert draw("{% error_summary form %}", form=AllWidgets(None)).strip() == ""


def test_a_formset_is_summed_up_with_all_its_forms():
    class Line(forms.Form):
        model = forms.CharField(label="Model")

    lines = forms.formset_factory(Line, extra=0, min_num=2, validate_min=True)(
        {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-model": "GB300", "form-1-model": ""}
    )
    targets = [problem.target for problem in fields.list_problems([lines])]
    assert "id_form-1-model" in targets


def test_an_optional_field_says_so_and_a_required_one_does_not():
    form = AllWidgets(None)
    assert "(optional)" in draw("{% field form.website %}", form=form)
    assert "(optional)" not in draw("{% field form.name %}", form=form)


def test_the_text_of_a_field_is_escaped():
    form = AllWidgets({"name": "<b>x</b>"})
    drawn = draw("{% field form.name label=said hint=said %}", form=form, said="<i>said</i>")
    assert "<b>" not in drawn
    assert "<i>" not in drawn


def test_a_date_in_three_lists_names_each_of_them():
    drawn = draw("{% field form.period %}", form=AllWidgets(None))
    names = [attrs["aria-label"] for attrs in Elements(drawn).named("select")]
    assert names == ["End of the period: month", "End of the period: day", "End of the period: year"]


# ── Components ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", sorted((TEMPLATES / "components").glob("*.html")), ids=lambda path: path.name)
def test_every_component_says_at_its_top_how_it_is_used(path):
    head = "\n".join(path.read_text().splitlines()[:3])
    assert re.search(r"\{#|\{% comment %\}", head)


def test_every_status_of_a_case_has_a_shape_of_its_own_kind():
    stored = {
        value
        for choices in (
            statuses.ApplicationStatus,
            statuses.CaseStatus,
            statuses.RequirementStatus,
            statuses.LicenseStatus,
        )
        for value in choices.values
    }
    assert stored <= set(tones.STATUS_TONES)
    assert set(tones.STATUS_TONES.values()) <= set(tones.TONES)


def test_a_status_is_a_word_with_a_shape():
    drawn = draw("{% status 'under_review' 'Under review' %}")
    assert "cs-status--active" in drawn
    assert "<svg" in drawn
    assert "Under review" in drawn
    assert "Something new" in draw("{% status 'something_new' %}")


@pytest.mark.parametrize(
    ("counted", "words", "look"),
    [(41, "41 of 90 days", ""), (80, "80 of 90 days", "cs-clock--near"), (94, "over the limit", "cs-clock--late")],
)
def test_a_clock_says_in_words_what_its_bar_shows(counted, words, look):
    drawn = draw("{% clock_bar counted=counted limit=90 stopped=12 %}", counted=counted)
    assert words in drawn
    assert look in drawn
    assert "stopped 12" in drawn


def test_a_balance_says_how_many_are_left():
    drawn = draw("{% balance_bar used=80000 ceiling=200000 reserved=35000 %}")
    assert "85,000" in drawn
    assert "no ceiling" in draw("{% balance_bar used=5 ceiling=None %}")


def test_a_bar_is_as_long_as_its_share_of_the_longest_and_its_number_leads_to_the_list():
    bars = [
        {"label": "Nov 24", "value": 7, "url": "/late/"},
        {"label": "Dec 1", "value": 14},
        {"label": "Dec 8", "value": 0},
    ]
    drawn = draw('{% bar_chart bars label="Late cases" %}', bars=bars)
    widths = [
        float(attrs["width"]) for attrs in Elements(drawn).named("rect") if attrs["class"].startswith("cs-bar__fill")
    ]
    assert widths == [100.0, 200.0, 0.0]
    assert '<a class="usa-link" href="/late/">7</a>' in drawn


def test_the_content_of_a_panel_is_the_pages_and_its_values_are_escaped():
    drawn = draw('{% notice kind="info" heading=name %}{{ name }}{% endnotice %}{% row name name %}', name="<b>")
    assert "<b>" not in drawn
    assert drawn.count("&lt;b&gt;") == 4


def test_an_empty_value_is_shown_as_a_dash():
    assert "—" in draw('{% row "Officer" nothing %}', nothing=None)
    assert ">0<" in draw('{% row "Visits" nothing %}', nothing=0).replace("\n", "")


@pytest.mark.parametrize(
    ("path", "current"),
    [("/about/", "page"), ("/about/more/", "true"), ("/elsewhere/below/", "true"), ("/", "")],
)
def test_the_navigation_marks_where_the_reader_is(rf, path, current):
    drawn = draw('{% nav_item "about" "Rules" under="/elsewhere/" %}', request=rf.get(path))
    assert (f'aria-current="{current}"' in drawn) if current else ("aria-current" not in drawn)


def test_an_entry_of_the_navigation_without_an_address_is_left_out(rf):
    assert draw('{% nav_item "no:such" "Nowhere" %}', request=rf.get("/")) == ""


# ── Numbers, money and dates ─────────────────────────────────────────────────────────────────────


def test_numbers_have_separators_and_money_its_currency():
    assert values.number(35000) == "35,000"
    assert values.chips(1) == "1 chip"
    assert values.chips(200000) == "200,000 chips"
    assert values.money("1234567.5") == "USD 1,234,567.50"
    assert values.money(3, "EUR") == "EUR 3.00"
    assert values.cents(120050) == "USD 1,200.50"
    assert values.percent("51.50") == "51.5%"
    assert values.file_size(482_133) == "471 KB"
    assert [write(None) for write in (values.number, values.chips, values.money, values.cents)] == ["—"] * 4


def test_a_day_is_written_out_and_keeps_its_instant():
    drawn = values.day(datetime(2026, 3, 9, 18, 30, 5, tzinfo=UTC))
    assert ">Mar 9, 2026<" in drawn
    assert 'datetime="2026-03-09T18:30:05Z"' in drawn
    assert "Mar 9, 2026, 14:30:05 EDT" in drawn
    assert values.day(date(2026, 3, 9)).startswith('<time datetime="2026-03-09"')
    assert values.day(None) == "—"


def test_a_late_evening_in_utc_is_the_day_it_is_in_washington():
    assert ">Mar 8, 2026<" in values.day(datetime(2026, 3, 9, 2, 0, tzinfo=UTC))


def test_an_instant_names_its_zone():
    assert ">Jan 9, 2026, 13:30:05 EST<" in values.instant(datetime(2026, 1, 9, 18, 30, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=2), "now"),
        (timedelta(minutes=-5), "5 minutes ago"),
        (timedelta(days=-3), "3 days ago"),
        (timedelta(days=21), "in 21 days"),
        (timedelta(days=92), "in 3 months"),
        (timedelta(days=-1100), "3 years ago"),
    ],
)
def test_how_long_ago_is_said_in_words(away, words):
    assert values.relative(timezone.now() + away) == words


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "status", "reason"),
    [
        ("permitted", 403, "Only a countersigner signs."),
        ("refused", 409, "Two requirements are still open."),
        ("stale", 409, "changed this case at 14:30"),
    ],
)
def test_a_refusal_that_no_view_handled_is_a_page_with_its_reason(client, kind, status, reason):
    answer = get(client, f"/no/{kind}/")
    text = answer.content.decode()
    assert answer.status_code == status
    assert reason in text
    assert "Whom to ask" in text
    assert len(Elements(text).named("h1")) == 1


def test_a_refused_person_sees_the_navigation_of_their_own_face(client):
    client.force_login(user("exporter_member"))
    text = get(client, "/no/permitted/").content.decode()
    assert 'class="cs face-portal"' in text
    assert '<a class="usa-button usa-button--outline" href="/portal/">' in text


def test_a_refusal_beside_a_case_carries_the_marking(client):
    assert MARKING in get(client, "/desk/no/refused/").content.decode()
    assert MARKING not in get(client, "/no/refused/").content.decode()


def test_under_the_api_a_refusal_is_a_problem_document(client):
    answer = get(client, "/api/v1/no/refused/")
    problem = json.loads(answer.content)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, problem["status"]) == (409, 409)
    assert problem["detail"] == "Two requirements are still open."
    assert problem["rule"] == "requirements.all_met"


def test_a_part_of_a_page_gets_the_refusal_among_the_messages(client):
    answer = get(client, "/no/stale/", **{"HX-Request": "true"})
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#messages"
    assert "<html" not in answer.content.decode()


@pytest.mark.parametrize("address", ["/no/broken/", "/api/v1/no/broken/"])
def test_a_failure_of_ours_tells_nothing_but_that_it_failed(client, address):
    client.raise_request_exception = False
    answer = get(client, address)
    assert answer.status_code == 500
    assert "a detail that nobody outside may read" not in answer.content.decode()
    assert "RuntimeError" not in answer.content.decode()


def test_an_unknown_address_explains_itself(client):
    answer = get(client, "/no-such-page/")
    assert answer.status_code == 404
    assert "There is no page here for you" in answer.content.decode()


def test_a_form_from_an_old_page_explains_itself(settings):
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "x", "password": "y"})
    assert answer.status_code == 403
    assert "This form could not be accepted" in answer.content.decode()


def test_a_locked_sign_in_says_for_how_long(rf):
    request = rf.post("/sign-in/")
    request.user = AnonymousUser()
    answer = errors.locked_out(request)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    assert "Wait 15 minutes" in answer.content.decode()


def test_the_sign_in_closes_after_five_wrong_passwords(client):
    user(email="locked@pages.example", password=PASSWORD)
    wrong = {"username": "locked@pages.example", "password": "not this one"}
    codes = [client.post("/sign-in/", wrong).status_code for _ in range(5)]
    assert codes == [400, 400, 400, 400, 429]
    right = client.post("/sign-in/", wrong | {"password": PASSWORD})
    assert right.status_code == 429
    assert "Too many failed sign-ins" in right.content.decode()


def test_a_damaged_request_explains_itself():
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    answer = errors.bad_request(request, ValueError("detail"))
    assert answer.status_code == 400
    assert "detail" not in answer.content.decode()


def test_the_page_of_a_failure_needs_no_request():
    assert "The service failed" in render_to_string("errors/500.html")


# ── What is vendored ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("folder", sorted(VENDOR.glob("*/*")), ids=lambda folder: folder.parent.name)
def test_what_is_vendored_has_its_version_and_its_license(folder):
    assert folder.name.startswith((folder / "VERSION").read_text().strip())
    assert list(folder.glob("LICENSE*"))


def test_every_file_that_the_vendored_style_sheet_names_is_there():
    sheet = next(VENDOR.glob("uswds/*/css/uswds.min.css"))
    named = set(re.findall(r'url\("?(\.\./[^)"]+)', sheet.read_text()))
    assert named
    assert [name for name in sorted(named) if not (sheet.parent / name).resolve().exists()] == []


def test_no_file_of_ours_asks_the_outside_for_anything():
    ours = [*TEMPLATES.rglob("*.html"), *(VENDOR.parent / "countersign").iterdir()]
    asking = [
        path.name
        for path in ours
        if re.search(r"""(src|href|action)=["']https?://|url\(["']?https?://|fetch\(""", path.read_text())
    ]
    assert asking == []


@pytest.mark.django_db
def test_the_rules_page_tells_the_edition_its_tiers_and_the_status_of_every_country(
    client, django_assert_max_num_queries
):
    from tests.licensing.factories import load_rules

    load_rules()
    with django_assert_max_num_queries(3):
        page = client.get("/rules/").content.decode()
    assert page.count('data-label="Code"') == 249
    assert "100,001" in page
    assert "This is not law" in page
    assert "Investment in United States AI data centers or Security guarantee" in page
