"""Instruments of the demonstration, in every state, made through the operations. All of them are invented.

No government has given any of these words, and nobody has alleged a breach of one; the real countries only make the
register read like one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

from accounts.models import User
from accounts.rules import SYSTEM
from assurances import operations
from assurances.models import Instrument, TextVersion
from assurances.rules import Terms
from assurances.statuses import InstrumentStatus
from deadlines.rules import day_of

from .seeds import CLAUSES, SEEDS, Seed

FIRST, SECOND = "assurances", "assurances.second"
INVENTED = "Invented for the demonstration"
US_SIDE = "Department of Commerce, Bureau of Industry and Security"


def load(*, people: Mapping[str, User], at: datetime) -> int:
    """Load instruments in every state, unless there are any; answers how many there are then.

    `people` are the demonstration's, by e-mail address. Their acts lie in the 110 days before `at`.
    """
    if not Instrument.objects.exists():
        by_mailbox = {email.split("@")[0]: user for email, user in people.items()}
        _Officers(by_mailbox[FIRST], by_mailbox[SECOND], at).load()
    return Instrument.objects.count()


class _Officers:
    """Two officers who keep instruments; each act is some time after the one before, never past the day of loading."""

    def __init__(self, first: User, second: User, now: datetime) -> None:
        self.first, self.second, self.now, self.at = first, second, now, now

    def _pass(self, **delta: float) -> datetime:
        self.at = min(self.at + timedelta(**delta), self.now)
        return self.at

    def _until(self, days: float) -> datetime:
        """Go on to so many days before the day of loading."""
        self.at = max(self.at, self.now - timedelta(days=days))
        return self.at

    def _day(self, days: int | None) -> date | None:
        return None if days is None else day_of(self.now) + timedelta(days=days)

    def _act(self, instrument: Instrument, **delta: float) -> dict[str, Any]:
        instrument.refresh_from_db()
        return {
            "instrument": instrument,
            "version": instrument.version,
            "by": self.first,
            "at": self._pass(**(delta or {"hours": 3})),
        }

    def load(self) -> None:
        """Every instrument, the oldest first."""
        self._standing()
        self._stopped()
        self._over()
        self._in_work()

    # ── In force ────────────────────────────────────────────────────────────────────────────────

    def _standing(self) -> None:
        self.into_force(SEEDS["SA"])
        emirates = self.into_force(SEEDS["AE_MEMORANDUM"])
        self.amend(emirates, ceiling=600_000, days=40)
        self.into_force(SEEDS["AE_GUARANTEE"])
        norway = self.into_force(SEEDS["NO"])
        self.renew(norway, ends_in=1100, days=30)
        qatar = self.into_force(SEEDS["QA"])
        self._until(2)
        operations.record_expiring(instrument=qatar, by=SYSTEM, at=self.at)

    def amend(self, instrument: Instrument, *, ceiling: int, days: float) -> None:
        """Raise the ceiling by a signed amendment."""
        self._until(days)
        text = self._text(instrument, f"Amendment 1. Up to {ceiling:,} chips.", signed=True)
        terms = _terms_of(instrument, ceiling=ceiling)
        act = {**self._act(instrument), "by": self.second}
        operations.amend_instrument(
            text=text, terms=terms, given={}, says=f"{INVENTED}: up to {ceiling:,} chips.", **act
        )

    def renew(self, instrument: Instrument, *, ends_in: int, days: float) -> None:
        """Renew by a signed note."""
        self._until(days)
        text = self._text(instrument, "Note of renewal.", signed=True)
        act = {**self._act(instrument), "by": self.second}
        operations.renew_instrument(text=text, to_on=self._day(ends_in), says=f"{INVENTED}: a note of renewal.", **act)

    # ── Stopped ─────────────────────────────────────────────────────────────────────────────────

    def _stopped(self) -> None:
        iceland = self.into_force(SEEDS["IS"])
        self._until(9)
        operations.suspend_instrument(
            reason=f"{INVENTED}: the ministry that was to give access was merged; its successor has to confirm it.",
            **self._act(iceland),
        )
        portugal = self.into_force(SEEDS["PT"])
        self._until(4)
        self.allege(portugal, "inventory_reports", "The report for the first half did not come.")
        finland = self.into_force(SEEDS["FI"])
        self._until(12)
        self.allege(finland, "incident_notice", "A lost board was told of after nine days.")
        operations.begin_cure(
            notice_to="Ministry for Foreign Affairs",
            says=f"{INVENTED}: name who tells of losses, and by when.",
            **self._act(finland, days=2),
        )
        denmark = self.into_force(SEEDS["DK"])
        self._until(50)
        self.allege(denmark, "remote_access_limits", "A tenant was not named.")
        operations.begin_cure(
            notice_to="Ministry of Industry", says=f"{INVENTED}: name every tenant.", **self._act(denmark, days=1)
        )
        operations.accept_cure(
            reason=f"{INVENTED}: the list of tenants is complete and was checked.", **self._act(denmark, days=12)
        )

    def allege(self, instrument: Instrument, undertaking: str, says: str) -> None:
        """Allege a breach with a paper."""
        operations.allege_breach(
            undertaking=undertaking,
            allegation=f"{INVENTED}: {says}",
            upload=_paper(instrument.title, "Evidence.", says, instrument.number),
            **self._act(instrument),
        )

    # ── Over ────────────────────────────────────────────────────────────────────────────────────

    def _over(self) -> None:
        chile = self.into_force(SEEDS["CL"])
        self._until(13)
        operations.record_expiry(instrument=chile, by=SYSTEM, at=self.at)
        zealand = self.into_force(SEEDS["NZ"])
        self._until(33)
        operations.terminate_instrument(
            reason=f"{INVENTED}: both sides ended it, since nothing was licensed on it.", **self._act(zealand)
        )
        old = self.into_force(SEEDS["SE_LETTER"])
        new = self.into_force(SEEDS["SE_NOTES"])
        operations.supersede_instrument(
            successor=new, says=f"{INVENTED}: the notes replace the letter.", **self._act(old, days=1)
        )
        ghana = self.request(SEEDS["GH"])
        operations.withdraw_instrument(
            reason=f"{INVENTED}: the application that needed it was returned.", **self._act(ghana, days=8)
        )

    # ── In work ─────────────────────────────────────────────────────────────────────────────────

    def _in_work(self) -> None:
        armenia = self.agree(SEEDS["AM"])
        self.receive(armenia, "hy")
        self.agree(SEEDS["MY"])
        self.negotiate(SEEDS["ID"])
        self.request(SEEDS["KZ"])
        self.draft(SEEDS["JP"])

    # ── The steps ───────────────────────────────────────────────────────────────────────────────

    def draft(self, seed: Seed) -> Instrument:
        """Draft it."""
        self.at = self.now - timedelta(days=seed.started)
        in_the_past = seed.ends_in is not None and seed.ends_in < 0
        return operations.start_instrument(
            terms=Terms(
                kind=seed.kind,
                title=seed.title,
                country=seed.country,
                government=seed.government,
                ministry=seed.ministry,
                us_side=US_SIDE,
                is_binding=seed.is_binding,
                countries=(seed.country,),
                chip_models=seed.models,
                ceiling=seed.ceiling,
                from_on=day_of(self.at) if in_the_past else None,
                to_on=self._day(seed.ends_in),
                marking=f"{INVENTED}: no government gave this word",
                occasion=seed.occasion,
            ),
            by=self.first,
            at=self.at,
        )

    def request(self, seed: Seed) -> Instrument:
        """Draft it and ask for it through State."""
        instrument = self.draft(seed)
        operations.request_through_state(
            says=f"{INVENTED}: a memorandum to the desk of the country.", **self._act(instrument, days=1)
        )
        return instrument

    def negotiate(self, seed: Seed) -> Instrument:
        """Up to the negotiation, with two versions of the text."""
        instrument = self.request(seed)
        act = self._act(instrument, days=2)
        operations.record_contact(
            contacted_on=day_of(self.at), says=f"{INVENTED}: the embassy handed over a note.", **act
        )
        clauses = {name: given for name, given in CLAUSES.items() if name not in seed.without}
        operations.note_undertakings(given=clauses, **self._act(instrument, hours=5))
        ceiling = seed.ceiling or 0
        for proposed in (ceiling // 2, ceiling):
            self._text(instrument, _article(proposed), "Article 2. No transfer without consent.", *_MORE)
        return instrument

    def agree(self, seed: Seed) -> Instrument:
        """Up to the agreed text."""
        instrument = self.negotiate(seed)
        operations.agree_text(text=instrument.texts.latest("number"), **self._act(instrument, days=2))
        return instrument

    def receive(self, instrument: Instrument, language: str) -> None:
        """Record the receipt of the signed text, translated where it is foreign."""
        text = self._text(instrument, _article(instrument.ceiling or 0), *_MORE, signed=True, language=language)
        if language != "en":
            operations.add_translation(
                text=text,
                upload=_paper(instrument.title, "Certified translation into English.", *_MORE, instrument.number),
                certified_by="Invented Translation Service",
                certified_on=day_of(self.at),
                by=self.first,
                at=self._pass(hours=6),
            )
        act = self._act(instrument)
        operations.record_receipt(
            text=text,
            signatory="An invented minister",
            signatory_title="Minister",
            signatory_authority="Full powers (invented)",
            signed_on=day_of(self.at),
            **act,
        )

    def into_force(self, seed: Seed) -> Instrument:
        """All the way into force."""
        instrument = self.agree(seed)
        self.receive(instrument, seed.language)
        act = {**self._act(instrument, days=1), "by": self.second}
        operations.bring_into_force(**act)
        instrument.refresh_from_db()
        assert instrument.status == InstrumentStatus.IN_FORCE
        return instrument

    def _text(self, instrument: Instrument, *lines: str, signed: bool = False, language: str = "en") -> TextVersion:
        number = instrument.texts.count() + 1
        return operations.add_text(
            instrument=instrument,
            upload=_paper(instrument.title, f"Version {number}.", *lines, instrument.number),
            language=language,
            is_signed=signed,
            says=f"{'As signed' if signed else 'As proposed'} ({INVENTED.lower()}).",
            by=self.first,
            at=self._pass(hours=4),
        )


_MORE = (
    "Article 4. Officers of the United States may verify on site after fourteen days' notice.",
    "Article 8. Notice of loss, theft or change of ownership within 48 hours.",
)


def _article(ceiling: int) -> str:
    return f"Article 1. Up to {ceiling:,} chips." if ceiling else "Article 1. No ceiling is agreed."


def _terms_of(instrument: Instrument, *, ceiling: int) -> Terms:
    return Terms(
        kind=instrument.kind,
        title=instrument.title,
        country=instrument.country_id,
        government=instrument.government,
        ministry=instrument.ministry,
        us_side=instrument.us_side,
        is_binding=instrument.is_binding,
        countries=tuple(instrument.countries.values_list("pk", flat=True)),
        chip_models=tuple(instrument.chip_models),
        ceiling=ceiling,
        from_on=instrument.from_on,
        to_on=instrument.to_on,
        marking=instrument.marking,
        occasion=instrument.occasion,
    )


def _paper(title: str, *lines: str) -> ContentFile:
    """One page that says what it is: a document of the demonstration."""
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=letter, invariant=1)
    canvas.setTitle(title)
    canvas.setFont("Helvetica-Bold", 15)
    canvas.drawString(72, 700, title)
    canvas.setFont("Helvetica", 11)
    for number, line in enumerate(("Document of the demonstration, invented. No government gave this word.", *lines)):
        canvas.drawString(72, 670 - 16 * number, line)
    canvas.save()
    return ContentFile(stream.getvalue(), name="document.pdf")
