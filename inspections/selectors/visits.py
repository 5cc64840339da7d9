"""The register of visits, and all of a visit for its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from accounts.models import Unit
from accounts.permissions import NotPermitted
from accounts.rules import Principal
from audit.models import Entry
from audit.selectors import list_entries as list_journal
from deadlines.models import Deadline
from inspections.models import (
    ActionStep,
    Answer,
    Candidate,
    Checklist,
    CorrectiveAction,
    Engagement,
    Finding,
    Paper,
    RecommendingUnit,
    Report,
    Sample,
    SampleItem,
    Schedule,
    SerialList,
    SerialResult,
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
from inspections.rules.lifecycle import BEFORE_SITE, ENTRY_OPEN, OVER, S, acts_of
from inspections.statuses import ActionOutcome, SerialOutcome, StepKind, VisitStatus
from registry.models import Country, Hold, Installation
from registry.selectors import list_holds
from registry.statuses import HoldCause

PAGE = 50
TIMELINE = 100
LARGEST_ID = 2**63 - 1
_REVIEWS = ("take_up_review", "accept_report", "close", "return_report", "change_rating", "reopen")


@dataclass(frozen=True, slots=True)
class VisitFilters:
    """What narrows the register; empty narrows nothing."""

    view: str = "open"
    text: str = ""
    kind: str = ""
    status: str = ""
    rating: str = ""
    country: str = ""
    installation: int | None = None


@dataclass(frozen=True, slots=True)
class VisitRegister:
    """A page of visits; `after` begins the next one."""

    rows: Sequence[Visit]
    after: str


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """A question of the checklist with its newest answer."""

    question: dict[str, Any]
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class ListLine:
    """A list of serial numbers, without the numbers."""

    number: int
    count: int
    source: str
    sha256: str
    at: datetime


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


def list_visits(*, by: Principal, at: datetime, filters: VisitFilters, after: str = "") -> VisitRegister:
    """A page of visits, the newest first. One query, however many there are. Raises NotPermitted."""
    check_can_read_visits(by)
    found = _narrow(Visit.objects.all(), filters, by, at)
    if after.isascii() and after.isdigit() and len(after) < 19:
        found = found.filter(pk__lt=int(after))
    newest = Schedule.objects.filter(visit=OuterRef("pk")).order_by("-number")
    lead = Engagement.objects.filter(visit=OuterRef("pk"), is_lead=True, released_at__isnull=True)
    rows = list(
        found.select_related("installation__country", "installation__operator")
        .annotate(days=Subquery(newest.values("on_site")[:1]), lead=Subquery(lead.values("officer__name")[:1]))
        .order_by("-pk")[: PAGE + 1]
    )
    return VisitRegister(rows[:PAGE], str(rows[PAGE - 1].pk) if len(rows) > PAGE else "")


def _narrow(found: QuerySet[Visit], filters: VisitFilters, by: Principal, at: datetime) -> QuerySet[Visit]:
    match filters.view:
        case "open":
            found = found.filter(closed_at__isnull=True)
        case "late":
            found = found.filter(closed_at__isnull=True, left_at__isnull=True, due_at__lt=at)
        case "review":
            found = found.filter(status__in=[S.REPORTED, S.UNDER_REVIEW])
        case "actions":
            found = found.filter(status=S.CORRECTIVE_ACTIONS)
        case "mine":
            mine = int(by.actor.id) if by.actor.kind == "user" else 0
            booked = Engagement.objects.filter(officer=mine, visit__isnull=False, released_at__isnull=True)
            found = found.filter(pk__in=booked.values("visit"), closed_at__isnull=True)
        case "over":
            found = found.filter(status__in=OVER)
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.status:
        found = found.filter(status=filters.status)
    if filters.rating:
        found = found.filter(rating=filters.rating)
    if filters.country:
        found = found.filter(installation__country=filters.country)
    if filters.installation is not None:
        found = found.filter(installation=filters.installation)
    return _search(found, filters.text.strip())


def _search(found: QuerySet[Visit], text: str) -> QuerySet[Visit]:
    if not text:
        return found
    number = text[1:] if text[:1] in "Vv" else ""
    if number.isascii() and number.isdigit() and int(number) <= LARGEST_ID:
        return found.filter(pk=int(number))
    places = Installation.objects.filter(Q(name__icontains=text) | Q(operator__name__icontains=text)).values("pk")
    return found.filter(Q(installation__in=places) | Q(subject_label__iexact=text))


def get_visit(visit_id: int) -> Visit:
    """A visit with its place. Raises Visit.DoesNotExist."""
    return Visit.objects.select_related("installation__country", "installation__operator").get(pk=visit_id)


def list_open_visits_of(subject: tuple[str, str], *, lock: bool = False) -> list[Visit]:
    """The open visits that check a case or a license: its kind and its id.

    `lock` locks them, before the case itself, as everywhere: a visit's rating reaches for the cases of its place.
    """
    kind, pk = subject
    found = Visit.objects.filter(subject_kind=kind, subject_id=pk, closed_at__isnull=True).order_by("pk")
    return list(found.select_for_update(no_key=True) if lock else found)


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
    actions = _list_actions(visit)
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


def _list_actions(visit: Visit) -> list[ActionLine]:
    words = JSONObject(outcome="outcome", says="says", made_by_label="made_by_label", at="at")
    steps = ActionStep.objects.filter(action=OuterRef("pk")).order_by("pk").values(word=words)
    return [
        ActionLine(action, [_read_word(word) for word in action.words])
        for action in visit.actions.annotate(words=ArraySubquery(steps))
    ]


def _read_word(word: dict[str, str]) -> ActionWord:
    return ActionWord(word["outcome"], word["says"], word["made_by_label"], datetime.fromisoformat(word["at"]))


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


def list_countries() -> list[tuple[str, str]]:
    """Every country by code and name, for a form. One query."""
    return list(Country.objects.order_by("name").values_list("alpha2", "name"))


def list_units() -> list[tuple[int, str]]:
    """The units of Commerce, for a form. One query."""
    found = Unit.objects.filter(organization__kind="commerce").order_by("name")
    return list(found.values_list("pk", "name"))


def get_unit(unit_id: int) -> Unit:
    """A unit. Raises Unit.DoesNotExist."""
    return Unit.objects.get(pk=unit_id)


def find_places(*, by: Principal, text: str) -> list[Installation]:
    """Installations whose name or operator has `text`, for a request. One query. Raises NotPermitted."""
    check_can_read_visits(by)
    found = Installation.objects.select_related("operator", "country").order_by("-pk")
    if text.strip():
        found = found.filter(Q(name__icontains=text.strip()) | Q(operator__name__icontains=text.strip()))
    return list(found[:PAGE])


def tell_waiting(visit: Visit) -> str:
    """What a visit waits for, from whom, until when; without its dates, which the page shows beside it."""
    return _WAITING[VisitStatus(visit.status)]


_WAITING: dict[VisitStatus, str] = {
    S.REQUESTED: "Waiting for an export control officer to notify the host government",
    S.HOST_NOTIFIED: "Waiting for the consent of the host government",
    S.CONSENT_REFUSED: "The host government refused; waiting for its consent, or for the day the visit is due",
    S.CONSENTED: "Waiting for a day and a team",
    S.SCHEDULED: "Waiting for the team to arrive on site",
    S.ON_SITE: "The team is on site; waiting for its entries and for the end of the visit",
    S.REPORTING: "Waiting for the report of the team",
    S.REPORTED: "Waiting for a visit supervisor who neither went nor wrote the report",
    S.UNDER_REVIEW: "Waiting for the supervisor's word on the report",
    S.CORRECTIVE_ACTIONS: "Waiting until each action is done or declined, then for a supervisor to close the visit",
    S.CLOSED: "Closed; nothing is waited for",
    S.CANCELLED: "Canceled; nothing is waited for",
    S.NOT_CARRIED_OUT: "Not carried out; the lists follow on their days",
}


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


def get_chosen(candidate_id: str) -> Candidate | None:
    """A chosen candidate of a selection by what an address names, or None. One query."""
    if not (candidate_id.isascii() and candidate_id.isdigit() and len(candidate_id) < 19):
        return None
    return (
        Candidate.objects.filter(pk=int(candidate_id), is_chosen=True)
        .select_related("installation__operator", "round")
        .first()
    )


def list_places(ids: Sequence[int]) -> list[Installation]:
    """These installations, with their operators. One query."""
    return list(Installation.objects.filter(pk__in=ids).select_related("operator", "country"))
