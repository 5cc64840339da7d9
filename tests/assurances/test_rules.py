"""The rules of instruments alone: the table of acts, what dates say, what covers what, two texts side by side."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import Refused
from assurances import rules
from assurances.rules import TRANSITIONS, WORDS, Coverage, Given, Wanted, begins_at
from assurances.statuses import InstrumentStatus
from registry.lifecycles import acts_from, follow

S = InstrumentStatus
UNTIL = begins_at(date(2027, 1, 1))


def test_every_state_is_in_the_table_and_every_act_has_its_words():
    named = {step.source for step in TRANSITIONS} | {step.target for step in TRANSITIONS}
    assert named == set(S)
    assert {step.act for step in TRANSITIONS} == set(WORDS)


def test_an_act_leads_from_one_state_to_one_state():
    pairs = [(step.act, step.source) for step in TRANSITIONS]
    assert len(pairs) == len(set(pairs))


def test_every_state_can_be_reached_from_a_draft():
    reached, to_do = {S.DRAFT}, [S.DRAFT]
    while to_do:
        here = to_do.pop()
        for step in TRANSITIONS:
            if step.source == here and step.target not in reached:
                reached.add(step.target)
                to_do.append(step.target)
    assert reached == set(S)


@pytest.mark.parametrize("status", [S.TERMINATED, S.SUPERSEDED, S.WITHDRAWN])
def test_what_is_over_stays_over(status):
    assert not acts_from(TRANSITIONS, status)


@pytest.mark.parametrize("status", list(S))
def test_nothing_comes_into_force_but_what_is_signed(status):
    if status == S.SIGNED:
        assert follow(TRANSITIONS, status, "bring_into_force", subject="It", words=WORDS) == S.IN_FORCE
        return
    with pytest.raises(Refused, match=f"is “{status.label.lower()}” and cannot be brought into force now"):
        follow(TRANSITIONS, status, "bring_into_force", subject="It", words=WORDS)


@pytest.mark.parametrize(
    ("status", "before_end", "shows"),
    [
        (S.IN_FORCE, timedelta(days=181), S.IN_FORCE),
        (S.IN_FORCE, timedelta(days=180), S.EXPIRING),
        (S.IN_FORCE, timedelta(0), S.EXPIRED),
        (S.AMENDED, timedelta(days=181), S.AMENDED),
        (S.RENEWED, timedelta(days=1), S.EXPIRING),
        (S.EXPIRING, timedelta(days=300), S.IN_FORCE),
        (S.SUSPENDED, timedelta(days=1), S.SUSPENDED),
        (S.SUSPENDED, timedelta(0), S.EXPIRED),
        (S.IN_CURE, timedelta(days=-1), S.IN_CURE),
        (S.SIGNED, timedelta(days=-1), S.SIGNED),
        (S.TERMINATED, timedelta(days=-1), S.TERMINATED),
    ],
)
def test_expiring_and_expired_follow_from_the_dates(status, before_end, shows):
    assert rules.standing_of(status, until=UNTIL, at=UNTIL - before_end, expiring_days=180) == shows


def test_without_an_end_nothing_expires():
    at = datetime(2099, 1, 1, tzinfo=UTC)
    assert rules.standing_of(S.IN_FORCE, until=None, at=at, expiring_days=180) == S.IN_FORCE
    assert rules.is_standing(S.IN_FORCE, until=None, at=at)


def test_an_end_is_midnight_in_washington():
    assert begins_at(date(2027, 1, 1)).astimezone(UTC) == datetime(2027, 1, 1, 5, tzinfo=UTC)
    assert rules.is_standing(S.IN_FORCE, until=UNTIL, at=UNTIL - timedelta(microseconds=1))
    assert not rules.is_standing(S.IN_FORCE, until=UNTIL, at=UNTIL)


def test_a_coverage_holds_what_is_no_wider_in_any_direction():
    wide = Coverage(countries=frozenset({"SA", "AE"}))
    narrow = Coverage(frozenset({"SA"}), frozenset({1}), frozenset({2}), frozenset({"GB300"}))
    assert wide.holds(narrow)
    assert not narrow.holds(wide)
    assert narrow.holds(narrow)
    assert not narrow.holds(Coverage(frozenset({"SA"}), frozenset({1}), frozenset({2}), frozenset({"GB300", "H200"})))
    assert not narrow.holds(Coverage(frozenset({"AE"}), frozenset({1}), frozenset({2}), frozenset({"GB300"})))
    assert narrow.holds(Coverage(frozenset({"SA"}), frozenset({1}), frozenset({2}), frozenset({"gb 300"})))


def test_only_a_mandatory_undertaking_can_be_missing():
    wanted = [
        Wanted(name, name, "", "", mandatory) for name, mandatory in (("one", True), ("two", False), ("three", True))
    ]
    assert [each.id for each in rules.list_missing(wanted, {"one": Given("Article 1"), "three": Given("")})] == [
        "three"
    ]


def test_hours_without_a_clause_are_refused():
    notice = Wanted("notice", "Notice", "", "", mandatory=True, takes_hours=True)
    with pytest.raises(Refused, match="name the clause") as refused:
        rules.check_undertaking(notice, Given("", 24), longest_hours=72)
    assert refused.value.field == "clause_notice"
    rules.check_undertaking(notice, Given("Article 1", 72), longest_hours=72)


def test_an_applicant_is_never_told_of_a_breach_or_a_suspension():
    for status in S:
        told = rules.tell_applicant(status, country="Norway", suffices=False)
        for word in ("breach", "suspen", "cure", "terminat", "withdr"):
            assert word not in told.lower()


@given(
    before=st.lists(st.text("ab c", min_size=1, max_size=6), max_size=8),
    after=st.lists(st.text("ab c", min_size=1, max_size=6), max_size=8),
)
def test_both_sides_of_a_comparison_hold_all_of_their_words(before, after):
    lines = rules.compare_texts(before, after)

    def words(side: str) -> list[str]:
        return " ".join(piece.words for line in lines for piece in getattr(line, side)).split()

    assert words("before") == " ".join(before).split()
    assert words("after") == " ".join(after).split()
    for line in lines:
        changed = any(piece.changed for piece in (*line.before, *line.after))
        assert not (line.kind == "same" and changed)


def test_a_changed_word_is_marked_and_the_rest_of_its_line_is_not():
    (line,) = rules.compare_texts(["Up to 40,000 chips."], ["Up to 50,000 chips."])
    assert line.kind == "changed"
    assert [piece.words for piece in line.before if piece.changed] == ["40,000"]
    assert [piece.words for piece in line.after if piece.changed] == ["50,000"]
