"""What licensing does on a schedule."""

from celery import shared_task
from django.utils import timezone

from accounts.rules import SYSTEM
from licensing.operations import reopen_ended


@shared_task
def reopen_ended_requirements() -> int:
    """Reopen what pending cases had satisfied by a ground that has ended by its date; answers how many."""
    return reopen_ended(by=SYSTEM, at=timezone.now())
