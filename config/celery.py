"""The task queue. Tasks live in each app's `tasks.py`; the schedule is in the settings."""

import os

from celery import Celery
from celery.signals import heartbeat_sent, worker_shutting_down

from config.heartbeat import beat_for_worker, stop_for_worker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demonstration")

app = Celery("countersign")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

heartbeat_sent.connect(beat_for_worker)
worker_shutting_down.connect(stop_for_worker)
