"""The decision on a case, and what it makes: a license, an exemption, a letter."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.db import connection

from accounts.models import User
from accounts.rules import SYSTEM, Refused
from audit.operations import operation, record
from deadlines.operations import notify, set_deadline
from deadlines.rules import AGENCY_ZONE, Calendar, day_of, roll_holiday
from deadlines.selectors import get_calendar
from ledger.operations import draw, open_account
from ledger.statuses import AccountKind
from licensing.addresses import on_portal
from licensing.models import (
    Case,
    Decision,
    Exemption,
    License,
    LicenseCondition,
    LicenseLine,
    Recommendation,
    StoredDetermination,
)
from licensing.permissions import check_can_decide, check_can_work_on
from licensing.rules import (
    CASE_TRANSITIONS,
    check_decided_lines,
    check_denial_grounds,
    check_requirements_closed,
    exemption_number_of,
    expiry_of,
    license_number_of,
    next_status,
)
from licensing.selectors.evidence import get_edition_of
from licensing.statuses import CaseKind, CaseStatus, DecisionKind, LetterKind, RecommendedAction
from registry.operations import record_installed
from registry.selectors import list_grounds_of, list_holds
from registry.statuses import DependentKind
from rulebook.rules import Edition, determine, restore_facts

from .ending import chips_by_model, close_application, close_clocks, lock_case, move_case, refuse_unmet, settle_orders
from .letters import generate_verification_code, write_letter
from .reservations import draw_exemption, let_go, stand_license
from .scopes import scopes_of_case
from .submission import open_requirements

GRANTS = (DecisionKind.APPROVE, DecisionKind.APPROVE_IN_PART)
ACTS = {
    DecisionKind.APPROVE: "issue",
    DecisionKind.APPROVE_IN_PART: "issue",
    DecisionKind.DENY: "deny",
    DecisionKind.RETURN: "return",
}


def list_obstacles(case: Case, *, at: datetime) -> list[str]:
    """Why no license can be issued on this case yet, each in a sentence: requirements, their grounds, and holds.

    The grounds are locked: what a license is issued on cannot fall before it is issued.
    """
    findings = check_requirements_closed(list(case.requirements.values_list("title", "status", "gates")))
    obstacles = [finding.says for finding in findings if not finding.met]
    obstacles += [
        f"“{ground.title}” no longer stands: {ground.says} The requirement that stood on it needs other evidence."
        for ground in list_grounds_of((DependentKind.CASE, str(case.pk)), lock=True)
        if not ground.stands_at(at)
    ]
    obstacles += [f"A hold stands: {hold.says}" for hold in list_holds(scopes_of_case(case))]
    return obstacles


@operation
def decide(
    *,
    case: Case,
    kind: str,
    lines: Mapping[int, int],
    reasons: str,
    statutory_basis: str = "",
    regulatory_basis: str = "",
    expires_on: date | None = None,
    version: int,
    by: User,
    at: datetime,
) -> Decision:
    """Decide a countersigned case, in whole or in part (EAR 748.6(c)), and issue what follows from it.

    `lines` gives the quantity granted for each line number. A license runs for the edition's years unless
    `expires_on` says otherwise; an expiry on a legal holiday rolls to the next business day (EAR 750.7(g)).
    Raises NotPermitted for whoever recommended or countersigned, Refused with each open requirement or hold.
    """
    locked = lock_case(case, version=version)
    recommendation = locked.recommendations.order_by("-version").prefetch_related("signatures").first()
    signers = frozenset(s.signer_id for s in recommendation.signatures.all()) if recommendation else frozenset()
    check_can_decide(by, author_id=recommendation.author_id if recommendation else 0, signer_ids=signers)
    act = ACTS[DecisionKind(kind)]
    next_status(CASE_TRANSITIONS, CaseStatus(locked.status), act, subject=f"Case {locked.acn}")
    assert recommendation is not None
    asked = {item.line_no: item.quantity for item in locked.application.items.all()}
    granted = {line: lines.get(line, 0) for line in asked} if kind in GRANTS else dict.fromkeys(asked, 0)
    findings = list(
        check_denial_grounds(
            denies=kind == DecisionKind.DENY,
            statutory_basis=statutory_basis,
            regulatory_basis=regulatory_basis,
            reasons=reasons,
        )
    )
    if kind in GRANTS:
        findings += check_decided_lines(
            asked=asked,
            granted={**granted, **{line: lines[line] for line in lines if line not in asked}},
            whole=kind == DecisionKind.APPROVE,
            all_or_nothing=locked.application.all_or_nothing,
        )
        obstacles = list_obstacles(locked, at=at)
        if obstacles:
            raise Refused("A license cannot be issued yet. " + " ".join(obstacles), rule="license.requirements_closed")
    refuse_unmet(findings)
    decision = Decision.objects.create(
        case=locked,
        kind=kind,
        lines={str(line): quantity for line, quantity in sorted(granted.items())},
        conditions=recommendation.conditions if kind in GRANTS else [],
        reasons=reasons.strip(),
        statutory_basis=statutory_basis.strip(),
        regulatory_basis=regulatory_basis.strip(),
        recommendation=recommendation,
        content_hash=recommendation.content_hash,
        author_id=recommendation.author_id,
        decided_by=by,
        decided_by_label=by.actor.label,
        at=at,
    )
    move_case(locked, act=act, closed_at=at)
    settle_orders(locked, granted=granted, by=by, at=at)
    if kind not in GRANTS:
        let_go(locked, by=by, at=at)
    close_clocks(locked, by=by, at=at)
    record(
        subject=locked,
        verb="case.decided",
        says=f"Decided: {decision.get_kind_display().lower()}.",
        by=by,
        at=at,
        data={"lines": decision.lines, "differs": _differs(recommendation, kind)},
        covers=[decision],
    )
    if kind in GRANTS:
        _issue_license(locked, decision, granted, expires_on=expires_on, by=by, at=at)
    else:
        letter = LetterKind.DENIAL if kind == DecisionKind.DENY else LetterKind.RETURN
        write_letter(case=locked, kind=letter, decision=decision, by=by, at=at)
    close_application(locked, by=by, at=at)
    _tell_applicant(locked, f"{locked.acn} was decided: {decision.get_kind_display().lower()}.", at=at)
    return decision


def _differs(recommendation: Recommendation, kind: str) -> bool:
    """Whether the decision goes another way than the recommendation did."""
    recommended = recommendation.action in (
        RecommendedAction.APPROVE,
        RecommendedAction.APPROVE_WITH_CONDITIONS,
    )
    return recommended != (kind in GRANTS) or (not recommended and recommendation.action != kind)


def _next_serial(sequence: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass)", [sequence])
        return int(cursor.fetchone()[0])


def _issue_license(
    case: Case,
    decision: Decision,
    granted: Mapping[int, int],
    *,
    expires_on: date | None,
    by: User,
    at: datetime,
) -> License:
    edition, calendar = get_edition_of(case), get_calendar()
    valid_from = day_of(at)
    wanted, expires_on, note = _expiry(edition, calendar, valid_from, expires_on)
    if wanted < valid_from:
        raise Refused("A license cannot expire before it is issued.", rule="license.period", field="expires_on")
    application = case.application
    license_ = License.objects.create(
        number=license_number_of(_next_serial("licensing_license_numbers")),
        case=case,
        organization=application.organization,
        installation=application.installation,
        destination=case.destination,
        issued_at=at,
        valid_from=valid_from,
        expires_on=expires_on,
        validity_note=note,
        verification_code=generate_verification_code(),
    )
    lines = LicenseLine.objects.bulk_create(
        LicenseLine(
            license=license_,
            line_no=item.line_no,
            eccn=item.eccn,
            model=item.model,
            quantity=granted[item.line_no],
            unit_price=item.unit_price,
            value_cents=int(item.unit_price * 100) * granted[item.line_no],
        )
        for item in application.items.all()
        if granted.get(item.line_no)
    )
    conditions = LicenseCondition.objects.bulk_create(
        LicenseCondition(license=license_, number=number, text=text)
        for number, text in enumerate(decision.conditions, start=1)
    )
    for line in lines:
        for kind, unit, ceiling in (
            (AccountKind.LICENSE_LINE_QUANTITY, "chips", line.quantity),
            (AccountKind.LICENSE_LINE_VALUE, "USD cents", line.value_cents),
        ):
            open_account(
                kind=kind,
                subject=line,
                unit=unit,
                ceiling=ceiling,
                key="issued",
                reason=f"Ceiling of line {line.line_no} of {license_.number}.",
                by=by,
                at=at,
            )
    chips = sum(granted.get(item.line_no, 0) for item in chips_by_model(case))
    stand_license(case, license_, edition, chips=chips, by=by, at=at)
    _tally_country(case, sum(line.quantity for line in lines), key=license_.number, by=by, at=at)
    record(
        subject=license_,
        verb="license.issued",
        says=f"Issued license {license_.number}, valid until {expires_on:%B} {expires_on.day}, {expires_on.year}.",
        by=by,
        at=at,
        data={"acn": case.acn, "expires_on": expires_on.isoformat()},
        covers=[*lines, *conditions],
    )
    set_deadline(
        subject=license_,
        kind="license_expiry",
        says=f"License {license_.number} expires. What is not exported by then needs a new license.",
        url=on_portal(application),
        owner=("organization", application.organization_id),
        due_at=datetime.combine(expires_on + timedelta(days=1), time.min, tzinfo=AGENCY_ZONE),
        reminder_offsets=edition.value("reminders.license_expiry"),
        by=SYSTEM,
        at=at,
    )
    write_letter(case=case, kind=LetterKind.LICENSE, decision=decision, license=license_, by=by, at=at)
    return license_


def _expiry(edition: Edition, calendar: Calendar, valid_from: date, asked: date | None) -> tuple[date, date, str]:
    """The day wanted, the day it becomes, and a note where a holiday moved it."""
    years = edition.value("license.validity_years")
    wanted = asked or expiry_of(valid_from, years=years, roll=lambda day: day)
    rolled = roll_holiday(wanted, calendar)
    if rolled == wanted:
        return wanted, wanted, ""
    return (
        wanted,
        rolled,
        f"{wanted:%B} {wanted.day}, {wanted.year} is a legal holiday; the license runs to the next business day "
        "(15 CFR 750.7(g)).",
    )


def _tally_country(case: Case, chips: int, *, key: str, by: User, at: datetime) -> None:
    account = open_account(
        kind=AccountKind.COUNTRY_CHIPS,
        subject=case.destination,
        unit="chips",
        ceiling=None,
        key="open",
        reason="Chips licensed or exempt for this destination.",
        by=SYSTEM,
        at=at,
    )
    draw(account=account, units=chips, key=key, reason=f"{key} of case {case.acn}.", by=by, at=at)


def _tell_applicant(case: Case, says: str, *, at: datetime) -> None:
    people = User.objects.filter(organization_id=case.application.organization_id, is_active=True)
    notify(
        users=list(people),
        kind="case_decided",
        says=says,
        url=on_portal(case.application),
        at=at,
    )


def _check_exemption_case(case: Case) -> None:
    if case.kind != CaseKind.EXEMPTION:
        raise Refused(f"Case {case.acn} is no exemption filing.", rule="case.kind")


@operation
def accept_exemption(*, case: Case, reasons: str, version: int, by: User, at: datetime) -> Exemption:
    """Accept a checked exemption filing: it is numbered, its chips join the installed base, and it reports.

    The plan and the undertaking must be judged sufficient by the officer, who says why. It lapses after the
    edition's years, and its first report is due on the edition's next reporting day.
    """
    locked = lock_case(case, version=version)
    check_can_work_on(by, locked, to="accept an exemption")
    _check_exemption_case(locked)
    next_status(CASE_TRANSITIONS, CaseStatus(locked.status), "accept_exemption", subject=f"Case {locked.acn}")
    if not reasons.strip():
        raise Refused("Say why the plan and the undertaking are sufficient.", field="reasons")
    holds = [f"A hold stands: {hold.says}" for hold in list_holds(scopes_of_case(locked))]
    if holds:
        raise Refused("The exemption cannot be accepted yet. " + " ".join(holds), rule="exemption.no_hold")
    edition = get_edition_of(locked)
    today = day_of(at)
    installation = locked.application.installation
    assert installation is not None
    exemption = Exemption.objects.create(
        number=exemption_number_of(_next_serial("licensing_exemption_numbers")),
        case=locked,
        organization=locked.application.organization,
        installation=installation,
        chips=locked.chips,
        accepted_at=at,
        lapses_on=expiry_of(today, years=edition.value("exemption.validity_years"), roll=lambda day: day),
        verification_code=generate_verification_code(),
    )
    move_case(locked, act="accept_exemption", closed_at=at)
    settle_orders(locked, granted={}, by=by, at=at)
    for item in chips_by_model(locked):
        record_installed(
            installation=installation,
            model=item.model,
            units=item.quantity,
            key=f"{exemption.number}/{item.line_no}",
            reason=f"Exempt under {exemption.number}.",
            by=SYSTEM,
            at=at,
        )
    draw_exemption(locked, edition, units=locked.chips, number=exemption.number, by=by, at=at)
    _tally_country(locked, locked.chips, key=exemption.number, by=by, at=at)
    close_clocks(locked, by=by, at=at)
    record(
        subject=locked,
        verb="case.exemption_accepted",
        says=f"Accepted the exemption as {exemption.number}: {reasons.strip()}",
        by=by,
        at=at,
        data={"exemption": exemption.number, "chips": locked.chips},
    )
    report_on = _next_report(edition, today)
    set_deadline(
        subject=exemption,
        kind="exemption_report",
        says=f"The monitoring report for exemption {exemption.number} is due.",
        url=on_portal(locked.application),
        owner=("organization", locked.application.organization_id),
        due_at=datetime.combine(report_on + timedelta(days=1), time.min, tzinfo=AGENCY_ZONE),
        reminder_offsets=edition.value("reminders.exemption_report"),
        by=SYSTEM,
        at=at,
    )
    write_letter(case=locked, kind=LetterKind.EXEMPTION, exemption=exemption, by=by, at=at)
    close_application(locked, by=by, at=at)
    _tell_applicant(locked, f"{locked.acn}: your exemption was accepted as {exemption.number}.", at=at)
    return exemption


def _next_report(edition: Edition, today: date) -> date:
    """The next of the edition's reporting days after today (EAR 748.15, by analogy)."""
    days = [
        edition.value("exemption.report_for_july_to_december"),
        edition.value("exemption.report_for_january_to_june"),
    ]
    coming = [date.fromisoformat(f"{year}-{day}") for year in (today.year, today.year + 1) for day in days]
    return min(day for day in coming if day > today)


