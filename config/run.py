"""`make run`: starts everything, watches it, and ends everything.

One process per copy: a lock in `var/run/` keeps a second one out, and what a killed one left behind is ended
before anything new starts, so that no data folder ever has two servers.
"""

import contextlib
import fcntl
import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TextIO

import psycopg
import redis

from config import services
from config.embedded import STOP_SIGNALS, Pair, read_tail
from config.heartbeat import BEAT, WORKER, connect, get_key
from config.keeper import CannotStart
from config.processes import Child, end_recorded, start_child

# What may be left of an earlier start, in the order in which it is ended: first who asks, last who answers.
NAMES = ("setup", "web", "worker", "beat", "valkey", "postgres")
# Seconds.
PATIENCE = {"web": 6.0, "worker": 10.0, "beat": 5.0, "valkey": 10.0, "postgres": 30.0}
FIRST_PAUSE, LONGEST_PAUSE, STEADY_AFTER = 0.5, 30.0, 60.0
LARGEST_LOG = 10 * 1024 * 1024


@dataclass(slots=True)
class Watched:
    """A child that is started again when it ends: how, when last, and how long to wait next time."""

    name: str
    start: Callable[[], Child]
    child: Child | None
    since: float
    pause: float = FIRST_PAUSE
    again_at: float = 0.0


