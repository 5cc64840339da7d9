"""Two administrators at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts import operations
from accounts.models import RoleGrant, User
from accounts.rules import SYSTEM, Refused
from accounts.statuses import Role
from tests.accounts import factories
from tests.accounts.factories import AT

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts):
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


def revoke(person):
    return operations.revoke_role(user=person, role=Role.ADMINISTRATOR, by=SYSTEM, at=AT)


def deactivate(person):
    return operations.deactivate_user(user=person, reason="leaves", by=SYSTEM, at=AT)


@pytest.mark.parametrize(("first", "second"), [(revoke, revoke), (deactivate, deactivate), (revoke, deactivate)])
@pytest.mark.parametrize("attempt", range(3))
def test_the_last_two_administrators_cannot_both_go(first, second, attempt):
    one, two = (factories.user(Role.ADMINISTRATOR) for _ in range(2))
    outcomes = together(lambda: first(one), lambda: second(two))
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
    assert RoleGrant.objects.filter(role=Role.ADMINISTRATOR, user__is_active=True).count() == 1


def test_one_address_opened_twice_at_once_is_one_account():
    organization = factories.organization()
    outcomes = together(
        *(
            lambda email=email: operations.create_user(
                email=email, name="Ada", organization=organization, by=SYSTEM, at=AT
            )
            for email in ("ada@test.example", "ADA@test.example")
        )
    )
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
    assert User.objects.count() == 1


def test_one_role_granted_twice_at_once_is_one_grant():
    person = factories.user(role=None, organization=factories.shared_organization("commerce"))
    together(*[lambda: operations.grant_role(user=person, role=Role.COUNTERSIGNER, by=SYSTEM, at=AT)] * 2)
    assert person.grants.count() == 1
