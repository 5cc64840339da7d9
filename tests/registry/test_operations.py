from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from accounts.permissions import NotPermitted
from accounts.rules import SYSTEM, Refused, Stale
from accounts.statuses import Role
from audit.selectors import list_entries
from ledger.rules import KeyUsed
from registry import operations, permissions, selectors
from registry.models import ChipModel, Country, Hold, Installation, OwnershipLink, Party
from rulebook.rules import compile_catalogue
from tests.accounts.factories import api_key, organization, user
from tests.registry import factories
from tests.registry.factories import AT

pytestmark = pytest.mark.django_db

COMMERCE = [Role.LICENSING_OFFICER, Role.COUNTERSIGNER, Role.LICENSING_DIRECTOR, Role.WAIVER_OFFICIAL]
OUTSIDE = [Role.AGENCY_REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR, None]


def verbs(subject):
    return [entry.verb for entry in list_entries(subject).order_by("sequence")]


@pytest.fixture(autouse=True)
def _countries():
    for code in ("NO", "SA", "RU"):
        factories.country(code)


@pytest.fixture
def member():
    return user(Role.EXPORTER_MEMBER)


@pytest.fixture
def officer():
    return user(Role.LICENSING_OFFICER)


class TestRegisterParty:
    def register(self, by, **fields):
        return operations.register_party(**{"name": "Nordlys  Compute AS", "headquarters": "NO"} | fields, by=by, at=AT)

    def test_a_member_enters_one_in_the_own_book(self, member):
        party = self.register(
            member,
            organization=member.organization,
            address={"line": "Storgata 1", "city": "Narvik", "country": "no", "postal_code": "8514"},
            aliases=["NCA", "nca", " ", "NORDLYS COMPUTE as"],
        )
        assert party.name == "Nordlys Compute AS"
        assert party.addresses.get().country_id == "NO"
        assert [alias.name for alias in party.aliases.all()] == ["nca"]
        assert verbs(party) == ["party_registered"]

    def test_a_key_enters_one_in_the_book_of_its_exporter(self):
        key, _ = api_key()
        assert self.register(key, organization=key.organization).organization_id == key.organization_id

    def test_an_exporter_writes_in_no_other_book(self, member):
        for book in (None, organization()):
            with pytest.raises(NotPermitted, match="your own organization's book only"):
                self.register(member, organization=book)
        assert not Party.objects.exists()

    @pytest.mark.parametrize("role", COMMERCE)
    def test_commerce_enters_them_in_its_own_book(self, role):
        assert self.register(user(role)).organization is None

    @pytest.mark.parametrize("role", OUTSIDE)
    def test_others_enter_none(self, role):
        person = user(role)
        assert not permissions.can_register(person, organization_id=None)
        with pytest.raises(NotPermitted):
            self.register(person)
        with pytest.raises(NotPermitted):
            self.register(person, organization=person.organization)

    def test_who_is_inactive_enters_none(self):
        gone = user(is_active=False)
        with pytest.raises(NotPermitted, match="not active"):
            self.register(gone, organization=gone.organization)

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"name": " "}, "name"),
            ({"headquarters": "XX"}, "headquarters"),
            ({"kind": "ghost"}, "kind"),
            ({"address": {"line": "", "city": "Narvik", "country": "NO"}}, "line"),
            ({"address": {"line": "Storgata 1", "city": "Narvik", "country": "XX"}}, "country"),
            ({"address": {"planet": "Mars"}}, "address"),
            ({"name": "TAKEN as"}, "name"),
        ],
    )
    def test_what_cannot_be_is_refused_and_leaves_nothing(self, officer, fields, field):
        factories.party("Taken AS")
        with pytest.raises(Refused) as refusal:
            self.register(officer, **fields)
        assert refusal.value.field == field
        assert Party.objects.count() == 1

    def test_headquarters_may_be_unknown(self, officer):
        party = self.register(officer, headquarters=None)
        assert party.headquarters is None
        assert "not known" in list_entries(party).get().says


