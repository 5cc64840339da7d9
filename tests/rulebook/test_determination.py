"""The form of an answer: its keys, its bytes, its sentences."""

import ast
import json
import re
from pathlib import Path

import pytest

import rulebook.rules
from rulebook.rules import AnyOf, BadFacts, determine, parse_facts, replay, restore_facts
from rulebook.shipped import edition_files, shipped_catalogue, shipped_edition, shipped_editions
from tests.rulebook.asking import ask, facts

EDITIONS = sorted(shipped_editions())
ORDERS = [
    facts("SA", "GB300", 35_000),
    facts("KR", "GB300", 260_000),
    facts("CN", "H20", 5),
    facts("CN", "B200", 5),
    facts("RU", "A100", 1),
    facts("US", "GB300", 5_000),
    facts("FR", "GB 300", 10, items=[{"kind": "model_weights"}]),
    facts("FR", items=[{"kind": "chip", "model": "Own", "quantity": 2, "tpp": 20919.2, "memory_bandwidth_gbs": 5}]),
    facts("FR", items=[{"kind": "chip", "model": "H100", "quantity": 2, "tpp": 1.5}]),
    {"destination": "SE", "items": [{"kind": "chip", "model": "A100", "quantity": 752}]},
    facts("SE", "A100", 752, exporter_monitoring_plan=True, recipient_no_cluster_undertaking=True),
    facts("SE", "A100", 752, installation={"installed": 3}, group_in_country={"pending": 4}),
]


def test_an_answer_has_exactly_the_keys_of_the_contract_in_their_order() -> None:
    answer = ask(facts("KR", "GB300", 260_000)).as_dict()
    assert list(answer) == ["edition", "disposition", "tier", "counted", "requirements", "reasons"]
    assert list(answer["counted"]) == ["unit", "measure", "quantity"]
    assert all(list(reason) == ["rule", "says", "source"] for reason in answer["reasons"])
    assert answer["requirements"][-1] == {"any_of": ["us_investment", "security_guarantee"]}


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("order", ORDERS)
def test_the_quick_encoder_writes_what_the_generic_one_writes(order: dict, edition: str) -> None:
    answer = ask(order, edition)
    assert answer.as_json() == json.dumps(answer.as_dict(), ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("order", ORDERS)
def test_a_stored_answer_is_replayed_to_the_same_bytes(order: dict, edition: str) -> None:
    applied = shipped_edition(edition)
    read = parse_facts(order, applied, shipped_catalogue())
    stored = json.loads(json.dumps(read.as_dict()))
    text = edition_files()[edition].read_text(encoding="utf-8")
    assert replay(stored, text, shipped_catalogue().countries) == determine(read, applied).as_json()
    assert restore_facts(stored) == read
    assert restore_facts(stored).digest() == read.digest()


def test_damaged_stored_facts_are_refused_in_words() -> None:
    with pytest.raises(BadFacts, match="not in the form in which they are stored"):
        restore_facts({"destination": "FR"})


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("order", ORDERS)
def test_every_reason_is_one_finished_sentence_with_a_source(order: dict, edition: str) -> None:
    for reason in ask(order, edition).reasons:
        assert reason.source.strip()
        assert re.fullmatch(r"[A-Z0-9].*\.", reason.says), reason.says
        assert "  " not in reason.says
        assert "{" not in reason.says
        assert "None" not in reason.says


@pytest.mark.parametrize("order", ORDERS)
def test_every_answer_under_the_draft_says_that_it_is_not_law(order: dict) -> None:
    told = [reason.says for reason in ask(order).reasons]
    assert any("withdrawn on March 13, 2026" in says and "not law" in says for says in told)


def test_no_reason_is_given_twice() -> None:
    lines = [{"kind": "model_weights"}, {"kind": "model_weights"}] + [
        {"kind": "chip", "model": "GB300", "quantity": 1}
    ] * 2
    reasons = ask(facts("CN", items=lines)).reasons
    assert len(set(reasons)) == len(reasons)


def test_the_names_of_all_requirements_can_be_asked_for_with_those_offered_as_a_choice() -> None:
    answer = ask(facts("KR", "GB300", 260_000))
    assert answer.requirement_ids() == {
        "government_assurance",
        "site_visit",
        "us_investment",
        "security_guarantee",
    }
    assert AnyOf(("us_investment", "security_guarantee")) in answer.requirements


def test_the_rules_import_nothing_but_the_standard_library_yaml_and_themselves() -> None:
    allowed = {"yaml", "rulebook.rules"}
    standard = {
        "collections",
        "dataclasses",
        "datetime",
        "fractions",
        "hashlib",
        "json",
        "operator",
        "re",
        "types",
        "typing",
    }
    for path in Path(rulebook.rules.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                top = name.split(".")[0]
                assert top in standard or name in allowed or name.startswith("rulebook.rules."), f"{path.name}: {name}"
