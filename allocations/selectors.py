"""Reading allocations: the one in effect, what is left of it, the board, one allocation's page, its entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.rules import Principal
from allocations.models import Allocation, Proposal, Verdict
from allocations.permissions import can_judge, can_propose, can_withdraw, check_can_read_allocations
from allocations.rules import Period
from allocations.statuses import AllocationStatus, ProposalKind
from audit.models import Entry as JournalEntry
from audit.selectors import list_entries as list_journal
from deadlines.rules import day_of
from ledger.models import Account, Entry
from ledger.rules import Balance
from ledger.selectors import balance_of, get_account, get_totals
from ledger.selectors import list_entries as list_ledger
from ledger.statuses import AccountKind, EntryKind
from registry.models import Country

SUBJECT = "allocations.allocation"
PAGE = 50
# Lines of a timeline and entries on one allocation's page; the rest is on pages of their own.
SHOWN = 10
TIMELINE = 100
_LARGEST_ID = 2**63 - 1

# Which entries moved which number of the board.
SIDES: dict[str, tuple[str, ...]] = {
    "used": (EntryKind.DRAW, EntryKind.DRAW_RESERVED, EntryKind.RETURN),
    "reserved": (EntryKind.RESERVE, EntryKind.RELEASE, EntryKind.DRAW_RESERVED),
    "ceiling": (EntryKind.OPEN, EntryKind.RAISE, EntryKind.LOWER),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """An allocation as a case needs it: what it is called, its period, and how many chips are left of how many."""

    allocation_id: int
    title: str
    period: Period
    ceiling: int
    reserved: int
    used: int

    @property
    def left(self) -> int:
        """Chips that can still be reserved or used."""
        return self.ceiling - self.reserved - self.used


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A line of the board; `balance` is None before a first ceiling was approved, `open_proposal` waits."""

    allocation: Allocation
    status: AllocationStatus
    balance: Balance | None
    open_proposal: Proposal | None

    @property
    def is_proposed_anew(self) -> bool:
        """Whether another ceiling is proposed for one that stands."""
        return self.open_proposal is not None and self.open_proposal.kind != ProposalKind.NEW


@dataclass(frozen=True, slots=True)
class Board:
    """A page of the board, and where the next one begins (empty on the last)."""

    rows: list[BoardRow]
    after: str


@dataclass(frozen=True, slots=True)
class AllocationPage:
    """All of an allocation, and what this person can do on it."""

    allocation: Allocation
    status: AllocationStatus
    balance: Balance | None
    proposals: list[Proposal]
    open_proposal: Proposal | None
    entries: list[Entry]
    timeline: list[JournalEntry]
    acts: list[str]


@dataclass(frozen=True, slots=True)
class EntryPage:
    """A page of the entries behind a number, and where the next one begins (empty on the last)."""

    allocation: Allocation
    status: AllocationStatus
    balance: Balance | None
    rows: list[Entry]
    after: str


def list_approved(country: str) -> list[Allocation]:
    """The approved allocations of a country by period, those that ended and those that begin later too. One query."""
    found = Allocation.objects.filter(country=country, status=AllocationStatus.APPROVED).select_related("country")
    return list(found.order_by("starts_on"))


def get_allocation(country: str, at: datetime) -> Allocation | None:
    """The allocation that is in effect for a country (alpha-2) at an instant, or None: no allocation is set.

    Where none is set a request can be held; it is not granted. One query.
    """
    day = day_of(at)
    return (
        Allocation.objects.filter(
            country=country, status=AllocationStatus.APPROVED, starts_on__lte=day, ends_on__gt=day
        )
        .select_related("country")
        .first()
    )


def get_standing(country: str, at: datetime) -> Standing | None:
    """What is left for a country at an instant, or None where no allocation is set. Two queries."""
    allocation = get_allocation(country, at)
    account = get_account(AccountKind.ALLOCATION, allocation) if allocation else None
    if allocation is None or account is None:
        return None
    return Standing(
        allocation_id=allocation.pk,
        title=allocation.title,
        period=allocation.period,
        ceiling=account.ceiling or 0,
        reserved=account.reserved,
        used=account.drawn,
    )


