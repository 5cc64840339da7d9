"""What must hold for all orders, not only for those that somebody thought of."""

import json
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from rulebook.rules import compile_edition, determine, parse_facts
from rulebook.shipped import edition_files, shipped_catalogue, shipped_editions
from tests.rulebook.asking import ask

CATALOGUE = shipped_catalogue()
EDITIONS = shipped_editions()
CODES = sorted(CATALOGUE.countries)
BARRED = [code for code in CODES if EDITIONS["reported-2026-03"].country(code).status == "barred"]

codes = st.sampled_from(CODES)
near_bounds = st.sampled_from([1, 2, 998, 999, 1000, 1001, 99_999, 100_000, 100_001, 199_999, 200_000, 200_001])
quantities = near_bounds | st.integers(1, 300_000)
counts = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("installed", "licensed", "pending"), st.integers(0, 250_000))
)
known = st.fixed_dictionaries(
    {"kind": st.just("chip"), "model": st.sampled_from(sorted(CATALOGUE.chips)), "quantity": quantities},
    optional={"tpp": st.integers(1, 90_000)},
)
own = st.fixed_dictionaries(
    {
        "kind": st.just("chip"),
        "model": st.just("Own design"),
        "quantity": quantities,
        "tpp": st.integers(1, 90_000) | st.floats(0.1, 90_000),
        "memory_bandwidth_gbs": st.floats(0.1, 9_000),
    }
)
lines = known | own | st.just({"kind": "model_weights"})
orders = st.fixed_dictionaries(
    {"destination": codes, "items": st.lists(lines, min_size=1, max_size=4)},
    optional={
        "end_user": st.fixed_dictionaries(
            {}, optional={"headquarters": codes, "ultimate_parent_headquarters": codes | st.none()}
        ),
        "installation": counts,
        "group_in_country": counts,
        "exporter_monitoring_plan": st.booleans(),
        "recipient_no_cluster_undertaking": st.booleans(),
    },
)
editions = st.sampled_from(sorted(EDITIONS))


def _rank(order: dict[str, Any], edition: str) -> int:
    """How high an order's tier is; a barred order has none."""
    tier = ask(order, edition).tier
    return -1 if tier is None else [entry.id for entry in EDITIONS[edition].tiers].index(tier)


@given(orders, editions)
def test_facts_that_are_accepted_are_always_answered(order: dict[str, Any], edition: str) -> None:
    answer = ask(order, edition)
    assert answer.disposition in ("exempt", "license_required", "barred", "not_controlled")
    assert answer.as_json() == json.dumps(answer.as_dict(), ensure_ascii=False, separators=(",", ":"))
    if answer.disposition != "license_required":
        assert answer.requirements == ()


@given(orders, editions, st.integers(1, 300_000))
def test_more_chips_never_lower_a_tier(order: dict[str, Any], edition: str, more: int) -> None:
    chip = next((line for line in order["items"] if line["kind"] == "chip"), None)
    assume(chip is not None)
    before = _rank(order, edition)
    chip["quantity"] += more
    assert _rank(order, edition) >= before


@given(orders, editions, st.integers(1, 300_000))
def test_more_chips_never_take_a_requirement_away(order: dict[str, Any], edition: str, more: int) -> None:
    chip = next((line for line in order["items"] if line["kind"] == "chip"), None)
    assume(chip is not None)
    before = ask(order, edition)
    assume(before.disposition != "exempt")
    chip["quantity"] += more
    assert before.requirement_ids() <= ask(order, edition).requirement_ids()


@given(codes, st.integers(2, 300_000), st.data())
def test_splitting_an_order_never_escapes_a_tier(destination: str, quantity: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, quantity - 1))
    line = {"kind": "chip", "model": "H20", "quantity": quantity}
    whole = {"destination": destination, "items": [line]}
    second = {
        "destination": destination,
        "items": [{**line, "quantity": quantity - first}],
        "installation": {data.draw(st.sampled_from(["installed", "licensed", "pending"])): first},
    }
    assert ask(second).tier == ask(whole).tier
    assert ask(second).requirements == ask(whole).requirements


@given(orders, editions, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_does_not_matter(order: dict[str, Any], edition: str, chance: Any) -> None:
    before = ask(order, edition).as_json()
    chance.shuffle(order["items"])
    assert ask(order, edition).as_json() == before


@given(orders, editions, st.sampled_from(BARRED), st.sampled_from(["destination", "headquarters", "parent"]))
def test_a_barred_party_is_barred_whatever_else_is_true(
    order: dict[str, Any], edition: str, barred: str, where: str
) -> None:
    order["end_user"] = dict(order.get("end_user", {}))
    if where == "destination":
        order["destination"] = barred
    else:
        name = "headquarters" if where == "headquarters" else "ultimate_parent_headquarters"
        order["end_user"][name] = barred
    answer = ask(order, edition)
    assert (answer.disposition, answer.tier, answer.requirements) == ("barred", None, ())


@given(orders, editions)
def test_a_domestic_delivery_to_a_domestic_party_is_never_an_export(order: dict[str, Any], edition: str) -> None:
    order["destination"] = "US"
    order["end_user"] = {"headquarters": "US", "ultimate_parent_headquarters": "US"}
    answer = ask(order, edition)
    assert answer.disposition == "not_controlled"
    assert "not an export" in answer.reasons[0].says


@given(orders, editions)
def test_a_restricted_country_never_gets_an_exemption(order: dict[str, Any], edition: str) -> None:
    order["destination"] = "CN"
    assert ask(order, edition).disposition != "exempt"


@given(orders, st.sampled_from(["reported-2026-03", "reported-2026-03-equivalents"]))
def test_an_exemption_needs_both_papers_and_a_small_count(order: dict[str, Any], edition: str) -> None:
    answer = ask(order, edition)
    if answer.disposition == "exempt":
        assert order["exporter_monitoring_plan"]
        assert order["recipient_no_cluster_undertaking"]
        assert 1 <= answer.quantity <= 999


@given(orders, editions)
def test_the_same_facts_under_the_same_edition_are_the_same_bytes(order: dict[str, Any], edition: str) -> None:
    applied = compile_edition(edition_files()[edition].read_text(encoding="utf-8"), CATALOGUE.countries)
    again = determine(parse_facts(json.loads(json.dumps(order)), applied, CATALOGUE), applied)
    assert again.as_json() == ask(order, edition).as_json()
