"""Whatever is altered, taken away or moved behind the triggers' back, verification names it."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from accounts.models import Organization
from audit import operations, rules, selectors, verification
from audit.models import ChainHead, Entry, Seal
from ledger import models as ledger
from tests.accounts.factories import organization
from tests.audit.factories import AT, altered, chain, columns, entry, past_the_triggers, write
from tests.ledger.factories import busy_account, open_account

pytestmark = pytest.mark.django_db

MODELS = [Entry, ChainHead, Seal, ledger.Entry, ledger.Account]


@pytest.fixture
def journal() -> Organization:
    """Three chains, two seals, a covered row, and a ledger; some of it after the last seal."""
    exporter = organization()
    chain(("licensing.case", "1"), 3)
    entry(exporter, covers=[exporter])
    busy_account("1")
    operations.seal_journal(at=AT)
    chain(("licensing.case", "1"), 2)
    chain(("licensing.case", "2"), 2)
    open_account("2", ceiling=None)
    operations.seal_journal(at=AT + timedelta(days=1))
    chain(("licensing.case", "2"), 1)
    return exporter


def broken() -> str:
    """What verification finds broken; nothing when all is intact."""
    return "\n".join(verification.verify().broken)


def identity(table: str) -> list[str]:
    """The physical address of each row, whatever its key."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ctid::text FROM {table} ORDER BY ctid")
        return [address for (address,) in cursor.fetchall()]


class Undone(Exception):
    """Ends a savepoint, so that what was tried in it is undone."""


def found_after(sql: str, *params: object) -> str:
    """What verification finds after the statement was run past the triggers; then it is undone."""
    found = ""
    try:
        with transaction.atomic():
            with past_the_triggers() as cursor:
                cursor.execute(sql, params)
                assert cursor.rowcount, "the statement changed nothing"
            found = broken()
            raise Undone
    except Undone:
        return found


def test_an_honest_journal_is_intact(journal):
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert out.getvalue().splitlines() == [
        "Journal: 11 entries in 4 chains, intact.",
        "Seals: 2 seals, intact.",
        "Covered rows: 3 rows, intact.",
        "Ledger: 9 entries on 2 accounts, intact.",
        "Everything is as it was written.",
    ]


def test_an_empty_journal_is_intact(db):
    assert broken() == ""


@pytest.mark.parametrize(
    ("model", "column"),
    [(model, column) for model in MODELS for column in columns(model)],
    ids=lambda value: value if isinstance(value, str) else value._meta.label_lower,
)
def test_altering_any_column_of_any_one_row_is_found(journal, model, column):
    table, value = model._meta.db_table, altered(model, column)
    tried = 0
    for address in identity(table):
        try:
            found = found_after(f"UPDATE {table} SET {column} = {value} WHERE ctid = %s::tid", address)
        except IntegrityError:
            continue  # a constraint refuses what no trigger saw
        tried += 1
        assert found, f"{table}.{column} of row {address} was altered, and nothing was found"
    assert tried


@pytest.mark.parametrize("column", columns(Organization))
def test_altering_any_column_of_a_covered_row_is_found(journal, column):
    value = altered(Organization, column)
    found = found_after(f"UPDATE accounts_organization SET {column} = {value} WHERE id = %s", journal.pk)
    wanted = "is missing" if column == "id" else "was altered"
    assert f'Row {journal.pk} of "accounts_organization"' in found
    assert f"covered by entry 1 of accounts.organization {journal.pk}, {wanted}" in found


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_deleting_any_one_row_is_found(journal, model):
    table = model._meta.db_table
    for address in identity(table):
        assert found_after(f"DELETE FROM {table} WHERE ctid = %s::tid", address), address


def test_deleting_a_covered_row_is_found(journal):
    assert "is missing" in found_after("DELETE FROM accounts_organization WHERE id = %s", journal.pk)


