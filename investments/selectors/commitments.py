"""The page of one commitment, and the rows that its acts name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from accounts.rules import Principal, Refused
from audit.models import Entry as JournalEntry
from audit.selectors import list_entries as list_journal
from deadlines.rules import day_of
from investments.models import (
    AmountEntry,
    Asset,
    Commitment,
    Evidence,
    Milestone,
    Paper,
    Shortfall,
    TrancheMove,
    TranchePlan,
)
from investments.permissions import (
    can_keep_commitments,
    can_sign_waiver,
    can_verify,
    check_can_read_commitments,
    is_own_evidence,
)
from investments.rules import COMMITMENT_TRANSITIONS, GROUND, LIVE, OPEN_SHORTFALLS, Reading
from investments.selectors.totals import list_readings
from investments.selectors.tranches import TrancheReading, list_balances, list_tranche_moves, read_tranches
from investments.statuses import AmountKind, EvidenceStatus, ShortfallStatus
from ledger.rules import Balance
from registry.lifecycles import acts_from
from registry.models import Ground, Party, Reliance
from registry.selectors import find_parties, get_ground, list_reliances
from rulebook.rules import Row
from rulebook.selectors import get_operating_edition

TIMELINE = 100
# The newest entries and evidence of a page; all of them are in the reading room.
SHOWN = 100


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    """A milestone with what is covered of it."""

    milestone: Milestone
    reading: Reading
    waived: int

    @property
    def state(self) -> str:
        """The word that stands beside it."""
        if self.reading.missing == 0:
            return "waived" if self.waived and not self.reading.covered else "verified"
        return "overdue" if self.reading.is_due else "open"


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """Evidence, and whether this person can judge it, take it back, or have it reversed."""

    evidence: Evidence
    may_verify: bool
    may_withdraw: bool
    may_reverse: bool


@dataclass(frozen=True, slots=True)
class ShortfallLine:
    """A shortfall with who signed its waiver, and whether this person can act on it."""

    shortfall: Shortfall
    signers: list[str]
    may_plan: bool
    may_sign: bool


@dataclass(frozen=True, slots=True)
class PlanLine:
    """The tranches of one license."""

    plan: TranchePlan
    balance: Balance | None
    steps: list[TrancheReading]
    moves: list[TrancheMove]


@dataclass(frozen=True, slots=True)
class Charted:
    """How one amount grew, as the day and what stood from it on."""

    kind: str
    label: str
    points: list[tuple[date, int]]


@dataclass(frozen=True, slots=True)
class CommitmentPage:
    """All of a commitment."""

    commitment: Commitment
    totals: dict[tuple[str, str], int]
    assets: list[Asset]
    milestones: list[MilestoneLine]
    entries: list[AmountEntry]
    reversed_ids: frozenset[int]
    evidence: list[EvidenceLine]
    shortfalls: list[ShortfallLine]
    plans: list[PlanLine]
    papers: list[Paper]
    ground: Ground | None
    reliances: list[Reliance]
    timeline: list[JournalEntry]
    charted: list[Charted]
    planned: list[tuple[date, int]]
    acts: frozenset[str]
    # What is short by the dates and not written down yet, in the commitment's unit.
    unrecorded: int

    @property
    def verified(self) -> int:
        """Verified units of the commitment's own measure."""
        return self.totals.get((AmountKind.VERIFIED, self.commitment.unit), 0)


def _find(number: str) -> Commitment:
    return Commitment.objects.select_related(
        "obligor_country", "obligor_party", "funds_from", "funds_to", "officer", "created_by"
    ).get(pk=int(number.lstrip("Kk")))


def get_commitment(*, number: str, by: Principal) -> Commitment:
    """A commitment by its number. Raises NotPermitted, Commitment.DoesNotExist."""
    check_can_read_commitments(by)
    return _find(number)


def get_milestone(*, number: str, milestone_id: int, by: Principal) -> Milestone:
    """A milestone of a commitment. Raises NotPermitted, Milestone.DoesNotExist."""
    commitment = get_commitment(number=number, by=by)
    return Milestone.objects.select_related("commitment").get(pk=milestone_id, commitment=commitment)


def get_asset(*, number: str, asset_id: int, by: Principal) -> Asset:
    """An asset of a commitment. Raises NotPermitted, Asset.DoesNotExist."""
    commitment = get_commitment(number=number, by=by)
    return Asset.objects.select_related("commitment").get(pk=asset_id, commitment=commitment)


