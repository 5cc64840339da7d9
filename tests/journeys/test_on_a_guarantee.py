"""A case of 260,000 chips for Korea that meets the choice of the largest tier by a security guarantee."""

import re

import pytest

from tests.journeys import acting
from tests.journeys.acting_on_tracks import Assurance

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("all_is_well_afterwards")]
ASSURANCE = "Government-to-government assurance"
CHOICE = "Investment in United States AI data centers or security guarantee"


def test_the_largest_tier_stands_on_a_security_guarantee_in_place_of_an_investment(people, page_of):
    exporter = page_of(people["nvidia"])
    exporter.goto("/portal/")
    acting.draft(exporter, country="South Korea", city="Seoul", model="GB300", quantity=260_000, price="40000")
    acn = acting.file_draft(exporter)
    officer = page_of(people["officer"])
    acting.take(officer, acn)

    assurance, guarantee = (Assurance(page_of, people) for _ in range(2))
    letter, promise = "Letter of assurance of Korea", "Security guarantee of Korea"
    assurance.draft(kind="Letter of assurance", title=letter, country="South Korea", ceiling=300_000, occasion=acn)
    assurance.reach_force()
    guarantee.draft(kind="Security guarantee", title=promise, country="South Korea", ceiling=None, occasion=acn)
    guarantee.negotiate()
    acting.open_evidence(officer, acn, CHOICE)
    acting.reads(officer, "Nothing suffices yet")
    acting.reads(officer, "Its text is agreed: the signed instrument has to be received.")
    guarantee.receive()
    guarantee.bring_into_force()

    acting.stand_on(officer, acn, ASSURANCE, letter)
    acting.stand_on(officer, acn, CHOICE, promise)
    for name in ("waiver", "waiver.second"):
        acting.waive(page_of(people[name]), acn, "Site visit", "The site was visited in another matter this year.")
    acting.recommend(officer, acn)
    acting.have_countersigned(page_of, people, acn)
    director = page_of(people["director"])
    acting.decide(director, acn)
    acting.reads(director, "License issued")

    exporter.goto("/portal/")
    exporter.get_by_role("link", name=re.compile(acn)).click()
    case = exporter.url
    acting.ship(exporter, case, model="GB300", quantity=260_000, dollars=10_400_000_000)
    acting.is_left(exporter, case, licensed=260_000, shipped=260_000)
