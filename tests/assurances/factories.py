"""Instruments in any state, made the way people make them: through the operations."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from reportlab.pdfgen.canvas import Canvas

from accounts.models import User
from accounts.rules import SYSTEM
from accounts.statuses import Role
from assurances import operations
from assurances.models import Breach, Instrument, TextVersion
from assurances.rules import Given, Terms
from deadlines.rules import day_of
from registry.models import Ground
from registry.operations import rely_on
from tests.accounts.factories import user
from tests.licensing import factories as licensing

AT = datetime(2026, 4, 1, 15, 0, tzinfo=UTC)
_numbers = count(1)

CLAUSES = {
    name: Given(f"Article {number}")
    for number, name in enumerate(
        (
            "no_reexport",
            "end_use_limits",
            "named_users_and_sites",
            "access_for_verification",
            "security_standards",
            "remote_access_limits",
            "inventory_reports",
            "remedies",
        ),
        start=2,
    )
} | {"incident_notice": Given("Article 10", 48)}


def later(**delta: float) -> datetime:
    """Some time after `AT`."""
    return AT + timedelta(**delta)


def load_rules(*, at: datetime = AT) -> None:
    """The editions, the reference data and the holidays, with one edition operating."""
    licensing.load_rules(at=at)


@dataclass
class Officers:
    """Who drafts, and who brings into force."""

    first: User = field(default_factory=lambda: user(Role.ASSURANCE_OFFICER, name="Beatrix Hollowell"))
    second: User = field(default_factory=lambda: user(Role.ASSURANCE_OFFICER, name="Mortimer Greyfriars"))


def pdf(*lines: str) -> SimpleUploadedFile:
    """A small real PDF with lines of text, unlike any other one."""
    stream = BytesIO()
    canvas = Canvas(stream)
    canvas.setTitle(f"Paper {next(_numbers)}")
    for number, line in enumerate(lines or ("Text.",)):
        canvas.drawString(72, 720 - 16 * number, line)
    canvas.save()
    return SimpleUploadedFile("paper.pdf", stream.getvalue(), content_type="application/pdf")


def terms(**changes: Any) -> Terms:
    """Terms of a letter of assurance of Saudi Arabia, for 50,000 chips until the end of 2028."""
    return Terms(
        **{
            "kind": "letter_of_assurance",
            "title": "Letter of assurance of Saudi Arabia",
            "country": "SA",
            "government": "Kingdom of Saudi Arabia",
            "ministry": "Ministry of Commerce",
            "us_side": "Department of Commerce, Bureau of Industry and Security",
            "is_binding": True,
            "countries": ("SA",),
            "chip_models": ("GB300",),
            "ceiling": 50_000,
            "from_on": date(2026, 4, 1),
            "to_on": date(2029, 1, 1),
            "occasion": "Case C000007",
            **changes,
        }
    )


def drafted(who: Officers, *, at: datetime = AT, **changes: Any) -> Instrument:
    """A draft."""
    return operations.start_instrument(terms=terms(**changes), by=who.first, at=at)


def requested(who: Officers, *, at: datetime = AT, **changes: Any) -> Instrument:
    """Asked for through State."""
    instrument = drafted(who, at=at, **changes)
    return operations.request_through_state(
        instrument=instrument,
        says="Note to the Bureau of Near Eastern Affairs.",
        version=instrument.version,
        by=who.first,
        at=at,
    )


def negotiated(who: Officers, *, at: datetime = AT, **changes: Any) -> Instrument:
    """State has contacted the government."""
    instrument = requested(who, at=at, **changes)
    return operations.record_contact(
        instrument=instrument,
        contacted_on=day_of(at),
        says="The embassy handed a note over.",
        version=instrument.version,
        by=who.first,
        at=at,
    )


def noted(who: Officers, *, at: datetime = AT, without: tuple[str, ...] = (), **changes: Any) -> Instrument:
    """Under negotiation, with the clause of every mandatory undertaking but those in `without`."""
    instrument = negotiated(who, at=at, **changes)
    operations.note_undertakings(
        instrument=instrument,
        given={name: given for name, given in CLAUSES.items() if name not in without},
        version=instrument.version,
        by=who.first,
        at=at,
    )
    instrument.refresh_from_db()
    return instrument


def text(
    instrument: Instrument, by: User, *, signed: bool = False, language: str = "en", at: datetime = AT, lines: Any = ()
) -> TextVersion:
    """A version of the text."""
    return operations.add_text(
        instrument=instrument,
        upload=pdf(*lines),
        language=language,
        is_signed=signed,
        says="As signed." if signed else "As proposed.",
        by=by,
        at=at,
    )


def agreed(who: Officers, *, at: datetime = AT, **changes: Any) -> Instrument:
    """With an agreed text."""
    instrument = noted(who, at=at, **changes)
    draft = text(instrument, who.first, at=at)
    return operations.agree_text(instrument=instrument, text=draft, version=instrument.version, by=who.first, at=at)


def receive(instrument: Instrument, signed: TextVersion, by: User, *, at: datetime = AT, **changes: Any) -> Instrument:
    """Record the receipt of a signed text."""
    return operations.record_receipt(
        **{
            "instrument": instrument,
            "text": signed,
            "signatory": "H. E. the Minister of Commerce",
            "signatory_title": "Minister",
            "signatory_authority": "Full powers of the Council of Ministers",
            "signed_on": day_of(at),
            "version": instrument.version,
            "by": by,
            "at": at,
            **changes,
        }
    )


def signed(who: Officers, *, at: datetime = AT, **changes: Any) -> Instrument:
    """Signed and received."""
    instrument = agreed(who, at=at, **changes)
    return receive(instrument, text(instrument, who.first, signed=True, at=at), who.first, at=at)


def in_force(who: Officers, *, at: datetime = AT, **changes: Any) -> Instrument:
    """In force, by the second officer."""
    instrument = signed(who, at=at, **changes)
    return operations.bring_into_force(instrument=instrument, version=instrument.version, by=who.second, at=at)


def suspended(who: Officers, *, at: datetime = AT, **changes: Any) -> Instrument:
    """Suspended."""
    instrument = in_force(who, at=at, **changes)
    return operations.suspend_instrument(
        instrument=instrument, reason="The ministry denied access.", version=instrument.version, by=who.first, at=at
    )


def allege(instrument: Instrument, by: User, *, at: datetime = AT) -> Breach:
    """Allege a breach."""
    breach = operations.allege_breach(
        instrument=instrument,
        undertaking="no_reexport",
        allegation="Two racks were offered for sale abroad.",
        upload=pdf("Offer of two racks"),
        version=instrument.version,
        by=by,
        at=at,
    )
    instrument.refresh_from_db()
    return breach


def cured(who: Officers, *, at: datetime = AT, **changes: Any) -> Instrument:
    """In cure: a breach is alleged and notice given."""
    instrument = in_force(who, at=at, **changes)
    allege(instrument, who.first, at=at)
    operations.begin_cure(
        instrument=instrument,
        notice_to="Ministry of Commerce",
        says="Account for the racks.",
        version=instrument.version,
        by=who.first,
        at=at,
    )
    instrument.refresh_from_db()
    return instrument


def stand_on(instrument: Instrument, dependent: tuple[str, str], label: str, *, at: datetime = AT) -> Ground:
    """Let a case or a license stand on an instrument; answers its ground."""
    return rely_on(
        subject=("assurances.instrument", str(instrument.pk)), dependent=dependent, label=label, by=SYSTEM, at=at
    ).ground


def one_of_each(*, at: datetime) -> None:
    """A row of every model, for who reads them all; the rules are loaded already."""
    who = Officers()
    foreign = agreed(who, at=at)
    arabic = text(foreign, who.first, signed=True, language="ar", at=at)
    operations.add_translation(
        text=arabic,
        upload=pdf("In English"),
        certified_by="A. Translator",
        certified_on=day_of(at),
        by=who.first,
        at=at,
    )
    cured(who, at=at, from_on=day_of(at))
