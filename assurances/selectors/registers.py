"""The register of instruments and the entries of a coverage, a page at a time. For Commerce only."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from accounts.rules import Principal
from assurances import rules
from assurances.models import Instrument
from assurances.permissions import check_can_read_instruments
from assurances.statuses import InstrumentStatus
from deadlines.rules import day_of
from ledger.models import Entry
from ledger.rules import Balance
from ledger.selectors import balance_of, get_account, get_totals, list_entries
from ledger.statuses import AccountKind
from registry.models import Country
from rulebook.selectors import get_operating_edition

PAGE = 50
_LARGEST_ID = 2**63 - 1
_NUMBER = re.compile(r"[Gg]([0-9]{6,})", re.ASCII)
VIEWS = ("open", "standing", "work", "attention", "over", "all")
_DATED = (*rules.STANDING, InstrumentStatus.SUSPENDED)
_GONE = (InstrumentStatus.TERMINATED, InstrumentStatus.SUPERSEDED, InstrumentStatus.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the register; empty fields narrow nothing."""

    text: str = ""
    kind: str = ""
    status: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class InstrumentRow:
    """An instrument, what it is worth today, and what is left of its ceiling (None before it is in force)."""

    instrument: Instrument
    standing: InstrumentStatus
    balance: Balance | None


@dataclass(frozen=True, slots=True)
class Register:
    """A page of the register, and where the next one begins (empty on the last)."""

    rows: list[InstrumentRow]
    after: str


@dataclass(frozen=True, slots=True)
class EntryPage:
    """A page of the entries of a coverage, and what they come to (None before it is open)."""

    rows: list[Entry]
    after: str
    balance: Balance | None


def list_register(*, by: Principal, at: datetime, view: str, filters: Filters, after: str = "") -> Register:
    """Instruments, the newest first. Three queries, however many there are. Raises NotPermitted."""
    check_can_read_instruments(by)
    days = get_operating_edition(at).value("assurances.expiring_days")
    on = day_of(at)
    found = Instrument.objects.select_related("country").filter(_of_view(view, on, days))
    if filters.status:
        found = found.filter(_shows_as(filters.status, on, days))
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.country:
        found = found.filter(countries=filters.country)
    found = _search(found, filters.text.strip())
    before = _read_id(after)
    if before is not None:
        found = found.filter(pk__lt=before)
    instruments = list(found.order_by("-pk")[: PAGE + 1])
    shown = instruments[:PAGE]
    totals = get_totals(AccountKind.ASSURANCE_COVERAGE, shown)
    rows = [
        InstrumentRow(
            each,
            rules.standing_of(each.status, until=each.until, at=at, expiring_days=days),
            totals.get(str(each.pk), {}).get(""),
        )
        for each in shown
    ]
    return Register(rows, str(shown[-1].pk) if len(instruments) > PAGE else "")


def _of_view(view: str, on: date, days: int) -> Q:
    ended, ends = Q(to_on__lte=on), Q(to_on__lte=on + timedelta(days=days))
    match view:
        case "standing":
            return Q(status__in=rules.STANDING) & ~ended
        case "work":
            return Q(status__in=rules.BEFORE_FORCE)
        case "attention":
            stopped = Q(status__in=[*rules.STOPPED, InstrumentStatus.EXPIRED])
            return stopped | (Q(status__in=rules.STANDING) & ends)
        case "over":
            return Q(status__in=_GONE)
        case "open":
            return ~Q(status__in=_GONE)
    return Q()


def _shows_as(status: str, on: date, days: int) -> Q:
    """Which instruments show a status: those that have it, where their dates do not say otherwise."""
    ended, ends = Q(to_on__lte=on), Q(to_on__lte=on + timedelta(days=days))
    standing = Q(status__in=rules.STANDING)
    match status:
        case InstrumentStatus.EXPIRED:
            return Q(status=InstrumentStatus.EXPIRED) | (Q(status__in=_DATED) & ended)
        case InstrumentStatus.EXPIRING:
            return standing & ends & ~ended
        case InstrumentStatus.SUSPENDED:
            return Q(status=status) & ~ended
        case InstrumentStatus.IN_FORCE:
            return Q(status__in=[InstrumentStatus.IN_FORCE, InstrumentStatus.EXPIRING]) & ~ends
        case InstrumentStatus.AMENDED | InstrumentStatus.RENEWED:
            return Q(status=status) & ~ends
    return Q(status=status)


def _search(found: QuerySet[Instrument], text: str) -> QuerySet[Instrument]:
    if not text:
        return found
    number = _NUMBER.fullmatch(text)
    if number:
        return found.filter(pk=min(int(number[1]), _LARGEST_ID))
    return found.filter(Q(title__icontains=text) | Q(government__icontains=text) | Q(ministry__icontains=text))


def _read_id(after: str) -> int | None:
    if not (after.isascii() and after.isdigit()) or len(after) > 19:
        return None
    return min(int(after), _LARGEST_ID)


def list_ended(at: datetime) -> list[Instrument]:
    """The instruments whose period is over while nobody has recorded that, the oldest first."""
    return list(Instrument.objects.filter(status__in=_DATED, to_on__lte=day_of(at)).order_by("pk"))


def list_countries() -> QuerySet[Country]:
    """Every country, for the filters and the forms."""
    return Country.objects.order_by("name")


def list_coverage_entries(*, by: Principal, instrument: Instrument, after: str = "") -> EntryPage:
    """The ledger's entries of a coverage, the newest first. Two queries. Raises NotPermitted."""
    check_can_read_instruments(by)
    account = get_account(AccountKind.ASSURANCE_COVERAGE, instrument)
    if account is None:
        return EntryPage([], "", None)
    found = list_entries(account)
    before = _read_id(after)
    if before is not None:
        found = found.filter(sequence__lt=before)
    entries = list(found[: PAGE + 1])
    more = str(entries[PAGE - 1].sequence) if len(entries) > PAGE else ""
    return EntryPage(entries[:PAGE], more, balance_of(account))
