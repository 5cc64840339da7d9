"""From a certified draft to a numbered case: what counts is counted, determined, stored and set running."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection
from django.db.models import Prefetch, prefetch_related_objects
from django.db.models.functions import Lower

from accounts.rules import SYSTEM, Principal, Refused
from audit.operations import operation, record
from deadlines.operations import set_deadline, start_clock
from deadlines.rules import add_calendar_days, to_minute
from ledger.operations import reserve_each
from ledger.statuses import AccountKind
from licensing.addresses import on_desk
from licensing.models import Application, ApplicationParty, Case, Letter, Requirement, StoredDetermination
from licensing.rules import (
    APPLICATION_TRANSITIONS,
    CLOCK,
    Counts,
    acn_of,
    chips_in_unit,
    larger_counts,
    next_status,
    normalized,
    shorten,
    transaction_digest,
    worst_party,
)
from licensing.selectors.completeness import list_findings
from licensing.statuses import ApplicationStatus, CaseKind, CaseStatus, ItemKind, LetterKind, PartyRole
from registry.models import Installation, OwnershipLink, Party
from registry.operations import NewParty, register_installation, register_parties
from registry.selectors import get_place_counts, list_controlling_owners
from rulebook.rules import BadFacts, Determination, Edition, determine, parse_facts
from rulebook.selectors import get_catalogue, get_operating_edition

from .applications import check_draft, lock_application
from .ending import record_closing, refuse_unmet
from .letters import write_letter

AGENCY_ZONE = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True)
class Filed:
    """What a filing made. Without a determination where the same key had made the case before."""

    case: Case
    determination: StoredDetermination | None = None
    letter: Letter | None = None


def determine_draft(*, application: Application, at: datetime) -> Determination:
    """What the rules would answer to a draft as it stands, from what the applicant declares alone.

    It changes nothing. What other filings account for is not in it: a draft must not become a way to ask
    what others have (50 USC 4820(h)). Raises Refused where the draft is too thin to be answered.
    """
    edition = get_operating_edition(at)
    parties = list(application.parties.all())
    facts = _facts(
        application,
        edition,
        _gravest(edition, _declared_headquarters(parties)),
        _declared_counts(application),
        Counts(),
    )
    return _determine(facts, edition)[1]


@operation
def certify_and_submit(
    *,
    application: Application | UUID,
    name: str,
    title: str,
    certified: bool,
    version: int,
    key: str,
    by: Principal,
    at: datetime,
) -> Case:
    """Certify a draft and file it: it gets its number, its determination and its case.

    `application` may be named by its reference; one of another organization is not found (DoesNotExist).
    The same `key` again gives the same case, so that a double click files once. Raises Refused with every
    finding that stands in the way, Stale for an old page, and Refused with the pending number for a second
    application for the same transaction (EAR 748.4(f)).
    """
    return file_application(
        application=application, name=name, title=title, certified=certified, version=version, key=key, by=by, at=at
    ).case


@operation
def file_application(
    *,
    application: Application | UUID,
    name: str,
    title: str,
    certified: bool,
    version: int,
    key: str,
    by: Principal,
    at: datetime,
) -> Filed:
    """Certify and file as `certify_and_submit`, and give back all that was made, so that nobody reads it again."""
    locked = lock_application(application, by=by, with_documents=True)
    if key and locked.submission_key == key:
        return Filed(Case.objects.select_related("application").get(application=locked))
    check_draft(locked, version=version, act="submit")
    # The letter of a case that is over at once is written from the same rows.
    seats = ApplicationParty.objects.select_related("country", "headquarters")
    prefetch_related_objects([locked], Prefetch("parties", queryset=seats), "items")
    parties, items = list(locked.parties.all()), list(locked.items.all())
    edition = get_operating_edition(at)
    refuse_unmet(list_findings(locked, edition, parties, items, frozenset(vars(locked)["document_kinds"])))
    if not certified or not name.strip():
        raise Refused(
            "Certify with your name that what you file is true and complete.",
            rule="certification.given",
            field="certifier_name" if certified else "certified",
        )
    digest = _digest(locked, parties, items)
    _take_turns([digest, *(normalized(named.name) for named in parties)])
    _refuse_second(digest)
    known_parties = _resolve_parties(parties, at=at)
    operator = next(p.party for p in parties if p.role == PartyRole.END_USER)
    installation = _resolve_installation(locked, operator, at=at)
    known, group = _known_counts(installation, edition, at=at)
    declared = _declared_counts(locked)
    pairs = _declared_headquarters(parties)
    pairs += _known_headquarters(known_parties, at=at)
    facts = _facts(locked, edition, _gravest(edition, pairs), larger_counts(declared, known), group, items)
    parsed, determination = _determine(facts, edition)

    locked.certifier_name = name.strip()
    locked.certifier_title = title.strip()
    locked.certified_on = at.astimezone(AGENCY_ZONE).date()
    locked.submitted_at = at
    locked.saved_at = at
    locked.submission_key = key
    locked.transaction_digest = digest
    locked.installation = installation
    locked.version += 1
    locked.status = next_status(
        APPLICATION_TRANSITIONS, ApplicationStatus(locked.status), "submit", subject="This application"
    )
    answered = KINDS[determination.disposition][1] != CaseStatus.RECEIVED
    if answered:
        locked.status = next_status(
            APPLICATION_TRANSITIONS, ApplicationStatus(locked.status), "close", subject="This application"
        )
    try:
        locked.save()
    except IntegrityError as error:
        # The digest has had its turn under the lock; what is left is a key that was used before.
        raise Refused(
            "This form was sent before, for another application. Reload the page and certify again.",
            rule="application.submission_key",
        ) from error
    stored = StoredDetermination.objects.create(
        application=locked,
        sequence=1,
        edition_identifier=edition.id,
        edition_hash=edition.content_hash,
        facts_digest=parsed.digest(),
        facts=parsed.as_dict(),
        declared=declared.as_dict(),
        known={**known.as_dict(), "group_in_country": group.as_dict()},
        result=determination.as_json(),
        determined_at=at,
    )
    case = _open_case(locked, parties, items, determination, edition, at=at)
    open_requirements(case, determination, edition)
    record(
        subject=case,
        verb="case.opened",
        says=f"Received as {case.acn}: {case.subject_line}. {_summary(determination)}",
        by=by,
        at=at,
        data={"application": str(locked.reference), "edition": edition.id, "certified_by": name.strip()},
        covers=[stored],
    )
    if case.closed_at is None:
        _set_running(case, items, edition, by=by, at=at)
        return Filed(case, stored)
    kind = LetterKind.REFUSAL if case.kind == CaseKind.REFUSAL else LetterKind.ANSWER
    letter = write_letter(case=case, kind=kind, result=determination.as_dict(), by=SYSTEM, at=at)
    record_closing(case, at=at)
    return Filed(case, stored, letter)


def _digest(application: Application, parties: Iterable[ApplicationParty], items: Iterable[Any]) -> str:
    def names(role: str) -> str:
        return "; ".join(sorted(p.name for p in parties if p.role == role))

    return transaction_digest(
        organization_id=application.organization_id,
        purchaser=names(PartyRole.PURCHASER),
        ultimate_consignee=names(PartyRole.ULTIMATE_CONSIGNEE),
        site=(application.site_country_id or "", application.site_city, application.site_name),
        items=[(item.model, item.quantity) for item in items],
    )


def _take_turns(subjects: Iterable[str]) -> None:
    """Let filings that name the same party or transaction follow one another, until this one is committed.

    A row lock cannot do it: the party, the installation or the other filing may not be stored yet. The locks
    are taken in one order, so that no two filings wait for each other.
    """
    keys = sorted(
        int.from_bytes(hashlib.sha256(f"licensing.submission:{subject}".encode()).digest()[:8], signed=True)
        for subject in set(subjects)
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])


def _refuse_second(digest: str) -> None:
    pending = (
        Case.objects.filter(application__transaction_digest=digest, application__status=ApplicationStatus.SUBMITTED)
        .values_list("acn", flat=True)
        .first()
    )
    if pending:
        raise Refused(
            f"An application for this same transaction is pending as {pending}. Only one may be pending at a time "
            "(15 CFR 748.4(f)). Wait for its decision, or withdraw it first.",
            rule="application.one_pending",
        )


def _resolve_parties(parties: list[ApplicationParty], *, at: datetime) -> list[Party]:
    """Find each named party in the shared registry, or enter it there; it knows each by name once.

    Returns those that it knew before.
    """
    names = {normalized(named.name) for named in parties}
    found: dict[str, Party] = {}
    # The registry compares names without case; punctuation and spaces are compared here.
    for party in Party.objects.annotate(plain=Lower("name")).filter(
        organization__isnull=True, plain__in={named.name.lower() for named in parties} | names
    ):
        found.setdefault(normalized(party.name), party)
    known = list(found.values())
    missing = {normalized(named.name): named for named in parties if normalized(named.name) not in found}
    if missing:
        entered = register_parties(
            parties=[
                NewParty(
                    name=named.name,
                    headquarters=named.headquarters,
                    address={
                        "line": named.address,
                        "city": named.city,
                        "postal_code": named.postal_code,
                        "country": named.country,
                    },
                )
                for named in missing.values()
            ],
            by=SYSTEM,
            at=at,
        )
        found |= dict(zip(missing, entered, strict=True))
    for named in parties:
        named.party = found[normalized(named.name)]
    ApplicationParty.objects.bulk_update(parties, ["party"])
    return known


def _declared_headquarters(parties: Iterable[ApplicationParty]) -> list[tuple[str | None, str | None]]:
    """Each party's seat and its ultimate parent's. Where no seat is stated, the country of its address stands in:
    what is left out must not make anything better."""
    return [(named.headquarters_id or named.country_id, named.ultimate_parent_headquarters_id) for named in parties]


def _known_headquarters(parties: list[Party], *, at: datetime) -> list[tuple[str | None, str | None]]:
    """What the registry knew of the parties' seats, and of the seats of everybody who controls them."""
    known: list[tuple[str | None, str | None]] = [(party.headquarters_id, None) for party in parties]
    if parties:
        owned = OwnershipLink.objects.filter(owned__in=parties).values_list("owned_id", flat=True).distinct()
        with_owners = set(owned)
        for party in parties:
            above = list_controlling_owners(party, at.date()) if party.pk in with_owners else []
            known += [(party.headquarters_id, owner.headquarters_id) for owner in above]
    return known


