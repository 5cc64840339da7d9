"""A case of 170,000 chips for Indonesia whose site fails its first visit, is corrected, and passes the second."""

import pytest
from playwright.sync_api import expect

from tests.journeys import acting
from tests.journeys.acting_on_visits import SiteVisit, form_team

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("all_is_well_afterwards")]
ASSURANCE, VISIT = "Government-to-government assurance", "Site visit"


def test_a_site_that_failed_a_visit_is_held_until_it_is_corrected_and_visited_again(people, page_of, watch):
    exporter = page_of(people["nvidia"])
    exporter.goto("/portal/")
    acting.draft(exporter, country="Indonesia", city="Batam", model="GB300", quantity=170_000, price="40000")
    acn = acting.file_draft(exporter)
    officer = page_of(people["officer"])
    acting.take(officer, acn)
    for name in ("waiver", "waiver.second"):
        acting.waive(page_of(people[name]), acn, ASSURANCE, "Covered by the arrangement of 2025.")

    supervisor = page_of(people["supervisor"])
    form_team(supervisor, watch, officer=people["inspector"], name="Team Strait")
    form_team(supervisor, watch, officer=people["inspector.second"], name="Team Harbor")

    first = SiteVisit(page_of(people["inspector"]), supervisor, watch)
    first.arrange(place="Batam Hall 1", acn=acn, team="Team Strait")
    first.go_on_site({"existence": "Yes", "physical_security": "No"})
    first.find(title="The cages stand open", action="Lock every cage.", owner="Batam Compute")
    first.report(rating="Unfavorable", why="Whoever is in the hall can reach the chips.")
    officer.goto(f"/desk/cases/{acn}/")
    acting.reads(officer, "A hold stands")
    first.accept("The photos bear it out.")
    first.correct("Photos of the locked cages.")
    acting.open_evidence(officer, acn, VISIT)
    acting.reads(officer, "Nothing suffices yet")
    acting.reads(officer, "It is rated unfavorable, and favorable is needed")
    watch.look(officer)

    second = SiteVisit(page_of(people["inspector.second"]), supervisor, watch)
    second.arrange(place="Batam Hall 1", acn=acn, team="Team Harbor")
    second.go_on_site({"existence": "Yes", "physical_security": "Yes"})
    second.report(rating="Favorable", why="Every cage is locked, and the log of keys is kept.")
    second.accept("It bears out what was promised.")
    officer.goto(f"/desk/cases/{acn}/")
    expect(officer.get_by_text("A hold stands")).to_have_count(0)

    acting.stand_on(officer, acn, VISIT, "V")
    acting.recommend(officer, acn)
    acting.have_countersigned(page_of, people, acn)
    director = page_of(people["director"])
    acting.decide(director, acn)
    acting.reads(director, "License issued")
