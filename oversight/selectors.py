"""What the reading room shows of the journal as a whole, and of one chain."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import BinaryField, Q, QuerySet

from audit import selectors as audit
from audit.models import ChainHead, Entry, Seal
from audit.reading import find_subject_model
from audit.rules import ChainReading

# The chain that keeps when the whole journal was verified from the reading room, by whom, with what result.
VERIFICATIONS = ("audit.journal", "all")

ENTRIES_ON_A_PAGE = 100
CHAINS_ON_A_PAGE = 50
_COUNTED_EXACTLY_UP_TO = 100_000


@dataclass(frozen=True, slots=True)
class Count:
    """How many, exactly or nearly."""

    number: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class JournalState:
    """The journal in four facts: how long, sealed until when, what came since, and when it was verified."""

    entries: Count
    last_seal: Seal | None
    since_seal: Count
    verified: Entry | None


@dataclass(frozen=True, slots=True)
class Chain:
    """One subject's chain: what verifying it found, and a page of its entries in their order."""

    subject_kind: str
    subject_id: str
    length: int
    reading: ChainReading
    entries: list[Entry]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class ChainPage:
    """A page of the register of chains, in the order of their subjects."""

    heads: list[ChainHead]
    next_after: tuple[str, str] | None


def count_entries() -> Count:
    """How many entries the journal has: counted, or as PostgreSQL last estimated them once there are many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = 'audit_entry'::regclass")
        (estimate,) = cursor.fetchone()
    if estimate > _COUNTED_EXACTLY_UP_TO:
        return Count(estimate, is_exact=False)
    return Count(Entry.objects.count(), is_exact=True)


def get_journal_state() -> JournalState:
    """The state of the journal for the first page."""
    seal = Seal.objects.order_by("-day").first()
    since = Entry.objects.filter(id__gt=seal.through_entry_id if seal else 0).order_by()
    number = since[: _COUNTED_EXACTLY_UP_TO + 1].count()
    return JournalState(
        entries=count_entries(),
        last_seal=seal,
        since_seal=Count(number, is_exact=number <= _COUNTED_EXACTLY_UP_TO),
        verified=audit.list_entries(VERIFICATIONS).first(),
    )


def get_chain(subject_kind: str, subject_id: str, *, after: int) -> Chain | None:
    """One subject's chain from the entry behind number `after`; None when the journal knows no such subject.

    The whole chain is verified, whatever page of it is asked for.
    """
    head = ChainHead.objects.filter(subject_kind=subject_kind, subject_id=subject_id).first()
    chain = Entry.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
    entries = list(chain.filter(sequence__gt=after).order_by("sequence")[: ENTRIES_ON_A_PAGE + 1])
    if head is None and not entries and not chain.exists():
        return None
    more = len(entries) > ENTRIES_ON_A_PAGE
    entries = entries[:ENTRIES_ON_A_PAGE]
    return Chain(
        subject_kind=subject_kind,
        subject_id=subject_id,
        length=head.sequence if head else len(entries),
        reading=audit.verify((subject_kind, subject_id)),
        entries=entries,
        next_after=entries[-1].sequence if more else None,
    )


def get_subject_name(subject_kind: str, subject_id: str) -> str:
    """What a subject calls itself ("ACN C104233"); empty when it is no row, or no longer one."""
    model = find_subject_model(subject_kind)
    if model is None:
        return ""
    heavy = [field.name for field in model._meta.concrete_fields if isinstance(field, BinaryField)]
    try:
        row = model._default_manager.defer(*heavy).filter(pk=model._meta.pk.to_python(subject_id)).first()
    except (ValidationError, ValueError):
        return ""
    return str(row) if row is not None else ""


def list_chains(*, kind: str, key: str, after: tuple[str, str] | None) -> ChainPage:
    """The chains of the journal by subject, from the one behind `after`; of one kind or one key where given."""
    heads: QuerySet[ChainHead, Any] = ChainHead.objects.order_by("subject_kind", "subject_id")
    if kind:
        heads = heads.filter(subject_kind=kind)
    if key:
        heads = heads.filter(subject_id=key)
    if after:
        heads = heads.filter(Q(subject_kind__gt=after[0]) | Q(subject_kind=after[0], subject_id__gt=after[1]))
    found = list(heads[: CHAINS_ON_A_PAGE + 1])
    more = len(found) > CHAINS_ON_A_PAGE
    found = found[:CHAINS_ON_A_PAGE]
    return ChainPage(found, (found[-1].subject_kind, found[-1].subject_id) if more else None)
