"""The demonstration holds an instrument in every state, and says of each that it is invented."""

from datetime import timedelta

import pytest

from accounts import demonstration as people
from accounts.statuses import Role
from assurances import demonstration
from assurances.models import Instrument
from assurances.selectors import get_standing
from assurances.statuses import InstrumentKind, InstrumentStatus
from audit import verification
from tests.accounts.factories import user
from tests.assurances import factories as make

pytestmark = pytest.mark.django_db


def test_every_state_and_kind_is_there_once_and_loading_again_adds_nothing(enter):
    long_ago = make.AT - timedelta(days=121)
    make.load_rules(at=long_ago)
    everybody = people.create_people(at=long_ago)
    count = demonstration.load(people=everybody, at=make.AT)
    assert {each.status for each in Instrument.objects.all()} == set(InstrumentStatus)
    assert {each.kind for each in Instrument.objects.all()} == set(InstrumentKind)
    assert all("Invented" in each.marking for each in Instrument.objects.all())
    assert demonstration.load(people=everybody, at=make.AT) == count == Instrument.objects.count()
    # Nothing is recorded as something that its dates contradict.
    for each in Instrument.objects.exclude(status__in=["in_force", "amended", "renewed"]):
        assert get_standing(each, make.AT) == each.status
    assert verification.verify().intact
    client = enter(user(Role.LICENSING_OFFICER))
    for each in Instrument.objects.all():
        assert client.get(f"/desk/assurances/{each.pk}/").status_code == 200
