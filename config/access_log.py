"""What the web server writes of each request: everything but the secrets that stand in addresses."""

import re
from typing import Any

from gunicorn.glogging import Logger

# Whoever knows the address of a calendar reads it: the address is a key.
_CALENDAR = re.compile(r"(/calendar/)[^/?\s]+(\.ics)")


class AccessLog(Logger):
    """Gunicorn's, with the keys of calendars left out."""

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """The words of a line of the log, by their letters."""
        atoms = super().atoms(resp, req, environ, request_time)
        return {
            letter: _CALENDAR.sub(r"\1…\2", said) if isinstance(said, str) else said for letter, said in atoms.items()
        }
