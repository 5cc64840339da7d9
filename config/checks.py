"""What would make a production site unsafe, found before it serves a single page."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from config.services import OLDEST_POSTGRESQL

SHORTEST_KEY = 50
KNOWN_KEYS = ("django-insecure-", "only-for-the-test-suite", "changeme", "secret")


def list_unsafe_settings(*, secret_key: str, debug: bool, allowed_hosts: Sequence[str]) -> list[str]:
    """What must not be so in production, each with how to put it right. Empty when all is well."""
    found = []
    make = "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
    if not secret_key:
        found.append(f"SECRET_KEY is not set. Whoever knows it can sign in as anyone. {make}")
    elif secret_key.lower().startswith(KNOWN_KEYS):
        found.append(f"SECRET_KEY is one that others know. It signs sessions, so it must be a secret. {make}")
    elif len(secret_key) < SHORTEST_KEY or len(set(secret_key)) < 5:
        found.append(f"SECRET_KEY can be guessed: it needs {SHORTEST_KEY} varied characters or more. {make}")
    if debug:
        found.append("DEBUG is on. It shows settings and data to whoever meets an error. Unset DEBUG.")
    if not allowed_hosts:
        found.append("ALLOWED_HOSTS is not set. Set it to the host names of this site, separated by commas.")
    elif "*" in allowed_hosts:
        found.append("ALLOWED_HOSTS holds '*', which lets any name through. Name the hosts of this site.")
    return found


def refuse_unsafe_settings(*, secret_key: str, debug: bool, allowed_hosts: Sequence[str]) -> None:
    """Raise ImproperlyConfigured with everything that is unsafe; the production settings end with it."""
    found = list_unsafe_settings(secret_key=secret_key, debug=debug, allowed_hosts=allowed_hosts)
    if found:
        raise ImproperlyConfigured("This site will not start in production:\n- " + "\n- ".join(found))


def get_demonstration_problem(database: str = "default") -> str:
    """Why this database must not serve production: it holds accounts whose password is public. Or ''."""
    from django.contrib.auth import get_user_model
    from django.db import ProgrammingError, transaction

    from accounts.demonstration import DOMAIN

    accounts = get_user_model().objects.using(database).filter(email__iendswith=f"@{DOMAIN}")
    try:
        with transaction.atomic(using=database):
            count = accounts.count()
    except ProgrammingError:
        return ""  # No tables yet: nothing has been loaded.
    if not count:
        return ""
    return (
        f"The database holds {count} accounts of the demonstration (@{DOMAIN}), whose password is public. "
        f"Use a database into which the demonstration was never loaded."
    )


def refuse_demonstration_accounts() -> None:
    """Raise ImproperlyConfigured when the demonstration's accounts are here; run as the web server starts."""
    from django.conf import settings

    if settings.PRODUCTION and (problem := get_demonstration_problem()):
        raise ImproperlyConfigured(f"This site will not start in production:\n- {problem}")


def check_databases(*, databases: Iterable[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Run by `migrate` and by `check --database default`: the server's age, and whose accounts are in it."""
    from django.conf import settings
    from django.db import connections

    found: list[CheckMessage] = []
    for name in databases or ():
        version = connections[name].pg_version
        if version < OLDEST_POSTGRESQL * 10000:
            found.append(
                Error(
                    f"PostgreSQL {version // 10000} is too old: {OLDEST_POSTGRESQL} or later is needed.",
                    hint="Upgrade the server, or name another one in DATABASE_URL.",
                    id="countersign.E001",
                )
            )
        elif settings.PRODUCTION and (problem := get_demonstration_problem(name)):
            found.append(Error(problem, id="countersign.E002"))
    return found
