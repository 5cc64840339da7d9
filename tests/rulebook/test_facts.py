"""Facts are read strictly, and what is wrong with them is said in words."""

from fractions import Fraction
from typing import Any

import pytest

from rulebook.rules import BadFacts, parse_facts
from rulebook.shipped import shipped_catalogue, shipped_edition
from tests.rulebook.asking import ask, facts

# The names that the framework promises to know.
NAMES = (
    *("A100", "A800", "H20", "H100", "H200", "H800", "B200", "B300", "GB200", "GB300"),
    *("MI210", "MI250", "MI250X", "MI300A", "MI300X", "MI308X", "MI325X", "MI350X", "MI355X"),
)


def _read(order: Any) -> Any:
    return parse_facts(order, shipped_edition("reported-2026-03"), shipped_catalogue())


def _problems(order: Any) -> dict[str, str]:
    with pytest.raises(BadFacts) as caught:
        _read(order)
    return {problem.field: problem.says for problem in caught.value.problems}


@pytest.mark.parametrize("quantity", [0, -1, 1.5, 1.0, True, False, "5", None, [], {}, 10**30, float("nan")])
def test_a_quantity_that_is_no_positive_whole_number_is_refused(quantity: Any) -> None:
    says = _problems(facts(quantity=quantity))["items[0].quantity"]
    assert says.startswith("must be a whole number, at least 1")


@pytest.mark.parametrize("count", [-1, 0.5, True, "0", None, 10**30])
@pytest.mark.parametrize("field", ["installation", "group_in_country"])
def test_a_count_that_is_no_whole_number_is_refused(field: str, count: Any) -> None:
    assert "must be a whole number from 0" in _problems(facts(**{field: {"pending": count}}))[f"{field}.pending"]


@pytest.mark.parametrize("figure", [0, -1, True, "5", float("inf"), float("nan"), None, []])
def test_a_figure_that_is_no_positive_number_is_refused(figure: Any) -> None:
    line = {"kind": "chip", "model": "Own", "quantity": 1, "tpp": figure, "memory_bandwidth_gbs": 1}
    assert any("tpp" in field or "`tpp`" in says for field, says in _problems(facts(items=[line])).items())


@pytest.mark.parametrize("code", ["XX", "", "SAU", "682", "Saudi Arabia", 5, ["SA"], {"SA": 1}, True, "XK"])
def test_an_unknown_country_is_refused_in_every_place(code: Any) -> None:
    order = facts()
    order["destination"] = code
    order["end_user"] = {"headquarters": code, "ultimate_parent_headquarters": code}
    problems = _problems(order)
    assert problems.keys() == {"destination", "end_user.headquarters", "end_user.ultimate_parent_headquarters"}
    assert all("not a two-letter country code of ISO 3166" in says for says in problems.values())


def test_a_code_in_small_letters_is_refused_with_the_right_one_named() -> None:
    assert "write the code as “SA”" in _problems(facts("sa"))["destination"]


def test_unknown_keys_are_refused_wherever_they_stand() -> None:
    order = facts(destinaton="FR")
    order["end_user"]["name"] = "x"
    order["items"][0]["amount"] = 1
    order["installation"] = {"planned": 1}
    order["group_in_country"] = {"Installed": 1}
    assert _problems(order).keys() == {
        "destinaton",
        "end_user.name",
        "items[0].amount",
        "installation.planned",
        "group_in_country.Installed",
    }


def test_every_problem_is_named_not_only_the_first() -> None:
    problems = _problems({"destination": "XX", "items": [{"kind": "chip", "model": "H100", "quantity": 0}]})
    assert problems.keys() == {"destination", "items[0].quantity"}


@pytest.mark.parametrize("order", [None, [], "SA", 5, True])
def test_what_is_no_object_is_refused(order: Any) -> None:
    assert "must be a JSON object" in _problems(order)["facts"]


