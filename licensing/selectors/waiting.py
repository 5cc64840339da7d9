"""Whom each requirement of a case waits for, in words that its applicant may read; and until when a met one stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from assurances.models import Instrument
from deadlines.rules import day_of
from licensing.models import ApplicationItem, ApplicationParty, Case, ConditionCheck, Requirement, RequirementAct
from licensing.statuses import CaseStatus, ItemKind, PartyRole, RequirementActKind, RequirementStatus
from registry.rules import Ask, Evidence
from rulebook.rules import Edition, Row

from .evidence import CONDITIONS, TRACKS, choices_of, get_track

_NO_HEADROOM = "Waiting for the Department of Commerce."


@dataclass(frozen=True, slots=True)
class RequirementView:
    """A requirement as its applicant reads it: whom it waits for, or what it stands on and until which day."""

    requirement: Requirement
    told: str
    # The last day on which what satisfies it stands; None where it has no end, or is not satisfied.
    until: date | None


def list_requirement_views(
    *,
    case: Case,
    requirements: Sequence[Requirement],
    parties: Sequence[ApplicationParty],
    items: Sequence[ApplicationItem],
    edition: Edition,
    at: datetime,
) -> list[RequirementView]:
    """Each requirement with whom it waits for. Nothing of what is confidential: only what the tracks tell applicants.

    At most four queries for each track that open requirements ask, and two besides.
    """
    acts = _list_grounded(requirements)
    checks = _list_checks(requirements, edition)
    waited_for = [each for each in requirements if each.status == RequirementStatus.OPEN and _is_waited_for(case, each)]
    evidence = _list_evidence(waited_for, edition, _ask_of(case, parties, items, at))
    views = []
    for requirement in requirements:
        told, until = "", None
        if requirement.status == RequirementStatus.SATISFIED:
            told, until = _tell_satisfied(acts.get(requirement.pk, []), at)
        elif requirement in waited_for:
            told = _tell_open(case, requirement, edition, evidence, checks.get(requirement.pk, []))
        views.append(RequirementView(requirement, told, until))
    return views


def _is_waited_for(case: Case, requirement: Requirement) -> bool:
    """Whether anything still comes of it: while the case runs, and before shipments under its license."""
    return case.closed_at is None or (case.status == CaseStatus.ISSUED and requirement.gates == "shipment")


def _ask_of(case: Case, parties: Sequence[ApplicationParty], items: Sequence[ApplicationItem], at: datetime) -> Ask:
    """What the case asks of every track, from rows that are at hand."""
    models: dict[str, int] = {}
    for item in items:
        if item.kind == ItemKind.CHIP:
            models[item.model] = models.get(item.model, 0) + item.quantity
    users = (PartyRole.END_USER, PartyRole.ULTIMATE_CONSIGNEE)
    return Ask(
        requirement="",
        terms={},
        destination=case.destination_id,
        installation_id=case.application.installation_id,
        party_ids=frozenset(each.party_id for each in parties if each.role in users and each.party_id is not None),
        models=models,
        at=at,
    )


def _list_evidence(requirements: Sequence[Requirement], edition: Edition, ask: Ask) -> dict[str, list[Evidence]]:
    """What the tracks have, by the names that an edition's list of tracks uses; each track is asked once."""
    tracks: dict[str, list[Row]] = {}
    for choice in dict.fromkeys(choice for each in requirements for choice in choices_of(each)):
        row = get_track(edition, choice)
        if row is not None and row.get("track") in TRACKS:
            tracks.setdefault(row.get("track"), []).append(row)
    found: dict[str, list[Evidence]] = {}
    for name, rows in tracks.items():
        if name == "assurances" and len(rows) > 1:
            found.update(_list_instruments(rows, ask))
            continue
        for row in rows:
            found[row.id] = TRACKS[name](replace(ask, requirement=row.id, terms=row.fields))
    return found


def _list_instruments(rows: Sequence[Row], ask: Ask) -> dict[str, list[Evidence]]:
    """Instruments of all kinds at once, told apart by their kind. Four queries, where each kind alone takes three."""
    kinds = [kind for row in rows for kind in row.get("kinds")]
    together = TRACKS["assurances"](replace(ask, requirement=rows[0].id, terms={"kinds": kinds}))
    pks = [int(each.subject_id) for each in together]
    kind_of = dict(Instrument.objects.filter(pk__in=pks).values_list("pk", "kind")) if pks else {}
    found: dict[str, list[Evidence]] = {}
    for row in rows:
        own = [each for each in together if kind_of[int(each.subject_id)] in row.get("kinds")]
        # Whether chips are counted against an instrument differs by kind, so it was not asked above.
        found[row.id] = [_count(each, ask) if row.get("covers_units") else each for each in own]
    return found


