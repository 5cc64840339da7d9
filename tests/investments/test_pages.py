"""The desk's pages of commitments: what they show, to whom, within their budget, and how each act is done on them."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from investments import operations
from investments.models import AmountEntry, Asset, Commitment, Evidence, Milestone, Shortfall
from investments.statuses import CommitmentStatus
from tests.investments import factories as make
from tests.registry.factories import party

pytestmark = pytest.mark.django_db

REGISTER = "/desk/commitments/"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The pages read this clock; a test may move it."""
    state = {"now": make.AT}
    monkeypatch.setattr(timezone, "now", lambda: state["now"])
    return state


def url(name, commitment, *args):
    return reverse(f"desk:commitment{name}", args=[commitment.number, *args])


def read(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def send(client, target, commitment=None, *, status=302, **fields):
    if commitment is not None:
        commitment.refresh_from_db()
        fields.setdefault("version", commitment.version)
    answer = client.post(target, fields)
    assert answer.status_code == status, answer.content.decode()[:6000]
    return answer


TERMS = {
    "title": "Data centers in Texas",
    "obligor": "nation",
    "obligor_country": "SA",
    "instrument": "equity",
    "funds_from": "SA",
    "funds_to": "US",
    "amount": "10,000,000,000",
    "currency": "USD",
    "measure": "amount",
    "starts_on": "2026-04-01",
    "ends_on": "2027-12-31",
}


def test_a_commitment_is_drafted_planned_signed_and_brought_into_force_on_its_pages(who, enter):
    client = enter(who.officer)
    send(client, f"{REGISTER}draft/", **TERMS)
    commitment = Commitment.objects.get()
    assert "waits for an asset" in read(client, url("", commitment))
    place = {"name": "Prairie Hall", "address": "1 Example Road", "city": "Abilene", "state": "tx", "country": "US"}
    send(client, url("_add_asset", commitment), commitment, **place)
    plan = {"title": "First", "due_on": "2026-06-30", "criteria": "Bank records."}
    send(client, url("_add_milestone", commitment), commitment, amount="4,000,000,000", **plan)
    assert "USD 6,000,000,000.00 of it are not planned" in read(client, url("", commitment))
    send(client, url("_add_milestone", commitment), commitment, amount="6,000,000,000", **plan)
    assert "waits for the signature" in read(client, url("", commitment))
    paper = {"file": make.pdf(text="agreement"), "language": "en"}
    send(client, url("_sign", commitment), commitment, reference="Agreement", signed_on="2026-03-20", **paper)
    send(client, url("_bring_into_force", commitment), commitment, says="Notes were exchanged.")
    commitment.refresh_from_db()
    assert commitment.status == CommitmentStatus.IN_FORCE
    shown = read(client, url("", commitment))
    assert "Waiting for Saudi Arabia: “First”, USD 4,000,000,000.00 by June 30, 2026." in shown
    assert "<polyline" in shown


def test_evidence_is_submitted_by_one_officer_and_verified_by_another_on_their_pages(who, enter):
    commitment = make.in_force(who)
    make.tranches(commitment, who)
    first, second = enter(who.officer), enter(who.verifier)
    money = {"amount": "4,000,000,000", "currency": "USD"}
    send(
        first,
        url("_submit_evidence", commitment),
        commitment,
        milestone=commitment.milestones.first().pk,
        asset=commitment.assets.get().pk,
        says="Payments to the builder.",
        file=make.pdf(text="bank"),
        language="en",
        **money,
    )
    evidence = Evidence.objects.get()
    assert "Verify" not in read(first, url("", commitment)).split('id="evidence"')[1].split("</table>")[0]
    assert "Payments to the builder." in read(second, url("_verify", commitment, evidence.pk))
    judged = {"verdict": "discounted", "accepted": "4,000,000,000", "reason": "x", "method": "The bank."}
    answer = send(second, url("_verify", commitment, evidence.pk), commitment, status=409, **judged)
    assert "A discount accepts less" in answer.content.decode()
    judged = {"verdict": "at_face", "method": "The bank."}
    assert first.post(url("_verify", commitment, evidence.pk), {**judged, "version": 99}).status_code in (403, 409)
    commitment.refresh_from_db()
    refused = first.post(url("_verify", commitment, evidence.pk), {**judged, "version": commitment.version})
    assert refused.status_code == 403
    send(second, url("_verify", commitment, evidence.pk), commitment, **judged)
    shown = read(second, url("", commitment))
    assert "260,000" in shown
    assert read_bytes(second, url("_paper", commitment, evidence.paper_id)).startswith(b"%PDF-")
    send(first, url("_reverse", commitment, evidence.pk), commitment, reason="It was forged.")
    assert "Waits for verified amounts" in read(second, url("", commitment))


def read_bytes(client, address):
    return b"".join(client.get(address))


def test_amounts_are_recorded_and_reversed_on_their_pages(who, enter):
    commitment, client = make.in_force(who), enter(who.officer)
    fields = {"kind": "disbursed", "asset": commitment.assets.get().pk, "on": "2026-04-01", "says": "First payment."}
    rate = {"rate": "0.2666", "rate_on": "2026-04-01", "rate_source": "H.10"}
    send(client, url("_record_amount", commitment), commitment, amount="10,000", currency="SAR", **rate, **fields)
    shown = read(client, url("", commitment))
    assert "SAR 10,000.00" in shown
    assert "1 SAR = USD 0.2666 on April 1, 2026 (H.10)" in shown
    entry = AmountEntry.objects.get(kind="disbursed")
    send(client, url("_reverse_amount", commitment, entry.pk), commitment, reason="It never left.")
    assert "(reversed)" in read(client, url("", commitment))


def test_a_shortfall_is_recorded_planned_for_and_waived_on_its_pages(who, enter, clock):
    commitment = make.in_force(who)
    clock["now"] = datetime(2026, 7, 2, 15, tzinfo=UTC)
    client = enter(who.officer)
    assert "short by the dates and not written down yet" in read(client, url("", commitment))
    send(client, url("_assess", commitment))
    shortfall = Shortfall.objects.get()
    shown = read(client, url("", commitment))
    assert "USD 4,000,000,000.00 are short. Saudi Arabia has until August 1, 2026 to cure it" in shown
    paper = {"file": make.pdf(text="plan"), "language": "en"}
    plan_url = url("_plan", commitment, shortfall.pk)
    answer = send(client, plan_url, commitment, says="Soon.", cure_by="2026-09-01", status=409, **paper)
    assert "after the cure period is over" in answer.content.decode()
    paper["file"] = make.pdf(text="plan")
    send(client, plan_url, commitment, says="Soon.", cure_by="2026-07-20", **paper)
    for official in who.waivers:
        send(enter(official), url("_waive", commitment, shortfall.pk), commitment, reason="The grid was late.")
    shown = read(client, url("", commitment))
    assert "Shortfall waived" in shown
    assert who.waivers[1].name in shown


RIYALS = {"currency": "SAR", "rate": "0.2666", "rate_source": "H.10"}


@pytest.mark.parametrize(
    ("fields", "target", "says"),
    [
        ({"amount": "-5"}, "id_amount", "more than zero"),
        ({"amount": "NaN"}, "id_amount", "a number with an end"),
        ({"amount": "inf"}, "id_amount", "a number with an end"),
        ({"currency": "XYZ"}, "id_currency", "not the code of a currency"),
        ({"currency": "SAR"}, "id_rate", "Give the rate"),
        ({"currency": "SAR", "rate": "0.2666", "rate_on": "2026-04-02", "rate_source": "H"}, "id_rate_on", "not come"),
        (
            {"currency": "SAR", "rate": "0.2666", "rate_on": "2026-03-01", "rate_source": "H"},
            "id_rate_on",
            "31 days old",
        ),
        ({"funds_to": "SA"}, "id_funds_to", "flows out of the United States"),
        ({"measure": "megawatts"}, "id_megawatts", "how many megawatts"),
        ({"obligor": "firm", "obligor_firm": "Humai"}, "id_obligor_firm", "Did you mean “Humain”"),
        ({"obligor_country": ""}, "id_obligor_country", "Choose the nation"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_in_the_summary_and_what_was_typed_is_kept(
    who, enter, fields, target, says
):
    party("Humain", headquarters="SA")
    answer = send(enter(who.officer), f"{REGISTER}draft/", status=409, **{**TERMS, **fields})
    shown = answer.content.decode()
    assert f'href="#{target}"' in shown
    assert says in shown
    assert f'id="{target}_error"' in shown
    assert 'value="Data centers in Texas"' in shown
    assert not Commitment.objects.exists()


def test_an_asset_abroad_and_a_milestone_too_late_are_told_beside_their_field(who, enter):
    commitment, client = make.draft(who), enter(who.officer)
    place = {"name": "Riyadh Hall", "address": "1 Road", "city": "Riyadh", "state": "RI", "country": "SA"}
    answer = send(client, url("_add_asset", commitment), commitment, status=409, **place)
    assert 'href="#id_country"' in answer.content.decode()
    plan = {"title": "Late", "due_on": "2028-01-01", "amount": "5", "criteria": "x"}
    answer = send(client, url("_add_milestone", commitment), commitment, status=409, **plan)
    assert 'href="#id_due_on"' in answer.content.decode()
    assert not Asset.objects.exists()
    assert not Milestone.objects.exists()


def test_a_page_that_is_older_than_what_is_stored_is_told_so(who, enter):
    commitment = make.signed(who)
    answer = send(enter(who.officer), url("_bring_into_force", commitment), version=1, says="Notes.", status=409)
    assert "was changed by somebody else" in answer.content.decode()


def test_terms_come_back_as_they_were_typed_and_can_be_changed(who, enter):
    commitment, client = make.draft(who, measure="megawatts", megawatts="250.5"), enter(who.officer)
    shown = read(client, url("_terms", commitment))
    assert 'value="250.5"' in shown
    assert 'value="10,000,000,000.00"' in shown
    send(client, url("_terms", commitment), commitment, **{**TERMS, "title": "Data centers in Nevada"})
    commitment.refresh_from_db()
    assert (commitment.title, commitment.unit) == ("Data centers in Nevada", "cents")


def test_drafts_lose_assets_and_milestones_and_are_withdrawn_on_their_pages(who, enter):
    commitment, client = make.ready(who), enter(who.officer)
    send(client, url("_remove_asset", commitment, commitment.assets.get().pk), commitment)
    send(client, url("_remove_milestone", commitment, commitment.milestones.first().pk), commitment)
    assert (commitment.assets.filter(is_counted=True).count(), commitment.milestones.count()) == (0, 1)
    send(client, url("_withdraw", commitment), commitment, reason="Talks ended.")
    assert "Withdrawn. Talks ended." in read(client, url("", commitment))


def test_commitments_end_on_their_pages(who, enter):
    client = enter(who.officer)
    done, over = make.in_force(who), make.in_force(who)
    answer = send(client, url("_complete", done), done, reason="All is in.", status=409)
    assert "neither verified nor waived" in answer.content.decode()
    make.verified(done, who, "10,000,000,000")
    send(client, url("_complete", done), done, reason="All is in.")
    send(client, url("_terminate", over), over, reason="It was denounced.")
    assert "Completed. All is in." in read(client, url("", done))
    assert "Terminated. It was denounced." in read(client, url("", over))


def test_an_agency_and_an_exporter_do_not_read_commitments(who, enter):
    commitment = make.in_force(who)
    for address in (REGISTER, url("", commitment), url("_paper", commitment, commitment.papers.get().pk)):
        assert enter(who.exporter).get(address).status_code == 403
        answer = enter(who.director).get(address)
        assert answer.status_code == 200
        list(answer)  # read to its end, a file is closed


def test_what_is_not_there_is_not_found(who, enter):
    client, commitment = enter(who.officer), make.draft(who)
    for address in ("K999999/", "K999999/sign/", f"{commitment.number}/evidence/9/verify/", "X000001/", "K1/"):
        assert client.get(REGISTER + address).status_code == 404


def test_other_ways_to_write_a_number_lead_to_its_page(who, enter):
    commitment, client = make.draft(who), enter(who.officer)
    for written in (str(commitment.pk), commitment.number.lower()):
        assert client.get(f"{REGISTER}{written}/")["Location"] == url("", commitment)


def test_the_register_is_narrowed_and_exported(who, enter):
    client = enter(who.officer)
    standing, draft = make.in_force(who), make.draft(who, title="Halls in Nevada", obligor_country=make.country("AE"))
    shown = read(client, REGISTER)
    assert standing.number in shown
    assert draft.number not in shown
    assert draft.number in read(client, f"{REGISTER}?view=all&q=nevada")
    assert standing.number not in read(client, f"{REGISTER}?view=all&q=nevada")
    assert draft.number in read(client, f"{REGISTER}?view=all&q={draft.number.lower()}")
    assert "No commitment fits" in read(client, f"{REGISTER}?q=nowhere")
    assert "There is no such view" in read(client, f"{REGISTER}?view=none", status=400)
    assert "No commitment is short" in read(client, f"{REGISTER}?view=short")
    rows = list(csv.reader(io.StringIO(read_bytes(client, f"{REGISTER}?view=all&format=csv").decode("utf-8-sig"))))
    assert rows[1][:4] == ["Number", "Title", "Who is bound", "Status"]
    assert {row[0] for row in rows[2:]} == {standing.number, draft.number}
    assert read_bytes(client, f"{REGISTER}?format=xlsx").startswith(b"PK")


def count(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_register_asks_no_more_for_more_rows(who, enter):
    client = enter(who.officer)
    make.in_force(who)
    few = count(client, f"{REGISTER}?view=all")
    for _ in range(4):
        make.in_force(who)
    assert count(client, f"{REGISTER}?view=all") == few <= 8


def test_a_page_of_many_commitments_leads_on_by_key(who, enter):
    client = enter(who.officer)
    made = [make.draft(who, title=f"Halls {number}") for number in range(52)]
    shown = read(client, f"{REGISTER}?view=preparing")
    assert f"after={made[2].pk}" in shown
    assert made[1].number in read(client, f"{REGISTER}?view=preparing&after={made[2].pk}")


def test_the_page_of_a_commitment_stays_within_its_budget(who, enter, clock):
    commitment = make.in_force(who)
    make.tranches(commitment, who)
    make.verified(commitment, who, "1,000,000,000")
    clock["now"] = datetime(2026, 7, 2, 15, tzinfo=UTC)
    client = enter(who.verifier)
    operations.assess_commitment(commitment=commitment, by=who.officer, at=clock["now"])
    operations.sign_waiver(shortfall=Shortfall.objects.get(), reason="x", by=who.waivers[0], at=clock["now"])
    few = count(client, url("", commitment))
    for number in range(5):
        make.submitted(commitment, who, "1,000", at=clock["now"])
        make.verified(commitment, who, "1,000", at=clock["now"])
        make.tranches(commitment, who, license_id=str(number + 2), at=clock["now"])
        operations.record_amount(
            commitment=commitment,
            kind="disbursed",
            asset=commitment.assets.get(),
            amount="5",
            on=date(2026, 4, 2),
            says="A payment.",
            by=who.officer,
            at=clock["now"],
        )
    assert count(client, url("", commitment)) == few <= 20
