"""One world for all tests of the reading room: making it takes seconds, reading it changes nothing in it."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from tests.oversight.factories import World, world


@pytest.fixture(scope="package")
def _made(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The world, in a transaction around all these tests that is taken back at the end.

    Its files lie where every test looks for them (tests/conftest.py).
    """
    documents = tmp_path_factory.getbasetemp() / "documents"
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=documents), transaction.atomic():
        yield world()
        transaction.set_rollback(True)


@pytest.fixture
def made(_made: World, db: None) -> World:
    """The world."""
    return _made
