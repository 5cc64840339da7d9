"""Visits for any test, led by their people from one state to the next."""

import io
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import User
from accounts.statuses import Role
from deadlines.rules import day_of
from inspections import operations
from inspections.models import Officer, Sample, SerialList, Team, Visit
from inspections.operations import scheduling
from inspections.statuses import Rating, Severity, VisitKind
from registry.models import Installation
from tests.accounts.factories import unit, user
from tests.inspections import calendar_factories as calendar
from tests.registry.factories import installation

AT = datetime(2026, 4, 1, 15, 0, tzinfo=UTC)
ARRIVAL = datetime(2026, 4, 20, 12, 0, tzinfo=UTC)
load_rules = calendar.load_rules


@dataclass
class People:
    """An officer who travels, and two supervisors."""

    officer: User = field(default_factory=lambda: user(Role.EXPORT_CONTROL_OFFICER))
    supervisor: User = field(default_factory=lambda: user(Role.VISIT_SUPERVISOR))
    second: User = field(default_factory=lambda: user(Role.VISIT_SUPERVISOR))
    teams: dict[int, Team] = field(default_factory=dict)

    def team(self) -> Team:
        """The officer's team, formed once."""
        if self.officer.pk not in self.teams:
            given: Any = self
            base = Officer.objects.filter(user=self.officer).first() or calendar.officer(given, self.officer)
            self.teams[self.officer.pk] = calendar.team(given, base, name=f"Team of {self.officer.pk}")
        return self.teams[self.officer.pk]


def later(**delta: float) -> datetime:
    """Some time after `AT`."""
    return AT + timedelta(**delta)


def requested(who: People, place: Installation | None = None, at: datetime = AT, **fields: Any) -> Visit:
    """A visit that was just requested."""
    wanted: dict[str, Any] = {"kind": VisitKind.PSV, "occasion": "35,000 chips were shipped there.", **fields}
    place = place or installation(city="Riyadh", country="SA")
    return operations.request_visit(installation=place, by=who.officer, at=at, **wanted)


def step(visit: Visit, act: Any, by: User, at: datetime = AT, **fields: Any) -> Visit:
    """One act on the newest version of a visit."""
    visit = Visit.objects.select_related("installation").get(pk=visit.pk)
    act(visit=visit, version=visit.version, by=by, at=at, **fields)
    return Visit.objects.select_related("installation").get(pk=visit.pk)


def notified(who: People, at: datetime = AT, **fields: Any) -> Visit:
    """A visit whose host was told."""
    visit = requested(who, at=at, **fields)
    return step(
        visit, operations.notify_host, who.officer, at, happened_on=day_of(at), says="To the ministry, through State."
    )


def consented(who: People, at: datetime = AT, **fields: Any) -> Visit:
    """A visit whose host agreed."""
    visit = notified(who, at=at, **fields)
    return step(
        visit, operations.record_consent, who.officer, at, happened_on=day_of(at), says="Note 12 of the ministry."
    )


def scheduled(who: People, at: datetime = AT, first_day: date | None = None, **fields: Any) -> Visit:
    """A visit with its day and its team."""
    visit = consented(who, at=at, **fields)
    day = first_day or day_of(at + timedelta(days=19))
    return step(
        visit,
        scheduling.schedule_visit,
        who.supervisor,
        at,
        team=who.team(),
        first_day=day,
        last_day=day,
        reason="The operator is open then.",
    )


def on_site(who: People, at: datetime = AT, **fields: Any) -> Visit:
    """A visit that has begun, nineteen days after its request."""
    return step(scheduled(who, at=at, **fields), operations.begin_visit, who.officer, at + timedelta(days=19))


def answered(who: People, visit: Visit, at: datetime | None = None, **values: str) -> Visit:
    """Every question answered: yes, 8,000, or a text."""
    usual = {"yes_no": "yes", "count": "8000", "text": "The site manager, in the control room."}
    for row in visit.checklist.questions:
        operations.enter_answer(
            visit=visit,
            question=row["id"],
            value=values.get(row["id"], usual[row["answer"]]),
            note="",
            client_key=f"answer-{row['id']}",
            entered_at=at or ARRIVAL,
            by=who.officer,
            at=at or ARRIVAL,
        )
    return visit


def serial_file(*rows: str) -> SimpleUploadedFile:
    """A list as it is uploaded."""
    return SimpleUploadedFile("serials.csv", "\n".join(rows).encode())


def listed(who: People, visit: Visit, count: int = 40, at: datetime | None = None) -> SerialList:
    """A list of serial numbers of a visit."""
    rows = ["Serial number,Place", *(f"GB300-{number:06d},Hall 1 rack {number % 8}" for number in range(count))]
    return operations.add_serial_list(
        visit=visit, source="The operator, April 2.", upload=serial_file(*rows), by=who.officer, at=at or ARRIVAL
    )


