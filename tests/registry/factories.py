"""Countries, parties, ownership, installations, chip models and holds for any test."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from accounts.statuses import Role
from registry.models import ChipModel, Country, Hold, Installation, OwnershipLink, Party, PartyAddress
from registry.rules import normalize_model
from registry.statuses import HoldCause, HoldScope

AT = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
ON = date(2026, 3, 2)
_numbers = count(1)

_COUNTRIES = {
    "AE": ("ARE", "784", "United Arab Emirates"),
    "CN": ("CHN", "156", "China"),
    "DE": ("DEU", "276", "Germany"),
    "FR": ("FRA", "250", "France"),
    "GB": ("GBR", "826", "United Kingdom"),
    "ID": ("IDN", "360", "Indonesia"),
    "IN": ("IND", "356", "India"),
    "JP": ("JPN", "392", "Japan"),
    "KR": ("KOR", "410", "South Korea"),
    "MY": ("MYS", "458", "Malaysia"),
    "NO": ("NOR", "578", "Norway"),
    "RU": ("RUS", "643", "Russia"),
    "SA": ("SAU", "682", "Saudi Arabia"),
    "SE": ("SWE", "752", "Sweden"),
    "US": ("USA", "840", "United States"),
}
_CHIPS = {
    "A100": ("NVIDIA", 4992, 2039),
    "GB200": ("NVIDIA", 36000, 8000),
    "GB300": ("NVIDIA", 56000, 8000),
    "H20": ("NVIDIA", 2368, 4000),
    "H100": ("NVIDIA", 15832, 3350),
    "H200": ("NVIDIA", 15832, 4800),
    "MI300X": ("AMD", 20919, 5300),
}


def country(alpha2: str = "NO") -> Country:
    """The country, created once."""
    alpha3, numeric, name = _COUNTRIES[alpha2]
    return Country.objects.get_or_create(alpha2=alpha2, defaults={"alpha3": alpha3, "numeric": numeric, "name": name})[
        0
    ]


def party(name: str | None = None, *, headquarters: str | None = "NO", **fields: Any) -> Party:
    """A company, in Commerce's book unless `organization` is given. `headquarters` is an alpha-2 code or None."""
    fields.setdefault("created_at", AT)
    address = fields.pop("address", None)
    made = Party.objects.create(
        name=name or f"Party {next(_numbers)} AS",
        headquarters=country(headquarters) if headquarters else None,
        **fields,
    )
    if address is not None:
        PartyAddress.objects.create(party=made, country=country(headquarters or "NO"), **address)
    return made


def own(
    owner: Party, owned: Party, percent: str | None = "100", *, controlling: bool = False, **fields: Any
) -> OwnershipLink:
    """`owner` holds `percent` of `owned`, since 2020 unless told otherwise."""
    fields.setdefault("from_on", date(2020, 1, 1))
    fields.setdefault("source", "test register")
    return OwnershipLink.objects.create(
        owner=owner,
        owned=owned,
        percent=None if percent is None else Decimal(percent),
        is_controlling_parent=controlling,
        **fields,
    )


def installation(name: str | None = None, *, operator: Party | None = None, **fields: Any) -> Installation:
    """A data center. `country` is an alpha-2 code."""
    fields.setdefault("created_at", AT)
    fields.setdefault("city", "Narvik")
    place = country(fields.pop("country", "NO"))
    return Installation.objects.create(
        name=name or f"Data center {next(_numbers)}", operator=operator or party(), country=place, **fields
    )


def chip_model(name: str = "GB300", **fields: Any) -> ChipModel:
    """A chip model with its figures, created once for each day."""
    maker, tpp, bandwidth = _CHIPS.get(name, ("Test Maker", 10000, 4000))
    key = normalize_model(name)
    fields.setdefault("from_on", date(2026, 1, 1))
    row = {"name": name, "key": key, "maker": maker, "tpp": tpp, "memory_bandwidth_gbs": bandwidth} | fields
    found = ChipModel.objects.filter(key=row["key"], from_on=row["from_on"]).first()
    return found or ChipModel.objects.create(**row)


def hold(scope: Any = None, **fields: Any) -> Hold:
    """An open hold, on `scope` (a party, an installation, a country) or on a new installation."""
    scope = scope or installation()
    kind = fields.pop("scope_kind", None) or HoldScope(type(scope).__name__.lower())
    fields.setdefault("cause", HoldCause.VISIT_FINDING)
    fields.setdefault("says", "The visit could not count the chips.")
    fields.setdefault("placed_by_label", "test")
    fields.setdefault("placed_at", AT)
    fields.setdefault("lifter_role", Role.LICENSING_DIRECTOR)
    return Hold.objects.create(scope_kind=kind, scope_id=str(scope.pk), **fields)
