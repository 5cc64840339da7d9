"""Write docs/states.md, or check that it is current."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.states import render_states


class Command(BaseCommand):
    """`manage.py write_states`."""

    help = "Writes docs/states.md from the transition tables; with --check only compares."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Fail when the page is not current.")

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "states.md"
        wanted = render_states()
        if options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != wanted:
                raise CommandError("docs/states.md is not current. Run: python manage.py write_states")
            return
        path.write_text(wanted, encoding="utf-8")
        self.stdout.write(f"Wrote {path.relative_to(settings.BASE_DIR)}")