WORDS = [
    (
        "UPDATE audit_entry SET says = 'Denied' WHERE subject_id = '1' AND sequence = 2",
        "Journal: Entry 2 of licensing.case 1 was altered: its content no longer gives the hash",
    ),
    (
        "DELETE FROM audit_entry WHERE subject_kind = 'licensing.case' AND subject_id = '1' AND sequence = 3",
        "Journal: Entry 3 of licensing.case 1 is missing: the next one is number 4.",
    ),
    (
        "DELETE FROM audit_entry WHERE subject_kind = 'licensing.case' AND subject_id = '2' AND sequence = 3",
        "Journal: Entry 3 of licensing.case 2 is missing: its chain has 3 entries by its head.",
    ),
    (
        "DELETE FROM audit_entry WHERE subject_kind = 'licensing.case' AND subject_id = '2'",
        "Journal: All 3 entries of licensing.case 2 are missing: only the head of their chain is left.",
    ),
    (
        "DELETE FROM audit_chainhead WHERE subject_id = '2'",
        "Journal: The head of the chain of licensing.case 2 is missing: 3 entries stand without it.",
    ),
    (
        "UPDATE audit_seal SET chains = 9 WHERE day = '2026-03-02'",
        "Seals: The seal of March 2, 2026 was altered",
    ),
    (
        "DELETE FROM audit_seal WHERE day = '2026-03-02'",
        "Seals: The seal of March 3, 2026 does not follow the one before it: a seal is missing",
    ),
    ("DELETE FROM audit_seal WHERE day = '2026-03-03'", "Seals: The last seal is missing"),
    (
        "UPDATE ledger_entry SET units = 1 WHERE sequence = 3",
        "Ledger: Entry 3 of the account license_line.quantity of licensing.licenseline 1 H100 was altered",
    ),
    (
        "UPDATE ledger_account SET drawn = drawn - 1 WHERE subject_id = '1'",
        "Ledger: The account license_line.quantity of licensing.licenseline 1 H100 was altered: its balances",
    ),
    (
        "UPDATE ledger_account SET unit = 'wafers' WHERE subject_id = '1'",
        "Ledger: Entry 1 of the account license_line.quantity of licensing.licenseline 1 H100 does not follow",
    ),
    ("DELETE FROM ledger_account WHERE subject_id = '2'", "is missing: its entries stand without it."),
]


@pytest.mark.parametrize(("statement", "words"), WORDS)
def test_what_was_done_is_named_in_words(journal, statement, words):
    assert words in found_after(statement)


def test_the_command_fails_and_names_the_entry(journal):
    out = StringIO()
    with past_the_triggers() as cursor:
        cursor.execute("UPDATE audit_entry SET says = 'x' WHERE subject_id = '1' AND sequence = 2")
    with pytest.raises(CommandError, match="Entry 2 of licensing.case 1 was altered"):
        call_command("verify_audit", stdout=out)
    assert "Ledger: 9 entries on 2 accounts, intact." in out.getvalue()
    assert "Everything" not in out.getvalue()


def swap(table: str, where: str, column: str) -> str:
    """Exchange a column between rows number 2 and 3."""
    return f"""
        WITH other AS (SELECT sequence, {column} AS value FROM {table} WHERE {where} AND sequence IN (2, 3))
        UPDATE {table} t SET {column} = other.value FROM other
        WHERE {where} AND t.sequence IN (2, 3) AND other.sequence = 5 - t.sequence
    """


@pytest.mark.parametrize("column", ["says", "at", "hash", "previous_hash"])
def test_exchanging_what_two_entries_say_is_found(journal, column):
    where = "subject_kind = 'licensing.case' AND subject_id = '1'"
    assert "licensing.case 1" in found_after(swap("audit_entry", where, column))


def test_exchanging_the_order_of_two_entries_is_found(journal):
    where = "subject_kind = 'licensing.case' AND subject_id = '1'"
    with past_the_triggers() as cursor:
        for then, now in ((2, 9000), (3, 2), (9000, 3)):
            cursor.execute(f"UPDATE audit_entry SET sequence = {now} WHERE {where} AND sequence = {then}")
    assert "Entry 2 of licensing.case 1 was altered" in broken()


def rewrite(subject_kind: str, subject_id: str, from_sequence: int) -> None:
    """What somebody would do who knows the hash: compute the whole chain anew from an entry onward."""
    before = Entry.objects.get(
        subject_kind=subject_kind, subject_id=subject_id, sequence=from_sequence - 1
    ).hash  # fmt: skip
    with past_the_triggers() as cursor:
        cursor.execute(
            "SELECT id, subject_kind, subject_id, sequence, at, actor_kind, actor_id, actor_label, verb, says,"
            " data::text, covers::text, previous_hash FROM audit_entry"
            " WHERE subject_kind = %s AND subject_id = %s AND sequence >= %s ORDER BY sequence",
            [subject_kind, subject_id, from_sequence],
        )
        for row in cursor.fetchall():
            before_now = before
            content = rules.EntryContent(*row[:-1], previous_hash=before_now)
            before = rules.entry_hash(content)
            cursor.execute(
                "UPDATE audit_entry SET previous_hash = %s, hash = %s WHERE id = %s",
                [before_now, before, content.id],
            )
        cursor.execute(
            "UPDATE audit_chainhead SET hash = %s WHERE subject_kind = %s AND subject_id = %s",
            [before, subject_kind, subject_id],
        )


