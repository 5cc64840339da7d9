"""What every test stands on: real PostgreSQL and Valkey, started here when the environment names none."""

import atexit
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psutil
import pytest
import redis
from django.conf import settings
from pytest_django.live_server_helper import LiveServer

from config import services
from config.embedded import Pair
from config.processes import Child

# Examples enough to find a wrong comparison, few enough for two cores; the clock of a busy machine proves nothing.
hypothesis.settings.register_profile("ci", deadline=None, max_examples=60, print_blob=True)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=2000, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

pytest_plugins = ["tests.audit.emptying"]

_children: list[Child] = []


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, in the process that then starts the others; these find them in their environment."""
    if hasattr(config, "workerinput") or services.get_named() is not None:
        return
    place = settings.TEST_PLACE
    folder = place.var.parent
    _remove_leftovers(folder)
    folder.mkdir(mode=0o711)
    # The data is thrown away at the end, so it need not survive a power cut: durable=False.
    _children.extend(Pair(place, durable=False).start())
    atexit.register(_stop, folder)
    os.environ["DATABASE_URL"] = place.addresses.database_url
    os.environ["REDIS_URL"] = place.addresses.redis_url


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop them, also after a failure and after Ctrl-C. (Killed outright, the kernel stops them.)"""
    if _children:
        _stop(settings.TEST_PLACE.var.parent)


def _stop(folder: Path) -> None:
    while _children:
        _children.pop().stop(20)
    shutil.rmtree(folder, ignore_errors=True)


def _remove_leftovers(ours: Path) -> None:
    """Folders of test runs that were killed before they could remove them."""
    for folder in ours.parent.glob("countersign-test-*"):
        number = folder.name.rsplit("-", 1)[-1]
        if number.isdigit() and (folder == ours or not psutil.pid_exists(int(number))):
            shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers and supervised processes first: what takes long must not begin when everything else is over."""
    items.sort(key=lambda item: item.get_closest_marker("journey") is item.get_closest_marker("services") is None)


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test writes into the documents of the demonstration."""
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / "documents"


@pytest.fixture(scope="session")
def live_server(django_db_setup: None, live_server: LiveServer) -> LiveServer:
    """The server of the journeys; its database is made before it, and so removed after it."""
    return live_server


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """This test process's own broker database, empty before and after."""
    with redis.Redis.from_url(settings.REDIS_URL, decode_responses=True) as client:
        client.flushdb()
        yield client
        client.flushdb()
