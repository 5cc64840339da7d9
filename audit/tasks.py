"""Scheduled work of the journal."""

from celery import shared_task
from django.utils import timezone

from audit import operations
from audit.rules import JournalBusy


@shared_task(name="audit.seal_journal", autoretry_for=(JournalBusy,), retry_backoff=60, max_retries=10)
def seal_journal() -> str:
    """Take the day's seal; once a day, however often it is sent."""
    seal = operations.seal_journal(at=timezone.now())
    return "" if seal is None else seal.hash
