"""The pure rules of grounds and ceilings, at their edges."""

from datetime import timedelta

import pytest

from licensing.rules import Ceiling, find_line_past, ground_state
from tests.licensing.factories import AT


@pytest.mark.parametrize(
    ("stands", "days", "state"),
    [
        (True, None, "standing"),
        (True, 181, "standing"),
        (True, 180, "ending"),
        (True, 1, "ending"),
        (True, 0, "ended"),
        (True, -1, "ended"),
        (False, None, "fallen"),
        (False, 400, "fallen"),
        (False, -1, "fallen"),
    ],
)
def test_a_ground_reads_by_its_fall_and_its_date(stands: bool, days: int | None, state: str) -> None:
    until = None if days is None else AT + timedelta(days=days)
    assert ground_state(stands=stands, until=until, at=AT, soon_days=180) == state


def test_what_a_case_holds_counts_as_left_to_it_alone() -> None:
    ceiling = Ceiling(ceiling=120, reserved=50, used=20, held=35)
    assert (ceiling.left, ceiling.open_to_case) == (50, 85)
    assert not ceiling.falls_short_of(85)
    assert ceiling.falls_short_of(86)
    assert ceiling.left_after(35) == 50
    assert ceiling.left_after(0) == 85


def test_without_a_ceiling_nothing_falls_short() -> None:
    counting = Ceiling(ceiling=None, reserved=5, used=5)
    assert (counting.left, counting.open_to_case, counting.left_after(1)) == (None, None, None)
    assert not counting.falls_short_of(10**12)


@pytest.mark.parametrize(
    ("most", "line"), [(0, 1), (799, 1), (800, 2), (1499, 2), (1500, None)]
)  # fmt: skip
def test_the_line_that_passes_what_is_left_is_found(most: int, line: int | None) -> None:
    assert find_line_past([(1, 800), (2, 700)], most) == line
