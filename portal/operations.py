"""What an exporter's program does in one call: a whole draft at once, and each write once only."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import ApiKey
from accounts.rules import Refused
from audit.operations import operation
from licensing import operations
from licensing.models import Application
from portal.models import StoredAnswer


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
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(lock, signed=True)])
        free = cursor.fetchone()[0]
    if not free:
        raise Busy(
            "A request with this idempotency key is being carried out at this moment. Send it again in a second: "
            "you will get its answer.",
            rule="idempotency.in_progress",
        )
    stored = StoredAnswer.objects.filter(organization=by.organization_id, key=key).first()
    if stored is not None:
        if stored.request_hash != request_hash:
            raise KeyTaken(
                "This idempotency key was used for another request: another address, or another content. Nothing "
                "was done. Send this request under a key of its own.",
                rule="idempotency.same_request",
                field="Idempotency-Key",
            )
        return Answer(status=stored.status, body=stored.body, location=stored.location, replayed=True)
    answer = act()
    StoredAnswer.objects.create(
        organization_id=by.organization_id,
        key=key,
        api_key=by,
        request_hash=request_hash,
        status=answer.status,
        body=answer.body,
        location=answer.location,
        at=at,
    )
    return answer


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
