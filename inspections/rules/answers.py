"""What an answer to a question and a result of a serial number must be."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.rules import Refused
from inspections.rules.rating import LONGEST_TEXT
from inspections.statuses import AnswerKind, SerialOutcome

YES_NO = ("yes", "no")
LARGEST_COUNT = 2**31 - 1
_LONGEST_SERIAL = 40
_LONGEST_PLACE = 80


def check_answer(kind: str, value: str, *, title: str) -> str:
    """The answer as it is stored: yes or no, a whole number without separators, or text. Raises Refused."""
    clean = value.strip()
    match kind:
        case AnswerKind.YES_NO:
            if clean.lower() not in YES_NO:
                raise Refused(f"“{title}”: answer yes or no.", rule="inspections.answer", field="value")
            return clean.lower()
        case AnswerKind.COUNT:
            digits = clean.replace(",", "")
            if not digits.isascii() or not digits.isdigit() or int(digits) > LARGEST_COUNT:
                raise Refused(
                    f"“{title}”: enter a whole number from 0 to {LARGEST_COUNT:,}.",
                    rule="inspections.answer",
                    field="value",
                )
            return str(int(digits))
    if not clean or len(clean) > LONGEST_TEXT:
        raise Refused(
            f"“{title}”: enter a text of at most {LONGEST_TEXT:,} characters.", rule="inspections.answer", field="value"
        )
    return clean


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a serial number was seen, or which other one in its place."""

    place: str
    serial: str


def check_result(outcome: str, *, seen_place: str, seen_serial: str, serial: str) -> Seen:
    """What belongs to an outcome: a place for one that was moved, another number for one substituted. Raises "
    "Refused."""
    if outcome not in SerialOutcome.values:
        raise Refused(
            f"{serial}: choose found, missing, moved or substituted.", rule="inspections.outcome", field="outcome"
        )
    place, other = seen_place.strip(), seen_serial.strip().upper()
    if outcome != SerialOutcome.MOVED:
        place = ""
    elif not place or len(place) > _LONGEST_PLACE:
        raise Refused(
            f"{serial} was moved: enter where it was seen, in at most {_LONGEST_PLACE} characters.",
            rule="inspections.moved_where",
            field="seen_place",
        )
    if outcome != SerialOutcome.SUBSTITUTED:
        other = ""
    elif not other or len(other) > _LONGEST_SERIAL or other == serial:
        raise Refused(
            f"{serial} was substituted: enter the other serial number that was seen in its place.",
            rule="inspections.substituted_by",
            field="seen_serial",
        )
    return Seen(place, other)
