"""What the case page shows of what was read: counts side by side, the ladder, the papers, the timeline."""

import json
import re
from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from accounts.rules import Principal
from desk.grounds import tell_ground
from investments.rules import write_units
from licensing.permissions import can_work_on
from licensing.selectors import CasePage, RequirementLine

TIMELINE_KINDS = {
    "application": "Application",
    "document": "Document",
    "case": "Case",
    "clock": "Clock",
    "deadline": "Deadline",
    "requirement": "Requirement",
    "letter": "Letter",
    "license": "License",
    "hold": "Hold",
}
# The journal names a clock by the code under which it is kept.
_CLOCK_STARTED = re.compile(r"^Started the clock “[^”]*”")
_CLOCK_CODE = re.compile(r" \(“[^”]*”\)$")
_STOP_LIFTED = re.compile(r"^Lifted the stop “question-(\d+)”")
_COUNTED = {"installed": "Installed there", "licensed": "Licensed, not yet there", "pending": "Pending elsewhere"}
_MINUTES_A_DAY = 24 * 60


def read_result(page: CasePage) -> dict[str, Any] | None:
    """The determination that counts, as the rulebook gave it."""
    return json.loads(page.determination.result) if page.determination else None


def list_counts(page: CasePage) -> list[dict[str, Any]]:
    """What the applicant declared beside what the books knew, and which of the two counted."""
    stored = page.determination
    if stored is None:
        return []
    used = stored.facts.get("installation", {})
    return [
        {
            "label": label,
            "declared": stored.declared.get(name),
            "known": stored.known.get(name),
            "counted": used.get(name),
            "differs": stored.declared.get(name) != stored.known.get(name),
        }
        for name, label in _COUNTED.items()
    ]


def count_clock(page: CasePage) -> dict[str, Any] | None:
    """The clock in whole days, for its bar."""
    if page.clock is None:
        return None
    reading = page.clock.reading
    return {
        "counted": reading.counted.days,
        "stopped": reading.stopped.days,
        "limit": page.clock.limit_days,
        "due": reading.due,
        "running": not reading.is_stopped,
        "ended": reading.ended_at,
        "stops": reading.stops,
        "words": f"{reading.counted.days} of {page.clock.limit_days} days",
    }


def list_titles(page: CasePage) -> dict[str, str]:
    """What the edition calls its requirements, by their names."""
    return {name: words.title for name, words in page.edition.requirements.items()} if page.edition else {}


def list_tier_titles(page: CasePage) -> dict[str, str]:
    """What the edition calls its tiers, by their ids."""
    return {tier.id: tier.title for tier in page.edition.tiers} if page.edition else {}


def list_ladder(page: CasePage, by: Principal) -> list[dict[str, Any]]:
    """The requirements, each with what closed it or what would, and the pages where this person acts on it."""
    may = {act for act, _ in page.acts}
    works = page.case.officer_id is not None and can_work_on(by, page.case) and page.case.closed_at is None
    titles = list_titles(page)
    rungs = []
    for line in page.requirements:
        requirement = line.requirement
        address = {"acn": page.case.acn, "position": requirement.position}
        rungs.append(
            {
                "requirement": requirement,
                "state": _tell_state(line),
                "grounds": _list_grounds(line, titles),
                "acts": [
                    {"act": act, "choice": titles.get(act.choice, "") if requirement.any_of else ""}
                    for act in line.acts
                    if act not in line.grounds
                ],
                "tranches": _list_tranches(line),
                "conditions": line.conditions,
                "verified": sum(met for _, met in line.conditions),
                "is_open": line.is_open,
                "signatures": len(line.waiver_signers),
                "holds_up": "No license is issued before it is closed."
                if requirement.gates == "issue"
                else "Nothing is shipped before it is closed.",
                "evidence_url": reverse("desk:satisfy", kwargs=address)
                if line.is_open and "satisfy_requirement" in may
                else "",
                "waiver_url": reverse("desk:waive", kwargs=address)
                if line.wants_waiver_of(by) and "sign_waiver" in may
                else "",
                "reopen_url": reverse("desk:reopen", kwargs=address) if works and not line.is_open else "",
            }
        )
    return rungs


def _tell_state(line: RequirementLine) -> tuple[str, str]:
    """The word of a requirement, and the shape where another than its own fits."""
    requirement = line.requirement
    if line.fallen:
        return ("Open again" if line.is_open else "Satisfied by what fell"), "stopped"
    if line.is_open and line.grounds:
        met = sum(act.share for act in line.grounds)
        return f"{met} percent satisfied", "waiting"
    if any(act.ground is not None and act.ground.state == "ending" for act in line.grounds):
        return str(requirement.get_status_display()), "attention"
    return str(requirement.get_status_display()), ""


