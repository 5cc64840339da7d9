"""Two people at once: real connections, real locks."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from accounts.rules import SYSTEM, Refused, Stale
from accounts.statuses import Role
from audit.selectors import list_entries
from registry import operations, selectors
from registry.models import OwnershipLink
from tests.accounts.factories import user
from tests.registry import factories
from tests.registry.factories import AT

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts):
    """Start the acts at once, each on its own connection; answer what each returned or was refused with."""
    start = Barrier(len(acts))

    def run(act):
        try:
            start.wait()
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_one_delivery_reported_four_times_at_once_counts_once():
    place = factories.installation()

    def install():
        return operations.record_installed(
            installation=place, model="GB300", units=10, key="delivery", reason="delivered", by=SYSTEM, at=AT
        ).pk

    entries = together(*[install] * 4)
    assert len(set(entries)) == 1
    assert selectors.get_chip_counts(place)["GB300"].installed == 10
    assert list_entries(place).count() == 1


def test_a_hold_lifted_by_two_at_once_is_lifted_by_one():
    hold = factories.hold()
    directors = [user(Role.LICENSING_DIRECTOR) for _ in range(2)]
    outcomes = together(
        *(
            lambda director=director: operations.lift_hold(hold=hold, reason="cleared", by=director, at=AT)
            for director in directors
        )
    )
    assert sum(isinstance(outcome, Stale) for outcome in outcomes) == 1


def test_two_shares_entered_at_once_do_not_pass_the_whole_together():
    owned = factories.party()
    owners = [factories.party() for _ in range(2)]
    outcomes = together(
        *(
            lambda owner=owner: operations.link_owner(
                owner=owner,
                owned=owned,
                percent=Decimal(60),
                from_on=AT.date(),
                source="register",
                by=SYSTEM,
                at=AT,
            )
            for owner in owners
        )
    )
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
    assert OwnershipLink.objects.count() == 1
