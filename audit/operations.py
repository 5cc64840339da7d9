"""Writing the journal: `record` for each act, `seal_journal` once a day."""

import json
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import Model

from audit import rules, seals, verification
from audit.models import Entry, Seal, Subject, identify
from audit.rules import Actor

_JSON = DjangoJSONEncoder()


class Principal(Protocol):
    """Anything that acts."""

    @property
    def actor(self) -> Actor:
        """Who acted, as the journal writes it down."""


_INTO = """
INSERT INTO audit_entry (id, subject_kind, subject_id, sequence, at, actor_kind, actor_id, actor_label,
                         verb, says, data, covers, previous_hash, hash)
VALUES """
_ROW = "(0, %s, %s, 0, %s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, '', '')"


# What the running operation has to write down; it is written in one statement at its end.
_pending: ContextVar[list[list[Any]] | None] = ContextVar("audit_pending", default=None)

P = ParamSpec("P")
R = TypeVar("R")


def operation(act: Callable[P, R]) -> Callable[P, R]:
    """Make a function one act: all of it happens or nothing, and its journal entries are written together.

    Called inside another operation it is part of that one, without a transaction or a savepoint of its own.
    So an operation never goes on after a part of it was refused.
    """

    @wraps(act)
    def whole(*args: P.args, **kwargs: P.kwargs) -> R:
        if _pending.get() is not None:
            return act(*args, **kwargs)
        token = _pending.set([])
        try:
            with transaction.atomic():
                result = act(*args, **kwargs)
                _write(_pending.get() or [])
                return result
        finally:
            _pending.reset(token)

    return whole


def _write(rows: list[list[Any]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_INTO + ", ".join([_ROW] * len(rows)), [value for row in rows for value in row])


def write_json(content: Mapping[str, Any]) -> str:
    """The text of an entry's data: dates, decimals and identifiers as Django writes them."""
    return _JSON.encode(content)


def record(
    *,
    subject: Subject,
    verb: str,
    says: str,
    by: Principal,
    at: datetime,
    data: Mapping[str, Any] | None = None,
    covers: Iterable[Model] = (),
) -> None:
    """Write down that `by` did something to the subject, in one round trip; call it in the act's transaction.

    `says` is the sentence a reader gets, `data` what a program may need. `covers` are saved rows of history
    tables: the entry keeps a hash of each as it is stored, and verification recomputes them.

    Inside an `operation` the entry is written at the end of the act, together with its others.
    """
    subject_kind, subject_id = identify(subject)
    actor = by.actor
    content = dict(data or {})
    covered = [{"table": row._meta.db_table, "id": str(row.pk)} for row in covers]
    row: list[Any] = [
        subject_kind,
        subject_id,
        at,
        actor.kind,
        actor.id,
        actor.label,
        verb,
        says,
        write_json(content),
        json.dumps(covered),
    ]
    pending = _pending.get()
    if pending is None:
        _write([row])
    else:
        pending.append(row)


SEALS = ("audit.seal", "all")
_SEALER = Actor(kind="system", id="seal", label="Daily seal")


def seal_journal(*, at: datetime) -> Seal | None:
    """Seal every chain that grew since the last seal, for the UTC day of `at`; once a day, again is the same.

    Waits for the transactions that are writing the journal now, so that nothing can still slip in under the
    seal. The seal itself is written into the journal, with the reach of the other sealed chains, so that
    taking the last seal away shows too. None when the journal is empty. Raises `audit.rules.JournalBusy`.
    """
    day = at.astimezone(UTC).date()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE audit_seal IN SHARE ROW EXCLUSIVE MODE")
        last = Seal.objects.order_by("-day").first()
        if last is not None and last.day >= day:
            return Seal.objects.filter(day=day).first()
        through = seals.settle(seals.JOURNAL)
        if through == 0:
            return None
        sealed = seals.reach(seals.JOURNAL, last.through_entry_id if last else 0, through)
        previous_hash = last.hash if last else ""
        seal = Seal.objects.create(
            day=day,
            at=at,
            through_entry_id=sealed.through,
            chains=sealed.chains,
            merkle_root=sealed.root,
            previous_hash=previous_hash,
            hash=rules.seal_hash(
                rules.SealContent(
                    day=day.isoformat(),
                    at=at,
                    through_entry_id=sealed.through,
                    chains=sealed.chains,
                    merkle_root=sealed.root,
                    previous_hash=previous_hash,
                )
            ),
        )
        record(
            subject=SEALS,
            verb="sealed",
            says=f"{sealed.chains:,} {'chain' if sealed.chains == 1 else 'chains'} sealed"
            f" through entry {sealed.through:,}",
            by=_SEALER,
            at=at,
            data={"seal": seal.hash, "others": _seal_others()},
            covers=[seal],
        )
        return seal


def _seal_others() -> dict[str, dict[str, Any]]:
    """The reach of every other registered table of chains, each from where the last seal left it."""
    before = (
        Entry.objects.filter(subject_kind=SEALS[0], subject_id=SEALS[1])
        .order_by("-sequence")
        .values_list("data", flat=True)
        .first()
    ) or {}
    reached: dict[str, dict[str, Any]] = {}
    for name, chains in verification.sealed_chains().items():
        after = before.get("others", {}).get(name, {}).get("through", 0)
        reach = seals.reach(chains, after, seals.settle(chains))
        reached[name] = {"through": reach.through, "chains": reach.chains, "root": reach.root}
    return reached
