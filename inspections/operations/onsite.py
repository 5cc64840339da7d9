"""On site: arriving, answers and results as they are entered, the topology, papers, and leaving."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.rules import Refused
from audit.operations import operation, record
from deadlines.operations import meet_deadline
from inspections import papers
from inspections.models import (
    Answer,
    Checklist,
    Paper,
    SampleItem,
    SerialResult,
    Topology,
    Visit,
)
from inspections.operations.steps import (
    DUE,
    FURTHER,
    REPORT,
    cancel_visit_deadlines,
    lock,
    move,
    save,
    set_visit_deadline,
    team_of,
)
from inspections.permissions import check_is_of_team
from inspections.rules.answers import check_answer, check_result
from inspections.rules.lifecycle import ENTRY_OPEN
from inspections.rules.rating import check_text, due_after
from inspections.rules.scheduling import check_nobody_barred
from inspections.selectors.teams import list_barred
from inspections.statuses import SerialOutcome
from rulebook.selectors import get_operating_edition

LONGEST_KEY = 64
MOST_CHIPS = 2**31 - 1


@operation
def begin_visit(*, visit: Visit, version: int, by: User, at: datetime) -> Visit:
    """Record the arrival on site: the edition's questions for this kind of visit are fixed.

    Raises Stale; NotPermitted; Refused before the visit is scheduled, and where the unit of an officer of the team is
    by now one that recommended what the visit checks.
    """
    locked = lock(visit, version=version)
    check_is_of_team(by, team_ids=team_of(locked), number=locked.number, to="begin it")
    move(locked, "begin")
    check_nobody_barred(locked.number, list_barred(locked))
    edition = get_operating_edition(at)
    questions = [
        {"id": row.id, "title": row.title, "says": row.says, "answer": row.get("answer"), "source": row.source}
        for row in edition.rows("checklist")
        if locked.kind in row.get("kinds", [])
    ]
    checklist = Checklist.objects.create(visit=locked, edition=edition.id, questions=questions, at=at)
    locked.arrived_at = at
    record(
        subject=locked,
        verb="visit.begun",
        says=f"Arrived at {locked.installation.name}; the checklist has {len(questions)} questions",
        by=by,
        at=at,
        data={"edition": edition.id, "questions": [question["id"] for question in questions]},
        covers=[checklist],
    )
    return save(locked)


@operation
def leave_site(*, visit: Visit, version: int, by: User, at: datetime) -> Visit:
    """Record that the officers left: the visit is done in time or late, and its report falls due."""
    locked = lock(visit, version=version)
    check_is_of_team(by, team_ids=team_of(locked), number=locked.number, to="record that it is over")
    move(locked, "leave_site")
    locked.left_at = at
    edition = get_operating_edition(at)
    meet_deadline(subject=locked, kind=DUE, by=by, at=at)
    cancel_visit_deadlines(locked, FURTHER, by=by, at=at)
    set_visit_deadline(
        locked,
        REPORT,
        says=f"{locked.number}: report on the visit of {locked.installation.name}.",
        due_at=due_after(at, edition.value("inspections.report_days")),
        edition=edition,
        owner=by,
        by=by,
        at=at,
    )
    record(subject=locked, verb="visit.left", says=f"Left {locked.installation.name}", by=by, at=at)
    return save(locked)


def _open_for_entry(visit: Visit, *, by: User, to: str) -> Visit:
    locked = lock(visit)
    check_is_of_team(by, team_ids=team_of(locked), number=locked.number, to=to)
    if locked.status not in ENTRY_OPEN:
        raise Refused(
            f"{locked.number} is “{locked.get_status_display().lower()}”, and entries are taken from the arrival on "
            "site until its report is submitted. A supervisor can return the report.",
            rule="inspections.entry_open",
        )
    return locked


def check_key(client_key: str) -> str:
    """The key of an entry, made where it was entered. Raises Refused."""
    if not client_key or len(client_key) > LONGEST_KEY or not client_key.isascii() or not client_key.isprintable():
        raise Refused(
            "The entry carries no key, or one that is none, so it could be stored twice. Load the page again.",
            rule="inspections.client_key",
        )
    return client_key


@operation
def enter_answer(
    *,
    visit: Visit,
    question: str,
    value: str,
    note: str,
    client_key: str,
    entered_at: datetime,
    by: User,
    at: datetime,
) -> Answer:
    """Store an answer to a question of the visit's checklist. A later answer to it counts instead of this one.

    The same `client_key` again is the answer that is there, whatever it holds. `entered_at` is the device's clock,
    never later than `at`. Raises NotPermitted; Refused for an unknown question and a value that does not fit.
    """
    locked = _open_for_entry(visit, by=by, to="answer its checklist")
    found = Answer.objects.filter(visit=locked, client_key=check_key(client_key)).first()
    if found is not None:
        return found
    known: dict[str, Any] = {row["id"]: row for row in locked.checklist.questions}
    if question not in known:
        raise Refused(
            "This question is not on the checklist of the visit. Load the page again.", rule="inspections.question"
        )
    value = check_answer(known[question]["answer"], value, title=known[question]["title"])
    answer = Answer.objects.create(
        visit=locked,
        question=question,
        value=value,
        note=note.strip(),
        client_key=client_key,
        entered_at=min(entered_at, at),
        made_by=by,
        made_by_label=by.actor.label,
        at=at,
    )
    record(
        subject=locked,
        verb="visit.answered",
        says=f"{known[question]['title']}: {value}{f' ({answer.note})' if answer.note else ''}",
        by=by,
        at=at,
        data={"question": question, "entered_at": answer.entered_at},
        covers=[answer],
    )
    return answer


@operation
def enter_result(
    *,
    item: SampleItem,
    outcome: str,
    client_key: str,
    entered_at: datetime,
    by: User,
    at: datetime,
    seen_place: str = "",
    seen_serial: str = "",
    note: str = "",
) -> SerialResult:
    """Store what was seen of a sampled serial number. A later result of it counts instead of this one.

    The same `client_key` again is the result that is there. Raises NotPermitted; Refused for one moved without its
    place and one substituted without the number that was seen.
    """
    locked = _open_for_entry(item.sample.visit, by=by, to="enter results of its sample")
    found = SerialResult.objects.filter(visit=locked, client_key=check_key(client_key)).first()
    if found is not None:
        return found
    seen = check_result(outcome, seen_place=seen_place, seen_serial=seen_serial, serial=item.serial)
    result = SerialResult.objects.create(
        item=item,
        visit=locked,
        outcome=outcome,
        seen_place=seen.place,
        seen_serial=seen.serial,
        note=note.strip(),
        client_key=client_key,
        entered_at=min(entered_at, at),
        made_by=by,
        made_by_label=by.actor.label,
        at=at,
    )
    where = f", at {seen.place}" if seen.place else ""
    instead = f", {seen.serial} in its place" if seen.serial else ""
    record(
        subject=locked,
        verb="visit.serial_seen",
        says=f"{item.serial}: {SerialOutcome(outcome).label.lower()}{where}{instead}",
        by=by,
        at=at,
        data={"item": item.pk, "outcome": outcome, "entered_at": result.entered_at},
        covers=[result],
    )
    return result


@operation
def note_topology(
    *,
    visit: Visit,
    declared_chips: int,
    seen_chips: int,
    declared_fabric: int,
    seen_fabric: int,
    declared_says: str,
    seen_says: str,
    by: User,
    at: datetime,
) -> Topology:
    """Store how the chips are connected, as declared and as seen. A later note counts instead of this one."""
    locked = _open_for_entry(visit, by=by, to="note its topology")
    counts = {
        "declared_chips": declared_chips,
        "seen_chips": seen_chips,
        "declared_fabric": declared_fabric,
        "seen_fabric": seen_fabric,
    }
    for field, count in counts.items():
        if not 0 <= count <= MOST_CHIPS:
            raise Refused(
                f"A count of chips is between 0 and {MOST_CHIPS:,}.", rule="inspections.topology_count", field=field
            )
    for side in ("declared", "seen"):
        if counts[f"{side}_fabric"] > counts[f"{side}_chips"]:
            raise Refused(
                f"The largest fabric {side} cannot have more chips than were {side} at the place.",
                rule="inspections.topology_count",
                field=f"{side}_fabric",
            )
    row = Topology.objects.create(
        visit=locked,
        **counts,
        declared_says=check_text(declared_says, field="declared_says", name="What was declared"),
        seen_says=check_text(seen_says, field="seen_says", name="What was seen"),
        made_by=by,
        made_by_label=by.actor.label,
        at=at,
    )
    agrees = (declared_chips, declared_fabric) == (seen_chips, seen_fabric)
    record(
        subject=locked,
        verb="visit.topology",
        says=f"Saw {seen_chips:,} chips of {declared_chips:,} declared; the largest fabric has {seen_fabric:,}, and "
        f"{declared_fabric:,} were declared{'' if agrees else ': they differ'}",
        by=by,
        at=at,
        data=counts,
        covers=[row],
    )
    return row


@operation
def add_paper(*, visit: Visit, says: str, upload: papers.Upload, by: User, at: datetime) -> Paper:
    """Store a photo or a document, known by the hash of its bytes; the same bytes again are the paper that is there.

    Its type is what its content shows: JPEG, PNG or PDF. Raises NotPermitted; Refused for anything else.
    """
    locked = _open_for_entry(visit, by=by, to="add photos and documents")
    says = check_text(says, field="says", name="What it shows")
    if len(says) > papers.LONGEST_CAPTION:
        raise Refused(
            f"Say what it shows in at most {papers.LONGEST_CAPTION} characters.", rule="inspections.text", field="says"
        )
    inspected = papers.inspect(upload)
    found = Paper.objects.filter(visit=locked, sha256=inspected.sha256).first()
    if found is not None:
        return found
    row = Paper.objects.create(
        visit=locked,
        kind=inspected.kind,
        says=says,
        media_type=inspected.media_type,
        file=papers.store(inspected),
        sha256=inspected.sha256,
        size=len(inspected.content),
        made_by=by,
        made_by_label=by.actor.label,
        at=at,
    )
    record(
        subject=locked,
        verb="visit.paper_added",
        says=f"Added a {row.get_kind_display().lower()}: {says} (SHA-256 {row.sha256[:12]}…)",
        by=by,
        at=at,
        data={"sha256": row.sha256, "size": row.size},
        covers=[row],
    )
    return row
