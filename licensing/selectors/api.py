"""What an exporter's program reads: its organization's applications and what came of them, whole."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from accounts.rules import Principal, Refused
from deadlines.rules import day_of
from ledger.rules import Balance
from ledger.selectors import get_totals
from ledger.statuses import AccountKind
from licensing.models import (
    Application,
    ApplicationItem,
    ApplicationParty,
    Case,
    Document,
    Exemption,
    InformationRequest,
    Letter,
    License,
    LicenseLine,
    Requirement,
    StoredDetermination,
)
from licensing.rules import Finding, explain_to_applicant, license_status
from licensing.statuses import ApplicationStatus, LicenseStatus
from rulebook.selectors import get_operating_edition

from .applications import discloses_counts, get_application, list_applications_of
from .completeness import list_findings

_LAST_POSITION = 2**15 - 1


@dataclass(frozen=True, slots=True)
class ApplicationSlice:
    """A few of an organization's applications, the newest first, and after which one the next few follow."""

    applications: list[Application]
    after: UUID | None


@dataclass(frozen=True, slots=True)
class DocumentSlice:
    """A few of an application's documents, the oldest first, and after which one the next few follow."""

    documents: list[Document]
    after: int | None


@dataclass(frozen=True, slots=True)
class RequirementSlice:
    """A few of a case's requirements in their order, and after which one the next few follow."""

    requirements: list[Requirement]
    after: int | None


@dataclass(frozen=True, slots=True)
class WholeApplication:
    """All that an applicant said, with its documents; `findings` is what a draft still lacks."""

    application: Application
    acn: str | None
    parties: list[ApplicationParty]
    items: list[ApplicationItem]
    documents: list[Document]
    findings: list[Finding]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an application stands; without a case while it is a draft, or was withdrawn as one."""

    application: Application
    case: Case | None = None
    determination: Mapping[str, Any] | None = None
    withheld: bool = False
    questions: list[InformationRequest] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class GrantedLine:
    """A licensed line with what is left of its quantity and, in US cents, of its value."""

    line: LicenseLine
    quantity_left: int
    value_cents_left: int


@dataclass(frozen=True, slots=True)
class Grant:
    """A license or an accepted exemption as its holder has it on a day."""

    kind: str
    granted: License | Exemption
    status: LicenseStatus
    valid_from: date
    expires_on: date
    chips: int
    lines: list[GrantedLine]
    conditions: list[str]
    letters: list[Letter]


def get_application_slice(*, by: Principal, after: UUID | None, limit: int) -> ApplicationSlice:
    """Up to `limit` applications of this organization, those that are older than `after` where it is given.

    Raises Application.DoesNotExist where `after` is not one of them.
    """
    found = list_applications_of(by).prefetch_related(None)
    if after is not None:
        found = found.filter(pk__lt=found.values_list("pk", flat=True).get(reference=after))
    rows = list(found[: limit + 1])
    more = len(rows) > limit
    return ApplicationSlice(rows[:limit], rows[limit - 1].reference if more else None)


def get_document_slice(*, reference: str | UUID, by: Principal, after: int, limit: int) -> DocumentSlice:
    """Up to `limit` documents of an own application after the one with the id `after`, never an internal one.

    Raises Application.DoesNotExist for other people's.
    """
    application = get_application(reference, by)
    rows = list(application.documents.filter(is_internal=False, pk__gt=after).order_by("pk")[: limit + 1])
    return DocumentSlice(rows[:limit], rows[limit - 1].pk if len(rows) > limit else None)


def get_whole_application(*, reference: str | UUID, by: Principal, at: datetime) -> WholeApplication:
    """An application with all its parts. Raises Application.DoesNotExist for other people's."""
    application = get_application(reference, by)
    parties, items = list(application.parties.all()), list(application.items.all())
    documents = list(application.documents.filter(is_internal=False))
    findings: list[Finding] = []
    if application.status == ApplicationStatus.DRAFT:
        edition = get_operating_edition(at)
        findings = [
            each
            for each in list_findings(application, edition, parties, items, frozenset(each.kind for each in documents))
            if not each.met
        ]
    acn = Case.objects.filter(application=application).values_list("acn", flat=True).first()
    return WholeApplication(application, acn, parties, items, documents, findings)


