"""A request above what a case can be granted, told beside the line that passes it."""

from accounts.rules import Refused
from ledger.rules import NotEnough
from licensing.rules import find_line_past
from licensing.selectors import Book, CasePage, count_chips, list_chip_lines


def tell_short(page: CasePage, lines: dict[int, int], refusal: NotEnough) -> Refused:
    """The refusal of the ledger beside the line's field, with what is left. `page` is read anew, after it.

    Where others gave back meanwhile what was missing, the ledger's own words stay.
    """
    units, chips = count_chips(page, lines), list_chip_lines(page, lines)
    short = sorted(page.books.list_short(units), key=lambda book: book.ceiling.open_to_case or 0)
    most = short[0].ceiling.open_to_case or 0 if short else max(units - 1, 0)
    line = find_line_past(chips, most)
    reason = " ".join([*(_tell_left(book, units) for book in short), _tell_way(most)]) if short else refusal.reason
    return Refused(reason, rule=refusal.rule or "ledger.enough", field=f"line_{line}" if line is not None else "")


def _tell_left(book: Book, units: int) -> str:
    left = book.ceiling.open_to_case or 0
    holds = f", the {book.ceiling.held:,} that it holds among them" if book.ceiling.held else ""
    whole = f"{left:,} of {book.ceiling.ceiling or 0:,}"
    return f"{book.title} has {whole} chips left for this case{holds}; {units:,} do not fit."


def _tell_way(most: int) -> str:
    if most:
        return f"Decide at the ceiling, for at most {most:,} chips together, or hold the case until more is left."
    return "Hold the case until the ceiling is raised or others give back what they hold."
