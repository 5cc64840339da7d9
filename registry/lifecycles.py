"""The one form of a lifecycle: a table of acts, each from one state to another, with whose act it is. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accounts.rules import Refused


@dataclass(frozen=True, slots=True)
class Transition:
    """An act that moves a subject from one state to another."""

    act: str
    source: str
    target: str
    owner: str


def acts_from(table: Iterable[Transition], status: str) -> frozenset[str]:
    """The acts that a subject in this status allows."""
    return frozenset(step.act for step in table if step.source == status)


def follow(
    table: Iterable[Transition],
    status: str,
    act: str,
    *,
    subject: str,
    words: Mapping[str, str],
    cannot: str = "cannot {} now",
) -> str:
    """The status that an act leads to.

    `words` completes `cannot` for each act, such as "be signed". Raises Refused where the table has no such step; the
    sentence names the subject and its status.
    """
    for step in table:
        if step.source == status and step.act == act:
            return step.target
    state = str(getattr(status, "label", status)).replace("_", " ").lower()
    raise Refused(f"{subject} is “{state}” and {cannot.format(words[act])}.", rule=f"state.{act}")
