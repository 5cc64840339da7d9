"""Many at once, on real connections that commit."""

import pytest

from audit import verification
from ledger import operations
from ledger.models import Account, Entry
from ledger.rules import NotEnough
from tests.ledger.factories import act, open_account
from tests.threads import many_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_fifty_draws_on_the_last_units_draw_exactly_the_ceiling():
    account = open_account(ceiling=37)
    results = many_at_once(50, lambda index: operations.draw(account=account, units=1, **act(key=f"draw:{index}")))
    assert sum(isinstance(result, Entry) for result in results) == 37
    refused = [result for result in results if isinstance(result, NotEnough)]
    assert len(refused) == 13
    assert all(refusal.left == 0 for refusal in refused)
    assert Account.objects.get().drawn == 37
    assert verification.verify().intact


def test_draws_and_reservations_together_never_pass_the_ceiling():
    account = open_account(ceiling=100)
    kinds = [operations.draw, operations.reserve]
    many_at_once(40, lambda index: kinds[index % 2](account=account, units=7, **act(key=f"k:{index}")))
    now = Account.objects.get()
    assert now.reserved + now.drawn == 98
    assert verification.verify().intact


def test_the_same_key_at_the_same_moment_draws_once():
    account = open_account(ceiling=100)
    results = many_at_once(12, lambda _: operations.draw(account=account, units=10, **act(key="shipment:1")))
    assert len({entry.pk for entry in results}) == 1
    assert Account.objects.get().drawn == 10


def test_opening_at_the_same_moment_opens_one_account():
    results = many_at_once(12, lambda _: open_account(ceiling=100))
    assert len({account.pk for account in results}) == 1
    assert Entry.objects.count() == 1


def test_draws_on_many_accounts_keep_every_chain_whole():
    accounts = [open_account(str(number), ceiling=12) for number in range(5)]
    results = many_at_once(
        40, lambda index: operations.draw(account=accounts[index % 5], units=2, **act(key=f"d:{index}"))
    )
    assert sum(isinstance(result, Entry) for result in results) == 30
    assert set(Account.objects.values_list("drawn", flat=True)) == {12}
    assert "Ledger: 35 entries on 5 accounts, intact." in verification.verify().lines
