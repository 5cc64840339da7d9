"""How the desk puts a commitment into words: what is waited for, its acts, its rows."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from investments.models import AmountEntry, Commitment
from investments.rules import last_day_before, write_amount, write_day, write_units
from investments.selectors import CommitmentPage, CommitmentRow, TrancheReading
from investments.shipped import shipped_currencies
from investments.statuses import AmountKind, AmountUnit, CommitmentStatus, EvidenceStatus, ShortfallStatus

# The acts of an officer in the order in which a reader looks for them: (act of the table, page, words).
_ACTS = (
    ("sign", "commitment_sign", "Record the signature"),
    ("bring_into_force", "commitment_bring_into_force", "Bring it into force"),
    ("submit_evidence", "commitment_submit_evidence", "Submit evidence"),
    ("record_amount", "commitment_record_amount", "Record an amount"),
    ("complete", "commitment_complete", "Declare it completed"),
    ("terminate", "commitment_terminate", "Terminate it"),
    ("save", "commitment_terms", "Change the terms"),
    ("withdraw", "commitment_withdraw", "Withdraw the draft"),
)
STEP_WORDS = {
    "released": "Released",
    "uncovered": "Shipped, no longer covered",
    "held": "Held",
    "waiting": "Waits for verified amounts",
}


@dataclass(frozen=True, slots=True)
class ActLink:
    """An act and the page where it is done."""

    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is waited for, and the acts of this person, the most urgent first."""

    says: str
    acts: list[ActLink]

    @property
    def first(self) -> ActLink | None:
        """The one primary act."""
        return self.acts[0] if self.acts else None

    @property
    def others(self) -> list[ActLink]:
        """The further ones."""
        return self.acts[1:]


@dataclass(frozen=True, slots=True)
class AmountTotal:
    """One of the four amounts, in each unit that it has entries in."""

    label: str
    money: str
    power: str


def list_totals(page: CommitmentPage) -> list[AmountTotal]:
    """The four amounts side by side, none added to another."""
    in_power = page.commitment.unit == AmountUnit.KILOWATTS
    return [
        AmountTotal(
            label=str(kind.label),
            money=""
            if in_power and kind == AmountKind.VERIFIED
            else write_units(page.totals.get((kind, AmountUnit.CENTS), 0), AmountUnit.CENTS),
            power=write_units(page.totals.get((kind, AmountUnit.KILOWATTS), 0), AmountUnit.KILOWATTS)
            if in_power
            else "",
        )
        for kind in AmountKind
    ]


def write_minor(minor: int | None, code: str) -> str:
    """An amount of any currency in its own digits; nothing for power."""
    currency = shipped_currencies().by_code.get(code)
    if minor is None or currency is None:
        return ""
    return write_amount(minor, code, currency.digits)


def tell_rate(entry: AmountEntry | Commitment) -> str:
    """The rate that was used, with its day and source; nothing for dollars and for power."""
    if entry.currency in ("", "USD") or entry.rate is None or entry.rate_on is None:
        return ""
    return f"1 {entry.currency} = USD {entry.rate.normalize():f} on {write_day(entry.rate_on)} ({entry.rate_source})"


def tell_waiting(page: CommitmentPage) -> Waiting:
    """The sentence below the head, and what this person can do."""
    return Waiting(_waiting_words(page), _list_links(page))


