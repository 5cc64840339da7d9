"""The letters that grant nothing: denial, return without action, refusal, the answer that none is needed."""

from collections.abc import Sequence

from .blocks import Block, Heading, Numbered, Pairs, Paper, Text
from .facts import Envelope, PendingCondition, Reason
from .wording import (
    letter_to,
    numbered_reasons,
    references,
    rules_applied,
    salutation,
    signed,
    what_was_asked,
)


def _letter(envelope: Envelope, *, title: str, subject: str, blocks: Sequence[Block]) -> Paper:
    return Paper(
        headline=title,
        title=title,
        number=envelope.acn,
        author=envelope.letterhead[0],
        letterhead=envelope.letterhead,
        addressee=letter_to(envelope),
        references=references(envelope),
        subject=subject,
        salutation=salutation(envelope),
        blocks=(*blocks, *rules_applied(envelope), signed(envelope)),
        marking=envelope.marking,
        demonstration=envelope.demonstration,
        enclosures=(what_was_asked(envelope),),
    )


def compose_denial(envelope: Envelope, *, statutory_basis: str, regulatory_basis: str, reasons: str) -> Paper:
    """A denial: the decision, its two bases, its reasons, and the right of appeal (15 CFR 750.6, Part 756)."""
    return _letter(
        envelope,
        title="Letter of denial",
        subject=f"Denial of application {envelope.acn}",
        blocks=[
            Text(f"Your application {envelope.acn} is denied. Nothing may be exported on the strength of it.", "lead"),
            Heading("Grounds"),
            Pairs([("Statutory basis", statutory_basis), ("Regulatory basis", regulatory_basis)]),
            Heading("Reasons"),
            Text(reasons),
            Heading("Your rights"),
            Text(_appeal(envelope)),
            Text(
                "You may also file a new application for the same transaction once the reasons above no longer "
                f"stand. Name {envelope.acn} in it as the earlier application (15 CFR 748.4(g))."
            ),
        ],
    )


def _appeal(envelope: Envelope) -> str:
    days = envelope.rules.appeal_days
    until = (
        "within the time that 15 CFR Part 756 states"
        if days is None
        else f"no later than {days} days after the date of this letter"
    )
    return (
        f"You may appeal this denial under 15 CFR Part 756. The appeal must be in writing, say why the denial is "
        f"wrong, and be received {until}. If you want an informal hearing, ask for it in the appeal. An appeal does "
        "not suspend the denial."
    )


def compose_return(envelope: Envelope, *, deficiencies: str) -> Paper:
    """A return without action: neither granted nor denied, what is missing, how to file again."""
    return _letter(
        envelope,
        title="Letter of return without action",
        subject=f"Return of application {envelope.acn} without action (RWA)",
        blocks=[
            Text(
                f"Your application {envelope.acn} is returned without action (RWA). It is neither approved nor "
                "denied, because it cannot be decided as it was filed.",
                "lead",
            ),
            Heading("What stands in the way"),
            Text(deficiencies),
            Heading("What you can do"),
            Text(
                "File a new application that mends what is named above. You can copy this one as its beginning. Name "
                f"{envelope.acn} in it as the earlier application (15 CFR 748.4(g)). It gets a number and a clock of "
                "its own."
            ),
            Text(
                "A return is not a denial, so there is nothing to appeal. If you think that the application was "
                "complete, write to the office above and name its number."
            ),
        ],
    )


def compose_refusal(envelope: Envelope, *, reasons: tuple[Reason, ...]) -> Paper:
    """A refusal of a barred filing: the rule that bars it, its source, and what would change the answer."""
    return _letter(
        envelope,
        title="Letter of refusal",
        subject=f"Refusal of application {envelope.acn}: barred",
        blocks=[
            Text(
                f"Your application {envelope.acn} is refused: what it asks for is barred, and under the rules "
                "applied no license can be granted for it.",
                "lead",
            ),
            Heading("The rule and its source"),
            Numbered(numbered_reasons(reasons)),
            Heading("What would change this answer"),
            Text(
                "The answer follows from the destination, the headquarters of the parties and of their ultimate "
                "parents, and the chips, as you certified them. If one of these is wrong, file a new application with "
                f"the right fact and name {envelope.acn} in it as the earlier application (15 CFR 748.4(g)). If they "
                "are right, only a change of the rules would change the answer."
            ),
            Text(
                "If you think that the rule was applied wrongly, write to the office above, name this application, "
                "and ask that an official examine it."
            ),
        ],
    )


def compose_answer(envelope: Envelope, *, reasons: tuple[Reason, ...]) -> Paper:
    """An answer in writing that what was filed is not controlled, with its reasons and its limits."""
    return _letter(
        envelope,
        title="Letter of answer: not controlled",
        subject=f"Answer to application {envelope.acn}: not controlled",
        blocks=[
            Text(
                f"Your application {envelope.acn} needs no license: what it lists is not controlled under the rules "
                "applied.",
                "lead",
            ),
            Heading("Reasons"),
            Numbered(numbered_reasons(reasons)),
            Heading("What this answer covers"),
            Text(
                "It holds for the facts that you certified, and for the rules named below. It ends when one of these "
                "facts changes. Other law may still require something of you; this letter says nothing about it. "
                "Keep it with your records of the transaction."
            ),
        ],
    )


def compose_exemption_refusal(envelope: Envelope, *, reasons: str, asked_before: Sequence[PendingCondition]) -> Paper:
    """A refusal of an exemption: what does not suffice, that a license is needed, and what the applicant can do.

    `asked_before` is what the rules ask for before a license can be issued; it may be empty.
    """
    asked: list[Block] = (
        [
            Text("Before a license can be issued, the rules ask for:"),
            Numbered([(condition.title, condition.says) for condition in asked_before]),
        ]
        if asked_before
        else [Text("The rules ask for nothing beyond the review and its decision.")]
    )
    return _letter(
        envelope,
        title="Refusal of an exemption",
        subject=f"Refusal of the exemption asked for in {envelope.acn}",
        blocks=[
            Text(
                f"The exemption that you asked for in {envelope.acn} is refused. A license is required, and nothing "
                "may be exported before one is issued.",
                "lead",
            ),
            Heading("What does not suffice"),
            Text(reasons),
            Heading("What happens now"),
            Text(
                f"Your filing goes on as an application for a license under the same number, {envelope.acn}. You need "
                "not file again. This refusal says nothing about whether the license will be granted."
            ),
            *asked,
            Heading("What you can do"),
            Text(
                "Wait for the decision, and answer the questions that the licensing officer may ask. Your answers may "
                "bring a mended plan or undertaking with them."
            ),
            Text(
                f"Or withdraw {envelope.acn} and file anew with a plan and an undertaking that mend what is named "
                f"above. Name {envelope.acn} in the new filing as the earlier one (15 CFR 748.4(g))."
            ),
            Text(
                "This refusal denies no license, so there is nothing to appeal yet; a denial would say how to appeal "
                "it. If you think that the plan and the undertaking sufficed, write to the office above, name the "
                "number, and ask that another official examine it."
            ),
        ],
    )
