"""What happens by itself."""

from celery import shared_task
from django.utils import timezone

from accounts.rules import SYSTEM
from investments import operations, selectors


@shared_task(name="investments.tasks.assess_commitments")
def assess_commitments() -> int:
    """Write down what fell short since the last due dates; returns how many commitments were looked at."""
    at = timezone.now()
    due = selectors.list_due_commitments(at)
    for commitment in due:
        operations.assess_commitment(commitment=commitment, by=SYSTEM, at=at)
    return len(due)
