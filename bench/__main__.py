"""`make bench`: every bar of speed, as a ratio measured in this run. Ends with 1 when one does not hold.

The servers are real and durable: those that DATABASE_URL and REDIS_URL name, or a pair started for this run.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
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
                measure: Callable[[], list[dict[str, Any]]] = import_module(f"bench.{name}").measure
                for row in measure():
                    print(tell(row), flush=True)
                    rows.append(row)
    target = ROOT / "var" / "bench.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(rows, indent=2, default=str) + "\n")
    missed = [row["name"] for row in rows if not row["holds"]]
    if missed:
        print(f"{len(missed)} of {len(rows)} bars do not hold: {', '.join(missed)}")
        return 1
    print(f"All {len(rows)} bars hold.")
    return 0


def tell(row: dict[str, Any]) -> str:
    """One line: name, figure, bar, and whether it holds."""
    verdict = "holds" if row["holds"] else "DOES NOT HOLD"
    return (
        f"{row['name']}: {row['figure']} {row['unit']} (bar: {row['bar']}) {verdict}. {row.get('detail', '')}".rstrip()
    )


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
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
