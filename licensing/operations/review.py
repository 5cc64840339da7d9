"""What staff do with a case before it is decided: assign, ask, note, recommend, countersign, send back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Max

from accounts.models import User
from accounts.rules import Principal, Refused, Stale
from audit.operations import operation, record
from deadlines.operations import (
    cancel_deadline,
    meet_deadline,
    notify,
    resume_clock,
    set_deadline,
    stop_clock,
)
from deadlines.rules import AGENCY_ZONE, add_calendar_days
from deadlines.selectors import get_clock
from inspections.operations import bar_recommending_unit
from inspections.selectors.visits import list_open_visits_of
from licensing.addresses import on_desk, on_portal
from licensing.models import Case, InformationRequest, Note, Recommendation, Signature
from licensing.permissions import (
    check_can_add_note,
    check_can_assign,
    check_can_countersign,
    check_can_edit_application,
    check_can_send_back,
    check_can_work_on,
)
from licensing.rules import (
    CASE_TRANSITIONS,
    CLOCK,
    check_decided_lines,
    check_denial_grounds,
    content_hash,
    next_status,
)
from licensing.selectors.evidence import get_edition_of
from licensing.statuses import APPROVALS, CaseKind, CaseStatus, DocumentKind, RecommendedAction

from .applications import file_document
from .documents import Upload
from .ending import chips_by_model, lock_case, move_case, refuse_unmet
from .reservations import release_all, reserve_for


@operation
def assign_case(*, case: Case, officer: User, version: int, by: Principal, at: datetime) -> Case:
    """Give a case to an officer: an officer takes it, or a director assigns it. The officer is told."""
    locked = lock_case(case, version=version)
    check_can_assign(by, to_id=officer.pk)
    if not officer.is_active or not officer.has_role("licensing_officer"):
        raise Refused(
            f"{officer.name} is not an active licensing officer, so the case cannot be assigned to them.",
            rule="case.officer",
            field="officer",
        )
    move_case(locked, act="assign", officer=officer)
    record(
        subject=locked,
        verb="case.assigned",
        says=f"Assigned to {officer.name}.",
        by=by,
        at=at,
        data={"officer": officer.pk},
    )
    if by.actor.id != str(officer.pk):
        notify(
            users=[officer],
            kind="case_assigned",
            says=f"{locked.acn} was assigned to you: {locked.subject_line}",
            url=on_desk(locked),
            at=at,
        )
    return locked


@operation
def request_information(*, case: Case, question: str, version: int, by: Principal, at: datetime) -> InformationRequest:
    """Ask the applicant a question; the clock stops until it is answered (EAR 750.4(b))."""
    locked = lock_case(case, version=version)
    check_can_work_on(by, locked, to="request information")
    next_status(CASE_TRANSITIONS, CaseStatus(locked.status), "request_information", subject=f"Case {locked.acn}")
    if not question.strip():
        raise Refused("Write the question that the applicant is to answer.", field="question")
    edition = get_edition_of(locked)
    due_at = add_calendar_days(at, edition.value("information_request.answer_days"), AGENCY_ZONE.key)
    number = (locked.information_requests.aggregate(last=Max("number"))["last"] or 0) + 1
    asked = InformationRequest.objects.create(
        case=locked,
        number=number,
        question=question.strip(),
        asked_by_label=by.actor.label,
        asked_at=at,
        answer_due_at=due_at,
    )
    move_case(locked, act="request_information")
    clock = get_clock(locked, CLOCK)
    stop_clock(
        clock=clock,
        stop_key=f"question-{number}",
        ground="Information requested from the applicant",
        source="15 CFR 750.4(b)",
        by=by,
        at=at,
    )
    set_deadline(
        subject=locked,
        kind="information_answer",
        says=f"Answer question {number} of {locked.acn}."[:300],
        url=on_portal(locked.application),
        owner=("organization", locked.application.organization_id),
        due_at=due_at,
        reminder_offsets=edition.value("reminders.information_answer"),
        by=by,
        at=at,
    )
    record(
        subject=locked,
        verb="case.information_requested",
        says=f"Asked question {number}: {question.strip()}",
        by=by,
        at=at,
        data={"question": number, "answer_due_at": due_at},
    )
    notify(
        users=list(User.objects.filter(organization_id=locked.application.organization_id, is_active=True)),
        kind="information_requested",
        says=f"{locked.acn}: a question waits for your answer.",
        url=on_portal(locked.application),
        at=at,
    )
    return asked


@operation
def answer_information(
    *,
    request: InformationRequest,
    answer: str,
    by: Principal,
    at: datetime,
    uploads: Sequence[tuple[str, Upload]] = (),
) -> InformationRequest:
    """Answer a question, with documents where they help; the clock runs on and the officer is told.

    Answers are continuing representations (EAR 748.6(f)). The second answer to one question is refused.
    """
    locked = lock_case(request.case)
    check_can_edit_application(by, locked.application)
    asked = InformationRequest.objects.select_for_update().get(pk=request.pk)
    if asked.answered_at is not None:
        raise Stale("This question was answered already; the answer stands as it was sent.", rule="answer.once")
    if not answer.strip():
        raise Refused("Write your answer.", rule="answer.given", field="answer")
    move_case(locked, act="answer_information")
    asked.answer = answer.strip()
    asked.answered_by_label = by.actor.label
    asked.answered_at = at
    asked.save(update_fields=["answer", "answered_by_label", "answered_at"])
    for title, upload in uploads:
        file_document(
            locked.application,
            kind=DocumentKind.OTHER,
            title=title,
            upload=upload,
            by=by,
            at=at,
            information_request=asked,
        )
    clock = get_clock(locked, CLOCK)
    resume_clock(clock=clock, stop_key=f"question-{asked.number}", by=by, at=at)
    clock.refresh_from_db()
    locked.due_at = clock.due_at
    locked.save(update_fields=["due_at"])
    meet_deadline(subject=locked, kind="information_answer", by=by, at=at)
    _move_case_deadline(locked, by=by, at=at)
    record(
        subject=locked,
        verb="case.information_answered",
        says=f"Answered question {asked.number}.",
        by=by,
        at=at,
        data={"question": asked.number, "documents": len(uploads)},
    )
    if locked.officer is not None:
        notify(
            users=[locked.officer],
            kind="information_answered",
            says=f"{locked.acn}: question {asked.number} was answered.",
            url=on_desk(locked),
            at=at,
        )
    return asked


def _move_case_deadline(case: Case, *, by: Principal, at: datetime) -> None:
    if case.unit_id is None or case.due_at is None:
        return
    if case.due_at <= at:
        cancel_deadline(subject=case, kind="case_due", by=by, at=at)
        return
    set_deadline(
        subject=case,
        kind="case_due",
        says=f"{case.acn} must be decided: {case.subject_line}"[:300],
        url=on_desk(case),
        owner=("unit", case.unit_id),
        due_at=case.due_at,
        reminder_offsets=get_edition_of(case).value("reminders.case_due"),
        by=by,
        at=at,
    )


@operation
def add_note(*, case: Case, text: str, by: User, at: datetime) -> Note:
    """Leave a note for colleagues; it stays as it was written. One's own last note again is that note, not a second."""
    check_can_add_note(by)
    if not text.strip():
        raise Refused("Write the note first.", field="text")
    locked = lock_case(case)
    last = locked.notes.order_by("-id").first()
    if last is not None and (last.author_id, last.text) == (by.pk, text.strip()):
        return last
    note = Note.objects.create(case=locked, text=text.strip(), author=by, author_label=by.actor.label, at=at)
    record(subject=locked, verb="case.noted", says="Added a note.", by=by, at=at, covers=[note])
    return note


