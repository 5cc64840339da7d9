"""What licensing does on a schedule."""

from celery import shared_task
from django.utils import timezone

from accounts.rules import SYSTEM
from licensing.operations import end_expired_licenses, reopen_ended


@shared_task
def reopen_ended_requirements() -> int:
    """Reopen what pending cases had satisfied by a ground that has ended by its date; answers how many."""
    return reopen_ended(by=SYSTEM, at=timezone.now())


@shared_task
def end_licenses() -> int:
    """Give back what was not shipped under the licenses that have expired; answers how many."""
    return end_expired_licenses(on=timezone.localdate(), by=SYSTEM, at=timezone.now())
