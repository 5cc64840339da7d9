"""Registering parties, who owns them, and the places they operate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from accounts.models import Organization
from accounts.rules import Principal, Refused
from audit.operations import record
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


@transaction.atomic
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
    """Enter a party in an organization's book, or (None) in Commerce's, which no exporter reads.

    `headquarters` is a country or its alpha-2 code; None means unknown. `address` has line, city, country and
    optionally region and postal_code. Raises NotPermitted (exporters write only in their own book), Refused when
    the book already has the party, or a country, kind or name will not do.
    """
    permissions.check_can_register(
        by, organization_id=None if organization is None else organization.pk, to="register a party"
    )
    name = _name(name, of="A party")
    if kind not in PartyKind.values:
        raise Refused(
            f"“{kind}” is not a kind of party. Choose one of: {', '.join(PartyKind.values)}.",
            rule="registry.party_kind",
            field="kind",
        )
    country = None if headquarters is None else _country(headquarters, field="headquarters")
    try:
        with transaction.atomic():
            party = Party.objects.create(
                name=name, kind=kind, headquarters=country, organization=organization, created_at=at
            )
    except IntegrityError as error:
        raise Refused(
            f"“{name}” with these headquarters is registered already. Choose it from the list.",
            rule="registry.party_once",
            field="name",
        ) from error
    if address is not None:
        _add_address(party, address)
    other_names = {" ".join(alias.split()).casefold(): " ".join(alias.split()) for alias in aliases}
    other_names.pop("", None)
    other_names.pop(name.casefold(), None)
    PartyAlias.objects.bulk_create(PartyAlias(party=party, name=alias) for alias in other_names.values())
    record(
        subject=party,
        verb="party_registered",
        says=f"Registered {name}, headquarters {country.name if country else 'not known'}.",
        by=by,
        at=at,
        data={
            "kind": kind,
            "headquarters": country.pk if country else None,
            "organization": organization.pk if organization else None,
            "aliases": list(other_names.values()),
        },
    )
    return party


def _add_address(party: Party, address: Mapping[str, Country | str]) -> None:
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
    PartyAddress.objects.create(
        party=party,
        line=str(address["line"]),
        city=str(address["city"]),
        region=str(address.get("region", "")),
        postal_code=str(address.get("postal_code", "")),
        country=_country(address["country"], field="country"),
    )


@transaction.atomic
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
        with transaction.atomic():
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


@transaction.atomic
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


@transaction.atomic
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
