"""
Reading facts from a stream: one JSON object, a JSON array, or one JSON object a line.

Inputs are handed on one at a time, so that a million of them take no more memory than one.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, TextIO

# How much of an array is read at a time.
_CHUNK = 64 * 1024
# How far before the end of what was read an error may lie and still be only the place where a value was cut in two.
_LONGEST_CUT = 64 * 1024
_BLANK = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Input:
    """One input in its place, counted from 1; `problem` says in words why it could not be read."""

    position: int
    place: str
    content: Any = None
    problem: str = ""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the field “{twice}” is given twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number in JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


def _words(error: ValueError, lines_before: int = 0) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"is not JSON: {error.msg.lower()} (line {error.lineno + lines_before}, column {error.colno})"
    if "integer string conversion" in str(error):
        return "holds a number that is too long"
    return f"cannot be read: {error}"


def _read(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def read_inputs(stream: TextIO) -> Iterator[Input]:
    """
    Every input of a stream, in order, the unreadable ones with their problem.

    A stream that begins with `[` is an array. Otherwise it is one object a line, or one object over several
    lines.
    """
    # One character at a time, as the first line of an array may be the whole of it.
    number = 1
    while (first := stream.read(1)).isspace():
        number += first == "\n"
    if not first:
        return
    if first == "[":
        yield from _array(chain([first], _chunks(stream)))
        return
    first += stream.readline()
    try:
        content = _read(first)
    except json.JSONDecodeError as error:
        # Cut off at the end of its line: an object that goes on, or a broken line among lines.
        if error.pos >= len(first.rstrip()):
            second = next((line for line in stream if line.strip()), "")
            if second and not _is_whole(second):
                yield _one(first + second + stream.read())
                return
            rest: Iterable[str] = chain([second], stream) if second else stream
        else:
            rest = stream
        yield Input(1, f"line {number}", problem=_words(error, number - 1))
    except ValueError as error:
        rest = stream
        yield Input(1, f"line {number}", problem=_words(error))
    else:
        rest = stream
        yield Input(1, f"line {number}", content)
    yield from _lines(rest, number)


def _is_whole(line: str) -> bool:
    try:
        return isinstance(_read(line), dict)
    except ValueError:
        return False


def _one(text: str) -> Input:
    try:
        return Input(1, "the whole input", _read(text))
    except ValueError as error:
        return Input(1, "the whole input", problem=_words(error))


def _lines(lines: Iterable[str], before: int) -> Iterator[Input]:
    position = 1
    for number, line in enumerate(lines, start=before + 1):
        if not line.strip():
            continue
        position += 1
        try:
            yield Input(position, f"line {number}", _read(line))
        except ValueError as error:
            yield Input(position, f"line {number}", problem=_words(error, number - 1))


def _chunks(stream: TextIO) -> Iterator[str]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _array(chunks: Iterator[str]) -> Iterator[Input]:
    """The elements of an array, decoded one by one out of a buffer that is refilled as they are taken."""
    buffer = next(chunks)
    at = buffer.index("[") + 1
    position = 0
    ended = False

    def refill() -> bool:
        nonlocal buffer, at, ended
        chunk = next(chunks, "")
        ended = not chunk
        buffer = buffer[at:] + chunk
        at = 0
        return not ended

    def skip_blank() -> str:
        """The next character that is not blank, or an empty text at the end."""
        nonlocal at
        while True:
            blank = _BLANK.match(buffer, at)
            at = blank.end() if blank else at
            if at < len(buffer):
                return buffer[at]
            if not refill():
                return ""

    if skip_blank() == "]":
        at += 1
        position = 0
    else:
        while True:
            position += 1
            skip_blank()
            try:
                content, end = _DECODER.raw_decode(buffer, at)
            except json.JSONDecodeError as error:
                # An error well before the end of the buffer is no cut. The text before it was whole, so it
                # stays wrong.
                if len(buffer) - error.pos <= _LONGEST_CUT and not ended and refill():
                    position -= 1
                    continue
                yield Input(
                    position,
                    "array",
                    problem=f"is not JSON: {error.msg.lower()}; nothing after it could be read",
                )
                return
            except (ValueError, RecursionError) as error:
                words = _words(error) if isinstance(error, ValueError) else "is nested too deeply"
                yield Input(position, "array", problem=f"{words}; nothing after it could be read")
                return
            if end == len(buffer) and not ended and refill():
                position -= 1
                continue
            at = end
            yield Input(position, f"element {position}", content)
            following = skip_blank()
            at += 1
            if following == "]":
                break
            if following != ",":
                yield Input(position + 1, "array", problem="the array is not closed after the input before it")
                return
    if skip_blank():
        yield Input(position + 1, "array", problem="there is more text after the end of the array")
