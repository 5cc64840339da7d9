"""`make run` with real processes: started, killed in every way, and started again."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from config import services
from config.embedded import STOP_SIGNALS, SYSTEM_FOLDER, Pair
from config.processes import end_recorded, identify, list_recorded, tie_to
from config.run import NAMES

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]


def take_free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


class Copy:
    """A copy of the tree in a folder with a space in its name, and what runs from it."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "a copy"
        self.var = folder / "its data" / "var"
        self.port = take_free_port()
        self.output = folder / "output.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Copy what the repository holds, whether committed or not."""
        self.var.parent.mkdir(mode=0o711)
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=services.REPOSITORY, capture_output=True, check=True).stdout
        for name in names.decode().split("\0"):
            source = services.REPOSITORY / name
            # A file that somebody just removed is still listed.
            if name and source.is_file() and not name.startswith(("docs/", "tests/")):
                target = self.tree / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)

    def get_environ(self, **changes: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {**kept, "COUNTERSIGN_VAR": str(self.var), "PORT": str(self.port), **changes}

    def launch(self, **changes: str) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.run"],
                cwd=self.tree,
                env=self.get_environ(**changes),
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=tie_to(os.getpid(), signal.SIGTERM),
            )

    def start(self, **changes: str) -> float:
        """Launch, wait for the first page, and return after how many seconds it came."""
        began = time.monotonic()
        self.launch(**changes)
        assert self.process is not None
        # Its word first: the web server of a killed start may answer for another moment.
        while "Countersign is at" not in self.output.read_text():
            if self.process.poll() is not None or time.monotonic() - began > 90:
                pytest.fail(f"It did not start. It said:\n{self.output.read_text()}")
            time.sleep(0.05)
        assert self.ask("/healthz") == 200
        return time.monotonic() - began

    def try_to_start(self, **changes: str) -> subprocess.CompletedProcess[str]:
        """A start that is expected to fail by itself."""
        return subprocess.run(
            [sys.executable, "-m", "config.run"],
            cwd=self.tree,
            env=self.get_environ(**changes),
            capture_output=True,
            text=True,
            timeout=60,
        )

    def ask(self, path: str) -> int:
        """The status of an answer; 0 when there is none."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code
        except OSError:
            return 0

    def wait_for(self, path: str, status: int, patience: float) -> None:
        give_up = time.monotonic() + patience
        while self.ask(path) != status:
            assert self.process is not None
            ended = self.process.poll() is not None
            if ended or time.monotonic() > give_up:
                pytest.fail(f"No {status} from {path}. It said:\n{self.output.read_text()}")
            time.sleep(0.1)

    def list_processes(self) -> list[psutil.Process]:
        assert self.process is not None
        launcher = psutil.Process(self.process.pid)
        return [launcher, *launcher.children(recursive=True)]

    def get_pid(self, name: str) -> int:
        ((_, _, identity),) = list_recorded(self.var / "run", [name])
        return identity.pid

    def list_postmasters(self) -> list[int]:
        return [
            process.pid
            for process in psutil.process_iter(["cmdline"])
            if str((self.var / "postgres").resolve()) in (process.info["cmdline"] or [])
        ]

    def query(self, statement: str) -> list[tuple[object, ...]]:
        addresses = services.get_written(self.var)
        assert addresses is not None
        with psycopg.connect(addresses.database_url) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def end(self) -> None:
        """Whatever happened in the tests: nothing of it stays."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        end_recorded(self.var / "run", NAMES, STOP_SIGNALS)
        shutil.rmtree(services.get_place(self.var).sockets, ignore_errors=True)


