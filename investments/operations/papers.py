"""Taking a paper in: proved a PDF, hashed, and in English or with a certified translation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from accounts.rules import Principal, Refused
from investments.models import Commitment, Paper
from investments.statuses import PaperKind
from registry.documents import Inspected, Upload, inspect_pdf, store

ENGLISH = "en"
_LANGUAGE = re.compile(r"^[a-z]{2,3}$")


@dataclass(frozen=True, slots=True)
class PaperIn:
    """A file with its language, and the certified translation where that is not English."""

    upload: Upload
    language: str = ENGLISH
    translation: Upload | None = None
    translator: str = ""


def inspect_paper(paper: PaperIn) -> tuple[Inspected, Inspected | None]:
    """The file and its translation, both proved. Refused, naming the field, when a translation is missing."""
    language = paper.language.strip().lower()
    if not _LANGUAGE.match(language):
        raise Refused(
            "Give the language by its code of ISO 639, such as en, ar or ja.", rule="paper.language", field="language"
        )
    found = inspect_pdf(paper.upload)
    if language == ENGLISH:
        return found, None
    if paper.translation is None:
        raise Refused(
            "The document is not in English. Add its certified translation (15 CFR 748.9(d)).",
            rule="paper.translation",
            field="translation",
        )
    if not paper.translator.strip():
        raise Refused(
            "Say who certified the translation: a translation service, or the applicant (15 CFR 748.9(d)).",
            rule="paper.translator",
            field="translator",
        )
    try:
        translated = inspect_pdf(paper.translation)
    except Refused as refusal:
        raise Refused(f"Translation: {refusal.reason}", rule=refusal.rule, field="translation") from refusal
    if translated.sha256 == found.sha256:
        raise Refused(
            "The translation is the same file as the document. Choose the translated one.",
            rule="paper.translation",
            field="translation",
        )
    return found, translated


def file_paper(
    commitment: Commitment,
    inspected: tuple[Inspected, Inspected | None],
    paper: PaperIn,
    *,
    kind: PaperKind,
    title: str,
    by: Principal,
    at: datetime,
) -> list[Paper]:
    """Store the file, and its translation where there is one; the rows, the file's own first."""
    found, translated = inspected
    rows = [
        Paper.objects.create(
            commitment=commitment,
            kind=kind,
            title=title.strip()[:200],
            file=store(found),
            sha256=found.sha256,
            size=len(found.content),
            pages=found.pages,
            language=paper.language.strip().lower(),
            filed_by_label=by.actor.label,
            filed_at=at,
        )
    ]
    if translated is not None:
        rows.append(
            Paper.objects.create(
                commitment=commitment,
                kind=PaperKind.TRANSLATION,
                title=f"Translation: {title.strip()}"[:200],
                file=store(translated),
                sha256=translated.sha256,
                size=len(translated.content),
                pages=translated.pages,
                translation_of=rows[0],
                translator=paper.translator.strip(),
                filed_by_label=by.actor.label,
                filed_at=at,
            )
        )
    return rows
