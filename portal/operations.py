"""What an exporter sends once is done once, by program and by page; and what a program does in one call."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts.models import ApiKey, User
from accounts.rules import Refused
from audit.operations import operation
from licensing import operations
from licensing.models import Application
from licensing.permissions import check_is_exporter
from portal.models import SentForm, StoredAnswer

# How long a repeated request gets its stored answer. A choice of this service; no law asks for it.
REMEMBERED = timedelta(days=30)
FORGOTTEN_AT_ONCE = 1000

# The statement sees what was committed before it began, so an answer that is stored between that instant and the
# lock escapes it; storing the own answer then finds that one, and nothing is done.
_LOCK_AND_READ = """
SELECT pg_try_advisory_xact_lock(%s), stored.request_hash, stored.status, stored.body, stored.location
FROM (SELECT) AS always LEFT JOIN portal_storedanswer AS stored ON stored.organization_id = %s AND stored.key = %s
"""
_STORE = """
INSERT INTO portal_storedanswer (organization_id, key, api_key_id, request_hash, status, body, location, at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (organization_id, key) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write answered: its status, its body as JSON text, and where what it made is found."""

    status: int
    body: str
    location: str = ""
    replayed: bool = False


class Busy(Refused):
    """The same request is being carried out at this moment."""


class KeyTaken(Refused):
    """The idempotency key stands for another request."""


@operation
def answer_once(*, key: str, request_hash: str, act: Callable[[], Answer], by: ApiKey, at: datetime) -> Answer:
    """Carry out a write once for its idempotency key: the same request again gets the stored answer.

    The answer is stored in the transaction of the write, so there is never one without the other; a write that
    was refused stores nothing and leaves its key free. Raises Busy while the same key is being worked on and
    KeyTaken where it stands for another request.
    """
    lock = hashlib.sha256(f"portal.answer:{by.organization_id}:{key}".encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_AND_READ, [int.from_bytes(lock, signed=True), by.organization_id, key])
        free, stored_hash, status, body, location = cursor.fetchone()
    if stored_hash is not None:
        if stored_hash != request_hash:
            raise KeyTaken(
                "This idempotency key was used for another request: another address, or another content. Nothing "
                "was done. Send this request under a key of its own.",
                rule="idempotency.same_request",
                field="Idempotency-Key",
            )
        return Answer(status=status, body=body, location=location, replayed=True)
    if not free:
        raise _busy()
    answer = act()
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE,
            [by.organization_id, key, by.pk, request_hash, answer.status, answer.body, answer.location, at],
        )
        if not cursor.rowcount:
            raise _busy()
    return answer


def _busy() -> Busy:
    return Busy(
        "A request with this idempotency key is being carried out at this moment. Send it again in a second: "
        "you will get its answer.",
        rule="idempotency.in_progress",
    )


def forget_answers(*, at: datetime) -> int:
    """Delete up to FORGOTTEN_AT_ONCE stored answers that are older than REMEMBERED at `at`; returns how many.

    Their keys are free again. Rows that another process is deleting are left to it.
    """
    with transaction.atomic():
        old = (
            StoredAnswer.objects.select_for_update(skip_locked=True)
            .filter(at__lt=at - REMEMBERED)
            .order_by("at")
            .values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE]
        )
        return StoredAnswer.objects.filter(pk__in=list(old)).delete()[0]


def forget_forms(*, at: datetime) -> int:
    """Delete the marks of forms that were carried out more than REMEMBERED before `at`; returns how many."""
    return SentForm.objects.filter(at__lt=at - REMEMBERED).delete()[0]


@dataclass(frozen=True, slots=True)
class Sent:
    """Where what a form made is found, and whether an earlier sending had made it already."""

    made: str
    repeated: bool = False


@operation
def send_once(*, key: str, act: Callable[[], str], by: User, at: datetime) -> Sent:
    """Carry out a form once for its key (64 hexadecimal digits): sent again, it answers with what was made.

    `act` makes it and answers with its address. A form that arrives while the same one is being carried out
    waits at the constraint for its end, so two clicks in one instant make one thing. What was refused stores
    nothing and may be sent again. Raises NotPermitted for anybody who is not an exporter's.
    """
    check_is_exporter(by)
    sent, is_new = SentForm.objects.get_or_create(
        organization_id=by.organization_id, key=key, defaults={"made": "", "at": at}
    )
    if not is_new:
        return Sent(made=sent.made, repeated=True)
    made = act()
    SentForm.objects.filter(pk=sent.pk).update(made=made)
    return Sent(made=made)


@operation
def start_whole_draft(*, content: Mapping[str, Any], by: ApiKey, at: datetime) -> Application:
    """Begin a draft with everything in it. Raises NotPermitted and Refused as the steps do; then nothing is kept."""
    application = operations.start_application(organization=by.organization, by=by, at=at)
    return replace_draft(application=application, content=content, version=application.version, by=by, at=at)


@operation
def replace_draft(
    *, application: Application, content: Mapping[str, Any], version: int, by: ApiKey, at: datetime
) -> Application:
    """Put a whole content in place of a draft's: all of its steps, or, where one is refused, none of them.

    `content` has the parties, installation, items, end_use and safeguards that the steps take. Documents stay.
    Raises Stale unless `version` is the current one.
    """
    draft = operations.save_parties(application=application, parties=content["parties"], version=version, by=by, at=at)
    draft = operations.save_installation(
        application=draft, installation=content["installation"], version=draft.version, by=by, at=at
    )
    draft = operations.save_items(application=draft, items=content["items"], version=draft.version, by=by, at=at)
    draft = operations.save_end_use(application=draft, end_use=content["end_use"], version=draft.version, by=by, at=at)
    return operations.save_safeguards(
        application=draft, safeguards=content["safeguards"], version=draft.version, by=by, at=at
    )
