"""What happens by itself."""

from celery import shared_task
from django.utils import timezone

from portal import operations


@shared_task(name="portal.tasks.forget_answers")
def forget_answers() -> int:
    """Delete the API's stored answers that are remembered no longer, batch by batch; returns how many."""
    at = timezone.now()
    total = 0
    while deleted := operations.forget_answers(at=at):
        total += deleted
    return total