def get_entry(*, number: str, entry_id: int, by: Principal) -> AmountEntry:
    """An amount of a commitment. Raises NotPermitted, AmountEntry.DoesNotExist."""
    commitment = get_commitment(number=number, by=by)
    return AmountEntry.objects.select_related("commitment", "asset").get(pk=entry_id, commitment=commitment)


def get_evidence(*, number: str, evidence_id: int, by: Principal) -> Evidence:
    """Evidence of a commitment. Raises NotPermitted, Evidence.DoesNotExist."""
    commitment = get_commitment(number=number, by=by)
    return Evidence.objects.select_related("commitment", "milestone", "asset", "paper").get(
        pk=evidence_id, commitment=commitment
    )


def get_shortfall(*, number: str, shortfall_id: int, by: Principal) -> Shortfall:
    """A shortfall of a commitment, with its signatures. Raises NotPermitted, Shortfall.DoesNotExist."""
    commitment = get_commitment(number=number, by=by)
    return (
        Shortfall.objects.select_related("commitment", "milestone")
        .prefetch_related("signatures")
        .get(pk=shortfall_id, commitment=commitment)
    )


def get_paper(*, number: str, paper_id: int, by: Principal) -> Paper:
    """A paper of a commitment. Raises NotPermitted, Paper.DoesNotExist."""
    commitment = get_commitment(number=number, by=by)
    return Paper.objects.get(pk=paper_id, commitment=commitment)


