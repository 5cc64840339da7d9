import pytest

from accounts.permissions import NotPermitted, check_has_role, is_commerce, is_exporter, is_system
from accounts.rules import ROLES_OF, SYSTEM, Refused, Stale, check_role_fits
from accounts.statuses import OrganizationKind, Role


def test_every_role_belongs_to_some_kind_of_organization():
    assert set(Role.values) == set().union(*ROLES_OF.values())
    assert set(OrganizationKind.values) == set(ROLES_OF)


@pytest.mark.parametrize("kind", OrganizationKind.values)
@pytest.mark.parametrize("role", Role.values)
def test_a_role_fits_only_its_own_kinds_of_organization(kind, role):
    if role in ROLES_OF[kind]:
        check_role_fits(role=role, organization_kind=kind, held=frozenset())
    else:
        with pytest.raises(Refused) as refusal:
            check_role_fits(role=role, organization_kind=kind, held=frozenset())
        assert refusal.value.field == "role"
        assert "Choose a role of that kind" in refusal.value.reason


@pytest.mark.parametrize(
    ("role", "held"),
    [("administrator", "licensing_officer"), ("licensing_director", "administrator")],
)
def test_overseeing_and_working_on_cases_are_kept_apart(role, held):
    with pytest.raises(Refused, match="Nobody both oversees and works on cases"):
        check_role_fits(role=role, organization_kind="commerce", held=frozenset({held}))


def test_an_officer_may_also_countersign_for_others():
    check_role_fits(role="countersigner", organization_kind="commerce", held=frozenset({"licensing_officer"}))


def test_the_system_holds_no_role():
    assert is_system(SYSTEM)
    assert not any(SYSTEM.has_role(role) for role in Role.values)
    assert not is_commerce(SYSTEM)
    assert not is_exporter(SYSTEM)
    assert SYSTEM.actor.kind == "system"
    with pytest.raises(NotPermitted, match=r"Only a licensing director may decide a case"):
        check_has_role(SYSTEM, Role.LICENSING_DIRECTOR, to="decide a case")


def test_a_refusal_carries_its_reason_rule_and_field():
    refusal = Stale("Somebody was faster.", rule="case.version", field="version")
    assert isinstance(refusal, Refused)
    assert (str(refusal), refusal.rule, refusal.field) == ("Somebody was faster.", "case.version", "version")
