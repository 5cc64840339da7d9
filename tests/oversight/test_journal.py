"""The journal in the reading room: chain by chain, verified as it is opened, and verified as a whole."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.permissions import NotPermitted
from accounts.rules import Refused
from audit.models import Entry, Seal
from audit.operations import record
from licensing.models import Note
from oversight import operations, selectors
from tests.audit.factories import AT, chain, past_the_triggers
from tests.oversight.factories import World


@pytest.fixture
def client(made: World, client: Client) -> Client:
    client.force_login(made.auditor)
    return client


def page_of(kind: str, key: object) -> str:
    return reverse("admin:journal_subject", args=[kind, key])


def alter(entry_id: int, **columns: str) -> None:
    with past_the_triggers() as cursor:
        for column, value in columns.items():
            cursor.execute(f"UPDATE audit_entry SET {column} = %s WHERE id = %s", [value, entry_id])


def test_a_subject_has_a_page_with_its_entries_in_their_order_and_verified(made: World, client: Client):
    answer = client.get(page_of("licensing.case", made.case.pk))
    entries = list(
        Entry.objects.filter(subject_kind="licensing.case", subject_id=str(made.case.pk)).order_by("sequence")
    )
    assert [shown["row"].pk for shown in answer.context["entries"]] == [entry.pk for entry in entries]
    assert answer.context["chain"].reading.intact
    text = answer.content.decode()
    assert "Verified" in text
    assert f"{len(entries)} entries, unbroken from first to last." in text
    assert reverse("admin:licensing_case_change", args=[made.case.pk]) in text


@pytest.mark.parametrize("column", ["says", "actor_label", "verb", "data", "hash"])
def test_an_altered_entry_is_said_to_be_altered(made: World, client: Client, column: str):
    entry = Entry.objects.filter(subject_kind="licensing.case", subject_id=str(made.case.pk)).earliest("sequence")
    alter(entry.pk, **{column: '{"other": 1}' if column == "data" else "0" * 64})
    text = client.get(page_of("licensing.case", made.case.pk)).content.decode()
    assert "Altered" in text
    assert f"Entry 1 of licensing.case {made.case.pk} was altered" in text
    assert "unbroken" not in text


def test_a_missing_entry_is_said_to_be_missing(made: World, client: Client):
    with past_the_triggers() as cursor:
        cursor.execute(
            "DELETE FROM audit_entry WHERE subject_kind = 'licensing.case' AND subject_id = %s AND sequence = 2",
            [str(made.case.pk)],
        )
    assert "Entry 2 of licensing.case" in client.get(page_of("licensing.case", made.case.pk)).content.decode()


def test_a_chain_that_was_taken_away_whole_is_not_an_empty_page(made: World, client: Client):
    with past_the_triggers() as cursor:
        cursor.execute(
            "DELETE FROM audit_entry WHERE subject_kind = 'licensing.case' AND subject_id = %s", [str(made.case.pk)]
        )
    text = client.get(page_of("licensing.case", made.case.pk)).content.decode()
    assert "Altered" in text
    assert "only the head of their chain is left" in text


def test_an_entry_leads_to_its_subject_its_actor_and_the_rows_it_covers(made: World, client: Client):
    text = client.get(page_of("licensing.case", made.case.pk)).content.decode()
    note = Note.objects.get(case=made.case)
    assert reverse("admin:licensing_note_change", args=[note.pk]) in text
    assert reverse("admin:accounts_user_change", args=[made.who.officer.pk]) in text
    entry = Entry.objects.filter(subject_kind="licensing.case", subject_id=str(made.case.pk)).earliest("sequence")
    detail = client.get(reverse("admin:audit_entry_change", args=[entry.pk])).content.decode()
    assert reverse("admin:licensing_case_change", args=[made.case.pk]) in detail
    assert page_of("licensing.case", made.case.pk) in detail


def test_a_long_chain_is_read_page_by_page_and_verified_whole(made: World, client: Client):
    entries = chain(("licensing.case", "long"), selectors.ENTRIES_ON_A_PAGE + 5)
    alter(entries[-1].pk, says="Something else")
    first = client.get(page_of("licensing.case", "long"))
    assert len(first.context["entries"]) == selectors.ENTRIES_ON_A_PAGE
    assert not first.context["chain"].reading.intact
    second = client.get(page_of("licensing.case", "long") + first.context["next_url"])
    assert [shown["row"].sequence for shown in second.context["entries"]] == [101, 102, 103, 104, 105]


def test_the_page_of_a_chain_costs_the_same_however_long_it_is(
    made: World, client: Client, django_assert_max_num_queries
):
    chain(("licensing.case", "short"), 2)
    chain(("licensing.case", "longer"), 90)
    for key in ("short", "longer"):
        with django_assert_max_num_queries(14):
            client.get(page_of("licensing.case", key))


def test_every_chain_is_found_in_the_register(made: World, client: Client):
    seen, url = [], reverse("admin:journal")
    while url:
        answer = client.get(url)
        seen += [chain["url"] for chain in answer.context["chains"]]
        url = reverse("admin:journal") + answer.context["next_url"] if answer.context["next_url"] else ""
    subjects = Entry.objects.order_by().values_list("subject_kind", "subject_id").distinct()
    assert sorted(seen) == sorted(page_of(*subject) for subject in subjects)


def test_the_register_is_narrowed_to_one_subject(made: World, client: Client):
    answer = client.get(reverse("admin:journal"), {"kind": "licensing.case", "key": str(made.case.pk)})
    assert [chain["url"] for chain in answer.context["chains"]] == [page_of("licensing.case", made.case.pk)]
    empty = client.get(reverse("admin:journal"), {"kind": "licensing.case", "key": "no such"})
    assert "The journal knows no such subject" in empty.content.decode()


def test_the_first_page_tells_how_the_journal_stands(made: World, client: Client, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        answer = client.get(reverse("admin:index"))
    state = answer.context["state"]
    assert state.entries.number == Entry.objects.count()
    assert state.last_seal == Seal.objects.latest("day")
    assert state.since_seal.number == Entry.objects.filter(id__gt=state.last_seal.through_entry_id).count()
    assert "Not from this page yet" in answer.content.decode()


def test_verifying_the_whole_journal_is_written_down_with_its_result(made: World, client: Client):
    answer = client.post(reverse("admin:journal_verify"), follow=True)
    assert "Verified the whole journal: intact." in answer.content.decode()
    entry = selectors.get_journal_state().verified
    assert (entry.verb, entry.actor_label) == ("verified", made.auditor.actor.label)
    assert "Intact" in client.get(reverse("admin:index")).content.decode()


def test_an_alteration_found_in_the_whole_is_written_down_too(made: World, client: Client):
    note = Note.objects.get(case=made.case)
    with past_the_triggers() as cursor:
        cursor.execute("UPDATE licensing_note SET text = 'Other words' WHERE id = %s", [note.pk])
    answer = client.post(reverse("admin:journal_verify"), follow=True)
    text = answer.content.decode()
    assert "NOT INTACT" in text
    assert "licensing_note" in text
    assert "Altered" in client.get(reverse("admin:index")).content.decode()


def test_looking_at_the_address_of_verifying_does_nothing(client: Client):
    before = Entry.objects.count()
    assert client.get(reverse("admin:journal_verify")).status_code == 405
    assert Entry.objects.count() == before


def test_a_journal_too_long_for_a_page_is_left_to_the_command(made: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(operations, "VERIFIED_ON_A_PAGE_AT_MOST", 1)
    with pytest.raises(Refused, match="verify_audit"):
        operations.verify_journal(by=made.auditor, at=AT)


def test_nobody_else_verifies(made: World):
    with pytest.raises(NotPermitted, match="Only an auditor or an administrator"):
        operations.verify_journal(by=made.who.director, at=AT)


def test_words_in_the_journal_are_shown_as_words(made: World, client: Client):
    record(subject=("licensing.case", "words"), verb="noted", says="<script>alert(1)</script>", by=made.auditor, at=AT,
           data={"a": "</pre><script>"})  # fmt: skip
    text = client.get(page_of("licensing.case", "words")).content.decode()
    assert "<script>alert(1)</script>" not in text
    assert "</pre><script>" not in text
