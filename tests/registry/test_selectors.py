from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.rules import SYSTEM
from ledger.operations import draw, open_account, reserve
from ledger.statuses import AccountKind
from registry import selectors
from registry.models import OwnershipLink, Party, PartyAlias
from registry.operations import record_installed
from registry.rules import Counts
from tests.accounts.factories import organization
from tests.registry import factories
from tests.registry.factories import AT, ON

pytestmark = pytest.mark.django_db


def chain(*names):
    """Parties, each owned by the next."""
    parties = [factories.party(name) for name in names]
    for owned, owner in zip(parties, parties[1:], strict=False):
        factories.own(owner, owned)
    return parties


class TestUltimateParent:
    def test_whoever_nobody_owns_is_its_own(self, django_assert_num_queries):
        alone = factories.party()
        with django_assert_num_queries(1):
            assert selectors.get_ultimate_parent(alone, ON) == alone

    def test_it_is_at_the_top_of_the_chain_in_one_query(self, django_assert_num_queries):
        parties = chain("Site", "Regional", "Holding", "Top")
        for party in parties:
            with django_assert_num_queries(1):
                assert selectors.get_ultimate_parent(party, ON) == parties[-1]

    def test_less_than_half_is_not_followed(self):
        owner, owned = factories.party(), factories.party()
        factories.own(owner, owned, "49.99")
        assert selectors.get_ultimate_parent(owned, ON) == owned

    def test_half_is(self):
        owner, owned = factories.party(), factories.party()
        factories.own(owner, owned, "50")
        assert selectors.get_ultimate_parent(owned, ON) == owner

    def test_a_controlling_parent_counts_whatever_the_percentage(self):
        parent, investor, owned = factories.party(), factories.party(), factories.party()
        factories.own(investor, owned, "70")
        factories.own(parent, owned, None, controlling=True)
        assert selectors.get_ultimate_parent(owned, ON) == parent

    def test_of_two_halves_the_one_registered_first_is_followed_and_both_are_listed(self):
        first, second, owned = factories.party("A"), factories.party("B"), factories.party("C")
        factories.own(second, owned, "50")
        factories.own(first, owned, "50")
        assert selectors.get_ultimate_parent(owned, ON) == first
        assert selectors.list_controlling_owners(owned, ON) == [first, second]

    def test_the_day_decides(self):
        old, new, owned = factories.party(), factories.party(), factories.party()
        factories.own(old, owned, to_on=date(2026, 3, 1))
        factories.own(new, owned, from_on=date(2026, 3, 1))
        assert selectors.get_ultimate_parent(owned, date(2019, 12, 31)) == owned
        assert selectors.get_ultimate_parent(owned, date(2026, 2, 28)) == old
        assert selectors.get_ultimate_parent(owned, date(2026, 3, 1)) == new

    def test_a_circle_has_one_answer_wherever_it_is_entered(self):
        first, second, third = factories.party(), factories.party(), factories.party()
        below = factories.party()
        factories.own(second, first, "60")
        factories.own(third, second, "60")
        factories.own(first, third, "60")
        factories.own(third, below)
        for party in (first, second, third, below):
            assert selectors.get_ultimate_parent(party, ON) == first
        assert selectors.list_controlling_owners(first, ON) == sorted([second, third], key=lambda party: party.name)

    def test_a_long_chain_is_still_one_query(self, django_assert_num_queries):
        parties = Party.objects.bulk_create(Party(name=f"Level {n}", created_at=AT) for n in range(200))
        OwnershipLink.objects.bulk_create(
            OwnershipLink(owner=owner, owned=owned, percent=100, from_on=date(2020, 1, 1), source="test")
            for owned, owner in zip(parties, parties[1:], strict=False)
        )
        with django_assert_num_queries(1):
            assert selectors.get_ultimate_parent(parties[0], ON) == parties[-1]


