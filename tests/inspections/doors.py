"""Who may open the pages of visits and act on them, for tests/repository/test_access.py."""

from typing import Any

from tests.inspections import calendar_doors
from tests.repository.doors import Access, World

TABLE: dict[str, Access] = {**calendar_doors.TABLE}


def prepare(world: World) -> dict[str, Any]:
    """Visits in the states in which something can be done on them, and the calendar around them."""
    return {**calendar_doors.prepare(world)}
