"""Child processes that never outlive what started them, and that a later start can find again.

Each child leads a session of its own, so that Ctrl-C in the terminal reaches the supervisor alone and it ends
the children in order. On Linux the kernel also ends a child whose supervisor was killed outright; where that
does not help, the record of each child (its number, its start and its program) lets the next start end it.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Identity:
    """One process and no other: numbers are used again, a number with its start is not."""

    pid: int
    started: float
    program: str

    def is_alive(self) -> bool:
        """Whether exactly this process still runs (one that ended and was not yet collected does not)."""
        try:
            process = psutil.Process(self.pid)
            return (
                abs(process.create_time() - self.started) < 2
                and process.status() != psutil.STATUS_ZOMBIE
                and Path(process.exe()).name.split(" ")[0] == self.program
            )
        except psutil.NoSuchProcess:
            return False
        except psutil.AccessDenied:
            # Another user's process with our number: ours runs as us, or as a user whom we may look at.
            return False


def identify(pid: int) -> Identity:
    """The identity of a process that runs now."""
    process = psutil.Process(pid)
    return Identity(pid, process.create_time(), Path(process.exe()).name.split(" ")[0])


def tie_to(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    """What a child calls before it becomes its program, so that it gets the signal when its parent dies."""

    def tie() -> None:
        os.umask(0o077)
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))
            if os.getppid() != parent:  # It died before the kernel knew of the tie.
                os._exit(1)

    return tie


@dataclass(slots=True)
class Child:
    """A running child: its process, what it is called, and how it likes to be asked to stop."""

    name: str
    process: subprocess.Popen[bytes]
    identity: Identity
    record: Path
    stop_signal: signal.Signals

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Ask it to stop, without waiting."""
        if self.is_alive():
            self.process.send_signal(self.stop_signal)

    def settle(self, patience: float) -> None:
        """Wait `patience` seconds for its end, then end it; either way with everything it started."""
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.bury()

    def stop(self, patience: float) -> None:
        """Ask it to stop and see to it that it does."""
        self.ask_to_stop()
        self.settle(patience)

    def bury(self) -> None:
        """After its end: end what it left behind in its session, and take its record away."""
        end_session(self.identity.pid)
        self.record.unlink(missing_ok=True)


def start_child(
    name: str,
    command: Sequence[str],
    *,
    run_folder: Path,
    log: Path,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
    user: int | None = None,
    group: int | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    death_signal: signal.Signals | None = None,
    pass_fds: Sequence[int] = (),
) -> Child:
    """Start a child with its output in `log`, tied to this process, and record it in `run_folder`.

    `stop_signal` asks it to stop; `death_signal` (the same when not given) reaches it when this process dies.
    With `user` and `group` it runs as those, without any further group.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=None if environ is None else dict(environ),
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            start_new_session=True,
            pass_fds=tuple(pass_fds),
            preexec_fn=tie_to(os.getpid(), death_signal or stop_signal),
        )
    record = run_folder / f"{name}.json"
    try:
        identity = identify(process.pid)
    except psutil.NoSuchProcess:
        # It ended at once; whoever waits for it reads its exit code and its log.
        identity = Identity(process.pid, time.time(), Path(command[0]).name)
    record.write_text(json.dumps({"pid": identity.pid, "started": identity.started, "program": identity.program}))
    return Child(name, process, identity, record, stop_signal)


def end(identity: Identity, *, ask: signal.Signals = signal.SIGTERM, patience: float = 10) -> bool:
    """End a process that is not our child: ask, wait `patience` seconds, kill. False when it was gone."""
    if not identity.is_alive():
        return False
    _send(identity.pid, ask)
    give_up = time.monotonic() + patience
    while identity.is_alive() and time.monotonic() < give_up:
        time.sleep(0.1)
    if identity.is_alive():
        _send(identity.pid, signal.SIGKILL)
        while identity.is_alive():
            time.sleep(0.05)
    return True


def end_session(leader: int) -> int:
    """Kill what is left of the session that `leader` led and left behind. Returns how many there were."""
    orphans = [pid for pid in psutil.pids() if pid != leader and _session_of(pid) == leader]
    for pid in orphans:
        _send(pid, signal.SIGKILL)
    return len(orphans)


def list_recorded(run_folder: Path, names: Sequence[str]) -> Iterator[tuple[str, Path, Identity]]:
    """The children that an earlier supervisor left on record, in the order of names."""
    for name in names:
        path = run_folder / f"{name}.json"
        if path.exists():
            try:
                yield name, path, Identity(**json.loads(path.read_text()))
            except (ValueError, TypeError):
                path.unlink()  # Cut short by a crash of the machine: nothing of that time still runs.


def end_recorded(run_folder: Path, names: Sequence[str], asks: Mapping[str, signal.Signals]) -> list[str]:
    """End every recorded child that still lives, with its session; returns the names of those found alive."""
    ended = []
    for name, path, identity in list_recorded(run_folder, names):
        found = end(identity, ask=asks.get(name, signal.SIGTERM))
        # A number that someone else's process has by now leads someone else's session.
        if found or not psutil.pid_exists(identity.pid):
            found = end_session(identity.pid) > 0 or found
        path.unlink(missing_ok=True)
        if found:
            ended.append(name)
    return ended


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return  # It ended by itself in between, which is what was wanted.
