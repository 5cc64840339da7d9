"""Everybody whom a commitment meets, under an edition that operates."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests.investments import factories as make


@pytest.fixture
def who(db) -> make.People:
    make.load_rules()
    return make.People()


@pytest.fixture
def enter() -> Callable[[User], Client]:
    """A signed-in browser of a person, with nothing remembered of them from before."""

    def signed_in(person: User) -> Client:
        client = Client()
        client.force_login(User.objects.get(pk=person.pk))
        return client

    return signed_in