def list_accounts(allocations: Iterable[Allocation]) -> dict[int, Account]:
    """The ledger accounts of allocations by their id. One query."""
    found = Account.objects.filter(
        kind=AccountKind.ALLOCATION,
        subject_kind=SUBJECT,
        subject_id__in=[str(each.pk) for each in allocations],
        item="",
    )
    return {int(account.subject_id): account for account in found}


def find_entry(accounts: Iterable[Account], key: str, made_by: str = "") -> Entry | None:
    """The entry that a key made on one of these accounts, or else the one that `made_by` made. One query."""
    keys = {key, made_by} - {""}
    found = list(Entry.objects.filter(account__in=[account.pk for account in accounts], key__in=keys))
    return next((entry for wanted in (key, made_by) for entry in found if entry.key == wanted), None)


def get_taken(country: str, key: str) -> Entry | None:
    """The entry that a key made on any allocation of a country, whatever its period; None when there is none.

    So a case finds out whether something was reserved or used for it. Three queries.
    """
    return find_entry(list_accounts(list_approved(country)).values(), key)


@dataclass(frozen=True, slots=True)
class Unset:
    """A country for which chips were granted, and no allocation is in effect; `granted` counts all that ever were."""

    country: Country
    granted: int


def list_unset(*, by: Principal, on: date) -> list[Unset]:
    """The countries with granted chips and no allocation in effect on a day, by name. Two queries.

    Raises NotPermitted.
    """
    check_can_read_allocations(by)
    granted = dict(
        Account.objects.filter(kind=AccountKind.COUNTRY_CHIPS, drawn__gt=0).values_list("subject_id", "drawn")
    )
    standing = Allocation.objects.filter(
        country=OuterRef("pk"), status=AllocationStatus.APPROVED, starts_on__lte=on, ends_on__gt=on
    )
    found = Country.objects.filter(~Exists(standing), pk__in=granted).order_by("name")
    return [Unset(country, granted[country.pk]) for country in found]


def list_countries() -> list[tuple[str, str]]:
    """Every country by code and name, for a form. One query."""
    return list(Country.objects.order_by("name").values_list("alpha2", "name"))


def count_waiting() -> int:
    """How many proposed ceilings wait for a verdict. One query."""
    return Allocation.objects.filter(is_waiting=True).count()


def list_board(*, by: Principal, on: date, view: str = "now", text: str = "", after: str = "") -> Board:
    """A page of allocations by country, the newest period first: those of a view, whose country has `text`.

    Three queries, whatever the number of allocations and entries. A damaged `after` begins anew. Raises NotPermitted.
    """
    check_can_read_allocations(by)
    found = _narrow(Allocation.objects.select_related("country"), view, on)
    if text.strip():
        found = found.filter(Q(country__name__icontains=text.strip()) | Q(country=text.strip().upper()))
    rows = list(_begin(found, after).order_by("country__name", "-starts_on", "-pk")[: PAGE + 1])
    shown = rows[:PAGE]
    totals = get_totals(AccountKind.ALLOCATION, [(SUBJECT, str(each.pk)) for each in shown])
    waiting = {
        proposal.allocation_id: proposal
        for proposal in Proposal.objects.filter(allocation__in=shown, verdict=None).order_by()
    }
    board = [
        BoardRow(
            allocation=each,
            status=each.status_on(on),
            balance=totals.get(str(each.pk), {}).get(""),
            open_proposal=waiting.get(each.pk),
        )
        for each in shown
    ]
    return Board(board, _end(shown[-1]) if len(rows) > PAGE else "")


