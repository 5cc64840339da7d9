"""The desk's registers: licenses, installations, parties and holds, a page at a time. For Commerce only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import CharField, Count, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from accounts.rules import Principal
from deadlines.rules import day_of
from ledger.selectors import get_totals
from ledger.statuses import AccountKind
from licensing.models import License
from licensing.permissions import check_is_staff_of_cases
from licensing.rules import license_status
from licensing.statuses import LicenseStatus
from registry.models import Hold, Installation, OwnershipLink, Party, Reliance
from registry.permissions import check_can_lift_hold, check_can_place_hold
from registry.rules import Counts
from registry.selectors import find_parties, list_holds
from registry.statuses import DependentKind, HoldScope
from rulebook.selectors import get_catalogue

PAGE = 50
# Whether a license is valid is asked by the day in Washington.
_LARGEST_ID = 2**63 - 1

Row = TypeVar("Row")
Found = TypeVar("Found", bound=Model)


@dataclass(frozen=True, slots=True)
class Register(Generic[Row]):
    """A page of a register, and where the next one begins (empty on the last)."""

    rows: list[Row]
    after: str


@dataclass(frozen=True, slots=True)
class LicenseRow:
    """A license, what it is worth on a day, and how many chips are left of how many.

    `fallen` are the titles of what it stands on and what no longer stands.
    """

    license: License
    status: str
    status_words: str
    quantity: int
    left: int
    is_held: bool
    fallen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InstallationRow:
    """A place, and how many chips of each model are there, licensed for it and asked for."""

    installation: Installation
    counts: list[tuple[str, Counts]]
    is_held: bool


@dataclass(frozen=True, slots=True)
class PartyRow:
    """A party with its other names, its owners and how many places it operates."""

    party: Party
    aliases: list[str]
    owners: list[OwnershipLink]
    installations: int
    is_held: bool


@dataclass(frozen=True, slots=True)
class HoldTarget:
    """What a hold is on, in words, and the holds that stand there; `number` is a license's, where it is on one."""

    scope_kind: str
    scope_id: str
    words: str
    number: str = ""
    standing: list[Hold] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold and what it is on; `may_lift`: whether this person can lift it."""

    hold: Hold
    target: HoldTarget
    may_lift: bool


def list_license_register(*, by: Principal, at: datetime, text: str = "", after: str = "") -> Register[LicenseRow]:
    """Licenses as they are at an instant, the newest first, whose number, case, holder or destination has `text`.

    Four queries.
    """
    check_is_staff_of_cases(by)
    found: QuerySet[Any] = (
        License.objects.select_related("organization", "destination", "case")
        .prefetch_related("lines")
        .annotate(fallen_titles=_list_fallen(at))
    )
    text = text.strip()
    if text:
        found = found.filter(
            Q(number=text.upper())
            | Q(case__acn=text.upper())
            | Q(organization__name__icontains=text)
            | Q(destination__name__icontains=text)
        )
    before = _read_id(after)
    if before is not None:
        found = found.filter(pk__lt=before)
    licenses, more = _cut(found.order_by("-pk"))
    totals = get_totals(
        AccountKind.LICENSE_LINE_QUANTITY, [line for license_ in licenses for line in license_.lines.all()]
    )
    held = _read_held(HoldScope.LICENSE, licenses)
    on = day_of(at)
    rows = []
    for license_ in licenses:
        left = sum(totals[str(line.pk)][""].left or 0 for line in license_.lines.all())
        status = LicenseStatus(
            license_status(
                on=on,
                valid_from=license_.valid_from,
                expires_on=license_.expires_on,
                suspended=license_.suspended_at is not None,
                revoked=license_.revoked_at is not None,
                surrendered=license_.surrendered_at is not None,
                quantity_left=left,
            )
        )
        rows.append(
            LicenseRow(
                license=license_,
                status=status.value,
                status_words=str(status.label),
                quantity=sum(line.quantity for line in license_.lines.all()),
                left=left,
                is_held=str(license_.pk) in held,
                fallen=tuple(license_.fallen_titles),
            )
        )
    return Register(rows, str(licenses[-1].pk) if more else "")


def _list_fallen(at: datetime) -> ArraySubquery:
    """The titles of what a license stands on and what does not stand at an instant, beside the license."""
    relied = Reliance.objects.filter(
        Q(ground__stands=False) | Q(ground__until__lte=at),
        dependent_kind=DependentKind.LICENSE,
        dependent_id=Cast(OuterRef("pk"), CharField()),
        ended_at__isnull=True,
    )
    return ArraySubquery(relied.order_by("pk").values("ground__title"))


def list_installation_register(
    *, by: Principal, text: str = "", operator: int | None = None, after: str = ""
) -> Register[InstallationRow]:
    """Installations by name, with their chips by model; `operator` narrows to one party's. Four queries."""
    check_is_staff_of_cases(by)
    found = Installation.objects.select_related("operator", "country")
    text = text.strip()
    if text:
        found = found.filter(
            Q(name__icontains=text)
            | Q(city__icontains=text)
            | Q(operator__name__icontains=text)
            | Q(country__name__icontains=text)
        )
    if operator is not None:
        found = found.filter(operator=operator)
    places, more = _cut(_begin_by_name(found, after).order_by("name", "pk"))
    counts = _count_chips(places)
    held = _read_held(HoldScope.INSTALLATION, places)
    rows = [InstallationRow(place, counts.get(str(place.pk), []), str(place.pk) in held) for place in places]
    return Register(rows, _end_by_name(places[-1]) if more else "")


