"""Everything a case page shows, read before the template starts, in a fixed number of queries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, F, OuterRef, Q
from django.db.models.functions import Cast, JSONObject

from accounts.rules import Principal
from audit.models import Entry
from audit.selectors import list_entries_of
from deadlines.models import ClockEvent
from deadlines.rules import ClockEvent as Event
from deadlines.rules import ClockReading, compute
from ledger.rules import Balance
from ledger.selectors import get_totals
from ledger.statuses import AccountKind
from licensing.models import (
    Application,
    ApplicationItem,
    ApplicationParty,
    Case,
    Decision,
    Document,
    InformationRequest,
    Letter,
    LicenseLine,
    Note,
    Recommendation,
    Requirement,
    RequirementAct,
    Signature,
    StoredDetermination,
)
from licensing.permissions import Standing, check_can_see_case, check_is_staff_of_cases, list_acts
from licensing.rules import CLOCK, check_requirements_closed
from licensing.statuses import LetterKind, RequirementActKind, RequirementStatus
from registry.models import Hold, OwnershipLink
from registry.selectors import list_holds
from rulebook.rules import Edition
from rulebook.selectors import get_edition

JOURNAL_SHOWN = 200


@dataclass(frozen=True, slots=True)
class ActLine:
    """An act on a requirement, as it is listed under it."""

    kind: str
    words: str
    choice: str
    says: str
    actor_id: int | None
    actor_label: str
    document_id: int | None
    round: int
    at: datetime


@dataclass(frozen=True, slots=True)
class RequirementLine:
    """A requirement with the acts on it and, while it is open, how many waiver signatures it has."""

    requirement: Requirement
    acts: list[ActLine]
    waiver_signers: frozenset[int]

    @property
    def is_open(self) -> bool:
        """Whether it still wants evidence or a waiver."""
        return self.requirement.status == RequirementStatus.OPEN

    def wants_waiver_of(self, by: Principal) -> bool:
        """Whether it may be waived and this person has not signed that yet."""
        return self.is_open and self.requirement.waivable and not _is_among(by, self.waiver_signers)


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """Who countersigned, and when."""

    signer_id: int
    signer_label: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecommendationLine:
    """A version of the recommendation with its signatures; only the newest one counts."""

    recommendation: Recommendation
    signatures: list[SignatureLine]
    is_newest: bool


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter that went out, without its bytes."""

    id: int
    kind: str
    words: str
    title: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LicensedLine:
    """A licensed line and what the ledger says is left of it."""

    line: LicenseLine
    quantity: Balance
    value: Balance


@dataclass(frozen=True, slots=True)
class CaseClock:
    """What the case's clock shows, and the calendar days it may count."""

    reading: ClockReading
    limit_days: int


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """Who owns a share of a party today."""

    name: str
    headquarters: str | None
    percent: str | None
    is_controlling_parent: bool


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
    case = _read_case(acn)
    application = case.application
    items = list(application.items.all())
    requirements = _read_requirements(case)
    parties = _read_parties(application, now.date())
    holds = list(list_holds(_scopes(case, [party for party, _ in parties])))
    recommendations = _read_recommendations(case)
    determinations = list(application.determinations.all())
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
        letters=_letters(case),
        licensed=_read_licensed(case),
        clock=read_clock(case, now),
        journal=list(list_entries_of(_journaled(case))[:JOURNAL_SHOWN]),
        holds=holds,
        obstacles=_obstacles(requirements, holds),
        acts=list_acts(by, case, _stand(by, requirements, recommendations)),
        edition=_read_edition(determinations[-1]) if determinations else None,
    )


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
        had_a_hand=_is_among(by, hands),
        evidence_wanted=any(line.is_open for line in requirements),
        waiver_wanted=any(line.wants_waiver_of(by) for line in requirements),
    )


def _is_among(by: Principal, people: Collection[int]) -> bool:
    return by.actor.kind == "user" and by.actor.id in {str(pk) for pk in people}


def _read_case(acn: str) -> Case:
    letters = Letter.objects.filter(case=OuterRef("pk")).order_by("id")
    return (
        Case.objects.select_related(
            "application",
            "application__organization",
            "application__site_country",
            "application__installation",
            "application__installation__operator",
            "destination",
            "officer",
            "unit",
            "license",
            "exemption",
        )
        .annotate(
            letter_lines=ArraySubquery(letters.values(line=JSONObject(id="id", kind="kind", title="title", at="at")))
        )
        .get(acn=acn.upper())
    )


def _letters(case: Any) -> list[LetterLine]:
    return [
        LetterLine(
            id=line["id"],
            kind=line["kind"],
            words=LetterKind(line["kind"]).label,
            title=line["title"],
            at=datetime.fromisoformat(line["at"]),
        )
        for line in case.letter_lines
    ]


