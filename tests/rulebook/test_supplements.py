"""Supplements: what completes an edition is dated, sourced, immutable, and changes no determination."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, transaction

from accounts.rules import SYSTEM
from rulebook.models import Supplement
from rulebook.operations import EditionChanged, add_supplement, load_editions
from rulebook.rules import EditionError, compile_supplement
from rulebook.selectors import get_edition, get_operating_edition, list_supplements
from rulebook.shipped import shipped_edition, shipped_supplements, supplement_files

NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)

LATER = """
supplement:
  id: tracks-2026-05
  title: "A later handling"
  editions: [reported-2026-03]
  from: 2026-05-01
  source: "for this test"
process:
  inspections:
    due_days: {value: 45, source: "for this test"}
lists:
  undertakings:
    - {id: no_reexport, title: "No re-export", says: "None.", mandatory: true, source: "for this test"}
"""


def test_every_shipped_supplement_can_be_read_and_names_editions_that_are_shipped() -> None:
    for name, supplement in shipped_supplements().items():
        assert supplement.id == name
        for edition in supplement.editions:
            assert shipped_edition(edition).id == edition


def test_a_value_without_a_source_is_refused_and_named() -> None:
    text = LATER.replace('{value: 45, source: "for this test"}', "{value: 45}")
    with pytest.raises(EditionError, match="process.inspections.due_days.value"):
        compile_supplement(text)


def test_an_entry_that_stands_twice_is_refused() -> None:
    line = '    - {id: no_reexport, title: "No re-export", says: "None.", mandatory: true, source: "for this test"}\n'
    with pytest.raises(EditionError, match="undertakings has an entry twice"):
        compile_supplement(LATER + line)


@pytest.mark.django_db
def test_an_edition_answers_for_what_its_supplements_say() -> None:
    load_editions(at=NOW)
    edition = get_edition("reported-2026-03")
    assert edition.value("inspections.due_days") == 60
    assert edition.row("tracks", "site_visit").get("track") == "inspections"
    assert {row.id for row in edition.rows("undertakings") if row.get("mandatory")} >= {"no_reexport", "remedies"}
    assert edition.rows("no such list") == ()
    with pytest.raises(KeyError):
        edition.value("no.such_value")
    assert edition.content_hash == shipped_edition("reported-2026-03").content_hash
    assert get_operating_edition(NOW).value("assurances.state_contact_days") == 10


@pytest.mark.django_db
def test_a_later_supplement_counts_before_an_earlier_one_and_for_its_own_editions_only() -> None:
    load_editions(at=NOW)
    add_supplement(text=LATER, by=SYSTEM, at=NOW)
    edition = get_edition("reported-2026-03")
    assert edition.value("inspections.due_days") == 45
    assert edition.value("inspections.further_days") == 60
    assert [row.id for row in edition.rows("undertakings")] == ["no_reexport"]
    assert get_edition("baseline-2026-01").value("inspections.due_days") == 60


@pytest.mark.django_db
def test_a_loaded_supplement_is_never_another_text() -> None:
    load_editions(at=NOW)
    (path,) = supplement_files().values()
    with pytest.raises(EditionChanged, match="give the new text a new identifier"):
        add_supplement(text=path.read_text() + "# changed\n", by=SYSTEM, at=NOW)
    row = list_supplements().get()
    with pytest.raises(DatabaseError), transaction.atomic():
        Supplement.objects.filter(pk=row.pk).update(title="Another")