class TestAnyOwnership(TestCase):
    """Against a plain walk in Python, over whatever web of owners there may be."""

    @settings(max_examples=40)
    @given(st.dictionaries(st.integers(0, 6), st.integers(0, 6), max_size=7), st.integers(0, 6))
    def test_the_query_agrees_with_a_walk_by_hand(self, owner_of, start):
        parties = [factories.party() for _ in range(7)]
        owner_of = {owned: owner for owned, owner in owner_of.items() if owned != owner}
        for owned, owner in owner_of.items():
            factories.own(parties[owner], parties[owned])

        def top(number):
            path = [number]
            while path[-1] in owner_of and owner_of[path[-1]] not in path:
                path.append(owner_of[path[-1]])
            if path[-1] not in owner_of:
                return path[-1]
            return min(path[path.index(owner_of[path[-1]]) :])

        assert selectors.get_ultimate_parent(parties[start], ON) == parties[top(start)]
        place = factories.installation(operator=parties[start])
        record_installed(installation=place, model="GB300", units=5, key="k", reason="delivery", by=SYSTEM, at=AT)
        for number, party in enumerate(parties):
            expected = {"GB300": Counts(installed=5)} if top(number) == top(start) else {}
            assert selectors.get_group_counts(party, "NO", ON) == expected


class TestFindParties:
    def names(self, text):
        return [party.name for party in selectors.find_parties(text, None, every_book=True)]

    def test_a_name_is_found_by_a_part_of_it_and_despite_a_slip(self):
        factories.party("Nordlys Compute AS")
        factories.party("Gulf Compute Holding PJSC")
        factories.party("Unrelated Fisheries Ltd")
        assert self.names("nordlys") == ["Nordlys Compute AS"]
        assert self.names("Nordlis Compute")[0] == "Nordlys Compute AS"
        assert set(self.names("compute")) == {"Nordlys Compute AS", "Gulf Compute Holding PJSC"}
        assert self.names("no") == ["Nordlys Compute AS"]
        assert self.names("zzzz") == []
        assert self.names("  ") == []

    def test_another_name_is_found_too_and_the_party_once(self):
        party = factories.party("Nordlys Compute AS")
        PartyAlias.objects.create(party=party, name="Aurora Computing")
        PartyAlias.objects.create(party=party, name="Aurora Data")
        assert self.names("aurora") == ["Nordlys Compute AS"]

    def test_the_best_comes_first(self):
        factories.party("Compute Nordic")
        factories.party("Nordlys Compute AS")
        assert self.names("Nordlys Compute AS")[0] == "Nordlys Compute AS"

    def test_nobody_sees_another_book(self):
        mine, theirs = organization(), organization()
        factories.party("Nordlys Mine", organization=mine)
        factories.party("Nordlys Theirs", organization=theirs)
        factories.party("Nordlys of Commerce")
        assert [party.name for party in selectors.find_parties("nordlys", mine)] == ["Nordlys Mine"]
        assert not selectors.find_parties("nordlys", None)
        assert len(self.names("nordlys")) == 3
        assert [party.name for party in selectors.list_parties_of(mine)] == ["Nordlys Mine"]

    def test_it_is_one_query(self, django_assert_num_queries):
        for number in range(5):
            factories.party(f"Nordlys {number}")
        with django_assert_num_queries(1):
            found = list(selectors.find_parties("nordlys", None, every_book=True))
            assert {party.headquarters.name for party in found} == {"Norway"}


class TestHolds:
    def test_open_ones_of_many_scopes_come_in_one_query(self, django_assert_num_queries):
        party, place, other = factories.party(), factories.installation(), factories.party()
        country = factories.country("SA")
        holds = {factories.hold(scope).pk for scope in (party, place, country)}
        factories.hold(other)
        lifted = factories.hold(party, lifted_at=AT, lifted_by_label="somebody", lift_reason="cleared")
        with django_assert_num_queries(1):
            found = selectors.list_holds([party, place, ("country", "SA"), ("license", 7)])
            assert {hold.pk for hold in found} == holds
        assert lifted in selectors.list_holds([party], lifted=True)
        assert selectors.list_holds().count() == 4

    def test_no_scopes_no_holds(self, django_assert_num_queries):
        factories.hold()
        with django_assert_num_queries(0):
            assert list(selectors.list_holds([])) == []

    def test_what_cannot_be_held_is_an_error(self):
        with pytest.raises(ValueError, match="planet"):
            selectors.list_holds([("planet", 1)])


