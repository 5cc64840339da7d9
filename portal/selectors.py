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


def list_offered_editions(at: datetime) -> list[OfferedEdition]:
    """Every loaded edition, the earliest first. Few are ever loaded, and each is compiled once for a process."""
    try:
        operating = get_operating_edition(at).id
    except NoEdition:
        operating = ""
    offered = []
    for row in list_editions():
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
    return offered
