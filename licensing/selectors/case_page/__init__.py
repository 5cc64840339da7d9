"""Everything a case page shows, read before the template starts, in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from accounts.rules import Principal
from audit.models import Entry
from audit.selectors import list_entries_of
from deadlines.rules import day_of
from licensing.models import (
    Application,
    ApplicationItem,
    ApplicationParty,
    Case,
    Decision,
    Document,
    InformationRequest,
    Letter,
    Note,
    StoredDetermination,
)
from licensing.permissions import Standing, check_can_see_case, check_is_staff_of_cases, list_acts
from licensing.rules import check_requirements_closed
from licensing.selectors.books import Books, read_books
from licensing.selectors.evidence import get_track
from licensing.selectors.grounds import INSTRUMENT
from registry.models import Hold
from registry.selectors import list_holds
from rulebook.rules import Edition
from rulebook.selectors import get_edition

from .lines import (
    ActLine,
    CaseClock,
    LetterLine,
    LicensedLine,
    OwnerLine,
    RecommendationLine,
    RequirementLine,
    SignatureLine,
    is_among,
)
from .reads import (
    list_journaled,
    list_scopes,
    read_case,
    read_clock,
    read_letters,
    read_licensed,
    read_parties,
    read_recommendations,
    read_requirements,
)

__all__ = [
    "ActLine",
    "CaseClock",
    "CasePage",
    "LetterLine",
    "LicensedLine",
    "OwnerLine",
    "RecommendationLine",
    "RequirementLine",
    "SignatureLine",
    "get_case",
    "get_case_document",
    "get_case_letter",
    "get_case_page",
]

JOURNAL_SHOWN = 200


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case with all that belongs to it."""

    case: Case
    application: Application
    parties: list[tuple[ApplicationParty, list[OwnerLine]]]
    items: list[ApplicationItem]
    documents: list[Document]
    determinations: list[StoredDetermination]
    requirements: list[RequirementLine]
    recommendations: list[RecommendationLine]
    decisions: list[Decision]
    questions: list[InformationRequest]
    notes: list[Note]
    letters: list[LetterLine]
    licensed: list[LicensedLine]
    clock: CaseClock | None
    journal: list[Entry]
    holds: list[Hold]
    obstacles: list[str]
    acts: list[tuple[str, str]]
    edition: Edition | None
    books: Books

    @property
    def determination(self) -> StoredDetermination | None:
        """The determination that counts: the last one."""
        return self.determinations[-1] if self.determinations else None

    @property
    def newest(self) -> RecommendationLine | None:
        """The recommendation that counts: the newest version."""
        return self.recommendations[-1] if self.recommendations else None


def get_case(acn: str, by: Principal) -> Case:
    """A case by its number, for an act. Raises Case.DoesNotExist, and NotPermitted for other people's cases."""
    case = Case.objects.select_related("application", "officer", "unit").get(acn=acn.upper())
    check_can_see_case(by, case)
    return case


def get_case_page(*, acn: str, by: Principal, now: datetime) -> CasePage:
    """All that the desk shows of a case. Raises Case.DoesNotExist, and NotPermitted for who is not of Commerce."""
    check_is_staff_of_cases(by)
    case = read_case(acn)
    application = case.application
    items = list(application.items.all())
    determinations = list(application.determinations.all())
    edition = _read_edition(determinations[-1]) if determinations else None
    requirements = read_requirements(case, at=now, edition=edition)
    parties = read_parties(application, day_of(now))
    holds = list(list_holds(list_scopes(case, [party for party, _ in parties])).select_related("ground"))
    recommendations = read_recommendations(case)
    license_ = getattr(case, "license", None)
    return CasePage(
        case=case,
        application=application,
        parties=parties,
        items=items,
        documents=list(application.documents.all()),
        determinations=determinations,
        requirements=requirements,
        recommendations=recommendations,
        decisions=list(case.decisions.all()),
        questions=list(case.information_requests.all()),
        notes=list(case.notes.all()),
        letters=read_letters(case),
        licensed=read_licensed(license_) if license_ else [],
        clock=read_clock(case, now),
        journal=list(list_entries_of(list_journaled(case))[:JOURNAL_SHOWN]),
        holds=holds,
        obstacles=_obstacles(requirements, holds),
        acts=list_acts(by, case, _stand(by, requirements, recommendations)),
        edition=edition,
        books=_read_books(case, requirements, edition, at=now),
    )


def _read_books(case: Any, requirements: list[RequirementLine], edition: Edition | None, *, at: datetime) -> Books:
    titles = {
        act.ground.subject_id: act.ground.title
        for line in requirements
        for act in line.acts
        if act.ground is not None and act.ground.kind == INSTRUMENT
    }
    return read_books(
        country=case.destination_id,
        instruments=titles,
        used=_list_covering(requirements, edition),
        held={each["account"]: each["units"] for each in case.held_lines},
        is_allocation_wanted=bool(edition and edition.value("allocations.required")),
        at=at,
    )


def _list_covering(requirements: list[RequirementLine], edition: Edition | None) -> frozenset[str]:
    """The instruments whose coverage a grant uses: the satisfied requirements stand on them, and they count units."""
    covering = set()
    for act in (act for line in requirements if not line.is_open for act in line.grounds):
        track = get_track(edition, act.choice) if edition else None
        if act.ground is not None and act.ground.kind == INSTRUMENT and track and track.get("covers_units"):
            covering.add(act.ground.subject_id)
    return frozenset(covering)


def _read_edition(stored: StoredDetermination) -> Edition:
    return _remember_edition(stored.edition_identifier, stored.edition_hash)


@lru_cache(maxsize=16)
def _remember_edition(identifier: str, content_hash: str) -> Edition:
    """An edition by its name and the hash of its text, which never changes: a process asks for it once."""
    return get_edition(identifier)


def _stand(by: Principal, requirements: list[RequirementLine], versions: list[RecommendationLine]) -> Standing:
    newest = versions[-1] if versions else None
    hands = {newest.recommendation.author_id, *(line.signer_id for line in newest.signatures)} if newest else set()
    return Standing(
        had_a_hand=is_among(by, hands),
        evidence_wanted=any(line.is_open for line in requirements),
        waiver_wanted=any(line.wants_waiver_of(by) for line in requirements),
    )


def _obstacles(requirements: list[RequirementLine], holds: list[Hold]) -> list[str]:
    """Why no license can be issued yet; the same sentences as the refusal's."""
    findings = check_requirements_closed(
        [(line.requirement.title, line.requirement.status, line.requirement.gates) for line in requirements]
    )
    fallen = {ground.title: ground.says for line in requirements if not line.is_open for ground in line.fallen}
    return [
        *(finding.says for finding in findings if not finding.met),
        *(
            f"“{title}” no longer stands: {says} The requirement that stood on it needs other evidence."
            for title, says in fallen.items()
        ),
        *(f"A hold stands: {hold.says}" for hold in holds),
    ]


def get_case_document(*, acn: str, document_id: int, by: Principal) -> Document:
    """A document of a case, for Commerce. Raises Document.DoesNotExist for one of another case."""
    check_is_staff_of_cases(by)
    return Document.objects.get(pk=document_id, application__case__acn=acn.upper())


def get_case_letter(*, acn: str, letter_id: int, by: Principal) -> Letter:
    """A letter of a case with its bytes, for Commerce. Raises Letter.DoesNotExist for one of another case."""
    check_is_staff_of_cases(by)
    return Letter.objects.get(pk=letter_id, case__acn=acn.upper())
