"""What a case uses of ceilings that others use too: its country's allocation and the coverage of instruments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from allocations.selectors import SUBJECT, get_allocation
from ledger.models import Account
from ledger.statuses import AccountKind
from licensing.rules import Ceiling
from licensing.selectors.grounds import INSTRUMENT


@dataclass(frozen=True, slots=True)
class Book:
    """One of these ceilings: what it is of, what it is called, and how it stands for a case."""

    subject_id: int
    title: str
    ceiling: Ceiling


@dataclass(frozen=True, slots=True)
class Books:
    """The ceilings that a case meets. Without an allocation, `is_allocation_wanted` says that nothing is granted."""

    allocation: Book | None
    coverage: list[Book]
    is_allocation_wanted: bool

    @property
    def all(self) -> list[Book]:
        """The allocation, then every instrument."""
        return [*([self.allocation] if self.allocation else []), *self.coverage]

    @property
    def is_holding(self) -> bool:
        """Whether the case holds anything of them."""
        return any(book.ceiling.held for book in self.all)

    def list_short(self, units: int) -> list[Book]:
        """Those of which the case cannot be granted so many chips."""
        return [book for book in self.all if book.ceiling.falls_short_of(units)]


def read_books(
    *,
    country: str,
    instruments: Mapping[str, str],
    used: frozenset[str],
    held: Mapping[int, int],
    is_allocation_wanted: bool,
    at: datetime,
) -> Books:
    """The ceilings of a case for a country, and what it holds of each. Two queries.

    `instruments` are titles by id, `used` those whose coverage a grant would use; `held` are units by account. What
    a case holds of an allocation whose period is over, or of an instrument on which it no longer stands, is among
    them while it holds it.
    """
    allocation = get_allocation(country, at)
    wanted = Q(pk__in=list(held))
    if used:
        wanted |= Q(kind=AccountKind.ASSURANCE_COVERAGE, subject_kind=INSTRUMENT, subject_id__in=sorted(used))
    if allocation is not None:
        wanted |= Q(kind=AccountKind.ALLOCATION, subject_kind=SUBJECT, subject_id=str(allocation.pk))
    found: Book | None = None
    coverage = []
    for account in Account.objects.filter(wanted).order_by("kind", "pk"):
        units = held.get(account.pk, 0)
        ceiling = Ceiling(account.ceiling, account.reserved, account.drawn, units)
        subject = account.subject_id
        if account.kind == AccountKind.ASSURANCE_COVERAGE:
            coverage.append(Book(int(subject), instruments.get(subject, f"Instrument {subject}"), ceiling))
        elif found is None or units:
            # A grant uses what the case holds, also of a period that is over.
            current = allocation is not None and str(allocation.pk) == subject
            words = allocation.period.words if allocation and current else "of a period that is over"
            found = Book(int(subject), f"{country} {words}", ceiling)
    return Books(found, coverage, is_allocation_wanted)
