"""`/healthz`: this process answers. `/readyz`: everything it needs is there, too.

Both are for machines that watch the service, which know neither its host name nor an account; so they are
answered before the host check, the redirect to HTTPS and the sign-in, and they tell nothing but yes or no and
how old the last sign of life is.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from typing import Any

import psycopg
import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.views.decorators.cache import never_cache

from config.heartbeat import BEAT, TOO_OLD, WORKER, connect, get_key

# Seconds that one answer may take at most, whatever hangs behind it.
LONGEST = 2
# Two threads and no more: where something hangs, later questions wait for their limit, not for a thread.
_askers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="readyz")


@login_not_required
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """200 while this process answers; asks nothing else."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@login_not_required
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when database, broker, worker and scheduler are all there; 503 and which one is not, otherwise."""
    database = _askers.submit(_ask_database, connections["default"].get_connection_params())
    broker = _askers.submit(_ask_broker)
    give_up = time.monotonic() + LONGEST
    found: dict[str, dict[str, Any]] = {}
    try:
        found["database"] = database.result(max(0, give_up - time.monotonic()))
    except TookTooLong:
        found["database"] = {"ok": False, "says": "The database does not answer."}
    try:
        found |= broker.result(max(0, give_up - time.monotonic()))
    except TookTooLong:
        found |= _without_broker()
    well = all(part["ok"] for part in found.values())
    return JsonResponse({"ready": well, **found}, status=200 if well else 503)


def _ask_database(wanted: dict[str, Any]) -> dict[str, Any]:
    # A connection of its own: an open one would wait for a server that went silent.
    kept = ("dbname", "user", "password", "host", "port", "sslmode", "sslrootcert", "service")
    named = {name: wanted[name] for name in kept if name in wanted}
    try:
        with psycopg.connect(**named, connect_timeout=LONGEST, options="-c statement_timeout=1000") as connection:
            connection.execute("SELECT 1")
    except psycopg.Error:
        return {"ok": False, "says": "The database does not answer."}
    return {"ok": True}


def _ask_broker() -> dict[str, dict[str, Any]]:
    try:
        with connect(settings.REDIS_URL) as client:
            signs = client.mget([get_key(WORKER), get_key(BEAT)])
    except (redis.RedisError, OSError):
        return _without_broker()
    now = time.time()
    return {
        "broker": {"ok": True},
        "worker": _judge("worker", signs[0], now),
        "beat": _judge("scheduler", signs[1], now),
    }


def _without_broker() -> dict[str, dict[str, Any]]:
    unknown = {"ok": False, "age_seconds": None, "says": "Unknown while the broker does not answer."}
    return {
        "broker": {"ok": False, "says": "The broker does not answer."},
        "worker": dict(unknown),
        "beat": dict(unknown),
    }


def _judge(name: str, sign: str | None, now: float) -> dict[str, Any]:
    if sign is None:
        return {"ok": False, "age_seconds": None, "says": f"The {name} gives no sign of life."}
    age = round(max(0.0, now - float(sign)), 1)
    if age > TOO_OLD:
        return {
            "ok": False,
            "age_seconds": age,
            "says": f"The {name} gave its last sign of life {age} s ago.",
        }
    return {"ok": True, "age_seconds": age}


class HealthMiddleware:
    """Answers the two addresses before anything else looks at the request."""

    views = {"/healthz": live, "/readyz": ready}

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = self.views.get(request.path_info)
        if view is None:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return view(request)
