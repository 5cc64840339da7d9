"""How fast a list of serial numbers is parsed, checked and stored, against a plain COPY of the same rows.

The plain COPY writes rows that are ready into a table with the same columns and indexes. Both are taken back after
they were timed, the constraints checked: without a commit, which both would wait for, the bar is the harder one.
"""

import io
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.db import connection, transaction

from accounts.models import Organization, User
from bench.crew import compare_twice, row
from inspections.models import SerialList, Visit
from inspections.operations.serials import store_rows
from registry.models import Country, Installation, Party

ROWS = 100_000
LARGEST = 1_000_000
BAR = 0.5
PEAK_MB = 200
AT = datetime(2026, 4, 1, 15, 0, tzinfo=UTC)
_numbers = count(1)


def write_list() -> bytes:
    """A list as operators send it: a heading; then in each row the number, and its place."""
    lines = [f"GB300-{number:08d},Hall {number % 4} rack {number % 512}\n" for number in range(ROWS)]
    return ("Serial number,Place\n" + "".join(lines)).encode()


def write_ready() -> str:
    """The same rows as COPY takes them."""
    return "".join(
        f"1\t{number + 1}\tGB300-{number:08d}\tHall {number % 4} rack {number % 512}\n" for number in range(ROWS)
    )


def plain(ready: str) -> float:
    """The reference: rows that are ready, by one COPY; rows a second."""
    with transaction.atomic():
        begin = time.perf_counter()
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY bench_serial_plain (list_id, position, serial, place) FROM STDIN") as copy,
        ):
            copy.write(ready)
        taken = time.perf_counter() - begin
        transaction.set_rollback(True)
    return ROWS / taken


def upload(content: bytes, visit: Visit) -> float:
    """The subject: read as a stream, each row checked, duplicates found, hashed and stored; rows a second."""
    number = next(_numbers)
    with transaction.atomic():
        begin = time.perf_counter()
        stored, sha256 = store_rows(number, io.BytesIO(content), largest=LARGEST)
        SerialList.objects.create(
            pk=number,
            visit=visit,
            number=number,
            source="The operator.",
            count=stored,
            sha256=sha256,
            made_by_id=visit.requested_by_id,
            made_by_label="bench",
            at=AT,
        )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            taken = time.perf_counter() - begin
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        transaction.set_rollback(True)
    return ROWS / taken


def measure_peak(content: bytes) -> float:
    """The most megabytes that reading and storing a list holds at once, beside the upload itself."""
    tracemalloc.start()
    with transaction.atomic():
        store_rows(next(_numbers), io.BytesIO(content), largest=LARGEST)
        transaction.set_rollback(True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1_000_000


def _make_visit() -> Visit:
    """A visit that the lists belong to."""
    country = Country.objects.create(alpha2="XX", alpha3="XXB", numeric="999", name="Bench")
    party = Party.objects.create(name="Bench", created_at=AT)
    place = Installation.objects.create(name="Bench", operator=party, city="Bench", country=country, created_at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_user LIMIT 1")
        found = cursor.fetchone()
    person = User.objects.get(pk=found[0]) if found else _make_person()
    return Visit.objects.create(
        kind="periodic",
        installation=place,
        occasion="Bench.",
        requested_by=person,
        requested_by_label="bench",
        requested_at=AT,
        due_at=AT + timedelta(days=60),
    )


def _make_person() -> Any:
    office = Organization.objects.create(name="Bench", kind="commerce", created_at=AT)
    return User.objects.create(email="bench@example.com", name="Bench", organization=office, created_at=AT)


def measure() -> list[dict[str, Any]]:
    """The table's lines: the rate against the plain COPY, and the memory."""
    content, ready = write_list(), write_ready()
    with transaction.atomic():
        visit = _make_visit()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute("CREATE TABLE bench_serial_plain (LIKE inspections_serial INCLUDING ALL)")
        result = compare_twice(lambda: plain(ready), lambda: upload(content, visit), BAR, rounds=5)
        peak = measure_peak(content)
        transaction.set_rollback(True)
    return [
        row(f"Serial list of {ROWS:,}: parsed, checked and stored, against a plain COPY", result, BAR),
        {
            "name": f"Memory for a serial list of {ROWS:,}",
            "figure": round(peak, 1),
            "bar": f"< {PEAK_MB}",
            "holds": peak < PEAK_MB,
            "unit": "MB",
            "detail": "the most that was allocated at once while it was read and stored",
        },
    ]
