"""
Supplements of editions: what the tracks of a license go by (limits, undertakings, checklists, measures).

A supplement names the editions that it completes. It changes no determination: it can neither replace a value
that an edition has nor touch its tiers, statuses and requirements.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rulebook.rules.blocks import Block, EditionError, unsourced
from rulebook.rules.editions import Sourced
from rulebook.rules.sources import read_yaml


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a supplement's list: an undertaking, a question of a checklist, a condition, a track."""

    id: str
    title: str
    says: str
    source: str
    note: str
    fields: Mapping[str, Any]

    def get(self, name: str, default: Any = None) -> Any:
        """A field of this entry that not every list has, such as `mandatory`."""
        return self.fields.get(name, default)


@dataclass(frozen=True, slots=True)
class Supplement:
    """What completes some editions from a day on. A later one replaces single values and whole lists."""

    id: str
    title: str
    editions: tuple[str, ...]
    effective_from: date
    process: Mapping[str, Sourced]
    lists: Mapping[str, tuple[Row, ...]]
    content_hash: str


def compile_supplement(text: str) -> Supplement:
    """
    The supplement written in a YAML text.

    Raises EditionError, naming the place, when a value is missing, has no source, is of the wrong kind, or
    when an entry of a list stands there twice.
    """
    try:
        content = read_yaml(text)
    except ValueError as error:
        raise EditionError(str(error)) from error
    if missing := unsourced(content):
        raise EditionError(f"these values have no source beside them: {', '.join(missing)}")
    with Block(content, "") as root:
        with root.block("supplement") as head:
            id_, title = head.text("id"), head.text("title")
            editions = head.names("editions")
            effective_from = head.day("from")
        if not editions:
            raise EditionError("supplement.editions must name at least one edition")
        process = read_process(root.block("process"))
        lists = {}
        with root.block("lists") as block:
            for name in block.names_of_keys():
                rows = tuple(_row(entry) for entry in block.blocks(name))
                if len({row.id for row in rows}) != len(rows):
                    raise EditionError(f"lists.{name} has an entry twice")
                lists[name] = rows
    return Supplement(id_, title, editions, effective_from, process, lists, hashlib.sha256(text.encode()).hexdigest())


def read_process(block: Block) -> dict[str, Sourced]:
    """The values of a process block by their paths, such as `clock.total_days`."""
    values: dict[str, Sourced] = {}
    for group in block.names_of_keys():
        with block.block(group) as part:
            for key in part.names_of_keys():
                with part.block(key) as leaf:
                    values[f"{group}.{key}"] = Sourced(leaf.raw("value"), leaf.source, leaf.note)
    return values


def _row(block: Block) -> Row:
    named = ("id", "title", "says")
    with block:
        fields = {key: block.raw(key) for key in block.names_of_keys() if key not in named}
        return Row(block.text("id"), block.text("title"), block.text("says", ""), block.source, block.note, fields)


def in_order(supplements: Sequence[Supplement], edition: str) -> tuple[Supplement, ...]:
    """Those that complete this edition, the latest first: of two values the later one counts."""
    fitting = [supplement for supplement in supplements if edition in supplement.editions]
    return tuple(sorted(fitting, key=lambda each: (each.effective_from, each.id), reverse=True))
