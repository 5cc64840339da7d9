"""A case of 260,000 chips for Korea that meets the choice of the largest tier by an investment, in two tranches."""

import re

import pytest

from tests.journeys import acting
from tests.journeys.acting_on_tracks import Assurance, Investment

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("all_is_well_afterwards")]
ASSURANCE = "Government-to-government assurance"
CHOICE = "Investment in United States AI data centers or security guarantee"


def test_the_second_tranche_ships_when_the_investment_that_it_hangs_on_is_verified(people, page_of, watch):
    exporter = page_of(people["nvidia"])
    exporter.goto("/portal/")
    acting.draft(exporter, country="South Korea", city="Seoul", model="GB300", quantity=260_000, price="40000")
    acn = acting.file_draft(exporter)
    officer = page_of(people["officer"])
    acting.take(officer, acn)

    assurance = Assurance(page_of, people)
    letter = "Letter of assurance of Korea"
    assurance.draft(kind="Letter of assurance", title=letter, country="South Korea", ceiling=260_000, occasion=acn)
    assurance.reach_force()
    acting.stand_on(officer, acn, ASSURANCE, letter)
    for name in ("waiver", "waiver.second"):
        acting.waive(page_of(people[name]), acn, "Site visit", "The site was visited in another matter this year.")

    investment = Investment(page_of, people, watch)
    investment.draft(
        title="Data centers in Texas",
        nation="South Korea",
        dollars=10_000_000_000,
        milestones={"First hall": 4_000_000_000, "Second hall": 6_000_000_000},
    )
    investment.reach_force()
    acting.open_evidence(officer, acn, CHOICE)
    watch.look(officer)
    acting.fill(
        officer,
        {
            "Tranche 1: verified, at least": "0",
            "Tranche 1: chips released": "100,000",
            "Tranche 2: verified, at least": "4,000,000,000",
            "Tranche 2: chips released": "160,000",
        },
    )
    acting.choose(officer, "radio", "Commitment K")
    acting.press(officer, "Let the requirement stand on it")
    acting.reads(officer, f"“{CHOICE}” stands on Commitment K")

    acting.recommend(officer, acn)
    acting.have_countersigned(page_of, people, acn)
    director = page_of(people["director"])
    acting.decide(director, acn)
    acting.reads(director, "License issued")

    exporter.goto("/portal/")
    exporter.get_by_role("link", name=re.compile(acn)).click()
    case = exporter.url
    acting.ship(exporter, case, model="GB300", quantity=60_000, dollars=2_400_000_000)
    beyond = {"model": "GB300", "quantity": 40_001, "dollars": 1_600_040_000}
    acting.review_shipment(exporter, case, **beyond)
    acting.reads(exporter, "40,001 chips are more than what is released")
    acting.reads(exporter, "It is released once more of the investment that the license stands on is verified")
    watch.look(exporter)

    investment.prove("First hall", 4_000_000_000)
    investment.verify()
    watch.look(investment.second)
    acting.ship(exporter, case, **beyond)
    acting.is_left(exporter, case, licensed=260_000, shipped=100_001)
