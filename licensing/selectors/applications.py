"""What an exporter sees: its own organization's applications, and never anybody else's."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from accounts.rules import Principal
from deadlines.rules import day_of
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
    StoredDetermination,
)
from licensing.permissions import check_can_see_application, check_is_exporter
from licensing.rules import Finding, explain_to_applicant, license_status
from licensing.statuses import LicenseStatus
from rulebook.rules import Edition
from rulebook.selectors import get_catalogue, get_edition, get_operating_edition

from .completeness import list_findings
from .waiting import RequirementView, list_requirement_views


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """A draft with its steps and what still stands in the way of submitting it."""

    application: Application
    parties: list[ApplicationParty]
    items: list[ApplicationItem]
    documents: list[Document]
    findings: tuple[Finding, ...]
    safeguards: list[tuple[str, str]]

    def lacking(self, step: str) -> list[Finding]:
        """What a step still needs."""
        return [finding for finding in self.findings if finding.step == step]


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of a license and what the ledger says of it, in units: what was drawn, is reserved, and is left."""

    line: LicenseLine
    drawn: int
    reserved: int
    left: int


@dataclass(frozen=True, slots=True)
class FiledPage:
    """A filed application as its applicant follows it: no notes, no recommendations, no other filers' counts."""

    application: Application
    case: Case
    parties: list[ApplicationParty]
    items: list[ApplicationItem]
    documents: list[Document]
    determination: Mapping[str, Any]
    withheld: bool
    requirements: list[RequirementView]
    questions: list[InformationRequest]
    letters: list[Letter]
    lines: list[LineView]


APPLICATIONS_SHOWN = 25


@dataclass(frozen=True, slots=True)
class ApplicationsPage:
    """A page of an organization's applications, and where the next one begins."""

    rows: list[Application]
    before: str


def get_applications_from(*, by: Principal, before: str = "", size: int = APPLICATIONS_SHOWN) -> ApplicationsPage:
    """A page of this principal's organization's applications, the newest first; `before` is where it begins.

    Three queries, however many there are. Raises NotPermitted for anybody who is not an exporter's.
    """
    found = list_applications_of(by)
    if before.isdecimal():
        found = found.filter(pk__lt=int(before[:18]))
    rows = list(found[: size + 1])
    more = len(rows) > size
    return ApplicationsPage(rows=rows[:size], before=str(rows[size - 1].pk) if more else "")


def list_applications_of(by: Principal) -> QuerySet[Application]:
    """The applications of this principal's organization, the newest first, each with its case.

    Raises NotPermitted for anybody who is not an exporter's.
    """
    check_is_exporter(by)
    return (
        Application.objects.filter(organization=by.organization_id)
        .select_related("case", "case__license", "case__exemption", "site_country")
        .prefetch_related("items", "parties")
        .order_by("-id")
    )


def list_licenses_of(by: Principal) -> QuerySet[License]:
    """The licenses of this principal's organization, the newest first. Raises NotPermitted for anybody else."""
    check_is_exporter(by)
    return (
        License.objects.filter(organization=by.organization_id)
        .select_related("case", "case__application", "destination", "installation")
        .prefetch_related("lines")
        .order_by("-id")
    )


def get_application(reference: str | UUID, by: Principal) -> Application:
    """An application by its reference, for an act.

    Raises Application.DoesNotExist for one that is not this organization's, as if it were not there, and
    NotPermitted for anybody who is not an exporter's.
    """
    check_is_exporter(by)
    try:
        application = Application.objects.select_related("organization", "site_country").get(
            Q(reference=reference), organization=by.organization_id
        )
    except ValidationError as error:
        raise Application.DoesNotExist from error
    check_can_see_application(by, application)
    return application


def get_application_page(*, reference: str | UUID, by: Principal, at: datetime) -> ApplicationPage:
    """A draft with everything its steps show. Raises Application.DoesNotExist for other people's."""
    application = get_application(reference, by)
    edition = get_operating_edition(at)
    parties = list(application.parties.select_related("country", "headquarters", "ultimate_parent_headquarters"))
    items, documents = list(application.items.all()), list(application.documents.all())
    findings = list_findings(application, edition, parties, items, frozenset(document.kind for document in documents))
    return ApplicationPage(
        application=application,
        parties=parties,
        items=items,
        documents=documents,
        findings=tuple(finding for finding in findings if not finding.met),
        safeguards=[(fact.name, fact.words) for fact in edition.facts.values()],
    )


