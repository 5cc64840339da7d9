"""Undertakings: what an edition wants, which clause gives it, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accounts.rules import Refused


@dataclass(frozen=True, slots=True)
class Wanted:
    """An undertaking of the edition: whether it must be given, and whether it names a number of hours."""

    id: str
    title: str
    says: str
    source: str
    mandatory: bool
    takes_hours: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """The clause of an instrument that gives an undertaking; an empty clause is a missing one."""

    clause: str
    hours: int | None = None


def list_missing(wanted: Iterable[Wanted], given: Mapping[str, Given]) -> list[Wanted]:
    """The mandatory undertakings for which there is no clause."""
    nothing = Given("")
    return [each for each in wanted if each.mandatory and not given.get(each.id, nothing).clause]


def check_undertaking(wanted: Wanted, given: Given, *, longest_hours: int) -> None:
    """Refuse a notice without its hours, hours where none are taken, and a longer notice than may be allowed."""
    if not given.clause:
        if given.hours is not None:
            raise Refused(
                f"“{wanted.title}”: name the clause that gives the {given.hours} hours, or leave both empty.",
                rule="assurance.undertaking_clause",
                field=f"clause_{wanted.id}",
            )
        return
    if not wanted.takes_hours:
        return
    if given.hours is None or given.hours < 1:
        raise Refused(
            f"“{wanted.title}”: enter within how many hours notice is due.",
            rule="assurance.undertaking_hours",
            field=f"hours_{wanted.id}",
        )
    if given.hours > longest_hours:
        raise Refused(
            f"“{wanted.title}”: {given.hours} hours are more than the {longest_hours} that may be allowed. Negotiate a "
            "shorter notice, or leave the clause empty: then the undertaking is missing.",
            rule="assurance.undertaking_hours",
            field=f"hours_{wanted.id}",
        )
