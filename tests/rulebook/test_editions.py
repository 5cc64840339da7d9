"""Editions are dated data: every value has its source, and a new rule is a new file and no code."""

from datetime import date
from typing import Any

import pytest
import yaml

from rulebook.rules import EditionError, choose_edition, compile_edition, unsourced
from rulebook.rules.sources import read_yaml
from rulebook.shipped import edition_files, shipped_catalogue, shipped_edition, shipped_editions
from tests.rulebook.asking import ask, facts

EDITIONS = sorted(edition_files())


def _content(identifier: str = "reported-2026-03") -> dict[str, Any]:
    return read_yaml(edition_files()[identifier].read_text(encoding="utf-8"))


def _compiled(content: dict[str, Any]) -> Any:
    return compile_edition(yaml.safe_dump(content, allow_unicode=True), shipped_catalogue().countries)


@pytest.mark.parametrize("identifier", EDITIONS)
def test_every_value_of_a_shipped_edition_has_a_source_beside_it(identifier: str) -> None:
    assert unsourced(_content(identifier)) == []


@pytest.mark.parametrize("identifier", EDITIONS)
def test_an_edition_is_named_as_its_file_is(identifier: str) -> None:
    assert shipped_edition(identifier).id == identifier


def test_the_walk_over_a_file_finds_a_value_without_a_source() -> None:
    content = _content()
    del content["tiers"][1]["source"]
    assert "tiers[1].from" in unsourced(content)
    with pytest.raises(EditionError, match=r"no source beside them: .*tiers\[1\]\.from"):
        _compiled(content)


def test_the_catalogue_of_chips_has_a_source_beside_every_figure() -> None:
    text = (edition_files()["reported-2026-03"].parents[1] / "catalogue" / "chips.yaml").read_text(encoding="utf-8")
    content = read_yaml(text)
    assert unsourced(content) == []
    assert "CC BY 4.0" in text


@pytest.mark.parametrize("identifier", EDITIONS)
def test_every_open_point_of_the_report_is_explained(identifier: str) -> None:
    points = shipped_edition(identifier).open_points
    assert [point.name for point in points] == ["unit", "measure", "bounds", "installed_base", "accumulation"]
    assert all(point.note for point in points)


def test_the_draft_is_kept_as_reported_and_then_withdrawn() -> None:
    edition = shipped_edition("reported-2026-03")
    assert edition.status == "withdrawn"
    assert edition.status_on(date(2026, 3, 4)) is None
    assert edition.status_on(date(2026, 3, 5)) == "reported"
    assert edition.status_on(date(2026, 3, 12)) == "reported"
    assert edition.status_on(date(2026, 3, 13)) == "withdrawn"


def test_the_steps_of_the_clock_add_up_to_their_total() -> None:
    edition = shipped_edition("reported-2026-03")
    # The notice of missing information runs inside the 30 days of the agencies.
    steps = [
        edition.value(f"clock.{name}_days")
        for name in (
            "initial_processing",
            "agency_recommendation",
            "operating_committee",
            "escalation_to_advisory_committee",
            "advisory_committee",
            "escalation_to_review_board",
            "review_board",
            "appeal_to_president",
        )
    ]
    assert steps == [9, 30, 14, 5, 11, 5, 11, 5]
    assert sum(steps) == edition.value("clock.total_days") == 90


def test_signatures_are_wanted_by_tier() -> None:
    edition = shipped_edition("reported-2026-03")
    assert [edition.signatures(tier) for tier in ("small", "medium", "large", "national", None)] == [1, 1, 2, 2, 1]


def test_only_the_national_security_conditions_hold_back_shipments_and_not_the_license() -> None:
    gates = {entry.id: entry.gates for entry in shipped_edition("reported-2026-03").requirements.values()}
    assert {id_ for id_, gate in gates.items() if gate == "shipment"} == {"national_security_conditions"}


def test_every_country_has_a_dated_status_with_a_reason_and_a_source() -> None:
    edition = shipped_edition("reported-2026-03")
    statuses = {code: edition.country(code) for code in shipped_catalogue().countries}
    assert len(statuses) == 249
    assert all(entry.since and entry.reason and entry.source and entry.name for entry in statuses.values())
    barred = {code for code, entry in statuses.items() if entry.status == "barred"}
    assert " ".join(sorted(barred)) == "AF BY CD CF CU ER HT IQ IR KP LB LY MM NI RU SD SO SS SY VE ZW"
    assert {code for code, entry in statuses.items() if entry.status == "restricted"} == {"CN", "MO"}
    assert {code for code, entry in statuses.items() if entry.status == "domestic"} == {"US"}