def find_firm(name: str) -> Party:
    """The firm of that name in Commerce's book. Refused, naming the field, when there is none or more than one."""
    words = name.strip()
    if not words:
        raise Refused("Name the firm that is bound.", rule="commitment.firm", field="obligor_firm")
    found = list(Party.objects.filter(name__iexact=words, organization=None)[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(
            f"Commerce’s register has “{words}” more than once, in different countries. Have one of them renamed there "
            "so that it is clear which is bound.",
            rule="commitment.firm",
            field="obligor_firm",
        )
    alike = [each.name for each in find_parties(words, None, every_book=True).filter(organization=None)[:3]]
    hint = f" Did you mean {' or '.join(f'“{each}”' for each in alike)}?" if alike else ""
    raise Refused(
        f"Commerce’s register of parties has no “{words}”.{hint} A party is entered there when an "
        "application names it.",
        rule="commitment.firm",
        field="obligor_firm",
    )


def list_assets(commitment: Commitment) -> list[Asset]:
    """The assets that count for a commitment. One query."""
    return list(commitment.assets.filter(is_counted=True))


def list_milestones(commitment: Commitment) -> list[Milestone]:
    """The plan of a commitment, the earliest first. One query."""
    return list(commitment.milestones.all())


def list_signers(shortfall: Shortfall) -> list[str]:
    """Who signed the waiver of a shortfall so far."""
    return [each.official_label for each in shortfall.signatures.all()]


def list_measures(at: datetime) -> list[Row]:
    """What the edition in effect lets a commitment be measured by."""
    return list(get_operating_edition(at).rows("measures"))


def list_due_commitments(at: datetime) -> list[Commitment]:
    """Commitments that a date may have moved: a milestone's day is over, or a cure period may be. One query."""
    today = day_of(at)
    due = Milestone.objects.filter(due_on__lt=today).values("commitment")
    return list(Commitment.objects.filter(status__in=LIVE, pk__in=due).order_by("pk"))


def get_commitment_page(*, number: str, by: Principal, now: datetime) -> CommitmentPage:
    """All of a commitment for its page, in fourteen queries. Raises NotPermitted, Commitment.DoesNotExist."""
    commitment = get_commitment(number=number, by=by)
    milestones = list(commitment.milestones.all())
    every_entry = list(commitment.entries.select_related("asset").order_by("on", "pk"))
    shortfalls = list(
        commitment.shortfalls.select_related("milestone", "plan").prefetch_related("signatures").order_by("-pk")
    )
    totals = _add_up(every_entry)
    verified = totals.get((AmountKind.VERIFIED, commitment.unit), 0)
    readings = {each.milestone: each for each in list_readings(milestones, shortfalls, verified, now)}
    ground = get_ground(GROUND, str(commitment.pk))
    return CommitmentPage(
        commitment=commitment,
        totals=totals,
        assets=list(commitment.assets.filter(is_counted=True)),
        milestones=[
            MilestoneLine(
                each, readings[each.pk], sum(short.waived for short in shortfalls if short.milestone_id == each.pk)
            )
            for each in milestones
        ],
        entries=sorted(every_entry, key=lambda each: -each.pk)[:SHOWN],
        reversed_ids=frozenset(each.reverses_id for each in every_entry if each.reverses_id is not None),
        evidence=_list_evidence(commitment, by),
        shortfalls=[_line(each, commitment, by) for each in shortfalls],
        plans=_list_plans(commitment, verified),
        papers=list(commitment.papers.order_by("-pk")[:SHOWN]),
        ground=ground,
        reliances=list(list_reliances(ground)) if ground else [],
        timeline=list(list_journal(commitment)[:TIMELINE]),
        charted=_chart(every_entry, commitment.unit),
        planned=_plan_over_time(milestones),
        acts=_list_acts(commitment, by),
        unrecorded=_count_unrecorded(commitment, readings.values(), shortfalls),
    )


def _add_up(entries: Iterable[AmountEntry]) -> dict[tuple[str, str], int]:
    totals: dict[tuple[str, str], int] = {}
    for entry in entries:
        key = (entry.kind, entry.unit)
        totals[key] = totals.get(key, 0) + entry.units
    return totals


def _list_evidence(commitment: Commitment, by: Principal) -> list[EvidenceLine]:
    rows = commitment.evidence.select_related("milestone", "asset", "paper", "verification").order_by("-pk")[:SHOWN]
    acts, keeps = acts_from(COMMITMENT_TRANSITIONS, commitment.status), can_keep_commitments(by)
    return [
        EvidenceLine(
            evidence=each,
            may_verify="verify" in acts and each.status == EvidenceStatus.SUBMITTED and can_verify(by, evidence=each),
            may_withdraw=keeps and each.status == EvidenceStatus.SUBMITTED and is_own_evidence(by, each),
            may_reverse="reverse" in acts and keeps and each.status == EvidenceStatus.VERIFIED,
        )
        for each in rows
    ]


def _line(shortfall: Shortfall, commitment: Commitment, by: Principal) -> ShortfallLine:
    signatures = list(shortfall.signatures.all())
    signed = {str(each.official_id) for each in signatures}
    watched = shortfall.status in OPEN_SHORTFALLS and commitment.status in LIVE
    return ShortfallLine(
        shortfall=shortfall,
        signers=[each.official_label for each in signatures],
        may_plan=watched and shortfall.status != ShortfallStatus.LAPSED and can_keep_commitments(by),
        may_sign=watched and can_sign_waiver(by) and by.actor.id not in signed,
    )


def _list_plans(commitment: Commitment, verified: int) -> list[PlanLine]:
    plans = list(commitment.plans.prefetch_related("steps"))
    if not plans:
        return []
    balances = list_balances(plans)
    moves: dict[int, list[TrancheMove]] = {}
    for move in list_tranche_moves(plans):
        moves.setdefault(move.step.plan_id, []).append(move)
    return [
        PlanLine(
            plan=plan,
            balance=balances.get(plan.license_id),
            steps=read_tranches(commitment, list(plan.steps.all()), verified),
            moves=moves.get(plan.pk, []),
        )
        for plan in plans
    ]


def _chart(entries: Sequence[AmountEntry], unit: str) -> list[Charted]:
    charted = []
    for kind in AmountKind:
        total, by_day = 0, {}
        for entry in entries:
            if entry.kind == kind and entry.unit == unit:
                total += entry.units
                by_day[entry.on] = total
        charted.append(Charted(kind.value, str(kind.label), sorted(by_day.items())))
    return charted


def _plan_over_time(milestones: Iterable[Milestone]) -> list[tuple[date, int]]:
    total, by_day = 0, {}
    for each in milestones:
        total += each.units
        by_day[each.due_on] = total
    return sorted(by_day.items())


def _list_acts(commitment: Commitment, by: Principal) -> frozenset[str]:
    """The acts of an officer that the commitment's state allows; none for anybody else."""
    if not can_keep_commitments(by):
        return frozenset()
    return acts_from(COMMITMENT_TRANSITIONS, commitment.status)


def _count_unrecorded(commitment: Commitment, readings: Iterable[Reading], shortfalls: Iterable[Shortfall]) -> int:
    if commitment.status not in LIVE:
        return 0
    written = {each.milestone_id for each in shortfalls if each.status in OPEN_SHORTFALLS}
    return sum(each.short for each in readings if each.milestone not in written)
