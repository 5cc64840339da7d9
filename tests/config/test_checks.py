"""A production site that would be unsafe does not start, through whichever door."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from accounts.demonstration import DOMAIN
from config import services
from config.checks import check_databases, list_unsafe_settings, refuse_demonstration_accounts
from tests.accounts import factories

GOOD_KEY = "b1Zk-93hQxT_7vLm2sWcR5yNd8pJ4gFaUe6oKtHiXzC0qBnMwE"
SAFE = {"SECRET_KEY": GOOD_KEY, "ALLOWED_HOSTS": "countersign.example"}


def start(*command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a program of Python's with production settings, and wait for its end."""
    kept = {name: os.environ[name] for name in ("PATH", "DATABASE_URL", "REDIS_URL") if name in os.environ}
    return subprocess.run(
        [sys.executable, *command],
        cwd=services.REPOSITORY,
        env={**kept, "DJANGO_SETTINGS_MODULE": "config.settings.production", **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_safe_settings_start():
    assert list_unsafe_settings(secret_key=GOOD_KEY, debug=False, allowed_hosts=["countersign.example"]) == []
    done = start("manage.py", "check", **SAFE)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "django-insecure-" + GOOD_KEY}, "SECRET_KEY is one that others know"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY can be guessed"),
        ({"SECRET_KEY": "ab" * 40}, "SECRET_KEY can be guessed"),
        ({"DEBUG": "true"}, "DEBUG is on"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS holds"),
    ],
)
def test_each_unsafe_setting_stops_a_command_and_says_what_to_do(environ, says):
    done = start("manage.py", "check", **{**SAFE, **environ})
    assert done.returncode != 0
    assert "This site will not start in production" in done.stderr
    assert says in done.stderr
    assert done.stderr.count("\n- ") == 1


@pytest.mark.parametrize(
    "command",
    [
        ("manage.py", "migrate"),
        ("-m", "gunicorn", "--check-config", "config.wsgi"),
        ("-m", "celery", "-A", "config", "worker", "--pool", "solo"),
        ("-m", "celery", "-A", "config", "beat"),
    ],
    ids=["commands", "web", "worker", "scheduler"],
)
def test_no_door_leads_around_it(command):
    done = start(*command)
    assert done.returncode != 0
    assert "SECRET_KEY is not set" in done.stderr + done.stdout
    assert "ALLOWED_HOSTS is not set" in done.stderr + done.stdout


@pytest.mark.django_db
class TestDemonstrationAccounts:
    """Their password is public, so a production database must not hold one of them."""

    @pytest.fixture
    def _account(self):
        factories.user(email=f"someone@{DOMAIN}")

    def test_without_them_all_is_well(self, settings):
        settings.PRODUCTION = True
        refuse_demonstration_accounts()
        assert check_databases(databases=["default"]) == []

    @pytest.mark.usefixtures("_account")
    def test_production_says_how_many_there_are_and_what_to_do(self, settings):
        settings.PRODUCTION = True
        with pytest.raises(ImproperlyConfigured, match="holds 1 accounts of the demonstration"):
            refuse_demonstration_accounts()
        (found,) = check_databases(databases=["default"])
        assert found.id == "countersign.E002"
        assert "Use a database into which the demonstration was never loaded" in found.msg

    @pytest.mark.usefixtures("_account")
    def test_the_demonstration_itself_may_have_them(self, settings):
        settings.PRODUCTION = False
        refuse_demonstration_accounts()
        assert check_databases(databases=["default"]) == []


@pytest.mark.django_db
def test_an_old_server_is_refused_by_its_number(monkeypatch):
    monkeypatch.setattr(connections["default"], "pg_version", 140011)
    (found,) = check_databases(databases=["default"])
    assert found.id == "countersign.E001"
    assert found.msg == "PostgreSQL 14 is too old: 15 or later is needed."


def test_checks_of_other_things_leave_the_database_alone():
    assert check_databases(databases=None) == []
