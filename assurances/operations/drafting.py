"""Drafting: what an instrument is to say and cover, its texts, their translations, its undertakings."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import User
from accounts.rules import Refused
from assurances.models import Instrument, Undertaking
from assurances.permissions import check_can_keep_instruments
from assurances.rules import (
    BEFORE_FORCE,
    OPEN_TERMS,
    Given,
    Terms,
    check_terms,
    check_undertaking,
)
from assurances.selectors.evidence import list_wanted
from assurances.statuses import InstrumentStatus
from audit.operations import operation, record
from registry.models import ChipModel, Country, Installation, Party
from registry.rules import normalize_model
from rulebook.rules import Edition
from rulebook.selectors import get_operating_edition

from .standing import REQUEST, days_after, lock, set_step


@operation
def start_instrument(*, terms: Terms, by: User, at: datetime, needed_at: datetime | None = None) -> Instrument:
    """Draft an instrument. The deadline to ask for it through State runs from `needed_at`, when it was determined
    that an assurance is needed (15 CFR 750.4(b)(3)(i)); by default from now.

    Raises NotPermitted unless an assurance officer asks, Refused naming the field that cannot be.
    """
    check_can_keep_instruments(by, to="draft an instrument")
    if needed_at is not None and needed_at > at:
        raise Refused(
            "The need was determined in the past or today, not later.", rule="assurance.needed", field="needed_on"
        )
    rows = read_terms(terms)
    _refuse_second_draft(terms)
    edition = get_operating_edition(at)
    needed = needed_at or at
    instrument = Instrument.objects.create(
        **_columns(terms, rows),
        drafted_by=by,
        drafted_by_label=by.actor.label,
        needed_at=needed,
        started_at=at,
    )
    _set_covered(instrument, rows)
    days = edition.value("assurances.request_to_state_days")
    set_step(
        instrument,
        REQUEST,
        says=f"Ask for {instrument.number} ({instrument.title}) through State.",
        due_at=days_after(needed, days),
        reminders=edition.value("reminders.assurance_step"),
        owner=by,
        by=by,
        at=at,
    )
    record(
        subject=instrument,
        verb="instrument.drafted",
        says=f"Drafted {instrument.number}: {instrument.title}",
        by=by,
        at=at,
        data=tell_terms(terms),
    )
    return instrument


def _refuse_second_draft(terms: Terms) -> None:
    """A form that is sent twice drafts once: of two in the same instant the second waits and finds the first."""
    title = terms.title.strip()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"assurances.draft/{title}"])
    drafted = Instrument.objects.filter(
        status=InstrumentStatus.DRAFT, title=title, kind=terms.kind, country=terms.country
    ).first()
    if drafted is not None:
        raise Refused(
            f"{drafted.number} is a draft of this kind with this title already, by {drafted.drafted_by_label}. Go on "
            "with that one, or choose another title.",
            rule="assurance.draft_once",
            field="title",
        )


@operation
def change_terms(*, instrument: Instrument, terms: Terms, version: int, by: User, at: datetime) -> Instrument:
    """Write the terms anew, until the text is agreed; afterwards only an amendment changes them."""
    locked = lock(instrument, version=version)
    check_can_keep_instruments(by, to="change the terms of an instrument")
    if locked.status not in OPEN_TERMS:
        raise Refused(
            f"{locked.number} is “{locked.get_status_display().lower()}”, so its terms are fixed. Take it back into "
            "negotiation while it is not signed, or amend it while it is in force.",
            rule="assurance.terms_open",
        )
    write_terms(locked, terms)
    record(
        subject=locked,
        verb="instrument.terms_changed",
        says=f"Changed the terms of {locked.number}",
        by=by,
        at=at,
        data=tell_terms(terms),
    )
    return locked


def write_terms(instrument: Instrument, terms: Terms) -> None:
    """Store terms on a locked instrument, as a new version of it."""
    rows = read_terms(terms)
    columns = _columns(terms, rows)
    for name, value in columns.items():
        setattr(instrument, name, value)
    instrument.version += 1
    instrument.save(update_fields=["version", *columns])
    _set_covered(instrument, rows)


def tell_terms(terms: Terms) -> dict[str, Any]:
    """Terms as the journal keeps them."""
    return {
        "kind": terms.kind,
        "countries": sorted(terms.countries),
        "parties": sorted(terms.party_ids),
        "installations": sorted(terms.installation_ids),
        "models": sorted(terms.chip_models),
        "ceiling": terms.ceiling,
        "from_on": terms.from_on,
        "to_on": terms.to_on,
    }


def read_terms(terms: Terms) -> dict[str, list[Any]]:
    """The rows that terms name, if they can be. Raises Refused naming the field."""
    check_terms(terms)
    countries = {row.pk: row for row in Country.objects.filter(pk__in={terms.country, *terms.countries})}
    for field, codes in (("country", (terms.country,)), ("countries", terms.countries)):
        unknown = sorted(set(codes) - set(countries))
        if unknown:
            raise Refused(
                f"{', '.join(f'“{code}”' for code in unknown)}: no country of the list. Choose from the list.",
                rule="assurance.country_known",
                field=field,
            )
    parties = list(Party.objects.filter(pk__in=terms.party_ids))
    if len(parties) < len(set(terms.party_ids)):
        raise Refused(
            "One of the end users is not registered. Choose from the list.", rule="assurance.party", field="parties"
        )
    installations = list(Installation.objects.filter(pk__in=terms.installation_ids).select_related("country"))
    if len(installations) < len(set(terms.installation_ids)):
        raise Refused(
            "One of the installations is not registered. Choose from the list.",
            rule="assurance.installation",
            field="installations",
        )
    outside = [place for place in installations if place.country_id not in terms.countries]
    if outside:
        raise Refused(
            f"{outside[0].name} is in {outside[0].country.name}, which the instrument does not cover. Add the country, "
            "or leave the installation out.",
            rule="assurance.installation_country",
            field="installations",
        )
    return {
        "country": [countries[terms.country]],
        "countries": [countries[code] for code in terms.countries],
        "parties": parties,
        "installations": installations,
        "models": _read_models(terms.chip_models),
    }


def _read_models(names: Iterable[str]) -> list[str]:
    keys = {normalize_model(name): name for name in names if name.strip()}
    known = dict(ChipModel.objects.filter(key__in=keys).order_by("key", "from_on").values_list("key", "name"))
    unknown = [name for key, name in keys.items() if key not in known]
    if unknown:
        raise Refused(
            f"{', '.join(f'“{name}”' for name in unknown)}: no chip model of the list. Choose from the list.",
            rule="assurance.model",
            field="chip_models",
        )
    return sorted(known.values())


def _columns(terms: Terms, rows: dict[str, list[Any]]) -> dict[str, Any]:
    return {
        "kind": terms.kind,
        "title": terms.title.strip(),
        "country": rows["country"][0],
        "government": terms.government.strip(),
        "ministry": terms.ministry.strip(),
        "us_side": terms.us_side.strip(),
        "is_binding": terms.is_binding,
        "marking": terms.marking.strip(),
        "occasion": terms.occasion.strip(),
        "chip_models": rows["models"],
        "ceiling": terms.ceiling,
        "from_on": terms.from_on,
        "to_on": terms.to_on,
    }


def _set_covered(instrument: Instrument, rows: dict[str, list[Any]]) -> None:
    instrument.countries.set(rows["countries"])
    instrument.parties.set(rows["parties"])
    instrument.installations.set(rows["installations"])


@operation
def note_undertakings(
    *, instrument: Instrument, given: Mapping[str, Given], version: int, by: User, at: datetime
) -> list[Undertaking]:
    """Note which clause gives each undertaking; an empty clause says that it is missing. Before it is in force only.

    Answers the notes that changed something. Raises Refused naming the clause or the hours that cannot be.
    """
    locked = lock(instrument, version=version)
    check_can_keep_instruments(by, to="note undertakings")
    if locked.status not in BEFORE_FORCE:
        raise Refused(
            f"{locked.number} is “{locked.get_status_display().lower()}”, so its undertakings are fixed. An amendment "
            "changes them.",
            rule="assurance.undertakings_open",
        )
    edition = get_operating_edition(at)
    notes = write_undertakings(locked, given, edition, by=by, at=at)
    if notes:
        locked.version += 1
        locked.save(update_fields=["version"])
        record(
            subject=locked,
            verb="undertaking.noted",
            says=tell_notes(notes, edition),
            by=by,
            at=at,
            covers=notes,
        )
    return notes


def write_undertakings(
    instrument: Instrument, given: Mapping[str, Given], edition: Edition, *, by: User, at: datetime
) -> list[Undertaking]:
    """Add a note for each undertaking whose clause or hours changed; answers them, for the journal to cover."""
    wanted = {each.id: each for each in list_wanted(edition)}
    longest = edition.value("assurances.notice_hours")
    for name, each in given.items():
        if name not in wanted:
            raise Refused(
                f"“{name}” is no undertaking of the edition in operation.", rule="assurance.undertaking_known"
            )
        check_undertaking(wanted[name], each, longest_hours=longest)
    before: dict[str, tuple[str, int | None]] = {}
    for note in instrument.undertakings.order_by("name", "id"):
        before[note.name] = note.clause, note.hours
    return Undertaking.objects.bulk_create(
        Undertaking(
            instrument=instrument,
            name=name,
            clause=each.clause,
            hours=each.hours,
            noted_by_label=by.actor.label,
            at=at,
        )
        for name, each in given.items()
        if before.get(name, ("", None)) != (each.clause, each.hours)
    )


def tell_notes(notes: Iterable[Undertaking], edition: Edition) -> str:
    """What was noted, in a sentence."""
    titles = {each.id: each.title for each in list_wanted(edition)}
    told = (f"“{titles[note.name]}”: {note.clause or 'missing'}" for note in notes)
    return f"Noted undertakings: {'; '.join(told)}"