@operation
def refuse_exemption(*, case: Case, reasons: str, version: int, by: User, at: datetime) -> Case:
    """Refuse an exemption whose plan or undertaking does not suffice: the filing becomes a license case.

    It is determined again without the safeguards it declared; what that requires is opened on the case. A letter
    gives the applicant the reasons, and what they can do.
    """
    locked = lock_case(case, version=version)
    check_can_work_on(by, locked, to="refuse an exemption")
    _check_exemption_case(locked)
    next_status(CASE_TRANSITIONS, CaseStatus(locked.status), "refuse_exemption", subject=f"Case {locked.acn}")
    if not reasons.strip():
        raise Refused("Say what is missing from the plan or the undertaking.", field="reasons")
    edition = get_edition_of(locked)
    last = locked.application.determinations.order_by("-sequence").first()
    assert last is not None
    facts = {key: value for key, value in last.facts.items() if value is not True}
    restored = restore_facts(facts)
    determination = determine(restored, edition)
    stored = StoredDetermination.objects.create(
        application=locked.application,
        sequence=last.sequence + 1,
        edition_identifier=edition.id,
        edition_hash=edition.content_hash,
        facts_digest=restored.digest(),
        facts=facts,
        declared=last.declared,
        known=last.known,
        result=determination.as_json(),
        determined_at=at,
    )
    move_case(locked, act="refuse_exemption", kind=CaseKind.LICENSE, tier=determination.tier or "")
    open_requirements(locked, determination, edition)
    record(
        subject=locked,
        verb="case.exemption_refused",
        says=f"Refused the exemption, so a license is needed: {reasons.strip()}",
        by=by,
        at=at,
        covers=[stored],
    )
    write_letter(case=locked, kind=LetterKind.EXEMPTION_REFUSAL, reasons=reasons, by=by, at=at)
    _tell_applicant(
        locked,
        f"{locked.acn}: the exemption was refused; it is now a license case. The letter gives the reasons.",
        at=at,
    )
    return locked
