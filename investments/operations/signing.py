"""From a draft to a commitment in force: the agreement with its papers, then the day from which it counts."""

from __future__ import annotations

from datetime import date, datetime

from accounts.rules import Principal, Refused
from audit.operations import operation, record
from deadlines.operations import set_deadline
from deadlines.rules import day_of
from investments.models import AmountEntry, Commitment
from investments.operations.assessing import settle
from investments.operations.locking import (
    follow_table,
    lock_commitment,
    on_desk,
    require_user,
    require_words,
    save_version,
    use_rate,
)
from investments.operations.papers import PaperIn, file_paper, inspect_paper
from investments.permissions import check_can_keep_commitments
from investments.rules import Rate, check_plan_adds_up, end_of, write_units
from investments.shipped import find_currency
from investments.statuses import AmountKind, AmountUnit, PaperKind
from rulebook.selectors import get_operating_edition


@operation
def sign_commitment(
    *,
    commitment: Commitment,
    reference: str,
    signed_on: date,
    paper: PaperIn,
    by: Principal,
    at: datetime,
    version: int | None = None,
) -> Commitment:
    """Record that the agreement is signed, with its document; what it promises is pledged from now on.

    Raises Refused, naming the field: no asset, milestones that do not come to the whole, a rate that has grown
    old, a signature of the future, a foreign-language document without its certified translation.
    """
    locked = lock_commitment(commitment, version=version)
    check_can_keep_commitments(by, to="record a signature")
    status = follow_table(locked, "sign")
    if not locked.assets.filter(is_counted=True).exists():
        raise Refused("No asset is named. Name at least one data center in the United States.", rule="commitment.asset")
    check_plan_adds_up(list(locked.milestones.values_list("units", flat=True)), target=locked.target, unit=locked.unit)
    currency = find_currency(locked.currency)
    try:
        use_rate(currency, Rate(locked.rate, locked.rate_on, locked.rate_source), at)
    except Refused as refusal:
        raise Refused(
            f"{refusal.reason} Change the terms with a newer rate, then sign.", rule=refusal.rule
        ) from refusal
    if signed_on > day_of(at):
        raise Refused("The day of the signature has not come yet.", rule="commitment.signed_on", field="signed_on")
    if locked.ends_on < day_of(at):
        raise Refused("The commitment’s last day has passed. Change its terms first.", rule="commitment.period")
    named = require_words(reference, field="reference", says="Name the agreement, such as its title and its number.")
    inspected = inspect_paper(paper)
    papers = file_paper(locked, inspected, paper, kind=PaperKind.AGREEMENT, title=f"Agreement: {named}", by=by, at=at)
    locked.agreement_reference, locked.signed_on, locked.status = named[:200], signed_on, status
    save_version(locked, "agreement_reference", "signed_on", "status")
    entries = [
        AmountEntry.objects.create(
            commitment=locked,
            kind=AmountKind.PLEDGED,
            unit=AmountUnit.CENTS,
            units=locked.amount_cents,
            amount_minor=locked.amount_minor,
            currency=locked.currency,
            rate=locked.rate,
            rate_on=locked.rate_on,
            rate_source=locked.rate_source,
            on=signed_on,
            says=f"Pledged in {named}.",
            by_label=by.actor.label,
            at=at,
        )
    ]
    if locked.kilowatts:
        entries.append(
            AmountEntry.objects.create(
                commitment=locked,
                kind=AmountKind.PLEDGED,
                unit=AmountUnit.KILOWATTS,
                units=locked.kilowatts,
                on=signed_on,
                says=f"Pledged in {named}.",
                by_label=by.actor.label,
                at=at,
            )
        )
    pledged = " and ".join(write_units(entry.units, entry.unit) for entry in entries)
    record(
        subject=locked,
        verb="commitment.signed",
        says=f"Recorded the signature of {named}: {pledged} pledged.",
        by=by,
        at=at,
        data={"sha256": papers[0].sha256},
        covers=[*papers, *entries],
    )
    return locked


@operation
def bring_into_force(
    *, commitment: Commitment, says: str, by: Principal, at: datetime, version: int | None = None
) -> Commitment:
    """Bring a signed commitment into force: cases may stand on it, and its due dates are watched from now on."""
    locked = lock_commitment(commitment, version=version)
    check_can_keep_commitments(by, to="bring a commitment into force")
    person = require_user(by)
    locked.status = follow_table(locked, "bring_into_force")
    if locked.ends_on < day_of(at):
        raise Refused(
            "The commitment’s last day has passed. Terminate it, and draft a new one.", rule="commitment.period"
        )
    why = require_words(says, field="says", says="Say what brought it into force, such as an exchange of notices.")
    locked.in_force_at, locked.officer = at, person
    save_version(locked, "status", "in_force_at", "officer")
    record(subject=locked, verb="commitment.in_force", says=f"Brought {locked.number} into force: {why}", by=by, at=at)
    offsets = get_operating_edition(at).value("reminders.milestone")
    for milestone in locked.milestones.all():
        due_at = end_of(milestone.due_on)
        if due_at > at:
            set_deadline(
                subject=milestone,
                kind="milestone",
                says=f"{locked.number}: “{milestone.title}”, {write_units(milestone.units, locked.unit)}"[:300],
                url=on_desk(locked),
                owner=("user", person.pk),
                due_at=due_at,
                reminder_offsets=offsets,
                by=by,
                at=at,
            )
    settle(locked, by=by, at=at)
    return locked
