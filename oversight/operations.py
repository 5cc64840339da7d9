"""What oversight does that leaves a trace: opening protected papers, and verifying the journal."""

import hashlib
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.rules import Refused
from audit import verification
from audit.operations import record
from licensing.models import Document, Letter
from oversight import permissions, selectors

VERIFIED_ON_A_PAGE_AT_MOST = 100_000


@transaction.atomic
def open_letter(*, letter: Letter, by: User, at: datetime) -> bytes:
    """The bytes of a letter as it went out; the journal keeps who opened it and when.

    Raises NotPermitted, or Refused when the bytes are not the ones that went out.
    """
    permissions.check_can_read(by)
    pdf = bytes(Letter.objects.values_list("pdf", flat=True).get(pk=letter.pk))
    _check_unaltered(letter.title, pdf, letter.sha256)
    record(
        subject=letter,
        verb="opened",
        says=f'Opened the letter "{letter.title}" in oversight.',
        by=by,
        at=at,
        data={"sha256": letter.sha256},
    )
    return pdf


@transaction.atomic
def open_document(*, document: Document, by: User, at: datetime) -> bytes:
    """The bytes of a filed document; the journal keeps who opened it and when.

    Raises NotPermitted, or Refused when the file is missing or is not the one that was filed.
    """
    permissions.check_can_read(by)
    try:
        with document.file.open("rb") as file:
            content: bytes = file.read()
    except FileNotFoundError as missing:
        raise Refused(
            f'The file of "{document.title}" is missing from the store, though it was filed. Tell the owner of this'
            " service: it can be restored from a backup and recognized by its hash.",
            rule="document.stored",
        ) from missing
    _check_unaltered(document.title, content, document.sha256)
    record(
        subject=document,
        verb="opened",
        says=f'Opened the document "{document.title}" in oversight.',
        by=by,
        at=at,
        data={"sha256": document.sha256},
    )
    return content


def _check_unaltered(title: str, content: bytes, sha256: str) -> None:
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Refused(
            f'"{title}" was altered: its bytes no longer give the hash that was taken of them. It is not handed out'
            " as if it were the original. Verify the journal, and compare with a backup.",
            rule="bytes.unaltered",
        )


def verify_journal(*, by: User, at: datetime) -> verification.Report:
    """Verify every chain, seal and covered row, and write down that and with what result.

    Raises NotPermitted, or Refused when the journal is too long to be verified while a page waits.
    """
    permissions.check_can_read(by)
    entries = selectors.count_entries()
    if entries.number > VERIFIED_ON_A_PAGE_AT_MOST:
        raise Refused(
            f"The journal has {entries.number:,} entries, and a page can wait for {VERIFIED_ON_A_PAGE_AT_MOST:,}."
            " The command `python manage.py verify_audit` verifies it on the server, however long it is.",
            rule="journal.length",
        )
    report = verification.verify()
    record(
        subject=selectors.VERIFICATIONS,
        verb="verified" if report.intact else "found_altered",
        says="Verified the whole journal: intact." if report.intact else "Verified the whole journal: NOT INTACT.",
        by=by,
        at=at,
        data={"lines": report.lines},
    )
    return report
