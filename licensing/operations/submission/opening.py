"""The case that a filing opens: its number, its requirements, its clock."""

from datetime import datetime
from typing import Any

from django.db import connection

from accounts.rules import SYSTEM, Principal
from deadlines.operations import set_deadline, start_clock
from deadlines.rules import AGENCY_ZONE, add_calendar_days, to_minute
from ledger.operations import reserve_each
from ledger.statuses import AccountKind
from licensing.addresses import on_desk
from licensing.models import Application, ApplicationParty, Case, Requirement
from licensing.rules import (
    CLOCK,
    acn_of,
    shorten,
)
from licensing.statuses import CaseKind, CaseStatus, ItemKind, PartyRole
from rulebook.rules import Determination, Edition

# The next number, and the unit that receives the destination's cases (or else every other destination's).
_NUMBER_AND_UNIT = """
SELECT nextval('licensing_acn_numbers'), (
    SELECT unit_id FROM licensing_unitroute WHERE destination_id = %s OR destination_id IS NULL
    ORDER BY destination_id NULLS LAST LIMIT 1
)
"""
KINDS = {
    "exempt": (CaseKind.EXEMPTION, CaseStatus.RECEIVED),
    "license_required": (CaseKind.LICENSE, CaseStatus.RECEIVED),
    "barred": (CaseKind.REFUSAL, CaseStatus.REFUSED_BARRED),
    "not_controlled": (CaseKind.ANSWER, CaseStatus.NOT_CONTROLLED),
}


def open_case(
    application: Application,
    parties: list[ApplicationParty],
    items: list[Any],
    determination: Determination,
    edition: Edition,
    *,
    at: datetime,
) -> Case:
    """Give a filing its number and its case, in the state that its determination says."""
    with connection.cursor() as cursor:
        cursor.execute(_NUMBER_AND_UNIT, [application.site_country_id])
        serial, unit_id = cursor.fetchone()
    kind, status = KINDS[determination.disposition]
    open_ = status == CaseStatus.RECEIVED
    destination = application.site_country
    assert destination is not None
    chips = [item for item in items if item.kind == ItemKind.CHIP]
    what = shorten([f"{item.quantity:,} {item.model}" for item in chips]) or "Model weights"
    whom = shorten([p.name for p in parties if p.role == PartyRole.END_USER], most=1)
    return Case.objects.create(
        acn=acn_of(serial),
        application=application,
        kind=kind,
        status=status,
        tier=determination.tier or "",
        destination=destination,
        subject_line=f"{what} to {whom}, {application.site_city}"[:300],
        applicant_name=application.organization.name,
        chips=sum(item.quantity for item in chips),
        value_cents=sum(item.value_cents for item in items),
        unit_id=unit_id,
        opened_at=at,
        due_at=add_calendar_days(to_minute(at), edition.value("clock.total_days"), AGENCY_ZONE.key) if open_ else None,
        closed_at=None if open_ else at,
    )


def open_requirements(case: Case, determination: Determination, edition: Edition) -> None:
    """One requirement row for each requirement of a determination, in the edition's words."""
    rows = []
    for position, wanted in enumerate(determination.as_dict()["requirements"], start=1):
        choices = wanted["any_of"] if isinstance(wanted, dict) else [wanted]
        words = [edition.requirements[choice] for choice in choices]
        rows.append(
            Requirement(
                case=case,
                position=position,
                name=choices[0] if len(choices) == 1 else "any_of",
                any_of=choices if len(choices) > 1 else [],
                title=" or ".join(
                    word.title if n == 0 else word.title[0].lower() + word.title[1:] for n, word in enumerate(words)
                ),
                says=" Or: ".join(word.sentence for word in words),
                satisfied_by=" Or: ".join(word.satisfied_by for word in words),
                # A choice holds up what the gravest of its parts holds up, and is waived only if every part may be.
                gates="issue" if any(word.gates == "issue" for word in words) else "shipment",
                waivable=all(word.waivable for word in words),
            )
        )
    Requirement.objects.bulk_create(rows)


def set_running(case: Case, items: list[Any], edition: Edition, *, by: Principal, at: datetime) -> None:
    """Count the chips as pending at their installation and start the clock of the case."""
    installation = case.application.installation
    assert installation is not None
    assert case.due_at is not None
    reserve_each(
        kind=AccountKind.INSTALLATION_ORDERS,
        subject=installation,
        unit="chips",
        reservations=[
            (item.model, item.quantity, f"{case.acn}/{item.line_no}/pending", f"Asked for in {case.acn}.")
            for item in items
            if item.kind == ItemKind.CHIP
        ],
        by=by,
        at=at,
    )
    start_clock(subject=case, kind=CLOCK, limit_days=edition.value("clock.total_days"), by=SYSTEM, at=at)
    if case.unit_id:
        set_deadline(
            subject=case,
            kind="case_due",
            says=f"{case.acn} must be decided: {case.subject_line}"[:300],
            url=on_desk(case),
            owner=("unit", case.unit_id),
            due_at=case.due_at,
            reminder_offsets=edition.value("reminders.case_due"),
            by=SYSTEM,
            at=at,
        )


def sum_up(determination: Determination) -> str:
    """A determination in one sentence, for the journal."""
    if determination.disposition == "license_required":
        return f"A license is required, tier {determination.tier or 'none'}."
    return {
        "exempt": "Filed for an exemption.",
        "barred": "Refused: barred.",
        "not_controlled": "Answered: not controlled.",
    }[determination.disposition]
