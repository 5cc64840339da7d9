"""Where the database and the broker are: named by the environment, or started and written down by `make run`.

No Django here: the settings read this module before Django exists, and the supervisor runs without it.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

DATABASE = "countersign"
OLDEST_POSTGRESQL = 15
REPOSITORY = Path(__file__).resolve().parent.parent


class ServicesUnclear(Exception):
    """The environment names half of what is needed, so starting anything would be a guess."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """One database and one broker, as `DATABASE_URL` and `REDIS_URL` name them."""

    database_url: str
    redis_url: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pair of embedded servers lives: data below `var`, its doors in the short folder `sockets`."""

    var: Path
    sockets: Path

    @property
    def addresses(self) -> Addresses:
        """How to reach the two servers; fixed by the place, so it is known before they run."""
        return Addresses(
            database_url=f"postgres://{DATABASE}@{quote(str(self.sockets), safe='')}/{DATABASE}",
            redis_url=f"unix://{self.sockets}/valkey.sock?db=0",
        )


def get_digest(path: Path) -> str:
    """A short name for a folder, the same at every start and different for another copy of Countersign."""
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


def get_place(var: Path) -> Place:
    """The place that belongs to a folder."""
    return Place(var, Path(f"/tmp/countersign-{get_digest(var)}"))


def get_var_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder for everything that a running Countersign writes: data, documents, logs, pid files."""
    return Path(environ.get("COUNTERSIGN_VAR") or REPOSITORY / "var").absolute()


def get_named(environ: Mapping[str, str] = os.environ) -> Addresses | None:
    """The services that the environment names, or None. Half a pair raises ServicesUnclear."""
    database_url = environ.get("DATABASE_URL", "").strip()
    redis_url = environ.get("REDIS_URL", "").strip()
    if database_url and redis_url:
        return Addresses(database_url, redis_url)
    if database_url or redis_url:
        named, missing = ("DATABASE_URL", "REDIS_URL") if database_url else ("REDIS_URL", "DATABASE_URL")
        raise ServicesUnclear(
            f"{named} is set and {missing} is not. Set both to use servers of your own, "
            f"or neither to have PostgreSQL and Valkey started for you."
        )
    return None


def get_written(var: Path) -> Addresses | None:
    """The services that a running `make run` wrote down for commands beside it, or None."""
    path = var / "run" / "services.json"
    if not path.exists():
        return None
    written = json.loads(path.read_text())
    return Addresses(written["database_url"], written["redis_url"])


def find_addresses(environ: Mapping[str, str] = os.environ) -> Addresses:
    """What the environment names, else what `make run` started, else where it would start it."""
    var = get_var_folder(environ)
    return get_named(environ) or get_written(var) or get_place(var).addresses


def write_down(var: Path, addresses: Addresses) -> None:
    """Leave the addresses where `get_written` finds them, for this user alone."""
    path = var / "run" / "services.json"
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(addresses), indent=2) + "\n")
    fresh.replace(path)


def forget_written(var: Path) -> None:
    """Take the written addresses away: nothing runs there any more."""
    (var / "run" / "services.json").unlink(missing_ok=True)


def get_broker_url(redis_url: str) -> str:
    """The same server in the words of Celery, which names a Unix socket differently from redis-py."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    query = {("virtual_host" if key == "db" else key): value for key, value in parse_qsl(parts.query)}
    return f"redis+socket://{parts.path}" + (f"?{urlencode(query)}" if query else "")


def get_numbered(redis_url: str, number: int) -> str:
    """The same server, `number` databases further on (each test process has its own)."""
    if not number:
        return redis_url
    parts = urlsplit(redis_url)
    if parts.scheme == "unix":
        query = dict(parse_qsl(parts.query))
        query["db"] = str(int(query.get("db", "0")) + number)
        return f"unix://{parts.path}?{urlencode(query)}"
    return urlunsplit(parts._replace(path=f"/{int(parts.path.strip('/') or 0) + number}"))
