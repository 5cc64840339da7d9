"""Samples, draws, scores and lists: pure, and the same everywhere."""

from decimal import Decimal
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import Refused
from inspections.rules.sampling import chance_of_none, draw_positions, plan_sample, tell_plan
from inspections.rules.scoring import TargetFacts, score_target, total_of
from inspections.rules.serials import SerialReader, split_lines

PINNED = [71, 264, 277, 280, 356, 507, 757, 921]
PERCENT = st.decimals(min_value="0.001", max_value="100", places=3)


@given(st.integers(1, 60), st.data())
def test_the_chance_is_the_hypergeometric_one(count: int, data: st.DataObject) -> None:
    missing, size = data.draw(st.integers(0, count)), data.draw(st.integers(0, count))
    assert chance_of_none(count, missing, size) == Fraction(comb(count - missing, size), comb(count, size))


@given(st.integers(1, 3000), PERCENT, PERCENT)
def test_a_sample_is_the_smallest_that_is_sure_enough(count: int, tolerated: Decimal, confidence: Decimal) -> None:
    plan = plan_sample(count, tolerated, confidence)
    assert 1 <= plan.size <= count
    assert plan.chance <= plan.allowed
    assert plan.size == 1 or plan.chance_of_one_less > plan.allowed
    assert (
        plan.missing_to_meet >= Fraction(tolerated) * count / 100 > plan.missing_to_meet - 1
        or count == 1
        or (plan.missing_to_meet == 1)
    )
    assert tell_plan(plan)


def test_a_million_at_one_percent_needs_299() -> None:
    plan = plan_sample(1_000_000, Decimal(1), Decimal(95))
    assert (plan.missing_to_meet, plan.size) == (10_000, 299)
    assert "C(990,000, 299) / C(1,000,000, 299) = 4.9514 percent" in " ".join(tell_plan(plan))


def test_full_confidence_in_half_of_a_million_is_planned_and_told_at_once() -> None:
    plan = plan_sample(1_000_000, Decimal(50), Decimal(100))
    assert plan.size == 500_001
    assert "always hold a missing one" in tell_plan(plan)[-1]


@pytest.mark.parametrize("value", ["0", "-1", "100.1", "NaN", "Infinity", "0.0001"])
def test_a_percentage_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(Refused) as refusal:
        plan_sample(10, Decimal(value), Decimal(95))
    assert refusal.value.field == "tolerated_percent"


@given(st.text(max_size=20), st.integers(1, 500), st.data())
def test_a_draw_is_repeated_by_its_seed(seed: str, count: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(0, count))
    drawn = draw_positions(seed, count, size)
    assert drawn == draw_positions(seed, count, size)
    assert len(set(drawn)) == size
    assert all(1 <= place <= count for place in drawn)


def test_a_draw_stays_the_same_for_ever() -> None:
    assert draw_positions("2026-04-20", 1000, 8) == PINNED


def test_every_position_is_drawn_about_as_often() -> None:
    drawn = [place for seed in range(600) for place in draw_positions(str(seed), 10, 3)]
    assert all(130 < drawn.count(place) < 230 for place in range(1, 11))


def read(text: str | bytes, largest: int = 100) -> list[tuple[str, str]]:
    content = text.encode() if isinstance(text, str) else text
    pieces = iter([content[start : start + 7] for start in range(0, len(content), 7)])
    reader = SerialReader(largest)
    rows = list(reader.read(split_lines(lambda size: next(pieces, b""))))
    if reader.problems:
        raise AssertionError(reader.problems)
    return rows


def test_lists_are_read_one_a_line_or_as_csv() -> None:
    expected = [("AB-1", ""), ("AB-2", "")]
    assert read("ab-1\r\n\r\nAB-2\r\n") == expected
    assert read(b"\xef\xbb\xbfSerial number\nAB-1\nAB-2") == expected
    assert read('serial;place\nAB-1;"Hall; 1"\n') == [("AB-1", "Hall; 1")]
    assert read("AB-1\tRack 7\n") == [("AB-1", "Rack 7")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("AB-1\n??\n", "Row 2 is “??”"),
        ("AB-1\n,Hall 1\n", "Row 2 has no serial number"),
        ("AB-1,Hall\\1\n", "Row 1 names a place"),
        (b"AB-1\nAB\xff2\n", "Row 2 is"),
        ("A" * 41, "Row 1 is"),
    ],
)
def test_a_bad_row_is_named(text: str, says: str) -> None:
    with pytest.raises(AssertionError, match="Row") as told:
        read(text)
    assert says in str(told.value)


def test_a_list_is_given_up_at_the_first_row_too_many() -> None:
    taken = 0

    def endless(size: int) -> bytes:
        nonlocal taken
        taken += 1
        return b"".join(b"GB-%d-%d\n" % (taken, row) for row in range(1000))

    with pytest.raises(Refused, match="more than 5,000 serial numbers: row 5,001"):
        list(SerialReader(5000).read(split_lines(endless)))
    assert taken < 8


def test_a_line_without_end_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(Refused, match="Row 1 has more than 1,000 characters"):
        list(SerialReader(10).read(split_lines(lambda size: b"A" * size)))


def test_a_score_tells_each_of_its_points() -> None:
    weights = {"tier.large": 30, "country.restricted": 30, "party_history.never_visited": 15, "screening.each": 20}
    weights |= {"screening.most": 40, "last_visit.each": 5, "last_visit.most": 15}
    facts = TargetFacts("large", "Large", "restricted", "", None, 3, 0)
    parts = score_target(facts, weights, {})
    assert {part.id: part.points for part in parts} == {
        "tier.large": 30,
        "country.restricted": 30,
        "party_history.never_visited": 15,
        "screening": 40,
        "monitoring": 0,
        "last_visit": 0,
    }
    assert total_of(parts) == 115
