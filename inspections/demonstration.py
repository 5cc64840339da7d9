"""Visits of the demonstration, in every state, made through the operations. All of them are invented.

No such visit took place, and no such place exists; the countries and cities only make the register read like one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from accounts.models import User
from accounts.rules import SYSTEM
from deadlines.rules import day_of
from inspections import operations
from inspections.models import Officer, Team, Visit
from inspections.operations import officers, scheduling
from inspections.rules.lifecycle import S
from inspections.statuses import AnswerKind, Rating, Severity, VisitKind
from registry.models import Installation
from registry.operations import register_installation, register_party

_TEN, _SURE = Decimal(10), Decimal(95)
INVENTED = "Invented for the demonstration."
PLACES = (
    ("Gulf hall 1", "Riyadh", "SA", S.REQUESTED),
    ("Gulf hall 2", "Dammam", "SA", S.HOST_NOTIFIED),
    ("Coast hall 1", "Abu Dhabi", "AE", S.CONSENT_REFUSED),
    ("Coast hall 2", "Dubai", "AE", S.CONSENTED),
    ("Coast hall 3", "Sharjah", "AE", S.SCHEDULED),
    ("Bay hall 1", "Mumbai", "IN", S.ON_SITE),
    ("Bay hall 2", "Chennai", "IN", S.REPORTING),
    ("Fjord hall 1", "Oslo", "NO", S.REPORTED),
    ("Fjord hall 2", "Bergen", "NO", S.UNDER_REVIEW),
    ("Steppe hall 1", "Almaty", "KZ", S.CORRECTIVE_ACTIONS),
    ("Steppe hall 2", "Astana", "KZ", S.CLOSED),
    ("Island hall 1", "Singapore", "SG", S.CANCELLED),
    ("Island hall 2", "Singapore", "SG", S.NOT_CARRIED_OUT),
)


class _Story:
    """One visit, led on from its request to the state that is wanted; each step some days after the one before."""

    def __init__(self, officer: User, supervisor: User, team: Team, begin: datetime) -> None:
        self.officer, self.supervisor, self.team, self.begin = officer, supervisor, team, begin
        self.visit: Visit

    def step(self, act: Any, by: User, days: float, **fields: Any) -> None:
        self.visit.refresh_from_db()
        act(visit=self.visit, version=self.visit.version, by=by, at=self.begin + timedelta(days=days), **fields)
        self.visit.refresh_from_db()

    def hear(self, act: Any, days: float, says: str) -> None:
        on = day_of(self.begin + timedelta(days=days))
        self.step(act, self.officer, days, happened_on=on, says=f"{INVENTED} {says}")

    def lead(self, place: Installation, until: S) -> None:
        self.visit = operations.request_visit(
            kind=VisitKind.PERIODIC,
            installation=place,
            occasion=f"{INVENTED} A year after the last delivery.",
            by=self.officer,
            at=self.begin,
        )
        if until == S.REQUESTED:
            return
        self.hear(operations.notify_host, 1, "To the ministry, through the embassy.")
        if until == S.HOST_NOTIFIED:
            return
        if until == S.CONSENT_REFUSED:
            self.hear(operations.record_refusal, 2, "No day suits the ministry.")
            return
        self.hear(operations.record_consent, 2, "By a note of the ministry.")
        if until == S.CONSENTED:
            return
        day: date = day_of(self.begin + timedelta(days=16))
        self.step(
            scheduling.schedule_visit,
            self.supervisor,
            2,
            team=self.team,
            first_day=day,
            last_day=day,
            reason=f"{INVENTED} The operator is open then.",
        )
        ends = {S.CANCELLED: operations.cancel_visit, S.NOT_CARRIED_OUT: operations.record_not_carried_out}
        if until in ends:
            self.step(ends[until], self.supervisor, 3, reason=f"{INVENTED} The gate stays shut.")
        elif until != S.SCHEDULED:
            self.see(until)

    def see(self, until: S) -> None:
        self.step(operations.begin_visit, self.officer, 16)
        at = self.begin + timedelta(days=16)
        act: dict[str, Any] = {"visit": self.visit, "by": self.officer, "at": at}
        usual = {AnswerKind.YES_NO: "yes", AnswerKind.COUNT: "4096", AnswerKind.TEXT: "The site manager."}
        for row in self.visit.checklist.questions:
            operations.enter_answer(
                question=row["id"],
                value=usual[AnswerKind(row["answer"])],
                note="",
                client_key=f"demonstration/{row['id']}",
                entered_at=at,
                **act,
            )
        rows = "\n".join(f"DEMO-{self.visit.pk}-{number:05d},Rack {number % 32}" for number in range(400))
        list_ = operations.add_serial_list(source=INVENTED, upload=BytesIO(rows.encode()), **act)
        sample = operations.draw_sample(
            list_=list_, tolerated_percent=_TEN, confidence_percent=_SURE, seed="demonstration", **act
        )
        missing = until == S.CORRECTIVE_ACTIONS
        for place, item in enumerate(sample.items.select_related("sample__visit")):
            operations.enter_result(
                item=item,
                outcome="missing" if missing and place == 0 else "found",
                client_key=f"demonstration/{item.pk}",
                entered_at=at,
                by=self.officer,
                at=at,
            )
        if until == S.ON_SITE:
            return
        if missing:
            finding = operations.add_finding(
                severity=Severity.MAJOR, title="A chip is missing", says=f"{INVENTED} One place is empty.", **act
            )
            operations.recommend_action(
                finding=finding,
                says="Show where the chip is.",
                owner="The operator's site manager",
                due_on=day_of(at + timedelta(days=90)),
                by=self.officer,
                at=at,
            )
        self.step(operations.leave_site, self.officer, 16.2)
        if until != S.REPORTING:
            self.judge(until, Rating.UNFAVORABLE if missing else Rating.FAVORABLE)

    def judge(self, until: S, rating: Rating) -> None:
        self.step(
            operations.submit_report,
            self.officer,
            17,
            summary=f"{INVENTED} The site was seen in a day.",
            rating=rating,
            rationale=f"{INVENTED} It follows from the sample.",
        )
        if until == S.REPORTED:
            return
        self.step(operations.take_up_review, self.supervisor, 18)
        if until != S.UNDER_REVIEW:
            self.step(operations.accept_report, self.supervisor, 19, reason=f"{INVENTED} It is complete.")


def load(*, people: Mapping[str, User], at: datetime) -> int:
    """Make the demonstration's visits, unless there are any; answers how many there are then.

    `people` are the demonstration's by e-mail or by mailbox. An edition must have operated for 80 days before `at`.
    """
    if not Visit.objects.exists():
        named = {name.split("@")[0]: person for name, person in people.items()}
        officer, supervisor = named["inspector"], named["supervisor"]
        first = at - timedelta(days=75)
        team = _team(officer, supervisor, first)
        operator = register_party(name="Invented Compute (demonstration)", headquarters="SG", by=SYSTEM, at=first)
        for number, (name, city, country, status) in enumerate(PLACES):
            place = register_installation(
                name=f"{name} (invented)", operator=operator, city=city, country=country, by=SYSTEM, at=first
            )
            ahead = status == S.SCHEDULED
            begin = at - timedelta(days=1) if status in (S.REQUESTED,) else first + timedelta(days=4 * number)
            _Story(officer, supervisor, team, at - timedelta(days=3) if ahead else begin).lead(place, status)
    return Visit.objects.count()


def _team(officer: User, supervisor: User, at: datetime) -> Team:
    base = Officer.objects.filter(user=officer).first() or officers.add_officer(
        user=officer,
        home_city="Dubai",
        home_country="AE",
        languages=["ar", "en"],
        available_from=day_of(at),
        by=supervisor,
        at=at,
    )
    return officers.form_team(name="Gulf and Asia", lead=base, officers=[base], by=supervisor, at=at)
