"""A real worker takes the sweep from the real broker."""

import os
import subprocess
import sys
import time
import uuid
from datetime import timedelta
from urllib.parse import quote

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


def get_database_url():
    """The address of the test database, which may be behind a socket in a folder."""
    database = connection.settings_dict
    user, password, host = (quote(str(database[name]), safe="") for name in ("USER", "PASSWORD", "HOST"))
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"postgres://{user}:{password}@{host}{port}/{database['NAME']}"


@pytest.fixture
def worker(committed_db, broker, tmp_path):
    """A worker of two processes on a queue of its own, working on the test's database."""
    queue = f"deadlines-test-{uuid.uuid4().hex}"
    environment = {
        **os.environ,
        "DATABASE_URL": get_database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "COUNTERSIGN_VAR": str(tmp_path),
    }
    # The address of the broker is this test process's own already: nothing is to be counted up from it.
    environment.pop("PYTEST_XDIST_WORKER", None)
    log = tmp_path / "worker.log"
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-Q", queue, "-c", "2"]
    command += ["--loglevel", "INFO", "-n", f"{queue}@localhost", "--without-mingle", "--without-gossip"]
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=output, stderr=output)
        try:
            wait_for(lambda: " ready." in log.read_text(), process, log)
            yield queue, process, log
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(condition, process, log, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, f"the worker ended by itself:\n{log.read_text()}"
        assert time.monotonic() < deadline, f"the worker did not get there:\n{log.read_text()}"
        time.sleep(0.1)


def test_a_real_worker_sends_a_reminder_once_however_often_it_is_asked(worker):
    queue, process, log = worker
    person = people.user()
    now = timezone.now()
    factories.deadline(owner=person, at=now - timedelta(days=2), due_at=now + timedelta(hours=12))
    factories.deadline(owner=person, at=now, due_at=now + timedelta(days=30))
    for _ in range(6):
        send_due_reminders.apply_async(queue=queue)
    wait_for(lambda: log.read_text().count("succeeded in") == 6, process, log)
    assert sorted(Reminder.objects.values_list("step", "folded")) == [(1, False), (3, True), (7, True)]
    assert Notification.objects.filter(user=person).count() == 1
    assert send_due_reminders.name in app.tasks