@operation
def recommend(
    *,
    case: Case,
    action: str,
    lines: Mapping[int, int],
    conditions: Sequence[str],
    reasons: str,
    statutory_basis: str,
    regulatory_basis: str,
    version: int,
    by: User,
    at: datetime,
) -> Recommendation:
    """Recommend, as a new version that replaces the last one; signatures on older versions no longer count.

    `lines` gives the quantity recommended for each line number. A denial needs reasons and both bases
    (EAR 750.4(d)(2)); an approval with conditions needs at least one condition.
    """
    subject = ("case", str(case.pk))
    list_open_visits_of(subject, lock=True)
    locked = lock_case(case, version=version)
    check_can_work_on(by, locked, to="recommend")
    next_status(CASE_TRANSITIONS, CaseStatus(locked.status), "recommend", subject=f"Case {locked.acn}")
    if locked.kind != CaseKind.LICENSE:
        raise Refused("An exemption filing is accepted or refused; it needs no recommendation.", rule="case.kind")
    wanted = [condition.strip() for condition in conditions if condition.strip()]
    approves = action in APPROVALS
    asked = {item.line_no: item.quantity for item in locked.application.items.all()}
    granted = {line: lines.get(line, 0) for line in asked} if approves else dict.fromkeys(asked, 0)
    findings = list(
        check_denial_grounds(
            denies=action == RecommendedAction.DENY,
            statutory_basis=statutory_basis,
            regulatory_basis=regulatory_basis,
            reasons=reasons,
        )
    )
    if approves:
        findings += check_decided_lines(
            asked=asked,
            granted={**granted, **{line: lines[line] for line in lines if line not in asked}},
            whole=granted == asked,
            all_or_nothing=locked.application.all_or_nothing,
        )
    refuse_unmet(findings)
    if action == RecommendedAction.APPROVE_WITH_CONDITIONS and not wanted:
        raise Refused("Write at least one condition, or recommend approval without conditions.", field="conditions")
    if action != RecommendedAction.APPROVE_WITH_CONDITIONS and wanted:
        raise Refused(
            "Conditions belong to an approval with conditions. Choose that action or remove them.",
            field="conditions",
        )
    number = (locked.recommendations.aggregate(last=Max("version"))["last"] or 0) + 1
    signatures_wanted = get_edition_of(locked).signatures(locked.tier or None)
    grounds = {
        "reasons": reasons.strip(),
        "statutory_basis": statutory_basis.strip(),
        "regulatory_basis": regulatory_basis.strip(),
    }
    content = {
        **grounds,
        "acn": locked.acn,
        "version": number,
        "action": action,
        "lines": {str(line): quantity for line, quantity in sorted(granted.items())},
        "conditions": wanted,
        "signatures_wanted": signatures_wanted,
        "author": by.pk,
    }
    recommendation = Recommendation.objects.create(
        case=locked,
        version=number,
        action=action,
        lines=content["lines"],
        conditions=wanted,
        **grounds,
        signatures_wanted=signatures_wanted,
        author=by,
        author_label=by.actor.label,
        at=at,
        content_hash=content_hash(content),
    )
    move_case(locked, act="recommend")
    chips = {item.line_no for item in chips_by_model(locked)}
    if approves:
        units = sum(quantity for line, quantity in granted.items() if line in chips)
        reserve_for(locked, get_edition_of(locked), units=units, version=number, by=by, at=at)
        if by.unit is not None:
            # Asked again: one may have been requested while this act waited for its case.
            bar_recommending_unit(subject=subject, unit=by.unit, by=by, at=at)
    else:
        release_all(locked, by=by, at=at)
    record(
        subject=locked,
        verb="case.recommended",
        says=f"Recommended, version {number}: {recommendation.get_action_display().lower()}.",
        by=by,
        at=at,
        data={"version": number, "content_hash": recommendation.content_hash},
        covers=[recommendation],
    )
    return recommendation


