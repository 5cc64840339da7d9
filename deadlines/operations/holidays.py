"""Holidays: rows for each year, with the source that names them."""

from collections.abc import Iterable
from importlib.metadata import version

import holidays

from deadlines.models import Holiday
from deadlines.statuses import CalendarName

FIRST_YEAR, LAST_YEAR = 2020, 2040
LAW = "5 USC 6103 and Executive Order 11582"


def load_holidays(*, years: Iterable[int] = range(FIRST_YEAR, LAST_YEAR + 1)) -> int:
    """Load the US federal holidays of those years, the day itself and the day it is observed on.

    Only what is missing is added, so that a row corrected by hand stays; returns how many rows were new. A
    holiday on a Saturday is observed the Friday before, one on a Sunday the Monday after.
    """
    source = f"{LAW}, computed by the library holidays {version('holidays')}"
    wanted = set(years)
    # New Year's Day on a Saturday is observed in the year before: the year after is asked as well.
    named = holidays.country_holidays("US", years=wanted | {max(wanted) + 1}, observed=True) if wanted else {}
    rows = [
        Holiday(calendar=CalendarName.US_FEDERAL, on=day, name=name, source=source)
        for day, name in sorted(named.items())
        if day.year in wanted
    ]
    before = Holiday.objects.filter(calendar=CalendarName.US_FEDERAL).count()
    Holiday.objects.bulk_create(rows, ignore_conflicts=True)
    return Holiday.objects.filter(calendar=CalendarName.US_FEDERAL).count() - before
