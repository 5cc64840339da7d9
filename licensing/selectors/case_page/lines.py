"""The rows of a case page, as they are read and shown."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from accounts.rules import Principal
from deadlines.rules import ClockReading
from ledger.rules import Balance
from licensing.models import LicenseLine, Recommendation, Requirement
from licensing.selectors.grounds import GroundLine
from licensing.statuses import RequirementActKind, RequirementStatus


def is_among(by: Principal, people: Collection[int]) -> bool:
    """Whether a person is one of these users."""
    return by.actor.kind == "user" and by.actor.id in {str(pk) for pk in people}


@dataclass(frozen=True, slots=True)
class ActLine:
    """An act on a requirement, as it is listed under it."""

    kind: str
    words: str
    choice: str
    says: str
    actor_id: int | None
    actor_label: str
    document_id: int | None
    round: int
    at: datetime
    share: int
    ground: GroundLine | None


@dataclass(frozen=True, slots=True)
class PlannedTranche:
    """A step of the release that was planned with a commitment: so many chips once so much is verified.

    `required` is in `unit`: US cents or kilowatts.
    """

    required: int
    chips: int
    unit: str


@dataclass(frozen=True, slots=True)
class RequirementLine:
    """A requirement with the acts on it and, while it is open, how many waiver signatures it has.

    `conditions` of it are verified one by one: (title, whether it is); `tranches` were planned in this round.
    """

    requirement: Requirement
    acts: list[ActLine]
    waiver_signers: frozenset[int]
    conditions: list[tuple[str, bool]]
    tranches: list[PlannedTranche]

    @property
    def is_open(self) -> bool:
        """Whether it still wants evidence or a waiver."""
        return self.requirement.status == RequirementStatus.OPEN

    def wants_waiver_of(self, by: Principal) -> bool:
        """Whether it may be waived and this person has not signed that yet."""
        return self.is_open and self.requirement.waivable and not is_among(by, self.waiver_signers)

    @property
    def grounds(self) -> list[ActLine]:
        """The acts by which it stands on something a track holds, in this round."""
        return [act for act in self._in_round(RequirementActKind.SATISFIED) if act.ground is not None]

    @property
    def fallen(self) -> list[GroundLine]:
        """What it stands on no longer, though it is closed; or what reopened it, while it is open."""
        if self.is_open:
            return [act.ground for act in self._in_round(RequirementActKind.REOPENED) if act.ground is not None]
        return [act.ground for act in self.grounds if act.ground is not None and not act.ground.stands]

    def _in_round(self, kind: str) -> list[ActLine]:
        return [act for act in self.acts if act.kind == kind and act.round == self.requirement.round]


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """Who countersigned, and when."""

    signer_id: int
    signer_label: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecommendationLine:
    """A version of the recommendation with its signatures; only the newest one counts."""

    recommendation: Recommendation
    signatures: list[SignatureLine]
    is_newest: bool


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter that went out, without its bytes."""

    id: int
    kind: str
    words: str
    title: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LicensedLine:
    """A licensed line and what the ledger says is left of it."""

    line: LicenseLine
    quantity: Balance
    value: Balance


@dataclass(frozen=True, slots=True)
class CaseClock:
    """What the case's clock shows, and the calendar days it may count."""

    reading: ClockReading
    limit_days: int


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """Who owns a share of a party today."""

    name: str
    headquarters: str | None
    percent: str | None
    is_controlling_parent: bool