def _read_parties(application: Application, on: date) -> list[tuple[ApplicationParty, list[OwnerLine]]]:
    """The parties as they were named, each with its owners on a day, the largest share first. One query."""
    links = (
        OwnershipLink.objects.filter(owned=OuterRef("party_id"), from_on__lte=on)
        .filter(Q(to_on__isnull=True) | Q(to_on__gt=on))
        .order_by("-is_controlling_parent", F("percent").desc(nulls_last=True), "owner_id")
    )
    fields = {
        "name": F("owner__name"),
        "headquarters": F("owner__headquarters__name"),
        "percent": Cast("percent", CharField()),
        "is_controlling_parent": F("is_controlling_parent"),
    }
    named = application.parties.select_related(
        "country", "headquarters", "ultimate_parent_headquarters", "party"
    ).annotate(owner_lines=ArraySubquery(links.values(line=JSONObject(**fields))))
    return [(party, [OwnerLine(**line) for line in party.owner_lines]) for party in named]


def _read_requirements(case: Case) -> list[RequirementLine]:
    acts = RequirementAct.objects.filter(requirement=OuterRef("pk")).order_by("id")
    fields = ("kind", "choice", "says", "actor_id", "actor_label", "document_id", "round", "at")
    annotated = case.requirements.annotate(
        act_lines=ArraySubquery(acts.values(line=JSONObject(**{name: F(name) for name in fields})))
    )
    lines = []
    for requirement in annotated:
        given = [
            ActLine(
                **{**act, "at": datetime.fromisoformat(act["at"])},
                words=RequirementActKind(act["kind"]).label,
            )
            for act in requirement.act_lines
        ]
        signers = frozenset(
            act.actor_id
            for act in given
            if act.kind == RequirementActKind.WAIVER_SIGNED
            and act.round == requirement.round
            and act.actor_id is not None
        )
        lines.append(RequirementLine(requirement=requirement, acts=given, waiver_signers=signers))
    return lines


def _read_recommendations(case: Case) -> list[RecommendationLine]:
    signatures = Signature.objects.filter(recommendation=OuterRef("pk")).order_by("id")
    fields = ("signer_id", "signer_label", "at")
    versions = list(
        case.recommendations.annotate(
            signature_lines=ArraySubquery(signatures.values(line=JSONObject(**{name: F(name) for name in fields})))
        )
    )
    return [
        RecommendationLine(
            recommendation=version,
            signatures=[
                SignatureLine(**{**line, "at": datetime.fromisoformat(line["at"])}) for line in version.signature_lines
            ],
            is_newest=version is versions[-1],
        )
        for version in versions
    ]


def _read_licensed(case: Case) -> list[LicensedLine]:
    license_ = getattr(case, "license", None)
    if license_ is None:
        return []
    lines = list(license_.lines.all())
    totals: dict[str, Mapping[str, Mapping[str, Balance]]] = {
        kind: get_totals(kind, lines) for kind in (AccountKind.LICENSE_LINE_QUANTITY, AccountKind.LICENSE_LINE_VALUE)
    }
    return [
        LicensedLine(
            line=line,
            quantity=totals[AccountKind.LICENSE_LINE_QUANTITY][str(line.pk)][""],
            value=totals[AccountKind.LICENSE_LINE_VALUE][str(line.pk)][""],
        )
        for line in lines
    ]


def read_clock(case: Case, now: datetime) -> CaseClock | None:
    """What the case's clock shows; None where none was started. One query."""
    events = list(
        ClockEvent.objects.filter(
            clock__subject_kind="licensing.case", clock__subject_id=str(case.pk), clock__kind=CLOCK
        ).select_related("clock")
    )
    if not events:
        return None
    clock = events[0].clock
    reading = compute(
        [Event(event.kind, event.at, event.stop_key, event.ground) for event in events],
        now,
        limit_days=clock.limit_days,
        tz=clock.time_zone,
    )
    return CaseClock(reading=reading, limit_days=clock.limit_days)


def _journaled(case: Case) -> list[tuple[str, str]]:
    subjects = [("licensing.case", str(case.pk)), ("licensing.application", str(case.application_id))]
    license_ = getattr(case, "license", None)
    if license_ is not None:
        subjects.append(("licensing.license", str(license_.pk)))
    return subjects


def _scopes(case: Case, parties: list[ApplicationParty]) -> list[tuple[str, str]]:
    license_ = getattr(case, "license", None)
    return [
        ("country", case.destination_id),
        ("installation", str(case.application.installation_id)),
        *(("party", str(party)) for party in {named.party_id for named in parties if named.party_id}),
        *([("license", str(license_.pk))] if license_ is not None else []),
    ]


def _obstacles(requirements: list[RequirementLine], holds: list[Hold]) -> list[str]:
    """Why no license can be issued yet; the same sentences as the refusal's."""
    findings = check_requirements_closed(
        [(line.requirement.title, line.requirement.status, line.requirement.gates) for line in requirements]
    )
    return [finding.says for finding in findings if not finding.met] + [f"A hold stands: {hold.says}" for hold in holds]


def get_case_document(*, acn: str, document_id: int, by: Principal) -> Document:
    """A document of a case, for Commerce. Raises Document.DoesNotExist for one of another case."""
    check_is_staff_of_cases(by)
    return Document.objects.get(pk=document_id, application__case__acn=acn.upper())


def get_case_letter(*, acn: str, letter_id: int, by: Principal) -> Letter:
    """A letter of a case with its bytes, for Commerce. Raises Letter.DoesNotExist for one of another case."""
    check_is_staff_of_cases(by)
    return Letter.objects.get(pk=letter_id, case__acn=acn.upper())
