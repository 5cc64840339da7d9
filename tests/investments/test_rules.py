"""The pure rules: money, rates, the plan and what is short of it, tranches."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import Refused
from investments.rules import (
    COMMITMENT_TRANSITIONS,
    SHORTFALL_TRANSITIONS,
    WORDS,
    Due,
    Rate,
    Step,
    check_rate,
    check_steps,
    convert,
    count_released,
    find_act,
    find_standing_status,
    find_target,
    read_amount,
    read_megawatts,
    read_plan,
    settle_steps,
    write_amount,
    write_units,
)
from investments.shipped import find_currency, shipped_currencies
from investments.statuses import CommitmentStatus, ShortfallStatus

ON = date(2026, 4, 1)
DOLLAR, RIYAL, YEN, DINAR = (find_currency(code) for code in ("USD", "SAR", "JPY", "KWD"))


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("1,250,000.00", DOLLAR, 125_000_000), ("5", YEN, 5), ("0.001", DINAR, 1), ("1e6", DOLLAR, 100_000_000)],
)
def test_an_amount_is_read_into_minor_units(text, currency, minor):
    assert read_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("-5", "more than zero"),
        ("0", "more than zero"),
        ("NaN", "a number with an end"),
        ("Infinity", "a number with an end"),
        ("-Infinity", "a number with an end"),
        ("ten", "is not a number"),
        ("", "is not a number"),
        ("1.005", "at most 2 digits"),
        ("1,5", "is not clear"),
        ("12,34,567", "is not clear"),
        ("1e400", "too long"),
        ("9" * 30, "Check the number of zeros"),
    ],
)
def test_an_amount_that_cannot_be_is_refused_beside_its_field(text, says):
    with pytest.raises(Refused, match=says) as refused:
        read_amount(text, DOLLAR)
    assert refused.value.field == "amount"


def test_a_currency_without_minor_units_takes_no_digit_after_the_point():
    with pytest.raises(Refused, match="JPY has no digit"):
        read_amount("100.5", YEN)


@pytest.mark.parametrize("text", ["-1", "NaN", "1.0001", "2000000"])
def test_megawatts_are_whole_kilowatts_above_zero(text):
    with pytest.raises(Refused) as refused:
        read_megawatts(text)
    assert refused.value.field == "megawatts"


def test_an_unknown_currency_is_refused_beside_its_field():
    for code in ("XTS", "usdollar", "", "XAU"):
        with pytest.raises(Refused) as refused:
            find_currency(code)
        assert refused.value.field == "currency"


def test_the_list_of_currencies_names_its_source_and_its_digits():
    listed = shipped_currencies()
    assert "ISO 4217" in listed.source
    assert {each.digits for each in listed.by_code.values()} == {0, 2, 3}
    assert all(code.isalpha() and len(code) == 3 for code in listed.by_code)


@pytest.mark.parametrize(
    ("rate", "field"),
    [
        (None, "rate"),
        (Rate(Decimal("-1"), ON, "H.10"), "rate"),
        (Rate(Decimal("NaN"), ON, "H.10"), "rate"),
        (Rate(Decimal("Infinity"), ON, "H.10"), "rate"),
        (Rate(Decimal("0.12345678901"), ON, "H.10"), "rate"),
        (Rate(Decimal("0.2666"), ON, " "), "rate_source"),
        (Rate(Decimal("0.2666"), date(2026, 4, 2), "H.10"), "rate_on"),
        (Rate(Decimal("0.2666"), date(2026, 3, 24), "H.10"), "rate_on"),
    ],
)
def test_a_rate_that_cannot_be_used_is_refused_beside_its_field(rate, field):
    with pytest.raises(Refused) as refused:
        check_rate(RIYAL, rate, on=ON, longest_days=7)
    assert refused.value.field == field


def test_a_rate_of_seven_days_ago_is_used_and_dollars_need_none():
    assert check_rate(RIYAL, Rate(Decimal("0.2666"), date(2026, 3, 25), "H.10"), on=ON, longest_days=7).on.day == 25
    assert check_rate(DOLLAR, None, on=ON, longest_days=7).dollars == 1


def test_a_part_of_a_cent_is_not_counted():
    assert convert(100, RIYAL, Rate(Decimal("0.2666"), ON, "H.10")).cents == 26
    with pytest.raises(Refused, match="less than a US cent"):
        convert(1, RIYAL, Rate(Decimal("0.2666"), ON, "H.10"))


def test_amounts_are_written_with_their_currency_and_power_in_megawatts():
    assert write_amount(120050, "USD", 2) == "USD 1,200.50"
    assert write_amount(1200, "JPY", 0) == "JPY 1,200"
    assert write_units(250_500, "kilowatts") == "250.5 MW"
    assert write_units(250_000, "kilowatts") == "250 MW"


def test_each_measure_has_its_target():
    none = {"abroad_cents": None, "ratio": None, "kilowatts": None}
    assert find_target("amount", cents=500, **none) == (500, "cents")
    matched = {**none, "abroad_cents": 333, "ratio": Decimal("1.5")}
    assert find_target("matching", cents=500, **matched) == (500, "cents")
    with pytest.raises(Refused) as refused:
        find_target("matching", cents=499, **matched)
    assert refused.value.field == "amount"
    assert find_target("megawatts", cents=5, **{**none, "kilowatts": 9}) == (9, "kilowatts")
    for measure, field in (("matching", "abroad"), ("megawatts", "megawatts")):
        with pytest.raises(Refused) as refused:
            find_target(measure, cents=5, **none)
        assert refused.value.field == field
    for ratio in ("0", "-1", "NaN", "1.00001", "101"):
        with pytest.raises(Refused) as refused:
            find_target("matching", cents=5, abroad_cents=1, ratio=Decimal(ratio), kilowatts=None)
        assert refused.value.field == "ratio"


def test_verified_units_fill_the_milestones_in_the_order_of_their_dates():
    dues = [Due(2, date(2027, 6, 30), 600), Due(1, date(2026, 6, 30), 400)]
    first, second = read_plan(dues, 450, on=date(2026, 7, 1))
    assert (first.covered, first.short, second.covered, second.short) == (400, 0, 50, 0)
    first, second = read_plan(dues, 300, on=date(2026, 7, 1))
    assert (first.short, second.short) == (100, 0)


def test_nothing_is_short_before_the_due_date_is_over():
    dues = [Due(1, date(2026, 6, 30), 400)]
    assert read_plan(dues, 0, on=date(2026, 6, 30))[0].short == 0
    assert read_plan(dues, 0, on=date(2026, 7, 1))[0].short == 400
    assert read_plan([Due(1, date(2026, 6, 30), 400, waived=400)], 0, on=date(2026, 7, 1))[0].short == 0


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 100), st.integers(0, 100)), max_size=6), st.integers(0, 700)
)
def test_what_is_covered_and_what_is_missing_is_what_is_owed(rows, verified):
    dues = [
        Due(number, date.fromordinal(ON.toordinal() + days), units, min(waived, units))
        for number, (days, units, waived) in enumerate(rows)
    ]
    readings = read_plan(dues, verified, on=ON)
    assert sum(each.covered for each in readings) == min(verified, sum(due.owed for due in dues))
    assert all(0 <= each.covered <= each.owed and each.short in (0, each.missing) for each in readings)


def test_steps_rise_and_can_be_reached():
    for steps, says in (
        ([], "at least one"),
        ([(0, 0)], "no chip"),
        ([(5, 1), (5, 1)], "no more than the step before"),
        ([(0, 1), (101, 1)], "could never be released"),
        ([(-1, 1)], "no more than"),
        ([(number, 1) for number in range(51)], "at most 50"),
    ):
        with pytest.raises(Refused, match=says) as refused:
            check_steps(steps, target=100, unit="cents")
        assert refused.value.field == "steps"


def test_a_fall_takes_back_what_is_not_shipped_and_tells_what_was():
    steps = [Step(1, 0, 100, released=100), Step(2, 50, 100, released=100), Step(3, 80, 100, released=100)]
    changes = settle_steps(steps, verified=10, left=120, held=False)
    assert [(each.position, each.chips, each.kept) for each in changes] == [(3, -100, 0), (2, -20, 80)]


def test_nothing_is_added_while_the_plan_is_held():
    steps = [Step(1, 0, 100, released=0)]
    assert settle_steps(steps, verified=10, left=0, held=True) == []
    assert [each.chips for each in settle_steps(steps, verified=10, left=0, held=False)] == [100]


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 80), st.booleans()), max_size=12),
)
def test_however_amounts_rise_and_fall_the_ceiling_covers_what_was_drawn_and_no_more_is_released(chips, events):
    steps = [Step(position, (position - 1) * 10, each) for position, each in enumerate(chips, start=1)]
    released, drawn = dict.fromkeys(range(1, len(chips) + 1), 0), 0
    for verified, wanted, held in events:
        drawn += min(wanted, sum(released.values()) - drawn)
        now = [Step(s.position, s.required, s.chips, released[s.position]) for s in steps]
        for change in settle_steps(now, verified=verified, left=sum(released.values()) - drawn, held=held):
            released[change.position] += change.chips
        ceiling, reached = sum(released.values()), count_released(steps, verified)
        assert ceiling >= drawn
        assert ceiling <= max(reached, drawn)
        assert held or ceiling == max(reached, drawn) or ceiling == drawn
        assert all(0 <= released[s.position] <= s.chips for s in steps)


def test_the_gravest_shortfall_decides_the_status():
    s, c = ShortfallStatus, CommitmentStatus
    assert find_standing_status(c.IN_FORCE, [s.WAIVED, s.IN_CURE, s.OPEN], is_whole=False) is c.SHORTFALL
    assert find_standing_status(c.IN_FORCE, [s.LAPSED], is_whole=False) is c.SHORTFALL
    assert find_standing_status(c.SHORTFALL, [s.WAIVED, s.IN_CURE], is_whole=False) is c.IN_CURE
    assert find_standing_status(c.IN_CURE, [s.WAIVED, s.CURED], is_whole=False) is c.SHORTFALL_WAIVED
    assert find_standing_status(c.SHORTFALL, [s.CURED], is_whole=False) is c.IN_FORCE
    assert find_standing_status(c.COMPLETED, [s.WAIVED], is_whole=True) is c.COMPLETED
    assert find_standing_status(c.COMPLETED, [], is_whole=False) is c.IN_FORCE
    assert find_standing_status(c.TERMINATED, [s.OPEN], is_whole=False) is c.TERMINATED


def test_every_move_that_shortfalls_make_stands_in_the_table():
    c = CommitmentStatus
    listed = {(step.act, step.source, step.target) for step in COMMITMENT_TRANSITIONS}
    for source in (c.IN_FORCE, c.SHORTFALL, c.IN_CURE, c.SHORTFALL_WAIVED, c.COMPLETED):
        for target in (c.IN_FORCE, c.SHORTFALL, c.IN_CURE, c.SHORTFALL_WAIVED):
            if source is not target and (source, target) != (c.COMPLETED, c.IN_CURE):
                assert (find_act(source, target), source, target) in listed


def test_every_act_has_its_words():
    assert {step.act for step in (*COMMITMENT_TRANSITIONS, *SHORTFALL_TRANSITIONS)} <= set(WORDS)
