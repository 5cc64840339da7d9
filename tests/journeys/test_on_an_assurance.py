"""A case of 35,000 chips for Saudi Arabia, licensed and shipped on an assurance that is suspended between shipments."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys import acting
from tests.journeys.acting_on_tracks import Assurance, allocate

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("all_is_well_afterwards")]
ASSURANCE = "Government-to-government assurance"


def test_chips_for_saudi_arabia_ship_on_an_assurance_and_not_while_it_is_suspended(people, page_of, watch, tmp_path):
    allocation = page_of(people["allocations.second"])
    allocation_url = allocate(page_of(people["allocations"]), allocation, watch, country="Saudi Arabia", ceiling=50_000)

    exporter = page_of(people["nvidia"])
    exporter.goto("/portal/")
    acting.draft(exporter, country="Saudi Arabia", city="Riyadh", model="GB300", quantity=35_000, price="40000")
    acn = acting.file_draft(exporter)
    officer = page_of(people["officer"])
    acting.take(officer, acn)
    acting.open_evidence(officer, acn, ASSURANCE)
    acting.reads(officer, "Nothing suffices yet")
    watch.look(officer)

    assurance = Assurance(page_of, people, watch)
    title = "Letter of assurance of Saudi Arabia"
    assurance.draft(kind="Letter of assurance", title=title, country="Saudi Arabia", ceiling=60_000, occasion=acn)
    assurance.reach_force()

    acting.stand_on(officer, acn, ASSURANCE, title)
    acting.recommend(officer, acn)
    allocation.goto(allocation_url)
    acting.reads(allocation, "15,000 chips are left")
    watch.look(allocation)
    acting.have_countersigned(page_of, people, acn)
    director = page_of(people["director"])
    acting.decide(director, acn)
    acting.reads(director, "License issued")

    exporter.goto("/portal/")
    exporter.get_by_role("link", name=re.compile(acn)).click()
    letter = acting.download(exporter, "License", tmp_path)
    assert "35,000" in letter
    allocation.reload()
    expect(allocation.get_by_role("link", name="35,000 chips")).to_be_visible()

    case = exporter.url
    acting.ship(exporter, case, model="GB300", quantity=10_000, dollars=400_000_000)
    watch.look(exporter)
    second = {"model": "GB300", "quantity": 5_000, "dollars": 200_000_000}
    acting.review_shipment(exporter, case, **second)
    acting.reads(exporter, "Review this shipment")
    watch.look(exporter)

    # Suspended between the review and the record: what was reviewed a moment ago is refused.
    assurance.suspend("The registry of sites has not been received.")
    acting.record_shipment(exporter)
    acting.reads(exporter, "does not stand at present")
    acting.reads(exporter, "Nothing can be shipped until it stands again.")
    watch.look(exporter)
    expect(exporter.get_by_label(re.compile("how many left"))).to_have_value("5,000")

    assurance.restore("The registry was received.")
    acting.ship(exporter, case, **second)
    acting.is_left(exporter, case, licensed=35_000, shipped=15_000)