@pytest.mark.parametrize(
    ("day", "identifier"),
    [
        (date(2026, 1, 14), None),
        (date(2026, 1, 15), "baseline-2026-01"),
        (date(2026, 3, 4), "baseline-2026-01"),
        (date(2026, 3, 5), "reported-2026-03"),
        (date(2026, 11, 24), "reported-2026-03"),
    ],
)
def test_a_date_picks_the_edition_that_began_last(day: date, identifier: str | None) -> None:
    chosen = choose_edition(shipped_editions(), day)
    assert (chosen.id if chosen else None) == identifier


def _invented() -> dict[str, Any]:
    """An edition that nobody wrote code for."""
    content = _content()
    content["edition"]["id"] = "invented-2027-01"
    content["counting"]["unit"] = {
        "value": "h100_equivalents",
        "words": "H100-equivalents",
        "reference_chip": "H100",
        "reference_tpp": 15832,
        "source": "invented",
    }
    content["counting"]["measure"] = {"value": "stricter_of_both", "source": "invented"}
    content["counting"]["installed_base"]["counts"] = ["installed", "pending"]
    content["requirements"] += [
        {
            "id": id_,
            "title": id_,
            "sentence": f"The applicant must have {id_}.",
            "satisfied_by": "A paper.",
            "gates": "issue",
            "waivable": True,
            "source": "invented",
        }
        for id_ in ("cooling_audit", "insurance", "escrow")
    ]
    content["tiers"] = [
        _tier("tiny", 0, False, 9, True, []),
        _tier("middle", 10, True, 500, False, ["cooling_audit"]),
        _tier("upper", 500, True, 1000, True, ["government_assurance"]),
        _tier("giant", 1000, False, None, False, [{"any_of": ["insurance", "escrow", "us_investment"]}, "site_visit"]),
    ]
    content["facts"].append({"name": "sealed_racks", "words": "a seal on every rack", "source": "invented"})
    content["exemptions"] = [
        {
            "id": "sealed",
            "title": "Sealed",
            "tier": "middle",
            "conditions": ["sealed_racks"],
            "disposition": "exempt",
            "source": "invented",
        }
    ]
    content["statuses"].append(
        {
            "id": "close_ally",
            "title": "Close ally",
            "words": "a close ally",
            "severity": 5,
            "effect": "license",
            "exemptions": True,
            "relieves": ["site_visit"],
            "source": "invented",
        }
    )
    content["countries"]["listed"].append(
        {
            "codes": ["NO", "SE"],
            "status": "close_ally",
            "reason": "it is invented",
            "since": date(2027, 1, 1),
            "source": "invented",
        }
    )
    content["kinds"].append(
        {
            "id": "rack",
            "title": "Racks",
            "treatment": "controlled",
            "says": "Racks need a license of their own.",
            "requires": ["escrow"],
            "source": "invented",
        }
    )
    content["process"]["signatures"] = {
        name: {"value": 3, "source": "invented"} for name in ("tiny", "middle", "upper", "giant", "no_tier")
    }
    return content


def _tier(id_: str, low: int, low_in: bool, high: int | None, high_in: bool, requires: list[Any]) -> dict[str, Any]:
    bounds = {"from": low, "from_inclusive": low_in, "to": high, "to_inclusive": high_in}
    return {"id": id_, "title": id_, **bounds, "requires": requires, "source": "invented"}


def test_a_new_edition_with_new_tiers_unit_measure_and_requirements_needs_no_code() -> None:
    edition = _compiled(_invented())
    order = facts(
        "FR", "H200", 400, installation={"installed": 300, "licensed": 9999}, group_in_country={"pending": 301}
    )
    answer = ask(order, edition)
    assert answer.as_dict()["counted"] == {
        "unit": "h100_equivalents",
        "measure": "stricter_of_both",
        "quantity": 1001,
    }
    assert answer.tier == "giant"
    assert answer.requirements[:2] == ("cooling_audit", "government_assurance")
    assert answer.as_dict()["requirements"][2:] == [{"any_of": ["insurance", "escrow", "us_investment"]}, "site_visit"]
    assert "The applicant must have cooling_audit." in [reason.says for reason in answer.reasons]
    assert edition.signatures("giant") == 3


