import hashlib
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from audit import rules

texts = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=6)


def test_fields_are_written_with_their_length_in_octets():
    assert rules.canonical(["ab", "", "é"]) == b"2:ab;0:;2:\xc3\xa9;"


@given(texts, texts)
def test_different_fields_never_give_the_same_bytes(one: list[str], other: list[str]):
    assert (rules.canonical(one) == rules.canonical(other)) == (one == other)


def test_a_separator_inside_a_field_does_not_move_the_border():
    assert rules.digest(["a;1:b", "c"]) != rules.digest(["a", "b;1:c"])


def test_an_instant_is_the_same_text_in_every_time_zone():
    there = datetime(2026, 3, 2, 9, 0, 0, 5, tzinfo=timezone(-timedelta(hours=5)))
    assert rules.instant(there) == rules.instant(there.astimezone(UTC)) == "1772460000000005"


def test_an_instant_before_1970_counts_down():
    assert rules.instant(datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)) == "-1000000"


def leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def test_the_root_of_nothing_is_the_hash_of_nothing():
    assert rules.merkle_root([]) == hashlib.sha256(b"").hexdigest()


def test_the_root_of_one_leaf_is_its_own_hash():
    assert rules.merkle_root([b"a"]) == leaf(b"a").hex()


def test_the_root_of_five_leaves_is_the_tree_of_rfc_6962():
    a, b, c, d, e = (leaf(bytes([octet])) for octet in b"abcde")
    expected = node(node(node(a, b), node(c, d)), e)
    assert rules.merkle_root(bytes([octet]) for octet in b"abcde") == expected.hex()


def split_in_the_middle(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaf(leaves[0])
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node(split_in_the_middle(leaves[:half]), split_in_the_middle(leaves[half:]))


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40))
def test_reading_the_leaves_once_gives_the_same_root_as_splitting_them(leaves: list[bytes]):
    assert rules.merkle_root(leaves) == split_in_the_middle(leaves).hex()


@given(st.lists(st.binary(max_size=4), min_size=2, max_size=20, unique=True))
def test_the_order_of_the_leaves_matters(leaves: list[bytes]):
    assert rules.merkle_root(leaves) != rules.merkle_root(leaves[::-1])


def test_an_actor_is_its_own_actor():
    actor = rules.Actor("user", "1", "Ana")
    assert actor.actor is actor
