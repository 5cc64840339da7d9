"""The facts of one order, as the rules read them and as they are stored."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NoReturn

from rulebook.rules.sources import exact, plain


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: the path of the field and what is wanted there, in words."""

    field: str
    says: str

    def __str__(self) -> str:
        return f"{self.field}: {self.says}"


class BadFacts(ValueError):
    """Facts that cannot be answered; `problems` names every field that is wrong."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(str(problem) for problem in problems))


@dataclass(frozen=True, slots=True)
class Counts:
    """What is there, what is licensed and not yet there, and what is asked for elsewhere."""

    installed: int = 0
    licensed: int = 0
    pending: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """
    One line of an order.

    `tpp` and `memory_bandwidth_gbs` (GB/s) are the figures that the rules use. Where the catalogue overruled
    figures that were declared, those are kept in `declared_tpp` and `declared_memory_bandwidth_gbs`.
    """

    kind: str
    model: str
    quantity: int
    tpp: int | Fraction | None = None
    memory_bandwidth_gbs: int | Fraction | None = None
    figures: str = ""
    declared_tpp: int | Fraction | None = None
    declared_memory_bandwidth_gbs: int | Fraction | None = None

    def as_dict(self) -> dict[str, Any]:
        """
        The line as JSON keeps it, with its resolved figures, so that it can be replayed without a catalogue.
        """
        values: dict[str, Any] = {"kind": self.kind}
        if self.model:
            values["model"] = self.model
        if self.quantity:
            values["quantity"] = self.quantity
        for name in _FIGURES:
            if (value := getattr(self, name)) is not None:
                values[name] = plain(value)
        if self.figures:
            values["figures"] = self.figures
        return values


_FIGURES = ("tpp", "memory_bandwidth_gbs", "declared_tpp", "declared_memory_bandwidth_gbs")


@dataclass(frozen=True, slots=True)
class Facts:
    """One order, as the rules read it. `declared` holds the names of the yes-or-no facts that are true."""

    destination: str
    headquarters: str | None
    ultimate_parent_headquarters: str | None
    items: tuple[Item, ...]
    installation: Counts
    group_in_country: Counts
    declared: frozenset[str]

    def as_dict(self) -> dict[str, Any]:
        """The facts as JSON keeps them: complete, with resolved figures; `restore_facts` reads them back."""
        values: dict[str, Any] = {
            "destination": self.destination,
            "end_user": {
                "headquarters": self.headquarters,
                "ultimate_parent_headquarters": self.ultimate_parent_headquarters,
            },
            "items": [item.as_dict() for item in self.items],
        }
        for name in ("installation", "group_in_country"):
            counts: Counts = getattr(self, name)
            values[name] = {
                "installed": counts.installed,
                "licensed": counts.licensed,
                "pending": counts.pending,
            }
        for name in sorted(self.declared):
            values[name] = True
        return values

    def as_json(self) -> str:
        """Canonical JSON: the same facts are always the same text."""
        return json.dumps(self.as_dict(), ensure_ascii=False, separators=(",", ":"))

    def digest(self) -> str:
        """The SHA-256 of the canonical JSON, in hexadecimal digits."""
        return hashlib.sha256(self.as_json().encode()).hexdigest()


def restore_facts(stored: Mapping[str, Any]) -> Facts:
    """
    The facts that `Facts.as_dict` wrote, exactly as they were: no catalogue is asked, so that a corrected
    chip figure changes no past answer. Raises BadFacts when the stored form is damaged.
    """
    try:
        end_user = stored["end_user"]
        return Facts(
            destination=stored["destination"],
            headquarters=end_user["headquarters"],
            ultimate_parent_headquarters=end_user["ultimate_parent_headquarters"],
            items=tuple(_restore_item(line) for line in stored["items"]),
            installation=Counts(**stored["installation"]),
            group_in_country=Counts(**stored["group_in_country"]),
            declared=frozenset(name for name, value in stored.items() if value is True),
        )
    except (KeyError, TypeError, ValueError) as error:
        _damaged(error)


def _restore_item(line: Mapping[str, Any]) -> Item:
    figures: dict[str, Any] = {name: exact(line[name]) for name in _FIGURES if name in line}
    return Item(
        kind=line["kind"],
        model=line.get("model", ""),
        quantity=line.get("quantity", 0),
        figures=line.get("figures", ""),
        **figures,
    )


def _damaged(error: Exception) -> NoReturn:
    raise BadFacts([Problem("facts", f"are not in the form in which they are stored: {error!r}")]) from error
