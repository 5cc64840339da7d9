"""Parties, places, chips and holds in the reading room."""

from django.contrib import admin

from audit.reading import Cell, ReadOnlyAdmin, Section, get_subject_url
from registry.models import (
    ChipModel,
    Country,
    Ground,
    Hold,
    Installation,
    OwnershipLink,
    Party,
    PartyAddress,
    PartyAlias,
    Reliance,
)
from registry.statuses import HoldScope


def _held(kind: str) -> Section:
    return Section(
        "registry.hold",
        title="Holds",
        without=("subject",),
        subjects=lambda row: [(kind, str(row.pk))],
    )


@admin.register(Country)
class CountryAdmin(ReadOnlyAdmin):
    says = "A country or area of ISO 3166-1."
    list_display = ("name", "alpha2", "alpha3", "numeric")
    search_fields = ("name", "=alpha2", "=alpha3")
    search_help_text = "A name or a code"
    sections = (
        Section("registry.installation", by="country", without=("country",)),
        Section("licensing.case", by="destination", title="Cases with this destination", without=("destination",)),
        Section("ledger.account", title="Ledger accounts", without=("subject",)),
        _held(HoldScope.COUNTRY),
    )


@admin.register(Party)
class PartyAdmin(ReadOnlyAdmin):
    says = "A company, government, person or fund that buys, receives, uses or owns."
    list_display = ("name", "kind", "headquarters", "organization", "created_at")
    list_select_related = ("headquarters", "organization")
    list_filter = ("kind",)
    search_fields = ("name", "aliases__name")
    search_help_text = "A name or another name"
    sections = (
        Section("registry.partyaddress", by="party", title="Addresses", without=("party",)),
        Section("registry.partyalias", by="party", title="Other names", without=("party",)),
        Section("registry.ownershiplink", by="owned", title="Owners", without=("owned",)),
        Section("registry.ownershiplink", by="owner", title="Holdings", without=("owner",)),
        Section("registry.installation", by="operator", without=("operator",)),
        Section("licensing.applicationparty", by="party", title="Named in applications", without=("party",)),
        _held(HoldScope.PARTY),
    )


@admin.register(PartyAddress)
class PartyAddressAdmin(ReadOnlyAdmin):
    title = "Addresses of parties"
    says = "Where a party is found."
    list_display = ("party", "line", "city", "region", "postal_code", "country")
    list_select_related = ("party", "country")
    search_fields = ("party__name", "line", "city")
    search_help_text = "A party, a street or a city"


@admin.register(PartyAlias)
class PartyAliasAdmin(ReadOnlyAdmin):
    title = "Other names of parties"
    says = "Another name of a party: a former one, a trade name, a transliteration."
    list_display = ("name", "party")
    list_select_related = ("party",)
    search_fields = ("name", "party__name")
    search_help_text = "A name"


@admin.register(OwnershipLink)
class OwnershipLinkAdmin(ReadOnlyAdmin):
    title = "Ownership"
    says = "One party owns a share of another, from a day (inclusive) to a day (exclusive)."
    list_display = ("owner", "owned", "percent", "is_controlling_parent", "from_on", "to_on", "source")
    list_select_related = ("owner", "owned")
    list_filter = ("is_controlling_parent",)
    search_fields = ("owner__name", "owned__name")
    search_help_text = "A party's name"


@admin.register(Installation)
class InstallationAdmin(ReadOnlyAdmin):
    says = "A place where chips run, and who operates it."
    list_display = ("name", "operator", "kind", "city", "country")
    list_select_related = ("operator", "country")
    list_filter = ("kind",)
    search_fields = ("name", "operator__name", "city")
    search_help_text = "A name, an operator or a city"
    sections = (
        Section("ledger.account", title="Chips there and on order", without=("subject",)),
        Section("licensing.application", by="installation"),
        Section("licensing.license", by="installation", title="Licenses", without=("installation",)),
        Section("licensing.exemption", by="installation", title="Exemptions", without=("installation",)),
        _held(HoldScope.INSTALLATION),
    )


@admin.register(ChipModel)
class ChipModelAdmin(ReadOnlyAdmin):
    says = "The figures of a chip model as known from a day on, with their source."
    list_display = ("name", "maker", "tpp", "memory_bandwidth_gbs", "eccn", "from_on", "confidence")
    list_filter = ("from_on",)
    search_fields = ("name", "key", "maker", "=eccn")
    search_help_text = "A model, a maker or an ECCN"


_SCOPES = {
    HoldScope.PARTY.value: "registry.party",
    HoldScope.INSTALLATION.value: "registry.installation",
    HoldScope.LICENSE.value: "licensing.license",
    HoldScope.COUNTRY.value: "registry.country",
}


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    says = "A stop on a party, an installation, a license or a country. It is lifted once, and never edited."
    list_display = ("says", "subject", "cause", "placed_at", "placed_by_label", "lifted_at", "lifted_by_label")
    list_filter = ("scope_kind", "cause", "placed_at")
    search_fields = ("=scope_id", "says", "placed_by_label")
    search_help_text = "The number of what is held, words of the hold, or who placed it"
    subject_fields = ("scope_kind", "scope_id")

    @admin.display(description="held")
    def subject(self, row: Hold) -> Cell:
        """What is held, as a link to it."""
        url = get_subject_url(self.admin_site, _SCOPES[row.scope_kind], row.scope_id)
        return Cell("text", f"{row.get_scope_kind_display()} {row.scope_id}", url)


@admin.register(Ground)
class GroundAdmin(ReadOnlyAdmin):
    says = "What cases and licenses stand on: an instrument, a visit, a commitment; whether it stands, and until when."
    list_display = ("title", "kind", "stands", "until", "says", "changed_at")
    list_filter = ("kind", "stands")
    search_fields = ("title", "says", "=subject_id")
    search_help_text = "A title, words of the reason, or a number"
    subject_fields = ("kind", "subject_id")
    sections = (Section("registry.reliance", by="ground", title="What stands on it", without=("ground",)),)


@admin.register(Reliance)
class RelianceAdmin(ReadOnlyAdmin):
    says = "A case or a license that stands on a ground, from an instant until it no longer does."
    list_display = ("label", "dependent_kind", "ground", "from_at", "ended_at")
    list_filter = ("dependent_kind",)
    list_select_related = ("ground",)
    search_fields = ("label", "ground__title", "=dependent_id")
    search_help_text = "A number, or the title of the ground"
