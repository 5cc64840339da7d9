"""How fast a list of serial numbers is parsed, checked and stored, against a plain COPY of the same rows.

The plain COPY streams rows that are ready into a table with the same columns, indexes and foreign key. Both start
from an empty table and end with a durable commit, at which the foreign key of every row is checked. The subject is the
whole operation: permission, rules, journal. Beside it stands the naive one: an object for each row.
"""

import time
import tracemalloc
from datetime import UTC, datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from bench.copies import unguarded
from bench.crew import compare, compare_twice, row
from inspections import operations
from inspections.models import Serial, SerialList, Visit
from tests.inspections import factories as make

ROWS, FEW_ROWS = 100_000, 10_000
ROUNDS = 3
BAR = 0.5
PEAK_MB = 200
AT = datetime.now(tz=UTC)
_PLAIN = "bench_serial_plain"
_TOGETHER = 2000


def write_list() -> bytes:
    """A list as operators send it: a heading; then in each row the number, and its place."""
    lines = [f"GB300-{number:08d},Hall {number % 4} rack {number % 512}\n" for number in range(ROWS)]
    return ("Serial number,Place\n" + "".join(lines)).encode()


def write_ready(list_id: int) -> list[bytes]:
    """The same rows as COPY takes them, in pieces."""
    lines = [
        f"{list_id}\t{number + 1}\tGB300-{number:08d}\tHall {number % 4} rack {number % 512}\n"
        for number in range(ROWS)
    ]
    return ["".join(lines[start : start + _TOGETHER]).encode() for start in range(0, ROWS, _TOGETHER)]


def plain(visit: Visit) -> float:
    """The reference: rows that are ready, by one COPY; rows a second."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {_PLAIN}")
    pieces = write_ready(_begin_list(visit).pk)
    begin = time.perf_counter()
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy(f"COPY {_PLAIN} (list_id, position, serial, place) FROM STDIN") as copy,
    ):
        for piece in pieces:
            copy.write(piece)
    return ROWS / (time.perf_counter() - begin)


def upload(content: bytes, visit: Visit, who: make.People) -> float:
    """The subject: read as a stream, each row checked, duplicates found, hashed, stored and told; rows a second."""
    _empty()
    begin = time.perf_counter()
    stored = _add(content, visit, who)
    taken = time.perf_counter() - begin
    assert stored.count == stored.serials.count() == ROWS
    return ROWS / taken


def naive(visit: Visit) -> float:
    """What a first version does: an object for each row, saved by the thousand; of fewer rows, for it takes so long."""
    _empty()
    list_ = _begin_list(visit)
    begin = time.perf_counter()
    with transaction.atomic():
        Serial.objects.bulk_create(
            (
                Serial(list=list_, position=number + 1, serial=f"GB300-{number:08d}", place=f"Hall {number % 4}")
                for number in range(FEW_ROWS)
            ),
            batch_size=_TOGETHER,
        )
    return FEW_ROWS / (time.perf_counter() - begin)


def measure_peak(content: bytes, visit: Visit, who: make.People) -> float:
    """The most megabytes that reading and storing a list holds at once, beside the upload itself."""
    _empty()
    tracemalloc.start()
    _add(content, visit, who)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1_000_000


def _add(content: bytes, visit: Visit, who: make.People) -> SerialList:
    file = SimpleUploadedFile("serials.csv", content)
    return operations.add_serial_list(visit=visit, source="The operator.", upload=file, by=who.officer, at=AT)


def _begin_list(visit: Visit) -> SerialList:
    """A list whose rows the plain table names."""
    return SerialList.objects.create(
        visit=visit,
        number=visit.serial_lists.count() + 1,
        source="The operator.",
        count=ROWS,
        sha256="0" * 64,
        made_by_id=visit.requested_by_id,
        made_by_label="bench",
        at=AT,
    )


def _empty() -> None:
    """The table of serial numbers as it was before the first list; its triggers, which forbid that, stand aside."""
    with unguarded(Serial), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {Serial._meta.db_table}")


def _make_plain() -> None:
    """A table like that of the serial numbers, with the foreign key that LIKE leaves out."""
    table = Serial._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {_PLAIN} (LIKE {table} INCLUDING ALL)")
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            f" WHERE conrelid = '{table}'::regclass AND contype = 'f'"
        )
        for name, definition in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {_PLAIN} ADD CONSTRAINT {name} {definition}")


def measure() -> list[dict[str, Any]]:
    """The table's lines: the rate against the plain COPY, and the memory."""
    make.load_rules(at=AT)
    who = make.People()
    visit = make.requested(who, at=AT)
    content = write_list()
    _make_plain()
    result = compare_twice(lambda: plain(visit), lambda: upload(content, visit, who), BAR, ROUNDS)
    slow = compare(lambda: plain(visit), lambda: naive(visit), rounds=1)
    peak = measure_peak(content, visit, who)
    _empty()
    return [
        row(f"Serial list of {ROWS:,}: parsed, checked and stored, against a plain COPY", result, BAR),
        row("Serial list, naive: an object for each row", slow, BAR, bites=True),
        {
            "name": f"Memory for a serial list of {ROWS:,}",
            "figure": round(peak, 1),
            "bar": f"< {PEAK_MB}",
            "holds": peak < PEAK_MB,
            "unit": "MB",
            "detail": "the most that was allocated at once while it was read and stored",
        },
    ]
