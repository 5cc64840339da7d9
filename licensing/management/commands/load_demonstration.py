"""Load the demonstration into an empty database."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from licensing.demonstration import load_demonstration
from licensing.models import Application


class Command(BaseCommand):
    help = "Load the demonstration's people, deals and invented cases, if there is no application yet."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it once; a second run says that it is there."""
        if not settings.DEMONSTRATION:
            raise CommandError("The demonstration only loads where the settings say that this is one.")
        if Application.objects.exists():
            self.stdout.write("The demonstration is loaded already.")
            return
        count = load_demonstration(at=timezone.now())
        self.stdout.write(f"Loaded the demonstration: {count} applications.")
