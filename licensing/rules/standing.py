"""How what a case or a license stands on reads on a day, and how a ceiling looks before and after a grant."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

GroundState = Literal["standing", "ending", "ended", "fallen"]


def ground_state(*, stands: bool, until: datetime | None, at: datetime, soon_days: int) -> GroundState:
    """Whether a ground stands at an instant, ends within `soon_days` days, has ended by its date, or fell.

    That it ends follows from its date alone, so that nobody has to write it down before it counts.
    """
    if not stands:
        return "fallen"
    if until is None:
        return "standing"
    if until <= at:
        return "ended"
    return "ending" if until <= at + timedelta(days=soon_days) else "standing"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A ceiling that many cases use, as one case meets it, in whole units.

    `ceiling` of None only counts. `held` is what this case has reserved of it already: part of `reserved`.
    """

    ceiling: int | None
    reserved: int
    used: int
    held: int = 0

    @property
    def left(self) -> int | None:
        """What nobody has reserved or used; None where there is no ceiling."""
        return None if self.ceiling is None else self.ceiling - self.reserved - self.used

    @property
    def open_to_case(self) -> int | None:
        """What this case can be granted: what is left, and what it holds itself."""
        return None if self.left is None else self.left + self.held

    def falls_short_of(self, units: int) -> bool:
        """Whether this case cannot be granted so many."""
        return self.open_to_case is not None and units > self.open_to_case

    def left_after(self, units: int) -> int | None:
        """What is left when this case was granted so many: the rest of what it held is given back."""
        return None if self.open_to_case is None else self.open_to_case - units


def find_line_past(lines: list[tuple[int, int]], most: int) -> int | None:
    """The first line, of number and quantity in their order, with which they together come to more than `most`."""
    together = 0
    for number, quantity in lines:
        together += quantity
        if together > most:
            return number
    return None
