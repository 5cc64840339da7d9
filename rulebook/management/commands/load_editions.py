"""Loads the shipped editions of the rules into the database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from rulebook.operations import EditionChanged, load_editions
from rulebook.rules import EditionError


class Command(BaseCommand):
    help = "Loads the shipped editions of the rules. Loading again changes nothing; a changed file is refused."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            editions = load_editions(at=timezone.now())
        except (EditionChanged, EditionError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Loaded: " + ", ".join(edition.identifier for edition in editions))
