"""What happens by itself."""

from celery import shared_task
from django.utils import timezone

from deadlines import operations


@shared_task(name="deadlines.tasks.send_due_reminders")
def send_due_reminders() -> int:
    """Send every reminder that is due, batch by batch; returns of how many deadlines."""
    at = timezone.now()
    total = 0
    while sent := operations.send_due_reminders(at=at):
        total += sent
    return total
