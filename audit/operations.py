"""Writing the journal: `record` for each act, `seal_journal` once a day."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Model

from audit.models import Entry
from audit.rules import Actor

Subject = Model | tuple[str, str]


class Principal(Protocol):
    """Anything that acts."""

    @property
    def actor(self) -> Actor:
        """Who acted, as the journal writes it down."""


_INSERT = """
INSERT INTO audit_entry (id, subject_kind, subject_id, sequence, at, actor_kind, actor_id, actor_label,
                         verb, says, data, covers, previous_hash, hash)
VALUES (0, %s, %s, 0, %s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, '', '')
RETURNING id, sequence, covers::text, previous_hash, hash
"""


def identify(subject: Subject) -> tuple[str, str]:
    """The kind and the id under which the journal knows a subject: ("licensing.case", "42")."""
    if isinstance(subject, Model):
        return subject._meta.label_lower, str(subject.pk)
    return subject


def record(
    *,
    subject: Subject,
    verb: str,
    says: str,
    by: Principal,
    at: datetime,
    data: Mapping[str, Any] | None = None,
    covers: Iterable[Model] = (),
) -> Entry:
    """Write down that `by` did something to the subject, in one round trip; call it in the act's transaction.

    `says` is the sentence a reader gets, `data` what a program may need. `covers` are saved rows of history
    tables: the entry keeps a hash of each as it is stored now, and verification recomputes them.
    """
    subject_kind, subject_id = identify(subject)
    actor = by.actor
    content = dict(data or {})
    covered = [{"table": row._meta.db_table, "id": str(row.pk)} for row in covers]
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                subject_kind,
                subject_id,
                at,
                actor.kind,
                actor.id,
                actor.label,
                verb,
                says,
                json.dumps(content, cls=DjangoJSONEncoder),
                json.dumps(covered),
            ],
        )
        entry_id, sequence, covers_text, previous_hash, entry_hash = cursor.fetchone()
    entry = Entry(
        id=entry_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
        sequence=sequence,
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        verb=verb,
        says=says,
        data=content,
        covers=json.loads(covers_text),
        previous_hash=previous_hash,
        hash=entry_hash,
    )
    entry._state.adding = False
    entry._state.db = connection.alias
    return entry
