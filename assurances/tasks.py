"""What happens by itself."""

from celery import shared_task
from django.utils import timezone

from accounts.rules import SYSTEM
from assurances import operations, selectors


@shared_task(name="assurances.tasks.record_expiries")
def record_expiries() -> int:
    """Record every instrument whose period is over, so that what stands on it is held; returns how many."""
    at = timezone.now()
    ended = selectors.list_ended(at)
    for instrument in ended:
        operations.record_expiry(instrument=instrument, by=SYSTEM, at=at)
    return len(ended)
