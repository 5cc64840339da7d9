"""Commitments for any test, made the way people make them: through the operations."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from accounts.models import User
from accounts.rules import SYSTEM
from accounts.statuses import Role
from deadlines.rules import day_of
from investments import operations
from investments.models import Asset, Commitment, Evidence, Milestone, TranchePlan
from investments.operations import PaperIn, Terms
from investments.statuses import Verdict
from registry.models import Country
from registry.operations import load_reference
from rulebook.operations import load_editions, set_operating_edition
from rulebook.selectors import get_edition_row
from tests.accounts.factories import user
from tests.licensing.factories import pdf

AT = datetime(2026, 4, 1, 15, 0, tzinfo=UTC)
BILLION = 100_000_000_000  # in US cents
_numbers = count(1)


def later(**delta: float) -> datetime:
    """Some time after `AT`."""
    return AT + timedelta(**delta)


def load_rules(at: datetime = AT) -> None:
    """The editions and the reference data, with one edition operating."""
    before = at - timedelta(days=1)
    load_editions(at=before)
    load_reference(by=SYSTEM, at=before)
    set_operating_edition(
        edition=get_edition_row("reported-2026-03"), by=SYSTEM, at=before, from_at=before, reason="For this test."
    )


@dataclass
class People:
    """Everybody whom a commitment meets."""

    officer: User = field(default_factory=lambda: user(Role.COMMITMENT_OFFICER))
    verifier: User = field(default_factory=lambda: user(Role.COMMITMENT_OFFICER))
    waivers: list[User] = field(default_factory=lambda: [user(Role.WAIVER_OFFICIAL), user(Role.WAIVER_OFFICIAL)])
    director: User = field(default_factory=lambda: user(Role.LICENSING_DIRECTOR))
    exporter: User = field(default_factory=lambda: user(Role.EXPORTER_MEMBER))


def country(alpha2: str) -> Country:
    """A country of the reference data."""
    return Country.objects.get(pk=alpha2)


def terms(**fields: Any) -> Terms:
    """Ten billion dollars of Saudi equity by the end of 2027."""
    made = Terms(
        title="Data centers in Texas",
        obligor_country=country("SA"),
        obligor_party=None,
        instrument="equity",
        measure="amount",
        funds_from=country("SA"),
        funds_to=country("US"),
        amount="10,000,000,000.00",
        currency="USD",
        rate=None,
        starts_on=date(2026, 4, 1),
        ends_on=date(2027, 12, 31),
    )
    return replace(made, **fields)


def paper(text: str = "", **fields: Any) -> PaperIn:
    """A small real PDF whose bytes are its own."""
    return PaperIn(pdf(text=text or f"paper {next(_numbers)}"), **fields)


def draft(who: People, *, at: datetime = AT, **fields: Any) -> Commitment:
    """A draft, as its officer wrote it."""
    return operations.draft_commitment(terms=terms(**fields), by=who.officer, at=at)


def asset(commitment: Commitment, who: People, *, at: datetime = AT, **fields: Any) -> Asset:
    """A data center of its own in Texas."""
    number = next(_numbers)
    place = {
        "name": f"Prairie Hall {number}",
        "address": f"{number} Example Road",
        "city": "Abilene",
        "state": "TX",
        "country": country("US"),
        **fields,
    }
    return operations.add_asset(commitment=commitment, by=who.officer, at=at, **place)


def milestone(
    commitment: Commitment, who: People, due_on: date, amount: str, *, at: datetime = AT, **fields: Any
) -> Milestone:
    """A milestone with its criteria."""
    given = {
        "title": f"Milestone of {due_on.isoformat()}",
        "criteria": "Bank records of the payments to the builder.",
        **fields,
    }
    return operations.add_milestone(commitment=commitment, due_on=due_on, amount=amount, by=who.officer, at=at, **given)


def ready(who: People, *, at: datetime = AT, **fields: Any) -> Commitment:
    """A draft that can be signed: one asset; four billion by the end of June 2026, six by the end of June 2027."""
    commitment = draft(who, at=at, **fields)
    asset(commitment, who, at=at)
    if commitment.unit == "cents":
        early = commitment.target * 4 // 10
        parts = [f"{early / 100:.2f}", f"{(commitment.target - early) / 100:.2f}"]
    else:
        early = commitment.target * 4 // 10
        parts = [f"{early / 1000:.3f}", f"{(commitment.target - early) / 1000:.3f}"]
    milestone(commitment, who, date(2026, 6, 30), parts[0], at=at)
    milestone(commitment, who, date(2027, 6, 30), parts[1], at=at)
    return commitment


def signed(who: People, *, at: datetime = AT, **fields: Any) -> Commitment:
    """A signed commitment that is not in force yet."""
    commitment = ready(who, at=at, **fields)
    return operations.sign_commitment(
        commitment=commitment,
        reference="Agreement of March 2026",
        signed_on=date(2026, 3, 20),
        paper=paper(),
        by=who.officer,
        at=at,
    )


def in_force(who: People, *, at: datetime = AT, **fields: Any) -> Commitment:
    """A commitment in force."""
    commitment = signed(who, at=at, **fields)
    return operations.bring_into_force(commitment=commitment, says="Notes were exchanged.", by=who.officer, at=at)


def submitted(
    commitment: Commitment, who: People, amount: str = "4,000,000,000", *, at: datetime = AT, **fields: Any
) -> Evidence:
    """Evidence for the first milestone that waits for somebody else."""
    given = {
        "milestone": commitment.milestones.first(),
        "asset": commitment.assets.filter(is_counted=True).first(),
        "says": "Payments to the builder in the first quarter.",
        "paper": paper(),
        **fields,
    }
    return operations.submit_evidence(commitment=commitment, amount=amount, by=who.officer, at=at, **given)


def verified(
    commitment: Commitment, who: People, amount: str = "4,000,000,000", *, at: datetime = AT, **fields: Any
) -> Evidence:
    """Evidence that a second officer accepted at face."""
    evidence = submitted(commitment, who, amount, at=at, **fields)
    operations.verify_evidence(
        evidence=evidence, verdict=Verdict.AT_FACE, method="The bank confirmed it.", by=who.verifier, at=at
    )
    evidence.refresh_from_db()
    return evidence


def tranches(
    commitment: Commitment,
    who: People,
    *steps: tuple[int, int],
    license_id: str = "1",
    at: datetime = AT,
) -> TranchePlan:
    """The plan of a license: 100,000 chips at once, 160,000 when four billion are verified."""
    return operations.open_tranches(
        commitment=commitment,
        license=("license", license_id),
        label="D000001",
        steps=steps or ((0, 100_000), (4 * BILLION, 160_000)),
        by=who.director,
        at=at,
    )


def one_of_each(*, at: datetime) -> None:
    """A row of every model, for who reads them all; the rules are loaded already."""
    who, today = People(), day_of(at)
    period = {"starts_on": today - timedelta(days=60), "ends_on": today + timedelta(days=700)}
    commitment = draft(who, at=at, **period)
    asset(commitment, who, at=at)
    milestone(commitment, who, today - timedelta(days=1), "4,000,000,000", at=at)
    milestone(commitment, who, today + timedelta(days=300), "6,000,000,000", at=at)
    operations.sign_commitment(
        commitment=commitment, reference="Agreement", signed_on=today, paper=paper(), by=who.officer, at=at
    )
    operations.bring_into_force(commitment=commitment, says="Notes.", by=who.officer, at=at)
    verified(commitment, who, "1,000,000,000", at=at)
    operations.sign_waiver(shortfall=commitment.shortfalls.get(), reason="The grid was late.", by=who.waivers[0], at=at)
    operations.sign_waiver(shortfall=commitment.shortfalls.get(), reason="The grid was late.", by=who.waivers[1], at=at)
    tranches(commitment, who, (0, 100), license_id="0", at=at)
