"""Every door journals: whoever signs in, fails, is locked out or leaves, by this page or by any other."""

from typing import Any

import axes.signals
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import operations
from accounts.models import User

# Connects the counting of failures ahead of the receivers below.
COUNTED_BY = axes.signals


def _address(request: HttpRequest | None) -> str:
    return "" if request is None else str(request.META.get("REMOTE_ADDR", ""))


@receiver(user_logged_in)
def journal_sign_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    operations.record_sign_in(user=user, address=_address(request), at=timezone.now())


@receiver(user_logged_out)
def journal_sign_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if isinstance(user, User):
        operations.record_sign_out(user=user, address=_address(request), at=timezone.now())


@receiver(user_login_failed)
def journal_failed_sign_in(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    # axes has counted this failure before us. Above its limit no password was looked at any more, so there is
    # nothing to tell beyond the lock-out, and nobody fills the journal by knocking.
    failures = getattr(request, "axes_failures_since_start", None)
    if failures is None and getattr(request, "axes_locked_out", False):
        return
    if failures is not None and failures > settings.AXES_FAILURE_LIMIT:
        return
    attempt = {
        "email": str(credentials.get("username", "")),
        "address": _address(request),
        "at": timezone.now(),
    }
    operations.record_failed_sign_in(**attempt)
    if failures == settings.AXES_FAILURE_LIMIT:
        operations.record_lock_out(**attempt)
