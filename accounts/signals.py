"""Every door journals: whoever signs in, fails, is locked out or leaves, by this page or by any other."""

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import operations
from accounts.models import User


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
def journal_failed_sign_in(
    credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    # While somebody is locked out no password is looked at, so there is nothing to tell beyond the lock-out.
    if not getattr(request, "axes_locked_out", False):
        operations.record_failed_sign_in(
            email=str(credentials.get("username", "")), address=_address(request), at=timezone.now()
        )


@receiver(user_locked_out)
def journal_lock_out(request: HttpRequest, username: str, **kwargs: Any) -> None:
    # Sent again for every attempt during the lock-out; only the failure that began it has been counted.
    if getattr(request, "axes_failures_since_start", None) is not None:
        operations.record_lock_out(email=username or "", address=_address(request), at=timezone.now())
