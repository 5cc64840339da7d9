"""The demonstration's commitments: in every state, invented, loaded once."""

from datetime import UTC, datetime

import pytest

from accounts.demonstration import create_people
from audit.verification import verify
from investments import demonstration
from investments.models import AmountEntry, Commitment, Evidence, Shortfall
from investments.statuses import AmountKind, CommitmentStatus, EvidenceStatus, ShortfallStatus
from tests.investments import factories as make

AT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_the_demonstration_has_a_commitment_in_every_state_and_loads_once():
    make.load_rules(datetime(2026, 1, 2, 15, 0, tzinfo=UTC))
    people = create_people(at=AT)
    first = demonstration.load(people=people, at=AT)
    assert {each.status for each in first} == set(CommitmentStatus)
    assert set(Shortfall.objects.values_list("status", flat=True)) >= {
        ShortfallStatus.OPEN,
        ShortfallStatus.IN_CURE,
        ShortfallStatus.LAPSED,
        ShortfallStatus.WAIVED,
    }
    assert set(AmountEntry.objects.values_list("kind", flat=True)) == set(AmountKind)
    assert set(Evidence.objects.values_list("status", flat=True)) >= {
        EvidenceStatus.SUBMITTED,
        EvidenceStatus.VERIFIED,
        EvidenceStatus.REVERSED,
    }
    assert all("(invented)" in each.title for each in first)
    again = demonstration.load(people=people, at=AT)
    assert again == first
    assert Commitment.objects.count() == len(first)
    assert verify().intact
