"""What oversight does that leaves a trace: opening protected papers, and verifying the journal."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import Model

from accounts.models import User
from accounts.rules import Refused
from audit import verification
from audit.operations import record
from audit.reading import Paper
from oversight import permissions, selectors

VERIFIED_ON_A_PAGE_AT_MOST = 100_000


@transaction.atomic
def open_paper(*, subject: Model, paper: Paper, by: User, at: datetime) -> bytes:
    """The bytes of the file that a row holds; the journal of the row keeps who opened it and when.

    Raises NotPermitted, or Refused when the file is missing or is not the one that was kept.
    """
    permissions.check_can_read(by)
    try:
        content = paper.read()
    except FileNotFoundError as missing:
        raise Refused(
            f'The file of "{paper.title}" is missing from the store, though it was filed. Tell the owner of this'
            " service: it can be restored from a backup and recognized by its hash.",
            rule="document.stored",
        ) from missing
    _check_unaltered(paper.title, content, paper.sha256)
    record(
        subject=subject,
        verb="opened",
        says=f'Opened the {paper.word} "{paper.title}" in oversight.',
        by=by,
        at=at,
        data={"sha256": paper.sha256},
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
