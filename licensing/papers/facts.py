"""What a letter is written from. Operations fill these from the rows; the composers only read them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Official:
    """The official who decided, with title and place, for the signature block."""

    name: str
    title: str
    places: Sequence[str]


@dataclass(frozen=True, slots=True)
class Automatic:
    """Nobody signed: the rules gave the answer when the application was filed."""


Signer: TypeAlias = Official | Automatic


@dataclass(frozen=True, slots=True)
class Rules:
    """The edition under which a case was determined, and what it says of the process.

    A value that an edition does not state is None, and the letter then cites its source alone.
    """

    id: str
    title: str
    notice: str
    value_tolerance_percent: int | None = None
    value_tolerance_source: str = ""
    appeal_days: int | None = None
    record_years: int | None = None


@dataclass(frozen=True, slots=True)
class NamedParty:
    role: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Site:
    name: str
    operator: str
    address: str
    country: str


@dataclass(frozen=True, slots=True)
class AskedLine:
    line_no: int
    model: str
    eccn: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """What every letter has: from whom, to whom, about which application, on which day, under which rules."""

    on: date
    acn: str
    filed_on: date | None
    applicant: str
    applicant_address: str
    contact: str
    contact_title: str
    own_reference: str
    letterhead: Sequence[str]
    signer: Signer
    rules: Rules
    site: Site
    parties: Sequence[NamedParty]
    asked: Sequence[AskedLine]
    marking: str
    demonstration: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """Where and with which code anybody can confirm a number."""

    page: str
    url: str
    code: str


@dataclass(frozen=True, slots=True)
class LicensedLine:
    line_no: int
    model: str
    eccn: str
    quantity: int
    unit_price: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True)
class PendingCondition:
    """What the rules still ask for before any shipment."""

    title: str
    says: str


@dataclass(frozen=True, slots=True)
class LicenseFacts:
    number: str
    in_part: bool
    reasons: str
    valid_from: date
    expires_on: date
    validity_note: str
    end_use: str
    lines: Sequence[LicensedLine]
    conditions: Sequence[str]
    verification: Verification
    before_shipment: Sequence[PendingCondition] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class ExemptionFacts:
    """`reports` gives each period to report on and the day, without a year, on which that report is due."""

    number: str
    chips: int
    accepted_on: date
    lapses_on: date
    conditions: Sequence[str]
    reports: Sequence[tuple[str, str]]
    next_report_on: date | None
    verification: Verification


@dataclass(frozen=True, slots=True)
class Reason:
    says: str
    source: str