def order(place, model, *, pending=0, licensed=0):
    account = open_account(
        kind=AccountKind.INSTALLATION_ORDERS,
        subject=place,
        item=model,
        unit="chips",
        ceiling=None,
        key="open",
        reason="test",
        by=SYSTEM,
        at=AT,
    )
    for act, units in ((reserve, pending), (draw, licensed)):
        if units:
            act(account=account, units=units, key=act.__name__, reason="test", by=SYSTEM, at=AT)


def install(place, model, units):
    record_installed(installation=place, model=model, units=units, key=f"{units}", reason="delivery", by=SYSTEM, at=AT)


class TestCounts:
    def test_installed_licensed_and_pending_by_model_in_two_queries(self, django_assert_num_queries):
        place = factories.installation()
        install(place, "GB300", 10)
        install(place, "H100", 3)
        order(place, "GB300", pending=4, licensed=5)
        order(place, "MI300X", pending=1)
        order(place, "A100")
        with django_assert_num_queries(2):
            assert selectors.get_chip_counts(place) == {
                "GB300": Counts(installed=10, licensed=5, pending=4),
                "H100": Counts(installed=3),
                "MI300X": Counts(pending=1),
            }
        assert selectors.get_chip_counts(factories.installation()) == {}

    def test_a_group_counts_its_places_in_the_country_but_this_one(self, django_assert_num_queries):
        site, regional, top = chain("Site", "Regional", "Top")
        sister = factories.party("Sister")
        factories.own(top, sister, "51")
        stranger = factories.party("Stranger")
        factories.own(top, stranger, "10")
        here = factories.installation(operator=site)
        places = {
            here: 1000,
            factories.installation(operator=site): 1,
            factories.installation(operator=regional): 2,
            factories.installation(operator=sister): 4,
            factories.installation(operator=top): 8,
            factories.installation(operator=stranger): 16,
            factories.installation(operator=sister, country="SE"): 32,
        }
        for place, units in places.items():
            install(place, "GB300", units)
        order(here, "GB300", pending=500)
        for party in (site, regional, sister, top):
            with django_assert_num_queries(4):
                counts = selectors.get_group_counts(party, "NO", ON, exclude_installation=here)
            assert counts == {"GB300": Counts(installed=15)}
        assert selectors.get_group_counts(site, factories.country("NO"), ON) == {
            "GB300": Counts(installed=1015, pending=500)
        }
        assert selectors.get_group_counts(stranger, "NO", ON) == {"GB300": Counts(installed=16)}

    def test_a_group_of_yesterday_counts_as_it_was(self):
        old, new, site = factories.party(), factories.party(), factories.party()
        factories.own(old, site, to_on=date(2026, 3, 1))
        factories.own(new, site, from_on=date(2026, 3, 1))
        install(factories.installation(operator=site), "GB300", 7)
        assert selectors.get_group_counts(old, "NO", date(2026, 2, 1))["GB300"].installed == 7
        assert selectors.get_group_counts(old, "NO", date(2026, 3, 1)) == {}
        assert selectors.get_group_counts(new, "NO", date(2026, 3, 1))["GB300"].installed == 7


class TestChipModels:
    def test_figures_are_those_known_on_the_day(self):
        early = factories.chip_model("GB300", from_on=date(2026, 1, 1), tpp=50000)
        late = factories.chip_model("GB300", from_on=date(2026, 6, 1), tpp=56000)
        assert selectors.get_chip_model("gb 300", date(2025, 1, 1)) == early
        assert selectors.get_chip_model("GB300", date(2026, 5, 31)) == early
        assert selectors.get_chip_model("GB300", date(2026, 6, 1)) == late
        assert selectors.get_chip_model("GB999", ON) is None
        assert list(selectors.list_chip_models(date(2026, 6, 1))) == [late]

    def test_nobody_lists_another_book_s_installations(self):
        mine, theirs = organization(), organization()
        own = factories.installation(operator=factories.party(organization=mine))
        factories.installation(operator=factories.party(organization=theirs))
        factories.installation()
        assert list(selectors.list_installations_of(mine)) == [own]
