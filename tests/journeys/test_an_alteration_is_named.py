"""After a license was issued, one row altered behind the triggers' back is enough: verification names it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from audit.operations import seal_journal
from deadlines.models import ClockEvent
from ledger.models import Entry as LedgerEntry
from licensing.models import Case, Decision, Letter, Recommendation, Signature, StoredDetermination
from licensing.statuses import CaseStatus
from tests.audit.factories import past_the_triggers
from tests.licensing import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    """A case from its filing to its license, and the seal of that day."""
    make.load_rules()
    licensed = make.licensed(make.people())
    assert licensed.status == CaseStatus.ISSUED
    seal_journal(at=make.later(days=1))
    return licensed


def verify() -> str:
    """What the command prints; it raises when something is not as it was written."""
    out = StringIO()
    call_command("verify_audit", stdout=out)
    return out.getvalue()


def test_an_honest_case_is_as_it_was_written(case):
    assert "Everything is as it was written." in verify()


ALTERATIONS = [
    (Entry, "says = 'Somebody else acted'", "Entry 1 of {chain} was altered"),
    (LedgerEntry, "units = units + 1", "Entry 1 of the account {account} was altered"),
    (Recommendation, "reasons = 'Other reasons'", 'Row {pk} of "licensing_recommendation", covered by entry'),
    (StoredDetermination, "result = result || ' '", 'Row {pk} of "licensing_storeddetermination", covered by entry'),
    (ClockEvent, "at = at - interval '30 days'", 'Row {pk} of "deadlines_clockevent", covered by entry'),
    (Letter, "pdf = pdf || '\\x0a'::bytea", 'Row {pk} of "licensing_letter", covered by entry'),
    (Signature, "signer_label = 'Somebody else'", 'Row {pk} of "licensing_signature", covered by entry'),
    (Decision, "reasons = 'Other reasons'", 'Row {pk} of "licensing_decision", covered by entry'),
]


@pytest.mark.parametrize(("model", "change", "named"), ALTERATIONS, ids=lambda value: getattr(value, "__name__", ""))
def test_one_row_altered_with_triggers_disabled_is_named(case, model, change, named):
    rows = model.objects.order_by("pk")
    if model is Entry:
        rows = rows.filter(subject_kind="licensing.case", subject_id=str(case.pk), sequence=1)
    elif model is LedgerEntry:
        rows = rows.filter(sequence=1)
    row = rows[0]
    account = getattr(row, "account", None)
    words = named.format(
        pk=row.pk,
        chain=f"licensing.case {case.pk}",
        account=account and f"{account.kind} of {account.subject_kind} {account.subject_id} {account.item}".strip(),
    )
    with past_the_triggers() as cursor:
        cursor.execute(f"UPDATE {model._meta.db_table} SET {change} WHERE id = %s", [row.pk])
        assert cursor.rowcount == 1
    with pytest.raises(CommandError) as failed:
        verify()
    assert words in str(failed.value)
