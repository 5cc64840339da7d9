from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts import operations, selectors
from accounts.models import ApiKey, Organization, RoleGrant, User
from accounts.permissions import NotPermitted, can_manage_accounts, can_manage_api_keys
from accounts.rules import SYSTEM, Refused
from accounts.statuses import OrganizationKind, Role
from audit.models import Entry
from audit.selectors import list_entries
from tests.accounts import factories
from tests.accounts.factories import AT, PASSWORD

pytestmark = pytest.mark.django_db


def verbs(subject):
    return [entry.verb for entry in list_entries(subject).order_by("sequence")]


@pytest.fixture
def administrator():
    return factories.user(Role.ADMINISTRATOR)


@pytest.fixture
def exporter_admin():
    return factories.user(Role.EXPORTER_ADMIN)


class TestCreateOrganization:
    def test_an_administrator_admits_one(self, administrator):
        made = operations.create_organization(
            name=" Acme ", kind="exporter", is_us_person=True, by=administrator, at=AT
        )
        assert (made.name, made.country, made.is_us_person) == ("Acme", "US", True)
        assert verbs(made) == ["organization_created"]
        assert list_entries(made).get().actor_label == administrator.actor.label

    @pytest.mark.parametrize("role", [role for role in Role.values if role != Role.ADMINISTRATOR])
    def test_nobody_else_does(self, role):
        with pytest.raises(NotPermitted, match="Only a administrator|Only an? administrator"):
            operations.create_organization(name="Acme", kind="exporter", by=factories.user(role), at=AT)

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"name": "  "}, "name"),
            ({"name": "TAKEN"}, "name"),
            ({"kind": "bank"}, "kind"),
            ({"country": "USA"[:1]}, "country"),
        ],
    )
    def test_what_cannot_be_is_refused_beside_its_field(self, administrator, fields, field):
        factories.organization(name="Taken")
        with pytest.raises(Refused) as refusal:
            operations.create_organization(**{"name": "Acme", "kind": "exporter"} | fields, by=SYSTEM, at=AT)
        assert refusal.value.field == field

    def test_units_have_a_code_of_their_own(self, administrator):
        commerce = factories.shared_organization("commerce")
        operations.create_unit(organization=commerce, name="Advanced", code="acd", by=administrator, at=AT)
        with pytest.raises(Refused, match="taken"):
            operations.create_unit(organization=commerce, name="Other", code="ACD", by=administrator, at=AT)
        assert [unit.code for unit in selectors.list_units(commerce)] == ["ACD"]


class TestCreateUser:
    def create(self, organization, by, **fields):
        fields = {"email": "New.Person@Test.Example", "name": "New Person"} | fields
        return operations.create_user(organization=organization, by=by, at=AT, **fields)

    def test_an_administrator_opens_an_account_with_roles(self, administrator):
        commerce = factories.shared_organization("commerce")
        unit = factories.unit("ACD")
        person = self.create(commerce, administrator, unit=unit, roles=[Role.LICENSING_OFFICER], password=PASSWORD)
        assert person.email == "new.person@test.example"
        assert person.has_role(Role.LICENSING_OFFICER)
        assert person.check_password(PASSWORD)
        assert verbs(person) == ["person_created", "role_granted"]

    def test_an_exporters_administrator_opens_accounts_of_the_own_organization(self, exporter_admin):
        person = self.create(exporter_admin.organization, exporter_admin, roles=[Role.EXPORTER_MEMBER])
        assert person.organization_id == exporter_admin.organization_id
        assert not person.has_usable_password()

    def test_an_exporters_administrator_opens_none_elsewhere(self, exporter_admin):
        with pytest.raises(NotPermitted, match="same exporter"):
            self.create(factories.organization(), exporter_admin)

    @pytest.mark.parametrize(
        "role", [role for role in Role.values if role not in {Role.ADMINISTRATOR, Role.EXPORTER_ADMIN}]
    )
    def test_nobody_else_opens_an_account(self, role):
        person = factories.user(role)
        assert not can_manage_accounts(person, organization_id=person.organization_id)
        with pytest.raises(NotPermitted):
            self.create(person.organization, person)

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"email": "nobody"}, "email"),
            ({"email": "TAKEN@test.example"}, "email"),
            ({"name": " "}, "name"),
            ({"password": "short"}, "password"),
            ({"roles": ["licensing_officer"]}, "role"),
            ({"roles": ["king"]}, "role"),
        ],
    )
    def test_what_cannot_be_is_refused_and_leaves_nothing(self, administrator, fields, field):
        factories.user(email="taken@test.example")
        organization = factories.organization()
        with pytest.raises(Refused) as refusal:
            self.create(organization, administrator, **fields)
        assert refusal.value.field == field
        assert not User.objects.filter(organization=organization).exists()

    def test_a_unit_of_another_organization_is_refused(self, administrator):
        with pytest.raises(Refused, match="is not a unit of"):
            self.create(factories.organization(), administrator, unit=factories.unit())

    def test_no_password_and_no_hash_reaches_the_journal(self, administrator):
        person = self.create(factories.organization(), administrator, password=PASSWORD)
        operations.change_password(user=person, password="another-long-phrase-9", by=person, at=AT)
        for entry in Entry.objects.all():
            told = f"{entry.says} {entry.data} {entry.actor_label}"
            assert PASSWORD not in told
            assert "another-long-phrase-9" not in told
            assert "argon2" not in told


