"""Choosing targets: every candidate with its points, chosen or passed over, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.rules import Refused
from audit.operations import operation, record
from inspections.models import Candidate, SelectionRound
from inspections.permissions import check_can_select_targets
from inspections.rules.rating import check_text
from inspections.selectors.targets import list_scores
from inspections.statuses import VisitKind

MOST_CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether a place was chosen, and why or why not."""

    installation_id: int
    is_chosen: bool
    rationale: str


@operation
def select_targets(
    *,
    kind: str,
    says: str,
    choices: Sequence[Choice],
    by: User,
    at: datetime,
    tiers: Mapping[int, str] | None = None,
) -> SelectionRound:
    """Write a choice of targets down: each place with its score of this moment, and why it was chosen or not.

    `tiers` are the largest tiers of licenses and cases by installation, where the caller knows them; else the tier
    follows from all chips counted at a place. Raises NotPermitted; Refused without candidates, with one twice or
    unknown, without anything chosen, and without a rationale for each.
    """
    check_can_select_targets(by)
    if kind not in VisitKind.values:
        raise Refused("Choose one of the three kinds of visits.", rule="inspections.kind", field="kind")
    says = check_text(says, field="says", name="What the selection is for")
    ids = [choice.installation_id for choice in choices]
    if not ids or len(ids) > MOST_CANDIDATES or len(set(ids)) != len(ids):
        raise Refused(
            f"A selection has 1 to {MOST_CANDIDATES} candidates, each once. Narrow the list first.",
            rule="inspections.candidates",
        )
    if not any(choice.is_chosen for choice in choices):
        raise Refused(
            "Nothing is chosen. Choose at least one place, or leave the selection.", rule="inspections.some_chosen"
        )
    reasons = {
        choice.installation_id: check_text(
            choice.rationale,
            field=f"rationale_{choice.installation_id}",
            name="Why it was chosen" if choice.is_chosen else "Why it was passed over",
        )
        for choice in choices
    }
    scored = list_scores(ids, at=at, tiers=tiers)
    if len(scored.scores) != len(ids):
        raise Refused(
            "One of the places is not known any more. Begin the selection again.", rule="inspections.candidates"
        )
    round_ = SelectionRound.objects.create(
        kind=kind,
        says=says,
        edition=scored.edition,
        weights=dict(scored.weights),
        made_by=by,
        made_by_label=by.actor.label,
        at=at,
    )
    chosen = {choice.installation_id for choice in choices if choice.is_chosen}
    rows = Candidate.objects.bulk_create(
        Candidate(
            round=round_,
            installation_id=score.installation.pk,
            points=score.points,
            parts=[
                {"id": part.id, "title": part.title, "points": part.points, "says": part.says} for part in score.parts
            ],
            is_chosen=score.installation.pk in chosen,
            rationale=reasons[score.installation.pk],
        )
        for score in scored.scores
    )
    record(
        subject=round_,
        verb="targets.selected",
        says=f"Chose {len(chosen)} of {len(ids)} places for a {VisitKind(kind).label.lower()}: {says}",
        by=by,
        at=at,
        data={"chosen": sorted(chosen), "passed_over": sorted(set(ids) - chosen), "edition": scored.edition},
        covers=[round_, *rows],
    )
    return round_
