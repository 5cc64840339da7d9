"""What a watching machine is told about the service."""

import socket
import time

import pytest
from django.conf import settings
from django.db import connections

from config import heartbeat
from config.celery import app
from config.heartbeat import BEAT, TOO_OLD, WORKER, HeartbeatScheduler, Pulse, get_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def alive(broker):
    """Worker and scheduler gave a sign of life just now."""
    Pulse(WORKER).beat()
    Pulse(BEAT).beat()
    return broker


def test_healthz_answers_without_asking_anything(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.content == b"ok\n"


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_a_machine_that_knows_no_host_name_and_no_https_is_answered(client, settings, alive, address):
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get(address, headers={"host": "10.1.2.3:8000"})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_nothing_can_be_sent_to_them(client):
    assert client.post("/healthz").status_code == 405


def test_ready_when_everything_is_there(client, alive):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    told = answer.json()
    assert told["ready"] is True
    assert told["database"] == told["broker"] == {"ok": True}
    assert 0 <= told["worker"]["age_seconds"] < 5
    assert 0 <= told["beat"]["age_seconds"] < 5


@pytest.mark.parametrize(("who", "word"), [(WORKER, "worker"), (BEAT, "scheduler")])
def test_not_ready_without_a_sign_of_life(client, alive, who, word):
    alive.delete(get_key(who))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert answer.json()[who]["says"] == f"The {word} gives no sign of life."


def test_not_ready_when_the_last_sign_is_old(client, alive):
    alive.set(get_key(WORKER), time.time() - TOO_OLD - 10)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["worker"]["age_seconds"] == pytest.approx(TOO_OLD + 10, abs=2)


def test_not_ready_and_quick_without_a_broker(client, settings):
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    began = time.monotonic()
    answer = client.get("/readyz")
    assert time.monotonic() - began < 2.5
    assert answer.status_code == 503
    assert answer.json()["broker"]["ok"] is False
    assert answer.json()["database"]["ok"] is True


def test_not_ready_and_quick_when_the_database_goes_silent(client, alive, monkeypatch):
    # A server that takes the connection and then says nothing.
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        silent_one = {"host": "127.0.0.1", "port": silent.getsockname()[1], "dbname": "x", "user": "x"}
        monkeypatch.setattr(connections["default"], "get_connection_params", lambda: silent_one)
        began = time.monotonic()
        answer = client.get("/readyz")
        assert time.monotonic() - began < 2.5
    assert answer.status_code == 503
    assert answer.json()["database"]["ok"] is False
    assert answer.json()["broker"]["ok"] is True


def test_a_sign_of_life_is_written_at_most_every_few_seconds(broker):
    pulse = Pulse(WORKER)
    pulse.beat()
    broker.delete(pulse.key)
    pulse.beat()
    assert broker.get(pulse.key) is None
    pulse.last -= heartbeat.PAUSE
    pulse.beat()
    assert broker.get(pulse.key) is not None
    assert 0 < broker.ttl(pulse.key) <= 4 * TOO_OLD


def test_an_orderly_end_takes_the_sign_away(broker):
    pulse = Pulse(BEAT)
    pulse.beat()
    pulse.stop()
    assert broker.get(pulse.key) is None


def test_a_broker_that_is_away_fails_nothing_but_the_sign(settings, caplog):
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    Pulse(WORKER).beat()
    assert "could not write countersign:heartbeat:worker" in caplog.text


def test_the_scheduler_gives_a_sign_at_each_look_and_never_sleeps_long(broker, tmp_path):
    scheduler = HeartbeatScheduler(app=app, schedule_filename=str(tmp_path / "schedule"), lazy=True)
    scheduler.setup_schedule()
    scheduler.schedule.clear()
    scheduler.pulse.beat()
    assert scheduler.tick() <= heartbeat.PAUSE
    assert broker.get(get_key(BEAT)) is not None
    scheduler.close()
    assert broker.get(get_key(BEAT)) is None


def test_the_schedule_names_tasks_that_exist():
    app.loader.import_default_modules()
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        assert entry["task"] in app.tasks, name
