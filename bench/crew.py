"""Workers that do the same thing at the same moment, each a process with a connection of its own.

Processes, not threads: threads of one Python would wait for one another more than for the database.
"""

import multiprocessing
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from django.db import connection, connections

Work = Callable[..., int]


class Crew:
    """So many workers; `run` has all of them work at once and answers with what each of them counted."""

    def __init__(self, number: int) -> None:
        context = multiprocessing.get_context("fork")
        connections.close_all()  # a connection cannot be shared with a child
        self._start = context.Barrier(number + 1)
        self._pipes: list[Connection] = []
        self._workers = []
        for index in range(number):
            ours, theirs = context.Pipe()
            worker = context.Process(target=_stand_by, args=(index, theirs, self._start), daemon=True)
            worker.start()
            self._pipes.append(ours)
            self._workers.append(worker)

    def run(self, work: Work, **given: Any) -> tuple[list[int], float]:
        """What each worker counted, and the seconds from the common start to the last one's end."""
        for pipe in self._pipes:
            pipe.send((work, given))
        self._start.wait()
        began = time.perf_counter()
        answers = [pipe.recv() for pipe in self._pipes]
        took = time.perf_counter() - began
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers, took

    def rate(self, work: Work, **given: Any) -> float:
        """What the whole crew counted in a second."""
        counted, took = self.run(work, **given)
        return sum(counted) / took

    def close(self) -> None:
        """Send the workers home."""
        for pipe in self._pipes:
            pipe.send(None)
        for worker in self._workers:
            worker.join(10)

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _stand_by(index: int, pipe: Connection, start: Any) -> None:
    """A worker's life: receive work, wait for the others, do it, answer."""
    connection.ensure_connection()
    while (order := pipe.recv()) is not None:
        work, given = order
        start.wait()
        try:
            answer: object = work(index, **given)
        except Exception as failure:  # the crew raises it where the work was ordered
            answer = failure
        pipe.send(answer)
    connection.close()


def compare(reference: Callable[[], float], subject: Callable[[], float], rounds: int = 7) -> dict[str, float]:
    """Run both in turns, A B B A, and answer with the median of the rounds' ratios, its spread and the rates."""
    reference(), subject()  # nobody pays for the first touch
    ratios, references, subjects = [], [], []
    for _ in range(rounds):
        one, two, three, four = reference(), subject(), subject(), reference()
        ratios.append((two + three) / (one + four))
        references += [one, four]
        subjects += [two, three]
    return {
        "ratio": statistics.median(ratios),
        "least": min(ratios),
        "most": max(ratios),
        "reference": statistics.median(references),
        "subject": statistics.median(subjects),
    }


def compare_twice(
    reference: Callable[[], float], subject: Callable[[], float], bar: float, rounds: int = 7
) -> dict[str, float]:
    """As `compare`; a bar that is missed gets a second look, since the machine is not ours alone."""
    result = compare(reference, subject, rounds)
    return result if result["ratio"] >= bar else compare(reference, subject, rounds)


def row(name: str, result: dict[str, float], bar: float, *, bites: bool = False) -> dict[str, Any]:
    """One line of the table. With `bites`, it is the naive version, which has to miss the bar."""
    ratio = result["ratio"]
    return {
        "name": name,
        "figure": round(ratio, 2),
        "bar": f"< {bar}" if bites else f">= {bar}",
        "holds": ratio < bar if bites else ratio >= bar,
        "unit": "times the reference",
        "detail": (
            f"{result['subject']:,.0f}/s against {result['reference']:,.0f}/s;"
            f" rounds from {result['least']:.2f} to {result['most']:.2f}"
        ),
    }