class TestRoles:
    def test_granting_and_revoking_are_journaled_once(self, administrator):
        person = factories.user(role=None, organization=factories.shared_organization("commerce"))
        assert not person.roles
        operations.grant_role(user=person, role=Role.COUNTERSIGNER, by=administrator, at=AT)
        operations.grant_role(user=person, role=Role.COUNTERSIGNER, by=administrator, at=AT)
        assert person.has_role(Role.COUNTERSIGNER)
        operations.revoke_role(user=person, role=Role.COUNTERSIGNER, by=administrator, at=AT)
        operations.revoke_role(user=person, role=Role.COUNTERSIGNER, by=administrator, at=AT)
        assert not person.has_role(Role.COUNTERSIGNER)
        assert verbs(person) == ["role_granted", "role_revoked"]

    @pytest.mark.parametrize("act", [operations.grant_role, operations.revoke_role])
    def test_nobody_changes_their_own_roles(self, administrator, act):
        factories.user(Role.ADMINISTRATOR)
        with pytest.raises(NotPermitted, match="their own account"):
            act(user=administrator, role=Role.AUDITOR, by=administrator, at=AT)

    @pytest.mark.parametrize("act", [operations.grant_role, operations.revoke_role])
    @pytest.mark.parametrize("role", [Role.LICENSING_DIRECTOR, Role.AUDITOR, Role.EXPORTER_ADMIN])
    def test_others_change_no_roles(self, act, role):
        with pytest.raises(NotPermitted):
            act(user=factories.user(), role=Role.EXPORTER_ADMIN, by=factories.user(role), at=AT)

    def test_an_administrator_does_not_also_work_on_cases(self, administrator):
        officer = factories.user(Role.LICENSING_OFFICER)
        with pytest.raises(Refused, match="kept|Nobody both"):
            operations.grant_role(user=officer, role=Role.ADMINISTRATOR, by=administrator, at=AT)

    def test_the_last_administrator_stays(self, administrator):
        with pytest.raises(Refused, match="last active administrator"):
            operations.revoke_role(user=administrator, role=Role.ADMINISTRATOR, by=SYSTEM, at=AT)
        with pytest.raises(Refused, match="last active administrator"):
            operations.deactivate_user(user=administrator, reason="leaves", by=SYSTEM, at=AT)
        factories.user(Role.ADMINISTRATOR)
        operations.revoke_role(user=administrator, role=Role.ADMINISTRATOR, by=SYSTEM, at=AT)
        assert not RoleGrant.objects.filter(user=administrator).exists()


