"""The demonstration shows a visit in every state, and is loaded once."""

import pytest

from inspections import demonstration
from inspections.models import Visit
from inspections.statuses import VisitStatus
from tests.inspections import factories as make

pytestmark = pytest.mark.django_db


def test_the_demonstration_has_a_visit_in_every_state() -> None:
    make.load_rules()
    who = make.People()
    people = {"inspector@demo.countersign.example": who.officer, "supervisor": who.supervisor}
    at = make.later(days=100)
    for _ in range(2):
        demonstration.load(people=people, at=at)
    assert set(Visit.objects.values_list("status", flat=True)) == set(VisitStatus.values)
    assert Visit.objects.count() == len(VisitStatus)
