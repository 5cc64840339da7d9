from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import ROLES_OF, Refused
from registry.rules import Counts, Share, check_lifter_role, check_share, normalize_model

ME = 99


def share(owner=1, percent="30", controlling=False, from_on=date(2024, 1, 1), to_on=None):
    return Share(
        owner=owner,
        percent=None if percent is None else Decimal(percent),
        is_controlling_parent=controlling,
        from_on=from_on,
        to_on=to_on,
    )


@pytest.mark.parametrize(
    ("wrong", "rule", "field"),
    [
        (share(owner=ME), "registry.ownership_not_of_itself", "owner"),
        (share(percent=None), "registry.ownership_says_something", "percent"),
        (share(percent="0"), "registry.ownership_percent", "percent"),
        (share(percent="-1"), "registry.ownership_percent", "percent"),
        (share(percent="100.01"), "registry.ownership_percent", "percent"),
        (share(to_on=date(2024, 1, 1)), "registry.ownership_period", "to_on"),
    ],
)
def test_a_share_that_cannot_be_is_refused_beside_its_field(wrong, rule, field):
    with pytest.raises(Refused) as refusal:
        check_share(wrong, owned=ME, others=[])
    assert (refusal.value.rule, refusal.value.field) == (rule, field)


def test_control_alone_is_enough():
    check_share(share(percent=None, controlling=True), owned=ME, others=[])


def test_one_owner_has_one_share_at_a_time():
    held = share(to_on=date(2025, 1, 1))
    with pytest.raises(Refused, match="already registered for that time"):
        check_share(share(from_on=date(2024, 12, 31)), owned=ME, others=[held])
    check_share(share(from_on=date(2025, 1, 1)), owned=ME, others=[held])


def test_only_one_parent_controls_at_a_time():
    with pytest.raises(Refused, match="controlling parent"):
        check_share(share(owner=2, controlling=True), owned=ME, others=[share(owner=1, controlling=True)])


def test_all_shares_together_never_pass_the_whole():
    others = [share(owner=1, percent="60"), share(owner=2, percent="30", from_on=date(2025, 1, 1))]
    check_share(share(owner=3, percent="10"), owned=ME, others=others)
    with pytest.raises(Refused, match=r"From 2025-01-01 on, .* 100.5 percent"):
        check_share(share(owner=3, percent="10.5"), owned=ME, others=others)
    check_share(share(owner=3, percent="40", to_on=date(2025, 1, 1)), owned=ME, others=others)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 6),
            st.integers(1, 100),
            st.integers(0, 40),
            st.none() | st.integers(1, 20),
        ),
        max_size=8,
    )
)
def test_whatever_is_accepted_adds_up_on_every_day(wanted):
    start = date(2024, 1, 1).toordinal()
    accepted = []
    for owner, percent, begins, lasts in wanted:
        candidate = Share(
            owner=owner,
            percent=Decimal(percent),
            is_controlling_parent=False,
            from_on=date.fromordinal(start + begins),
            to_on=None if lasts is None else date.fromordinal(start + begins + lasts),
        )
        try:
            check_share(candidate, owned=ME, others=accepted)
        except Refused:
            continue
        accepted.append(candidate)
    for day in range(start, start + 70):
        on = date.fromordinal(day)
        held = [one for one in accepted if one.from_on <= on and (one.to_on is None or on < one.to_on)]
        assert sum(one.percent for one in held) <= 100
        assert len({one.owner for one in held}) == len(held)


def test_counts_add_up():
    together = Counts(installed=1, licensed=2, pending=3) + Counts(installed=10, pending=5)
    assert together == Counts(installed=11, licensed=2, pending=8)
    assert together.total == 21


def test_a_model_is_compared_without_case_and_spaces():
    assert normalize_model(" gb 300\tNVL ") == normalize_model("GB300 nvl")


@pytest.mark.parametrize("role", sorted(set().union(*ROLES_OF.values())))
def test_only_a_role_of_commerce_can_be_named_to_lift(role):
    if role in ROLES_OF["commerce"] - {"administrator"}:
        check_lifter_role(role)
    else:
        with pytest.raises(Refused, match="cannot lift holds"):
            check_lifter_role(role)
