"""What is determined when an application is filed: who counts, what counts, and what is kept of it."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.rules import SYSTEM, Refused
from accounts.statuses import Role
from licensing import operations
from licensing.models import Case
from licensing.selectors import get_filed_page
from licensing.statuses import CaseStatus, DecisionKind
from registry.models import Party
from registry.operations import link_owner, place_hold, register_party
from registry.statuses import HoldCause
from rulebook.rules import replay
from rulebook.selectors import get_catalogue, get_edition_row
from tests.accounts.factories import organization, user

from . import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> make.People:
    make.load_rules()
    return make.people()


def test_only_a_us_person_may_apply(who):
    foreign = user(Role.EXPORTER_MEMBER, organization=organization(is_us_person=False))
    with pytest.raises(Refused, match="in the United States"):
        make.submit(make.draft(foreign), foreign)


def test_nothing_is_filed_without_its_certification(who):
    draft = make.draft(who.applicant)
    for fields in ({"certified": False}, {"name": "  "}):
        with pytest.raises(Refused, match="Certify"):
            operations.certify_and_submit(
                **{
                    "application": draft,
                    "name": "A Name",
                    "title": "",
                    "certified": True,
                    "version": draft.version,
                    "key": "",
                    "by": who.applicant,
                    "at": make.AT,
                    **fields,
                }
            )
    assert not Case.objects.exists()


def test_what_the_registry_knows_of_an_owner_bars_what_the_applicant_left_out(who):
    before = make.later(days=-1)
    owner = register_party(name="Severnaya Holding", headquarters="RU", by=SYSTEM, at=before)
    owned = register_party(name="Norrsken Compute AB", headquarters="SE", by=SYSTEM, at=before)
    link_owner(
        owner=owner,
        owned=owned,
        percent=Decimal(60),
        from_on=before.date(),
        source="Company register of Sweden",
        by=SYSTEM,
        at=before,
    )
    case = make.filed(who)
    assert case.status == CaseStatus.REFUSED_BARRED


def test_a_declared_parent_in_a_restricted_country_is_read_as_that_country(who):
    case = make.filed(
        who,
        country="ID",
        items=[make.chips("GB200", 2304)],
        end_user_fields={"ultimate_parent": "Parent", "ultimate_parent_headquarters": "CN"},
    )
    assert case.status == CaseStatus.REFUSED_BARRED


def test_any_party_counts_not_only_the_end_user(who):
    parties = [
        make.party("purchaser", "Buyer", "AE"),
        make.party("intermediate_consignee", "Forwarder", "AE", headquarters="IR"),
        make.party("ultimate_consignee", "Norrsken Compute AB", "SE"),
        make.party("end_user", "Norrsken Compute AB", "SE"),
    ]
    assert make.filed(who, parties=parties).status == CaseStatus.REFUSED_BARRED


def test_one_party_in_the_registry_however_often_it_is_named(who):
    make.filed(who)
    make.filed(who, site="Hall 2", end_user="NORRSKEN Compute AB")
    assert Party.objects.count() == 1


def test_the_determination_is_stored_with_facts_and_edition_and_can_be_replayed_byte_for_byte(who):
    case = make.filed(who, country="SA", items=[make.chips("GB300", 35000)])
    stored = case.application.determinations.get()
    edition = get_edition_row("reported-2026-03")
    assert (stored.edition_identifier, stored.edition_hash) == (edition.identifier, edition.content_hash)
    assert replay(stored.facts, edition.content, get_catalogue().countries) == stored.result


def test_under_equivalents_the_whole_group_in_a_country_counts():
    make.load_rules(edition="reported-2026-03-equivalents")
    who = make.people()
    make.licensed(who, country="SA", end_user="Humain", site="Hall 1", items=[make.chips("GB300", 900)])
    second = make.filed(who, country="SA", end_user="Humain", site="Hall 2", items=[make.chips("GB300", 100)])
    assert second.tier == "medium"
    small = make.filed(who, country="KZ", end_user="Other", items=[make.chips("A100", 5000)])
    assert small.tier == "small"


def test_an_applicant_sees_no_count_of_other_filings(who):
    make.licensed(who, items=[make.chips(quantity=990)])
    other = make.people()
    case = make.filed(other, items=[make.chips(quantity=20)])
    page = get_filed_page(reference=case.application.reference, by=other.applicant, at=make.AT)
    assert page.withheld
    assert "990" not in str(page.determination)
    assert "1,010" not in str(page.determination)


def test_a_hold_on_a_party_stops_the_license_until_it_is_lifted(who):
    case = make.countersigned(who)
    party = case.application.parties.filter(role="end_user").get().party
    place_hold(
        scope=party,
        cause=HoldCause.values[0],
        says="An open question of identity.",
        lifter_role=Role.LICENSING_DIRECTOR,
        by=who.officer,
        at=make.AT,
    )
    with pytest.raises(Refused, match="An open question of identity"):
        make.decide(case, who)


def test_a_license_that_would_expire_on_a_holiday_runs_to_the_next_business_day(who):
    case = make.countersigned(who)
    from datetime import date

    make.decide(case, who, expires_on=date(2030, 7, 4))
    case.refresh_from_db()
    assert case.license.expires_on == date(2030, 7, 5)
    assert "legal holiday" in case.license.validity_note


def test_a_refused_exemption_goes_on_as_a_license_case(who):
    case = make.assigned(who, safeguards=make.MONITORED)
    operations.refuse_exemption(
        case=case, reasons="The plan names no chips.", version=case.version, by=who.officer, at=make.AT
    )
    make.countersign(make.recommend(case, who), who.countersigner)
    make.decide(case, who, kind=DecisionKind.APPROVE)
    case.refresh_from_db()
    assert case.status == CaseStatus.ISSUED
    assert case.application.determinations.count() == 2


def test_restricted_countries_are_licensed_while_their_conditions_wait_for_shipment(who):
    case = make.countersigned(who, country="CN", items=[make.chips("H20", 500)], safeguards=make.MONITORED)
    requirement = case.requirements.get()
    assert (requirement.name, requirement.gates) == ("national_security_conditions", "shipment")
    with pytest.raises(Refused, match="cannot be waived"):
        make.operations.sign_waiver(requirement=requirement, reason="No.", by=who.waivers[0], at=make.AT)
    make.decide(case, who)
    case.refresh_from_db()
    assert case.status == CaseStatus.ISSUED


def test_filing_asks_the_database_at_most_twenty_seven_times_however_much_is_new(who):
    """Of the thirty that a whole request may ask, three are the session's and the person's."""
    items = [make.chips("GB300", 3000), make.chips("H200", 3)]
    parties = [
        make.party(role, f"Never named before {n}", "SA")
        for n, role in enumerate(("purchaser", "intermediate_consignee", "ultimate_consignee", "end_user"))
    ]
    draft = make.draft(who.applicant, country="SA", parties=parties, items=items)
    with CaptureQueriesContext(connection) as asked:
        make.submit(draft, who.applicant, key="count")
    statements = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
    assert len(statements) <= 27, "\n".join(sql[:150] for sql in statements)


def test_a_headquarters_that_is_left_out_makes_nothing_better(who):
    fields = {"headquarters": None, "country": "RU"}
    parties = [
        make.party("purchaser", "Norrsken Compute AB", "SE"),
        make.party("ultimate_consignee", "Norrsken Compute AB", "SE"),
        {**make.party("end_user", "Somebody", "SE"), **fields},
    ]
    assert make.filed(who, parties=parties).status == CaseStatus.REFUSED_BARRED


def test_a_key_that_was_used_for_another_application_is_refused(who):
    make.submit(make.draft(who.applicant), who.applicant, key="one")
    with pytest.raises(Refused, match="sent before"):
        make.submit(make.draft(who.applicant, site="Hall 2"), who.applicant, key="one")


def test_a_line_worth_more_than_can_be_meant_is_refused(who):
    with pytest.raises(Refused, match="cannot be meant"):
        make.draft(who.applicant, items=[make.chips(quantity=10**9, price="99999999999.99")])
