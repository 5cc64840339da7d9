"""What a license and an exemption notice say."""

from .blocks import Block, Column, Heading, Numbered, Pairs, Paper, Square, Table, Text
from .facts import Envelope, ExemptionFacts, LicenseFacts, PendingCondition
from .wording import (
    asked_items,
    chips,
    how_to_validate,
    letter_to,
    on_day,
    references,
    rules_applied,
    salutation,
    signed,
    usd,
    who_and_where,
)


def compose_license(envelope: Envelope, facts: LicenseFacts) -> Paper:
    """A license: what may go to whom, how many, for how much, until when and on which conditions (750.7)."""
    extent = "in part" if facts.in_part else "in whole"
    validity = f"It is valid from {on_day(facts.valid_from)} through {on_day(facts.expires_on)}."
    blocks: list[Block] = [
        Text(
            f"Your application {envelope.acn} is approved {extent}. Under license {facts.number}, "
            f"{envelope.applicant} may export the items listed below to the parties and the installation named "
            f"below, for the end use stated below. {validity}",
            "lead",
        ),
    ]
    if facts.validity_note:
        blocks.append(Text(facts.validity_note, "quiet"))
    if facts.in_part:
        blocks += [
            Text("What your application asked for and this license does not list is not licensed."),
            Heading("Why less than was asked"),
            Text(facts.reasons),
        ]
    blocks += [
        Heading("Parties and place"),
        Pairs([("Licensee", f"{envelope.applicant}\n{envelope.applicant_address}"), *who_and_where(envelope)]),
        Heading("End use"),
        Text(facts.end_use),
        Heading("Licensed items"),
        _lines(facts),
        Text(_caps(envelope, facts)),
        *_conditions(facts),
        Heading("Your duties"),
        Numbered([(duty, "") for duty in _duties(envelope, has_conditions=bool(facts.conditions))]),
        Heading("How to confirm this license"),
        Square(
            facts.verification.url,
            how_to_validate(facts.verification, number=facts.number, what="that this license exists"),
        ),
        *rules_applied(envelope),
        signed(envelope),
    ]
    return Paper(
        headline=f"Export license {facts.number}",
        title="Export license",
        number=facts.number,
        author=envelope.letterhead[0],
        letterhead=envelope.letterhead,
        addressee=letter_to(envelope),
        references=references(envelope, number=("License", facts.number)),
        subject=f"License {facts.number} on application {envelope.acn}",
        salutation=salutation(envelope),
        blocks=blocks,
        marking=envelope.marking,
        demonstration=envelope.demonstration,
    )


def _lines(facts: LicenseFacts) -> Table:
    return Table(
        columns=(
            Column("Line", 0.07),
            Column("Model", 0.29),
            Column("ECCN", 0.12),
            Column("Quantity", 0.13, number=True),
            Column("Unit price, USD", 0.17, number=True),
            Column("Total value, USD", 0.22, number=True),
        ),
        rows=[
            (
                str(line.line_no),
                line.model,
                line.eccn,
                f"{line.quantity:,}",
                usd(line.unit_price),
                usd(line.value),
            )
            for line in facts.lines
        ],
        total=(
            "",
            "Ceilings of the license",
            "",
            f"{sum(line.quantity for line in facts.lines):,}",
            "",
            usd(sum((line.value for line in facts.lines), start=facts.lines[0].value * 0)),
        ),
    )


def _caps(envelope: Envelope, facts: LicenseFacts) -> str:
    says = (
        "Quantity and total value both cap each line: what is shipped may exceed neither (15 CFR 750.7(f)). The "
        "quantity has no tolerance."
    )
    rules = envelope.rules
    if rules.value_tolerance_percent is None:
        return f"{says} A tolerance on value is as 15 CFR 750.11 states it."
    return (
        f"{says} The total value alone has one: shipments may exceed it by up to {rules.value_tolerance_percent} "
        f"percent until the quantity is shipped ({rules.value_tolerance_source})."
    )


def _conditions(facts: LicenseFacts) -> list[Block]:
    blocks: list[Block] = [Heading("Conditions")]
    if facts.conditions:
        blocks.append(Numbered([(condition, "") for condition in facts.conditions]))
    else:
        blocks.append(Text("This license has no conditions beyond its own terms and the regulations."))
    if facts.before_shipment:
        blocks += [
            Heading("Before any shipment"),
            Text("Nothing may be shipped under this license until Commerce has recorded each of these as met:"),
            Numbered([(_pending(pending), "") for pending in facts.before_shipment]),
        ]
    return blocks


