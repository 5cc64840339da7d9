"""Proving the journal: every entry, head, seal and covered row is read again and its hash computed anew.

The hashes are computed here in Python, not with the SQL that wrote them, so that neither has to be trusted
alone. Rows are streamed: memory does not grow with the journal. Apps with chains of their own `register`.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from audit import rules, seals
from audit.models import Seal

_CHUNK = 2000
_COVERS_CHUNK = 100

# What the text of a row depends on besides the row; audit_cover() runs under the same.
_SESSION = """
SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres';
SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1;
"""


class Broken(Exception):
    """The first thing found that is not as it was written, in words."""


@dataclass(slots=True)
class Report:
    """What was checked, and what was found broken: one line for each part."""

    lines: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        """Whether nothing was found broken."""
        return not self.broken

    def check(self, name: str, walk: Callable[[], str]) -> bool:
        """Run one check: it says what it went through, or raises `Broken` at the first thing wrong."""
        try:
            self.lines.append(f"{name}: {walk()}, intact.")
        except Broken as found:
            self.lines.append(f"{name}: NOT INTACT. {found}")
            self.broken.append(f"{name}: {found}")
            return False
        return True


Check = Callable[[Report], None]
_CHECKS: dict[str, Check] = {}
_SEALED: dict[str, seals.Chains] = {}


def register(name: str, check: Check, chains: seals.Chains | None = None) -> None:
    """Have `check` run with every verification; with `chains`, each seal covers that table's chains too.

    Call it from `AppConfig.ready`. `check` calls `report.check(title, walk)`.
    """
    _CHECKS[name] = check
    if chains is not None:
        _SEALED[name] = chains


def sealed_chains() -> dict[str, seals.Chains]:
    """The registered tables that every seal covers, by name, in a fixed order."""
    return dict(sorted(_SEALED.items()))


def verify() -> Report:
    """Read everything again, in one snapshot, and report what is intact and what is not."""
    report = Report()
    with snapshot():
        if report.check("Journal", verify_journal):
            report.check("Seals", verify_seals)
            report.check("Covered rows", verify_covered_rows)
        else:
            report.lines.append("Seals, covered rows: not checked, since they rest on the journal.")
        for name in sorted(_CHECKS):
            verify_registered(name, report)
    return report


def verify_registered(name: str, report: Report) -> None:
    """Run one registered check."""
    _CHECKS[name](report)


@contextmanager
def snapshot() -> Iterator[None]:
    """One state of the database for everything read inside, and the same text of a row in every session."""
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(_SESSION)
        yield


def stream(sql: str, params: list[Any], size: int = _CHUNK) -> Iterator[tuple[Any, ...]]:
    """The rows of a query through a server-side cursor."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(size):
            yield from rows


_ENTRIES = """
SELECT e.id, e.subject_kind, e.subject_id, e.sequence, e.at, e.actor_kind, e.actor_id, e.actor_label, e.verb,
       e.says, e.data::text, e.covers::text, e.previous_hash, e.hash, h.sequence, h.hash
FROM audit_entry e LEFT JOIN audit_chainhead h
    ON h.subject_kind = e.subject_kind AND h.subject_id = e.subject_id
{where}
ORDER BY e.subject_kind, e.subject_id, e.sequence
"""
_HEADS_ALONE = """
SELECT h.subject_kind, h.subject_id, h.sequence FROM audit_chainhead h
WHERE NOT EXISTS (SELECT FROM audit_entry e
                  WHERE e.subject_kind = h.subject_kind AND e.subject_id = h.subject_id)
{where}
ORDER BY h.subject_kind, h.subject_id LIMIT 1
"""


def verify_journal() -> str:
    """Walk every chain from its first entry to its head."""
    entries, chains = _walk(_ENTRIES.format(where=""), _HEADS_ALONE.format(where=""), [])
    return f"{_count(entries, 'entry', 'entries')} in {_count(chains, 'chain', 'chains')}"


def verify_chain(subject_kind: str, subject_id: str) -> rules.ChainReading:
    """Walk one subject's chain."""
    params = [subject_kind, subject_id]
    # What is found is said inside: the rows still streaming are let go of before their transaction ends.
    with snapshot():
        try:
            entries, _ = _walk(
                _ENTRIES.format(where="WHERE e.subject_kind = %s AND e.subject_id = %s"),
                _HEADS_ALONE.format(where="AND h.subject_kind = %s AND h.subject_id = %s"),
                params,
            )
        except Broken as found:
            return rules.ChainReading(entries=0, intact=False, says=str(found))
    return rules.ChainReading(
        entries=entries,
        intact=True,
        says=f"{_count(entries, 'entry', 'entries')}, unbroken from first to last.",
    )


