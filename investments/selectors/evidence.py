"""What commitments have for a case: which suffice, until when, and what the others still lack."""

from __future__ import annotations

from django.db import connection
from django.db.models import BigIntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from deadlines.rules import day_of
from investments.models import AmountEntry, Commitment, Shortfall
from investments.rules import GROUND, OPEN_SHORTFALLS, end_of, write_day, write_units
from investments.statuses import AmountKind, CommitmentStatus
from registry.rules import Ask, Evidence

_SUFFICES = (CommitmentStatus.IN_FORCE, CommitmentStatus.SHORTFALL_WAIVED, CommitmentStatus.COMPLETED)
_OVER = (CommitmentStatus.TERMINATED, CommitmentStatus.WITHDRAWN)
# The same reading of ownership as the registry's: whoever controls an end user, at any height, may answer for it.
_OWNERS = """
WITH RECURSIVE up (party_id) AS (
    SELECT unnest(%(parties)s::bigint[])
    UNION
    SELECT l.owner_id FROM up JOIN registry_ownershiplink l ON l.owned_id = up.party_id
    WHERE l.from_on <= %(on)s AND (l.to_on IS NULL OR l.to_on > %(on)s)
      AND (l.is_controlling_parent OR l.percent >= 50)
)
SELECT party_id FROM up
"""


def list_evidence(ask: Ask) -> list[Evidence]:
    """Commitments of the destination, or of the firm of its end users, those that suffice first. Two queries."""
    parties: list[int] = []
    if ask.party_ids:
        with connection.cursor() as cursor:
            cursor.execute(_OWNERS, {"parties": sorted(ask.party_ids), "on": day_of(ask.at)})
            parties = [row[0] for row in cursor.fetchall()]
    verified = (
        AmountEntry.objects.filter(commitment=OuterRef("pk"), kind=AmountKind.VERIFIED, unit=OuterRef("unit"))
        .order_by()
        .values("commitment")
        .annotate(total=Sum("units"))
        .values("total")
    )
    open_ones = Shortfall.objects.filter(commitment=OuterRef("pk"), status__in=OPEN_SHORTFALLS).order_by()
    short = open_ones.values("commitment").annotate(total=Sum("short")).values("total")
    found = (
        Commitment.objects.filter(Q(obligor_country=ask.destination) | Q(obligor_party__in=parties))
        .exclude(status__in=_OVER)
        .select_related("obligor_country", "obligor_party")
        .annotate(
            verified=Coalesce(Subquery(verified, output_field=BigIntegerField()), 0),
            short=Coalesce(Subquery(short, output_field=BigIntegerField()), 0),
        )
        .order_by("pk")
    )
    answers = [_read(commitment, commitment.verified, commitment.short, ask) for commitment in found]
    return sorted(answers, key=lambda each: not each.suffices)


def _read(commitment: Commitment, verified: int, short: int, ask: Ask) -> Evidence:
    number, status = commitment.number, CommitmentStatus(commitment.status)
    until = None if status == CommitmentStatus.COMPLETED else end_of(commitment.ends_on)
    lacks, told = [], ""
    if status not in _SUFFICES:
        missing, told = _lack(commitment, status, short)
        lacks.append(missing)
    elif until is not None and until <= ask.at:
        lacks.append(
            f"{number} ended on {write_day(commitment.ends_on)} and was not completed. A new commitment would count."
        )
        told = f"The investment commitment of {commitment.obligor} has ended; Commerce waits for a new one."
    return Evidence(
        kind=GROUND,
        subject_id=str(commitment.pk),
        title=f"Commitment {number} of {commitment.obligor}",
        says=f"{commitment.title}: {write_units(verified, commitment.unit)} verified of "
        f"{write_units(commitment.target, commitment.unit)}, {status.label.lower()}.",
        lacks=tuple(lacks),
        until=until,
        left=None,
        told=told or f"An investment commitment of {commitment.obligor} stands for this.",
    )


def _lack(commitment: Commitment, status: CommitmentStatus, short: int) -> tuple[str, str]:
    number, obligor = commitment.number, commitment.obligor
    if status == CommitmentStatus.DRAFT:
        return (
            f"{number} is a draft. It counts once its agreement is signed and it is brought into force.",
            f"Commerce waits for {obligor} to sign an investment commitment.",
        )
    if status == CommitmentStatus.SIGNED:
        return (
            f"{number} is signed and not yet in force. A commitment officer brings it into force.",
            f"The investment commitment of {obligor} is signed; Commerce waits for it to enter into force.",
        )
    amount = write_units(short, commitment.unit)
    return (
        f"{amount} of {number} are short. It counts again once that much is verified, or two officials waive it.",
        f"Commerce waits for {obligor} to meet its investment commitment.",
    )
