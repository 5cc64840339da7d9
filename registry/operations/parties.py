"""Registering parties, who owns them, and the places they operate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError

from accounts.models import Organization
from accounts.rules import Principal, Refused
from audit.operations import operation, record
from registry import permissions
from registry.models import Country, Installation, OwnershipLink, Party, PartyAddress, PartyAlias
from registry.rules import Share, check_share
from registry.statuses import InstallationKind, PartyKind

_ADDRESS_FIELDS = ("line", "city", "region", "postal_code", "country")


def _country(value: Country | str, *, field: str) -> Country:
    if isinstance(value, Country):
        return value
    found = Country.objects.filter(alpha2=value.strip().upper()).first()
    if found is None:
        raise Refused(
            f"“{value}” is not the two-letter code of a country. Choose a country of the list.",
            rule="registry.country_known",
            field=field,
        )
    return found


def _name(value: str, *, of: str) -> str:
    name = " ".join(value.split())
    if not name:
        raise Refused(f"{of} needs a name. Enter it.", rule="registry.name", field="name")
    return name


@dataclass(frozen=True, slots=True)
class NewParty:
    """A party to be registered. `headquarters` is a country or its alpha-2 code; None means unknown.

    `address` has line, city, country and optionally region and postal_code.
    """

    name: str
    headquarters: Country | str | None
    kind: str = PartyKind.COMPANY
    address: Mapping[str, Country | str] | None = None
    aliases: tuple[str, ...] = ()


def register_party(
    *,
    name: str,
    headquarters: Country | str | None,
    kind: str = PartyKind.COMPANY,
    by: Principal,
    at: datetime,
    organization: Organization | None = None,
    address: Mapping[str, Country | str] | None = None,
    aliases: Iterable[str] = (),
) -> Party:
    """Enter one party; see `register_parties` and `NewParty`."""
    new = NewParty(name=name, headquarters=headquarters, kind=kind, address=address, aliases=tuple(aliases))
    return register_parties(parties=[new], by=by, at=at, organization=organization)[0]


@operation
def register_parties(
    *, parties: Sequence[NewParty], by: Principal, at: datetime, organization: Organization | None = None
) -> list[Party]:
    """Enter parties in an organization's book, or (None) in Commerce's, which no exporter reads.

    However many there are, they are stored together. Raises NotPermitted (exporters write only in their own
    book), Refused when the book already has one of them, or a country, kind or name will not do.
    """
    permissions.check_can_register(
        by, organization_id=None if organization is None else organization.pk, to="register a party"
    )
    rows = [
        Party(
            name=_name(new.name, of="A party"),
            kind=_kind(new.kind),
            headquarters=None if new.headquarters is None else _country(new.headquarters, field="headquarters"),
            organization=organization,
            created_at=at,
        )
        for new in parties
    ]
    try:
        Party.objects.bulk_create(rows)
    except IntegrityError as error:
        names = ", ".join(f"“{row.name}”" for row in rows)
        raise Refused(
            f"{names} with these headquarters is registered already. Choose it from the list.",
            rule="registry.party_once",
            field="name",
        ) from error
    together = list(zip(rows, parties, strict=True))
    PartyAddress.objects.bulk_create(_address(row, new.address) for row, new in together if new.address is not None)
    others = {row.pk: _other_names(row.name, new.aliases) for row, new in together}
    PartyAlias.objects.bulk_create(PartyAlias(party=row, name=other) for row in rows for other in others[row.pk])
    for row in rows:
        country = row.headquarters
        record(
            subject=row,
            verb="party_registered",
            says=f"Registered {row.name}, headquarters {country.name if country else 'not known'}.",
            by=by,
            at=at,
            data={
                "kind": row.kind,
                "headquarters": row.headquarters_id,
                "organization": row.organization_id,
                "aliases": others[row.pk],
            },
        )
    return rows


def _kind(kind: str) -> str:
    if kind not in PartyKind.values:
        raise Refused(
            f"“{kind}” is not a kind of party. Choose one of: {', '.join(PartyKind.values)}.",
            rule="registry.party_kind",
            field="kind",
        )
    return kind


def _other_names(name: str, aliases: Iterable[str]) -> list[str]:
    names = {" ".join(alias.split()).casefold(): " ".join(alias.split()) for alias in aliases}
    names.pop("", None)
    names.pop(name.casefold(), None)
    return list(names.values())


def _address(party: Party, address: Mapping[str, Country | str]) -> PartyAddress:
    unknown = set(address) - set(_ADDRESS_FIELDS)
    if unknown:
        raise Refused(f"An address has no {', '.join(sorted(unknown))}.", rule="registry.address", field="address")
    for required in ("line", "city", "country"):
        if not address.get(required):
            raise Refused(
                f"The address lacks its {'street' if required == 'line' else required}. Enter it.",
                rule="registry.address",
                field=required,
            )
    return PartyAddress(
        party=party,
        line=str(address["line"]),
        city=str(address["city"]),
        region=str(address.get("region", "")),
        postal_code=str(address.get("postal_code", "")),
        country=_country(address["country"], field="country"),
    )


@operation
def register_installation(
    *,
    operator: Party,
    name: str,
    city: str,
    country: Country | str,
    address: str = "",
    by: Principal,
    at: datetime,
    kind: str = InstallationKind.DATA_CENTER,
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
) -> Installation:
    """Enter a place where chips run. Latitude and longitude are degrees.

    Raises NotPermitted unless the operator is in the exporter's own book (Commerce: any), Refused when
    the operator already has a place of this name, or a country, kind or position will not do.
    """
    permissions.check_can_register(by, organization_id=operator.organization_id, to="register an installation")
    name = _name(name, of="An installation")
    if not city.strip():
        raise Refused("Say in which city the installation is.", rule="registry.city", field="city")
    if kind not in InstallationKind.values:
        raise Refused(
            f"“{kind}” is not a kind of installation. Choose one of: {', '.join(InstallationKind.values)}.",
            rule="registry.installation_kind",
            field="kind",
        )
    if (latitude is None) != (longitude is None):
        raise Refused(
            "A position needs both latitude and longitude. Enter both or neither.",
            rule="registry.position",
            field="longitude" if longitude is None else "latitude",
        )
    if latitude is not None and longitude is not None and not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise Refused(
            "Latitude runs from -90 to 90 degrees and longitude from -180 to 180. Correct the position.",
            rule="registry.position",
            field="latitude",
        )
    place = _country(country, field="country")
    try:
        installation = Installation.objects.create(
            operator=operator,
            name=name,
            kind=kind,
            address=address.strip(),
            city=city.strip(),
            country=place,
            latitude=latitude,
            longitude=longitude,
            created_at=at,
        )
    except IntegrityError as error:
        raise Refused(
            f"{operator.name} already has an installation named “{name}”. Choose it from the list, so that its "
            "chips are counted once.",
            rule="registry.installation_once",
            field="name",
        ) from error
    record(
        subject=installation,
        verb="installation_registered",
        says=f"Registered {name} of {operator.name} in {installation.city}, {place.name}.",
        by=by,
        at=at,
        data={"operator": operator.pk, "country": place.pk, "kind": kind},
    )
    return installation


@operation
def link_owner(
    *,
    owner: Party,
    owned: Party,
    percent: Decimal | None,
    from_on: date,
    source: str,
    by: Principal,
    at: datetime,
    is_controlling_parent: bool = False,
    to_on: date | None = None,
) -> OwnershipLink:
    """Enter that one party owns a share of another, from a day (inclusive) to a day (exclusive).

    `percent` is None where only control is known. Raises NotPermitted unless both parties are in the caller's
    book (Commerce: any), Refused when the share cannot be (`rules.check_share`).
    """
    locked = Party.objects.select_for_update(of=("self",), no_key=True).get(pk=owned.pk)
    permissions.check_can_register(by, organization_id=locked.organization_id, to="register an owner")
    permissions.check_can_register(by, organization_id=owner.organization_id, to="register ownership")
    if not source.strip():
        raise Refused(
            "Say where this is known from: a register, a filing, a statement of the party.",
            rule="registry.ownership_source",
            field="source",
        )
    share = Share(
        owner=owner.pk,
        percent=percent,
        is_controlling_parent=is_controlling_parent,
        from_on=from_on,
        to_on=to_on,
    )
    others = [
        Share(
            owner=link.owner_id,
            percent=link.percent,
            is_controlling_parent=link.is_controlling_parent,
            from_on=link.from_on,
            to_on=link.to_on,
        )
        for link in OwnershipLink.objects.filter(owned=locked)
    ]
    check_share(share, owned=locked.pk, others=others)
    link = OwnershipLink.objects.create(
        owner=owner,
        owned=locked,
        percent=percent,
        is_controlling_parent=is_controlling_parent,
        from_on=from_on,
        to_on=to_on,
        source=source.strip(),
    )
    how = "controls" if percent is None else f"owns {percent.normalize():f} percent of"
    record(
        subject=locked,
        verb="owner_linked",
        says=f"{owner.name} {how} {locked.name} from {from_on.isoformat()} on ({link.source}).",
        by=by,
        at=at,
        data={
            "owner": owner.pk,
            "percent": percent,
            "is_controlling_parent": is_controlling_parent,
            "from_on": from_on,
            "to_on": to_on,
        },
    )
    return link


@operation
def end_ownership(*, link: OwnershipLink, to_on: date, by: Principal, at: datetime) -> OwnershipLink:
    """Enter the day from which a share is no longer held. Raises NotPermitted as `link_owner`, Refused when the
    share has ended already or would end before it began."""
    locked = OwnershipLink.objects.select_for_update(of=("self",)).select_related("owned", "owner").get(pk=link.pk)
    permissions.check_can_register(by, organization_id=locked.owned.organization_id, to="end an ownership")
    if locked.to_on is not None:
        raise Refused(
            f"This share is already entered as ended on {locked.to_on.isoformat()}.",
            rule="registry.ownership_ends_once",
            field="to_on",
        )
    if to_on <= locked.from_on:
        raise Refused(
            "The last day of ownership must come after the first.",
            rule="registry.ownership_period",
            field="to_on",
        )
    locked.to_on = to_on
    locked.save(update_fields=["to_on"])
    record(
        subject=locked.owned,
        verb="ownership_ended",
        says=f"{locked.owner.name} no longer holds its share of {locked.owned.name} from {to_on.isoformat()} on.",
        by=by,
        at=at,
        data={"owner": locked.owner_id, "link": locked.pk, "to_on": to_on},
    )
    return locked
