"""Pure rules of parties, ownership, counts and holds. No Django here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts.rules import COMMERCE_ROLES, Refused

# Half or more controls (the reading of 15 CFR 744.11(a)(1) that this registry follows to an ultimate parent).
CONTROLLING_PERCENT = 50
WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class Counts:
    """Chips of one model at a place: there, licensed and not yet there, and asked for elsewhere."""

    installed: int = 0
    licensed: int = 0
    pending: int = 0

    @property
    def total(self) -> int:
        return self.installed + self.licensed + self.pending

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            installed=self.installed + other.installed,
            licensed=self.licensed + other.licensed,
            pending=self.pending + other.pending,
        )


@dataclass(frozen=True, slots=True)
class Share:
    """A share that somebody holds from a day (inclusive) to a day (exclusive)."""

    owner: int
    percent: Decimal | None
    is_controlling_parent: bool
    from_on: date
    to_on: date | None

    def overlaps(self, other: Share) -> bool:
        starts_before_other_ends = other.to_on is None or self.from_on < other.to_on
        return starts_before_other_ends and (self.to_on is None or other.from_on < self.to_on)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a case asks of a track: evidence for one requirement."""

    requirement: str
    # The track's row in the edition, such as which kinds of instruments count.
    terms: Mapping[str, Any]
    destination: str
    installation_id: int | None
    # End users and ultimate consignees.
    party_ids: frozenset[int]
    models: Mapping[str, int]
    at: datetime
    # What the case holds already, by the id of the object: it does not stand in its own way.
    held: Mapping[str, int] = field(default_factory=dict)

    @property
    def chips(self) -> int:
        return sum(self.models.values())


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a track has for a requirement: whether it suffices, until when, and what it still lacks."""

    kind: str
    subject_id: str
    title: str
    says: str
    # Sentences: what is missing before it can count. Empty when it suffices.
    lacks: tuple[str, ...]
    until: datetime | None
    # Units that it can still cover; None where it covers without a count.
    left: int | None
    # What the applicant may read: whom the requirement waits for, without anything confidential.
    told: str

    @property
    def suffices(self) -> bool:
        return not self.lacks


def normalize_model(name: str) -> str:
    """The name of a chip model as it is compared: case and spaces aside."""
    return "".join(name.split()).casefold()


def check_share(share: Share, *, owned: int, others: Iterable[Share]) -> None:
    """Refuse a share that cannot be: of itself, out of 0 to 100 percent, or more than the whole at any time."""
    if share.owner == owned:
        raise Refused(
            "A party cannot own itself. Choose another owner.",
            rule="registry.ownership_not_of_itself",
            field="owner",
        )
    if share.percent is None and not share.is_controlling_parent:
        raise Refused(
            "Say what percentage is owned, or that the owner is the controlling parent.",
            rule="registry.ownership_says_something",
            field="percent",
        )
    if share.percent is not None and not 0 < share.percent <= WHOLE:
        raise Refused(
            f"A share is more than 0 and at most 100 percent, not {share.percent}.",
            rule="registry.ownership_percent",
            field="percent",
        )
    if share.to_on is not None and share.to_on <= share.from_on:
        raise Refused(
            "The last day of ownership must come after the first.",
            rule="registry.ownership_period",
            field="to_on",
        )
    overlapping = [other for other in others if share.overlaps(other)]
    if any(other.owner == share.owner for other in overlapping):
        raise Refused(
            "This owner's share is already registered for that time. End the earlier entry first.",
            rule="registry.ownership_once",
            field="owner",
        )
    if share.is_controlling_parent and any(other.is_controlling_parent for other in overlapping):
        raise Refused(
            "Another owner is already registered as the controlling parent for that time. End that entry first.",
            rule="registry.one_controlling_parent",
            field="is_controlling_parent",
        )
    # The sum can only be highest on the day when one of the shares begins.
    for day in {share.from_on, *(other.from_on for other in overlapping if other.from_on > share.from_on)}:
        total = (share.percent or Decimal(0)) + sum(
            (
                other.percent or Decimal(0)
                for other in overlapping
                if other.from_on <= day and (other.to_on is None or day < other.to_on)
            ),
            Decimal(0),
        )
        if total > WHOLE:
            raise Refused(
                f"From {day.isoformat()} on, all shares together would come to {total.normalize():f} percent. "
                "They cannot pass 100: correct or end one of the others.",
                rule="registry.ownership_to_the_whole",
                field="percent",
            )


def check_lifter_role(role: str) -> None:
    """Only Commerce lifts holds, so the role that may lift one is a role held there."""
    if role not in COMMERCE_ROLES:
        raise Refused(
            f"The role {role.replace('_', ' ')} cannot lift holds. Choose a role held at Commerce.",
            rule="registry.hold_lifter",
            field="lifter_role",
        )
