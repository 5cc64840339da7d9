"""Moving units: what an account allows, and how it says no."""

import pytest
from django.db import transaction

from accounts.rules import Refused
from ledger import operations, selectors
from ledger.models import Account, Entry
from ledger.rules import Balance, KeyUsed, NotEnough
from tests.accounts.factories import organization
from tests.ledger.factories import act, busy_account, open_account

pytestmark = pytest.mark.django_db


def balance(account: Account) -> Balance:
    """The balance as stored."""
    return selectors.balance_of(Account.objects.get(pk=account.pk))


def test_an_account_opens_with_its_ceiling():
    account = open_account(ceiling=100)
    assert (account.unit, balance(account)) == ("chips", Balance(ceiling=100, reserved=0, drawn=0))
    (opening,) = selectors.list_entries(account)
    assert (opening.kind, opening.units, opening.ceiling_after) == ("open", 100, 100)


@pytest.mark.parametrize("ceiling", [0, None, 100])
def test_opening_again_with_the_same_key_changes_nothing(ceiling):
    account = open_account(ceiling=ceiling)
    assert open_account(ceiling=ceiling) == account
    assert Entry.objects.count() == 1


def test_opening_again_answers_with_the_balances_of_now():
    account = open_account(ceiling=100)
    operations.draw(account=account, units=30, **act())
    assert open_account(ceiling=100).drawn == 30


def test_opening_again_with_another_ceiling_is_refused():
    open_account(ceiling=100)
    with pytest.raises(KeyUsed, match='The key "open" already stands for another entry'):
        open_account(ceiling=90)
    with pytest.raises(KeyUsed):
        open_account(ceiling=None)
    with pytest.raises(Refused, match="already open, with a ceiling of 100. Raise or lower its ceiling instead"):
        open_account(ceiling=100, key="another")
    with pytest.raises(Refused, match="counts chips, not boxes"):
        open_account(ceiling=100, unit="boxes")


def test_no_ceiling_and_a_ceiling_of_zero_are_not_the_same():
    open_account(ceiling=None)
    with pytest.raises(KeyUsed):
        open_account(ceiling=0)


def test_a_ceiling_below_zero_is_refused():
    with pytest.raises(Refused, match="cannot be below zero"):
        open_account(ceiling=-1)


def test_every_kind_of_entry_moves_what_it_says():
    account = busy_account()
    states = [
        (entry.kind, entry.units, entry.ceiling_after, entry.reserved_after, entry.drawn_after)
        for entry in reversed(selectors.list_entries(account))
    ]
    assert states == [
        ("open", 100, 100, 0, 0),
        ("reserve", 20, 100, 20, 0),
        ("release", 4, 100, 16, 0),
        ("draw_reserved", 10, 100, 6, 10),
        ("draw", 25, 100, 6, 35),
        ("return", 5, 100, 6, 30),
        ("raise", 30, 130, 6, 30),
        ("lower", 20, 110, 6, 30),
    ]
    assert balance(account) == selectors.balance_of(account) == Balance(ceiling=110, reserved=6, drawn=30)
    assert balance(account).left == 74


REFUSALS = [
    (operations.reserve, 75, 74, "75 chips cannot be reserved: 74 are left under the ceiling of 110."),
    (operations.draw, 75, 74, "75 chips cannot be drawn: 74 are left under the ceiling of 110."),
    (operations.release, 7, 6, "7 chips cannot be released: 6 are reserved."),
    (operations.draw_reserved, 7, 6, "7 chips cannot be drawn from the reservation: 6 are reserved."),
    (operations.give_back, 31, 30, "31 chips cannot be returned: 30 are drawn."),
    (
        operations.lower_ceiling,
        75,
        74,
        "The ceiling of 110 cannot be lowered by 75 chips: only 74 are not yet reserved or drawn.",
    ),
]


@pytest.mark.parametrize(("operation", "units", "left", "words"), REFUSALS)
def test_what_does_not_suffice_is_refused_in_words(operation, units, left, words):
    account = busy_account()
    with pytest.raises(NotEnough) as refusal:
        operation(account=account, units=units, **act())
    assert refusal.value.reason == words
    assert (refusal.value.left, refusal.value.wanted, refusal.value.rule) == (left, units, "ledger.enough")
    operation(account=account, units=left, **act())
    assert Entry.objects.filter(account=account).count() == 9


