"""What programs read of the rules."""

from dataclasses import dataclass
from datetime import date, datetime

from rulebook.rules import DeclaredFact
from rulebook.selectors import NoEdition, get_edition, get_operating_edition, list_editions


@dataclass(frozen=True, slots=True)
class OfferedEdition:
    """An edition that an order can be determined under, and whether it operates at an instant."""

    id: str
    title: str
    notice: str
    status: str
    effective_from: date
    effective_to: date | None
    content_hash: str
    operating: bool
    facts: tuple[DeclaredFact, ...]


@dataclass(frozen=True, slots=True)
class EditionSlice:
    """A few of the loaded editions, the earliest first, and after which one the next few follow."""

    editions: list[OfferedEdition]
    after: str | None


def get_edition_slice(*, at: datetime, after: str, limit: int) -> EditionSlice:
    """Up to `limit` loaded editions, those behind `after` where one is named; each is compiled once for a process.

    Raises NoEdition where `after` is not loaded.
    """
    try:
        operating = get_operating_edition(at).id
    except NoEdition:
        operating = ""
    rows = list(list_editions())
    if after:
        names = [row.identifier for row in rows]
        if after not in names:
            raise NoEdition(f"No edition {after} is loaded.")
        rows = rows[names.index(after) + 1 :]
    offered = []
    for row in rows[:limit]:
        edition = get_edition(row.identifier)
        offered.append(
            OfferedEdition(
                id=edition.id,
                title=edition.title,
                notice=edition.notice,
                status=row.status,
                effective_from=edition.effective_from,
                effective_to=edition.effective_to,
                content_hash=edition.content_hash,
                operating=edition.id == operating,
                facts=tuple(edition.facts.values()),
            )
        )
    return EditionSlice(offered, offered[-1].id if len(rows) > limit else None)
