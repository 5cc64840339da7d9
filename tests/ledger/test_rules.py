from hypothesis import given
from hypothesis import strategies as st

from ledger.rules import Balance, apply, not_enough
from ledger.statuses import EntryKind

balances = st.builds(
    lambda reserved, drawn, spare: Balance(None if spare is None else reserved + drawn + spare, reserved, drawn),
    st.integers(0, 50),
    st.integers(0, 50),
    st.none() | st.integers(0, 50),
)
movements = st.sampled_from([kind.value for kind in EntryKind if kind != EntryKind.OPEN])


@given(balances, st.lists(st.tuples(movements, st.integers(1, 40)), max_size=30))
def test_no_row_of_movements_ever_leaves_the_bounds(balance: Balance, moves: list[tuple[str, int]]):
    for kind, units in moves:
        after = apply(kind, units, balance)
        if after is not None:
            assert after.reserved >= 0
            assert after.drawn >= 0
            assert after.left is None or after.left >= 0
            balance = after


def test_what_cannot_be_applied_is_nothing():
    assert apply("raise", 1, Balance(None, 0, 0)) is None
    assert apply("gift", 1, Balance(5, 0, 0)) is None
    assert apply("draw", 6, Balance(5, 0, 0)) is None


def test_one_that_is_left_is_spoken_of_in_the_singular():
    refusal = not_enough("draw", 2, "chips", Balance(ceiling=1_500, reserved=0, drawn=1_499))
    assert refusal.reason == "2 chips cannot be drawn: 1 is left under the ceiling of 1,500."
