"""What a seal is taken over: the heads of the chains that grew since the seal before.

A table of chains has a growing `id`, a `sequence` and a `hash`. The journal's own is one; other apps register
theirs with `audit.verification.register`, and each seal then covers them too.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from audit import rules

_POLL_SECONDS = 0.02
_POLLS = 3000  # one minute
_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Chains:
    """A table that holds hash chains: `kind` and `key` are the SQL that names the chain a row belongs to."""

    table: str
    kind: str
    key: str


JOURNAL = Chains(table="audit_entry", kind="subject_kind", key="subject_id")


@dataclass(frozen=True, slots=True)
class Reach:
    """The heads of all chains that grew up to the row `through`: how many, and their Merkle root."""

    through: int
    chains: int
    root: str


def settle(chains: Chains) -> int:
    """Wait until no open transaction can still add a row up to the newest number; answers with that row's id.

    A number is drawn before its row can be seen. Whoever drew one holds a write lock on the table until the
    transaction ends, so it is enough to wait for those who hold it now; nobody is kept from writing. Raises
    `JournalBusy` after a minute.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT last_value FROM {chains.table}_id_seq")
        (drawn,) = cursor.fetchone()
        cursor.execute(
            "SELECT array_agg(virtualtransaction) FROM pg_locks WHERE relation = %s::regclass"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND mode = 'RowExclusiveLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid()",
            [chains.table],
        )
        (writers,) = cursor.fetchone()
        for _ in range(_POLLS):
            if not writers:
                break
            time.sleep(_POLL_SECONDS)
            cursor.execute(
                "SELECT array_agg(virtualtransaction) FROM pg_locks WHERE relation = %s::regclass"
                " AND mode = 'RowExclusiveLock' AND virtualtransaction = ANY(%s)",
                [chains.table, writers],
            )
            (writers,) = cursor.fetchone()
        else:
            raise rules.JournalBusy(
                "The journal was not sealed: a transaction that writes it has been open for over a minute."
                " Sealing again once it has ended will work."
            )
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {chains.table} WHERE id <= %s", [drawn])
        (through,) = cursor.fetchone()
    return int(through)


def reach(chains: Chains, after: int, through: int) -> Reach:
    """The heads, as of the row `through`, of the chains that have rows after `after`; in constant memory."""
    counted = 0

    def leaves() -> Iterator[bytes]:
        nonlocal counted
        with connection.chunked_cursor() as cursor:
            cursor.execute(
                'SELECT DISTINCT ON (kind COLLATE "C", key COLLATE "C") kind, key, sequence, hash'
                f" FROM (SELECT {chains.kind} AS kind, {chains.key} AS key, sequence, hash, id"
                f" FROM {chains.table} WHERE id > %s AND id <= %s) AS grown"
                ' ORDER BY kind COLLATE "C", key COLLATE "C", id DESC',
                [after, through],
            )
            while rows := cursor.fetchmany(_CHUNK):
                for kind, key, sequence, head in rows:
                    counted += 1
                    yield rules.chain_leaf(kind, key, sequence, head)

    root = rules.merkle_root(leaves())
    return Reach(through=through, chains=counted, root=root)
