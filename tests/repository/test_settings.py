"""What the settings promise for every environment."""

import os
import re
import subprocess
import sys

import pytest

from config import services

KEY = "b1Zk-93hQxT_7vLm2sWcR5yNd8pJ4gFaUe6oKtHiXzC0qBnMwE"


def test_production_passes_the_framework_s_own_checks_for_a_deployment():
    named = {"DATABASE_URL": "postgres://127.0.0.1:9/x", "REDIS_URL": "redis://127.0.0.1:9/0"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--tag", "security", "--fail-level", "WARNING"],
        cwd=services.REPOSITORY,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "SECRET_KEY": KEY,
            "ALLOWED_HOSTS": "countersign.example",
            **named,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_by_hash_and_no_file_names_a_registry(name):
    text = (services.REPOSITORY / name).read_text()
    pinned = re.findall(r"^[a-z0-9][a-z0-9._\[\],-]*==\S+.*\\\n    --hash=sha256:[0-9a-f]{64}", text, re.M | re.I)
    assert len(pinned) == len(re.findall(r"^[a-z0-9].*==", text, re.M | re.I)) > 30
    assert "://" not in text
