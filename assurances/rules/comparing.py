"""Two versions of a text side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that both versions share, or that only this one has."""

    words: str
    changed: bool


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """A line of two versions side by side; an empty side has no such line. `kind`: same, changed, added, removed."""

    kind: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


def compare_texts(before: Sequence[str], after: Sequence[str]) -> list[ComparedLine]:
    """Two versions of a text side by side, line by line, with the words that differ marked."""
    lines: list[ComparedLine] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            same = [(Piece(line, False),) for line in before[i1:i2]]
            lines += [ComparedLine("same", line, line) for line in same]
            continue
        left, right = list(before[i1:i2]), list(after[j1:j2])
        paired = min(len(left), len(right))
        lines += [_compare_words(*pair) for pair in zip(left[:paired], right[:paired], strict=True)]
        lines += [ComparedLine("removed", (Piece(line, True),), ()) for line in left[paired:]]
        lines += [ComparedLine("added", (), (Piece(line, True),)) for line in right[paired:]]
    return lines


def _compare_words(before: str, after: str) -> ComparedLine:
    left, right = before.split(), after.split()
    old: list[Piece] = []
    new: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        changed = tag != "equal"
        if i1 < i2:
            old.append(Piece(" ".join(left[i1:i2]), changed))
        if j1 < j2:
            new.append(Piece(" ".join(right[j1:j2]), changed))
    return ComparedLine("changed", tuple(old), tuple(new))
