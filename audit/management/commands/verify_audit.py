"""`manage.py verify_audit`: prove that the journal, its seals, covered rows and ledger are as written."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import verification


class Command(BaseCommand):
    help = "Prove that nothing in the journal, its seals, the rows it covers and the ledger was altered."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was checked; exit 1 naming the first entry altered, missing or reordered."""
        report = verification.verify()
        for line in report.lines:
            self.stdout.write(line)
        if not report.intact:
            raise CommandError("\n".join(report.broken))
        self.stdout.write("Everything is as it was written.")
