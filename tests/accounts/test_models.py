import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction

from accounts.models import Organization, User
from accounts.statuses import OrganizationKind, Role
from tests.accounts import factories

pytestmark = pytest.mark.django_db


def test_one_address_is_one_account_in_any_case():
    factories.user(email="ada@test.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.user(email="ada@test.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.user(email="Ada@Test.Example")
    found = get_user_model().objects.get_by_natural_key(" ADA@test.EXAMPLE ")
    assert found.email == "ada@test.example"


def test_the_database_knows_every_role_kind_and_country():
    organization = factories.organization()
    for column, value in (("kind", "'bank'"), ("country", "'us'"), ("country", "'U1'")):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE accounts_organization SET {column} = {value} WHERE id = {organization.pk}")
    grant = factories.user().grants.get()
    grant.role = "king"
    with pytest.raises(IntegrityError, match="role_known"), transaction.atomic():
        grant.save()


def test_a_person_comes_with_organization_and_roles_in_two_queries(django_assert_num_queries):
    person = factories.user(Role.LICENSING_OFFICER, roles=(Role.COUNTERSIGNER,))
    with django_assert_num_queries(2):
        loaded = User.objects.get(pk=person.pk)
        assert loaded.roles == {"licensing_officer", "countersigner"}
        assert loaded.has_role(Role.COUNTERSIGNER)
        assert not loaded.has_role(Role.AUDITOR)
        assert loaded.actor.label == f"{person.name}, Department of Commerce (test)"
        assert (loaded.actor.kind, loaded.actor.id) == ("user", str(person.pk))


def test_the_journal_has_room_for_the_longest_names():
    organization = factories.organization(name="O" * 200)
    person = factories.user(organization=organization, name="P" * 150)
    key, _ = factories.api_key(organization=organization, name="K" * 100)
    assert len(person.actor.label) == 300
    assert len(key.actor.label) == 300


@pytest.mark.parametrize("role", Role.values)
def test_only_oversight_enters_the_reading_room_and_only_to_read(role):
    person = factories.user(role)
    reads = role in {Role.AUDITOR, Role.ADMINISTRATOR}
    assert person.is_staff is reads
    assert person.has_module_perms("licensing") is reads
    assert person.has_perm("licensing.view_case") is reads
    assert person.has_perms(["licensing.view_case"]) is reads
    assert not person.is_superuser
    for change in ("add", "change", "delete"):
        assert not person.has_perm(f"licensing.{change}_case")


def test_an_inactive_auditor_reads_nothing():
    person = factories.user(Role.AUDITOR, is_active=False)
    assert not person.is_staff
    assert not person.has_perm("audit.view_entry")


def test_a_key_acts_as_a_member_of_its_exporter():
    key, _ = factories.api_key()
    assert key.has_role(Role.EXPORTER_MEMBER)
    assert not key.has_role(Role.EXPORTER_ADMIN)
    assert key.is_active
    assert key.actor.kind == "api_key"
    assert key.organization_id == key.created_by.organization_id


def test_factories_give_each_role_an_organization_of_its_kind():
    assert factories.user(Role.AGENCY_REVIEWER).organization.kind == OrganizationKind.AGENCY
    assert factories.user(Role.ADMINISTRATOR).organization.kind == OrganizationKind.OVERSIGHT
    assert factories.user(role=None).roles == frozenset()
    assert Organization.objects.filter(kind=OrganizationKind.COMMERCE).count() == 0
    assert factories.unit().organization.kind == OrganizationKind.COMMERCE