def _narrow(found: QuerySet[Allocation], view: str, on: date) -> QuerySet[Allocation]:
    approved = found.filter(status=AllocationStatus.APPROVED)
    match view:
        case "now":
            return approved.filter(starts_on__lte=on, ends_on__gt=on)
        case "later":
            return approved.filter(starts_on__gt=on)
        case "ended":
            return approved.filter(ends_on__lte=on)
        case "proposed":
            return found.filter(is_waiting=True)
        case "refused":
            return found.filter(status__in=[AllocationStatus.DECLINED, AllocationStatus.WITHDRAWN])
    return found


def _begin(found: QuerySet[Allocation], after: str) -> QuerySet[Allocation]:
    identifier, _, rest = after.partition("~")
    starts, _, name = rest.partition("~")
    pk = read_id(identifier)
    if pk is None or not name or "\x00" in name:
        return found
    try:
        starts_on = date.fromisoformat(starts)
    except ValueError:
        return found
    return found.filter(
        Q(country__name__gt=name)
        | Q(country__name=name, starts_on__lt=starts_on)
        | Q(country__name=name, starts_on=starts_on, pk__lt=pk)
    )


def _end(allocation: Allocation) -> str:
    return f"{allocation.pk}~{allocation.starts_on.isoformat()}~{allocation.country.name}"


def read_id(text: str) -> int | None:
    """A row's id out of an address; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= _LARGEST_ID else None


def get_allocation_page(*, allocation_id: int, by: Principal, on: date) -> AllocationPage:
    """All of an allocation. Five queries. Raises NotPermitted, and Allocation.DoesNotExist."""
    check_can_read_allocations(by)
    allocation = Allocation.objects.select_related("country").get(pk=allocation_id)
    status = allocation.status_on(on)
    proposals = list(allocation.proposals.select_related("verdict").order_by("-number"))
    open_proposal = next((each for each in proposals if get_verdict(each) is None), None)
    account = get_account(AccountKind.ALLOCATION, allocation)
    return AllocationPage(
        allocation=allocation,
        status=status,
        balance=balance_of(account) if account else None,
        proposals=proposals,
        open_proposal=open_proposal,
        entries=list(list_ledger(account)[:SHOWN]) if account else [],
        timeline=list(list_journal(allocation)[:TIMELINE]),
        acts=list_acts(by, status, open_proposal),
    )


def get_verdict(proposal: Proposal) -> Verdict | None:
    """What came of a proposal, or None while it waits."""
    return getattr(proposal, "verdict", None)


def list_acts(by: Principal, status: AllocationStatus, open_proposal: Proposal | None) -> list[str]:
    """What this person can do on an allocation, the most urgent first."""
    if open_proposal is not None:
        if can_judge(by, proposal=open_proposal):
            return ["approve", "decline"]
        return ["withdraw"] if can_withdraw(by, proposal=open_proposal) else []
    stands = status in (AllocationStatus.APPROVED, AllocationStatus.IN_EFFECT)
    return ["change"] if stands and can_propose(by) else []


def list_ledger_page(
    *, allocation_id: int, by: Principal, on: date, side: str = "", after: str = "", size: int = PAGE
) -> EntryPage:
    """The entries behind a number of an allocation (`SIDES`; all without one), the newest first. Three queries.

    Raises NotPermitted, and Allocation.DoesNotExist.
    """
    check_can_read_allocations(by)
    allocation = Allocation.objects.select_related("country").get(pk=allocation_id)
    account = get_account(AccountKind.ALLOCATION, allocation)
    status = allocation.status_on(on)
    if account is None:
        return EntryPage(allocation, status, None, [], "")
    found = list_ledger(account)
    if side in SIDES:
        found = found.filter(kind__in=SIDES[side])
    before = read_id(after)
    if before is not None:
        found = found.filter(sequence__lt=before)
    rows = list(found[: size + 1])
    more = len(rows) > size
    return EntryPage(allocation, status, balance_of(account), rows[:size], str(rows[size - 1].sequence) if more else "")