def _resolve_installation(application: Application, operator: Party | None, *, at: datetime) -> Installation:
    """Find the named installation of its operator, or enter it, and lock it: its chips are counted next."""
    country = application.site_country
    assert operator is not None
    assert country is not None
    place = Installation.objects.select_for_update().filter(
        operator=operator, name__iexact=application.site_name.strip(), country=country
    )
    found = place.first()
    if found is None:
        found = register_installation(
            operator=operator,
            name=application.site_name.strip(),
            city=application.site_city,
            country=country,
            address=application.site_address,
            by=SYSTEM,
            at=at,
        )
    return found


def _known_counts(installation: Installation, edition: Edition, *, at: datetime) -> tuple[Counts, Counts]:
    own, group = get_place_counts(installation, at.date())
    return _in_unit(own, edition), _in_unit(group, edition)


def _in_unit(counts: Mapping[str, Any], edition: Edition) -> Counts:
    catalogue = get_catalogue()
    tpp_of = {name: chip.tpp.value for name in counts if (chip := catalogue.find_chip(name))}

    def counted(stage: str) -> int:
        return chips_in_unit(
            {model: getattr(row, stage) for model, row in counts.items()},
            tpp_of,
            edition.unit.reference_tpp,
        )

    return Counts(installed=counted("installed"), licensed=counted("licensed"), pending=counted("pending"))


