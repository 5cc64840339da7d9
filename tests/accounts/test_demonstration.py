import pytest
from django.contrib.auth.password_validation import validate_password

from accounts import demonstration
from accounts.models import Organization, User
from accounts.statuses import OrganizationKind, Role
from tests.accounts.factories import AT

pytestmark = pytest.mark.django_db


def test_there_is_somebody_for_every_role_and_loading_again_adds_nobody():
    people = demonstration.create_people(at=AT)
    assert [email for email, _ in demonstration.SIGN_INS] == list(people)
    again = demonstration.create_people(at=AT)
    assert {email: person.pk for email, person in people.items()} == {
        email: person.pk for email, person in again.items()
    }
    assert User.objects.count() == len(people)

    def count(role):
        return User.objects.filter(grants__role=role).count()

    assert count(Role.LICENSING_OFFICER) >= 2
    assert count(Role.COUNTERSIGNER) >= 2
    assert count(Role.LICENSING_DIRECTOR) == 1
    assert count(Role.WAIVER_OFFICIAL) == 2
    assert count(Role.AUDITOR) == 1
    assert count(Role.ADMINISTRATOR) == 1
    for agency in Organization.objects.filter(kind=OrganizationKind.AGENCY):
        assert agency.users.filter(grants__role=Role.AGENCY_REVIEWER).count() == 1
    for exporter in Organization.objects.filter(kind=OrganizationKind.EXPORTER):
        assert exporter.users.filter(grants__role=Role.EXPORTER_ADMIN).exists()
        assert exporter.users.exclude(grants__role=Role.EXPORTER_ADMIN).exists()
    assert all(person.check_password(demonstration.PASSWORD) for person in people.values())


def test_every_organization_is_marked_as_part_of_the_demonstration():
    demonstration.create_people(at=AT)
    for organization in Organization.objects.all():
        assert organization.is_demonstration
        assert organization.name.endswith("(demonstration)")
    assert Organization.objects.filter(kind="exporter", is_us_person=False).get().country == "NO"


def test_the_published_password_would_pass_the_product_s_own_rules():
    assert len(demonstration.PASSWORD) >= 12
    validate_password(demonstration.PASSWORD)
