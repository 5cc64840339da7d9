"""The texts of an instrument: versions that stay, and certified translations of what is foreign."""

from datetime import date, datetime

from accounts.models import User
from accounts.rules import Refused
from assurances.models import Instrument, TextVersion, Translation
from assurances.permissions import check_can_keep_instruments
from assurances.rules import BEFORE_FORCE, STANDING, needs_translation, tell_language
from assurances.statuses import LANGUAGE_NAMES, InstrumentStatus
from audit.operations import operation, record
from deadlines.rules import day_of
from registry.documents import Upload, inspect_pdf, store

from .standing import lock, need

# Signed texts come once the text is agreed; while it stands, for amendments, and after it, for a renewal.
_TAKES_TEXT = (*BEFORE_FORCE, *STANDING, InstrumentStatus.EXPIRED)
_TAKES_SIGNED = (InstrumentStatus.AGREED, *STANDING, InstrumentStatus.EXPIRED)


@operation
def add_text(
    *,
    instrument: Instrument,
    upload: Upload,
    language: str,
    is_signed: bool,
    says: str,
    by: User,
    at: datetime,
) -> TextVersion:
    """Add a version of the text: a PDF, its language, whether it is signed, and what changed.

    Raises Refused for what is no PDF, for bytes that are a version already, and for a signed text before the text
    is agreed.
    """
    locked = lock(instrument)
    check_can_keep_instruments(by, to="add a text")
    if locked.status not in _TAKES_TEXT:
        raise Refused(
            f"{locked.number} is “{locked.get_status_display().lower()}” and takes no further text.",
            rule="assurance.takes_text",
        )
    if is_signed and locked.status not in _TAKES_SIGNED:
        raise Refused(
            "A signed text comes after the text is agreed and before it is received. Record the agreed text first, or "
            "add this one as unsigned.",
            rule="assurance.signed_after_agreed",
            field="is_signed",
        )
    if language not in LANGUAGE_NAMES:
        raise Refused("Choose the language of the text.", rule="assurance.language", field="language")
    words = need(says, "Say what this version is, or what changed in it.", field="says")
    inspected = inspect_pdf(upload)
    before = locked.texts.filter(sha256=inspected.sha256).first()
    if before is not None:
        raise Refused(
            f"This file is version {before.number} already, byte for byte. Choose the new one.",
            rule="assurance.text_once",
            field="file",
        )
    text = TextVersion.objects.create(
        instrument=locked,
        number=locked.texts.count() + 1,
        language=language,
        is_signed=is_signed,
        says=words,
        file=store(inspected),
        sha256=inspected.sha256,
        size=len(inspected.content),
        pages=inspected.pages,
        added_by=by,
        added_by_label=by.actor.label,
        at=at,
    )
    record(
        subject=locked,
        verb="text.added",
        says=f"Added version {text.number} of the text ({tell_language(language)}"
        f"{', signed' if is_signed else ''}): {words}",
        by=by,
        at=at,
        data={"number": text.number, "sha256": text.sha256},
        covers=[text],
    )
    return text


@operation
def add_translation(
    *, text: TextVersion, upload: Upload, certified_by: str, certified_on: date, by: User, at: datetime
) -> Translation:
    """Add the certified English translation of a version, with who certified it and when (15 CFR 748.9(d))."""
    locked = lock(text.instrument)
    check_can_keep_instruments(by, to="add a translation")
    if not needs_translation(text.language):
        raise Refused("This version is in English and needs no translation.", rule="assurance.translation_needed")
    name = need(certified_by, "Enter who certified the translation.", field="certified_by")
    if certified_on > day_of(at):
        raise Refused(
            "The translation cannot have been certified later than today. Correct the date.",
            rule="assurance.certified_on",
            field="certified_on",
        )
    inspected = inspect_pdf(upload)
    if inspected.sha256 == text.sha256:
        raise Refused(
            "This file is the original text itself. Choose its translation.",
            rule="assurance.translation_other",
            field="file",
        )
    if text.translations.filter(sha256=inspected.sha256).exists():
        raise Refused(
            "This translation was added already, byte for byte.", rule="assurance.translation_once", field="file"
        )
    translation = Translation.objects.create(
        text=text,
        certified_by=name,
        certified_on=certified_on,
        file=store(inspected),
        sha256=inspected.sha256,
        size=len(inspected.content),
        pages=inspected.pages,
        added_by_label=by.actor.label,
        at=at,
    )
    record(
        subject=locked,
        verb="text.translated",
        says=f"Added a translation of version {text.number}, certified by {name}",
        by=by,
        at=at,
        data={"number": text.number, "sha256": translation.sha256},
        covers=[translation],
    )
    return translation
