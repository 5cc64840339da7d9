"""What instruments are worth: their standing, undertakings and coverage, and as evidence for a case."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from assurances import rules
from assurances.models import Instrument, Undertaking
from assurances.rules import Coverage, Given, Wanted
from assurances.statuses import InstrumentStatus
from ledger.rules import Balance
from ledger.selectors import get_totals
from ledger.statuses import AccountKind
from registry.rules import Ask, Evidence
from rulebook.rules import Edition
from rulebook.selectors import get_operating_edition

GROUND = "assurances.instrument"
# More instruments of one kind for one country are not offered at once.
OFFERED = 50
_NEVER = (InstrumentStatus.WITHDRAWN, InstrumentStatus.TERMINATED, InstrumentStatus.SUPERSEDED)
# Which state comes nearer to counting.
_ORDER = {
    status: place for place, status in enumerate([*rules.STANDING, *rules.STOPPED, *reversed(rules.BEFORE_FORCE)])
}


def list_wanted(edition: Edition) -> list[Wanted]:
    """The undertakings of an edition, in its order."""
    return [
        Wanted(
            id=row.id,
            title=row.title,
            says=row.says,
            source=row.source,
            mandatory=bool(row.get("mandatory", False)),
            takes_hours=row.get("takes") == "hours",
        )
        for row in edition.rows("undertakings")
    ]


def read_given(instrument: Instrument) -> dict[str, Given]:
    """The clause noted for each undertaking, the newest note of each. One query."""
    newest = instrument.undertakings.order_by("name", "-id").distinct("name")
    return {note.name: Given(note.clause, note.hours) for note in newest}


def read_coverage(instrument: Instrument) -> Coverage:
    """What an instrument covers. Three queries."""
    return Coverage(
        countries=frozenset(instrument.countries.values_list("pk", flat=True)),
        parties=frozenset(instrument.parties.values_list("pk", flat=True)),
        installations=frozenset(instrument.installations.values_list("pk", flat=True)),
        models=frozenset(instrument.chip_models),
    )


def get_standing(instrument: Instrument, at: datetime) -> InstrumentStatus:
    """What an instrument is worth at an instant: expiring and expired follow from its dates. One query."""
    days = get_operating_edition(at).value("assurances.expiring_days")
    return rules.standing_of(instrument.status, until=instrument.until, at=at, expiring_days=days)


def with_coverage(instruments: QuerySet[Instrument]) -> QuerySet[Instrument]:
    """Each instrument with `covers_countries`, `covers_parties`, `covers_installations` and `noted`, in one query."""
    notes = Undertaking.objects.filter(instrument=OuterRef("pk")).order_by("name", "-id").distinct("name")

    def ids(relation: Any, column: str) -> ArraySubquery:
        return ArraySubquery(relation.objects.filter(instrument=OuterRef("pk")).order_by(column).values(column))

    return instruments.annotate(
        covers_countries=ids(Instrument.countries.through, "country_id"),
        covers_parties=ids(Instrument.parties.through, "party_id"),
        covers_installations=ids(Instrument.installations.through, "installation_id"),
        noted=ArraySubquery(notes.values(note=JSONObject(name="name", clause="clause", hours="hours"))),
    )


def coverage_of(row: Any) -> Coverage:
    """The coverage of a row of `with_coverage`."""
    return Coverage(
        countries=frozenset(row.covers_countries),
        parties=frozenset(row.covers_parties),
        installations=frozenset(row.covers_installations),
        models=frozenset(row.chip_models),
    )


def given_of(row: Any) -> Mapping[str, Given]:
    """The noted clauses of a row of `with_coverage`."""
    return {note["name"]: Given(note["clause"], note["hours"]) for note in row.noted}


def list_evidence(ask: Ask) -> list[Evidence]:
    """The instruments of the kinds that `ask.terms` names which cover the country, best first.

    Those that do not suffice say what they lack. Three queries, however many instruments there are.
    """
    edition = get_operating_edition(ask.at)
    wanted = list_wanted(edition)
    rows = list(
        with_coverage(
            Instrument.objects.filter(kind__in=list(ask.terms.get("kinds", ())), countries=ask.destination)
            .exclude(status__in=_NEVER)
            .select_related("country")
        ).order_by("-id")[:OFFERED]
    )
    totals = get_totals(AccountKind.ASSURANCE_COVERAGE, rows)
    offers = []
    for row in rows:
        left = _left(row, totals)
        status = rules.standing_of(row.status, until=row.until, at=ask.at, expiring_days=0)
        lacks = rules.list_lacks(
            rules.Instrument(
                status=InstrumentStatus(row.status),
                from_on=row.from_on,
                until=row.until,
                coverage=coverage_of(row),
                left=None if left is None else left + ask.held.get(str(row.pk), 0),
                government=row.government,
                missing=rules.list_missing(wanted, given_of(row)),
            ),
            ask,
        )
        evidence = Evidence(
            kind=GROUND,
            subject_id=str(row.pk),
            title=f"{row.title} ({row.number})",
            says=_says(row, status, left),
            lacks=tuple(lacks),
            until=row.until,
            left=left,
            told=rules.tell_applicant(status, country=row.country.name, suffices=not lacks),
        )
        offers.append(((bool(lacks), _ORDER.get(status, len(_ORDER)), -(left or 0), row.pk), evidence))
    return [evidence for _, evidence in sorted(offers, key=lambda offer: offer[0])]


def _left(row: Instrument, totals: Mapping[str, Mapping[str, Balance]]) -> int | None:
    balance = totals.get(str(row.pk), {}).get("")
    return row.ceiling if balance is None else balance.left


def _says(row: Instrument, status: InstrumentStatus, left: int | None) -> str:
    headroom = "no ceiling" if left is None else f"{left:,} of {row.ceiling or 0:,} chips left"
    end = f", until {rules.tell_day(row.to_on)}" if row.to_on else ""
    return f"{row.get_kind_display()}, {status.label.lower()}{end}; {headroom}."
