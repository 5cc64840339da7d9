"""One object, an array, or one object a line: each input in its place, one at a time."""

import io
import json

import pytest

from rulebook.inputs import read_inputs


def _read(text: str) -> list[tuple[int, object]]:
    return [(entry.position, entry.problem or entry.content) for entry in read_inputs(io.StringIO(text))]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '\n\n{"a": 1}\n',
        '{\n  "a": 1\n}\n',
        '{"a":\n1}',
        '[{"a": 1}]',
        ' [ {"a": 1} ] \n',
        '\n[\n{"a":\n 1}\n]',
    ],
)
def test_one_object_is_read_however_it_is_laid_out(text: str) -> None:
    assert _read(text) == [(1, {"a": 1})]


@pytest.mark.parametrize(
    "text", ['{"a": 1}\n{"a": 2}\n', '{"a": 1}\n\n{"a": 2}', '[{"a": 1}, {"a": 2}]', '[{"a":1},\n{"a":2}]']
)
def test_many_objects_are_read_in_order(text: str) -> None:
    assert _read(text) == [(1, {"a": 1}), (2, {"a": 2})]


@pytest.mark.parametrize("text", ["", "\n\n", "[]", " [ ] "])
def test_nothing_is_no_input(text: str) -> None:
    assert _read(text) == []


def test_a_broken_line_is_named_and_the_others_are_read() -> None:
    first, second, third, fourth = _read('{"a": 1}\n{"a": \n{"a": 1,,}\n{"a": 4}\n')
    assert (first, fourth) == ((1, {"a": 1}), (4, {"a": 4}))
    assert "is not JSON" in str(second[1])
    assert "line 3" in str(third[1])


def test_a_first_line_that_is_cut_off_does_not_swallow_the_rest() -> None:
    first, second = _read('{"a": 1\n{"a": 2}\n')
    assert "is not JSON" in str(first[1])
    assert second == (2, {"a": 2})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nonsense", "is not JSON"),
        ('{"a": 1, "a": 2}', "the field “a” is given twice"),
        ('{"a": NaN}', "NaN is not a number in JSON"),
        ('{"a": -Infinity}', "Infinity is not a number in JSON"),
        ('{"a": ' + "9" * 5000 + "}", "too long"),
        ('[{"a": 1, "a": 2}]', "the field “a” is given twice"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('[{"a": 1}', "not closed"),
        ("[{", "is not JSON"),
        ("[1 2]", "not closed"),
        ("[1,]", "is not JSON"),
        ("[1] [2]", "more text after the end of the array"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(text: str, says: str) -> None:
    assert says in str(_read(text)[-1][1])


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_array_may_be_cut_anywhere_between_two_reads(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rulebook.inputs._CHUNK", size)
    values = [{"model": "é" * number, "tpp": number * 1.5, "on": [True, None]} for number in range(40)] + [123456]
    assert [content for _, content in _read("\n" + json.dumps(values, indent=1))] == values


class _Endless(io.TextIOBase):
    """An array on one line that never ends: only a reader that hands on as it reads can answer from it."""

    def __init__(self) -> None:
        self._left = "["

    def read(self, size: int | None = -1) -> str:
        assert size is not None
        assert size > 0, "everything is asked for at once"
        while len(self._left) < size:
            self._left += '{"a": 1}, '
        text, self._left = self._left[:size], self._left[size:]
        return text

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        raise AssertionError("the line never ends")


def test_an_array_is_handed_on_while_it_is_still_being_read() -> None:
    inputs = read_inputs(_Endless())
    assert [next(inputs).position for _ in range(1000)] == list(range(1, 1001))