class TestDeactivation:
    def test_a_closed_account_loses_access_with_its_next_request(self, administrator, client):
        person = factories.user(Role.EXPORTER_MEMBER, password=PASSWORD)
        client.force_login(person)
        assert client.get("/password/").status_code == 200
        operations.deactivate_user(user=person, reason="left the company", by=administrator, at=AT)
        answer = client.get("/password/")
        assert answer.status_code == 302
        assert answer.url.startswith("/sign-in/")
        assert "person_deactivated" in verbs(person)

    def test_a_closed_account_can_be_reopened_with_its_roles(self, administrator):
        person = factories.user(is_active=False)
        operations.reactivate_user(user=person, reason="returned", by=administrator, at=AT)
        person = User.objects.get(pk=person.pk)
        assert person.is_active
        assert person.has_role(Role.EXPORTER_MEMBER)
        assert verbs(person) == ["person_reactivated"]

    def test_it_needs_a_reason_and_an_administrator(self, administrator):
        person = factories.user()
        for act in (operations.deactivate_user, operations.reactivate_user):
            with pytest.raises(Refused, match="Say why"):
                act(user=person, reason=" ", by=administrator, at=AT)
            with pytest.raises(NotPermitted):
                act(user=person, reason="because", by=factories.user(Role.AUDITOR), at=AT)
            with pytest.raises(NotPermitted, match="own account"):
                act(user=administrator, reason="because", by=administrator, at=AT)

    def test_an_inactive_administrator_may_do_nothing(self):
        gone = factories.user(Role.ADMINISTRATOR, is_active=False)
        with pytest.raises(NotPermitted, match="not active"):
            operations.create_organization(name="Acme", kind="exporter", by=gone, at=AT)
        with pytest.raises(NotPermitted, match="not active"):
            operations.grant_role(user=factories.user(), role=Role.EXPORTER_ADMIN, by=gone, at=AT)


class TestPassword:
    def test_only_oneself_changes_a_password(self, administrator):
        person = factories.user(password=PASSWORD)
        with pytest.raises(NotPermitted, match="Only the person themselves"):
            operations.change_password(user=person, password="another-long-phrase-9", by=administrator, at=AT)
        operations.change_password(user=person, password="another-long-phrase-9", by=person, at=AT)
        assert User.objects.get(pk=person.pk).check_password("another-long-phrase-9")
        assert verbs(person) == ["password_changed"]

    def test_a_weak_one_is_refused(self):
        person = factories.user(password=PASSWORD)
        with pytest.raises(Refused, match="too short"):
            operations.change_password(user=person, password="short", by=person, at=AT)


