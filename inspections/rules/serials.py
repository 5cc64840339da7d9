"""Lists of serial numbers: one a line or CSV, read as a stream, each row checked by its number."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from accounts.rules import Refused

# How many bad rows are named before a list is given up.
MOST_TOLD = 20
LONGEST_LINE = 1000
_PIECE = 64 * 1024
_SERIAL = re.compile(r"[A-Z0-9][A-Z0-9._/-]{2,39}")
_PLACE = re.compile(r"[^\x00-\x1f\x7f\\\ufffd]{0,80}")
_HEADINGS = ("SERIAL", "SERIAL NUMBER", "SERIAL_NUMBER", "SERIALNUMBER", "SERIAL NO", "SERIAL NO.", "S/N", "SN")
_ONE, _TWO = 1, 2


def split_lines(read: Callable[[int], bytes]) -> Iterator[str]:
    """The lines of a file of UTF-8, piece by piece; octets that are none become U+FFFD, which no row may hold.

    Raises Refused for a line so long that it cannot be a row.
    """
    decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
    rest, row = "", 0
    while piece := read(_PIECE):
        lines = (rest + decode(piece)).split("\n")
        rest = lines.pop()
        row += len(lines)
        yield from lines
        if len(rest) > LONGEST_LINE:
            raise Refused(
                f"Row {row + 1:,} has more than {LONGEST_LINE:,} characters. Give one serial number a row.",
                rule="inspections.serial_row",
                field="file",
            )
    rest += decode(b"", True)
    if rest:
        yield rest


@dataclass
class SerialReader:
    """Reads the rows of one list; `problems` are the rows that cannot be taken, `count` those that can."""

    largest: int
    problems: list[str] = field(default_factory=list)
    count: int = 0

    def read(self, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Serial number and place of each row, capitals and spaces aside; a heading and empty rows are left out.

        Raises Refused as soon as there are more rows than `largest`, and once `MOST_TOLD` rows are bad.
        """
        iterator = iter(lines)
        first = next(iterator, "")
        delimiter = next((mark for mark in ("\t", ";") if mark in first), ",")
        match, fits, largest = _SERIAL.fullmatch, _PLACE.fullmatch, self.largest
        row = 0
        for row, cells in enumerate(_parse(first, iterator, delimiter), start=1):
            serial = cells[0].strip().upper() if cells else ""
            if not serial and not any(cell.strip() for cell in cells):
                continue
            if row == _ONE and serial in _HEADINGS:
                continue
            if self.count >= largest:
                raise Refused(
                    f"The list has more than {largest:,} serial numbers: row {row:,} is one too many, and nothing "
                    "after it was read. Split the list by hall or by license.",
                    rule="inspections.serial_list_size",
                    field="file",
                )
            place = cells[1].strip() if len(cells) >= _TWO else ""
            if match(serial) is None or (place and fits(place) is None):
                self._note(row, serial, cells)
                continue
            self.count += 1
            yield serial, place

    def _note(self, row: int, serial: str, cells: list[str]) -> None:
        if not serial:
            says = "has no serial number"
        elif _SERIAL.fullmatch(serial):
            says = "names a place of more than 80 characters, or with characters that no place has"
        else:
            says = (
                f"is “{serial[:40]}”, and a serial number has 3 to 40 letters, digits, periods, hyphens, underscores "
                "and slashes"
            )
        self.problems.append(f"Row {row:,} {says}.")
        if len(self.problems) >= MOST_TOLD:
            raise refuse_rows(self.problems, more=True)


def _parse(first: str, rest: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    def lines() -> Iterator[str]:
        yield first
        yield from rest

    reader = csv.reader(lines(), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        raise Refused(
            f"Row {reader.line_num:,} cannot be read as CSV: a quotation mark may be missing. Correct it, or give one "
            "serial number a line.",
            rule="inspections.serial_row",
            field="file",
        ) from error


def refuse_rows(problems: list[str], *, more: bool = False) -> Refused:
    """The refusal of a list that names its bad rows."""
    told = " ".join(problems[:MOST_TOLD])
    tail = " The rows after it were not read." if more else ""
    return Refused(
        f"Nothing was stored, because of {len(problems)} {'row' if len(problems) == 1 else 'rows'}. {told}{tail} "
        "Correct the list and upload it again.",
        rule="inspections.serial_rows",
        field="file",
    )


def refuse_duplicates(found: list[tuple[str, int, int]]) -> Refused:
    """The refusal of a list in which numbers stand twice: each with its first and its next place among the numbers."""
    told = [f"{serial} is serial number {first:,} and {second:,} of the list." for serial, first, second in found]
    more = " There may be more." if len(found) >= MOST_TOLD else ""
    return Refused(
        f"Nothing was stored, because serial numbers stand in the list twice. {' '.join(told[:MOST_TOLD])}{more} "
        "Correct the list and upload it again.",
        rule="inspections.serial_duplicates",
        field="file",
    )
