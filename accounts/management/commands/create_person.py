"""`manage.py create_person`: open an account from the terminal, such as production's first administrator."""

import getpass
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts import operations, selectors
from accounts.models import Organization
from accounts.rules import SYSTEM, Refused
from accounts.statuses import OrganizationKind, Role


class Command(BaseCommand):
    help = "Open an account for a person. The password is asked for, or read from PASSWORD."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True)
        parser.add_argument("--title", default="")
        parser.add_argument("--organization", required=True, help="Name; created with --kind when missing.")
        parser.add_argument("--kind", choices=OrganizationKind.values)
        parser.add_argument("--us-person", action="store_true", help="A new organization is a US person.")
        parser.add_argument("--role", action="append", choices=Role.values, default=[], dest="roles")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        try:
            with transaction.atomic():
                organization = self._organization(options)
                user = operations.create_user(
                    email=options["email"],
                    name=options["name"],
                    title=options["title"],
                    organization=organization,
                    roles=options["roles"],
                    password=self._password(),
                    by=SYSTEM,
                    at=at,
                )
        except Refused as refusal:
            raise CommandError(refusal.reason) from refusal
        roles = ", ".join(Role(role).label.lower() for role in options["roles"]) or "no role"
        self.stdout.write(f"Opened an account for {user.name} <{user.email}>: {roles} at {organization.name}.")

    def _organization(self, options: dict[str, Any]) -> Organization:
        name = options["organization"].strip()
        found = selectors.list_organizations().filter(name__iexact=name).first()
        if found is not None:
            return found
        if not options["kind"]:
            raise CommandError(f"There is no organization named “{name}”. Give --kind to create it.")
        return operations.create_organization(
            name=name,
            kind=options["kind"],
            is_us_person=options["us_person"] or options["kind"] != OrganizationKind.EXPORTER,
            by=SYSTEM,
            at=timezone.now(),
        )

    def _password(self) -> str:
        given = os.environ.get("PASSWORD")
        if given is not None:
            return given
        first = getpass.getpass("Password: ")
        if first != getpass.getpass("The same again: "):
            raise CommandError("The two passwords differ. Nothing was created.")
        return first