def _list_links(page: CommitmentPage) -> list[ActLink]:
    number = page.commitment.number
    links = []
    for line in page.shortfalls:
        if line.may_sign:
            links.append(
                ActLink(
                    reverse("desk:commitment_waive", args=[number, line.shortfall.pk]),
                    f"Sign the waiver of “{line.shortfall.milestone.title}”",
                )
            )
        if line.may_plan and line.shortfall.status == ShortfallStatus.OPEN:
            links.append(
                ActLink(reverse("desk:commitment_plan", args=[number, line.shortfall.pk]), "Record the cure plan")
            )
    for each in page.evidence:
        if each.may_verify:
            links.append(
                ActLink(
                    reverse("desk:commitment_verify", args=[number, each.evidence.pk]),
                    f"Verify evidence for “{each.evidence.milestone.title}”",
                )
            )
            break
    if CommitmentStatus(page.commitment.status) == CommitmentStatus.DRAFT and page.acts:
        if not page.assets:
            links.append(ActLink(reverse("desk:commitment_add_asset", args=[number]), "Name an asset"))
        if planned_left(page):
            links.append(ActLink(reverse("desk:commitment_add_milestone", args=[number]), "Add a milestone"))
    links += [
        ActLink(reverse(f"desk:{name}", args=[number]), words)
        for act, name, words in _ACTS
        if act in page.acts
        and not (act == "sign" and (not page.assets or planned_left(page)))
        and not (act == "complete" and any(line.reading.missing for line in page.milestones))
    ]
    return links


def planned_left(page: CommitmentPage) -> int:
    """Units of the commitment that no milestone plans yet."""
    return page.commitment.target - sum(line.milestone.units for line in page.milestones)


def _waiting_words(page: CommitmentPage) -> str:
    commitment, unit = page.commitment, page.commitment.unit
    status = CommitmentStatus(commitment.status)
    left = planned_left(page)
    match status:
        case CommitmentStatus.DRAFT if not page.assets:
            return "A draft. It waits for an asset in the United States, and for milestones."
        case CommitmentStatus.DRAFT if left:
            return f"A draft. {write_units(left, unit)} of it are not planned in milestones yet."
        case CommitmentStatus.DRAFT:
            return "A draft that is whole. It waits for the signature of the agreement."
        case CommitmentStatus.SIGNED:
            return "Signed. It waits for an officer to bring it into force; nothing can stand on it before."
        case CommitmentStatus.COMPLETED | CommitmentStatus.TERMINATED | CommitmentStatus.WITHDRAWN:
            return f"{status.label}. {commitment.end_reason}"
    opens = [line.shortfall for line in page.shortfalls if line.shortfall.is_open]
    if opens:
        worst = min(opens, key=lambda each: each.cure_due_at)
        short = write_units(sum(each.short for each in opens), unit)
        last = write_day(last_day_before(worst.cure_due_at))
        if worst.status == ShortfallStatus.LAPSED:
            return (
                f"{short} are short and a cure period ended on {last}. Licenses that stand on it are held until that "
                "much is verified or two officials waive it."
            )
        return f"{short} are short. {commitment.obligor} has until {last} to cure it; the next tranche is held."
    waiting = sum(1 for line in page.evidence if line.evidence.status == EvidenceStatus.SUBMITTED)
    if waiting:
        documents = "document waits" if waiting == 1 else "documents wait"
        return f"{waiting} {documents} for an officer other than its submitter to verify."
    upcoming = next((line for line in page.milestones if line.reading.missing), None)
    if upcoming is None:
        return "All of it is verified or waived. It waits to be declared completed."
    return (
        f"Waiting for {commitment.obligor}: “{upcoming.milestone.title}”, "
        f"{write_units(upcoming.reading.missing, unit)} by {write_day(upcoming.milestone.due_on)}."
    )


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A row of the register as it is shown."""

    row: CommitmentRow
    pledged: str
    contracted: str
    disbursed: str
    verified: str
    short: str
    next_due: str


def draw_row(row: CommitmentRow) -> RegisterLine:
    """A row of the register in words."""
    unit = row.commitment.unit

    def shown(units: int) -> str:
        return write_units(units, unit) if units else "—"

    return RegisterLine(
        row=row,
        pledged=shown(row.pledged),
        contracted=shown(row.contracted),
        disbursed=shown(row.disbursed),
        verified=shown(row.verified),
        short=write_units(row.short, unit) if row.short else "",
        next_due=row.next_due.title if row.next_due else "",
    )


def tell_step(step: TrancheReading) -> str:
    """How a step of a tranche plan stands."""
    return STEP_WORDS[step.state]
