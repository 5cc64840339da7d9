"""Commitments of the demonstration, in every state. All of them are invented: no nation and no firm made them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO

from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

from accounts.demonstration import DOMAIN
from accounts.models import User
from deadlines.rules import AGENCY_ZONE, day_of
from investments import operations
from investments.models import Asset, Commitment, Evidence, Shortfall
from investments.operations import PaperIn, Terms
from investments.rules import Rate
from investments.statuses import Instrument, Measure, Verdict
from registry.models import Country

INVENTED = "Invented for the demonstration"
_TITLE = "{} (invented)"


class _File:
    """A PDF made here, as an upload is read."""

    def __init__(self, content: bytes) -> None:
        self.size = len(content)
        self._stream = BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        return self._stream.read(size)


def _paper(title: str) -> PaperIn:
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=letter, invariant=1)
    canvas.setTitle(title)
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(72, 700, title[:60])
    canvas.setFont("Helvetica", 11)
    canvas.drawString(72, 672, f"{INVENTED}. Nobody signed or sent this document.")
    canvas.showPage()
    canvas.save()
    return PaperIn(_File(stream.getvalue()))


@dataclass(frozen=True, slots=True)
class _Desk:
    """Who acts, and days and instants counted from the day of the demonstration."""

    officer: User
    second: User
    waivers: tuple[User, User]
    at: datetime

    def day(self, days: int) -> date:
        """So many days from the day of the demonstration."""
        return day_of(self.at) + timedelta(days=days)

    def when(self, days: int, hour: int = 10) -> datetime:
        """An hour of such a day in Washington, never later than the demonstration itself."""
        return min(datetime.combine(self.day(days), time(hour), tzinfo=AGENCY_ZONE), self.at)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An invented commitment, and how far it goes."""

    title: str
    nation: str
    go: Callable[[_Desk, Commitment], None]
    instrument: Instrument = Instrument.EQUITY
    measure: Measure = Measure.AMOUNT
    # Whole millions of dollars, or of the currency.
    millions: int = 10_000
    currency: str = "USD"
    rate: str = ""
    megawatts: str = ""
    abroad_millions: int = 0
    city: str = "Abilene"
    state: str = "TX"
    begins: int = -115
    due: tuple[int, int] = (-30, 330)


def _nothing(desk: _Desk, commitment: Commitment) -> None:
    """A draft that is still written."""


def _withdraw(desk: _Desk, commitment: Commitment) -> None:
    operations.withdraw_commitment(
        commitment=commitment, reason=f"{INVENTED}: the talks ended.", by=desk.officer, at=desk.when(-20)
    )


def _sign(desk: _Desk, commitment: Commitment) -> None:
    operations.sign_commitment(
        commitment=commitment,
        reference=f"Agreement on {commitment.title}"[:180],
        signed_on=desk.day(-106),
        paper=_paper(f"Agreement on {commitment.title}"),
        by=desk.officer,
        at=desk.when(-105),
    )


def _bring(desk: _Desk, commitment: Commitment) -> None:
    _sign(desk, commitment)
    operations.bring_into_force(
        commitment=commitment, says=f"{INVENTED}: notes were exchanged.", by=desk.officer, at=desk.when(-100)
    )


def _asset(commitment: Commitment) -> Asset:
    found = commitment.assets.filter(is_counted=True).first()
    assert found is not None
    return found


