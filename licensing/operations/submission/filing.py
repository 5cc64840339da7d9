"""Certify and file: every check in its order, then the rows that a filing makes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Prefetch, prefetch_related_objects

from accounts.rules import SYSTEM, Principal, Refused
from audit.operations import operation, record
from deadlines.rules import day_of
from licensing.models import Application, ApplicationParty, Case, Letter, StoredDetermination
from licensing.rules import (
    APPLICATION_TRANSITIONS,
    Counts,
    larger_counts,
    next_status,
    normalized,
)
from licensing.selectors.completeness import list_findings
from licensing.statuses import ApplicationStatus, CaseKind, CaseStatus, LetterKind, PartyRole
from rulebook.rules import Determination
from rulebook.selectors import get_operating_edition

from ..applications import check_draft, lock_application
from ..ending import record_closing, refuse_unmet
from ..letters import write_letter
from .facts import (
    count_declared,
    count_known,
    determine_facts,
    find_gravest,
    gather_facts,
    list_declared_headquarters,
    list_known_headquarters,
)
from .naming import digest_of, refuse_second, resolve_installation, resolve_parties, take_turns
from .opening import KINDS, open_case, open_requirements, set_running, sum_up


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
    facts = gather_facts(
        application,
        edition,
        find_gravest(edition, list_declared_headquarters(parties)),
        count_declared(application),
        Counts(),
    )
    return determine_facts(facts, edition)[1]


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
    digest = digest_of(locked, parties, items)
    take_turns([digest, *(normalized(named.name) for named in parties)])
    refuse_second(digest)
    known_parties = resolve_parties(parties, at=at)
    operator = next(p.party for p in parties if p.role == PartyRole.END_USER)
    installation = resolve_installation(locked, operator, at=at)
    known, group = count_known(installation, edition, at=at)
    declared = count_declared(locked)
    pairs = list_declared_headquarters(parties)
    pairs += list_known_headquarters(known_parties, at=at)
    facts = gather_facts(locked, edition, find_gravest(edition, pairs), larger_counts(declared, known), group, items)
    parsed, determination = determine_facts(facts, edition)

    locked.certifier_name = name.strip()
    locked.certifier_title = title.strip()
    locked.certified_on = day_of(at)
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
    case = open_case(locked, parties, items, determination, edition, at=at)
    open_requirements(case, determination, edition)
    record(
        subject=case,
        verb="case.opened",
        says=f"Received as {case.acn}: {case.subject_line}. {sum_up(determination)}",
        by=by,
        at=at,
        data={"application": str(locked.reference), "edition": edition.id, "certified_by": name.strip()},
        covers=[stored],
    )
    if case.closed_at is None:
        set_running(case, items, edition, by=by, at=at)
        return Filed(case, stored)
    kind = LetterKind.REFUSAL if case.kind == CaseKind.REFUSAL else LetterKind.ANSWER
    letter = write_letter(case=case, kind=kind, result=determination.as_dict(), by=SYSTEM, at=at)
    record_closing(case, at=at)
    return Filed(case, stored, letter)
