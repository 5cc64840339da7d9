"""`manage.py load_holidays`: the US federal holidays of 2020 to 2040."""

from typing import Any

from django.core.management.base import BaseCommand

from deadlines.operations import load_holidays
from deadlines.operations.holidays import FIRST_YEAR, LAST_YEAR


class Command(BaseCommand):
    help = "Load the US federal holidays (only what is missing is added)."

    def handle(self, *args: Any, **options: Any) -> None:
        added = load_holidays()
        self.stdout.write(f"US federal holidays {FIRST_YEAR} to {LAST_YEAR}: {added} days added.")