@pytest.mark.parametrize(
    ("quantity", "tier"), [(1, "tiny"), (9, "tiny"), (10, "middle"), (499, "middle"), (500, "upper"), (1001, "giant")]
)
def test_a_new_edition_sets_its_own_bounds(quantity: int, tier: str) -> None:
    assert ask(facts("FR", "H100", quantity), _compiled(_invented())).tier == tier


def test_a_new_edition_can_read_a_new_fact_for_its_exemption() -> None:
    edition = _compiled(_invented())
    assert ask(facts("FR", "H100", 20, sealed_racks=True), edition).disposition == "exempt"
    without = ask(facts("FR", "H100", 20), edition)
    assert (without.disposition, without.requirements) == ("license_required", ("cooling_audit",))
    assert "if there were a seal on every rack" in " ".join(reason.says for reason in without.reasons)


def test_a_new_edition_can_add_a_status_that_relieves_of_a_requirement() -> None:
    requirements = ask(facts("NO", "H100", 5000), _compiled(_invented())).requirements
    assert "site_visit" not in requirements
    assert "government_assurance" in requirements


def test_a_new_edition_can_control_a_new_kind_of_item() -> None:
    answer = ask(facts("FR", items=[{"kind": "rack"}]), _compiled(_invented()))
    assert (answer.disposition, answer.tier, answer.requirements) == ("license_required", None, ("escrow",))


def test_a_new_edition_can_count_nothing_but_the_order_and_keep_no_duties_of_lower_tiers() -> None:
    content = _invented()
    content["counting"]["installed_base"]["counts"] = []
    content["counting"]["accumulation"]["value"] = False
    answer = ask(facts("FR", "H100", 500, installation={"installed": 9999}), _compiled(content))
    assert (answer.quantity, answer.tier, answer.requirements) == (500, "upper", ("government_assurance",))


def _without(content: dict[str, Any], *path: Any) -> dict[str, Any]:
    place = content
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return content


def _with(value: Any, *path: Any) -> dict[str, Any]:
    content = _content()
    place: Any = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return content


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (_with(2000, "tiers", 1, "from"), "neither overlap nor leave a gap"),
        (_with(900, "tiers", 1, "from"), "neither overlap nor leave a gap"),
        (_with(300_000, "tiers", 3, "to") | {}, "to_inclusive is missing"),
        (_with(["telepathy"], "tiers", 1, "requires"), "“telepathy” is not in the list of requirements"),
        (_with(["XX"], "countries", "listed", 0, "codes"), "“XX” is not a country of ISO 3166"),
        (_with(["RU", "RU"], "countries", "listed", 1, "codes"), "RU has a status already"),
        (_with("friendly", "countries", "default", "status"), "“friendly” is not in the list of statuses"),
        (_with(["moon_phase"], "exemptions", 0, "conditions"), "“moon_phase” is not in the list of facts"),
        (_with("huge", "exemptions", 0, "tier"), "“huge” is not a tier of this edition"),
        (_with("per_moon", "counting", "measure", "value"), "must be one of"),
        (_with("maybe", "status", 0, "value"), "must be one of"),
        (_with(0, "counting", "unit", "reference_tpp"), "must be a number above 0"),
        (_with(["sold"], "counting", "installed_base", "counts"), "sold cannot count"),
        (_with("yes", "counting", "accumulation", "value"), "must be true or false"),
        (_with(True, "tiers", 1, "from_inclusve"), "keys that mean nothing here: from_inclusve"),
        (_with(date(2026, 1, 1), "effective", "to"), "must be later than effective.from"),
        (_with("soon", "effective", "from"), "must be a date such as"),
        (_without(_content(), "process", "signatures", "large"), "process.signatures.large is missing"),
        (_without(_content(), "edition", "notice"), "edition.notice is missing"),
        (_without(_content(), "counting"), "counting is missing"),
    ],
)
def test_an_edition_that_contradicts_itself_is_refused_by_the_place(content: dict[str, Any], says: str) -> None:
    with pytest.raises(EditionError, match=says):
        _compiled(content)


def test_a_key_written_twice_is_refused() -> None:
    text = edition_files()["reported-2026-03"].read_text(encoding="utf-8") + "\neffective:\n  source: again\n"
    with pytest.raises(EditionError, match="a key is written twice"):
        compile_edition(text, shipped_catalogue().countries)


def test_norway_is_a_country_and_not_a_falsehood() -> None:
    assert read_yaml("codes: [NO, on, yes, true]") == {"codes": ["NO", "on", "yes", True]}
