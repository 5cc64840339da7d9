"""What an exporter does with a draft: start it, save its steps, add documents, copy it, withdraw it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef

from accounts.models import Organization, User
from accounts.rules import Principal, Refused, Stale
from audit.operations import operation, record
from licensing.models import Application, ApplicationItem, ApplicationParty, Document, InformationRequest
from licensing.permissions import check_can_edit_application, check_can_file_for
from licensing.rules import APPLICATION_TRANSITIONS, next_status, put_unfinished
from licensing.statuses import ApplicationStatus, DocumentKind
from rulebook.selectors import get_catalogue, get_operating_edition

from .documents import Upload, inspect_pdf, store
from .ending import end_case

MOST_LINES = 50
MOST_PARTIES = 20
# US dollars. So many lines of this value still add up to a number of cents that the ledger can hold.
LARGEST_LINE_VALUE = 10**13


@operation
def start_application(
    *, organization: Organization, by: Principal, at: datetime, own_reference: str = ""
) -> Application:
    """Begin an empty draft for an exporter. Raises NotPermitted for anybody else."""
    check_can_file_for(by, organization_id=organization.pk)
    application = Application.objects.create(
        organization=organization,
        own_reference=own_reference,
        created_by=by if isinstance(by, User) else None,
        created_by_label=by.actor.label,
        created_at=at,
        saved_at=at,
    )
    record(subject=application, verb="application.started", says="Started a draft application.", by=by, at=at)
    return application


def lock_application(application: Application | UUID, *, by: Principal, with_documents: bool = False) -> Application:
    """Lock an application for one act of its applicant. Raises NotPermitted for anybody else.

    Named by its reference, one of another organization is not found (DoesNotExist). `with_documents` brings
    the kinds of its documents along, as `document_kinds`.
    """
    found = Application.objects.select_for_update(of=("self",)).select_related("organization", "site_country")
    if with_documents:
        kinds = Document.objects.filter(application=OuterRef("pk")).values("kind")
        found = found.annotate(document_kinds=ArraySubquery(kinds))
    if isinstance(application, UUID):
        locked = found.get(reference=application, organization=by.organization_id)
    else:
        locked = found.get(pk=application.pk)
    check_can_edit_application(by, locked)
    return locked


def check_draft(application: Application, *, version: int, act: str = "save") -> None:
    """Is it still a draft, and is the page it was seen on still current? Raises Refused or Stale."""
    next_status(APPLICATION_TRANSITIONS, ApplicationStatus(application.status), act, subject="This application")
    if application.version != version:
        raise Stale(
            "This application was changed on another page or by a colleague after you opened it. Nothing was "
            "overwritten. Reload the page to see the change, then enter yours again.",
            rule="application.version",
        )


def lock_draft(application: Application, *, version: int, by: Principal) -> Application:
    """Lock a draft for one act: is it theirs, is it still a draft, is their page current?"""
    locked = lock_application(application, by=by)
    check_draft(locked, version=version)
    return locked


def _save(
    application: Application, fields: Mapping[str, Any], *, step: str, words: str, by: Principal, at: datetime
) -> Application:
    for name, value in fields.items():
        setattr(application, name, value)
    application.version += 1
    application.saved_at = at
    application.save(update_fields=[*fields, "version", "saved_at"])
    record(
        subject=application,
        verb="application.saved",
        says=f"Saved {words}.",
        by=by,
        at=at,
        data={"step": step, "version": application.version},
    )
    return application


@operation
def save_parties(
    *,
    application: Application,
    parties: Sequence[Mapping[str, Any]],
    version: int,
    by: Principal,
    at: datetime,
    unfinished: Mapping[str, Any] | None = None,
) -> Application:
    """Save who takes part, in their roles (EAR 748.5); what was saved of this step before is replaced.

    Each party is a mapping with role, name, address, city, postal_code, country, headquarters,
    ultimate_parent and ultimate_parent_headquarters (countries as alpha-2 codes). `unfinished` is what of this
    step was left incomplete and stays so (`keep_unfinished`); without it nothing does.
    """
    locked = lock_draft(application, version=version, by=by)
    if len(parties) > MOST_PARTIES:
        raise Refused(f"An application can name at most {MOST_PARTIES} parties.", field="parties")
    locked.parties.all().delete()
    places: dict[str, int] = {}
    rows = []
    for party in parties:
        place = places[party["role"]] = places.get(party["role"], 0) + 1
        rows.append(
            ApplicationParty(
                application=locked,
                role=party["role"],
                position=place,
                name=party["name"].strip(),
                address=party["address"].strip(),
                city=party["city"].strip(),
                postal_code=party.get("postal_code", "").strip(),
                country_id=party["country"],
                headquarters_id=party.get("headquarters") or None,
                ultimate_parent=party.get("ultimate_parent", "").strip(),
                ultimate_parent_headquarters_id=party.get("ultimate_parent_headquarters") or None,
            )
        )
    ApplicationParty.objects.bulk_create(rows)
    left = put_unfinished(locked.unfinished, "parties", unfinished or {})
    return _save(locked, {"unfinished": left}, step="parties", words="the parties", by=by, at=at)


@operation
def keep_unfinished(
    *,
    application: Application,
    step: str,
    unfinished: Mapping[str, Mapping[str, Any]],
    version: int,
    by: Principal,
    at: datetime,
) -> Application:
    """Keep parties or items as far as they were typed, so that whoever leaves finds them again.

    `step` is "parties" or "items"; `unfinished` replaces what was kept of it: by what each entry is of ("new", or
    the one that it changes), the words as they were typed. Nothing of it is filed. Raises Refused and Stale as
    saving does.
    """
    locked = lock_draft(application, version=version, by=by)
    left = put_unfinished(locked.unfinished, step, unfinished)
    words = "what was left unfinished" if unfinished else "that nothing is left unfinished"
    return _save(locked, {"unfinished": left}, step=step, words=f"{words} of the {step}", by=by, at=at)


@operation
def save_installation(
    *, application: Application, installation: Mapping[str, Any], version: int, by: Principal, at: datetime
) -> Application:
    """Save where the chips will stand and what the applicant declares to be there already."""
    locked = lock_draft(application, version=version, by=by)
    fields = {
        "site_name": installation["site_name"].strip(),
        "site_operator": installation.get("site_operator", "").strip(),
        "site_address": installation["site_address"].strip(),
        "site_city": installation["site_city"].strip(),
        "site_country_id": installation["site_country"] or None,
        "declared_installed": installation.get("declared_installed"),
        "declared_licensed": installation.get("declared_licensed"),
        "declared_pending": installation.get("declared_pending"),
    }
    return _save(locked, fields, step="installation", words="the installation", by=by, at=at)


@operation
def save_items(
    *,
    application: Application,
    items: Sequence[Mapping[str, Any]],
    version: int,
    by: Principal,
    at: datetime,
    unfinished: Mapping[str, Any] | None = None,
) -> Application:
    """Save the lines to be exported (Block 22); what was saved of this step before is replaced.

    Each item is a mapping with kind, eccn, model, manufacturer, quantity, unit_price, tpp and
    memory_bandwidth_gbs (the last two only for a model that the catalogue does not know). `unfinished` is as in
    `save_parties`.
    """
    locked = lock_draft(application, version=version, by=by)
    if len(items) > MOST_LINES:
        raise Refused(f"An application can hold at most {MOST_LINES} lines.", field="items")
    for number, item in enumerate(items, start=1):
        if item["quantity"] * item["unit_price"] > LARGEST_LINE_VALUE:
            raise Refused(
                f"Line {number} would be worth more than {LARGEST_LINE_VALUE:,} US dollars, which cannot be meant.",
                rule="items.value",
                field="unit_price",
            )
    catalogue = get_catalogue()
    locked.items.all().delete()
    ApplicationItem.objects.bulk_create(
        ApplicationItem(
            application=locked,
            line_no=number,
            kind=item.get("kind", "chip"),
            eccn=item["eccn"].strip(),
            # A chip goes by its catalogue name from here on, however it was spelled.
            model=chip.name if (chip := catalogue.find_chip(item["model"])) else item["model"].strip(),
            manufacturer=item.get("manufacturer", "").strip(),
            quantity=item["quantity"],
            unit_price=item["unit_price"],
            tpp=item.get("tpp"),
            memory_bandwidth_gbs=item.get("memory_bandwidth_gbs"),
        )
        for number, item in enumerate(items, start=1)
    )
    left = put_unfinished(locked.unfinished, "items", unfinished or {})
    return _save(locked, {"unfinished": left}, step="items", words="the items", by=by, at=at)


@operation
def save_end_use(
    *, application: Application, end_use: Mapping[str, Any], version: int, by: Principal, at: datetime
) -> Application:
    """Save the specific end use (Block 21) and what else the applicant says (Block 24)."""
    locked = lock_draft(application, version=version, by=by)
    fields = {
        "end_use": end_use["end_use"].strip(),
        "additional_information": end_use.get("additional_information", "").strip(),
        "own_reference": end_use.get("own_reference", "").strip(),
        "resubmission_of": end_use.get("resubmission_of", "").strip().upper(),
        "all_or_nothing": end_use.get("all_or_nothing", False),
    }
    return _save(locked, fields, step="end-use", words="the end use", by=by, at=at)


@operation
def save_safeguards(
    *, application: Application, safeguards: Mapping[str, Any], version: int, by: Principal, at: datetime
) -> Application:
    """Save which of the edition's safeguards the applicant declares, and who signed the recipient's undertaking.

    Raises Refused for a fact that the edition in effect does not read.
    """
    locked = lock_draft(application, version=version, by=by)
    declared = sorted(set(safeguards.get("declared_facts", ())))
    known = get_operating_edition(at).facts
    for name in declared:
        if name not in known:
            raise Refused(f"The rules in effect know no safeguard “{name}”.", field="declared_facts")
    fields = {
        "declared_facts": declared,
        "undertaking_signatory": safeguards.get("undertaking_signatory", "").strip(),
        "undertaking_signed_on": safeguards.get("undertaking_signed_on"),
    }
    return _save(locked, fields, step="safeguards", words="the safeguards", by=by, at=at)


@operation
def add_document(
    *, application: Application, kind: str, title: str, upload: Upload, by: Principal, at: datetime
) -> Document:
    """Add a PDF to a draft. Its size, type and hash are read from its bytes.

    Raises Refused where the bytes are no readable PDF, or are in the application already.
    """
    locked = lock_draft(application, version=application.version, by=by)
    document = file_document(locked, kind=kind, title=title, upload=upload, by=by, at=at)
    Application.objects.filter(pk=locked.pk).update(saved_at=at)
    record(
        subject=locked,
        verb="document.added",
        says=f"Added the document “{document.title}”.",
        by=by,
        at=at,
        data={"document": document.pk, "kind": kind, "sha256": document.sha256, "size": document.size},
    )
    return document


def file_document(
    application: Application,
    *,
    kind: str,
    title: str,
    upload: Upload,
    by: Principal,
    at: datetime,
    information_request: InformationRequest | None = None,
    is_internal: bool = False,
) -> Document:
    """Inspect, store and list a PDF; the caller has locked, permitted and will record."""
    inspected = inspect_pdf(upload)
    if application.documents.filter(kind=kind, sha256=inspected.sha256).exists():
        raise Refused("This very document is already attached.", rule="document.once", field="file")
    return Document.objects.create(
        application=application,
        information_request=information_request,
        kind=kind,
        title=title.strip() or DocumentKind(kind).label,
        file=store(inspected),
        sha256=inspected.sha256,
        size=len(inspected.content),
        pages=inspected.pages,
        uploaded_by_label=by.actor.label,
        uploaded_at=at,
        is_internal=is_internal,
    )


@operation
def remove_document(*, document: Document, by: Principal, at: datetime) -> None:
    """Take a document out of a draft; the journal keeps its hash. What was submitted stays.

    Raises Refused where it was removed before, also by somebody else in the same instant.
    """
    locked = lock_application(Application(pk=document.application_id), by=by)
    check_draft(locked, version=locked.version)
    # Read again now that nobody else can: what was handed in may be gone.
    found = locked.documents.filter(pk=document.pk).first()
    if found is None:
        raise Refused(
            "This document was removed before, on another page or by a colleague. Nothing more was done.",
            rule="document.there",
        )
    found.delete()
    record(
        subject=locked,
        verb="document.removed",
        says=f"Removed the document “{found.title}”.",
        by=by,
        at=at,
        data={"sha256": found.sha256},
    )


COPIED_OF_A_PARTY = (
    "role",
    "position",
    "name",
    "address",
    "city",
    "postal_code",
    "country_id",
    "headquarters_id",
    "ultimate_parent",
    "ultimate_parent_headquarters_id",
)
COPIED_OF_AN_ITEM = (
    "line_no",
    "kind",
    "eccn",
    "model",
    "manufacturer",
    "quantity",
    "unit_price",
    "tpp",
    "memory_bandwidth_gbs",
)


@operation
def copy_application(*, application: Application, by: Principal, at: datetime) -> Application:
    """Begin a draft with what an earlier application says. Documents and certification are not carried over."""
    check_can_edit_application(by, application)
    copied = (
        "organization",
        "site_name",
        "site_operator",
        "site_address",
        "site_city",
        "site_country",
        "end_use",
        "additional_information",
        "all_or_nothing",
        "declared_facts",
    )
    draft = Application.objects.create(
        **{name: getattr(application, name) for name in copied},
        created_by=by if isinstance(by, User) else None,
        created_by_label=by.actor.label,
        created_at=at,
        saved_at=at,
    )
    ApplicationParty.objects.bulk_create(
        ApplicationParty(application=draft, **{name: getattr(party, name) for name in COPIED_OF_A_PARTY})
        for party in application.parties.all()
    )
    ApplicationItem.objects.bulk_create(
        ApplicationItem(application=draft, **{name: getattr(item, name) for name in COPIED_OF_AN_ITEM})
        for item in application.items.all()
    )
    record(
        subject=draft,
        verb="application.copied",
        says="Started a draft as a copy of an earlier application.",
        by=by,
        at=at,
        data={"copied_from": str(application.reference)},
    )
    return draft


@operation
def withdraw_application(*, application: Application, reason: str, by: Principal, at: datetime) -> Application:
    """Withdraw a draft or a pending application; a pending one's case closes and its chips are released."""
    locked = lock_application(application, by=by)
    status = next_status(
        APPLICATION_TRANSITIONS, ApplicationStatus(locked.status), "withdraw", subject="This application"
    )
    if not reason.strip():
        raise Refused("Say in a few words why you withdraw.", rule="withdrawal.reason", field="reason")
    was_submitted = locked.status == ApplicationStatus.SUBMITTED
    Application.objects.filter(pk=locked.pk).update(status=status, version=F("version") + 1)
    locked.refresh_from_db()
    record(
        subject=locked,
        verb="application.withdrawn",
        says=f"Withdrew the application: {reason.strip()}",
        by=by,
        at=at,
    )
    if was_submitted:
        end_case(locked.case, act="withdraw", says=f"The applicant withdrew: {reason.strip()}", by=by, at=at)
    return locked
