"""The log of requests keeps no key."""

from datetime import timedelta
from types import SimpleNamespace

from gunicorn.config import Config

from config.access_log import AccessLog


def line_of(uri: str, referrer: str = "-") -> str:
    log = AccessLog(Config())
    environ = {"REQUEST_METHOD": "GET", "RAW_URI": uri, "SERVER_PROTOCOL": "HTTP/1.1", "PATH_INFO": uri}
    answer = SimpleNamespace(status="200 OK", sent=12, headers=[])
    request = SimpleNamespace(headers=[("REFERER", referrer)])
    atoms = log.atoms(answer, request, {**environ, "HTTP_REFERER": referrer}, timedelta(milliseconds=3))
    return " ".join(str(word) for word in atoms.values())


def test_the_address_of_a_calendar_is_a_key_and_is_left_out():
    said = line_of("/calendar/s3cret-key_1.ics?x=1", referrer="http://localhost/calendar/s3cret-key_1.ics")
    assert "s3cret" not in said
    assert "GET /calendar/….ics?x=1 HTTP/1.1" in said


def test_every_other_address_is_kept():
    assert "GET /desk/cases/C104233/ HTTP/1.1" in line_of("/desk/cases/C104233/")
