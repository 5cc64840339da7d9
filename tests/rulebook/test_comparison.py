"""What two editions differ in."""

from rulebook.rules import compare_editions, compile_edition
from rulebook.shipped import edition_files, shipped_catalogue, shipped_edition


def test_an_edition_does_not_differ_from_itself() -> None:
    edition = shipped_edition("reported-2026-03")
    assert compare_editions(edition, edition) == []


def test_the_two_readings_of_the_draft_differ_in_unit_and_measure_only() -> None:
    differences = compare_editions(shipped_edition("reported-2026-03"), shipped_edition("reported-2026-03-equivalents"))
    assert [(entry.setting, entry.before, entry.after) for entry in differences] == [
        ("Unit", "chips", "GB300-equivalents, by TPP over the 56,000 of one GB300"),
        ("Measure", "installation", "ultimate parent in country"),
    ]


def test_what_the_draft_adds_to_the_rules_before_it_is_named() -> None:
    differences = compare_editions(shipped_edition("baseline-2026-01"), shipped_edition("reported-2026-03"))
    added = {entry.setting: entry.after for entry in differences if entry.before is None}
    assert added["Tier medium"] == "1,000 to 100,000: Government-to-government assurance"
    assert added["Tier national"].endswith(
        "and any one of Investment in United States AI data centers or Security guarantee"
    )


def test_a_changed_status_of_a_country_is_named_by_the_country() -> None:
    text = edition_files()["reported-2026-03"].read_text(encoding="utf-8").replace('codes: ["MO"]', 'codes: ["TR"]')
    changed = compile_edition(text, shipped_catalogue().countries)
    differences = compare_editions(shipped_edition("reported-2026-03"), changed)
    assert [(entry.setting, entry.before, entry.after) for entry in differences] == [
        ("Country Macau", "Restricted", "License required"),
        ("Country Türkiye", "License required", "Restricted"),
    ]
