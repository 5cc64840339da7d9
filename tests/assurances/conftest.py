"""The officers, with countries and an edition to act under, and a browser for each of them."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests.assurances import factories as make


@pytest.fixture
def who(db) -> make.Officers:
    make.load_rules()
    return make.Officers()


@pytest.fixture
def enter() -> Callable[[User], Client]:
    """A signed-in browser of a person, with nothing remembered of them from before."""

    def signed_in(person: User) -> Client:
        client = Client()
        client.force_login(User.objects.get(pk=person.pk))
        return client

    return signed_in
