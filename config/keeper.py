"""The system user that the embedded servers run as."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

SERVICE_USER = "nobody"


class CannotStart(Exception):
    """Why a server cannot start, in words for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """The system user that the servers run as; `switched` when that is not the user who starts them."""

    uid: int
    gid: int
    name: str
    switched: bool

    def can(self, test: str, path: Path) -> bool:
        """Whether this user passes the shell's `test` (`-x`, `-w`) on a path: tried, not computed."""
        if not self.switched:
            return subprocess.run(["/bin/sh", "-c", 'test "$1" "$2"', "sh", test, path]).returncode == 0
        return (
            subprocess.run(
                ["/bin/sh", "-c", 'cd / && test "$1" "$2"', "sh", test, path],
                user=self.uid,
                group=self.gid,
                extra_groups=[],
                cwd="/",
            ).returncode
            == 0
        )

    def own(self, folder: Path) -> None:
        """Give a folder to this user alone."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        if self.switched:
            os.chown(folder, self.uid, self.gid)


def choose_keeper() -> Keeper:
    """Ourselves, or `nobody` when we are root."""
    if os.geteuid() != 0:
        return Keeper(os.geteuid(), os.getegid(), get_user_name(os.geteuid()), switched=False)
    try:
        entry = pwd.getpwnam(SERVICE_USER)
    except KeyError:
        raise CannotStart(
            f"PostgreSQL refuses to run as root, and this machine has no user '{SERVICE_USER}' to run it as. "
            f"Start as an ordinary user."
        ) from None
    keeper = Keeper(entry.pw_uid, entry.pw_gid, entry.pw_name, switched=True)
    try:
        keeper.can("-d", Path("/"))
    except (subprocess.SubprocessError, OSError) as error:
        raise CannotStart(
            f"PostgreSQL refuses to run as root, and this root may not become '{SERVICE_USER}' ({error}). "
            f"Start as an ordinary user."
        ) from error
    return keeper


def get_user_name(uid: int) -> str:
    """The name of a system user, which PostgreSQL wants to know."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        raise CannotStart(
            f"PostgreSQL asks for the name of the user it runs as, and user number {uid} has none here. "
            f"Start as a user with an entry in /etc/passwd."
        ) from None