class TestRegisterInstallation:
    def register(self, by, operator, **fields):
        fields = {"name": "Narvik One", "city": "Narvik", "country": "NO"} | fields
        return operations.register_installation(operator=operator, by=by, at=AT, **fields)

    def test_an_exporter_registers_one_of_a_party_in_its_book(self, member):
        operator = factories.party(organization=member.organization)
        place = self.register(member, operator, latitude=Decimal("68.4"), longitude=Decimal("17.4"))
        assert verbs(place) == ["installation_registered"]

    def test_an_exporter_registers_none_of_another_s_party(self, member):
        for book in (None, organization()):
            with pytest.raises(NotPermitted, match="your own organization's book"):
                self.register(member, factories.party(organization=book))

    @pytest.mark.parametrize("role", OUTSIDE)
    def test_others_register_none(self, role):
        with pytest.raises(NotPermitted):
            self.register(user(role), factories.party())

    @pytest.mark.parametrize("role", COMMERCE)
    def test_commerce_registers_any(self, role):
        self.register(user(role), factories.party(organization=organization()))

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"name": ""}, "name"),
            ({"city": " "}, "city"),
            ({"country": "ZZ"}, "country"),
            ({"kind": "boat"}, "kind"),
            ({"latitude": Decimal(1)}, "longitude"),
            ({"longitude": Decimal(1)}, "latitude"),
            ({"latitude": Decimal(91), "longitude": Decimal(0)}, "latitude"),
        ],
    )
    def test_what_cannot_be_is_refused_beside_its_field(self, officer, fields, field):
        with pytest.raises(Refused) as refusal:
            self.register(officer, factories.party(), **fields)
        assert refusal.value.field == field
        assert not Installation.objects.exists()

    def test_the_same_place_is_not_registered_twice(self, officer):
        operator = factories.party()
        self.register(officer, operator)
        with pytest.raises(Refused, match="counted once"):
            self.register(officer, operator, name="NARVIK ONE")


class TestOwnership:
    def link(self, by, owner, owned, percent="60", **fields):
        fields = {"from_on": date(2024, 1, 1), "source": "company register"} | fields
        return operations.link_owner(
            owner=owner,
            owned=owned,
            percent=None if percent is None else Decimal(percent),
            by=by,
            at=AT,
            **fields,
        )

    def test_an_exporter_says_who_owns_a_party_of_its_book(self, member):
        owned = factories.party("Site AS", organization=member.organization)
        owner = factories.party("Top Ltd", headquarters="SA", organization=member.organization)
        self.link(member, owner, owned)
        assert selectors.get_ultimate_parent(owned, AT.date()) == owner
        entry = list_entries(owned).get()
        assert entry.verb == "owner_linked"
        assert entry.says == "Top Ltd owns 60 percent of Site AS from 2024-01-01 on (company register)."

    def test_an_exporter_says_nothing_about_parties_of_other_books(self, member):
        theirs = factories.party(organization=organization())
        mine = factories.party(organization=member.organization)
        of_commerce = factories.party()
        for owner, owned in ((mine, of_commerce), (of_commerce, mine), (mine, theirs), (theirs, mine)):
            with pytest.raises(NotPermitted):
                self.link(member, owner, owned)
        assert not OwnershipLink.objects.exists()

    @pytest.mark.parametrize("role", OUTSIDE[:3])
    def test_others_say_nothing(self, role):
        with pytest.raises(NotPermitted):
            self.link(user(role), factories.party(), factories.party())

    def test_shares_that_cannot_be_are_refused(self, officer):
        owner, owned = factories.party(), factories.party()
        with pytest.raises(Refused, match="Say where this is known from"):
            self.link(officer, owner, owned, source=" ")
        with pytest.raises(Refused, match="cannot own itself"):
            self.link(officer, owned, owned)
        self.link(officer, owner, owned)
        with pytest.raises(Refused, match="come to 101 percent"):
            self.link(officer, factories.party(), owned, "41")
        self.link(officer, factories.party(), owned, None, is_controlling_parent=True)

    def test_a_share_ends_once_and_after_it_began(self, officer, member):
        owner, owned = factories.party(), factories.party()
        link = self.link(officer, owner, owned)
        with pytest.raises(NotPermitted):
            operations.end_ownership(link=link, to_on=date(2025, 1, 1), by=member, at=AT)
        with pytest.raises(Refused, match="must come after"):
            operations.end_ownership(link=link, to_on=date(2024, 1, 1), by=officer, at=AT)
        operations.end_ownership(link=link, to_on=date(2025, 1, 1), by=officer, at=AT)
        with pytest.raises(Refused, match="already entered as ended on 2025-01-01"):
            operations.end_ownership(link=link, to_on=date(2025, 2, 1), by=officer, at=AT)
        assert selectors.get_ultimate_parent(owned, AT.date()) == owned
        assert verbs(owned) == ["owner_linked", "ownership_ended"]