class TestApiKeys:
    def create(self, person, **fields):
        return operations.create_api_key(
            **{"organization": person.organization, "name": "ERP"} | fields, by=person, at=AT
        )

    def test_the_secret_is_shown_once_and_only_its_hash_is_stored(self, exporter_admin):
        key, secret = self.create(exporter_admin)
        marker, prefix, rest = secret.split("_", 2)
        assert (marker, prefix) == ("csk", key.prefix)
        assert len(rest) == 43
        stored = ApiKey.objects.filter(pk=key.pk).values().get()
        assert rest not in str(stored)
        assert selectors.get_api_key(secret, AT) == key
        entry = list_entries(key).get()
        assert entry.verb == "api_key_created"
        assert rest not in f"{entry.says} {entry.data}"

    def test_only_the_own_account_administrator_makes_or_revokes_one(self, exporter_admin):
        key, _ = self.create(exporter_admin)
        others = [factories.user(role) for role in Role.values]
        others.append(factories.user(Role.EXPORTER_MEMBER, organization=exporter_admin.organization))
        for other in others:
            assert not can_manage_api_keys(other, organization_id=exporter_admin.organization_id)
            with pytest.raises(NotPermitted):
                self.create(other, organization=exporter_admin.organization)
            with pytest.raises(NotPermitted):
                operations.revoke_api_key(key=key, by=other, at=AT)
        with pytest.raises(NotPermitted):
            operations.create_api_key(organization=key.organization, name="more", by=key, at=AT)
        with pytest.raises(NotPermitted):
            operations.revoke_api_key(key=key, by=SYSTEM, at=AT)

    def test_a_revoked_key_opens_nothing_any_more(self, exporter_admin):
        key, secret = self.create(exporter_admin)
        operations.revoke_api_key(key=key, by=exporter_admin, at=AT)
        operations.revoke_api_key(key=key, by=exporter_admin, at=AT + timedelta(days=1))
        assert selectors.get_api_key(secret, AT) is None
        assert ApiKey.objects.get(pk=key.pk).revoked_at == AT
        assert not key.is_active
        assert verbs(key) == ["api_key_created", "api_key_revoked"]

    def test_a_key_expires_on_the_instant(self, exporter_admin):
        ends = AT + timedelta(days=30)
        key, secret = self.create(exporter_admin, expires_at=ends)
        assert selectors.get_api_key(secret, ends - timedelta(microseconds=1)) == key
        assert selectors.get_api_key(secret, ends) is None

    @pytest.mark.parametrize(("fields", "field"), [({"name": " "}, "name"), ({"expires_at": AT}, "expires_at")])
    def test_a_key_needs_a_name_and_a_future(self, exporter_admin, fields, field):
        with pytest.raises(Refused) as refusal:
            self.create(exporter_admin, **fields)
        assert refusal.value.field == field

    @pytest.mark.parametrize(
        "wrong",
        ["", "csk", "csk__", "csk_{prefix}_", "csk_{prefix}_wrong", "xyz_{prefix}_{rest}", "csk_\x00_{rest}", "é"],
    )
    def test_a_wrong_secret_opens_nothing(self, exporter_admin, wrong):
        _, secret = self.create(exporter_admin)
        _, prefix, rest = secret.split("_", 2)
        assert selectors.get_api_key(wrong.format(prefix=prefix, rest=rest), AT) is None

    def test_its_use_is_written_once_a_day(self, exporter_admin, django_assert_num_queries):
        key, secret = self.create(exporter_admin)
        with django_assert_num_queries(1):
            found = selectors.get_api_key(secret, AT)
            assert found.organization.name
        with django_assert_num_queries(1):
            operations.note_api_key_use(key=found, at=AT)
        with django_assert_num_queries(0):
            operations.note_api_key_use(key=found, at=AT + timedelta(hours=1))
        assert ApiKey.objects.get(pk=key.pk).last_used_on == AT.date()


class TestCreatePerson:
    def call(self, *arguments):
        call_command(
            "create_person",
            "First@Agency.example",
            "--name=First Administrator",
            "--organization=Office of Oversight",
            *arguments,
        )

    def test_the_first_administrator_is_made_on_the_terminal(self, monkeypatch, capsys):
        monkeypatch.setenv("PASSWORD", PASSWORD)
        self.call("--kind=oversight", "--role=administrator")
        person = selectors.get_user("first@agency.example")
        assert person.has_role(Role.ADMINISTRATOR)
        assert person.check_password(PASSWORD)
        told = capsys.readouterr().out
        assert "administrator at Office of Oversight" in told
        assert PASSWORD not in told

    def test_the_password_is_asked_twice(self, monkeypatch):
        monkeypatch.delenv("PASSWORD", raising=False)
        answers = iter(["one-long-phrase-1", "another-long-phrase-2"])
        monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
        with pytest.raises(CommandError, match="differ"):
            self.call("--kind=oversight")
        assert not Organization.objects.exists()

    def test_a_refusal_leaves_nothing(self, monkeypatch):
        monkeypatch.setenv("PASSWORD", "short")
        with pytest.raises(CommandError, match="too short"):
            self.call("--kind=oversight")
        assert not Organization.objects.exists()

    def test_a_missing_organization_needs_a_kind(self, monkeypatch):
        monkeypatch.setenv("PASSWORD", PASSWORD)
        with pytest.raises(CommandError, match="Give --kind"):
            self.call()


def test_selectors_list_people_by_organization_and_role(django_assert_num_queries):
    organization = factories.organization()
    ann = factories.user(Role.EXPORTER_ADMIN, organization=organization, name="Ann")
    factories.user(Role.EXPORTER_ADMIN, organization=organization, is_active=False)
    factories.user(Role.EXPORTER_ADMIN)
    with django_assert_num_queries(2):
        assert [len(person.roles) for person in selectors.list_users(organization)] == [1, 1]
    assert list(selectors.list_users_with_role(Role.EXPORTER_ADMIN, organization=organization)) == [ann]
    assert selectors.list_organizations(OrganizationKind.EXPORTER).count() == 2
