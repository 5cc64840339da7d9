"""Acts at the same moment: each in a thread and on a connection of its own, all let go together."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

from django.db import connection

from accounts.rules import Refused


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """What every act answered, in their order; a refusal is an answer."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(30)
            return act()
        except Refused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def many_at_once(number: int, run: Callable[[int], object]) -> list[object]:
    """What one act answered, so many times at the same moment; each is told which it is."""
    return at_once([partial(run, index) for index in range(number)])