class TestHolds:
    def place(self, by, scope, **fields):
        fields = {
            "cause": "visit_finding",
            "says": "The visit found 40 chips fewer. A second count would end this.",
            "lifter_role": Role.LICENSING_DIRECTOR,
        } | fields
        return operations.place_hold(scope=scope, by=by, at=AT, **fields)

    @pytest.mark.parametrize("by", [Role.LICENSING_OFFICER, Role.COUNTERSIGNER, Role.LICENSING_DIRECTOR, "system"])
    def test_officers_and_the_system_place_them(self, by):
        place = factories.installation()
        hold = self.place(SYSTEM if by == "system" else user(by), place)
        assert list(selectors.list_holds([place])) == [hold]
        assert verbs(place) == ["hold_placed"]

    @pytest.mark.parametrize(
        "role",
        [Role.EXPORTER_ADMIN, Role.EXPORTER_MEMBER, Role.WAIVER_OFFICIAL, *OUTSIDE],
    )
    def test_others_place_none(self, role):
        person = user(role)
        assert not permissions.can_place_hold(person)
        with pytest.raises(NotPermitted):
            self.place(person, factories.party())
        assert not Hold.objects.exists()

    def test_a_country_or_a_license_is_held_too(self, officer):
        self.place(officer, ("country", "SA"))
        self.place(officer, ("license", 12))
        assert verbs(Country.objects.get(pk="SA")) == ["hold_placed"]
        assert verbs(("licensing.license", "12")) == ["hold_placed"]

    @pytest.mark.parametrize(
        ("fields", "field"),
        [({"cause": "mood"}, "cause"), ({"says": " "}, "says"), ({"lifter_role": Role.EXPORTER_ADMIN}, "lifter_role")],
    )
    def test_what_cannot_be_is_refused_beside_its_field(self, officer, fields, field):
        with pytest.raises(Refused) as refusal:
            self.place(officer, factories.party(), **fields)
        assert refusal.value.field == field

    def test_whoever_has_the_named_role_lifts_it_once(self, officer):
        party = factories.party()
        hold = self.place(officer, party)
        director = user(Role.LICENSING_DIRECTOR)
        later = AT + timedelta(days=2)
        assert permissions.can_lift_hold(director, hold=hold)
        lifted = operations.lift_hold(hold=hold, reason="Second count complete.", by=director, at=later)
        assert (lifted.lifted_at, lifted.lifted_by_label) == (later, director.actor.label)
        assert not permissions.can_lift_hold(director, hold=lifted)
        assert not selectors.list_holds([party]).exists()
        assert verbs(party) == ["hold_placed", "hold_lifted"]
        with pytest.raises(Stale, match="lifted this hold already"):
            operations.lift_hold(hold=hold, reason="again", by=director, at=later)

    def test_nobody_else_lifts_it(self, officer):
        hold = self.place(officer, factories.party())
        for by in [officer, SYSTEM, *(user(role) for role in Role.values if role != Role.LICENSING_DIRECTOR)]:
            assert not permissions.can_lift_hold(by, hold=hold)
            with pytest.raises(NotPermitted, match="Only a licensing director may lift this hold"):
                operations.lift_hold(hold=hold, reason="because", by=by, at=AT)

    def test_lifting_needs_a_reason_and_time(self, officer):
        hold = self.place(officer, factories.party(), lifter_role=Role.LICENSING_OFFICER)
        with pytest.raises(Refused, match="Say why"):
            operations.lift_hold(hold=hold, reason=" ", by=officer, at=AT)
        with pytest.raises(Refused, match="before it was placed"):
            operations.lift_hold(hold=hold, reason="x", by=officer, at=AT - timedelta(days=1))


