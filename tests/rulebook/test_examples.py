"""The worked examples, which a lawyer can read and extend without reading Python."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.rulebook.asking import ask

EXAMPLES = Path(__file__).parent / "examples"
BASE = ("installed", "licensed", "pending")


def _examples() -> list[Any]:
    found = []
    for path in sorted(EXAMPLES.glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for example in content["examples"]:
            found.append(pytest.param(content["edition"], example, id=f"{path.stem}: {example['title']}"))
    return found


def _facts(short: dict[str, Any]) -> dict[str, Any]:
    """The facts that an example's shorthand stands for."""
    known = {
        "destination",
        "headquarters",
        "ultimate_parent",
        "chips",
        "items",
        "existing",
        "elsewhere",
        "plan",
        "undertaking",
    }
    assert short.keys() <= known, f"unknown words in the example: {short.keys() - known}"
    order: dict[str, Any] = {
        "destination": short["destination"],
        "end_user": {
            "headquarters": short.get("headquarters", short["destination"]),
            "ultimate_parent_headquarters": short.get("ultimate_parent", short["destination"]),
        },
        "items": short.get("items") or [{"kind": "chip", "quantity": short["chips"][0], "model": short["chips"][1]}],
        "exporter_monitoring_plan": short.get("plan", False),
        "recipient_no_cluster_undertaking": short.get("undertaking", False),
    }
    for field, word in (("installation", "existing"), ("group_in_country", "elsewhere")):
        order[field] = dict.fromkeys(BASE, 0) | short.get(word, {})
    return order


@pytest.mark.parametrize(("edition", "example"), _examples())
def test_an_example_has_the_answer_that_stands_beside_it(edition: str, example: dict[str, Any]) -> None:
    answer = ask(_facts(example["facts"]), edition).as_dict()
    expected = example["answer"]
    assert answer["edition"] == edition
    assert {key: answer["counted"]["quantity"] if key == "quantity" else answer[key] for key in expected} == expected
    told = " ".join(reason["says"] for reason in answer["reasons"])
    for words in example.get("says", []):
        assert words in told


def test_every_edition_has_examples() -> None:
    editions = {path.stem for path in (Path(__file__).parents[2] / "rulebook" / "editions").glob("*.yaml")}
    assert {path.stem for path in EXAMPLES.glob("*.yaml")} == editions
