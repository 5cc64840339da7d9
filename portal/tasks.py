"""What happens by itself."""

from celery import shared_task
from django.utils import timezone

from portal import operations


@shared_task(name="portal.tasks.forget_answers")
def forget_answers() -> int:
    """Delete stored answers and marks of sent forms that are remembered no longer; returns how many."""
    at = timezone.now()
    total = 0
    while deleted := operations.forget_answers(at=at):
        total += deleted
    return total + operations.forget_forms(at=at)
