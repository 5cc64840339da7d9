"""What raw SQL cannot do to the ledger."""

import pytest
from django.db import IntegrityError, connection, transaction

from audit import verification
from ledger import operations
from ledger.models import Account, Entry
from tests.ledger.factories import act, busy_account, open_account

pytestmark = pytest.mark.django_db


def run(sql: str, params: list | None = None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def insert(account: Account, *, kind="draw", units=1, key="raw", more="", ceiling=None) -> None:
    run(
        "INSERT INTO ledger_entry (account_id, sequence, kind, units, key, reason, at, actor_kind, actor_id,"
        " actor_label, ceiling_after, reserved_after, drawn_after, previous_hash, hash)"
        " VALUES (%s, 40, %s, %s, %s, 'x', now(), 'user', '1', 'x', %s, 7, 7, 'forged', 'forged') " + more,
        [account.pk, kind, units, key, ceiling],
    )


def stored(account: Account) -> tuple:
    return Account.objects.values_list("ceiling", "reserved", "drawn", "sequence").get(pk=account.pk)


def test_a_raw_entry_gets_the_numbers_and_hashes_that_are_its_due():
    account = busy_account()
    insert(account, units=4)
    last = Entry.objects.latest("id")
    assert (last.sequence, last.reserved_after, last.drawn_after, last.ceiling_after) == (9, 6, 34, 110)
    assert last.previous_hash != "forged" != last.hash
    assert verification.verify().intact


@pytest.mark.parametrize(
    ("kind", "units"),
    [("draw", 75), ("reserve", 75), ("release", 7), ("draw_reserved", 7), ("return", 31), ("lower", 75)],
)
def test_a_raw_entry_cannot_take_more_than_there_is(kind, units):
    account = busy_account()
    before = stored(account)
    with pytest.raises(IntegrityError, match=f"Not enough on this ledger account for {units} chips") as refusal:
        insert(account, kind=kind, units=units)
    assert refusal.value.__cause__.sqlstate == "23L01"
    assert stored(account) == before


@pytest.mark.parametrize("units", [0, -1, -(10**9)])
@pytest.mark.parametrize("kind", ["draw", "release", "return", "raise"])
def test_a_raw_entry_cannot_move_nothing_or_less(kind, units):
    with pytest.raises(IntegrityError, match="moves at least one unit"):
        insert(busy_account(), kind=kind, units=units)


@pytest.mark.parametrize(
    "more",
    [
        "",
        "ON CONFLICT DO NOTHING",
        "ON CONFLICT (account_id, key) DO NOTHING",
        "ON CONFLICT (account_id, key) DO UPDATE SET units = 99",
    ],
)
def test_a_key_cannot_be_used_twice_however_the_insert_is_phrased(more):
    account = open_account()
    operations.draw(account=account, units=10, **act(key="raw"))
    before = stored(account)
    with pytest.raises(IntegrityError, match='The key "raw" has already been used') as refusal:
        insert(account, units=10, more=more)
    assert refusal.value.__cause__.sqlstate == "23L02"
    assert stored(account) == before


def test_one_statement_cannot_use_a_key_twice_or_draw_more_than_there_is():
    account = open_account(ceiling=10)
    many = (
        "INSERT INTO ledger_entry (account_id, sequence, kind, units, key, reason, at, actor_kind, actor_id,"
        " actor_label, reserved_after, drawn_after, previous_hash, hash)"
        " SELECT %s, 0, 'draw', 4, {key}, 'x', now(), 'user', '1', 'x', 0, 0, '', '' FROM generate_series(1, 3) n"
    )
    with pytest.raises(IntegrityError, match="already been used"):
        run(many.format(key="'same'"), [account.pk])
    with pytest.raises(IntegrityError, match="Not enough"):
        run(many.format(key="n::text"), [account.pk])
    assert stored(account) == (10, 0, 0, 1)


@pytest.mark.parametrize("column", ["ceiling", "reserved", "drawn", "sequence", "head_hash", "subject_id", "unit"])
def test_an_account_cannot_be_changed_by_hand(column):
    open_account()
    with pytest.raises(IntegrityError, match="changed by its entries alone"):
        run(f"UPDATE ledger_account SET {column} = {column}")


def test_an_account_cannot_be_changed_by_a_conflicting_insert():
    open_account()
    with pytest.raises(IntegrityError, match="changed by its entries alone"):
        run(
            "INSERT INTO ledger_account (kind, subject_kind, subject_id, item, unit, reserved, drawn, sequence,"
            " head_hash) SELECT kind, subject_kind, subject_id, item, unit, 0, 0, 0, '' FROM ledger_account"
            " ON CONFLICT (kind, subject_kind, subject_id, item) DO UPDATE SET drawn = 0"
        )


def test_an_account_cannot_be_born_with_balances():
    run(
        "INSERT INTO ledger_account (kind, subject_kind, subject_id, item, unit, ceiling, reserved, drawn,"
        " sequence, head_hash) VALUES ('country.chips', 'registry.country', 'AE', '', 'chips', 500, 3, 4, 9, 'x')"
    )
    account = Account.objects.get()
    assert stored(account) == (None, 0, 0, 0)
    with pytest.raises(IntegrityError, match="first entry of a ledger account opens it"):
        insert(account, kind="draw")
    assert "was written past the ledger" in verification.verify().broken[0]


@pytest.mark.parametrize(("units", "ceiling"), [(5, 6), (0, 5), (5, None)])
def test_an_account_opens_with_the_ceiling_that_its_entry_counts(units, ceiling):
    run(
        "INSERT INTO ledger_account (kind, subject_kind, subject_id, item, unit, reserved, drawn, sequence,"
        " head_hash) VALUES ('country.chips', 'registry.country', 'AE', '', 'chips', 0, 0, 0, '')"
    )
    with pytest.raises(IntegrityError, match="opens with its ceiling"):
        insert(Account.objects.get(), kind="open", units=units, ceiling=ceiling)


def test_an_account_opens_once():
    with pytest.raises(IntegrityError, match="opens it, and only the first"):
        insert(open_account(), kind="open", units=5, ceiling=5)


def test_only_an_account_with_a_ceiling_has_it_raised():
    with pytest.raises(IntegrityError, match="has no ceiling"):
        insert(open_account(ceiling=None), kind="raise")


def test_an_unknown_kind_and_an_unknown_account_are_refused():
    with pytest.raises(IntegrityError, match="no such kind"):
        insert(open_account(), kind="gift")
    with pytest.raises(IntegrityError, match="no such ledger account"):
        insert(Account(pk=10**9))


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_account"])
def test_nothing_in_the_ledger_can_be_deleted_or_emptied(table):
    busy_account()
    with pytest.raises(IntegrityError, match="cannot be deleted"):
        run(f"DELETE FROM {table}")
    run("SET CONSTRAINTS ALL IMMEDIATE")  # PostgreSQL empties no table with checks still to come
    with pytest.raises(IntegrityError, match="cannot be emptied"):
        run(f"TRUNCATE {table} CASCADE")


def test_no_column_of_an_entry_can_be_changed():
    busy_account()
    for field in Entry._meta.concrete_fields:
        with pytest.raises(IntegrityError, match="written once: it cannot be changed"):
            run(f"UPDATE ledger_entry SET {field.column} = {field.column}")


def test_the_constraints_hold_even_where_no_trigger_sees():
    account = busy_account()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    for change in ("drawn = 105", "reserved = -1", "drawn = -1", "ceiling = 35"):
        with pytest.raises(IntegrityError, match="ledger_account_"):
            run(f"UPDATE ledger_account SET {change} WHERE id = {account.pk}")
    with pytest.raises(IntegrityError, match="ledger_entry_units_positive"):
        run("UPDATE ledger_entry SET units = 0 WHERE sequence = 2")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = DEFAULT")


def test_a_key_is_found_by_its_own_index_before_the_table_was_ever_analyzed():
    busy_account()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(
            "PREPARE find_key (bigint, text) AS SELECT * FROM ledger_entry WHERE account_id = $1 AND key = $2"
        )
        cursor.execute("EXPLAIN EXECUTE find_key (1, 'x')")
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("DEALLOCATE find_key")
    assert "ledger_entry_key_once" in plan
    assert "Filter" not in plan