def _count(evidence: Evidence, ask: Ask) -> Evidence:
    """An instrument with too few chips left does not suffice."""
    if not evidence.suffices or evidence.left is None or evidence.left >= ask.chips:
        return evidence
    return replace(evidence, lacks=("Too few chips are left of it.",), told=_NO_HEADROOM)


def _list_grounded(requirements: Sequence[Requirement]) -> dict[int, list[RequirementAct]]:
    """The acts by which satisfied requirements stand on something. One query."""
    rounds = {each.pk: each.round for each in requirements if each.status == RequirementStatus.SATISFIED}
    found: dict[int, list[RequirementAct]] = {}
    if rounds:
        acts = RequirementAct.objects.filter(requirement__in=rounds, kind=RequirementActKind.SATISFIED)
        for act in acts.exclude(ground=None).select_related("ground"):
            if act.round == rounds[act.requirement_id]:
                found.setdefault(act.requirement_id, []).append(act)
    return found


def _list_checks(requirements: Sequence[Requirement], edition: Edition) -> dict[int, list[str]]:
    """Which conditions of open requirements were verified. One query, where there are any."""
    rounds = {
        each.pk: each.round
        for each in requirements
        if each.status == RequirementStatus.OPEN and _names_conditions(get_track(edition, each.name))
    }
    found: dict[int, list[str]] = {}
    if rounds:
        for check in ConditionCheck.objects.filter(requirement__in=rounds):
            if check.round == rounds[check.requirement_id]:
                found.setdefault(check.requirement_id, []).append(check.item)
    return found


def _names_conditions(track: Row | None) -> bool:
    return track is not None and track.get("track") == CONDITIONS


def _tell_satisfied(acts: Sequence[RequirementAct], at: datetime) -> tuple[str, date | None]:
    grounds = [act.ground for act in acts if act.ground is not None]
    if any(not ground.stands_at(at) for ground in grounds):
        return (
            "What this was satisfied by does not stand at present. The Department of Commerce says what follows.",
            None,
        )
    ends = [ground.until for ground in grounds if ground.until is not None]
    if not ends:
        return "", None
    # An end is the first instant that no longer counts.
    last = day_of(min(ends) - timedelta(microseconds=1))
    return f"Stands until {_day(last)}.", last


def _tell_open(
    case: Case,
    requirement: Requirement,
    edition: Edition,
    evidence: Mapping[str, Sequence[Evidence]],
    checked: Sequence[str],
) -> str:
    told = []
    for choice in choices_of(requirement):
        track = get_track(edition, choice)
        if track is None:
            continue
        if _names_conditions(track):
            told.append(_tell_conditions(edition.rows(choice), checked))
        elif track.get("track") in TRACKS:
            words = _tell_evidence(evidence.get(choice, ())) or _tell_missing(track, case)
            told.append(f"{track.title}: {words}" if requirement.any_of else words)
    return " Or: ".join(told) if requirement.any_of else " ".join(told)


def _tell_evidence(found: Sequence[Evidence]) -> str:
    """What the track tells of what suffices, or comes nearest to it; empty where it has nothing."""
    best = next((each for each in found if each.suffices), found[0] if found else None)
    if best is None:
        return ""
    return f"{best.told} The licensing officer has yet to accept it for your case." if best.suffices else best.told


def _tell_missing(track: Row, case: Case) -> str:
    """Whom a requirement waits for while its track has nothing."""
    country = case.destination.name
    return {
        "assurances": f"Waiting for the Department of State to ask for it, and for the government of {country} to give "
        "it.",
        "inspections": "Waiting for a visit by officers of the Department of Commerce.",
        "investments": f"Waiting for an investment commitment of the government of {country} or of the end user.",
    }[track.get("track")]


def _tell_conditions(rows: Sequence[Row], checked: Sequence[str]) -> str:
    left = [row.title for row in rows if row.id not in checked]
    return (
        f"The Department of Commerce verifies these conditions one by one: {len(rows) - len(left)} of {len(rows)} are "
        f"verified. Still to come: {'; '.join(left)}."
    )


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