def is_party(number: int) -> bool:
    """Whether the register of parties has a row of this number. One query."""
    return Party.objects.filter(pk=number).exists() if number <= _LARGEST_ID else False


def _count_chips(places: Iterable[Installation]) -> dict[str, list[tuple[str, Counts]]]:
    subjects = [("registry.installation", str(place.pk)) for place in places]
    counted: dict[str, dict[str, Counts]] = {}
    for subject_id, items in get_totals(AccountKind.INSTALLATION_BASE, subjects).items():
        for model, balance in items.items():
            counted.setdefault(subject_id, {})[model] = Counts(installed=balance.drawn)
    for subject_id, items in get_totals(AccountKind.INSTALLATION_ORDERS, subjects).items():
        models = counted.setdefault(subject_id, {})
        for model, balance in items.items():
            models[model] = models.get(model, Counts()) + Counts(licensed=balance.drawn, pending=balance.reserved)
    return {
        subject_id: [(model, counts) for model, counts in sorted(models.items()) if counts.total]
        for subject_id, models in counted.items()
    }


def list_party_register(*, by: Principal, on: date, text: str = "", after: str = "") -> Register[PartyRow]:
    """Parties of every book, by name, with owners on a day; with `text` those that resemble it, best first.

    Four queries. What resembles a text has one page.
    """
    check_is_staff_of_cases(by)
    if text.strip():
        found, more = list(find_parties(text, None, every_book=True).select_related("organization")[:PAGE]), False
        parties = _with_places(Party.objects.filter(pk__in=[party.pk for party in found]))
        by_id = {party.pk: party for party in parties}
        parties_in_order = [by_id[party.pk] for party in found]
    else:
        parties_in_order, more = _cut(_begin_by_name(_with_places(Party.objects.all()), after).order_by("name", "pk"))
    owners: dict[int, list[OwnershipLink]] = {}
    for link in (
        OwnershipLink.objects.filter(owned__in=parties_in_order, from_on__lte=on)
        .filter(Q(to_on__isnull=True) | Q(to_on__gt=on))
        .select_related("owner", "owner__headquarters")
        .order_by("-is_controlling_parent", "-percent", "pk")
    ):
        owners.setdefault(link.owned_id, []).append(link)
    held = _read_held(HoldScope.PARTY, parties_in_order)
    rows = [
        PartyRow(
            party=party,
            aliases=[alias.name for alias in party.aliases.all()],
            owners=owners.get(party.pk, []),
            installations=party.places,
            is_held=str(party.pk) in held,
        )
        for party in parties_in_order
    ]
    return Register(rows, _end_by_name(parties_in_order[-1]) if more else "")


def _with_places(parties: QuerySet[Party]) -> QuerySet[Any]:
    return (
        parties.select_related("headquarters", "organization")
        .prefetch_related("aliases")
        .annotate(places=Count("installations"))
    )


def list_hold_register(*, by: Principal, lifted: bool = False, after: str = "") -> Register[HoldRow]:
    """Holds, the newest first: those that stand, or those that were lifted. Four queries."""
    check_is_staff_of_cases(by)
    found = list_holds(lifted=True).filter(lifted_at__isnull=not lifted).order_by("-pk")
    before = _read_id(after)
    if before is not None:
        found = found.filter(pk__lt=before)
    holds, more = _cut(found.select_related("ground"))
    words = _name_targets(holds)
    rows = [
        HoldRow(
            hold=hold,
            target=_target_of(hold, words),
            may_lift=hold.is_open and by.has_role(hold.lifter_role),
        )
        for hold in holds
    ]
    return Register(rows, str(holds[-1].pk) if more else "")


