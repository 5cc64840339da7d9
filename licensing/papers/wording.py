"""How dates, money and quantities are written in a letter, and the parts that several letters share."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from .blocks import Block, Column, Enclosure, Heading, Pairs, SignatureBlock, Table, Text
from .facts import Envelope, Official, Reason, Verification


def on_day(day: date) -> str:
    """A day as a letter writes it: March 9, 2026."""
    return f"{day:%B} {day.day}, {day.year}"


def usd(amount: Decimal) -> str:
    """An amount of US dollars without its currency, for a column that names it: 1,234.50."""
    return f"{amount:,.2f}"


def chips(count: int) -> str:
    """A count of chips: 1 chip, 35,000 chips."""
    return "1 chip" if count == 1 else f"{count:,} chips"


def spaced_code(code: str) -> str:
    """A verification code in groups of four, for reading aloud and typing."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def letter_to(envelope: Envelope) -> tuple[str, ...]:
    """The addressee's lines: the person, the organization, its address."""
    person = envelope.contact
    if person and envelope.contact_title:
        person = f"{person}, {envelope.contact_title}"
    return tuple(line for line in (person, envelope.applicant, *envelope.applicant_address.splitlines()) if line)


def salutation(envelope: Envelope) -> str:
    """Whom the letter greets: who certified the application, or the applicant."""
    return f"Dear {envelope.contact or envelope.applicant}:"


def references(envelope: Envelope, *, number: tuple[str, str] | None = None) -> tuple[tuple[str, str], ...]:
    """The reference lines beside the address: number, Application Control Number, date."""
    rows = [number] if number else []
    rows.append(("Application (ACN)", envelope.acn))
    if envelope.own_reference:
        rows.append(("Your reference", envelope.own_reference))
    rows.append(("Date", on_day(envelope.on)))
    return tuple(rows)


def what_was_asked(envelope: Envelope) -> Enclosure:
    """The application that a letter answers: its day, its items, its parties and its place."""
    rows = [("Applicant", envelope.applicant)]
    if envelope.filed_on is not None:
        rows.append(("Filed on", on_day(envelope.filed_on)))
    return Enclosure(
        f"What application {envelope.acn} asked for",
        [Pairs([*rows, *who_and_where(envelope)]), Heading("Items"), asked_items(envelope)],
    )


def asked_items(envelope: Envelope, *, total: Sequence[str] = ()) -> Table:
    """The lines of the application, without prices."""
    return Table(
        columns=(
            Column("Line", 0.09),
            Column("Model", 0.51),
            Column("ECCN", 0.2),
            Column("Quantity", 0.2, number=True),
        ),
        rows=[(str(row.line_no), row.model, row.eccn, f"{row.quantity:,}") for row in envelope.asked],
        total=total,
    )


def who_and_where(envelope: Envelope) -> list[tuple[str, str]]:
    """The parties in their roles and the installation, as rows of a list."""
    rows = [(party.role, f"{party.name}\n{party.address}") for party in envelope.parties]
    site = envelope.site
    operated = f"\nOperated by {site.operator}" if site.operator else ""
    rows.append(("Installation", f"{site.name}\n{site.address}{operated}"))
    rows.append(("Destination", site.country))
    return rows


def rules_applied(envelope: Envelope) -> list[Block]:
    """The edition that the case was determined under, with its own notice."""
    rules = envelope.rules
    return [
        Heading("Rules applied"),
        Text(f"This case was determined under the edition {rules.id}, “{rules.title}”. {rules.notice}".strip()),
    ]


def signed(envelope: Envelope) -> SignatureBlock:
    """The signature block: the deciding official, or the plain statement that nobody signed."""
    signer = envelope.signer
    if isinstance(signer, Official):
        lines = [line for line in (signer.title, *signer.places) if line]
        return SignatureBlock("Sincerely,", signer.name, (*lines, f"Signed electronically on {on_day(envelope.on)}"))
    return SignatureBlock(
        "Sincerely,",
        "Countersign",
        (f"Issued by the system under edition {envelope.rules.id}; no official signed it.",),
    )


def numbered_reasons(reasons: tuple[Reason, ...]) -> list[tuple[str, str]]:
    """Reasons with their sources, for a numbered list."""
    return [(reason.says, f"Source: {reason.source}" if reason.source else "") for reason in reasons]


def how_to_validate(verification: Verification, *, number: str, what: str) -> tuple[str, ...]:
    """What the QR code is for, with everything in it as text."""
    return (
        f"Anybody can confirm {what}. The page answers with its number, its status and its dates, and with nothing "
        "more.",
        f"At {verification.page}, give the number {number} and the code {spaced_code(verification.code)}. Or open "
        "the address in the square:",
    )
