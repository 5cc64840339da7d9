"""What an edition requires of the orders in a file, one JSON answer for each, in order."""

import io
import os
import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand

from rulebook.inputs import read_inputs
from rulebook.rules import (
    BadFacts,
    Edition,
    EditionError,
    choose_edition,
    compile_edition,
    determine,
    parse_facts,
)
from rulebook.shipped import (
    DEFAULT_EDITION,
    edition_files,
    shipped_catalogue,
    shipped_edition,
    shipped_editions,
)

_BATCH = 256
_BAD_INPUT = 2


class _Refusal(Exception):
    """The command cannot begin; the message says why."""


class Command(BaseCommand):
    help = (
        "Answers what an edition of the rules requires of an order. FILE holds the facts as one JSON object, "
        "a JSON array, or one JSON object a line; - reads standard input. Prints one line of JSON for each "
        "input, in order. Bad inputs are named on standard error, and the exit status is 2."
    )
    # The answer needs no database and no service, so nothing is checked that would ask one.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a file with facts, or - for standard input")
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument(
            "--edition",
            metavar="ID",
            help=f"the edition to apply (default {DEFAULT_EDITION}), or the path of an edition file (.yaml)",
        )
        chosen.add_argument(
            "--on",
            metavar="DATE",
            help="apply the edition in effect on a date: of those chosen by date, the one that began last",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        _in_utf8(sys.stdout)
        try:
            edition = _edition(options["edition"], options["on"])
            if options["file"] == "-":
                _in_utf8(sys.stdin)
                good = self._answer(sys.stdin, edition)
            else:
                with _opened(options["file"]) as stream:
                    good = self._answer(stream, edition)
        except _Refusal as refusal:
            self.stderr.write(str(refusal))
            raise SystemExit(_BAD_INPUT) from None
        except UnicodeDecodeError as error:
            self.stderr.write(f"the input is not text in UTF-8: {error.reason}")
            raise SystemExit(_BAD_INPUT) from None
        except BrokenPipeError:
            # Whoever read the answers has had enough; the interpreter must not complain when it closes the
            # pipe.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(1) from None
        if not good:
            raise SystemExit(_BAD_INPUT)

    def _answer(self, stream: TextIO, edition: Edition) -> bool:
        """Writes an answer for each input that can be read. False if there were others, or none at all."""
        catalogue = shipped_catalogue()
        good, any_input = True, False
        lines: list[str] = []
        write = self.stdout.write
        for entry in read_inputs(stream):
            any_input = True
            if entry.problem:
                good = False
                self._name(entry.position, entry.place, [entry.problem])
                continue
            try:
                lines.append(determine(parse_facts(entry.content, edition, catalogue), edition).as_json())
            except BadFacts as bad:
                good = False
                self._name(entry.position, entry.place, [str(problem) for problem in bad.problems])
                continue
            if len(lines) >= _BATCH:
                write("\n".join(lines))
                lines.clear()
        if lines:
            write("\n".join(lines))
        if not any_input:
            self.stderr.write("there is no input: give one JSON object, a JSON array, or one JSON object a line")
        return good and any_input

    def _name(self, position: int, place: str, problems: list[str]) -> None:
        self.stderr.write("\n".join([f"input {position} ({place}): {problem}" for problem in problems]))


def _in_utf8(stream: TextIO) -> None:
    """Input and output are UTF-8 whatever the locale says; a mark that Windows puts in front is passed over."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8-sig" if stream.readable() else "utf-8")


def _opened(name: str) -> TextIO:
    try:
        return Path(name).open(encoding="utf-8-sig")
    except OSError as error:
        raise _Refusal(f"{name} cannot be read: {error.strerror}") from error


def _edition(identifier: str | None, on: str | None) -> Edition:
    try:
        if on is not None:
            return _edition_on(on)
        if identifier is None:
            return shipped_edition(DEFAULT_EDITION)
        if identifier.endswith((".yaml", ".yml")):
            with _opened(identifier) as file:
                return compile_edition(file.read(), shipped_catalogue().countries)
        if identifier not in edition_files():
            raise _Refusal(f"there is no edition {identifier}; the editions are {', '.join(edition_files())}")
        return shipped_edition(identifier)
    except EditionError as error:
        raise _Refusal(f"the edition cannot be used: {error}") from error


def _edition_on(text: str) -> Edition:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _Refusal(f"--on must be a date such as 2026-03-05, not {text}") from None
    editions = shipped_editions()
    chosen = choose_edition(editions, day)
    if chosen is None:
        first = min(
            (edition for edition in editions.values() if edition.chosen_by_date),
            key=lambda e: e.effective_from,
        )
        raise _Refusal(f"no edition is in effect on {day}; the first, {first.id}, begins on {first.effective_from}")
    return chosen