class Supervisor:
    """Everything that `make run` does, step by step."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.environ = environ
        self.var = services.get_var_folder(environ)
        self.run_folder = self.var / "run"
        self.log_folder = self.var / "log"
        self.host = environ.get("HOST") or "127.0.0.1"
        self.stop_asked = False
        self.watched: list[Watched] = []
        self.addresses: services.Addresses | None = None
        self.pair: Pair | None = None
        self.door: socket.socket | None = None
        self.lock: TextIO | None = None

    def run(self) -> int:
        """Start, watch until asked to stop, end. Returns the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        try:
            self._take_lock()
            named = services.get_named(self.environ)
            port = self._get_port()
            self._end_leftovers()
            self.door = self._open_door(port)
            self._start(named, port)
            self._watch()
        except (CannotStart, services.ServicesUnclear) as error:
            if self.stop_asked:
                return 0
            _say(f"\nCountersign cannot start. {error}", sys.stderr)
            return 1
        finally:
            self._end()
        return 0

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_asked = True

    # Before anything starts.

    def _take_lock(self) -> None:
        for folder in (self.var, self.run_folder, self.log_folder):
            folder.mkdir(parents=True, exist_ok=True)
        # Open to pass through (the database's user must reach its data), closed to look into.
        self.var.chmod(0o711)
        self.run_folder.chmod(0o700)
        self.log_folder.chmod(0o700)
        self.lock = (self.run_folder / "lock").open("a+")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.lock.seek(0)
            other = self.lock.read().strip() or "another start"
            self.lock.close()
            self.lock = None
            raise CannotStart(f"It already runs from this folder: {other}. Stop that one first.") from None

    def _get_port(self) -> int:
        given = self.environ.get("PORT") or "8000"
        if not given.isdigit() or not 0 < int(given) < 65536:
            raise CannotStart(f"PORT is '{given}', which is not a port number from 1 to 65535.")
        return int(given)

    def _end_leftovers(self) -> None:
        began = time.monotonic()
        ended = end_recorded(self.run_folder, NAMES, STOP_SIGNALS)
        services.forget_written(self.var)
        if ended:
            self._tell(f"ended what a killed start had left: {', '.join(ended)}", began)

    def _open_door(self, port: int) -> socket.socket:
        """Take the port now and keep it: a taken one shows before anything starts, and nobody slips in."""
        try:
            family = socket.getaddrinfo(self.host, port, type=socket.SOCK_STREAM)[0][0]
            door = socket.socket(family, socket.SOCK_STREAM)
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind((self.host, port))
            door.listen(64)
        except OSError as error:
            raise CannotStart(
                f"Port {port} on {self.host} cannot be used: {error.strerror or error}. "
                f"End the program that uses it, or choose another port: PORT={port + 1} make run"
            ) from error
        return door

    # Start.

    def _start(self, named: services.Addresses | None, port: int) -> None:
        began = time.monotonic()
        for log in self.log_folder.glob("*.log"):
            if log.stat().st_size > LARGEST_LOG:
                log.replace(log.with_suffix(".log.1"))
        self.addresses = named or self._start_pair()
        if named:
            self._check_named(named)
        services.write_down(self.var, self.addresses)
        self.environ |= {"DATABASE_URL": self.addresses.database_url, "REDIS_URL": self.addresses.redis_url}
        self.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demonstration")
        self.environ.setdefault("SITE_URL", self._get_url(port))
        self._set_up()
        self._forget_signs(WORKER, BEAT)
        for name, start in (
            ("web", self._start_web),
            ("worker", self._start_worker),
            ("beat", self._start_beat),
        ):
            self._add(name, start)
        self._wait_for_page(port)
        assert self.lock is not None
        self.lock.truncate(0)
        self.lock.write(f"{self._get_url(port)}, process {os.getpid()}")
        self.lock.flush()
        self._welcome(port, began)

    def _start_pair(self) -> services.Addresses:
        self.pair = Pair(services.get_place(self.var), stopping=lambda: self.stop_asked)
        began = time.monotonic()
        self._add("postgres", self.pair.start_postgres)
        self._tell(f"PostgreSQL, data in {self.var / 'postgres'}", began)
        began = time.monotonic()
        self._add("valkey", self.pair.start_valkey)
        self._tell(f"Valkey, data in {self.var / 'valkey'}", began)
        return self.pair.place.addresses

    def _check_named(self, named: services.Addresses) -> None:
        began = time.monotonic()
        try:
            with psycopg.connect(named.database_url, connect_timeout=5) as connection:
                version = connection.info.server_version // 10000
        except psycopg.Error as error:
            raise CannotStart(f"The server in DATABASE_URL does not let us in: {error}") from error
        if version < services.OLDEST_POSTGRESQL:
            raise CannotStart(
                f"The server in DATABASE_URL is PostgreSQL {version}; "
                f"PostgreSQL {services.OLDEST_POSTGRESQL} or later is needed."
            )
        try:
            with connect(named.redis_url) as client:
                client.ping()
        except (redis.RedisError, ValueError) as error:
            raise CannotStart(f"The server in REDIS_URL does not answer: {error}") from error
        self._tell(f"PostgreSQL {version} and a broker, named by the environment", began)

    def _set_up(self) -> None:
        began = time.monotonic()
        log = self.log_folder / "setup.log"
        log.unlink(missing_ok=True)
        (self.run_folder / "sign-ins.json").unlink(missing_ok=True)
        child = self._start_program("setup", "manage.py", "setup")
        told = 0
        while child.is_alive() and not self.stop_asked:
            time.sleep(0.05)
            told = self._tell_lines(log, told)
        if self.stop_asked:
            child.stop(5)
            raise CannotStart("It was asked to stop.")
        child.bury()
        self._tell_lines(log, told)
        if child.process.returncode:
            raise CannotStart(f"Setting up the database failed.\n{read_tail(log, 25)}")
        self._tell("tables, rules, reference data and static files are in place", began)

    def _tell_lines(self, log: Path, told: int) -> int:
        """Pass on the complete lines that were written since."""
        lines = log.read_text(errors="replace").split("\n")[:-1] if log.exists() else []
        for line in lines[told:]:
            _say(f"           {line}")
        return len(lines)

    def _start_web(self) -> Child:
        assert self.door is not None
        door = self.door.fileno()
        options = [
            "--workers",
            "2",
            "--threads",
            "4",
            "--preload",
            "--timeout",
            "60",
            "--graceful-timeout",
            "4",
        ]
        options += ["--no-control-socket", "--access-logfile", "-", "--logger-class", "config.access_log.AccessLog"]
        options += ["--bind", f"fd://{door}", "config.wsgi"]
        return self._start_program("web", "-m", "gunicorn", *options, pass_fds=(door,))

    def _start_worker(self) -> Child:
        # One worker has nobody to gossip or mingle with.
        options = ["--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
        return self._start_program("worker", "-m", "celery", "-A", "config", "worker", *options, kill=True)

    def _start_beat(self) -> Child:
        return self._start_program("beat", "-m", "celery", "-A", "config", "beat", "--pidfile=", "--loglevel", "INFO")

    def _start_program(self, name: str, *words: str, pass_fds: tuple[int, ...] = (), kill: bool = False) -> Child:
        """A Python program of ours.

        With `kill` it dies at once with us: it would wait for servers that are gone, and what it had in
        hand is taken up again.
        """
        return start_child(
            name,
            [sys.executable, *words],
            run_folder=self.run_folder,
            log=self.log_folder / f"{name}.log",
            environ=self.environ | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(services.REPOSITORY)},
            folder=services.REPOSITORY,
            death_signal=signal.SIGKILL if kill else None,
            pass_fds=pass_fds,
        )

    def _add(self, name: str, start: Callable[[], Child]) -> None:
        if self.stop_asked:
            raise CannotStart("It was asked to stop.")
        self.watched.append(Watched(name, start, start(), time.monotonic()))

    def _wait_for_page(self, port: int, patience: float = 90) -> None:
        began = time.monotonic()
        while not self.stop_asked:
            web = next(watched.child for watched in self.watched if watched.name == "web")
            if web is None or not web.is_alive():
                raise CannotStart(f"The web server ended.\n{read_tail(self.log_folder / 'web.log', 25)}")
            if self._asks_well(port):
                self._tell("web server, worker and scheduler", began)
                return
            if time.monotonic() - began > patience:
                raise CannotStart(f"No page after {patience:.0f} s. {read_tail(self.log_folder / 'web.log', 25)}")
            time.sleep(0.1)

    def _asks_well(self, port: int) -> bool:
        """Whether the first page comes; a machine's proxy has no say in what goes to ourselves."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(self._get_url(port) + "/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def _get_url(self, port: int) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host and '[' not in host else host}:{port}"

    def _welcome(self, port: int, began: float) -> None:
        _say(f"\nCountersign is at {self._get_url(port)} ({time.monotonic() - began:.1f} s).")
        sign_ins = self.run_folder / "sign-ins.json"
        found = json.loads(sign_ins.read_text()) if sign_ins.exists() else {}
        if found.get("people"):
            _say(f"The demonstration's accounts, each with the password {found['password']}")
            width = max(len(email) for email, _ in found["people"])
            for email, words in found["people"]:
                _say(f"  {email:<{width}}  {words}")
        _say(f"Logs are in {self.log_folder}. Ctrl-C ends everything.\n")

    # Watch.

    def _watch(self) -> None:
        while not self.stop_asked:
            for watched in self.watched:
                self._look_after(watched)
            time.sleep(0.2)

    def _look_after(self, watched: Watched) -> None:
        now = time.monotonic()
        if watched.child is not None:
            if watched.child.is_alive():
                return
            code = watched.child.process.returncode
            watched.child.bury()
            watched.child = None
            if watched.name in {WORKER, BEAT}:
                self._forget_signs(watched.name)
            if now - watched.since > STEADY_AFTER:
                watched.pause = FIRST_PAUSE
            watched.again_at = now + watched.pause
            why = f"signal {-code}" if code < 0 else f"exit code {code}"
            _say(
                f"{watched.name} ended ({why}); starting it again in {watched.pause:g} s. "
                f"See {self.log_folder / (watched.name + '.log')}",
            )
            watched.pause = min(2 * watched.pause, LONGEST_PAUSE)
        elif now >= watched.again_at:
            began = time.monotonic()
            try:
                watched.child = watched.start()
            except CannotStart as error:
                watched.again_at = time.monotonic() + watched.pause
                watched.pause = min(2 * watched.pause, LONGEST_PAUSE)
                _say(f"{watched.name} did not start: {error}", sys.stderr)
            else:
                watched.since = time.monotonic()
                self._tell(f"{watched.name} started again", began)

    def _forget_signs(self, *names: str) -> None:
        """A sign of life outlives its writer, so it is taken away with it: `/readyz` then says so at once."""
        assert self.addresses is not None
        try:
            with connect(self.addresses.redis_url) as client:
                client.delete(*(get_key(name) for name in names))
        except redis.RedisError as error:
            _say(f"The broker does not answer: {error}", sys.stderr)

    # End.

    def _end(self) -> None:
        if self.lock is None:
            return
        running = [watched for watched in self.watched if watched.child is not None]
        if running:
            _say("\nEnding …")
        began = time.monotonic()
        if self.door is not None:
            self.door.close()
        # First who asks, all at once; then who answers.
        for names in (("web", "worker", "beat"), ("valkey",), ("postgres",)):
            part = [watched for watched in running if watched.name in names]
            for watched in part:
                if watched.child is not None:
                    watched.child.ask_to_stop()
            for watched in part:
                if watched.child is not None:
                    watched.child.settle(PATIENCE[watched.name])
        services.forget_written(self.var)
        if self.pair is not None:
            self.pair.close_sockets()
        if running:
            self._tell("everything has ended", began)
        self.lock.truncate(0)
        self.lock.close()

    def _tell(self, step: str, began: float) -> None:
        _say(f"  {time.monotonic() - began:6.1f} s  {step}")


def _say(text: str, to: TextIO = sys.stdout) -> None:
    """To the terminal, while there is one: that it was closed must not keep the children from being ended."""
    with contextlib.suppress(OSError):
        print(text, file=to, flush=True)


def main() -> int:
    """The command behind `make run`."""
    os.umask(0o077)
    return Supervisor(dict(os.environ)).run()


if __name__ == "__main__":
    sys.exit(main())
