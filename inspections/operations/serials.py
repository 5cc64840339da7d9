"""Lists of serial numbers, stored as they are read, and the samples drawn from them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any, Protocol

from django.db import connection, transaction
from psycopg.errors import UniqueViolation

from accounts.models import User
from accounts.rules import Refused
from audit.operations import operation, record
from inspections.models import Sample, SampleItem, Serial, SerialList, Visit
from inspections.operations.steps import lock
from inspections.permissions import check_can_arrange
from inspections.rules.lifecycle import ENTRY_OPEN, S
from inspections.rules.rating import check_text
from inspections.rules.sampling import draw_positions, plan_sample
from inspections.rules.serials import MOST_TOLD, SerialReader, refuse_duplicates, refuse_rows, split_lines
from rulebook.selectors import get_operating_edition

# Rows that are handed to the database together.
_TOGETHER = 2000
_TAKES_LISTS = (S.REQUESTED, S.HOST_NOTIFIED, S.CONSENT_REFUSED, S.CONSENTED, S.SCHEDULED, *ENTRY_OPEN)
_COPY = "COPY {} (list_id, position, serial, place) FROM STDIN"
_STAGED = "inspections_serial_staged"
LONGEST_SEED = 64


class SerialUpload(Protocol):
    """What is asked of an uploaded list: its bytes piece by piece, twice if needed."""

    def read(self, size: int = ..., /) -> bytes: ...

    def seek(self, offset: int, whence: int = ..., /) -> Any: ...


@operation
def add_serial_list(*, visit: Visit, source: str, upload: SerialUpload, by: User, at: datetime) -> SerialList:
    """Store a list of serial numbers: one a line, or CSV with the number first and its place second.

    It is read as a stream and handed on to the database as it is read. Raises NotPermitted; Refused naming the rows
    that are no serial numbers and the numbers that stand there twice, and as soon as there are more rows than the
    edition takes; then nothing of it is stored.
    """
    locked = lock(visit)
    check_can_arrange(by, to="upload a list of serial numbers")
    if locked.status not in _TAKES_LISTS:
        raise Refused(
            f"{locked.number} is “{locked.get_status_display().lower()}”, and lists are taken until its report is "
            "submitted. A supervisor can return the report.",
            rule="inspections.entry_open",
        )
    source = check_text(source, field="source", name="Who declared the list, and when,")
    largest = get_operating_edition(at).value("inspections.largest_serial_list")
    list_id = _next_id()
    count, sha256 = store_rows(list_id, upload, largest=largest)
    row = SerialList.objects.create(
        pk=list_id,
        visit=locked,
        number=locked.serial_lists.count() + 1,
        source=source[:300],
        count=count,
        sha256=sha256,
        made_by=by,
        made_by_label=by.actor.label,
        at=at,
    )
    record(
        subject=locked,
        verb="visit.serials_listed",
        says=f"Stored list {row.number} of {count:,} serial numbers: {source}",
        by=by,
        at=at,
        data={"list": row.pk, "count": count, "sha256": sha256},
        covers=[row],
    )
    return row


def _next_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [SerialList._meta.db_table])
        (found,) = cursor.fetchone()
    return int(found)


def store_rows(list_id: int, upload: SerialUpload, *, largest: int) -> tuple[int, str]:
    """Copy a list's rows into the table of serial numbers; answers how many, and the hash of what was stored.

    Raises Refused naming bad rows and duplicates. The list itself is stored afterwards, in the same transaction.
    """
    reader = SerialReader(largest)
    digest = hashlib.sha256()
    try:
        # The table's own index finds duplicates, so that none of the numbers is kept in memory.
        with transaction.atomic():
            _copy(Serial._meta.db_table, list_id, reader, upload, digest)
    except UniqueViolation:
        raise refuse_duplicates(_find_duplicates(list_id, upload, largest)) from None
    if reader.count == 0:
        raise Refused(
            "The list has no serial number. Give one a row, with nothing before it.",
            rule="inspections.serial_list_some",
            field="file",
        )
    return reader.count, digest.hexdigest()


def _copy(table: str, list_id: int, reader: SerialReader, upload: SerialUpload, digest: Any) -> None:
    rows = reader.read(split_lines(upload.read))
    with connection.cursor() as cursor, cursor.copy(_COPY.format(table)) as copy:
        position = 0
        for batch in _batches(rows):
            # The pure reader lets neither a tab nor a backslash through, so that nothing needs to be escaped.
            lines = [f"{serial}\t{place}\n" for serial, place in batch]
            digest.update("".join(lines).encode())
            copy.write("".join([f"{list_id}\t{place}\t{line}" for place, line in enumerate(lines, position + 1)]))
            position += len(lines)
        if reader.problems:
            raise refuse_rows(reader.problems)


def _batches(rows: Iterator[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    while batch := list(islice(rows, _TOGETHER)):
        yield batch


def _find_duplicates(list_id: int, upload: SerialUpload, largest: int) -> list[tuple[str, int, int]]:
    """The numbers that stand in a list twice, with their first two places; the list is read again."""
    upload.seek(0)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {_STAGED} (list_id bigint, position integer, serial text, place text) ON COMMIT "
            "DROP"
        )
        _copy(_STAGED, list_id, SerialReader(largest), upload, hashlib.sha256())
        cursor.execute(
            "SELECT serial, (array_agg(position ORDER BY position))[1], (array_agg(position ORDER BY position))[2]"
            f" FROM {_STAGED} GROUP BY serial HAVING count(*) > 1 ORDER BY 2 LIMIT %s",
            [MOST_TOLD],
        )
        found = cursor.fetchall()
        cursor.execute(f"DROP TABLE {_STAGED}")
    return [(str(serial), int(first), int(second)) for serial, first, second in found]


@operation
def draw_sample(
    *,
    visit: Visit,
    list_: SerialList,
    tolerated_percent: Decimal,
    confidence_percent: Decimal,
    seed: str,
    by: User,
    at: datetime,
) -> Sample:
    """Draw a sample from a list: its size from the list's count, the tolerated share missing and the confidence wanted.

    `seed` decides which numbers are drawn; it is recorded, so that anybody can repeat the draw. Raises NotPermitted;
    Refused for a list of another visit, percentages that are none, and a seed that is none.
    """
    locked = lock(visit)
    check_can_arrange(by, to="draw a sample")
    if locked.status not in _TAKES_LISTS:
        raise Refused(
            f"{locked.number} is “{locked.get_status_display().lower()}”, and samples are drawn until its report is "
            "submitted.",
            rule="inspections.entry_open",
        )
    if list_.visit_id != locked.pk:
        raise Refused("The list belongs to another visit.", rule="inspections.list_of_visit", field="list")
    seed = seed.strip()
    if not seed or len(seed) > LONGEST_SEED or not seed.isascii() or not seed.isprintable():
        raise Refused(
            f"A seed has 1 to {LONGEST_SEED} letters, digits and signs.", rule="inspections.seed", field="seed"
        )
    plan = plan_sample(list_.count, tolerated_percent, confidence_percent)
    sample = Sample.objects.create(
        visit=locked,
        number=locked.samples.count() + 1,
        list=list_,
        tolerated_percent=tolerated_percent,
        confidence_percent=confidence_percent,
        count=plan.count,
        missing_to_meet=plan.missing_to_meet,
        size=plan.size,
        seed=seed,
        made_by=by,
        made_by_label=by.actor.label,
        at=at,
    )
    drawn = draw_positions(seed, plan.count, plan.size)
    for start in range(0, len(drawn), _TOGETHER):
        part = Serial.objects.filter(list=list_, position__in=drawn[start : start + _TOGETHER]).order_by("position")
        SampleItem.objects.bulk_create(
            SampleItem(sample=sample, position=each.position, serial=each.serial, place=each.place) for each in part
        )
    record(
        subject=locked,
        verb="visit.sample_drawn",
        says=f"Drew sample {sample.number}: {plan.size:,} of {plan.count:,} serial numbers, with the seed {seed}",
        by=by,
        at=at,
        data={"sample": sample.pk, "seed": seed, "size": plan.size, "list": list_.pk},
        covers=[sample],
    )
    return sample
