"""A real worker takes the sweep from the real broker."""

import os
import subprocess
import sys
import time
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from config.celery import app
from deadlines.models import Notification, Reminder
from deadlines.tasks import send_due_reminders
from tests.accounts import factories as people
from tests.deadlines import factories

pytestmark = [pytest.mark.services, pytest.mark.enable_socket]


@pytest.fixture
def worker(committed_db, tmp_path):
    """A worker of two processes on a queue of its own, working on the test's database."""
    queue = f"deadlines-test-{uuid.uuid4().hex}"
    database = connection.settings_dict
    where = "{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgres://{where}",
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
        "COUNTERSIGN_VAR": str(tmp_path),
    }
    log = tmp_path / "worker.log"
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-Q", queue, "-c", "2"]
    command += ["--loglevel", "INFO", "-n", f"{queue}@localhost", "--without-mingle", "--without-gossip"]
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=output, stderr=output)
        try:
            wait_for(lambda: " ready." in log.read_text(), log)
            yield queue, log
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_for(condition, log, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"the worker did not get there:\n{log.read_text()}"
        time.sleep(0.1)


def test_a_real_worker_sends_a_reminder_once_however_often_it_is_asked(worker):
    queue, log = worker
    person = people.user()
    now = timezone.now()
    factories.deadline(owner=person, at=now - timedelta(days=2), due_at=now + timedelta(hours=12))
    factories.deadline(owner=person, at=now, due_at=now + timedelta(days=30))
    for _ in range(6):
        send_due_reminders.apply_async(queue=queue)
    wait_for(lambda: log.read_text().count("succeeded in") == 6, log)
    assert sorted(Reminder.objects.values_list("step", "folded")) == [(1, False), (3, True), (7, True)]
    assert Notification.objects.filter(user=person).count() == 1
    assert send_due_reminders.name in app.tasks
