"""Many writers at once, and a seal between them, on real connections that commit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.db import connection, transaction

from audit import operations, seals, verification
from audit.models import ChainHead, Entry, Seal
from audit.rules import JournalBusy
from tests.audit.factories import AT, entry

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_chain_that_many_begin_at_once_is_one_chain():
    start = Barrier(12)

    def write(number: int) -> None:
        try:
            connection.ensure_connection()
            start.wait(30)
            for turn in range(5):
                entry(("licensing.case", str(turn % 2)), says=f"{number} {turn}")
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(write, range(12)))
    assert sorted(ChainHead.objects.values_list("subject_id", "sequence")) == [("0", 36), ("1", 24)]
    assert verification.verify().lines[0] == "Journal: 60 entries in 2 chains, intact."


def test_a_seal_waits_for_who_is_writing_and_keeps_nobody_from_writing():
    written, finish = Event(), Event()

    def write_slowly() -> None:
        try:
            with transaction.atomic():
                entry(("licensing.case", "slow"))
                written.set()
                assert finish.wait(30)
        finally:
            connection.close()

    def seal() -> Seal | None:
        try:
            return operations.seal_journal(at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(write_slowly)
        assert written.wait(30)
        later = entry(("licensing.case", "quick"))
        sealing = pool.submit(seal)
        entry(("licensing.case", "quick"))
        assert not sealing.done()
        finish.set()
        slow.result(30)
        taken = sealing.result(30)
    assert taken is not None
    assert taken.through_entry_id >= later.id
    assert Entry.objects.get(subject_id="slow").id <= taken.through_entry_id
    assert verification.verify().intact


def test_a_writer_that_never_ends_keeps_the_seal_away_in_words(monkeypatch):
    monkeypatch.setattr(seals, "_POLLS", 3)
    written, finish = Event(), Event()

    def write_forever() -> None:
        try:
            with transaction.atomic():
                entry()
                written.set()
                assert finish.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write_forever)
        assert written.wait(30)
        with pytest.raises(JournalBusy, match="has been open for over a minute"):
            operations.seal_journal(at=AT)
        finish.set()
        writing.result(30)
    assert operations.seal_journal(at=AT) is not None


def test_two_who_seal_the_same_day_at_once_take_one_seal():
    entry()
    start = Barrier(4)

    def seal(_: int) -> Seal | None:
        try:
            connection.ensure_connection()
            start.wait(30)
            return operations.seal_journal(at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = set(pool.map(seal, range(4)))
    assert taken == {Seal.objects.get()}


def test_seals_taken_while_others_write_all_verify():
    stop = Event()

    def write(number: int) -> int:
        count = 0
        try:
            while not stop.is_set():
                with transaction.atomic():
                    entry(("licensing.case", str(number)))
                    entry(("licensing.case", "shared"))
                count += 2
            return count
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, number) for number in range(3)]
        for day in range(8):
            operations.seal_journal(at=AT + timedelta(days=day))
        stop.set()
        written = sum(writer.result(30) for writer in writers)
    assert Entry.objects.filter(subject_kind="licensing.case").count() == written
    report = verification.verify()
    assert report.broken == []