def test_what_is_missing_is_named() -> None:
    assert _problems({}).keys() == {"destination", "items"}
    assert _problems({"destination": "FR", "items": []})["items"] == "is empty: give at least one line"
    assert _problems({"destination": "FR", "items": {}}).keys() == {"items"}
    assert _problems({"destination": "FR", "items": [5, {}]}).keys() == {"items[0]", "items[1].kind"}
    line = {"kind": "chip"}
    assert _problems({"destination": "FR", "items": [line]}).keys() == {"items[0].quantity", "items[0].model"}


@pytest.mark.parametrize("value", ["yes", 1, 0, None, []])
def test_a_yes_or_no_fact_is_true_or_false_and_nothing_else(value: Any) -> None:
    assert "must be true or false" in _problems(facts(exporter_monitoring_plan=value))["exporter_monitoring_plan"]


def test_a_chip_outside_the_catalogue_needs_its_own_figures() -> None:
    problems = _problems(facts(model="Zeta 9"))
    assert "“Zeta 9” is not in the catalogue of chips" in problems["items[0].model"]
    own = {"kind": "chip", "model": "Zeta 9", "quantity": 1, "tpp": 20919.2, "memory_bandwidth_gbs": 5300}
    item = _read(facts(items=[own])).items[0]
    assert (item.tpp, item.memory_bandwidth_gbs, item.figures) == (Fraction(209192, 10), 5300, "declared")


@pytest.mark.parametrize("name", NAMES)
def test_a_model_is_known_by_its_name_case_and_spaces_aside(name: str) -> None:
    catalogue = shipped_catalogue()
    chip = catalogue.chips[name]
    spaced = " ".join(name.lower())
    for spelled in (name, name.lower(), spaced, f" {name} ", f"{chip.maker} {name}", f"{chip.maker.lower()}{name}"):
        assert catalogue.find_chip(spelled) is chip
        assert _read(facts(model=spelled)).items[0].model == name


def test_figures_declared_for_a_known_chip_are_kept_and_not_used() -> None:
    line = {"kind": "chip", "model": "GB300", "quantity": 1, "tpp": 1}
    item = _read(facts(items=[line])).items[0]
    assert (item.tpp, item.declared_tpp, item.declared_memory_bandwidth_gbs) == (56000, 1, None)
    says = next(reason.says for reason in ask(facts(items=[line])).reasons if reason.rule == "figures.catalogue")
    assert says == (
        "GB300 is in the catalogue of chips with TPP 56,000 and memory bandwidth 7,700 GB/s; these figures are used, "
        "not the declared TPP 1."
    )


def test_model_weights_need_no_quantity_and_take_no_chip_figures() -> None:
    assert _read(facts(items=[{"kind": "model_weights", "quantity": 1, "model": "W"}])).items[0].quantity == 1
    assert "items[0].tpp" in _problems(facts(items=[{"kind": "model_weights", "tpp": 5}]))
    assert "items[0].quantity" in _problems(facts(items=[{"kind": "model_weights", "quantity": 0}]))


def test_a_name_that_cannot_be_shown_is_refused() -> None:
    line = {"kind": "chip", "model": "\ud800", "quantity": 1, "tpp": 1, "memory_bandwidth_gbs": 1}
    assert _problems(facts(items=[line]))["items[0].model"] == "holds characters that cannot be shown"


def test_omitted_facts_are_nothing_installed_and_unknown_headquarters() -> None:
    read = _read({"destination": "FR", "items": [{"kind": "chip", "model": "H100", "quantity": 1}]})
    assert (read.headquarters, read.ultimate_parent_headquarters) == (None, None)
    assert (read.installation.installed, read.group_in_country.pending) == (0, 0)
    assert read.declared == frozenset()


def test_the_same_facts_have_the_same_digest_and_others_have_another() -> None:
    assert _read(facts(model="gb 300")).digest() == _read(facts(model="GB300")).digest()
    assert _read(facts(quantity=1)).digest() != _read(facts(quantity=2)).digest()
