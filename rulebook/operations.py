"""Loading editions, and choosing the one that operates."""

from datetime import UTC, datetime

from django.db import transaction

from accounts.rules import SYSTEM
from audit import operations as audit
from rulebook import rules
from rulebook.models import Edition, OperatingEdition, Supplement
from rulebook.selectors import get_catalogue
from rulebook.shipped import edition_files, supplement_files


class EditionChanged(ValueError):
    """The text of an edition differs from the one that was loaded under the same identifier."""


class NotOperable(ValueError):
    """An edition cannot become the operating one; the message says why."""


@transaction.atomic
def add_edition(*, text: str, by: audit.Principal, at: datetime) -> Edition:
    """
    Keeps an edition, byte for byte, under its own identifier. Adding the same text again changes nothing.

    Raises EditionError when the text is not a usable edition, and EditionChanged when another text is kept
    under its identifier: a change of the rules is a new edition, or past decisions could not be explained any
    more.
    """
    compiled = rules.compile_edition(text, get_catalogue().countries)
    row, created = Edition.objects.get_or_create(
        identifier=compiled.id,
        defaults={
            "title": compiled.title,
            "status": compiled.status,
            "effective_from": compiled.effective_from,
            "effective_to": compiled.effective_to,
            "content": text,
            "content_hash": compiled.content_hash,
            "loaded_at": at,
        },
    )
    if not created:
        if row.content_hash != compiled.content_hash:
            raise _changed("edition", row, compiled.content_hash)
        return row
    audit.record(
        subject=row,
        verb="add_edition",
        says=f"The edition {row.identifier} was added: {row.title}.",
        by=by,
        at=at,
        data={"content_hash": row.content_hash, "status": row.status},
        covers=[row],
    )
    return row


@transaction.atomic
def add_supplement(*, text: str, by: audit.Principal, at: datetime) -> Supplement:
    """
    Keeps a supplement, byte for byte, under its own identifier. Adding the same text again changes nothing.

    Raises EditionError when the text is not a usable supplement, and EditionChanged when another text is kept
    under its identifier.
    """
    compiled = rules.compile_supplement(text)
    row, created = Supplement.objects.get_or_create(
        identifier=compiled.id,
        defaults={
            "title": compiled.title,
            "editions": list(compiled.editions),
            "effective_from": compiled.effective_from,
            "content": text,
            "content_hash": compiled.content_hash,
            "loaded_at": at,
        },
    )
    if not created:
        if row.content_hash != compiled.content_hash:
            raise _changed("supplement", row, compiled.content_hash)
        return row
    audit.record(
        subject=row,
        verb="add_supplement",
        says=f"The supplement {row.identifier} was added: {row.title}.",
        by=by,
        at=at,
        data={"content_hash": row.content_hash, "editions": row.editions},
        covers=[row],
    )
    return row


def _changed(what: str, row: Edition | Supplement, now: str) -> EditionChanged:
    return EditionChanged(
        f"The {what} {row.identifier} was loaded on {row.loaded_at:%B %-d, %Y} with another content "
        f"(SHA-256 {row.content_hash[:12]}…, now {now[:12]}…). What has been loaded is never changed: give the new "
        "text a new identifier."
    )


@transaction.atomic
def load_editions(*, at: datetime) -> list[Edition]:
    """
    Loads every shipped edition and supplement that is not loaded yet, and returns all editions. Loading again
    changes nothing.

    Raises EditionChanged, and loads nothing, when a file differs from what was loaded under its identifier.
    """
    editions = [add_edition(text=path.read_bytes().decode(), by=SYSTEM, at=at) for path in edition_files().values()]
    for path in supplement_files().values():
        add_supplement(text=path.read_bytes().decode(), by=SYSTEM, at=at)
    return editions


@transaction.atomic
def set_operating_edition(
    *, edition: Edition, by: audit.Principal, at: datetime, reason: str, from_at: datetime | None = None
) -> OperatingEdition:
    """
    From `from_at` on (by default from now), determinations are made under this edition.

    Raises NotOperable when no reason is given, when the start lies in the past, or when it is not later than
    every start already set: what operated at a past instant must never change.
    """
    begins = from_at or at
    # Choices are made one after the other: each must see the one before it.
    last = OperatingEdition.objects.select_for_update(of=("self",)).order_by("-from_at").first()
    if not reason.strip():
        raise NotOperable("Say why this edition is to operate.")
    if begins < at:
        raise NotOperable("An edition cannot operate from an instant that has passed.")
    if last is not None and begins <= last.from_at:
        raise NotOperable(
            f"The edition {last.edition.identifier} operates from {_told(last.from_at)}; a later choice must "
            "begin after that."
        )
    row = OperatingEdition.objects.create(edition=edition, from_at=begins, set_by=by.actor.label, reason=reason.strip())
    audit.record(
        subject=edition,
        verb="set_operating_edition",
        says=f"The edition {edition.identifier} operates from {_told(begins)}. Reason: {row.reason}",
        by=by,
        at=at,
        data={"from_at": begins, "before": last.edition.identifier if last else None},
        covers=[row],
    )
    return row


def _told(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%B %-d, %Y at %H:%M} UTC"
