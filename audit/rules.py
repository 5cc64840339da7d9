"""How the journal is sealed against change: pure functions of text, without a database.

Every hash is SHA-256, in hex, over fields written one after the other as `<octet length>:<UTF-8 bytes>;`. The
length in front makes the sum unambiguous: no two different lists of fields give the same bytes.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted, as the journal writes it down: it stays readable when the account is long gone."""

    kind: str
    id: str
    label: str

    @property
    def actor(self) -> "Actor":
        """An actor is its own actor, so that it can be passed as `by=` like any principal."""
        return self


def canonical(fields: Iterable[str]) -> bytes:
    """The fields as unambiguous bytes: each as `<octet length>:<UTF-8 bytes>;`."""
    written = []
    for field in fields:
        octets = field.encode()
        written.append(b"%d:%s;" % (len(octets), octets))
    return b"".join(written)


def digest(fields: Iterable[str]) -> str:
    """SHA-256 in hex over the canonical bytes of the fields."""
    return hashlib.sha256(canonical(fields)).hexdigest()


def instant(at: datetime) -> str:
    """An instant as whole microseconds since 1970 in UTC: the same text in every time zone."""
    return str((at - _EPOCH) // _MICROSECOND)


@dataclass(frozen=True, slots=True)
class EntryContent:
    """One journal entry as its hash covers it; `data` and `covers` are PostgreSQL's own text of the JSONB."""

    id: int
    subject_kind: str
    subject_id: str
    sequence: int
    at: datetime
    actor_kind: str
    actor_id: str
    actor_label: str
    verb: str
    says: str
    data: str
    covers: str
    previous_hash: str


def entry_hash(entry: EntryContent) -> str:
    """The hash that an entry with this content must carry."""
    return digest(
        (
            "entry",
            str(entry.id),
            entry.subject_kind,
            entry.subject_id,
            str(entry.sequence),
            instant(entry.at),
            entry.actor_kind,
            entry.actor_id,
            entry.actor_label,
            entry.verb,
            entry.says,
            entry.data,
            entry.covers,
            entry.previous_hash,
        )
    )


class JournalBusy(Exception):
    """The journal cannot be sealed yet: a transaction that writes it has stayed open too long."""


@dataclass(frozen=True, slots=True)
class ChainReading:
    """What verifying one chain found: how many entries it has, whether it is intact, and a sentence on it."""

    entries: int
    intact: bool
    says: str


@dataclass(frozen=True, slots=True)
class SealContent:
    """One seal as its hash covers it."""

    day: str
    at: datetime
    through_entry_id: int
    chains: int
    merkle_root: str
    previous_hash: str


def seal_hash(seal: SealContent) -> str:
    """The hash that a seal with this content must carry."""
    return digest(
        (
            "seal",
            seal.day,
            instant(seal.at),
            str(seal.through_entry_id),
            str(seal.chains),
            seal.merkle_root,
            seal.previous_hash,
        )
    )


def chain_leaf(subject_kind: str, subject_id: str, sequence: int, head: str) -> bytes:
    """The canonical bytes of one chain's head, as a leaf of a seal's Merkle tree."""
    return canonical((subject_kind, subject_id, str(sequence), head))


def merkle_root(leaves: Iterable[bytes]) -> str:
    """The Merkle root over the leaves in their order, in hex (the tree of RFC 6962).

    Leaves and inner nodes are hashed with different first bytes, so that neither can pass for the other. The
    leaves are read once and only one node for each level is kept, however many there are. The root of no
    leaves is the hash of nothing.
    """
    levels: list[bytes | None] = []
    for leaf in leaves:
        node = hashlib.sha256(b"\x00" + leaf).digest()
        for level, left in enumerate(levels):
            if left is None:
                levels[level] = node
                break
            node = hashlib.sha256(b"\x01" + left + node).digest()
            levels[level] = None
        else:
            levels.append(node)
    root: bytes | None = None
    for left in levels:
        if left is not None:
            root = left if root is None else hashlib.sha256(b"\x01" + left + root).digest()
    return (hashlib.sha256(b"").digest() if root is None else root).hex()
