"""Everything between an empty database and the first page. Safe to run again: what is there already stays."""

import hashlib
import json
import time
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand

# In this order: the rules, then what they speak of, then somebody who asks.
LOADERS = ("load_editions", "load_reference")
DEMONSTRATION = "load_demonstration"


class Command(BaseCommand):
    """`manage.py setup`."""

    help = "Brings the database up to date, loads the rules and the reference data, and collects static files."

    def handle(self, *args: Any, **options: Any) -> None:
        known = get_commands()
        self._step("tables", "migrate", interactive=False, verbosity=0)
        for loader in LOADERS:
            if loader in known:
                self._step(loader.replace("load_", ""), loader)
        if settings.DEMONSTRATION and DEMONSTRATION in known:
            if get_user_model().objects.exists():
                self.stdout.write("demonstration: kept as it is, the database is not empty")
            else:
                self._step("demonstration", DEMONSTRATION)
        self._collect_static()
        if settings.DEMONSTRATION:
            self._write_sign_ins()

    def _write_sign_ins(self) -> None:
        """For `make run`, which prints them beside the address: who can sign in, and with which password."""
        from accounts.demonstration import DOMAIN, PASSWORD, SIGN_INS

        there = get_user_model().objects.filter(email__iendswith=f"@{DOMAIN}").exists()
        people = [[email, words] for email, words in SIGN_INS] if there else []
        path = settings.VAR_DIR / "run" / "sign-ins.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"password": PASSWORD, "people": people}))

    def _step(self, name: str, command: str, **options: Any) -> None:
        began = time.monotonic()
        call_command(command, stdout=self.stdout, **options)
        self.stdout.write(f"{name}: done in {time.monotonic() - began:.1f} s")

    def _collect_static(self) -> None:
        """Only when a file changed: compressing them all takes longer than the rest of a second start."""
        stamp = settings.STATIC_ROOT / ".content"
        content = _get_static_content()
        if stamp.exists() and stamp.read_text() == content:
            self.stdout.write("static files: unchanged")
            return
        stamp.unlink(missing_ok=True)
        self._step("static files", "collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.write_text(content)


def _get_static_content() -> str:
    """A hash of every static file's path and bytes, and of how they are stored."""
    content = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in sorted(finder.list(None), key=lambda found: found[0]):
            with storage.open(path) as file:
                body = hashlib.file_digest(file, "sha256").digest()
            content.update(f"{len(path)}:{path}".encode() + body)
    return content.hexdigest()
