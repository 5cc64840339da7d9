"""What was entered of a visit: answers, results of its sample, papers, findings and actions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from inspections.models import (
    ActionStep,
    Answer,
    Checklist,
    CorrectiveAction,
    Finding,
    Paper,
    Sample,
    SampleItem,
    SerialResult,
    Visit,
)
from inspections.statuses import ActionOutcome, SerialOutcome


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """A question of the checklist with its newest answer."""

    question: dict[str, Any]
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What was seen of a sampled serial number."""

    outcome: str
    seen_place: str
    seen_serial: str
    note: str

    def get_outcome_display(self) -> str:
        """The outcome as people read it, under the name that a stored result has for it."""
        return SerialOutcome(self.outcome).label


@dataclass(frozen=True, slots=True)
class ItemLine:
    """A sampled serial number with its newest result."""

    item: SampleItem
    result: ItemResult | None


@dataclass(frozen=True, slots=True)
class ActionWord:
    """What was said of an action, by whom and when."""

    outcome: str
    says: str
    made_by_label: str
    at: datetime

    @property
    def label(self) -> str:
        """The outcome as people read it."""
        return ActionOutcome(self.outcome).label


@dataclass(frozen=True, slots=True)
class ActionLine:
    """A recommended action with what became of it."""

    action: CorrectiveAction
    steps: list[ActionWord]

    @property
    def outcome(self) -> str:
        """done, declined, or open."""
        newest = self.steps[-1].outcome if self.steps else ""
        return newest if newest in (ActionOutcome.DONE, ActionOutcome.DECLINED) else "open"


def list_answers(visit: Visit) -> list[AnswerLine]:
    """The questions of a visit's checklist, each with its newest answer; none before it has begun. One query."""
    checklist: Checklist | None = getattr(visit, "checklist", None)
    if checklist is None:
        return []
    newest = {answer.question: answer for answer in visit.answers.order_by("question", "-pk").distinct("question")}
    return [AnswerLine(question, newest.get(question["id"])) for question in checklist.questions]


def list_items(sample: Sample) -> list[ItemLine]:
    """The serial numbers of a sample, each with its newest result. One query."""
    newest = SerialResult.objects.filter(item=OuterRef("pk")).order_by("-pk")
    seen = JSONObject(outcome="outcome", seen_place="seen_place", seen_serial="seen_serial", note="note")
    return [
        ItemLine(item, ItemResult(**item.seen) if item.seen else None)
        for item in sample.items.annotate(seen=Subquery(newest.values(each=seen)[:1]))
    ]


def list_actions(visit: Visit) -> list[ActionLine]:
    """The recommended actions of a visit with what became of each. One query."""
    words = JSONObject(outcome="outcome", says="says", made_by_label="made_by_label", at="at")
    steps = ActionStep.objects.filter(action=OuterRef("pk")).order_by("pk").values(word=words)
    return [
        ActionLine(action, [_read_word(word) for word in action.words])
        for action in visit.actions.annotate(words=ArraySubquery(steps))
    ]


def _read_word(word: dict[str, str]) -> ActionWord:
    return ActionWord(word["outcome"], word["says"], word["made_by_label"], datetime.fromisoformat(word["at"]))


def get_paper(visit_id: int, paper_id: int) -> Paper | None:
    """A paper of a visit, or None."""
    return Paper.objects.filter(visit=visit_id, pk=paper_id).select_related("visit").first()


def get_action(visit_id: int, number: int) -> CorrectiveAction | None:
    """A recommended action of a visit by its number, or None."""
    return CorrectiveAction.objects.filter(visit=visit_id, number=number).select_related("visit").first()


def get_finding(visit_id: int, number: int) -> Finding | None:
    """A finding of a visit by its number, or None."""
    return Finding.objects.filter(visit=visit_id, number=number).select_related("visit").first()


def list_standing_findings(visit: Visit) -> list[Finding]:
    """The findings that were not withdrawn. One query."""
    return list(visit.findings.filter(withdrawal__isnull=True))


def get_item(visit_id: int, item_id: int) -> SampleItem | None:
    """A sampled serial number of a visit, or None."""
    return SampleItem.objects.filter(sample__visit=visit_id, pk=item_id).select_related("sample__visit").first()


def get_newest_sample(visit: Visit) -> Sample | None:
    """The sample drawn last, or None. One query."""
    return visit.samples.order_by("-number").first()