def _declared_counts(application: Application) -> Counts:
    return Counts(
        installed=application.declared_installed or 0,
        licensed=application.declared_licensed or 0,
        pending=application.declared_pending or 0,
    )


def _gravest(edition: Edition, pairs: Iterable[tuple[str | None, str | None]]) -> tuple[str | None, str | None]:
    pairs = list(pairs)
    codes = {code for pair in pairs for code in pair if code}
    return worst_party(pairs, {code: edition.country_rules[edition.country(code).status].severity for code in codes})


def _facts(
    application: Application,
    edition: Edition,
    headquarters: tuple[str | None, str | None],
    counts: Counts,
    group: Counts,
    items: Iterable[Any] | None = None,
) -> dict[str, Any]:
    lines: list[dict[str, Any]] = []
    for item in application.items.all() if items is None else items:
        line: dict[str, Any] = {"kind": item.kind}
        if item.kind == ItemKind.CHIP:
            line |= {"model": item.model, "quantity": item.quantity}
            if item.tpp is not None and item.memory_bandwidth_gbs is not None:
                line |= {"tpp": float(item.tpp), "memory_bandwidth_gbs": float(item.memory_bandwidth_gbs)}
        lines.append(line)
    facts: dict[str, Any] = {
        "destination": application.site_country_id,
        "end_user": {
            "headquarters": headquarters[0],
            "ultimate_parent_headquarters": headquarters[1],
        },
        "items": lines,
        "installation": counts.as_dict(),
        "group_in_country": group.as_dict(),
    }
    for name in application.declared_facts:
        if name in edition.facts:
            facts[name] = True
    return facts


def _determine(facts: dict[str, Any], edition: Edition) -> tuple[Any, Determination]:
    try:
        parsed = parse_facts(facts, edition, get_catalogue())
    except BadFacts as bad:
        raise Refused(
            "The rules cannot be applied yet: " + "; ".join(str(problem) for problem in bad.problems),
            rule="determination.facts",
        ) from bad
    return parsed, determine(parsed, edition)


