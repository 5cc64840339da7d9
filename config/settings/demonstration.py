"""`make run`: the demonstration on one machine, with its accounts and its banner."""

import secrets

from .base import *
from .base import VAR_DIR

DEMONSTRATION = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]


def _own_secret() -> str:
    """A key made once for this folder, so that sign-ins survive a restart and no two copies share one."""
    path = VAR_DIR / "secret-key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(secrets.token_urlsafe(50))
        path.chmod(0o600)
    return path.read_text()


SECRET_KEY = _own_secret()