def _walk(entries_sql: str, heads_sql: str, params: list[Any]) -> tuple[int, int]:
    """Check the chains of a query; how many entries and chains there were."""
    entries = chains = 0
    for (subject_kind, subject_id), rows in groupby(stream(entries_sql, params), key=lambda row: row[1:3]):
        chains += 1
        entries += _walk_chain(f"{subject_kind} {subject_id}", rows)
    for subject_kind, subject_id, sequence in stream(heads_sql, params):
        raise Broken(
            f"All {sequence:,} entries of {subject_kind} {subject_id} are missing: only the head of their"
            " chain is left."
        )
    return entries, chains


def _walk_chain(name: str, rows: Iterator[tuple[Any, ...]]) -> int:
    """Check one chain, entry after entry, and that it ends where its head says."""
    sequence, previous_hash, previous_id = 0, "", 0
    head: tuple[int | None, str] = (None, "")
    for *content, entry_hash, head_sequence, head_hash in rows:
        head = (head_sequence, head_hash)
        entry = rules.EntryContent(*content)
        if entry.sequence != sequence + 1:
            raise Broken(f"Entry {sequence + 1:,} of {name} is missing: the next one is number {entry.sequence:,}.")
        if rules.entry_hash(entry) != entry_hash:
            raise Broken(
                f"Entry {entry.sequence:,} of {name} was altered: its content no longer gives the hash it was"
                f" written with."
            )
        if entry.previous_hash != previous_hash or entry.id <= previous_id:
            raise Broken(
                f"Entry {entry.sequence:,} of {name} does not follow the one before it: the chain was"
                f" reordered, or the entry before it replaced."
            )
        sequence, previous_hash, previous_id = entry.sequence, entry_hash, entry.id
    last, last_hash = head
    if last is None:
        raise Broken(f"The head of the chain of {name} is missing: {sequence:,} entries stand without it.")
    if last > sequence:
        raise Broken(f"Entry {sequence + 1:,} of {name} is missing: its chain has {last:,} entries by its head.")
    if last != sequence or last_hash != previous_hash:
        raise Broken(f"The head of the chain of {name} was altered: it does not name its last entry, {sequence:,}.")
    return sequence


def verify_seals() -> str:
    """Walk the seals: each follows the one before, and the heads it was taken over are still those."""
    count, last_hash, through = 0, "", 0
    others = dict.fromkeys(_SEALED, 0)
    acts = stream(
        "SELECT data::text FROM audit_entry WHERE subject_kind = 'audit.seal' AND subject_id = 'all' ORDER BY sequence",
        [],
    )
    for seal in Seal.objects.order_by("day").iterator(chunk_size=_CHUNK):
        name = f"The seal of {seal.day:%B %-d, %Y}"
        content = rules.SealContent(
            day=seal.day.isoformat(),
            at=seal.at,
            through_entry_id=seal.through_entry_id,
            chains=seal.chains,
            merkle_root=seal.merkle_root,
            previous_hash=seal.previous_hash,
        )
        if rules.seal_hash(content) != seal.hash:
            raise Broken(f"{name} was altered: its content no longer gives the hash it was written with.")
        if seal.previous_hash != last_hash:
            raise Broken(f"{name} does not follow the one before it: a seal is missing or was replaced.")
        reach = seals.reach(seals.JOURNAL, through, seal.through_entry_id)
        if (reach.chains, reach.root) != (seal.chains, seal.merkle_root):
            raise Broken(
                f"{name} no longer fits the journal: of the entries numbered {through + 1:,} to"
                f" {seal.through_entry_id:,}, which it sealed, one was altered, added or removed. It sealed"
                f" {_count(seal.chains, 'chain', 'chains')}; now there {'is' if reach.chains == 1 else 'are'}"
                f" {reach.chains:,}."
            )
        (act,) = next(acts, ("{}",))
        _verify_act(name, seal, json.loads(act), others)
        count, last_hash, through = count + 1, seal.hash, seal.through_entry_id
    if next(acts, None) is not None:
        raise Broken("The last seal is missing: the journal says that one more was taken.")
    return _count(count, "seal", "seals")


def _verify_act(name: str, seal: Seal, act: dict[str, Any], others: dict[str, int]) -> None:
    """Check the journal's own entry about a seal, and the other chains that the seal reached."""
    if act.get("seal") != seal.hash:
        raise Broken(f"{name} is not the one that the journal says was taken.")
    for other, chains in sealed_chains().items():
        then = act["others"].get(other)
        if then is None:
            continue
        reach = seals.reach(chains, others[other], then["through"])
        if (reach.chains, reach.root) != (then["chains"], then["root"]):
            raise Broken(
                f"{name} no longer fits the {other}: of the entries numbered {others[other] + 1:,} to"
                f" {then['through']:,}, which it sealed, one was altered, added or removed."
            )
        others[other] = then["through"]