class TestRecordInstalled:
    def install(self, by, place, units=10, key="delivery-1", model="GB300"):
        return operations.record_installed(
            installation=place, model=model, units=units, key=key, reason="delivered", by=by, at=AT
        )

    def test_the_same_delivery_counts_once_and_is_journaled_once(self, officer):
        place = factories.installation()
        first = self.install(officer, place)
        assert self.install(officer, place).pk == first.pk
        self.install(officer, place, 5, "delivery-2")
        assert selectors.get_chip_counts(place)["GB300"].installed == 15
        assert verbs(place) == ["chips_installed"] * 2
        assert list_entries(place).order_by("sequence").last().data["installed"] == 15

    def test_the_same_key_for_another_count_is_refused(self, officer):
        place = factories.installation()
        self.install(officer, place)
        with pytest.raises(KeyUsed):
            self.install(officer, place, 11)
        assert selectors.get_chip_counts(place)["GB300"].installed == 10

    def test_a_known_model_is_counted_under_its_catalogue_name(self, officer):
        factories.chip_model("GB300")
        place = factories.installation()
        self.install(officer, place, model="gb 300")
        self.install(officer, place, 1, "other", model=" My  Own Chip ")
        assert set(selectors.get_chip_counts(place)) == {"GB300", "My Own Chip"}

    def test_an_exporter_counts_where_it_delivers(self, member):
        key, _ = api_key(organization=member.organization)
        mine = factories.installation(operator=factories.party(organization=member.organization))
        for place in (mine, factories.installation()):
            for number, by in enumerate((member, key)):
                self.install(by, place, key=f"k{number}")
        theirs = factories.installation(operator=factories.party(organization=organization()))
        with pytest.raises(NotPermitted):
            self.install(member, theirs)

    @pytest.mark.parametrize("role", OUTSIDE[:3])
    def test_others_count_nothing(self, role):
        with pytest.raises(NotPermitted):
            self.install(user(role), factories.installation())

    @pytest.mark.parametrize(("units", "model"), [(0, "GB300"), (-1, "GB300"), (1, "  ")])
    def test_nothing_and_namelessness_are_refused(self, officer, units, model):
        place = factories.installation()
        with pytest.raises(Refused):
            self.install(officer, place, units, model=model)
        assert verbs(place) == []


class TestLoadReference:
    def catalogue(self, *, tpp=56000, norway="Norway"):
        return compile_catalogue(
            chips_text=f"""
as_of: 2026-01-01
source: test
chips:
  - name: "GB300"
    maker: NVIDIA
    as_of: 2026-01-01
    confidence: high
    source: test
    tpp: {{value: {tpp}, source: test}}
    memory_bandwidth_gbs: {{value: 7700, source: test}}
""",
            countries_text=f"""
as_of: 2026-01-01
source: test
countries:
  - {{alpha2: "NO", alpha3: "NOR", numeric: "578", name: "{norway}"}}
""",
        )

    def load(self, **figures):
        return operations.load_reference(by=SYSTEM, at=AT, catalogue=self.catalogue(**figures))

    def test_again_changes_nothing(self):
        assert self.load() == operations.Loaded(countries=0, chip_models=1)
        assert self.load() == operations.Loaded(countries=0, chip_models=0)
        assert verbs(("registry.catalogue", "reference")) == ["reference_loaded"]

    def test_a_changed_figure_is_a_new_row_of_that_day(self):
        self.load()
        self.load(tpp=61120.5)
        rows = ChipModel.objects.order_by("from_on")
        assert [(row.from_on, row.tpp) for row in rows] == [
            (date(2026, 1, 1), 56000),
            (AT.date(), Decimal("61120.5")),
        ]
        assert selectors.get_chip_model("GB300", date(2026, 2, 1)).tpp == 56000
        self.load(tpp=60000)
        assert ChipModel.objects.order_by("from_on").last().from_on == AT.date() + timedelta(days=1)

    def test_a_renamed_country_is_renamed(self):
        assert self.load(norway="Kingdom of Norway").countries == 1
        assert Country.objects.get(pk="NO").name == "Kingdom of Norway"

    def test_only_the_system_and_administrators_load(self):
        operations.load_reference(by=user(Role.ADMINISTRATOR), at=AT, catalogue=self.catalogue())
        for role in Role.values:
            if role != Role.ADMINISTRATOR:
                with pytest.raises(NotPermitted):
                    operations.load_reference(by=user(role), at=AT, catalogue=self.catalogue())

    def test_the_command_loads_everything_once(self, capsys):
        call_command("load_reference")
        assert Country.objects.count() >= 249
        assert ChipModel.objects.filter(key="gb300").exists()
        capsys.readouterr()
        call_command("load_reference")
        assert capsys.readouterr().out == "Loaded 0 countries, 0 chip models, 0 holidays.\n"
