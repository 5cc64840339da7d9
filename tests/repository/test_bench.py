"""`make bench` as a whole: what each line says, and that no part hides another."""

import os
import sys
from types import ModuleType
from typing import Any

import pytest

from bench.__main__ import measure_part, tell

LINE = {"name": "Draws", "figure": 0.9, "bar": ">= 0.8", "holds": True, "unit": "times the reference", "detail": ""}


def part(monkeypatch: pytest.MonkeyPatch, measure: Any) -> list[dict[str, Any]]:
    module = ModuleType("bench.sample")
    module.measure = measure
    monkeypatch.setitem(sys.modules, "bench.sample", module)
    return measure_part("sample")


def test_a_part_answers_with_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert part(monkeypatch, lambda: [LINE]) == [LINE]
    assert tell(LINE) == "Draws: 0.9 times the reference (bar: >= 0.8) holds."
    assert "DOES NOT HOLD" in tell({**LINE, "holds": False})


def fail() -> list[dict[str, Any]]:
    raise AssertionError("The page does not show it.")


@pytest.mark.parametrize("measure", [fail, lambda: os._exit(3), list])
def test_a_part_that_breaks_off_is_a_bar_that_does_not_hold(monkeypatch: pytest.MonkeyPatch, measure: Any) -> None:
    (row,) = part(monkeypatch, measure)
    assert (row["holds"], row["figure"]) == (False, None)
    assert tell(row).startswith("sample: the whole part: no figure (bar: it ends) DOES NOT HOLD. It broke off")
