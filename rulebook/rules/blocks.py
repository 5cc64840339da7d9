"""
Reading one block of an edition file strictly: what is missing, misspelled or of the wrong kind is named by
its path.
"""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from types import TracebackType
from typing import Any, Self

from rulebook.rules.sources import exact


class EditionError(ValueError):
    """An edition file that cannot be used; the message names the place and what is wanted there."""


class Block:
    """One mapping of the file. Used as a context, it refuses the keys that nobody read."""

    def __init__(self, content: object, path: str) -> None:
        if not isinstance(content, dict):
            raise EditionError(f"{path or 'the file'} must be a block of keys and values")
        self._content: Mapping[str, Any] = content
        self._read: set[str] = {"source", "note"}
        self.path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and (unread := self._content.keys() - self._read):
            names = ", ".join(sorted(map(str, unread)))
            raise EditionError(f"{self.path or 'the file'} has keys that mean nothing here: {names}")

    @property
    def source(self) -> str:
        return str(self._content.get("source", ""))

    @property
    def note(self) -> str:
        return str(self._content.get("note", ""))

    def has(self, key: str) -> bool:
        return key in self._content

    def names_of_keys(self) -> list[str]:
        return [key for key in self._content if key not in ("source", "note")]

    def _take(self, key: str) -> Any:
        self._read.add(key)
        if key not in self._content:
            raise EditionError(f"{self._at(key)} is missing")
        return self._content[key]

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def raw(self, key: str) -> Any:
        return self._take(key)

    def text(self, key: str, default: str | None = None) -> str:
        if default is not None and key not in self._content:
            self._read.add(key)
            return default
        value = self._take(key)
        if not isinstance(value, str) or not value.strip():
            raise EditionError(f"{self._at(key)} must be a text, not {value!r}")
        return value

    def choice(self, key: str, allowed: frozenset[str] | tuple[str, ...], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in allowed:
            raise EditionError(f"{self._at(key)} must be one of {', '.join(sorted(allowed))}, not {value!r}")
        return value

    def day(self, key: str) -> date:
        value = self._take(key)
        if type(value) is not date:
            raise EditionError(f"{self._at(key)} must be a date such as 2026-03-05, not {value!r}")
        return value

    def day_or_open(self, key: str) -> date | None:
        return None if self._take(key) is None else self.day(key)

    def flag(self, key: str, default: bool | None = None) -> bool:
        if default is not None and key not in self._content:
            self._read.add(key)
            return default
        value = self._take(key)
        if not isinstance(value, bool):
            raise EditionError(f"{self._at(key)} must be true or false, not {value!r}")
        return value

    def whole(self, key: str) -> int:
        value = self._take(key)
        if type(value) is not int or value < 0:
            raise EditionError(f"{self._at(key)} must be a whole number of at least 0, not {value!r}")
        return value

    def whole_or_open(self, key: str) -> int | None:
        return None if self._take(key) is None else self.whole(key)

    def figure(self, key: str) -> int | Fraction:
        value = self._take(key)
        if type(value) not in (int, float) or not 0 < value < float("inf"):
            raise EditionError(f"{self._at(key)} must be a number above 0, not {value!r}")
        return exact(value)

    def names(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        if default is not None and key not in self._content:
            self._read.add(key)
            return default
        value = self._take(key)
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise EditionError(f"{self._at(key)} must be a list of names, not {value!r}")
        return tuple(value)

    def block(self, key: str) -> "Block":
        return Block(self._take(key), self._at(key))

    def blocks(self, key: str) -> list["Block"]:
        value = self._take(key)
        if not isinstance(value, list):
            raise EditionError(f"{self._at(key)} must be a list")
        return [Block(entry, f"{self._at(key)}[{position}]") for position, entry in enumerate(value)]


def unsourced(content: object, path: str = "", sourced: bool = False) -> list[str]:
    """
    The paths of all values in a file that have no source beside them.

    A value is sourced when the block that holds it, or that holds the list it stands in, has a `source`.
    """
    if isinstance(content, dict):
        # A choice among requirements belongs to the block that offers it.
        beside = sourced if content.keys() == {"any_of"} else bool(content.get("source"))
        found: list[str] = []
        for key, value in content.items():
            found += unsourced(value, f"{path}.{key}" if path else str(key), beside)
        return found
    if isinstance(content, list):
        return [
            missing
            for position, value in enumerate(content)
            for missing in unsourced(value, f"{path}[{position}]", sourced)
        ]
    return [] if sourced else [path]
