"""Clocks, deadlines and inbox lines for any test."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count

from accounts.models import User
from accounts.rules import SYSTEM
from deadlines import operations
from deadlines.models import Clock, Deadline

NOW = datetime(2026, 6, 1, 16, 0, tzinfo=UTC)  # noon in Washington
_numbers = count(1)


def new_subject() -> tuple[str, str]:
    """A subject that nobody else uses."""
    return ("licensing.case", f"{next(_numbers)}-test")


def clock(*, kind: str = "initial", limit_days: int = 9, at: datetime = NOW) -> Clock:
    """A clock that runs since `at`."""
    return operations.start_clock(subject=new_subject(), kind=kind, limit_days=limit_days, by=SYSTEM, at=at)


def deadline(
    *,
    owner: User | tuple[str, int],
    subject: tuple[str, str] | None = None,
    kind: str = "answer",
    due_at: datetime | None = None,
    reminder_offsets: Iterable[int] = (7, 3, 1),
    at: datetime = NOW,
) -> Deadline:
    """A deadline ten days after `at`, unless told otherwise."""
    return operations.set_deadline(
        subject=subject or new_subject(),
        kind=kind,
        says="Answer the question on case C104233",
        url="/portal/cases/C104233/",
        owner=("user", owner.pk) if isinstance(owner, User) else owner,
        due_at=due_at or at + timedelta(days=10),
        reminder_offsets=reminder_offsets,
        by=SYSTEM,
        at=at,
    )