def sampled(who: People, list_: SerialList, seed: str = "a seed", at: datetime | None = None, **fields: Any) -> Sample:
    """A sample of a list."""
    wanted = {"tolerated_percent": Decimal(10), "confidence_percent": Decimal(95), **fields}
    return operations.draw_sample(visit=list_.visit, list_=list_, seed=seed, by=who.officer, at=at or ARRIVAL, **wanted)


def photo(color: str = "navy", kind: str = "JPEG") -> SimpleUploadedFile:
    """A small picture."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), color).save(file, kind)
    return SimpleUploadedFile("seen.bin", file.getvalue())


def found(who: People, visit: Visit, at: datetime | None = None) -> Any:
    """A finding with an action that is due in thirty days."""
    at = at or ARRIVAL
    finding = operations.add_finding(
        visit=visit,
        severity=Severity.MAJOR,
        title="Two chips are missing",
        says="Rack 4 has two empty places.",
        by=who.officer,
        at=at,
    )
    return operations.recommend_action(
        finding=finding,
        says="Show where the two chips are.",
        owner="Site manager",
        due_on=day_of(at + timedelta(days=30)),
        by=who.officer,
        at=at,
    )


def left(who: People, at: datetime = AT, with_action: bool = False, **fields: Any) -> Visit:
    """A visit whose officers are back; its report is due."""
    visit = on_site(who, at=at, **fields)
    answered(who, visit, at=at + timedelta(days=19))
    if with_action:
        found(who, visit, at=at + timedelta(days=19))
    return step(visit, operations.leave_site, who.officer, at + timedelta(days=19, hours=4))


def reported(who: People, rating: str = Rating.FAVORABLE, at: datetime = AT, **fields: Any) -> Visit:
    """A visit with its report."""
    return step(
        left(who, at=at, **fields),
        operations.submit_report,
        who.officer,
        at + timedelta(days=20),
        summary="The site was seen in one day.",
        rating=rating,
        rationale="What was seen agrees with what was declared.",
    )


def under_review(who: People, rating: str = Rating.FAVORABLE, at: datetime = AT, **fields: Any) -> Visit:
    """A visit whose report a supervisor reads."""
    visit = reported(who, rating, at=at, **fields)
    return step(visit, operations.take_up_review, who.supervisor, at + timedelta(days=21))


def accepted(who: People, rating: str = Rating.FAVORABLE, at: datetime = AT, **fields: Any) -> Visit:
    """A visit whose report is accepted: closed, or with actions that are open."""
    visit = under_review(who, rating, at=at, **fields)
    return step(visit, operations.accept_report, who.supervisor, at + timedelta(days=22), reason="It is complete.")


def one_of_each(*, at: datetime) -> None:
    """A row in every model of the app."""
    who = People()
    place = installation(city="Riyadh", country="SA")
    round_ = operations.select_targets(
        kind=VisitKind.PERIODIC,
        says="The second quarter.",
        choices=[operations.Choice(place.pk, True, "Never visited.")],
        by=who.officer,
        at=at,
    )
    visit = on_site(who, at=at, place=place, kind=VisitKind.PERIODIC, candidate=round_.candidates.get())
    operations.bar_unit(visit=visit, unit=unit(), says="Recommended case C1.", by=who.officer, at=at)
    there = at + timedelta(days=19)
    answered(who, visit, at=there)
    sample = sampled(who, listed(who, visit, at=there), at=there)
    for place_, item in enumerate(sample.items.all()[:2]):
        operations.enter_result(
            item=item, outcome="found", client_key=f"k{place_}", entered_at=there, by=who.officer, at=there
        )
    operations.note_topology(
        visit=visit,
        declared_chips=40,
        seen_chips=40,
        declared_fabric=40,
        seen_fabric=40,
        declared_says="One hall.",
        seen_says="One hall.",
        by=who.officer,
        at=there,
    )
    operations.add_paper(visit=visit, says="The racks of hall 1", upload=photo(), by=who.officer, at=there)
    action = found(who, visit, at=there)
    mistaken = operations.add_finding(
        visit=visit, severity=Severity.MINOR, title="A door", says="It was open.", by=who.officer, at=there
    )
    operations.withdraw_finding(finding=mistaken, reason="It was the fire door.", by=who.officer, at=there)
    visit = step(visit, operations.leave_site, who.officer, there)
    visit = step(
        visit, operations.submit_report, who.officer, there, summary="Seen.", rating="limited", rationale="One action."
    )
    visit = step(visit, operations.take_up_review, who.supervisor, there)
    visit = step(visit, operations.accept_report, who.supervisor, there, reason="Complete.")
    operations.answer_action(action=action, outcome="done", says="A photo of both.", by=who.officer, at=there)
    calendar.keep.renew_calendar_token(by=who.officer, at=at)
