"""What a grant would do to the ceilings that a case meets, to its license and to its tranches."""

from dataclasses import dataclass

from investments.models import Commitment
from investments.selectors import get_verified
from licensing.selectors.books import Book
from licensing.selectors.case_page import CasePage
from licensing.selectors.case_page.lines import PlannedTranche
from licensing.selectors.evidence import COMMITMENT
from licensing.statuses import ItemKind


@dataclass(frozen=True, slots=True)
class BookEffect:
    """A ceiling before and after a grant: what the case can be granted of it, and what is left then."""

    book: Book
    before: int | None
    after: int | None

    @property
    def is_short(self) -> bool:
        """Whether the grant is more than that."""
        return self.after is not None and self.after < 0


@dataclass(frozen=True, slots=True)
class Release:
    """What is released of a license at its issue, out of what its planned tranches come to."""

    at_issue: int
    planned: int
    steps: int


@dataclass(frozen=True, slots=True)
class Effects:
    """All of it; `chips` are granted. `release` is None where no tranches are planned."""

    chips: int
    books: list[BookEffect]
    release: Release | None


def count_chips(page: CasePage, lines: dict[int, int]) -> int:
    """How many chips these quantities are: other items of an order do not count against a ceiling."""
    return sum(quantity for _, quantity in list_chip_lines(page, lines))


def list_chip_lines(page: CasePage, lines: dict[int, int]) -> list[tuple[int, int]]:
    """Number and quantity of the lines of chips, in their order."""
    return [(item.line_no, lines.get(item.line_no, 0)) for item in page.items if item.kind == ItemKind.CHIP]


def list_effects(page: CasePage, lines: dict[int, int]) -> Effects:
    """What granting these quantities would do. Two queries where tranches are planned, and none otherwise."""
    chips = count_chips(page, lines)
    books = [BookEffect(book, book.ceiling.open_to_case, book.ceiling.left_after(chips)) for book in page.books.all]
    return Effects(chips, books, _read_release(page))


def _read_release(page: CasePage) -> Release | None:
    planned: list[PlannedTranche] = [step for line in page.requirements if not line.is_open for step in line.tranches]
    ground = next(
        (
            act.ground
            for line in page.requirements
            for act in line.grounds
            if act.ground is not None and act.ground.kind == COMMITMENT
        ),
        None,
    )
    if not planned or ground is None:
        return None
    verified = get_verified(Commitment.objects.get(pk=ground.subject_id)) if ground.stands else -1
    return Release(
        at_issue=sum(step.chips for step in planned if step.required <= verified),
        planned=sum(step.chips for step in planned),
        steps=len(planned),
    )
