"""The desk's pages of instruments: what they show, to whom, and every step taken on them."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.rules import SYSTEM
from accounts.statuses import Role
from assurances import operations
from assurances.models import Instrument, TextVersion
from tests.accounts.factories import organization, user
from tests.assurances import factories as make
from tests.assurances.doors import TERMS
from tests.licensing.factories import pdf
from tests.registry.factories import installation, party

pytestmark = pytest.mark.django_db

REGISTER = "/desk/assurances/"


@pytest.fixture(autouse=True)
def _in_april(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: make.AT)


def url(act: str, instrument: Instrument, *more: object) -> str:
    return reverse(f"desk:assurance{'_' + act if act else ''}", args=[instrument.pk, *more])


def send(client: Client, act: str, instrument: Instrument, **data: object):
    instrument.refresh_from_db()
    return client.post(url(act, instrument), {"version": instrument.version, **data})


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


# ── The register ────────────────────────────────────────────────────────────────────────────────


def test_the_register_shows_what_is_left_and_narrows(who, enter):
    instrument = make.in_force(who)
    operations.reserve_coverage(instrument=instrument, units=20_000, key="k", reason="Case", by=SYSTEM, at=make.AT)
    make.drafted(who, title="Guarantee of Norway", country="NO", countries=("NO",), kind="security_guarantee")
    client = enter(who.first)
    whole = text_of(client.get(REGISTER))
    assert "Letter of assurance of Saudi Arabia" in whole
    assert "30,000" in whole
    for query, shown, hidden in (
        ("?q=norway", "Guarantee of Norway", "Letter of assurance of Saudi"),
        (f"?q={instrument.number.lower()}", "Letter of assurance of Saudi", "Guarantee of Norway"),
        ("?view=standing", "Letter of assurance of Saudi", "Guarantee of Norway"),
        ("?view=work", "Guarantee of Norway", "Letter of assurance of Saudi"),
        ("?kind=security_guarantee", "Guarantee of Norway", "Letter of assurance of Saudi"),
        ("?status=draft", "Guarantee of Norway", "Letter of assurance of Saudi"),
        ("?country=SA", "Letter of assurance of Saudi", "Guarantee of Norway"),
    ):
        page = text_of(client.get(REGISTER + query))
        assert shown in page, query
        assert hidden not in page, query


@pytest.mark.parametrize("view", ["over", "attention", "standing", "work", "all"])
def test_an_empty_view_says_so(who, enter, view):
    assert "cs-empty" in text_of(enter(who.first).get(f"{REGISTER}?view={view}"))


def test_a_view_or_a_filter_that_is_not_there_is_told(who, enter):
    client = enter(who.first)
    assert client.get(f"{REGISTER}?view=mine").status_code == 400
    assert client.get(f"{REGISTER}?status=blessed").status_code == 400


def test_what_expires_shows_so_and_can_be_found_by_it(who, enter, monkeypatch):
    instrument = make.in_force(who, to_on=date(2026, 9, 1))
    make.in_force(who, title="Another")
    for status, at in (("expiring", make.later(days=60)), ("expired", make.later(days=200))):
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        client = enter(who.first)
        page = text_of(client.get(f"{REGISTER}?view=all&status={status}"))
        assert instrument.number in page
        assert "Another" not in page
        assert instrument.number not in text_of(client.get(f"{REGISTER}?view=all&status=in_force"))
        assert instrument.number in text_of(client.get(f"{REGISTER}?view=attention"))


def test_the_register_has_a_budget_whatever_its_length(who, enter):
    client = enter(who.first)
    make.in_force(who)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(REGISTER).status_code == 200
        counts.append(len(queries))
        for _ in range(3):
            make.requested(who)
    assert counts[0] == counts[1] <= 8


def test_the_register_is_exported_as_csv_and_xlsx(who, enter):
    make.in_force(who, title="=HYPERLINK(1)")
    client = enter(user(Role.LICENSING_OFFICER))
    content = b"".join(client.get(f"{REGISTER}?format=csv").streaming_content).decode("utf-8-sig")
    _, headings, line = csv.reader(io.StringIO(content))
    row = dict(zip(headings, line, strict=True))
    assert row["Title"] == "'=HYPERLINK(1)"
    assert (row["Ceiling"], row["Left"], row["Status"]) == ("50000", "50000", "In force")
    answer = client.get(f"{REGISTER}?format=xlsx")
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert [cell.value for cell in sheet[3]][0] == row["Number"]


@pytest.mark.parametrize("role", [Role.AGENCY_REVIEWER, Role.AUDITOR, Role.EXPORTER_ADMIN])
def test_instruments_are_for_commerce_alone(who, enter, role):
    instrument = make.in_force(who)
    client = enter(user(role))
    for address in (
        REGISTER,
        url("", instrument),
        url("coverage", instrument),
        url("compare", instrument),
        url("text", instrument, 1),
    ):
        assert client.get(address).status_code == 403


# ── The page ────────────────────────────────────────────────────────────────────────────────────


def test_the_page_shows_everything_within_its_budget(who, enter):
    instrument = make.cured(who)
    make.stand_on(make.in_force(who), ("license", "1"), "D000001")
    client = enter(who.first)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url("", instrument))
    assert len(queries) <= 20, len(queries)
    page = text_of(answer)
    assert "Waiting for the breach to be cured before May 2, 2026." in page
    assert "Article 10" in page
    assert "within 48 hours" in page
    assert TextVersion.objects.filter(instrument=instrument)[0].sha256 in page
    for _ in range(5):
        make.text(make.negotiated(who), who.first)
    with CaptureQueriesContext(connection) as again:
        client.get(url("", instrument))
    assert len(again) == len(queries)


def test_a_page_says_which_undertaking_is_missing(who, enter):
    instrument = make.signed(who, without=("remedies",))
    page = text_of(enter(who.second).get(url("", instrument)))
    assert "It cannot be counted for a requirement" in page
    assert "<li>Remedies</li>" in page
    assert "cannot come into force: mandatory undertakings are missing" in page
    assert send(enter(who.first), "withdraw", instrument, reason="Not needed.").status_code == 302
    assert "It cannot be counted for a requirement" not in text_of(enter(who.first).get(url("", instrument)))


def test_what_stands_on_it_is_linked(who, enter):
    instrument = make.in_force(who)
    make.stand_on(instrument, ("license", "3"), "D000003")
    make.stand_on(instrument, ("case", "9"), "C000009")
    page = text_of(enter(who.first).get(url("", instrument)))
    assert "/desk/cases/C000009/" in page
    assert "/desk/licenses/?q=D000003" in page
    assert "Licenses held at once: D000003." in text_of(enter(who.first).get(url("suspend", instrument)))


def test_the_timeline_is_narrowed_by_kind(who, enter):
    client = enter(who.first)
    instrument = make.signed(who)
    page = text_of(client.get(url("", instrument) + "?timeline=text"))
    timeline = page[page.index('id="timeline"') :]
    assert "Added version 1 of the text" in timeline
    assert "Asked State" not in timeline
    assert client.get(url("", instrument) + "?timeline=gossip").status_code == 400


def test_two_versions_stand_side_by_side_with_the_words_that_differ(who, enter):
    instrument = make.negotiated(who)
    make.text(instrument, who.first, lines=("Article 1. Up to 40,000 chips.", "Article 2. No transfer."))
    make.text(instrument, who.first, lines=("Article 1. Up to 50,000 chips.", "Article 2. No transfer.", "Article 3."))
    client = enter(user(Role.LICENSING_OFFICER))
    page = text_of(client.get(url("compare", instrument)))
    assert "<del>40,000</del>" in page
    assert "<ins>50,000</ins>" in page
    assert "<ins>Article 3.</ins>" in page
    assert "<strong>2</strong> of 3 lines differ" in page
    assert client.get(url("compare", instrument) + "?before=1&after=9").status_code == 400
    same = text_of(client.get(url("compare", instrument) + "?before=1&after=1"))
    assert "The two versions have the same words." in same


def test_versions_without_words_are_told_to_be_compared_as_pictures(who, enter):
    instrument = make.negotiated(who)
    for content in ("a", "b"):
        operations.add_text(
            instrument=instrument,
            upload=pdf(text=content),
            language="en",
            is_signed=False,
            says="A scan.",
            by=who.first,
            at=make.AT,
        )
    assert "as a scan has none" in text_of(enter(who.first).get(url("compare", instrument)))


def test_papers_are_handed_out_as_they_were_added(who, enter):
    instrument = make.in_force(who)
    breach = make.allege(instrument, who.first)
    client = enter(user(Role.LICENSING_DIRECTOR))
    for address in (url("text", instrument, 1), url("evidence", instrument, breach.number)):
        answer = client.get(address)
        assert answer["Content-Type"] == "application/pdf"
        assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    for address in (
        url("text", instrument, 9),
        url("translation", instrument, 9),
        url("evidence", instrument, 9),
        "/desk/assurances/999999/",
        "/desk/assurances/999999/suspend/",
    ):
        assert client.get(address).status_code == 404


def test_the_entries_of_a_coverage_explain_its_numbers(who, enter):
    instrument = make.in_force(who)
    operations.reserve_coverage(
        instrument=instrument, units=20_000, key="k", reason="Case C000007", by=SYSTEM, at=make.AT
    )
    client = enter(who.first)
    with CaptureQueriesContext(connection) as queries:
        page = text_of(client.get(url("coverage", instrument)))
    assert len(queries) <= 8
    assert "Case C000007" in page
    assert "30,000" in page
    content = b"".join(client.get(url("coverage", instrument) + "?format=csv").streaming_content).decode()
    assert "reserve:k" in content
    assert "It covers nothing yet" in text_of(client.get(url("coverage", make.drafted(who))))


# ── Every step ──────────────────────────────────────────────────────────────────────────────────


def test_an_instrument_is_taken_from_its_draft_into_force_on_the_pages(who, enter):
    first, second = enter(who.first), enter(who.second)
    answer = first.post(f"{REGISTER}new/", {**TERMS, "chip_models": ["GB300"]}, follow=True)
    assert "is drafted" in text_of(answer)
    instrument = Instrument.objects.get()
    assert "Ask through State" in text_of(first.get(url("", instrument)))
    assert send(first, "request", instrument, says="A note.").status_code == 302
    assert send(first, "record_contact", instrument, contacted_on="2026-04-01", says="The embassy.").status_code == 302
    paper = {"language": "en", "says": "As proposed.", "file": make.pdf("Article 1")}
    assert send(first, "add_text", instrument, **paper).status_code == 302
    clauses = {f"clause_{name}": given.clause for name, given in make.CLAUSES.items()}
    assert send(first, "note_undertakings", instrument, **clauses, hours_incident_notice="48").status_code == 302
    assert send(first, "agree", instrument, text="1").status_code == 302
    paper = {"language": "ar", "is_signed": "on", "says": "As signed.", "file": make.pdf("Signed")}
    assert send(first, "add_text", instrument, **paper).status_code == 302
    receipt = {
        "text": "2",
        "signatory": "The Minister",
        "signatory_title": "Minister",
        "signatory_authority": "Full powers",
        "signed_on": "2026-04-01",
    }
    refused = send(first, "record_receipt", instrument, **receipt)
    assert refused.status_code == 409
    assert "in Arabic and has no certified translation" in text_of(refused)
    assert "Full powers" in text_of(refused)
    translated = first.post(
        url("add_translation", instrument, 2),
        {"certified_by": "A. Translator", "certified_on": "2026-04-01", "file": make.pdf("Signed, in English")},
    )
    assert translated.status_code == 302
    assert send(first, "record_receipt", instrument, **receipt).status_code == 302
    assert send(first, "bring_into_force", instrument, read="on").status_code == 403
    assert "Bring into force" in text_of(second.get(url("", instrument)))
    assert "Bring into force" not in text_of(first.get(url("", instrument)))
    assert send(second, "bring_into_force", instrument, read="on").status_code == 302
    instrument.refresh_from_db()
    assert instrument.status == "in_force"
    assert "60,000" in text_of(first.get(url("", instrument)))


def test_what_was_typed_is_kept_while_looking_for_who_is_named(who, enter):
    hall = installation("Riyadh Hall 7", country="SA")
    buyer = party("Riyadh Compute Company")
    party("Riyadh Compute of an exporter", organization=organization())
    client = enter(who.first)
    sent = {**TERMS, "title": "Half a title", "government": "", "find": "riyadh", "look": "1"}
    answer = client.post(f"{REGISTER}new/", sent)
    page = text_of(answer)
    assert answer.status_code == 200
    assert not Instrument.objects.exists()
    assert "Riyadh Hall 7" in page
    assert "Riyadh Compute Company" in page
    assert "Riyadh Compute of an exporter" not in page
    assert "Half a title" in page
    assert "There is a problem" not in page
    named = {**TERMS, "countries": ["SA"], "installations": [hall.pk], "parties": [buyer.pk]}
    assert client.post(f"{REGISTER}new/", named).status_code == 302
    instrument = Instrument.objects.get()
    assert (instrument.installations.get(), instrument.parties.get()) == (hall, buyer)


def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(who, enter):
    instrument = make.in_force(who)
    operations.reserve_coverage(instrument=instrument, units=20_000, key="k", reason="Case", by=SYSTEM, at=make.AT)
    answer = send(enter(who.first), "change_ceiling", instrument, ceiling="19999", reason="A note.")
    assert answer.status_code == 409
    assert "id_ceiling_error" in text_of(answer)
    assert "20,000 chips are reserved or drawn already" in text_of(answer)
    assert "A note." in text_of(answer)


@pytest.mark.parametrize("ceiling", ["-1", "0", "1e9", "NaN", "999999999999999999999", "many"])
def test_a_ceiling_is_a_whole_number_that_can_be(who, enter, ceiling):
    answer = send(enter(who.first), "change_ceiling", make.in_force(who), ceiling=ceiling, reason="x")
    assert answer.status_code == 400
    assert "id_ceiling_error" in text_of(answer)


def test_undertakings_are_refused_at_the_row_that_is_wrong(who, enter):
    instrument = make.negotiated(who)
    answer = send(
        enter(who.first),
        "note_undertakings",
        instrument,
        clause_incident_notice="Article 4",
        hours_incident_notice="96",
    )
    assert answer.status_code == 409
    assert "id_hours_incident_notice_error" in text_of(answer)
    assert not instrument.undertakings.exists()


def test_an_old_page_is_told_and_nothing_is_done(who, enter):
    instrument = make.drafted(who)
    answer = enter(who.first).post(url("request", instrument), {"version": 99, "says": "x"})
    assert answer.status_code == 409
    assert "was changed since this page was opened" in text_of(answer)


def test_an_amendment_on_the_page_changes_terms_and_a_clause(who, enter):
    instrument = make.in_force(who)
    make.text(instrument, who.first, signed=True, at=make.later(hours=1))
    client = enter(who.second)
    page = text_of(client.get(url("amend", instrument)))
    assert "Article 10" in page
    data = {
        **TERMS,
        "title": "Letter of assurance of Saudi Arabia",
        "country": "SA",
        "countries": ["SA"],
        "ceiling": "70000",
        "text": "3",
        "says": "More chips.",
        **{f"clause_{name}": given.clause for name, given in make.CLAUSES.items()},
        "hours_incident_notice": "24",
    }
    assert send(client, "amend", instrument, **{**data, "clause_remedies": ""}).status_code == 409
    assert send(client, "amend", instrument, **data).status_code == 302
    instrument.refresh_from_db()
    assert (instrument.status, instrument.ceiling) == ("amended", 70_000)


def test_a_breach_is_alleged_noticed_and_cured_on_the_pages(who, enter):
    instrument = make.in_force(who)
    client = enter(who.first)
    allegation = {"undertaking": "no_reexport", "allegation": "Two racks left.", "file": make.pdf("Racks")}
    assert send(client, "allege_breach", instrument, **allegation).status_code == 302
    page = text_of(client.get(url("", instrument)))
    assert "Give notice of the breach" in page
    assert "Dismiss the allegation" not in page
    assert "Dismiss the allegation" in text_of(enter(who.second).get(url("", instrument)))
    assert send(client, "begin_cure", instrument, notice_to="The ministry", says="Account.").status_code == 302
    assert send(client, "extend_cure", instrument, cure_until="2026-08-01", reason="A trial.").status_code == 302
    assert send(client, "accept_cure", instrument, reason="They are back.").status_code == 302
    assert "Cured" in text_of(client.get(url("", instrument)))


@pytest.mark.parametrize(
    ("state", "act", "data", "status"),
    [
        (make.in_force, "suspend", {"reason": "Denied."}, "suspended"),
        (make.suspended, "restore", {"reason": "Given."}, "in_force"),
        (make.suspended, "terminate", {"reason": "Both end it."}, "terminated"),
        (make.signed, "withdraw", {"reason": "Not needed."}, "withdrawn"),
        (make.agreed, "reopen_negotiation", {"reason": "More."}, "negotiation"),
    ],
)
def test_each_further_step_is_taken_on_its_page(who, enter, state, act, data, status):
    instrument = state(who)
    client = enter(who.first)
    assert client.get(url(act, instrument)).status_code == 200
    empty = send(client, act, instrument)
    assert empty.status_code == 400
    assert "There is a problem" in text_of(empty)
    assert send(client, act, instrument, **data).status_code == 302
    instrument.refresh_from_db()
    assert instrument.status == status


def test_an_expiry_is_recorded_and_renewed_on_the_pages(who, enter, monkeypatch):
    instrument = make.in_force(who, to_on=date(2026, 9, 1))
    monkeypatch.setattr(timezone, "now", lambda: make.later(days=200))
    client = enter(who.first)
    assert "Record the expiry" in text_of(client.get(url("", instrument)))
    assert send(client, "record_expiry", instrument).status_code == 302
    make.text(instrument, who.first, signed=True, at=make.later(days=200))
    second = enter(who.second)
    assert "Renew" in text_of(second.get(url("", instrument)))
    early = send(second, "renew", instrument, text="3", to_on="2026-08-01", says="A note.")
    assert early.status_code == 409
    assert "id_to_on_error" in text_of(early)
    assert send(second, "renew", instrument, text="3", to_on="2028-09-01", says="A note.").status_code == 302
    instrument.refresh_from_db()
    assert instrument.status == "renewed"


def test_another_instrument_takes_the_place_on_the_page(who, enter):
    old, new = make.in_force(who), make.in_force(who, title="New letter")
    client = enter(who.first)
    assert "New letter" in text_of(client.get(url("supersede", old)))
    assert send(client, "supersede", old, successor=str(new.pk), says="A new one.").status_code == 302
    assert f"{new.number} took its place" in text_of(client.get(url("", old)))