def get_hold_target(*, scope_kind: str, scope_id: str, by: Principal) -> HoldTarget:
    """What a hold is to be placed on, with the holds that stand there already.

    Raises NotPermitted for who places no holds, and ObjectDoesNotExist for what is not there.
    """
    check_can_place_hold(by)
    if scope_kind not in HoldScope.values:
        raise ObjectDoesNotExist(f"There is no {scope_kind}.")
    words = _name_targets([Hold(scope_kind=scope_kind, scope_id=scope_id)])
    if (scope_kind, scope_id) not in words:
        raise ObjectDoesNotExist(f"There is no {scope_kind} {scope_id}.")
    standing = list(list_holds([(scope_kind, scope_id)]))
    return HoldTarget(scope_kind, scope_id, words[scope_kind, scope_id], standing=standing)


def get_hold_to_lift(*, hold_id: int, by: Principal) -> HoldRow:
    """A hold for the page that lifts it. Raises Hold.DoesNotExist, and NotPermitted for who may not lift it."""
    check_is_staff_of_cases(by)
    hold = Hold.objects.select_related("ground").get(pk=hold_id)
    check_can_lift_hold(by, hold=hold)
    words = _name_targets([hold])
    return HoldRow(hold=hold, target=_target_of(hold, words), may_lift=hold.is_open)


def _target_of(hold: Hold, words: Mapping[tuple[str, str], str]) -> HoldTarget:
    found = words.get((hold.scope_kind, hold.scope_id), "?")
    # A license's words begin with its number.
    number = found.split()[1] if hold.scope_kind == HoldScope.LICENSE and found != "?" else ""
    return HoldTarget(hold.scope_kind, hold.scope_id, found, number)


def _name_targets(holds: Iterable[Hold]) -> Mapping[tuple[str, str], str]:
    """What holds are on, in words: one query for each kind that occurs, none for countries."""
    wanted: dict[str, set[str]] = {}
    for hold in holds:
        wanted.setdefault(hold.scope_kind, set()).add(hold.scope_id)
    words: dict[tuple[str, str], str] = {}
    for code in wanted.pop(HoldScope.COUNTRY, set()):
        country = get_catalogue().countries.get(code)
        if country is not None:
            words[HoldScope.COUNTRY, code] = country.name
    for kind, identifiers in wanted.items():
        for row in _TARGETS[kind].filter(pk__in=[pk for each in identifiers if (pk := _read_id(each)) is not None]):
            words[kind, str(row.pk)] = _target_words(row)
    return words


_TARGETS: Mapping[str, QuerySet[Any]] = {
    HoldScope.PARTY: Party.objects.all(),
    HoldScope.INSTALLATION: Installation.objects.select_related("country"),
    HoldScope.LICENSE: License.objects.select_related("organization"),
}


def _target_words(row: Model) -> str:
    match row:
        case Installation():
            return f"{row.name}, {row.city}, {row.country.name}"
        case License():
            return f"License {row.number} of {row.organization.name}"
    return str(row)


def _read_held(scope_kind: str, rows: Iterable[Model]) -> frozenset[str]:
    """Which of these a hold stands on. One query."""
    scopes = [(scope_kind, str(row.pk)) for row in rows]
    return frozenset(list_holds(scopes).order_by().values_list("scope_id", flat=True))


def _cut(found: QuerySet[Found]) -> tuple[list[Found], bool]:
    rows = list(found[: PAGE + 1])
    return rows[:PAGE], len(rows) > PAGE


def _read_id(text: str) -> int | None:
    """A row's id out of an address; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= _LARGEST_ID else None


def _begin_by_name(found: QuerySet[Found], after: str) -> QuerySet[Found]:
    """Where the page before ended: the id and the name of its last row. A damaged place begins anew."""
    identifier, _, name = after.partition("~")
    pk = _read_id(identifier)
    if pk is None or not name or "\x00" in name:
        return found
    return found.filter(Q(name__gt=name) | Q(name=name, pk__gt=pk))


def _end_by_name(row: Any) -> str:
    return f"{row.pk}~{row.name}"


def list_hold_countries() -> list[tuple[str, str]]:
    """Every country by code and name, to place a hold on. It asks no database."""
    return sorted(
        ((country.alpha2, country.name) for country in get_catalogue().countries.values()), key=lambda pair: pair[1]
    )
