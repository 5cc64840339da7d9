"""Editions in the database: kept byte for byte, never changed, one operating at a time."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.db.models import Model

from accounts.rules import SYSTEM
from audit.models import Entry
from rulebook.models import Edition, OperatingEdition
from rulebook.operations import EditionChanged, NotOperable, add_edition, load_editions, set_operating_edition
from rulebook.rules import EditionError
from rulebook.selectors import (
    NoEdition,
    get_edition,
    get_edition_row,
    get_operating_edition,
    get_operating_row,
    list_countries,
    list_country_statuses,
    list_editions,
)
from rulebook.shipped import edition_files, shipped_edition, supplement_files

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


def _operate(identifier: str, at: datetime, **more: datetime) -> OperatingEdition:
    return set_operating_edition(edition=get_edition_row(identifier), by=SYSTEM, at=at, reason="For the test.", **more)


def test_the_shipped_editions_are_kept_byte_for_byte() -> None:
    load_editions(at=NOW)
    for identifier, path in edition_files().items():
        row = get_edition_row(identifier)
        assert row.content.encode() == path.read_bytes()
        assert row.content_hash == hashlib.sha256(path.read_bytes()).hexdigest()
        assert (row.title, row.status) == (shipped_edition(identifier).title, shipped_edition(identifier).status)
        assert get_edition(identifier) == shipped_edition(identifier)


def test_loading_again_changes_nothing_and_writes_nothing_down() -> None:
    load_editions(at=NOW)
    entries = Entry.objects.count()
    assert len(load_editions(at=LATER)) == len(edition_files()) == Edition.objects.count()
    assert Entry.objects.count() == entries == len(edition_files()) + len(supplement_files())
    assert set(Edition.objects.values_list("loaded_at", flat=True)) == {NOW}


def test_a_file_that_changed_under_a_loaded_identifier_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load_editions(at=NOW)
    changed = tmp_path / "reported-2026-03.yaml"
    changed.write_bytes(edition_files()["reported-2026-03"].read_bytes() + b"# one more remark\n")
    monkeypatch.setattr("rulebook.operations.edition_files", lambda: {"reported-2026-03": changed})
    with pytest.raises(EditionChanged, match="was loaded on April 1, 2026 with another content"):
        load_editions(at=LATER)
    with pytest.raises(CommandError, match="give the new text a new identifier"):
        call_command("load_editions")


def test_a_text_that_is_no_edition_is_not_kept() -> None:
    with pytest.raises(EditionError):
        add_edition(text="edition: {id: x, source: y}", by=SYSTEM, at=NOW)
    assert not Edition.objects.exists()


def test_the_command_names_what_is_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_editions")
    assert "reported-2026-03" in capsys.readouterr().out


def test_an_edition_and_a_choice_can_be_neither_changed_nor_deleted() -> None:
    load_editions(at=NOW)
    rows: list[Model] = [get_edition_row("baseline-2026-01"), _operate("baseline-2026-01", NOW)]
    for row in rows:
        with pytest.raises(DatabaseError), transaction.atomic():
            row.save()
        with pytest.raises(DatabaseError), transaction.atomic():
            row.delete()


def test_before_anybody_chose_the_date_decides() -> None:
    load_editions(at=NOW)
    assert get_operating_row(NOW) is None
    assert get_operating_edition(datetime(2026, 2, 1, tzinfo=UTC)).id == "baseline-2026-01"
    assert get_operating_edition(NOW).id == "reported-2026-03"
    # Three in the morning in London is still the evening of March 4 in Washington.
    assert get_operating_edition(datetime(2026, 3, 5, 3, tzinfo=UTC)).id == "baseline-2026-01"


def test_a_choice_holds_from_its_instant_until_the_next() -> None:
    load_editions(at=NOW)
    _operate("reported-2026-03", NOW)
    _operate("reported-2026-03-equivalents", NOW, from_at=LATER)
    assert get_operating_edition(NOW).id == "reported-2026-03"
    assert get_operating_edition(LATER - timedelta(microseconds=1)).id == "reported-2026-03"
    assert get_operating_edition(LATER).id == "reported-2026-03-equivalents"
    row = get_operating_row(LATER)
    assert row is not None
    assert (row.edition.identifier, row.set_by, row.reason) == (
        "reported-2026-03-equivalents",
        "Countersign",
        "For the test.",
    )


def test_what_operated_in_the_past_cannot_be_chosen_anew() -> None:
    load_editions(at=NOW)
    _operate("reported-2026-03", NOW, from_at=LATER)
    with pytest.raises(NotOperable, match="an instant that has passed"):
        _operate("baseline-2026-01", LATER, from_at=NOW)
    with pytest.raises(NotOperable, match="a later choice must begin after that"):
        _operate("baseline-2026-01", LATER)


def test_a_choice_without_a_reason_is_refused() -> None:
    load_editions(at=NOW)
    with pytest.raises(NotOperable, match="Say why"):
        set_operating_edition(edition=get_edition_row("baseline-2026-01"), by=SYSTEM, at=NOW, reason="  ")


def test_loading_and_choosing_are_written_down() -> None:
    load_editions(at=NOW)
    row = _operate("reported-2026-03", NOW)
    entries = Entry.objects.filter(subject_kind="rulebook.edition", subject_id=str(row.edition_id)).order_by("id")
    assert [entry.verb for entry in entries] == ["add_edition", "set_operating_edition"]
    assert "operates from April 1, 2026 at 12:00 UTC. Reason: For the test." in entries[1].says


def test_an_edition_that_is_not_loaded_is_named() -> None:
    with pytest.raises(NoEdition, match="No edition reported-2026-03 is loaded"):
        get_edition("reported-2026-03")
    with pytest.raises(NoEdition, match="No edition reported-2026-03 is loaded"):
        get_edition_row("reported-2026-03")
    with pytest.raises(NoEdition, match="No edition operates on April 1, 2026"):
        get_operating_edition(NOW)


def test_reading_the_operating_edition_again_takes_one_small_query(django_assert_num_queries) -> None:
    load_editions(at=NOW)
    _operate("reported-2026-03", NOW)
    get_operating_edition(NOW)
    with django_assert_num_queries(1) as caught:
        get_operating_edition(NOW)
    assert '"content"' not in caught.captured_queries[0]["sql"]
    with django_assert_num_queries(1):
        get_edition("reported-2026-03")


def test_the_lists_are_in_the_order_in_which_people_look() -> None:
    load_editions(at=NOW)
    assert [row.identifier for row in list_editions()] == [
        "baseline-2026-01",
        "reported-2026-03",
        "reported-2026-03-equivalents",
    ]
    names = [country.name for country in list_countries()]
    assert names == sorted(names)
    statuses = list_country_statuses(get_edition("reported-2026-03"))
    assert len(statuses) == len(names) == 249
    assert (statuses[0].code, statuses[0].status) == ("AF", "barred")