@operation
def countersign(*, recommendation: Recommendation, content_hash: str, by: User, at: datetime) -> Signature:
    """Sign the text of the newest version. The author cannot, and nobody signs twice.

    `content_hash` is that of the text the signer has read; another text is refused as stale.
    """
    locked = lock_case(recommendation.case)
    newest = locked.recommendations.order_by("-version").first()
    assert newest is not None
    check_can_countersign(by, author_id=newest.author_id)
    if newest.pk != recommendation.pk or newest.content_hash != content_hash:
        raise Stale(
            f"The recommendation was revised after you opened it; version {newest.version} is the current one. "
            "Nothing was signed. Read the new version, then sign it.",
            rule="signature.current_text",
        )
    next_status(CASE_TRANSITIONS, CaseStatus(locked.status), "sign", subject=f"Case {locked.acn}")
    signatures = list(newest.signatures.values_list("signer_id", flat=True))
    if by.pk in signatures:
        raise Refused("You signed this version already. Nobody signs twice.", rule="signature.once")
    signature = Signature.objects.create(
        recommendation=newest,
        content_hash=newest.content_hash,
        author_id=newest.author_id,
        signer=by,
        signer_label=by.actor.label,
        at=at,
    )
    have = len(signatures) + 1
    done = have >= newest.signatures_wanted
    move_case(locked, act="complete_signatures" if done else "sign")
    record(
        subject=locked,
        verb="case.countersigned",
        says=f"Countersigned version {newest.version}, signature {have} of {newest.signatures_wanted}.",
        by=by,
        at=at,
        data={"version": newest.version, "content_hash": newest.content_hash},
        covers=[signature],
    )
    return signature


@operation
def send_back(*, case: Case, reason: str, version: int, by: Principal, at: datetime) -> Case:
    """Send a recommendation back to its author with a reason; a new version must be written and signed."""
    locked = lock_case(case, version=version)
    check_can_send_back(by)
    next_status(CASE_TRANSITIONS, CaseStatus(locked.status), "send_back", subject=f"Case {locked.acn}")
    if not reason.strip():
        raise Refused("Say what the author should change.", field="reason")
    move_case(locked, act="send_back")
    release_all(locked, by=by, at=at)
    record(
        subject=locked,
        verb="case.sent_back",
        says=f"Sent the recommendation back: {reason.strip()}",
        by=by,
        at=at,
    )
    if locked.officer is not None:
        notify(
            users=[locked.officer],
            kind="case_sent_back",
            says=f"{locked.acn} came back to you: {reason.strip()}"[:300],
            url=on_desk(locked),
            at=at,
        )
    return locked
