"""Whom and what a filing names: the turns that filings take, and the registry's rows of parties and places."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models.functions import Lower

from accounts.rules import SYSTEM, Refused
from licensing.models import Application, ApplicationParty, Case
from licensing.rules import (
    normalized,
    transaction_digest,
)
from licensing.statuses import ApplicationStatus, PartyRole
from registry.models import Installation, Party
from registry.operations import NewParty, register_installation, register_parties


def digest_of(application: Application, parties: Iterable[ApplicationParty], items: Iterable[Any]) -> str:
    """What makes a transaction the same as another one, as a hash."""

    def names(role: str) -> str:
        return "; ".join(sorted(p.name for p in parties if p.role == role))

    return transaction_digest(
        organization_id=application.organization_id,
        purchaser=names(PartyRole.PURCHASER),
        ultimate_consignee=names(PartyRole.ULTIMATE_CONSIGNEE),
        site=(application.site_country_id or "", application.site_city, application.site_name),
        items=[(item.model, item.quantity) for item in items],
    )


def take_turns(subjects: Iterable[str]) -> None:
    """Let filings that name the same party or transaction follow one another, until this one is committed.

    A row lock cannot do it: the party, the installation or the other filing may not be stored yet. The locks
    are taken in one order, so that no two filings wait for each other.
    """
    keys = sorted(
        int.from_bytes(hashlib.sha256(f"licensing.submission:{subject}".encode()).digest()[:8], signed=True)
        for subject in set(subjects)
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])


def refuse_second(digest: str) -> None:
    """Refuse a second pending application for one transaction (15 CFR 748.4(f))."""
    pending = (
        Case.objects.filter(application__transaction_digest=digest, application__status=ApplicationStatus.SUBMITTED)
        .values_list("acn", flat=True)
        .first()
    )
    if pending:
        raise Refused(
            f"An application for this same transaction is pending as {pending}. Only one may be pending at a time "
            "(15 CFR 748.4(f)). Wait for its decision, or withdraw it first.",
            rule="application.one_pending",
        )


def resolve_parties(parties: list[ApplicationParty], *, at: datetime) -> list[Party]:
    """Find each named party in the shared registry, or enter it there; it knows each by name once.

    Returns those that it knew before.
    """
    names = {normalized(named.name) for named in parties}
    found: dict[str, Party] = {}
    # The registry compares names without case; punctuation and spaces are compared here.
    for party in Party.objects.annotate(plain=Lower("name")).filter(
        organization__isnull=True, plain__in={named.name.lower() for named in parties} | names
    ):
        found.setdefault(normalized(party.name), party)
    known = list(found.values())
    missing = {normalized(named.name): named for named in parties if normalized(named.name) not in found}
    if missing:
        entered = register_parties(
            parties=[
                NewParty(
                    name=named.name,
                    headquarters=named.headquarters,
                    address={
                        "line": named.address,
                        "city": named.city,
                        "postal_code": named.postal_code,
                        "country": named.country,
                    },
                )
                for named in missing.values()
            ],
            by=SYSTEM,
            at=at,
        )
        found |= dict(zip(missing, entered, strict=True))
    for named in parties:
        named.party = found[normalized(named.name)]
    ApplicationParty.objects.bulk_update(parties, ["party"])
    return known


def resolve_installation(application: Application, operator: Party | None, *, at: datetime) -> Installation:
    """Find the named installation of its operator, or enter it, and lock it: its chips are counted next."""
    country = application.site_country
    assert operator is not None
    assert country is not None
    place = Installation.objects.select_for_update().filter(
        operator=operator, name__iexact=application.site_name.strip(), country=country
    )
    found = place.first()
    if found is None:
        found = register_installation(
            operator=operator,
            name=application.site_name.strip(),
            city=application.site_city,
            country=country,
            address=application.site_address,
            by=SYSTEM,
            at=at,
        )
    return found
