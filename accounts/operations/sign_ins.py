"""The journal of who came, who failed to, and who went."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.rules import SYSTEM
from audit.operations import record

# Failed sign-ins with an address that nobody has share one chain: what was typed is not kept, since people
# type passwords into the wrong field.
UNKNOWN_PERSON = ("accounts.sign_in", "unknown")


@transaction.atomic
def record_sign_in(*, user: User, address: str, at: datetime) -> None:
    """Journal that a person signed in from this network address."""
    record(
        subject=user,
        verb="signed_in",
        says=f"{user.name} signed in.",
        by=user,
        at=at,
        data={"address": address},
    )


@transaction.atomic
def record_sign_out(*, user: User, address: str, at: datetime) -> None:
    """Journal that a person signed out."""
    record(
        subject=user,
        verb="signed_out",
        says=f"{user.name} signed out.",
        by=user,
        at=at,
        data={"address": address},
    )


def _subject_of(email: str) -> tuple[User | tuple[str, str], str]:
    user = User.objects.filter(email=email.strip().lower()).first()
    return (UNKNOWN_PERSON, "an address without an account") if user is None else (user, user.name)


@transaction.atomic
def record_failed_sign_in(*, email: str, address: str, at: datetime) -> None:
    """Journal a sign-in that failed. An address without an account is not written down."""
    subject, who = _subject_of(email)
    record(
        subject=subject,
        verb="sign_in_failed",
        says=f"A sign-in failed for {who}.",
        by=SYSTEM,
        at=at,
        data={"address": address},
    )


@transaction.atomic
def record_lock_out(*, email: str, address: str, at: datetime) -> None:
    """Journal that sign-in was closed for a while after too many failures from one network address."""
    subject, who = _subject_of(email)
    record(
        subject=subject,
        verb="locked_out",
        says=f"Sign-in was closed for a while for {who}, after too many failures.",
        by=SYSTEM,
        at=at,
        data={"address": address},
    )
