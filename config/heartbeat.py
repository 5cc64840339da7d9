"""Signs of life of the worker and of the scheduler, written to the broker for `/readyz`.

A process that merely exists proves little: the worker's sign comes from the loop that takes tasks, the
scheduler's from each look at its schedule. A loop that stands still writes none.
"""

import logging
import time
from typing import Any

import redis
from celery.beat import PersistentScheduler
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

WORKER = "worker"
BEAT = "beat"
# Seconds: how often a sign is written at most, and after how long without one its writer counts as gone.
PAUSE = 5
TOO_OLD = 30


def get_key(who: str) -> str:
    """The broker's key for the sign of life of `worker` or `beat`."""
    return f"countersign:heartbeat:{who}"


def connect(redis_url: str) -> redis.Redis:
    """A client that answers or fails within a second, and does not try again."""
    return redis.Redis.from_url(
        redis_url,
        socket_timeout=1,
        socket_connect_timeout=1,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )


class Pulse:
    """Writes one sign of life, at most every PAUSE seconds, and never fails the loop that calls it."""

    def __init__(self, who: str) -> None:
        self.key = get_key(who)
        self.client: redis.Redis | None = None
        self.last = float("-inf")

    def beat(self) -> None:
        """Write the present time, unless that was done a moment ago."""
        if time.monotonic() - self.last < PAUSE:
            return
        self.last = time.monotonic()
        try:
            self._connect().set(self.key, f"{time.time():.3f}", ex=4 * TOO_OLD)
        except redis.RedisError as error:
            logger.warning("could not write %s: %s", self.key, error)

    def stop(self) -> None:
        """Take the sign away: an orderly end shows at once, not after TOO_OLD seconds."""
        try:
            self._connect().delete(self.key)
        except redis.RedisError as error:
            logger.warning("could not remove %s: %s", self.key, error)

    def _connect(self) -> redis.Redis:
        if self.client is None:
            from django.conf import settings

            self.client = connect(settings.REDIS_URL)
        return self.client


_worker_pulse = Pulse(WORKER)


def beat_for_worker(**_: Any) -> None:
    """Celery calls this every two seconds from the loop that takes tasks."""
    _worker_pulse.beat()


def stop_for_worker(**_: Any) -> None:
    """Celery calls this when the worker begins to shut down."""
    _worker_pulse.stop()


class HeartbeatScheduler(PersistentScheduler):
    """Celery's scheduler, which also shows that it is alive."""

    # Celery would sleep up to five minutes when nothing is due; a sign of life is due earlier.
    max_interval = PAUSE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.pulse = Pulse(BEAT)
        super().__init__(*args, **kwargs)
        self.max_interval = min(self.max_interval, PAUSE)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One look at the schedule; returns the seconds until the next."""
        self.pulse.beat()
        return min(super().tick(*args, **kwargs), PAUSE)

    def close(self) -> None:
        """The orderly end."""
        self.pulse.stop()
        super().close()
