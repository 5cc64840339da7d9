"""Visits for a case: they know its place and who recommended it, whatever comes first."""

import pytest

from accounts.permissions import NotPermitted
from accounts.rules import Refused
from accounts.statuses import Role
from inspections.models import RecommendingUnit, Visit
from inspections.statuses import VisitKind
from licensing import operations
from licensing.statuses import RecommendedAction
from tests.accounts.factories import unit, user
from tests.inspections import factories as visits
from tests.registry.factories import installation
from tests.threads import at_once

from . import factories as make
from .factories import AT


@pytest.fixture
def who(db) -> make.People:
    make.load_rules()
    everybody = make.people()
    everybody.officer.unit = unit(name="Computing Division")
    everybody.officer.save()
    return everybody


def request(case, traveler, *, number=None, place=None, at=AT) -> Visit:
    return operations.request_visit(
        number=case.acn if number is None else number,
        kind=VisitKind.PLC,
        installation=place or case.application.installation,
        occasion="The tier asks for one.",
        by=traveler,
        at=at,
    )


def test_a_visit_knows_the_unit_that_recommended_its_case(who):
    case = make.assigned(who)
    make.recommend(case, who)
    visit = request(case, user(Role.EXPORT_CONTROL_OFFICER))
    assert (visit.subject_kind, visit.subject_id, visit.subject_label) == ("case", str(case.pk), case.acn)
    assert [row.unit.name for row in visit.recommending_units.all()] == ["Computing Division"]


def test_a_unit_that_recommends_after_the_request_is_written_down_too(who):
    case = make.assigned(who)
    visit = request(case, user(Role.EXPORT_CONTROL_OFFICER))
    assert not visit.recommending_units.exists()
    make.recommend(case, who)
    make.recommend(case, who, reasons="Said better.")
    assert visit.recommending_units.get().says == f"Recommended {case.acn}"


def test_whoever_recommends_against_it_may_send_somebody(who):
    case = make.assigned(who)
    visit = request(case, user(Role.EXPORT_CONTROL_OFFICER))
    make.recommend(case, who, action=RecommendedAction.DENY)
    assert not visit.recommending_units.exists()


def test_a_visit_for_a_license_knows_who_recommended_its_case(who):
    case = make.licensed(who)
    visit = request(case, user(Role.EXPORT_CONTROL_OFFICER), number=case.license.number.lower())
    assert visit.subject_kind == "license"
    assert visit.recommending_units.count() == 1


def test_a_number_of_nothing_and_of_another_place_is_refused_beside_it(who):
    case = make.assigned(who)
    traveler = user(Role.EXPORT_CONTROL_OFFICER)
    with pytest.raises(Refused, match="There is no case and no license C999999") as nothing:
        request(case, traveler, number="C999999")
    with pytest.raises(Refused, match=f"{case.acn} is about") as elsewhere:
        request(case, traveler, place=installation())
    assert nothing.value.field == elsewhere.value.field == "subject_label"
    with pytest.raises(NotPermitted):
        request(case, user(Role.COMMITMENT_OFFICER))
    assert not Visit.objects.exists()


def test_without_a_number_a_visit_is_of_the_place_alone(who):
    case = make.assigned(who)
    assert request(case, user(Role.EXPORT_CONTROL_OFFICER), number=" ").subject_kind == ""


def test_a_unit_whose_officer_is_booked_is_told_to_have_him_replaced_first(who):
    case = make.assigned(who)
    travelers = visits.People()
    travelers.officer.unit = who.officer.unit
    travelers.officer.save()
    visits.scheduled(travelers, place=case.application.installation, subject=("case", str(case.pk), case.acn))
    with pytest.raises(Refused, match="Replace that officer first"):
        make.recommend(case, who)
    case.refresh_from_db()
    assert not case.recommendations.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(3))
def test_of_a_request_and_a_recommendation_at_once_the_unit_is_known_either_way(who, round_):
    case = make.assigned(who)
    traveler = user(Role.EXPORT_CONTROL_OFFICER)
    answers = at_once([lambda: make.recommend(case, who), lambda: request(case, traveler)])
    assert not any(isinstance(answer, Exception) for answer in answers), answers
    assert RecommendingUnit.objects.get().unit == who.officer.unit
