"""A list as a file: CSV or XLSX of all its pages, with the filters of the page it was asked from.

A list page says in one line `if file := export(request, rows=…, columns=…, name=…): return file`; its links are
`templates/desk/parts/export.html` on the desk. The file says in its first row that it is protected from disclosure.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any, Protocol

from django.core.exceptions import BadRequest
from django.core.files.temp import NamedTemporaryFile
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

MARKING = "Protected from disclosure: 50 USC 4820(h)"
# More rows than anybody reads; a file that reaches them says so in its last row.
MOST_ROWS = 50_000
# Rows of a CSV that go out together.
TOGETHER = 200
# What a spreadsheet takes for the beginning of a formula, in both widths.
FORMULA = tuple(
    "=+-@\t\r\n\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
)
# A cell of a workbook holds no more characters.
LONGEST_TEXT = 32_000
CUT = " … (cut here: a cell holds no more)"
WIDEST = 60

Cell = str | int | Decimal | date | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its heading, and what it reads from a row.

    A count is read as an int, an amount as a Decimal, a day as a date or an instant (the day in the office's time
    zone is written); anything else is written as text.
    """

    label: str
    read: Callable[[Any], object]


class Page(Protocol):
    """A page of a register: its rows, and where the next one begins (empty on the last)."""

    @property
    def rows(self) -> Sequence[Any]: ...

    @property
    def after(self) -> str: ...


def walk(read: Callable[[str], Page]) -> Iterator[Any]:
    """The rows of all pages of a register, read one page after the other: `walk(lambda after: list_…(after=after))`."""
    after = ""
    while True:
        page = read(after)
        yield from page.rows
        if not page.after:
            return
        after = page.after


def export(
    request: HttpRequest, *, rows: Iterable[Any], columns: Sequence[Column], name: str
) -> HttpResponseBase | None:
    """The list as a file where the address asks for one (`?format=csv` or `?format=xlsx`), None where it does not.

    `rows` are read only for a file, as it is written, and at most `MOST_ROWS` of them: give an iterator (`walk`), not a
    list. `name` begins the file's name and is the title of the sheet. Raises BadRequest for another format, and
    whatever the first row raises, so that a refusal is a page and no broken file.
    """
    wanted = request.GET.get("format", "")
    if not wanted:
        return None
    writer = {"csv": _answer_csv, "xlsx": _answer_xlsx}.get(wanted)
    if writer is None:
        raise BadRequest("A list can be exported as csv or xlsx.")
    iterator = iter(rows)
    begun = chain(tuple(_take(iterator, 1)), iterator)
    today = timezone.localdate()
    response = writer(_lines(begun, columns), name, f"{name}-{today.isoformat()}.{wanted}")
    response.headers["Cache-Control"] = "no-store"
    return response


def _take(iterator: Iterator[Any], count: int) -> Iterator[Any]:
    for _, row in zip(range(count), iterator, strict=False):
        yield row


def _lines(rows: Iterator[Any], columns: Sequence[Column]) -> Iterator[list[Cell]]:
    """All lines of a file: the marking, the headings, the rows, and a word on where it was cut, if it was."""
    yield [MARKING]
    yield [guard(column.label) for column in columns]
    for row in _take(rows, MOST_ROWS):
        yield [_write(column.read(row)) for column in columns]
    if next(rows, None) is not None:
        yield [
            f"This file ends here, at {MOST_ROWS:,} rows, and the list does not: narrow the list with its filters, and"
            " export each part."
        ]


def _write(value: object) -> Cell:
    match value:
        case None:
            return None
        case bool():
            return "Yes" if value else "No"
        case datetime():
            return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
        case int() | date():
            return value
        case Decimal() if value.is_finite():
            return value
    return guard(str(value))


def guard(text: str) -> str:
    """Text that a spreadsheet shows and never computes; control characters are left out."""
    clean = ILLEGAL_CHARACTERS_RE.sub("", text)
    if len(clean) > LONGEST_TEXT:
        clean = clean[:LONGEST_TEXT] + CUT
    return f"'{clean}" if clean.startswith(FORMULA) or clean.lstrip().startswith(FORMULA) else clean


class _Echo:
    """A file for the csv module that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line


def _answer_csv(lines: Iterator[list[Cell]], title: str, filename: str) -> HttpResponseBase:
    response = StreamingHttpResponse(_stream_csv(lines), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _stream_csv(lines: Iterator[list[Cell]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # Without the mark spreadsheets take the file for another alphabet.
    written: list[Any] = ["\ufeff"]
    for line in lines:
        written.append(writer.writerow([cell.isoformat() if isinstance(cell, date) else cell for cell in line]))
        if len(written) >= TOGETHER:
            yield "".join(written)
            written.clear()
    yield "".join(written)


def _answer_xlsx(lines: Iterator[list[Cell]], title: str, filename: str) -> HttpResponseBase:
    """A workbook is a zip, which is whole only at its end: it is written to a file on disk and sent from there."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title.capitalize()[:31])
    marking, headings = next(lines), next(lines)
    sheet.freeze_panes = "A3"
    # Widths stand before the rows of a sheet that is written in one go, so they follow from the headings.
    for place, heading in enumerate(headings, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = min(max(len(str(heading)) + 4, 16), WIDEST)
    for line in (marking, headings):
        sheet.append([_bold(sheet, text) for text in line])
    for line in lines:
        sheet.append([_cell(sheet, value) for value in line])
    file = NamedTemporaryFile()
    book.save(file)
    file.seek(0)
    return FileResponse(
        file,
        as_attachment=True,
        filename=filename,
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )


def _bold(sheet: Any, text: Cell) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Cell) -> Any:
    if not isinstance(value, date):
        return value
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = "yyyy-mm-dd"
    return cell