def _pending(pending: PendingCondition) -> str:
    # A sentence that begins with the title needs no title before it.
    return pending.says if pending.says.startswith(pending.title) else f"{pending.title}. {pending.says}"


def _duties(envelope: Envelope, *, has_conditions: bool) -> list[str]:
    duties = [
        "Stay within the license. It covers only the items, the end use and the parties of your application and of "
        "its letters of explanation (15 CFR 750.7(a)).",
    ]
    if has_conditions:
        duties.append(
            "Communicate the conditions. Tell each party that a condition binds of that condition in writing and, "
            "where the condition requires it, obtain that party's written acknowledgment (15 CFR 750.7(d))."
        )
    duties += [
        "Report changes. The answers in your application remain your representations: report a material change "
        "promptly, also now that the license is issued (15 CFR 748.6(f)).",
        _records(envelope, what="this license, used or not"),
        "Do not transfer it without prior written approval (15 CFR 750.10). It may be revised, suspended or revoked "
        "without notice (15 CFR 750.8).",
    ]
    return duties


def _records(envelope: Envelope, *, what: str) -> str:
    years = envelope.rules.record_years
    if years is None:
        return f"Keep {what}, and the records of each export, for as long as 15 CFR 762.6 requires."
    return (
        f"Keep {what}, and the records of each export, for {years} years from the latest of the export, a known "
        "reexport, transfer or diversion, or the end of the transaction (15 CFR 762.6)."
    )


def compose_exemption(envelope: Envelope, facts: ExemptionFacts) -> Paper:
    """An exemption notice: what is exempt, on which conditions, what must be reported by when, when it lapses."""
    blocks: list[Block] = [
        Text(
            f"Your exemption filing {envelope.acn} is accepted as exemption {facts.number}. {envelope.applicant} may "
            f"deliver {chips(facts.chips)} to the installation named below without a license, as long as the "
            f"conditions below are kept. The exemption is valid from {on_day(facts.accepted_on)} through "
            f"{on_day(facts.lapses_on)} and lapses after that day.",
            "lead",
        ),
        Heading("Parties and place"),
        Pairs([("Exporter", f"{envelope.applicant}\n{envelope.applicant_address}"), *who_and_where(envelope)]),
        Heading("Exempt items"),
        asked_items(envelope, total=("", "All lines", "", f"{sum(row.quantity for row in envelope.asked):,}")),
        Heading("Conditions"),
        Text("The exemption holds only while each of these is kept:"),
        Numbered([(condition, "") for condition in facts.conditions]),
        Heading("Reports"),
        *_reports(facts),
        Heading("When it ends"),
        Text(
            f"The exemption lapses after {on_day(facts.lapses_on)}. It ends earlier when a condition is no longer "
            "kept or a report is not made. Chips that stay there after it ended need a license or a new exemption. "
            "It covers no further chips: more for the same installation need a new application."
        ),
        Text(_records(envelope, what="this notice, the plan and the undertaking")),
        Heading("How to confirm this exemption"),
        Square(
            facts.verification.url,
            how_to_validate(facts.verification, number=facts.number, what="that this exemption exists"),
        ),
        *rules_applied(envelope),
        signed(envelope),
    ]
    return Paper(
        headline=f"Notice of exemption {facts.number}",
        title="Notice of exemption",
        number=facts.number,
        author=envelope.letterhead[0],
        letterhead=envelope.letterhead,
        addressee=letter_to(envelope),
        references=references(envelope, number=("Exemption", facts.number)),
        subject=f"Exemption {facts.number} on application {envelope.acn}",
        salutation=salutation(envelope),
        blocks=blocks,
        marking=envelope.marking,
        demonstration=envelope.demonstration,
    )


def _reports(facts: ExemptionFacts) -> list[Block]:
    if not facts.reports:
        return [Text("Report on the chips when Commerce asks for it.")]
    blocks: list[Block] = [
        Text("Report where the chips are, who uses them and what the monitoring shows, for each of these periods:"),
        Pairs([(period, f"Due by {day} each year") for period, day in facts.reports]),
    ]
    if facts.next_report_on is not None:
        blocks.append(Text(f"Your first report is due by {on_day(facts.next_report_on)}."))
    return blocks
