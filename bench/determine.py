"""
How fast an order is answered with its reasons, and how much memory a million orders take.

The reference for the rate is the GoRules ZEN engine, which evaluates the same rules as a decision graph and returns its
trace. Both sides start from facts that need no check any more, with the figures of their chips, and end with a mapping
of the answer and its reasons. What checking the facts adds on our side is measured in the same run and told beside it.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import zen

from rulebook.rules import Edition, Facts, determine, parse_facts
from rulebook.shipped import DEFAULT_EDITION, shipped_catalogue, shipped_edition

ROOT = Path(__file__).parents[1]
ROUNDS = 8
FEW, MANY = 100_000, 1_000_000

_MODELS = ("A100", "H20", "H100", "H200", "B200", "GB200", "GB300", "MI300X")
_COUNTRIES = ("SA", "AE", "NO", "SE", "IN", "ID", "KR", "MY", "FR", "CN", "MO", "RU", "IR", "US")
_QUANTITIES = (1, 10, 752, 999, 1_000, 35_000, 99_999, 100_000, 100_001, 199_999, 200_000, 260_000)


def orders(count: int) -> Iterator[dict[str, Any]]:
    """So many orders, the same ones every time, over every status, tier and exemption."""
    for number in range(count):
        destination = _COUNTRIES[number % len(_COUNTRIES)]
        parent = _COUNTRIES[number // 7 % len(_COUNTRIES)] if number % 3 == 0 else destination
        yield {
            "destination": destination,
            "end_user": {"headquarters": destination, "ultimate_parent_headquarters": parent},
            "items": [
                {
                    "kind": "chip",
                    "model": _MODELS[number // 5 % len(_MODELS)],
                    "quantity": _QUANTITIES[number // 2 % len(_QUANTITIES)],
                }
            ],
            "installation": {"installed": number % 4, "licensed": 0, "pending": 0},
            "group_in_country": {"installed": 0, "licensed": 0, "pending": 0},
            "exporter_monitoring_plan": number % 2 == 0,
            "recipient_no_cluster_undertaking": number % 5 != 0,
        }


def _with_figures(order: dict[str, Any]) -> dict[str, Any]:
    """An order as the reference is given it: with the figures of its chips."""
    chips = shipped_catalogue().chips
    lines = [
        {
            **line,
            "tpp": float(chips[line["model"]].tpp.value),
            "memory_bandwidth_gbs": float(chips[line["model"]].memory_bandwidth_gbs.value),
        }
        for line in order["items"]
    ]
    return {**order, "items": lines}


def decision_graph(edition: Edition) -> dict[str, Any]:
    """The rules of the edition as a decision graph of ZEN: one node of expressions, then one table, first hit."""
    listed: dict[str, list[str]] = {}
    for code, status in edition.countries.items():
        listed.setdefault(status.status, []).append(code)
    limits = " or ".join(f"#.{limit.figure} >= {limit.below}" for limit in edition.country_rules["restricted"].limits)

    def rank(field: str) -> str:
        return (
            f"({field} in {json.dumps(listed['barred'])} ? 2 : {field} in {json.dumps(listed['restricted'])} ? 1 : 0)"
        )

    expressions = {
        "domestic": f"destination in {json.dumps(listed['domestic'])}",
        "rank": f"max([{rank('destination')}, {rank('end_user.headquarters')}, "
        f"{rank('end_user.ultimate_parent_headquarters')}])",
        "over": f"some(items, #.kind == 'chip' and ({limits}))",
        "chips": "sum(map(filter(items, #.kind == 'chip'), #.quantity))",
        "quantity": "sum(map(filter(items, #.kind == 'chip'), #.quantity)) + installation.installed + "
        "installation.licensed + installation.pending",
        "papers": "exporter_monitoring_plan and recipient_no_cluster_undertaking",
    }
    rows: list[tuple[dict[str, str], str, str | None, list[Any]]] = [
        ({"rank": "2"}, "barred", None, []),
        ({"domestic": "true", "rank": "0"}, "not_controlled", None, []),
        ({"chips": "0"}, "not_controlled", None, []),
        ({"rank": "1", "over": "true"}, "barred", None, []),
    ]
    for tier in edition.tiers:
        size = f"[{tier.lowest}..{tier.highest}]" if tier.highest else f">= {tier.lowest}"
        asked = [entry if isinstance(entry, str) else {"any_of": list(entry.any_of)} for entry in tier.requires]
        if any(entry.tier == tier.id for entry in edition.exemptions):
            rows.append(({"rank": "0", "quantity": size, "papers": "true"}, "exempt", tier.id, []))
        rows.append(({"rank": "0", "quantity": size}, "license_required", tier.id, asked))
        rows.append(
            ({"rank": "1", "quantity": size}, "license_required", tier.id, [*asked, "national_security_conditions"])
        )
    fields = ("domestic", "rank", "chips", "over", "quantity", "papers")
    outputs = ("disposition", "tier", "requirements")
    return {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": "in", "name": "Facts", "type": "inputNode", "position": {"x": 0, "y": 0}},
            {
                "id": "expressions",
                "name": "What counts",
                "type": "expressionNode",
                "position": {"x": 1, "y": 0},
                "content": {
                    "expressions": [{"id": key, "key": key, "value": value} for key, value in expressions.items()]
                },
            },
            {
                "id": "table",
                "name": "What is required",
                "type": "decisionTableNode",
                "position": {"x": 2, "y": 0},
                "content": {
                    "hitPolicy": "first",
                    "inputs": [{"id": f"in_{field}", "name": field, "field": field} for field in fields],
                    "outputs": [{"id": f"out_{field}", "name": field, "field": field} for field in outputs],
                    "rules": [
                        {
                            "_id": f"row_{number}",
                            **{f"in_{field}": conditions.get(field, "") for field in fields},
                            "out_disposition": json.dumps(disposition),
                            "out_tier": json.dumps(tier),
                            "out_requirements": json.dumps(requirements),
                        }
                        for number, (conditions, disposition, tier, requirements) in enumerate(rows)
                    ],
                },
            },
            {"id": "out", "name": "Answer", "type": "outputNode", "position": {"x": 3, "y": 0}},
        ],
        "edges": [
            {"id": "e1", "type": "edge", "sourceId": "in", "targetId": "expressions"},
            {"id": "e2", "type": "edge", "sourceId": "expressions", "targetId": "table"},
            {"id": "e3", "type": "edge", "sourceId": "table", "targetId": "out"},
        ],
    }


def _rate(answer: Callable[[Any], Any], asked: Sequence[Any]) -> float:
    """Answers for each second of processor time."""
    began = time.process_time()
    for order in asked:
        answer(order)
    return len(asked) / (time.process_time() - began)


def _measure_rate() -> dict[str, Any]:
    edition, catalogue = shipped_edition(DEFAULT_EDITION), shipped_catalogue()
    decision = zen.ZenEngine().create_decision(json.dumps(decision_graph(edition)))

    def ours(facts: Facts) -> dict[str, Any]:
        return determine(facts, edition).as_dict()

    def with_check(order: dict[str, Any]) -> dict[str, Any]:
        return ours(parse_facts(order, edition, catalogue))

    def reference(order: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = decision.evaluate(order, {"trace": True})
        return answer

    sample = list(orders(2_000))
    given = [_with_figures(order) for order in sample]
    checked = [parse_facts(order, edition, catalogue) for order in sample]
    seen: set[tuple[str, str | None]] = set()
    for order, with_figures in zip(sample, given, strict=True):
        mine, theirs = with_check(order), reference(with_figures)
        if {key: mine[key] for key in theirs["result"]} != theirs["result"] or not theirs["trace"]:
            raise AssertionError(f"the two engines disagree on {order}: {mine} and {theirs['result']}")
        seen.add((mine["disposition"], mine["tier"]))
    if len(seen) < 7:
        raise AssertionError(f"the sample holds too few kinds of answers: {seen}")
    our_rates: list[float] = []
    their_rates: list[float] = []
    checking_rates: list[float] = []
    # A B B A: a machine that slows down or speeds up does so for both.
    for round_ in range(ROUNDS):
        for who in "AB" if round_ % 2 == 0 else "BA":
            if who == "A":
                our_rates.append(_rate(ours, checked))
                checking_rates.append(_rate(with_check, sample))
            else:
                their_rates.append(_rate(reference, given[:500]))
    ratio = statistics.median(our_rates) / statistics.median(their_rates)
    micro = [1e6 / statistics.median(rates) for rates in (our_rates, their_rates, checking_rates)]
    spread = [(max(rates) - min(rates)) / statistics.median(rates) for rates in (our_rates, their_rates)]
    return {
        "name": "determinations with reasons, against zen-engine with trace on the same rules",
        "figure": round(ratio, 1),
        "bar": 10,
        "holds": ratio >= 10,
        "unit": "times its rate",
        "detail": f"{micro[0]:.1f} µs against {micro[1]:.1f} µs each (medians of {ROUNDS} rounds, spread "
        f"{spread[0]:.0%} and {spread[1]:.0%}), {micro[2]:.1f} µs with the check of the facts; both agree on "
        f"{len(sample):,} orders of {len(seen)} kinds",
    }


def _measure_memory() -> dict[str, Any]:
    """Resident memory of `manage.py determine -` after many orders over that after few, in one run of the command."""
    lines = [json.dumps(order).encode() + b"\n" for order in orders(5_040)]
    command = [sys.executable, "manage.py", "determine", "-"]
    # Nothing listens there: the command is measured without any service.
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
    began = time.monotonic()
    highest: dict[int, int] = {}
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | nowhere, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        if process.stdin is None:
            raise AssertionError("the command has no standard input")
        watched = psutil.Process(process.pid)
        peak = 0
        for number in range(MANY):
            process.stdin.write(lines[number % len(lines)])
            if (number + 1) % 10_000 == 0:
                peak = max(peak, watched.memory_info().rss)
            if number + 1 in (FEW, MANY):
                highest[number + 1] = peak
        process.stdin.close()
        status = process.wait()
    if status != 0:
        raise AssertionError(f"the command ended with status {status}")
    ratio = highest[MANY] / highest[FEW]
    seconds = time.monotonic() - began
    return {
        "name": "memory of determine over a million orders, against a hundred thousand",
        "figure": round(ratio, 3),
        "bar": 1.1,
        "holds": ratio <= 1.1,
        "unit": "times its resident memory",
        "detail": f"{highest[FEW] / 2**20:.1f} MiB and {highest[MANY] / 2**20:.1f} MiB; {MANY / seconds:,.0f} orders a "
        "second through the pipe",
    }


def measure() -> list[dict[str, Any]]:
    """The bars of the rulebook: each with its figure, its bar and whether it holds."""
    return [_measure_rate(), _measure_memory()]


if __name__ == "__main__":
    for row in measure():
        print(json.dumps(row, ensure_ascii=False))