def test_a_chain_rewritten_with_right_hashes_is_found_by_the_seal(journal):
    with past_the_triggers() as cursor:
        cursor.execute("UPDATE audit_entry SET says = 'x' WHERE subject_id = '1' AND sequence = 2")
    rewrite("licensing.case", "1", 2)
    assert selectors.verify(("licensing.case", "1")).intact
    assert "Seals: The seal of March 2, 2026 no longer fits the journal" in broken()


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (
            [
                "DELETE FROM audit_entry WHERE subject_kind = 'licensing.case' AND subject_id = '1'",
                "DELETE FROM audit_chainhead WHERE subject_kind = 'licensing.case' AND subject_id = '1'",
            ],
            "The seal of March 2, 2026 no longer fits the journal: of the entries numbered 1 to 4, which it sealed,"
            " one was altered, added or removed. It sealed 2 chains; now there is 1.",
        ),
        (
            ["DELETE FROM ledger_entry USING ledger_account a WHERE a.id = account_id AND a.subject_id = '1'",
             "DELETE FROM ledger_account WHERE subject_id = '1'"],
            "The seal of March 2, 2026 no longer fits the ledger",
        ),
    ],
)  # fmt: skip
def test_a_whole_chain_taken_away_is_found_once_it_was_sealed(journal, statements, words):
    first = Entry.objects.order_by("id").values_list("id", flat=True)[0]
    last = first + 3
    words = words.replace("numbered 1 to 4", f"numbered 1 to {last:,}")
    with past_the_triggers() as cursor:
        for statement in statements:
            cursor.execute(statement)
    assert words in broken()


def test_a_chain_slipped_in_under_a_seal_is_found(journal):
    with past_the_triggers() as cursor:
        cursor.execute("SELECT min(id) - 1 FROM audit_entry")
        (free,) = cursor.fetchone()
        content = rules.EntryContent(
            free, "licensing.case", "9", 1, AT, "user", "1", "x", "x", "x", "{}", "[]", ""
        )  # fmt: skip
        forged = rules.entry_hash(content)
        cursor.execute(
            "INSERT INTO audit_entry (id, subject_kind, subject_id, sequence, at, actor_kind, actor_id,"
            " actor_label, verb, says, data, covers, previous_hash, hash) VALUES"
            " (%s, 'licensing.case', '9', 1, %s, 'user', '1', 'x', 'x', 'x', '{}', '[]', '', %s)",
            [free, AT, forged],
        )
        cursor.execute("INSERT INTO audit_chainhead VALUES ('licensing.case', '9', 1, %s)", [forged])
    assert "It sealed 2 chains; now there are 3." in broken()


def test_a_row_written_past_the_journal_is_found(journal, monkeypatch):
    monkeypatch.setattr(Organization, "audit_covered", True, raising=False)
    assert broken() == ""
    stranger = organization()
    assert f'Row {stranger.pk} of "accounts_organization" is covered by no entry' in broken()


def test_covered_rows_verify_in_every_session(journal):
    exporter = organization()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'Asia/Tokyo'; SET LOCAL datestyle = 'German'")
        write(exporter, covers=[exporter])
        cursor.execute("SET LOCAL timezone = 'America/New_York'; SET LOCAL bytea_output = 'escape'")
    assert broken() == ""


def test_a_column_added_later_does_not_disturb_what_was_covered(journal):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_organization ADD COLUMN motto text NOT NULL DEFAULT 'none'")
    assert broken() == ""


def test_a_covered_column_or_table_that_is_gone_is_named(journal):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_organization RENAME COLUMN address TO seat")
        assert 'The column "address" of "accounts_organization"' in broken()
        cursor.execute("ALTER TABLE accounts_organization RENAME TO gone")
        assert 'The table "accounts_organization", whose rows the journal covers, is missing.' in broken()


def test_one_subject_can_be_verified_alone(journal):
    assert selectors.verify(("licensing.case", "1")) == rules.ChainReading(
        5, True, "5 entries, unbroken from first to last."
    )
    assert selectors.verify(("licensing.case", "77")).entries == 0
    with past_the_triggers() as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE subject_id = '1' AND sequence = 5")
    reading = selectors.verify(("licensing.case", "1"))
    assert not reading.intact
    assert reading.says.startswith("Entry 5 of licensing.case 1 is missing")
    assert selectors.verify(("licensing.case", "2")).intact


def test_covered_rows_are_compared_in_batches(journal, monkeypatch):
    monkeypatch.setattr(verification, "_COVERS_CHUNK", 2)
    others = [organization() for _ in range(5)]
    for other in others:
        entry(other, covers=[other, journal])
    assert "Covered rows: 13 rows, intact." in verification.verify().lines
    found = found_after("UPDATE accounts_organization SET name = 'x' WHERE id = %s", others[-1].pk)
    assert f"covered by entry 1 of accounts.organization {others[-1].pk}, was altered" in found
