"""What the database keeps true whoever writes to it."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from registry.models import ChipModel, Hold, OwnershipLink, Party, PartyAlias
from registry.selectors import find_parties
from tests.accounts.factories import organization
from tests.registry import factories
from tests.registry.factories import AT

pytestmark = pytest.mark.django_db


def refused(act, *, match):
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        act()


def test_nobody_owns_more_than_the_whole_or_less_than_something():
    owner, owned = factories.party(), factories.party()
    for percent in ("0", "-5", "100.01"):
        refused(lambda percent=percent: factories.own(owner, owned, percent), match="percent_to_100")


def test_nobody_owns_itself():
    party = factories.party()
    refused(lambda: factories.own(party, party), match="not_of_itself")


def test_ownership_ends_after_it_began():
    owner, owned = factories.party(), factories.party()
    refused(lambda: factories.own(owner, owned, to_on=date(2020, 1, 1)), match="period_in_order")


def test_one_owner_has_one_share_at_a_time_and_periods_may_touch():
    owner, owned = factories.party(), factories.party()
    factories.own(owner, owned, to_on=date(2022, 1, 1))
    factories.own(owner, owned, from_on=date(2022, 1, 1))
    refused(lambda: factories.own(owner, owned, from_on=date(2021, 6, 1)), match="once_at_a_time")


def test_only_one_parent_controls_at_a_time():
    one, two, owned = factories.party(), factories.party(), factories.party()
    factories.own(one, owned, "60", controlling=True)
    factories.own(two, owned, "40")
    link = OwnershipLink.objects.get(owner=two)
    link.is_controlling_parent = True
    refused(link.save, match="one_controlling_parent")


def test_a_party_is_once_in_a_book_and_may_be_in_several():
    mine, theirs = organization(), organization()
    for book in (None, mine, theirs):
        factories.party("Nordlys Compute AS", organization=book)
        refused(lambda book=book: factories.party("NORDLYS compute AS", organization=book), match="once_in_a_book")
    factories.party("Nordlys Compute AS", headquarters=None)
    refused(lambda: factories.party("Nordlys Compute AS", headquarters=None), match="once_in_a_book")


def test_an_alias_is_once_of_a_party():
    party = factories.party()
    PartyAlias.objects.create(party=party, name="NCA")
    refused(lambda: PartyAlias.objects.create(party=party, name="nca"), match="alias_once_of_a_party")


def test_an_installation_is_once_of_an_operator_and_on_earth():
    place = factories.installation("Narvik One")
    refused(lambda: factories.installation("NARVIK one", operator=place.operator), match="once_of_an_operator")
    refused(lambda: factories.installation(latitude=91, longitude=0), match="position_on_earth")
    refused(lambda: factories.installation(latitude=1), match="position_on_earth")


def test_what_is_referred_to_cannot_be_deleted():
    place = factories.installation()
    for row in (place.operator, place.country):
        with pytest.raises(IntegrityError):
            row.delete()


def test_figures_of_a_chip_are_never_edited():
    chip = factories.chip_model()
    refused(lambda: ChipModel.objects.filter(pk=chip.pk).update(tpp=1), match="chip_figures_stay|Cannot update")
    refused(chip.delete, match="chip_figures_stay|Cannot")
    refused(lambda: factories.chip_model("X", key="GB 300"), match="key_normalized")
    refused(lambda: factories.chip_model("X", tpp=0), match="figures_positive")


class TestHold:
    def sql(self, assignment, hold):
        def act():
            with connection.cursor() as cursor:
                cursor.execute(f"UPDATE registry_hold SET {assignment} WHERE id = {hold.pk}")

        return act

    def test_it_can_only_be_lifted_and_only_once(self):
        hold = factories.hold()
        for assignment in (
            "says = 'nothing'",
            "scope_id = '0'",
            "lifter_role = 'auditor'",
            "placed_at = placed_at",
            "lifted_at = now(), lifted_by_label = 'x', lift_reason = 'y', cause = 'other'",
        ):
            refused(self.sql(assignment, hold), match="can only be lifted")
        hold.lifted_at = AT + timedelta(days=1)
        hold.lifted_by_label, hold.lift_reason = "somebody", "cleared"
        hold.save()
        for assignment in ("lift_reason = 'other'", "lifted_at = NULL, lifted_by_label = '', lift_reason = ''"):
            refused(self.sql(assignment, hold), match="can only be lifted")

    def test_lifting_says_who_and_why_and_comes_after_placing(self):
        hold = factories.hold()
        for assignment in (
            "lifted_at = now()",
            "lifted_at = now(), lifted_by_label = 'x'",
            "lifted_at = '2000-01-01', lifted_by_label = 'x', lift_reason = 'y'",
        ):
            refused(self.sql(assignment, hold), match="hold_lifted_by_whom_and_why")

    def test_it_is_never_deleted(self):
        hold = factories.hold()
        refused(hold.delete, match="never deleted")
        assert Hold.objects.filter(pk=hold.pk).exists()

    def test_it_knows_what_it_holds(self):
        refused(lambda: factories.hold(factories.party(), scope_kind="planet"), match="hold_scope_known")


def test_the_name_indexes_answer_a_search():
    parties = Party.objects.bulk_create(Party(name=f"Company {number}", created_at=AT) for number in range(3000))
    PartyAlias.objects.bulk_create(PartyAlias(party=party, name=f"Alias {party.pk}") for party in parties)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE registry_party, registry_partyalias")
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = find_parties("Nordlys Compute", None, every_book=True).explain()
    assert "party_name_trigrams" in plan
    assert "alias_name_trigrams" in plan