def wait_until_gone(processes: list[psutil.Process], patience: float = 40) -> list[psutil.Process]:
    """Those that still live after `patience` seconds."""
    give_up = time.monotonic() + patience
    left = processes
    while left and time.monotonic() < give_up:
        left = [process for process in left if _lives(process)]
        time.sleep(0.05)
    return left


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Not below pytest's own folder: that is closed to the user whom PostgreSQL runs as when we are root."""
    made = Path(tempfile.mkdtemp(prefix="countersign-run-", dir="/tmp"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def copy(folder: Path) -> Iterator[Copy]:
    """Started once; each test leaves it running and ready."""
    copy = Copy(folder)
    copy.make()
    copy.start()
    copy.query("CREATE TABLE kept (number int PRIMARY KEY)")
    yield copy
    copy.end()


def test_it_becomes_ready_and_says_where_it_is(copy: Copy):
    copy.wait_for("/readyz", 200, 30)
    said = copy.output.read_text()
    assert f"Countersign is at http://127.0.0.1:{copy.port}" in said
    assert "PostgreSQL, data in" in said


def test_the_demonstration_s_sign_ins_are_printed(copy: Copy):
    from accounts.demonstration import PASSWORD, SIGN_INS

    said = copy.output.read_text()
    assert said.count(PASSWORD) == 1
    assert all(email in said for email, _ in SIGN_INS)


def test_the_database_is_durable_and_has_no_door_to_the_network(copy: Copy):
    settings = dict(copy.query("SELECT name, setting FROM pg_settings"))
    assert settings["fsync"] == settings["synchronous_commit"] == settings["full_page_writes"] == "on"
    assert settings["listen_addresses"] == ""
    assert settings["max_connections"] == "100"
    listening = []
    for process in copy.list_processes():
        with contextlib.suppress(psutil.NoSuchProcess):
            listening += process.net_connections("tcp")
    assert {found.laddr.port for found in listening if found.status == psutil.CONN_LISTEN} == {copy.port}


def test_the_folder_of_the_sockets_is_closed_to_others(copy: Copy):
    sockets = services.get_place(copy.var).sockets
    assert sockets.stat().st_mode & 0o777 == 0o700


def test_a_command_beside_it_finds_the_database_by_itself(copy: Copy):
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c"]
    command.append("from django.db import connection as c; print(c.cursor().execute('select 41 + 1').fetchone())")
    done = subprocess.run(command, cwd=copy.tree, env=copy.get_environ(), capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "(42,)", done.stderr


def test_production_refuses_the_demonstration_s_database(copy: Copy):
    addresses = services.get_written(copy.var)
    assert addresses is not None
    environ = copy.get_environ(
        DATABASE_URL=addresses.database_url,
        REDIS_URL=addresses.redis_url,
        DJANGO_SETTINGS_MODULE="config.settings.production",
        SECRET_KEY="b1Zk-93hQxT_7vLm2sWcR5yNd8pJ4gFaUe6oKtHiXzC0qBnMwE",
        ALLOWED_HOSTS="countersign.example",
    )
    doors = (["-m", "gunicorn", "--check-config", "config.wsgi"], ["manage.py", "check", "--database", "default"])
    for door in doors:
        done = subprocess.run(
            [sys.executable, *door], cwd=copy.tree, env=environ, capture_output=True, text=True, timeout=60
        )
        assert done.returncode != 0
        assert "accounts of the demonstration" in done.stderr


def test_a_second_start_from_the_same_folder_is_refused(copy: Copy):
    done = copy.try_to_start(PORT=str(take_free_port()))
    assert done.returncode == 1
    assert f"already runs from this folder: http://127.0.0.1:{copy.port}" in done.stderr
    assert copy.ask("/healthz") == 200


def test_a_taken_port_is_told_before_anything_starts(copy: Copy, folder: Path):
    other = folder / "another"
    done = copy.try_to_start(COUNTERSIGN_VAR=str(other))
    assert done.returncode == 1
    assert f"Port {copy.port} on 127.0.0.1 cannot be used" in done.stderr
    assert f"PORT={copy.port + 1} make run" in done.stderr
    assert not (other / "postgres").exists()


def test_a_port_that_is_none_is_told(copy: Copy, folder: Path):
    done = copy.try_to_start(COUNTERSIGN_VAR=str(folder / "another"), PORT="http")
    assert done.returncode == 1
    assert "PORT is 'http', which is not a port number" in done.stderr


def test_half_a_pair_of_servers_is_told(copy: Copy, folder: Path):
    done = copy.try_to_start(COUNTERSIGN_VAR=str(folder / "another"), REDIS_URL="redis://127.0.0.1:9/0")
    assert done.returncode == 1
    assert "REDIS_URL is set and DATABASE_URL is not" in done.stderr


def test_a_named_server_that_is_not_there_is_told(copy: Copy, folder: Path):
    named = {"DATABASE_URL": "postgres://127.0.0.1:9/countersign", "REDIS_URL": "redis://127.0.0.1:9/0"}
    done = copy.try_to_start(COUNTERSIGN_VAR=str(folder / "another"), PORT=str(take_free_port()), **named)
    assert done.returncode == 1
    assert "The server in DATABASE_URL does not let us in" in done.stderr


def test_with_servers_named_nothing_embedded_starts(copy: Copy, folder: Path):
    addresses = services.get_written(copy.var)
    assert addresses is not None
    other = Copy(folder)
    other.var = folder / "with named servers"
    other.output = folder / "other output.txt"
    try:
        other.start(DATABASE_URL=addresses.database_url, REDIS_URL=addresses.redis_url)
        assert {child.name().split(":")[0] for child in other.list_processes()}.isdisjoint(
            {"postgres", "valkey-server"}
        )
        assert not (other.var / "postgres").exists()
        assert services.get_written(other.var) == addresses
    finally:
        other.end()


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_a_killed_child_shows_at_once_and_comes_back(copy: Copy, name: str):
    copy.wait_for("/readyz", 200, 60)
    killed = copy.get_pid(name)
    os.kill(killed, signal.SIGKILL)
    copy.wait_for("/readyz", 503, 10)
    copy.wait_for("/readyz", 200, 60)
    assert copy.get_pid(name) != killed


def test_killed_servers_come_back_with_what_was_committed(copy: Copy):
    copy.query("INSERT INTO kept VALUES (1)")
    for name in ("postgres", "valkey"):
        os.kill(copy.get_pid(name), signal.SIGKILL)
    copy.wait_for("/readyz", 503, 10)
    copy.wait_for("/readyz", 200, 60)
    assert copy.query("SELECT number FROM kept") == [(1,)]
    assert len(copy.list_postmasters()) == 1


def test_killing_the_launcher_alone_leaves_nothing_that_hinders_the_next_start(copy: Copy):
    copy.query("INSERT INTO kept VALUES (2)")
    before = copy.list_processes()
    assert copy.process is not None
    copy.process.kill()
    copy.process.wait()
    copy.start()
    assert wait_until_gone(before) == []
    assert len(copy.list_postmasters()) == 1
    assert copy.query("SELECT number FROM kept ORDER BY 1") == [(1,), (2,)]


def test_a_server_that_an_earlier_start_left_is_ended_before_a_new_one_starts(copy: Copy):
    """As on a system whose kernel does not end children: the records and the pid file must be enough."""
    copy.end()
    launcher = "from config.embedded import Pair; from config.services import *; from pathlib import Path; import sys;"
    launcher += "import config.processes as p; p._libc = None; Pair(get_place(Path(sys.argv[1]))).start()"
    subprocess.run([sys.executable, "-c", launcher, str(copy.var)], cwd=copy.tree, check=True, timeout=60)
    (left,) = copy.list_postmasters()
    identity = identify(left)
    (copy.var / "run" / "postgres.json").unlink()
    copy.start()
    assert not identity.is_alive()
    assert len(copy.list_postmasters()) == 1
    assert "ended what a killed start had left: valkey" in copy.output.read_text()


def test_killing_everything_at_once_loses_nothing_committed(copy: Copy):
    copy.query("INSERT INTO kept VALUES (3)")
    before = copy.list_processes()
    for process in before:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    assert copy.process is not None
    copy.process.wait()
    assert copy.start() < 15
    assert wait_until_gone(before) == []
    assert copy.query("SELECT number FROM kept ORDER BY 1") == [(1,), (2,), (3,)]
    copy.wait_for("/readyz", 200, 60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_leaves_no_process(copy: Copy, number: signal.Signals):
    before = copy.list_processes()
    assert len(before) > 8
    assert copy.process is not None
    copy.process.send_signal(number)
    assert copy.process.wait(60) == 0
    assert wait_until_gone(before, 1) == []
    assert copy.list_postmasters() == []
    assert services.get_written(copy.var) is None
    assert not services.get_place(copy.var).sockets.exists()
    assert list(list_recorded(copy.var / "run", NAMES)) == []
    copy.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as another user")
def test_below_a_closed_home_folder_the_data_lies_where_its_user_reaches_it(folder: Path):
    home = folder / "closed home"
    home.mkdir(mode=0o700)
    place = services.get_place(home / "var")
    for _ in range(2):
        pair = Pair(place)
        children = pair.start()
        try:
            with psycopg.connect(place.addresses.database_url) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        finally:
            for child in reversed(children):
                child.stop(20)
            pair.close_sockets()
    data = (home / "var" / "postgres").readlink()
    assert data.parent.parent == SYSTEM_FOLDER
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "PG_VERSION").exists()
    shutil.rmtree(data.parent)
