"""Deadlines: set or move one, meet it, cancel it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from accounts.rules import Principal, Refused
from audit.models import Subject, identify
from audit.operations import operation, record
from deadlines import rules
from deadlines.models import Deadline
from deadlines.statuses import DeadlineStatus, OwnerKind


@operation
def set_deadline(
    *,
    subject: Subject,
    kind: str,
    says: str,
    url: str,
    owner: tuple[str, int],
    due_at: datetime,
    reminder_offsets: Iterable[int],
    by: Principal,
    at: datetime,
) -> Deadline:
    """Set the deadline of that kind for an owner, or move the open one. `owner` is a kind and an id:
    "user", "unit" or "organization".

    `says` tells the owner what to do. `reminder_offsets` are calendar days before `due_at` (negative: after)
    at the same wall-clock minute in Washington; of steps whose time has passed already the latest is sent at
    once. A deadline that is moved reminds anew. Refused: a due instant that is not in the future, an unknown
    kind of owner.
    """
    return _set(
        key=(*identify(subject), kind, *owner),
        says=says,
        url=url,
        due_at=due_at,
        offsets=sorted(set(reminder_offsets), reverse=True),
        by=by,
        at=at,
    )


def _set(
    *,
    key: tuple[str, str, str, str, int],
    says: str,
    url: str,
    due_at: datetime,
    offsets: list[int],
    by: Principal,
    at: datetime,
) -> Deadline:
    subject_kind, subject_id, kind, owner_kind, owner_id = key
    if owner_kind not in OwnerKind.values:
        raise Refused(
            f"A deadline belongs to a user, a unit or an organization, not to a {owner_kind}.",
            rule="deadlines.owner",
        )
    if due_at <= at:
        raise Refused(
            f"A deadline lies in the future: {_local(due_at)} has passed already. Choose a later time.",
            rule="deadlines.future",
            field="due_at",
        )
    instants = rules.list_reminder_instants(due_at, offsets, rules.AGENCY_ZONE.key)
    content: dict[str, Any] = {
        "says": says,
        "url": url,
        "due_at": due_at,
        "set_at": at,
        "reminder_offsets": offsets,
        "reminder_instants": instants,
        "next_reminder_at": min(instants, default=None),
    }
    found = Deadline.objects.select_for_update().filter(
        subject_kind=subject_kind,
        subject_id=subject_id,
        kind=kind,
        owner_kind=owner_kind,
        owner_id=owner_id,
        status=DeadlineStatus.OPEN,
    )
    # Most are new, so storing is tried first; where one is open already, this moves it.
    deadline = _insert(
        Deadline(
            subject_kind=subject_kind,
            subject_id=subject_id,
            kind=kind,
            owner_kind=owner_kind,
            owner_id=owner_id,
            **content,
        )
    )
    if deadline is not None:
        _record(deadline, "set_deadline", f"Set a deadline, due {_local(due_at)}: {says}", by, at)
        return deadline
    deadline = found.get()
    if (deadline.due_at, deadline.reminder_offsets) == (due_at, offsets):
        if (deadline.says, deadline.url) != (says, url):
            deadline.says, deadline.url = says, url
            deadline.save(update_fields=["says", "url"])
            _record(deadline, "reword_deadline", f"Reworded a deadline: {says}", by, at)
        return deadline
    before = deadline.due_at
    for name, value in content.items():
        setattr(deadline, name, value)
    deadline.moves += 1
    deadline.save()
    _record(
        deadline,
        "move_deadline",
        f"Moved a deadline, due {_local(due_at)} instead of {_local(before)}: {says}",
        by,
        at,
    )
    return deadline


def _insert(deadline: Deadline) -> Deadline | None:
    """Store a new deadline, or None where the same one is open. It needs no savepoint to find that out."""
    fields = [field for field in Deadline._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    values = [field.get_db_prep_save(getattr(deadline, field.attname), connection) for field in fields]
    places = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Deadline._meta.db_table} ({columns}) VALUES ({places}) ON CONFLICT DO NOTHING RETURNING id",
            values,
        )
        row = cursor.fetchone()
    if row is None:
        return None
    deadline.pk = row[0]
    return deadline


def meet_deadline(
    *, subject: Subject, kind: str, by: Principal, at: datetime, owner: tuple[str, int] | None = None
) -> int:
    """Close every open deadline of that kind (of that owner, when one is named) as met, late or not.

    Returns how many there were; none is no error.
    """
    return _close(subject, kind, DeadlineStatus.MET, "Met", "meet_deadline", owner, by, at)


def cancel_deadline(
    *, subject: Subject, kind: str, by: Principal, at: datetime, owner: tuple[str, int] | None = None
) -> int:
    """Close every open deadline of that kind (of that owner, when one is named) as no longer needed.

    Returns how many there were; none is no error.
    """
    return _close(subject, kind, DeadlineStatus.CANCELLED, "Canceled", "cancel_deadline", owner, by, at)


@operation
def _close(
    subject: Subject,
    kind: str,
    status: DeadlineStatus,
    word: str,
    verb: str,
    owner: tuple[str, int] | None,
    by: Principal,
    at: datetime,
) -> int:
    subject_kind, subject_id = identify(subject)
    found = Deadline.objects.select_for_update().filter(
        subject_kind=subject_kind, subject_id=subject_id, kind=kind, status=DeadlineStatus.OPEN
    )
    if owner is not None:
        found = found.filter(owner_kind=owner[0], owner_id=owner[1])
    closed = list(found.order_by("id"))
    for deadline in closed:
        deadline.status, deadline.closed_at, deadline.next_reminder_at = status, at, None
        deadline.save(update_fields=["status", "closed_at", "next_reminder_at"])
        late = " after it was due" if at > deadline.due_at and status == DeadlineStatus.MET else ""
        _record(deadline, verb, f"{word} a deadline{late}: {deadline.says}", by, at)
    return len(closed)


def _record(deadline: Deadline, verb: str, says: str, by: Principal, at: datetime) -> None:
    record(
        subject=(deadline.subject_kind, deadline.subject_id),
        verb=verb,
        says=says,
        by=by,
        at=at,
        data={
            "deadline": deadline.pk,
            "kind": deadline.kind,
            "owner": [deadline.owner_kind, deadline.owner_id],
            "due_at": deadline.due_at,
            "reminder_offsets": deadline.reminder_offsets,
        },
    )


def _local(instant: datetime) -> str:
    """The instant as Washington's clocks show it."""
    local = instant.astimezone(rules.AGENCY_ZONE)
    if (local.hour, local.minute) == (0, 0):
        # Midnight is read as either end of a day: name the day that is over then.
        before = local - timedelta(days=1)
        return f"by the end of {before:%B} {before.day}, {before:%Y}"
    return f"{local:%B} {local.day}, {local:%Y at %I:%M %p}".replace(" at 0", " at ")
