"""Everything that the page of an instrument shows, read before the template starts, in a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from accounts.rules import Principal
from assurances import rules
from assurances.models import Breach, BreachStep, Instrument, TextVersion, Translation
from assurances.permissions import can_keep_instruments, check_can_read_instruments
from assurances.rules import TRANSITIONS, Given, Terms, Wanted
from assurances.selectors.evidence import GROUND, given_of, list_wanted, with_coverage
from assurances.statuses import BreachStepKind, InstrumentStatus
from audit.models import Entry
from audit.selectors import list_entries as list_journal
from deadlines.models import Deadline
from deadlines.selectors import list_deadlines_of
from ledger.rules import Balance
from ledger.selectors import get_balance
from ledger.statuses import AccountKind
from registry.documents import read_lines
from registry.lifecycles import acts_from
from registry.models import ChipModel, Country, Ground, Installation, Party, Reliance
from registry.selectors import find_parties
from rulebook.rules import Edition
from rulebook.selectors import get_operating_edition

JOURNAL_SHOWN = 200
FOUND = 20


@dataclass(frozen=True, slots=True)
class UndertakingLine:
    """An undertaking of the edition with the clause that gives it, if one does."""

    wanted: Wanted
    given: Given

    @property
    def is_missing(self) -> bool:
        """Whether no clause gives it."""
        return not self.given.clause


@dataclass(frozen=True, slots=True)
class BreachLine:
    """An alleged breach with what followed, the oldest first."""

    breach: Breach
    steps: list[BreachStep]

    @property
    def is_open(self) -> bool:
        """Whether it has no outcome yet."""
        return all(step.kind != BreachStepKind.OUTCOME for step in self.steps)

    @property
    def cure_due_at(self) -> datetime | None:
        """Until when it may be cured, if notice was given."""
        dues = [step.cure_due_at for step in self.steps if step.cure_due_at]
        return dues[-1] if dues else None


@dataclass(frozen=True, slots=True)
class InstrumentPage:
    """An instrument with everything about it."""

    instrument: Instrument
    standing: InstrumentStatus
    edition: Edition
    countries: list[Country]
    parties: list[Party]
    installations: list[Installation]
    undertakings: list[UndertakingLine]
    missing: list[Wanted]
    texts: list[TextVersion]
    breaches: list[BreachLine]
    balance: Balance | None
    deadlines: list[Deadline]
    ground: Ground | None
    reliances: list[Reliance]
    journal: Sequence[Entry]
    acts: frozenset[str]

    @property
    def open_breach(self) -> BreachLine | None:
        """The breach that has no outcome yet."""
        return next((line for line in self.breaches if line.is_open), None)

    @property
    def terms(self) -> Terms:
        """Its terms as they stand, for a form that begins with them."""
        row = self.instrument
        return Terms(
            kind=row.kind,
            title=row.title,
            country=row.country_id,
            government=row.government,
            ministry=row.ministry,
            us_side=row.us_side,
            is_binding=row.is_binding,
            countries=tuple(country.pk for country in self.countries),
            party_ids=tuple(party.pk for party in self.parties),
            installation_ids=tuple(place.pk for place in self.installations),
            chip_models=tuple(row.chip_models),
            ceiling=row.ceiling,
            from_on=row.from_on,
            to_on=row.to_on,
            marking=row.marking,
            occasion=row.occasion,
        )


def get_instrument(*, instrument_id: int, by: Principal) -> Instrument:
    """An instrument by its id. Raises NotPermitted, Instrument.DoesNotExist."""
    check_can_read_instruments(by)
    return Instrument.objects.select_related("country").get(pk=instrument_id)


def get_instrument_page(*, instrument_id: int, by: Principal, at: datetime) -> InstrumentPage:
    """An instrument with everything about it. Raises NotPermitted, Instrument.DoesNotExist."""
    check_can_read_instruments(by)
    row = with_coverage(Instrument.objects.select_related("country", "drafted_by", "in_force_by", "superseded_by")).get(
        pk=instrument_id
    )
    edition = get_operating_edition(at)
    given = given_of(row)
    wanted = list_wanted(edition)
    texts = list(
        row.texts.prefetch_related(Prefetch("translations", Translation.objects.select_related("text"))).order_by(
            "-number"
        )
    )
    breaches = [
        BreachLine(breach, list(breach.steps.all()))
        for breach in row.breaches.prefetch_related("steps").order_by("-number")
    ]
    ground = Ground.objects.filter(kind=GROUND, subject_id=str(row.pk)).first()
    standing = rules.standing_of(
        row.status, until=row.until, at=at, expiring_days=edition.value("assurances.expiring_days")
    )
    return InstrumentPage(
        instrument=row,
        standing=standing,
        edition=edition,
        countries=list(row.countries.order_by("name")),
        parties=list(row.parties.order_by("name")),
        installations=list(row.installations.select_related("operator", "country").order_by("name")),
        undertakings=[UndertakingLine(each, given.get(each.id, Given(""))) for each in wanted],
        missing=rules.list_missing(wanted, given),
        texts=texts,
        breaches=breaches,
        balance=get_balance(AccountKind.ASSURANCE_COVERAGE, row),
        deadlines=list(list_deadlines_of(row)),
        ground=ground,
        reliances=[]
        if ground is None
        else list(Reliance.objects.filter(ground=ground, ended_at__isnull=True).order_by("-pk")[:JOURNAL_SHOWN]),
        journal=list(list_journal(row)[:JOURNAL_SHOWN]),
        acts=_list_acts(by, row, standing, texts, breaches),
    )


def _list_acts(
    by: Principal,
    instrument: Instrument,
    standing: InstrumentStatus,
    texts: Iterable[TextVersion],
    breaches: Iterable[BreachLine],
) -> frozenset[str]:
    """What this person can do now: the acts of the table, and the work beside it."""
    if not can_keep_instruments(by):
        return frozenset()
    mine = getattr(by, "pk", None)
    acts = set(acts_from(TRANSITIONS, instrument.status)) - {"record_expiring"}
    if standing == InstrumentStatus.EXPIRED:
        acts &= {"renew", "supersede", "terminate", "record_expiry"}
    else:
        acts -= {"record_expiry"}
    if instrument.status in rules.OPEN_TERMS:
        acts.add("change_terms")
    if instrument.status in rules.BEFORE_FORCE:
        acts.add("note_undertakings")
    if standing in rules.STANDING:
        acts.add("change_ceiling")
    if instrument.status in (*rules.BEFORE_FORCE, *rules.STANDING, InstrumentStatus.EXPIRED):
        acts.add("add_text")
    if mine == instrument.drafted_by_id:
        acts -= {"bring_into_force"}
    newer = [
        text
        for text in texts
        if text.is_signed and (instrument.in_force_at is None or text.at > instrument.in_force_at)
    ]
    if not any(text.added_by_id != mine for text in newer):
        acts -= {"amend", "renew"}
    if any(line.is_open and line.breach.alleged_by_id == mine for line in breaches):
        acts -= {"dismiss_breach"}
    if not any(text.is_signed for text in texts):
        acts -= {"record_receipt"}
    if not list(texts):
        acts -= {"agree"}
    return frozenset(acts)


def list_successors(*, by: Principal, instrument: Instrument, at: datetime) -> list[Instrument]:
    """The instruments of the same country that stand and could take its place."""
    check_can_read_instruments(by)
    found = Instrument.objects.filter(status__in=rules.STANDING, countries=instrument.country_id).exclude(
        pk=instrument.pk
    )
    return [each for each in found.order_by("-pk")[:FOUND] if each.until is None or at < each.until]


def list_candidates(
    *, by: Principal, text: str, party_ids: Iterable[int], installation_ids: Iterable[int]
) -> tuple[list[Party], list[Installation]]:
    """End users and installations for a form: those that are chosen, and those whose name has `text`."""
    check_can_read_instruments(by)
    parties = list(Party.objects.filter(pk__in=list(party_ids)).select_related("headquarters"))
    places: QuerySet[Installation] = Installation.objects.select_related("operator", "country")
    installations = list(places.filter(pk__in=list(installation_ids)))
    text = text.strip()
    if text:
        known = {party.pk for party in parties}
        # Cases name the parties of Commerce's own book, whichever exporter filed them.
        found = find_parties(text, None, every_book=True).filter(organization__isnull=True)
        parties += [each for each in found[:FOUND] if each.pk not in known]
        there = {place.pk for place in installations}
        named = Q(name__icontains=text) | Q(city__icontains=text) | Q(operator__name__icontains=text)
        installations += [each for each in places.filter(named).order_by("name")[:FOUND] if each.pk not in there]
    return parties, installations


def list_models() -> list[str]:
    """The names of every chip model that the catalogue knows, once each."""
    return sorted(ChipModel.objects.order_by("key", "-from_on").distinct("key").values_list("name", flat=True))


def get_text(*, instrument_id: int, number: int, by: Principal) -> TextVersion:
    """A version of a text. Raises NotPermitted, TextVersion.DoesNotExist."""
    check_can_read_instruments(by)
    return TextVersion.objects.select_related("instrument").get(instrument=instrument_id, number=number)


def get_translation(*, instrument_id: int, translation_id: int, by: Principal) -> Translation:
    """A translation of a version. Raises NotPermitted, Translation.DoesNotExist."""
    check_can_read_instruments(by)
    return Translation.objects.select_related("text").get(text__instrument=instrument_id, pk=translation_id)


def get_breach(*, instrument_id: int, number: int, by: Principal) -> Breach:
    """An alleged breach. Raises NotPermitted, Breach.DoesNotExist."""
    check_can_read_instruments(by)
    return Breach.objects.get(instrument=instrument_id, number=number)


@dataclass(frozen=True, slots=True)
class Readable:
    """The text of a version that can be compared: its English, line by line, and what was read."""

    title: str
    lines: list[str]


def read_text(text: TextVersion, *, by: Principal) -> Readable:
    """The lines of a version: of its newest translation where it is foreign, of itself otherwise."""
    check_can_read_instruments(by)
    translation = text.translations.order_by("-id").first() if rules.needs_translation(text.language) else None
    source = translation or text
    title = f"{text.title}{', in translation' if translation else ''}"
    with source.file.open("rb") as file:
        return Readable(title, read_lines(file.read()))
