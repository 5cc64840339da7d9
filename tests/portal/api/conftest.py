"""Rules, people and a program for every test of the API; the rules operate now, because the API reads the clock."""

import pytest
from django.utils import timezone

from tests.licensing import factories as make
from tests.portal.api.calling import Program, program


@pytest.fixture
def who(db: None) -> make.People:
    """Everybody whom a case meets."""
    make.load_rules(at=timezone.now())
    return make.people()


@pytest.fixture
def exporter(who: make.People) -> Program:
    """A program of the applicant's own organization."""
    return program(who.organization)


@pytest.fixture
def stranger(who: make.People) -> Program:
    """A program of another exporter."""
    return program()
