"""`make bench`: every bar of speed, as a ratio measured in this run. Ends with 1 when one does not hold.

Each part has a process and a database of its own. One that breaks off is a bar that does not hold, and the parts after
it are measured all the same. Every line is in var/bench.json as soon as its part has ended.

The servers are real and durable: those that DATABASE_URL and REDIS_URL name, or a pair started for this run.
"""

import gc
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

MODULES = ("determine", "journal", "ledger", "allocations", "serials", "basket", "pages", "lists")
ROOT = Path(__file__).resolve().parent.parent


def main(names: list[str]) -> int:
    """Run the named parts, or all; write var/bench.json; return the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    with ExitStack() as stack:
        _name_servers(stack)
        import django

        django.setup()
        rows: list[dict[str, Any]] = []
        with _own_database():
            for name in names or MODULES:
                with _own_copy(name):
                    part = measure_part(name)
                for row in part:
                    print(tell(row), flush=True)
                rows += part
                _write(rows)
    missed = [row["name"] for row in rows if not row["holds"]]
    if missed:
        print(f"{len(missed)} of {len(rows)} bars do not hold: {', '.join(missed)}")
        return 1
    print(f"All {len(rows)} bars hold.")
    return 0


def measure_part(name: str) -> list[dict[str, Any]]:
    """The lines of one part, measured in a process of its own; if it breaks off, one line that does not hold."""
    from django.db import connections

    connections.close_all()  # a connection cannot be shared with a child
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    part = context.Process(target=_measure, args=(name, theirs))
    part.start()
    theirs.close()
    wait([ours, part.sentinel])
    rows: list[dict[str, Any]] = []
    with ours, suppress(EOFError):
        if ours.poll():
            rows = ours.recv()
    part.join()
    return rows or [
        {
            "name": f"{name}: the whole part",
            "figure": None,
            "bar": "it ends",
            "holds": False,
            "unit": "",
            "detail": f"It broke off with status {part.exitcode}; why stands above.",
        }
    ]


def _measure(name: str, answer: Connection) -> None:
    """The life of a part's process. What it raises, Python tells on stderr."""
    answer.send(import_module(f"bench.{name}").measure())


def tell(row: dict[str, Any]) -> str:
    """One line: name, figure, bar, and whether it holds."""
    verdict = "holds" if row["holds"] else "DOES NOT HOLD"
    figure = "no figure" if row["figure"] is None else f"{row['figure']} {row['unit']}"
    return f"{row['name']}: {figure} (bar: {row['bar']}) {verdict}. {row.get('detail', '')}".rstrip()


def _write(rows: list[dict[str, Any]]) -> None:
    target = ROOT / "var" / "bench.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(rows, indent=2, default=str) + "\n")


def _name_servers(stack: ExitStack) -> None:
    from config import services
    from config.embedded import Pair

    if services.get_named() is not None:
        return
    folder = Path(tempfile.mkdtemp(prefix="countersign-bench-", dir="/tmp"))
    folder.chmod(0o711)
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    place = services.Place(var=folder / "var", sockets=folder / "doors")
    for child in Pair(place, durable=True).start():
        stack.callback(child.stop, 20)
    os.environ["DATABASE_URL"] = place.addresses.database_url
    os.environ["REDIS_URL"] = place.addresses.redis_url


@contextmanager
def _own_database() -> Iterator[None]:
    """A database of the bench's own beside the named one, migrated, and gone afterwards."""
    from django.db import connection

    before = connection.settings_dict["NAME"]
    with _seldom_collected():
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


@contextmanager
def _own_copy(name: str) -> Iterator[None]:
    """A copy of that database for one part, so that no part meets the rows and rules of another."""
    from django.db import connection, connections

    connections.close_all()
    whole = connection.settings_dict["NAME"]
    connection.creation.clone_test_db(name, verbosity=0, autoclobber=True)
    connection.settings_dict["NAME"] = connection.creation.get_test_db_clone_settings(name)["NAME"]
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = whole
        connection.creation.destroy_test_db(verbosity=0, suffix=name)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Migrations make models by the thousand, and a third of their time is the search for garbage among them."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
        gc.collect()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