@dataclass(frozen=True, slots=True)
class _Table:
    """A covered table as it is now: its key and its columns."""

    key: str
    key_type: str
    columns: frozenset[str]


def verify_covered_rows() -> str:
    """Hash every row that an entry covers again, and look for rows of covered tables that no entry covers."""
    tables: dict[str, _Table | None] = {}
    covered = 0
    batch: list[tuple[str, dict[str, Any]]] = []
    rows = stream(
        "SELECT e.subject_kind || ' ' || e.subject_id, e.sequence, e.covers::text FROM audit_entry e"
        " WHERE e.covers <> '[]'::jsonb ORDER BY e.id",
        [],
        _COVERS_CHUNK,
    )
    for subject, sequence, covers in rows:
        for cover in json.loads(covers):
            batch.append((f"entry {sequence:,} of {subject}", cover))
            covered += 1
        if len(batch) >= _COVERS_CHUNK:
            _check_covers(batch, tables)
            batch.clear()
    _check_covers(batch, tables)
    for model in apps.get_models():
        if getattr(model, "audit_covered", False):
            _check_all_covered(model._meta.db_table, tables)
    return _count(covered, "row", "rows")


def _check_covers(batch: list[tuple[str, dict[str, Any]]], tables: dict[str, _Table | None]) -> None:
    """Compare a batch of covers with the rows as they are now: one query for each table and its columns."""
    grouped: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for _, cover in batch:
        grouped.setdefault((cover["table"], tuple(cover["columns"])), []).append(cover["id"])
    now: dict[tuple[str, tuple[str, ...], str], str] = {}
    for (name, columns), ids in grouped.items():
        table = _look_at(name, tables)
        if table is None:
            raise Broken(f'The table "{name}", whose rows the journal covers, is missing.')
        if gone := set(columns) - table.columns:
            raise Broken(f'The column "{min(gone)}" of "{name}", which the journal covers, is missing.')
        for key, row in _read_rows(name, table, columns, ids):
            now[name, columns, key] = hashlib.sha256(row.encode()).hexdigest()
    for where, cover in batch:
        found = now.get((cover["table"], tuple(cover["columns"]), cover["id"]))
        if found is None:
            raise Broken(f'Row {cover["id"]} of "{cover["table"]}", covered by {where}, is missing.')
        if found != cover["sha256"]:
            raise Broken(f'Row {cover["id"]} of "{cover["table"]}", covered by {where}, was altered.')


def _read_rows(name: str, table: _Table, columns: tuple[str, ...], ids: list[str]) -> Iterator[tuple[str, str]]:
    quote = connection.ops.quote_name
    listed = ", ".join(f"kept.{quote(column)}" for column in columns)
    key = f"kept.{quote(table.key)}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}::text, (SELECT row_to_json(covered)::text FROM (SELECT {listed}) AS covered)"
            f" FROM {quote(name)} AS kept WHERE {key} = ANY(%s::text[]::{table.key_type}[])",
            [ids],
        )
        yield from cursor.fetchall()


def _check_all_covered(name: str, tables: dict[str, _Table | None]) -> None:
    table = _look_at(name, tables)
    if table is None:
        raise Broken(f'The table "{name}", whose rows the journal covers, is missing.')
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {quote(table.key)}::text FROM {quote(name)} EXCEPT"
            " SELECT cover ->> 'id' FROM audit_entry e, jsonb_array_elements(e.covers) AS cover"
            " WHERE e.covers <> '[]'::jsonb AND cover ->> 'table' = %s LIMIT 1",
            [name],
        )
        for (key,) in cursor.fetchall():
            raise Broken(f'Row {key} of "{name}" is covered by no entry of the journal: it was written past it.')


def _look_at(name: str, tables: dict[str, _Table | None]) -> _Table | None:
    """The table's key and columns, read once."""
    if name not in tables:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT a.attname, format_type(a.atttypid, NULL), a.attnum = i.indkey[0] FROM pg_attribute a"
                " JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary"
                " WHERE a.attrelid = to_regclass(quote_ident(%s)) AND a.attnum > 0 AND NOT a.attisdropped",
                [name],
            )
            columns = cursor.fetchall()
        keys = [(column, kind) for column, kind, is_key in columns if is_key]
        tables[name] = _Table(keys[0][0], keys[0][1], frozenset(column for column, _, _ in columns)) if keys else None
    return tables[name]


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