def _list_grounds(line: RequirementLine, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """What a requirement stands on, or what made it fall, each with who chose it and for which alternative."""
    chosen = [
        {
            "words": tell_ground(act.ground, needed_by="the requirement"),
            "act": act,
            "choice": titles.get(act.choice, "") if line.requirement.any_of else "",
        }
        for act in line.grounds
        if act.ground is not None
    ]
    if line.is_open:
        chosen += [{"words": tell_ground(ground, needed_by="the requirement")} for ground in line.fallen]
    return chosen


def _list_tranches(line: RequirementLine) -> list[dict[str, Any]]:
    """The planned steps of a release, their amounts in the unit of the commitment's measure."""
    if line.is_open:
        return []
    return [
        {"chips": step.chips, "required": step.required, "words": write_units(step.required, step.unit)}
        for step in line.tranches
    ]


def list_books(page: CasePage) -> list[dict[str, Any]]:
    """The ceilings that the case meets, each with the page of the entries behind it."""
    books = page.books
    listed = []
    if books.allocation:
        address = reverse("desk:allocation_entries", kwargs={"allocation_id": books.allocation.subject_id})
        listed.append({"kind": "Allocation", "book": books.allocation, "url": address})
    for book in books.coverage:
        address = reverse("desk:assurance_coverage", kwargs={"instrument_id": book.subject_id})
        listed.append({"kind": "Coverage", "book": book, "url": address})
    return listed


def tell_no_allocation(page: CasePage) -> str:
    """What it means that no allocation is in effect for the destination; empty where one is."""
    if page.books.allocation is not None:
        return ""
    country = page.case.destination.name
    if page.books.is_allocation_wanted:
        return f"No allocation is in effect for {country}, so nothing is granted until two officials have set one."
    return f"No allocation is in effect for {country}. Until two officials set one, none limits a grant."


def list_people(page: CasePage) -> list[tuple[str, str]]:
    """Who has to do with the case on this side."""
    case, newest = page.case, page.newest
    people = [
        ("Officer", case.officer.name if case.officer else "Nobody yet"),
        ("Unit", case.unit.name if case.unit else "—"),
    ]
    if newest:
        people += [("Countersigned by", signature.signer_label) for signature in newest.signatures]
    people += [("Decided by", decision.decided_by_label) for decision in page.decisions]
    return people


def list_documents(page: CasePage) -> list[dict[str, Any]]:
    """The documents of the case, as the list of documents takes them."""
    return [
        {
            "title": document.title,
            "url": reverse("desk:document", kwargs={"acn": page.case.acn, "document_id": document.pk}),
            "kind_label": document.get_kind_display() + (" · added by staff" if document.is_internal else ""),
            "size": document.size,
            "pages": document.pages,
            "uploaded_by_label": document.uploaded_by_label,
            "uploaded_at": document.uploaded_at,
            "sha256": document.sha256,
        }
        for document in page.documents
    ]


def _kind(verb: str) -> str:
    """The kind of an entry: what stands before the point of its verb, or after its last underscore."""
    if verb.endswith("_clock"):
        return "clock"
    return verb.split(".")[0] if "." in verb else verb.split("_")[0]


def _in_words(verb: str, says: str) -> str:
    if not verb.endswith("_clock"):
        return says
    says = _CLOCK_STARTED.sub("Started the processing clock", _CLOCK_CODE.sub("", says))
    return _STOP_LIFTED.sub(r"Lifted the stop of question \1: the clock runs on", says)


def list_timeline(page: CasePage, kind: str) -> list[dict[str, Any]]:
    """The journal of the case, the newest first, of one kind or all."""
    return [
        {
            "at": entry.at,
            "actor_label": entry.actor_label,
            "says": _in_words(entry.verb, entry.says),
            "kind_label": TIMELINE_KINDS.get(_kind(entry.verb), ""),
        }
        for entry in page.journal
        if kind not in TIMELINE_KINDS or _kind(entry.verb) == kind
    ]


def list_timeline_kinds(page: CasePage, kind: str) -> list[dict[str, Any]]:
    """The kinds of entries that the journal of the case has, as tabs."""
    there = {_kind(entry.verb) for entry in page.journal}
    chosen = kind if kind in TIMELINE_KINDS else ""
    tabs = [{"label": "Everything", "url": "?#timeline", "current": not chosen}]
    tabs += [
        {"label": label, "url": f"?timeline={name}#timeline", "current": name == chosen}
        for name, label in TIMELINE_KINDS.items()
        if name in there
    ]
    return tabs