# The next number, and the unit that receives the destination's cases (or else every other destination's).
_NUMBER_AND_UNIT = """
SELECT nextval('licensing_acn_numbers'), (
    SELECT unit_id FROM licensing_unitroute WHERE destination_id = %s OR destination_id IS NULL
    ORDER BY destination_id NULLS LAST LIMIT 1
)
"""
KINDS = {
    "exempt": (CaseKind.EXEMPTION, CaseStatus.RECEIVED),
    "license_required": (CaseKind.LICENSE, CaseStatus.RECEIVED),
    "barred": (CaseKind.REFUSAL, CaseStatus.REFUSED_BARRED),
    "not_controlled": (CaseKind.ANSWER, CaseStatus.NOT_CONTROLLED),
}


def _open_case(
    application: Application,
    parties: list[ApplicationParty],
    items: list[Any],
    determination: Determination,
    edition: Edition,
    *,
    at: datetime,
) -> Case:
    with connection.cursor() as cursor:
        cursor.execute(_NUMBER_AND_UNIT, [application.site_country_id])
        serial, unit_id = cursor.fetchone()
    kind, status = KINDS[determination.disposition]
    open_ = status == CaseStatus.RECEIVED
    destination = application.site_country
    assert destination is not None
    chips = [item for item in items if item.kind == ItemKind.CHIP]
    what = shorten([f"{item.quantity:,} {item.model}" for item in chips]) or "Model weights"
    whom = shorten([p.name for p in parties if p.role == PartyRole.END_USER], most=1)
    return Case.objects.create(
        acn=acn_of(serial),
        application=application,
        kind=kind,
        status=status,
        tier=determination.tier or "",
        destination=destination,
        subject_line=f"{what} to {whom}, {application.site_city}"[:300],
        applicant_name=application.organization.name,
        chips=sum(item.quantity for item in chips),
        value_cents=sum(item.value_cents for item in items),
        unit_id=unit_id,
        opened_at=at,
        due_at=add_calendar_days(to_minute(at), edition.value("clock.total_days"), AGENCY_ZONE.key) if open_ else None,
        closed_at=None if open_ else at,
    )


def open_requirements(case: Case, determination: Determination, edition: Edition) -> None:
    """One requirement row for each requirement of a determination, in the edition's words."""
    rows = []
    for position, wanted in enumerate(determination.as_dict()["requirements"], start=1):
        choices = wanted["any_of"] if isinstance(wanted, dict) else [wanted]
        words = [edition.requirements[choice] for choice in choices]
        rows.append(
            Requirement(
                case=case,
                position=position,
                name=choices[0] if len(choices) == 1 else "any_of",
                any_of=choices if len(choices) > 1 else [],
                title=" or ".join(
                    word.title if n == 0 else word.title[0].lower() + word.title[1:] for n, word in enumerate(words)
                ),
                says=" Or: ".join(word.sentence for word in words),
                satisfied_by=" Or: ".join(word.satisfied_by for word in words),
                # A choice holds up what the gravest of its parts holds up, and is waived only if every part may be.
                gates="issue" if any(word.gates == "issue" for word in words) else "shipment",
                waivable=all(word.waivable for word in words),
            )
        )
    Requirement.objects.bulk_create(rows)


def _set_running(case: Case, items: list[Any], edition: Edition, *, by: Principal, at: datetime) -> None:
    """Count the chips as pending at their installation and start the clock of the case."""
    installation = case.application.installation
    assert installation is not None
    assert case.due_at is not None
    reserve_each(
        kind=AccountKind.INSTALLATION_ORDERS,
        subject=installation,
        unit="chips",
        reservations=[
            (item.model, item.quantity, f"{case.acn}/{item.line_no}/pending", f"Asked for in {case.acn}.")
            for item in items
            if item.kind == ItemKind.CHIP
        ],
        by=by,
        at=at,
    )
    start_clock(subject=case, kind=CLOCK, limit_days=edition.value("clock.total_days"), by=SYSTEM, at=at)
    if case.unit_id:
        set_deadline(
            subject=case,
            kind="case_due",
            says=f"{case.acn} must be decided: {case.subject_line}"[:300],
            url=on_desk(case),
            owner=("unit", case.unit_id),
            due_at=case.due_at,
            reminder_offsets=edition.value("reminders.case_due"),
            by=SYSTEM,
            at=at,
        )


def _summary(determination: Determination) -> str:
    if determination.disposition == "license_required":
        return f"A license is required, tier {determination.tier or 'none'}."
    return {
        "exempt": "Filed for an exemption.",
        "barred": "Refused: barred.",
        "not_controlled": "Answered: not controlled.",
    }[determination.disposition]
