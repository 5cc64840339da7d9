"""The journal as PostgreSQL keeps it: what raw SQL cannot do to it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from audit import operations, rules, selectors
from audit.models import ChainHead, Entry, Seal
from tests.accounts.factories import organization
from tests.audit.factories import AT, OFFICER, chain, entry, write

pytestmark = pytest.mark.django_db

INSERT = (
    "INSERT INTO audit_entry (id, subject_kind, subject_id, sequence, at, actor_kind, actor_id, actor_label,"
    " verb, says, data, covers, previous_hash, hash)"
    " VALUES ({id}, 'licensing.case', '1', {sequence}, now(), 'user', '1', 'Nobody', 'x', 'x', '{{}}', '[]',"
    " '{previous}', '{hash}') {more}"
)


def run(sql: str, params: list | None = None) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount


def test_an_entry_starts_a_chain_of_its_subject():
    first = entry(says="Case opened")
    assert (first.sequence, first.previous_hash, len(first.hash)) == (1, "", 64)
    assert (first.subject_kind, first.subject_id) == ("licensing.case", "1")
    assert first.actor_label == OFFICER.label


def test_the_next_entry_follows_the_one_before():
    first, second = chain(("licensing.case", "1"), 2)
    assert (second.sequence, second.previous_hash) == (2, first.hash)
    head = ChainHead.objects.get(pk=("licensing.case", "1"))
    assert (head.sequence, head.hash) == (2, second.hash)


def test_each_subject_has_a_chain_of_its_own():
    chain(("licensing.case", "1"), 2)
    assert entry(("licensing.case", "2")).sequence == 1
    assert entry(("licensing.license", "1")).sequence == 1


def test_a_model_instance_is_a_subject_by_its_label_and_key():
    exporter = organization()
    assert operations.identify(exporter) == ("accounts.organization", str(exporter.pk))
    assert entry(exporter).subject_kind == "accounts.organization"


def test_the_entry_in_hand_is_the_entry_stored():
    written = entry(data={"amount": "12.50"})
    stored = Entry.objects.get(pk=written.pk)
    for field in Entry._meta.concrete_fields:
        assert getattr(stored, field.attname) == getattr(written, field.attname), field.attname


def test_writing_an_entry_is_one_round_trip(django_assert_num_queries):
    exporter = organization()
    with django_assert_num_queries(1):
        write(exporter, covers=[exporter])


def test_the_hash_can_be_computed_without_the_database():
    written = entry()
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text, covers::text FROM audit_entry WHERE id = %s", [written.id])
        data, covers = cursor.fetchone()
    content = {name: getattr(written, name) for name in rules.EntryContent.__slots__ if name not in ("data", "covers")}
    assert rules.entry_hash(rules.EntryContent(**content, data=data, covers=covers)) == written.hash


@pytest.mark.parametrize("more", ["", "ON CONFLICT DO NOTHING"])
def test_a_forged_number_and_hash_are_overwritten(more: str):
    (first,) = chain(("licensing.case", "1"), 1)
    run(INSERT.format(id=1, sequence=40, previous="f" * 64, hash="f" * 64, more=more))
    forged = Entry.objects.order_by("-id")[0]
    assert forged.id > first.id
    assert (forged.sequence, forged.previous_hash) == (2, first.hash)
    assert forged.hash != "f" * 64
    assert selectors.verify(("licensing.case", "1")).intact


def test_an_insert_cannot_become_an_update_of_an_older_entry():
    (first,) = chain(("licensing.case", "1"), 1)
    more = "ON CONFLICT (subject_kind, subject_id, sequence) DO UPDATE SET says = 'forged'"
    run(INSERT.format(id=first.id, sequence=1, previous="", hash=first.hash, more=more))
    assert Entry.objects.get(pk=first.id).says == "Act 0"
    assert selectors.verify(("licensing.case", "1")).entries == 2


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal", "audit_chainhead"])
def test_nothing_in_the_journal_can_be_deleted_or_emptied(table: str):
    entry()
    operations.seal_journal(at=AT)
    with pytest.raises(IntegrityError, match="cannot be deleted"):
        run(f"DELETE FROM {table}")
    with pytest.raises(IntegrityError, match="cannot be emptied"):
        run(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("model", [Entry, Seal])
def test_no_column_of_an_entry_or_a_seal_can_be_changed(model):
    entry()
    operations.seal_journal(at=AT)
    for field in model._meta.concrete_fields:
        with pytest.raises(IntegrityError, match="written once: it cannot be changed"):
            run(f"UPDATE {model._meta.db_table} SET {field.column} = {field.column}")


def test_the_head_of_a_chain_cannot_be_written_by_hand():
    entry()
    with pytest.raises(IntegrityError, match="written by the journal alone"):
        run("UPDATE audit_chainhead SET sequence = sequence + 1")
    with pytest.raises(IntegrityError, match="written by the journal alone"):
        run("INSERT INTO audit_chainhead VALUES ('licensing.case', '9', 1, 'x')")
    with pytest.raises(IntegrityError, match="written by the journal alone"):
        run(
            "INSERT INTO audit_chainhead VALUES ('licensing.case', '1', 1, 'x')"
            " ON CONFLICT (subject_kind, subject_id) DO UPDATE SET hash = 'x'"
        )


def test_no_session_setting_switches_the_triggers_off():
    entry()
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(tgname::text) FROM pg_trigger WHERE tgname LIKE 'pgtrigger_%'")
        (names,) = cursor.fetchone()
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", ["{" + ",".join(names) + "}"])
    with pytest.raises(IntegrityError, match="cannot be changed"):
        run("UPDATE audit_entry SET says = 'forged'")


def test_a_temporary_table_cannot_stand_in_for_the_heads():
    first = entry()
    run("CREATE TEMPORARY TABLE audit_chainhead (subject_kind text, subject_id text, sequence int, hash text)")
    assert entry().previous_hash == first.hash


def test_an_entry_covers_rows_with_a_hash_of_all_their_columns():
    exporter = organization()
    (cover,) = entry(exporter, covers=[exporter]).covers
    assert (cover["table"], cover["id"]) == ("accounts_organization", str(exporter.pk))
    assert set(cover["columns"]) == {field.column for field in exporter._meta.concrete_fields}
    assert len(cover["sha256"]) == 64


def test_a_row_that_is_not_stored_cannot_be_covered():
    exporter = organization()
    exporter.pk = 10**9
    with pytest.raises(IntegrityError, match=r"cannot cover row 1000000000 .* it is not stored"), transaction.atomic():
        entry(covers=[exporter])
    with pytest.raises(IntegrityError, match="there is no such table"):
        run(INSERT.replace("'[]'", "'[{{\"table\": \"nothing\", \"id\": \"1\"}}]'").format(
            id=0, sequence=0, previous="", hash="", more=""
        ))  # fmt: skip


def test_a_forged_hash_of_a_covered_row_is_overwritten():
    exporter = organization()
    forged = f'[{{"table": "accounts_organization", "id": "{exporter.pk}", "sha256": "f", "columns": ["id"]}}]'
    run(
        "INSERT INTO audit_entry (subject_kind, subject_id, sequence, at, actor_kind, actor_id, actor_label,"
        " verb, says, data, covers, previous_hash, hash) VALUES"
        " ('a.b', '1', 0, now(), 'user', '1', 'x', 'x', 'x', '{}', %s::jsonb, '', '')",
        [forged],
    )
    assert Entry.objects.get(subject_kind="a.b").covers == entry(covers=[exporter]).covers


def test_a_seal_reaches_every_chain_that_grew():
    chain(("licensing.case", "1"), 2)
    chain(("licensing.case", "2"), 1)
    seal = operations.seal_journal(at=AT)
    assert (seal.chains, seal.through_entry_id) == (2, Entry.objects.filter(verb="opened").latest("id").id)
    assert selectors.list_entries(operations.SEALS)[0].says == (
        f"2 chains sealed through entry {seal.through_entry_id:,}"
    )


def test_a_day_is_sealed_once():
    entry()
    seal = operations.seal_journal(at=AT)
    entry()
    assert operations.seal_journal(at=AT + timedelta(hours=1)) == seal
    assert Seal.objects.count() == 1


def test_the_next_seal_follows_the_one_before_and_takes_only_what_grew():
    entry(("licensing.case", "1"))
    entry(("licensing.case", "2"))
    first = operations.seal_journal(at=AT)
    entry(("licensing.case", "2"))
    second = operations.seal_journal(at=AT + timedelta(days=1))
    assert second.previous_hash == first.hash
    assert second.chains == 2  # the case's, and the seals' own


def test_an_empty_journal_is_not_sealed():
    assert operations.seal_journal(at=AT) is None


def test_a_day_between_two_seals_is_not_sealed_afterwards():
    entry()
    operations.seal_journal(at=AT)
    operations.seal_journal(at=AT + timedelta(days=2))
    assert operations.seal_journal(at=AT + timedelta(days=1)) is None


def test_a_seal_with_a_wrong_hash_is_refused():
    entry()
    seal = operations.seal_journal(at=AT)
    with pytest.raises(IntegrityError, match="does not fit its content"), transaction.atomic():
        Seal.objects.create(
            day=seal.day + timedelta(days=1), at=AT + timedelta(days=1), chains=1,
            through_entry_id=seal.through_entry_id + 1,
            merkle_root="0" * 64, hash="0" * 64,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="follows the one before it"), transaction.atomic():
        Seal.objects.create(
            day=seal.day - timedelta(days=1), at=AT - timedelta(days=1), chains=1,
            through_entry_id=seal.through_entry_id + 1,
            merkle_root="0" * 64, hash="0" * 64,
        )  # fmt: skip


def test_the_scheduled_task_seals_the_day():
    from audit.tasks import seal_journal

    assert seal_journal() == ""
    entry()
    assert seal_journal() == Seal.objects.get().hash


def test_entries_are_listed_newest_first_in_one_query(django_assert_num_queries):
    chain(("licensing.case", "1"), 3)
    chain(("licensing.license", "5"), 1)
    with django_assert_num_queries(1):
        listed = [(e.at, e.actor_label, e.says) for e in selectors.list_entries(("licensing.case", "1"))]
    assert [says for _, _, says in listed] == ["Act 2", "Act 1", "Act 0"]
    with django_assert_num_queries(1):
        both = list(selectors.list_entries_of([("licensing.case", "1"), ("licensing.license", "5")]))
    assert len(both) == 4
    assert list(selectors.list_entries_of([])) == []
