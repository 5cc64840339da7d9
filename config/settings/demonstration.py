"""`make run`: the demonstration on one machine, with its accounts and its banner."""

import contextlib
import os
import secrets

from .base import *
from .base import VAR_DIR

DEMONSTRATION = True
# Where HOST opens it to a network, ALLOWED_HOSTS names what it is called there.
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS += [host.strip() for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host.strip()]


def _own_secret() -> str:
    """A key made once for this folder, so that sign-ins survive a restart and no two copies share one."""
    path = VAR_DIR / "secret-key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written aside and then put in place, unless another process was faster: all read the same key.
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text()


SECRET_KEY = _own_secret()