def _prove(
    desk: _Desk,
    commitment: Commitment,
    share: int,
    *,
    day: int,
    milestone: int = 0,
    verdict: Verdict | None = Verdict.AT_FACE,
    worth: int = 100,
) -> Evidence:
    """Evidence of a share (in percent) of a milestone; without a verdict it waits for one."""
    planned = list(commitment.milestones.all())[milestone]
    in_power = commitment.unit == "kilowatts"
    scale = Decimal(1000) if in_power else Decimal(100)

    def write(percent: int) -> str:
        return f"{Decimal(planned.units * percent // 100) / scale:.{3 if in_power else 2}f}"

    says = f"{INVENTED}: what was built and paid by {desk.day(day):%B %Y}, {share} percent of “{planned.title}”."
    evidence = operations.submit_evidence(
        commitment=commitment,
        milestone=planned,
        asset=_asset(commitment),
        says=says,
        amount=write(share),
        paper=_paper(f"{commitment.number}: evidence {share} of {planned.title}, {day}"),
        by=desk.officer,
        at=desk.when(day, 9),
    )
    if verdict is not None:
        operations.verify_evidence(
            evidence=evidence,
            verdict=verdict,
            accepted=write(share * worth // 100) if verdict == Verdict.DISCOUNTED else "",
            reason="" if verdict == Verdict.AT_FACE else f"{INVENTED}: a part of it was paid for land.",
            method=f"{INVENTED}: the bank’s own record and a visit to the site.",
            by=desk.second,
            at=desk.when(day, 11),
        )
    return evidence


def _pay(desk: _Desk, commitment: Commitment, kind: str, percent: int, day: int) -> None:
    operations.record_amount(
        commitment=commitment,
        kind=kind,
        asset=_asset(commitment),
        amount=f"{Decimal(commitment.amount_cents * percent // 100) / 100:.2f}",
        on=desk.day(day),
        says=f"{INVENTED}: {'contract with the builder' if kind == 'contracted' else 'payment to the builder'}.",
        by=desk.officer,
        at=desk.when(day, 12),
    )


def _stand(desk: _Desk, commitment: Commitment) -> None:
    _bring(desk, commitment)
    _pay(desk, commitment, "contracted", 70, -95)
    _pay(desk, commitment, "disbursed", 25, -80)
    _prove(desk, commitment, 60, day=-70)
    _pay(desk, commitment, "disbursed", 20, -55)
    _prove(desk, commitment, 50, day=-45, verdict=Verdict.DISCOUNTED, worth=90)
    _assess(desk, commitment, -29)
    _prove(desk, commitment, 20, day=-5, milestone=1, verdict=None)


def _assess(desk: _Desk, commitment: Commitment, day: int) -> None:
    operations.assess_commitment(commitment=commitment, by=desk.officer, at=desk.when(day))


def _fall_short(desk: _Desk, commitment: Commitment) -> None:
    _bring(desk, commitment)
    _pay(desk, commitment, "contracted", 50, -90)
    _pay(desk, commitment, "disbursed", 20, -70)
    _prove(desk, commitment, 40, day=-60)
    _assess(desk, commitment, -9)


def _short(commitment: Commitment) -> Shortfall:
    return commitment.shortfalls.latest("pk")


def _cure(desk: _Desk, commitment: Commitment) -> None:
    _fall_short(desk, commitment)
    operations.record_cure_plan(
        shortfall=_short(commitment),
        says=f"{INVENTED}: the rest is paid when the substation is connected.",
        cure_by=desk.day(14),
        paper=_paper(f"{commitment.number}: cure plan"),
        by=desk.officer,
        at=desk.when(-3),
    )


def _lapse(desk: _Desk, commitment: Commitment) -> None:
    _bring(desk, commitment)
    _assess(desk, commitment, -60)
    _assess(desk, commitment, -2)


def _waive(desk: _Desk, commitment: Commitment) -> None:
    _fall_short(desk, commitment)
    for official in desk.waivers:
        operations.sign_waiver(
            shortfall=_short(commitment),
            reason=f"{INVENTED}: the grid operator was late, not the obligor.",
            by=official,
            at=desk.when(-4),
        )


def _complete(desk: _Desk, commitment: Commitment) -> None:
    _bring(desk, commitment)
    _prove(desk, commitment, 100, day=-60)
    _prove(desk, commitment, 100, day=-50, milestone=1)
    operations.complete_commitment(
        commitment=commitment, reason=f"{INVENTED}: all of it is verified.", by=desk.second, at=desk.when(-40)
    )


def _terminate(desk: _Desk, commitment: Commitment) -> None:
    _bring(desk, commitment)
    operations.terminate_commitment(
        commitment=commitment, reason=f"{INVENTED}: the agreement was denounced.", by=desk.officer, at=desk.when(-15)
    )


def _reverse(desk: _Desk, commitment: Commitment) -> None:
    _bring(desk, commitment)
    evidence = _prove(desk, commitment, 100, day=-40)
    operations.reverse_verification(
        evidence=evidence,
        reason=f"{INVENTED}: the bank withdrew its confirmation.",
        by=desk.second,
        at=desk.when(-10),
    )


_WANTED = (
    _Wanted("Data centers in west Texas", "SA", _stand),
    _Wanted("Data centers in Arizona", "AE", _fall_short, city="Phoenix", state="AZ", due=(-10, 300), millions=5_000),
    _Wanted(
        "Power for AI data centers in Ohio",
        "JP",
        _cure,
        instrument=Instrument.LOAN,
        measure=Measure.MEGAWATTS,
        megawatts="600",
        millions=4_000,
        city="Columbus",
        state="OH",
        due=(-10, 300),
    ),
    _Wanted("Data centers in Wyoming", "QA", _lapse, city="Cheyenne", state="WY", due=(-61, 300), millions=2_000),
    _Wanted(
        "A dollar here for each dollar in Abu Dhabi",
        "AE",
        _waive,
        measure=Measure.MATCHING,
        abroad_millions=6_000,
        millions=6_500,
        city="Reno",
        state="NV",
        due=(-10, 300),
    ),
    _Wanted("Data centers in Virginia", "KR", _complete, city="Ashburn", state="VA", millions=1_500),
    _Wanted("Data centers in Georgia", "IN", _terminate, city="Atlanta", state="GA", due=(60, 330)),
    _Wanted("Data centers in Iowa", "KW", _reverse, city="Des Moines", state="IA", due=(120, 330), millions=3_000),
    _Wanted(
        "Guarantee for data centers in Utah",
        "SA",
        _sign,
        instrument=Instrument.GUARANTEE,
        millions=7_500,
        currency="SAR",
        rate="0.2666",
        city="Salt Lake City",
        state="UT",
        begins=-107,
        due=(90, 330),
    ),
    _Wanted(
        "Data centers in Idaho",
        "OM",
        _nothing,
        instrument=Instrument.CAPITAL_EXPENDITURE,
        millions=800,
        city="Boise",
        state="ID",
        due=(90, 330),
    ),
    _Wanted("Data centers in Maine", "BH", _withdraw, millions=500, city="Bangor", state="ME", due=(90, 330)),
)


def load(*, people: dict[str, User], at: datetime) -> list[Commitment]:
    """Invented commitments in every state, made by the demonstration's people; what is there is left as it is."""

    def who(mailbox: str) -> User:
        return people[f"{mailbox}@{DOMAIN}"]

    desk = _Desk(
        officer=who("commitments"),
        second=who("commitments.second"),
        waivers=(who("waiver"), who("waiver.second")),
        at=at,
    )
    return [
        Commitment.objects.filter(title=_TITLE.format(wanted.title)).first() or _make(desk, wanted)
        for wanted in _WANTED
    ]


def _make(desk: _Desk, wanted: _Wanted) -> Commitment:
    united_states = Country.objects.get(pk="US")
    nation = Country.objects.get(pk=wanted.nation)
    begun = desk.when(wanted.begins)
    commitment = operations.draft_commitment(
        terms=Terms(
            title=_TITLE.format(wanted.title),
            obligor_country=nation,
            obligor_party=None,
            instrument=wanted.instrument,
            measure=wanted.measure,
            funds_from=nation,
            funds_to=united_states,
            amount=f"{wanted.millions}000000",
            currency=wanted.currency,
            rate=Rate(Decimal(wanted.rate), day_of(begun), "Federal Reserve, H.10 (demonstration)")
            if wanted.rate
            else None,
            starts_on=desk.day(wanted.begins),
            ends_on=desk.day(400),
            abroad=f"{wanted.abroad_millions}000000" if wanted.abroad_millions else "",
            abroad_says="An invented campus in Abu Dhabi" if wanted.abroad_millions else "",
            megawatts=wanted.megawatts,
        ),
        by=desk.officer,
        at=begun,
    )
    operations.add_asset(
        commitment=commitment,
        name=f"{wanted.city} Example Campus {wanted.nation}",
        address=f"{100 + commitment.pk} Example Parkway",
        city=wanted.city,
        state=wanted.state,
        country=united_states,
        owner="Example Compute LLC (invented)",
        by=desk.officer,
        at=begun,
    )
    in_power = commitment.unit == "kilowatts"
    scale, digits = (Decimal(1000), 3) if in_power else (Decimal(100), 2)
    first = commitment.target * 4 // 10
    for title, due, units in (
        ("First halls in operation", wanted.due[0], first),
        ("Whole campus in operation", wanted.due[1], commitment.target - first),
    ):
        operations.add_milestone(
            commitment=commitment,
            title=title,
            due_on=desk.day(due),
            amount=f"{Decimal(units) / scale:.{digits}f}",
            criteria=f"{INVENTED}: bank records of the payments, and the commissioning report of the halls.",
            by=desk.officer,
            at=begun,
        )
    wanted.go(desk, commitment)
    commitment.refresh_from_db()
    return commitment
