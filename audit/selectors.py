"""Reading the journal."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from audit.models import Entry, Subject, identify
from audit.rules import ChainReading
from audit.verification import verify_chain

_LISTED = ("id", "subject_kind", "subject_id", "sequence", "at", "actor_kind", "actor_label", "verb", "says")


def list_entries(subject: Subject) -> QuerySet[Entry]:
    """What was done to one subject, newest first; the hashes, the data and the covered rows stay unread."""
    subject_kind, subject_id = identify(subject)
    entries = Entry.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
    return entries.order_by("-sequence").only(*_LISTED)


def list_entries_of(subjects: Iterable[Subject]) -> QuerySet[Entry]:
    """What was done to several subjects, newest first, in one query."""
    by_kind: dict[str, list[str]] = {}
    for subject in subjects:
        subject_kind, subject_id = identify(subject)
        by_kind.setdefault(subject_kind, []).append(subject_id)
    wanted = Q(pk__in=[])
    for subject_kind, subject_ids in by_kind.items():
        wanted |= Q(subject_kind=subject_kind, subject_id__in=subject_ids)
    return Entry.objects.filter(wanted).order_by("-id").only(*_LISTED)


def verify(subject: Subject) -> ChainReading:
    """Whether one subject's chain is unbroken from its first entry to its head, in words."""
    return verify_chain(*identify(subject))