def get_standing(*, reference: str | UUID, by: Principal) -> Standing:
    """Where an application stands, as its applicant may know it. Raises Application.DoesNotExist for others'."""
    application = get_application(reference, by)
    case = Case.objects.filter(application=application).first()
    if case is None:
        return Standing(application)
    case.application = application
    return explain_standing(
        case=case,
        determination=application.determinations.order_by("-sequence")[0],
        questions=list(case.information_requests.prefetch_related("documents")),
        letters=list(case.letters.defer("pdf")),
    )


def explain_standing(
    *,
    case: Case,
    determination: StoredDetermination,
    questions: Sequence[InformationRequest] = (),
    letters: Sequence[Letter] = (),
) -> Standing:
    """Where a filed application stands, from rows that are at hand; it reads nothing."""
    told, withheld = explain_to_applicant(
        json.loads(determination.result),
        discloses_counts=discloses_counts(determination.declared, determination.known),
    )
    return Standing(
        application=case.application,
        case=case,
        determination=told,
        withheld=withheld,
        questions=list(questions),
        letters=list(letters),
    )


def get_requirement_slice(*, reference: str | UUID, by: Principal, after: int, limit: int) -> RequirementSlice:
    """What the rules require of a filed application: up to `limit` requirements after the position `after`.

    Raises Application.DoesNotExist for other people's, and Refused for a draft: it has no determination yet.
    """
    application = get_application(reference, by)
    if application.submitted_at is None:
        raise Refused(
            "This application was never submitted, so nothing is required of it yet. Its requirements follow from "
            "the determination that is made when it is submitted; POST /determinations/ gives an answer beforehand.",
            rule="application.submitted",
        )
    found = Requirement.objects.filter(case__application=application, position__gt=min(after, _LAST_POSITION))
    rows = list(found.order_by("position")[: limit + 1])
    return RequirementSlice(rows[:limit], rows[limit - 1].position if len(rows) > limit else None)


def get_grant(*, reference: str | UUID, by: Principal, on: date) -> Grant | None:
    """The license or exemption that an application was granted, with what is left of it on a day; else None.

    Raises Application.DoesNotExist for other people's.
    """
    application = get_application(reference, by)
    found = Case.objects.select_related("license", "exemption").filter(application=application).first()
    license_: License | None = getattr(found, "license", None)
    exemption: Exemption | None = getattr(found, "exemption", None)
    if found is None or (license_ is None and exemption is None):
        return None
    letters = list(found.letters.defer("pdf"))
    if license_ is not None:
        return _licensed(license_, letters, on)
    assert exemption is not None
    accepted_on = day_of(exemption.accepted_at)
    status = license_status(
        on=on,
        valid_from=accepted_on,
        expires_on=exemption.lapses_on,
        suspended=False,
        revoked=False,
        quantity_left=exemption.chips,
    )
    return Grant(
        kind="exemption",
        granted=exemption,
        status=LicenseStatus(status),
        valid_from=accepted_on,
        expires_on=exemption.lapses_on,
        chips=exemption.chips,
        lines=[],
        conditions=[],
        letters=letters,
    )


def _licensed(license_: License, letters: list[Letter], on: date) -> Grant:
    rows = list(license_.lines.all())
    quantities = get_totals(AccountKind.LICENSE_LINE_QUANTITY, rows)
    values = get_totals(AccountKind.LICENSE_LINE_VALUE, rows)
    lines = [
        GrantedLine(
            line=row,
            quantity_left=_left(quantities.get(str(row.pk), {})),
            value_cents_left=_left(values.get(str(row.pk), {})),
        )
        for row in rows
    ]
    status = license_status(
        on=on,
        valid_from=license_.valid_from,
        expires_on=license_.expires_on,
        suspended=license_.suspended_at is not None,
        revoked=license_.revoked_at is not None,
        surrendered=license_.surrendered_at is not None,
        quantity_left=sum(line.quantity_left for line in lines),
    )
    return Grant(
        kind="license",
        granted=license_,
        status=LicenseStatus(status),
        valid_from=license_.valid_from,
        expires_on=license_.expires_on,
        chips=sum(row.quantity for row in rows),
        lines=lines,
        conditions=list(license_.conditions.values_list("text", flat=True)),
        letters=letters,
    )


def _left(balances: Mapping[str, Balance]) -> int:
    return sum(balance.left or 0 for balance in balances.values())
