"""`manage.py load_reference`: countries, chip models and federal holidays. Running it again changes nothing."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.rules import SYSTEM
from deadlines.operations import load_holidays
from registry.operations import load_reference


class Command(BaseCommand):
    help = "Load countries, chip models and federal holidays; running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = load_reference(by=SYSTEM, at=timezone.now())
        holidays = load_holidays()
        self.stdout.write(
            f"Loaded {loaded.countries} countries, {loaded.chip_models} chip models, {holidays} holidays."
        )