def get_filed_page(*, reference: str | UUID, by: Principal, at: datetime) -> FiledPage:
    """A filed application as its applicant may see it.

    Raises Application.DoesNotExist for other people's, and for a draft: it has no case yet.
    """
    check_is_exporter(by)
    # With a filing come its determination and its case, so one query reads the three.
    stored = (
        StoredDetermination.objects.select_related(
            "application__organization",
            "application__site_country",
            "application__case__destination",
            "application__case__license",
            "application__case__exemption",
        )
        .filter(application__reference=reference, application__organization=by.organization_id)
        .order_by("-sequence")
        .first()
    )
    if stored is None:
        raise Application.DoesNotExist
    application = stored.application
    check_can_see_application(by, application)
    case: Case = application.case
    determination, withheld = explain_to_applicant(
        json.loads(stored.result), discloses_counts=discloses_counts(stored.declared, stored.known)
    )
    parties, items = list(application.parties.select_related("country")), list(application.items.all())
    requirements = list(case.requirements.all())
    return FiledPage(
        application=application,
        case=case,
        parties=parties,
        items=items,
        documents=list(application.documents.filter(is_internal=False)),
        determination=determination,
        withheld=withheld,
        requirements=list_requirement_views(
            case=case,
            requirements=requirements,
            parties=parties,
            items=items,
            edition=_remember_edition(stored.edition_identifier, stored.edition_hash),
            at=at,
        )
        if requirements
        else [],
        questions=list(case.information_requests.all()),
        letters=list(case.letters.defer("pdf")),
        lines=_list_lines(getattr(case, "license", None)),
    )


@lru_cache(maxsize=16)
def _remember_edition(identifier: str, content_hash: str) -> Edition:
    """An edition by its name and the hash of its text, which never changes: a process asks for it once."""
    return get_edition(identifier)


def _list_lines(license_: License | None) -> list[LineView]:
    if license_ is None:
        return []
    lines = list(license_.lines.all())
    totals = get_totals(AccountKind.LICENSE_LINE_QUANTITY, lines)
    views = []
    for line in lines:
        balances = totals.get(str(line.pk), {}).values()
        views.append(
            LineView(
                line=line,
                drawn=sum(balance.drawn for balance in balances),
                reserved=sum(balance.reserved for balance in balances),
                left=sum(balance.left or 0 for balance in balances),
            )
        )
    return views


def discloses_counts(declared: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Whether the counts in a determination tell its applicant nothing beyond what the applicant declared."""
    stages = ("installed", "licensed", "pending")
    group = known.get("group_in_country", {})
    return all(known.get(stage, 0) <= declared.get(stage, 0) for stage in stages) and not any(
        group.get(stage, 0) for stage in stages
    )


def get_letter(*, letter_id: int, by: Principal) -> Letter:
    """A letter with its bytes, for its applicant. Raises Letter.DoesNotExist for anybody else's."""
    check_is_exporter(by)
    return Letter.objects.select_related("case", "case__application").get(
        pk=letter_id, case__application__organization=by.organization_id
    )


def get_own_document(*, reference: str | UUID, document_id: int, by: Principal) -> Document:
    """A document of an own application, never an internal one. Raises DoesNotExist for any other."""
    application = get_application(reference, by)
    return application.documents.get(pk=document_id, is_internal=False)


def get_question(*, reference: str | UUID, number: int, by: Principal) -> InformationRequest:
    """A question on an own case. Raises DoesNotExist for any other."""
    application = get_application(reference, by)
    return InformationRequest.objects.select_related("case", "case__application").get(
        case__application=application, number=number
    )


@dataclass(frozen=True, slots=True)
class LicenseView:
    """A license as its holder sees it: what it is worth today and what is left of it."""

    license: License
    status: str
    status_words: str
    quantity: int
    left: int


def list_license_views(*, by: Principal, on: date) -> list[LicenseView]:
    """The licenses of this principal's organization with what they are worth on a day. Three queries."""
    licenses = list(list_licenses_of(by))
    lines = [line for license_ in licenses for line in license_.lines.all()]
    totals = get_totals(AccountKind.LICENSE_LINE_QUANTITY, lines)
    views = []
    for license_ in licenses:
        own = [totals[str(line.pk)][""] for line in license_.lines.all()]
        left = sum(balance.left or 0 for balance in own)
        status = LicenseStatus(
            license_status(
                on=on,
                valid_from=license_.valid_from,
                expires_on=license_.expires_on,
                suspended=license_.suspended_at is not None,
                revoked=license_.revoked_at is not None,
                surrendered=license_.surrendered_at is not None,
                quantity_left=left,
            )
        )
        views.append(
            LicenseView(
                license=license_,
                status=status.value,
                status_words=str(status.label),
                quantity=sum(line.quantity for line in license_.lines.all()),
                left=left,
            )
        )
    return views


@dataclass(frozen=True, slots=True)
class ExemptionView:
    """An accepted exemption as its holder sees it, and what it is worth today."""

    exemption: Exemption
    status: str
    status_words: str


def list_exemption_views(*, by: Principal, on: date) -> list[ExemptionView]:
    """The accepted exemptions of this principal's organization, the newest first, on a day. One query.

    Raises NotPermitted for anybody who is not an exporter's.
    """
    check_is_exporter(by)
    found = Exemption.objects.filter(organization=by.organization_id)
    views = []
    for exemption in found.select_related("case__application", "case__destination", "installation").order_by("-id"):
        status = LicenseStatus(
            license_status(
                on=on,
                valid_from=day_of(exemption.accepted_at),
                expires_on=exemption.lapses_on,
                suspended=False,
                revoked=False,
                quantity_left=exemption.chips,
            )
        )
        views.append(ExemptionView(exemption=exemption, status=status.value, status_words=str(status.label)))
    return views


def list_model_names() -> list[str]:
    """The names of the chip models that the catalogue knows, for a form to suggest. It asks no database."""
    return sorted(chip.name for chip in get_catalogue().chips.values())