def test_the_transaction_stays_usable_after_a_refusal():
    account = open_account(ceiling=5)
    with transaction.atomic():
        with pytest.raises(NotEnough):
            operations.draw(account=account, units=6, **act())
        operations.draw(account=account, units=5, **act())
    assert balance(account).left == 0


@pytest.mark.parametrize("units", [0, -1])
def test_a_movement_is_at_least_one_unit(units):
    account = open_account()
    with pytest.raises(Refused, match="at least 1"):
        operations.draw(account=account, units=units, **act())


def test_the_same_key_again_draws_once_and_answers_with_the_same_entry():
    account = open_account()
    first = operations.draw(account=account, units=10, **act(key="shipment:1"))
    again = operations.draw(account=account, units=10, **act(key="shipment:1"))
    assert again == first
    assert balance(account).drawn == 10


def test_the_same_key_answers_even_when_nothing_is_left():
    account = open_account(ceiling=10)
    first = operations.draw(account=account, units=10, **act(key="shipment:1"))
    assert operations.draw(account=account, units=10, **act(key="shipment:1")) == first


@pytest.mark.parametrize(("operation", "units"), [(operations.draw, 11), (operations.reserve, 10)])
def test_the_same_key_with_other_content_is_refused(operation, units):
    account = open_account()
    operations.draw(account=account, units=10, **act(key="shipment:1"))
    with pytest.raises(KeyUsed, match='The key "shipment:1" already stands for another entry'):
        operation(account=account, units=units, **act(key="shipment:1"))
    assert balance(account) == Balance(ceiling=100, reserved=0, drawn=10)


def test_the_same_key_on_another_account_is_another_act():
    for subject_id in ("1", "2"):
        operations.draw(account=open_account(subject_id), units=10, **act(key="shipment:1"))
    assert Entry.objects.filter(kind="draw").count() == 2


def test_an_account_without_a_ceiling_only_counts():
    account = open_account(ceiling=None)
    operations.draw(account=account, units=10**12, **act())
    assert balance(account) == Balance(ceiling=None, reserved=0, drawn=10**12)
    assert balance(account).left is None
    with pytest.raises(Refused, match="it has no ceiling to raise or lower"):
        operations.raise_ceiling(account=account, units=1, **act())
    with pytest.raises(NotEnough, match="only|cannot be returned"):
        operations.give_back(account=account, units=10**12 + 1, **act())


def test_an_account_that_is_not_stored_is_refused():
    with pytest.raises(Refused, match="There is no such ledger account"):
        operations.draw(account=Account(id=10**9), units=1, **act())


def test_each_movement_is_one_round_trip(django_assert_num_queries):
    account = open_account()
    with django_assert_num_queries(1):
        operations.draw(account=account, units=1, **act())


def test_opening_is_three_round_trips_at_most(django_assert_num_queries):
    with django_assert_num_queries(3):
        open_account()


def test_the_entry_in_hand_is_the_entry_stored():
    entry = operations.draw(account=open_account(), units=3, **act())
    stored = Entry.objects.get(pk=entry.pk)
    for field in Entry._meta.concrete_fields:
        assert getattr(stored, field.attname) == getattr(entry, field.attname), field.attname


def test_accounts_are_found_by_subject_and_item():
    exporter = organization()
    account = open_account(subject=exporter, item="H200")
    assert selectors.get_account("license_line.quantity", exporter, "H200") == account
    assert selectors.get_account("license_line.quantity", exporter) is None
    assert selectors.get_balance("license_line.quantity", exporter, "H200") == Balance(100, 0, 0)
    assert selectors.get_balance("license_line.quantity", exporter) is None


def test_totals_of_many_subjects_are_one_query(django_assert_num_queries):
    for subject_id, item in (("1", "H100"), ("1", "H200"), ("2", "H100"), ("3", "H100")):
        open_account(subject_id, item=item)
    subjects = [("licensing.licenseline", subject_id) for subject_id in ("1", "2", "9")]
    with django_assert_num_queries(1):
        totals = selectors.get_totals("license_line.quantity", subjects)
    assert totals == {
        "1": {"H100": Balance(100, 0, 0), "H200": Balance(100, 0, 0)},
        "2": {"H100": Balance(100, 0, 0)},
    }
    assert selectors.get_totals("license_line.quantity", []) == {}
