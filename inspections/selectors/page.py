"""All of a visit for its page, and what a person can do on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from accounts.permissions import NotPermitted
from accounts.rules import Principal
from audit.models import Entry
from audit.selectors import list_entries as list_journal
from deadlines.models import Deadline
from inspections.models import (
    Engagement,
    Finding,
    Paper,
    RecommendingUnit,
    Report,
    Sample,
    Schedule,
    SerialList,
    Topology,
    Visit,
)
from inspections.permissions import (
    can_arrange,
    can_request,
    can_supervise,
    check_can_read_visits,
    check_can_review,
    check_is_of_team,
)
from inspections.rules.lifecycle import BEFORE_SITE, ENTRY_OPEN, S, acts_of
from inspections.selectors.entries import (
    ActionLine,
    AnswerLine,
    ItemLine,
    list_actions,
    list_answers,
    list_items,
)
from inspections.statuses import SerialOutcome, StepKind
from registry.models import Hold
from registry.selectors import list_holds
from registry.statuses import HoldCause

TIMELINE = 100
_REVIEWS = ("take_up_review", "accept_report", "close", "return_report", "change_rating", "reopen")


@dataclass(frozen=True, slots=True)
class ListLine:
    """A list of serial numbers, without the numbers."""

    number: int
    count: int
    source: str
    sha256: str
    at: datetime


@dataclass(frozen=True, slots=True)
class VisitPage:
    """All of a visit, and what this person can do on it, the most urgent first."""

    visit: Visit
    schedule: Schedule | None
    team: list[Engagement]
    answers: list[AnswerLine]
    lists: list[ListLine]
    samples: list[Sample]
    items: list[ItemLine]
    topology: dict[str, Any] | None
    papers: list[Paper]
    findings: list[Finding]
    actions: list[ActionLine]
    reports: list[Report]
    holds: list[Hold]
    deadlines: list[Deadline]
    timeline: list[Entry]
    acts: list[str]

    @property
    def tally(self) -> dict[str, int]:
        """How many of the newest sample have each outcome; `open` have none yet."""
        counted = dict.fromkeys([*SerialOutcome.values, "open"], 0)
        for line in self.items:
            counted[line.result.outcome if line.result else "open"] += 1
        return counted


def get_visit_page(*, visit_id: int, by: Principal) -> VisitPage:
    """All of a visit. Fourteen queries, however much there is. Raises NotPermitted, and Visit.DoesNotExist."""
    check_can_read_visits(by)
    visit = (
        Visit.objects.select_related(
            "installation__country", "installation__operator", "follows", "candidate__round", "checklist"
        )
        .prefetch_related("steps", "ratings")
        .annotate(
            units=ArraySubquery(
                RecommendingUnit.objects.filter(visit=OuterRef("pk"))
                .order_by("pk")
                .values(each=JSONObject(name="unit__name", says="says"))
            ),
            lists=ArraySubquery(
                SerialList.objects.filter(visit=OuterRef("pk"))
                .order_by("-number")
                .values(each=JSONObject(number="number", count="count", source="source", sha256="sha256", at="at"))
            ),
            topology=Subquery(
                Topology.objects.filter(visit=OuterRef("pk"))
                .order_by("-pk")
                .values(
                    each=JSONObject(
                        declared_chips="declared_chips",
                        seen_chips="seen_chips",
                        declared_fabric="declared_fabric",
                        seen_fabric="seen_fabric",
                        declared_says="declared_says",
                        seen_says="seen_says",
                    )
                )[:1]
            ),
        )
        .get(pk=visit_id)
    )
    team = list(
        Engagement.objects.filter(visit=visit, released_at__isnull=True).select_related("officer", "schedule__team")
    )
    samples = list(visit.samples.all())
    findings = list(visit.findings.select_related("withdrawal"))
    actions = list_actions(visit)
    reports = list(visit.reports.select_related("review"))
    return VisitPage(
        visit=visit,
        schedule=team[0].schedule if team else None,
        team=team,
        answers=list_answers(visit),
        lists=[ListLine(**{**each, "at": datetime.fromisoformat(each["at"])}) for each in visit.lists],
        samples=samples,
        items=list_items(samples[0]) if samples else [],
        topology=visit.topology,
        papers=list(visit.papers.all()),
        findings=findings,
        actions=actions,
        reports=reports,
        holds=list(list_holds([visit.installation]).filter(cause=HoldCause.VISIT_FINDING)),
        deadlines=_list_deadlines(visit, actions),
        timeline=list(list_journal(visit)[:TIMELINE]),
        acts=_list_acts(visit, by, team, reports, actions, findings),
    )


def _list_deadlines(visit: Visit, actions: list[ActionLine]) -> list[Deadline]:
    return list(
        Deadline.objects.filter(
            Q(subject_kind="inspections.visit", subject_id=str(visit.pk))
            | Q(
                subject_kind="inspections.correctiveaction",
                subject_id__in=[str(line.action.pk) for line in actions],
            )
        ).order_by("due_at")
    )


def _list_acts(
    visit: Visit,
    by: Principal,
    team: list[Engagement],
    reports: list[Report],
    actions: list[ActionLine],
    findings: list[Finding],
) -> list[str]:
    possible = acts_of(visit.status)
    team_ids = {each.officer_id for each in team}
    goes = _may(lambda: check_is_of_team(by, team_ids=team_ids, number="", to="enter"))
    judges = _may(
        lambda: check_can_review(
            by, author_ids={report.made_by_id for report in reports}, team_ids=team_ids, to="review"
        )
    )
    arranges, supervises = can_arrange(by), can_supervise(by)
    acts: list[str] = [act for act in ("begin", "leave_site", "submit_report") if goes and act in possible]
    acts += [act for act in ("notify_host", "record_consent", "schedule") if arranges and act in possible]
    some_open = any(line.outcome == "open" for line in actions)
    for act in _REVIEWS:
        allowed = judges and act in possible
        if act == "change_rating":
            allowed = judges and visit.status in (S.UNDER_REVIEW, S.CORRECTIVE_ACTIONS)
        if allowed and not (act == "close" and some_open):
            acts.append(act)
    if goes and visit.status in ENTRY_OPEN:
        acts += ["field", "topology", "paper", "finding"]
        acts += ["action"] if findings else []
    if arranges and visit.status in (*BEFORE_SITE, *ENTRY_OPEN):
        acts += ["serials", "sample"]
    acts += [act for act in ("record_refusal", "reschedule", "unschedule") if arranges and act in possible]
    if can_request(by) and visit.status in BEFORE_SITE:
        acts.append("bar_unit")
    if supervises:
        acts += [act for act in ("record_not_carried_out", "cancel") if act in possible]
        acts += _list_listings(visit)
    return acts


def _list_listings(visit: Visit) -> list[str]:
    if visit.status not in (*BEFORE_SITE, S.NOT_CARRIED_OUT):
        return []
    steps = {step.kind for step in visit.steps.all()}
    if StepKind.UNVERIFIED_LIST not in steps:
        return ["unverified"]
    return [] if StepKind.ENTITY_NOMINATION in steps else ["entity"]


def _may(check: Any) -> bool:
    try:
        check()
    except NotPermitted:
        return False
    return True
