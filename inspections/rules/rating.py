"""What a rating means, when a visit can close, when a list is due, and what still keeps a visit from counting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from accounts.rules import Refused
from deadlines.rules import AGENCY_ZONE, day_of
from inspections.rules.lifecycle import S
from inspections.statuses import Rating, VisitStatus

# The dates of a visit's process are dates in Washington.
ADVERSE = (Rating.UNFAVORABLE, Rating.UNABLE)
LONGEST_TEXT = 4000


def end_of_day(day: date) -> datetime:
    """The instant at which a day is over in Washington."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=AGENCY_ZONE)


def due_after(at: datetime, days: int) -> datetime:
    """The end of the day that lies so many calendar days after an instant's day."""
    return end_of_day(day_of(at) + timedelta(days=days))


def tell_day(day: date) -> str:
    """A day in a sentence: March 9, 2026."""
    return f"{day:%B} {day.day}, {day.year}"


def tell_instant(at: datetime) -> str:
    """The last day that an end of day belongs to, in a sentence."""
    return tell_day(day_of(at - timedelta(microseconds=1)))


def check_text(text: str, *, field: str, name: str) -> str:
    """The text without spaces around it. Raises Refused, naming the field, where it is empty or too long."""
    clean = text.strip()
    if not clean:
        raise Refused(
            f"{name} is missing. Write it down: it stays with the visit.", rule="inspections.text", field=field
        )
    if len(clean) > LONGEST_TEXT:
        raise Refused(
            f"{name} has {len(clean):,} characters, and at most {LONGEST_TEXT:,} are kept. Shorten it.",
            rule="inspections.text",
            field=field,
        )
    return clean


def check_happened(day: date, *, at: datetime, earliest: date, field: str = "happened_on") -> None:
    """Refuse a day of the future, and one before the visit was requested."""
    if day > day_of(at):
        raise Refused(
            f"{tell_day(day)} has not come yet. Record it when it has happened.",
            rule="inspections.happened_on",
            field=field,
        )
    if day < earliest:
        raise Refused(
            f"{tell_day(day)} is before the visit was requested, on {tell_day(earliest)}. Correct the date.",
            rule="inspections.happened_on",
            field=field,
        )


@dataclass(frozen=True, slots=True)
class OpenAction:
    """A recommended action that is neither done nor declined."""

    number: int
    says: str
    owner: str


def check_can_close(number: str, still_open: Sequence[OpenAction]) -> None:
    """A visit cannot close while a recommended action is neither done nor declined with a justification."""
    if still_open:
        told = "; ".join(f"action {each.number} ({each.owner}): {each.says}" for each in still_open)
        raise Refused(
            f"{number} cannot close while {len(still_open)} recommended "
            f"{'action is' if len(still_open) == 1 else 'actions are'} neither done nor declined: {told}. Record what "
            "shows that it is done, or decline it with a justification.",
            rule="inspections.actions_answered",
        )


def check_rating_change(before: str, rating: str) -> None:
    """Refuse a change that changes nothing."""
    if rating not in Rating.values:
        raise Refused("Choose one of the four ratings.", rule="inspections.rating", field="rating")
    if before == rating:
        raise Refused(
            f"The visit is rated {Rating(rating).label.lower()} already. Choose another rating.",
            rule="inspections.rating_changes",
            field="rating",
        )


def check_can_list(number: str, *, due_at: datetime, at: datetime, to: str) -> None:
    """A list is the answer to a check that was not done in time, not before. `to` completes "… can be "."""
    if at < due_at:
        raise Refused(
            f"{number} is due by the end of {tell_instant(due_at)}. Only after that can its operator be {to}.",
            rule="inspections.listed_when_late",
        )


# What each state waits for; how it is told to the desk, and to an applicant.
LACKS: Mapping[VisitStatus, str] = {
    S.REQUESTED: "It is requested: the host government has to be notified.",
    S.HOST_NOTIFIED: "The host government is notified: its consent has to be recorded.",
    S.CONSENT_REFUSED: "The host government refused: its consent is needed, or another visit.",
    S.CONSENTED: "The host government consented: it has to be scheduled.",
    S.SCHEDULED: "It is scheduled: it has to be carried out.",
    S.ON_SITE: "Its officers are on site: the report has to be written.",
    S.REPORTING: "Its report is due.",
    S.REPORTED: "Its report waits for a supervisor's review.",
    S.UNDER_REVIEW: "A supervisor reviews its report.",
    S.CORRECTIVE_ACTIONS: "Corrective actions are open, or the visit has to be closed.",
    S.CANCELLED: "It was canceled: another visit is needed.",
    S.NOT_CARRIED_OUT: "It could not be carried out: another visit is needed.",
}
TOLD: Mapping[VisitStatus, str] = {
    S.REQUESTED: "A site visit is requested; the Department of Commerce prepares it.",
    S.HOST_NOTIFIED: "Waiting for the host government's consent to a site visit.",
    S.CONSENT_REFUSED: "Waiting for the host government's consent to a site visit.",
    S.CONSENTED: "The Department of Commerce schedules a site visit.",
    S.SCHEDULED: "A site visit is scheduled; the operator is told of its date.",
    S.ON_SITE: "A site visit is under way.",
    S.REPORTING: "A site visit took place; the Department of Commerce writes its report.",
    S.REPORTED: "A site visit took place; the Department of Commerce reviews its report.",
    S.UNDER_REVIEW: "A site visit took place; the Department of Commerce reviews its report.",
    S.CORRECTIVE_ACTIONS: "A site visit took place; the operator has been told what is still to be done.",
    S.CLOSED: "A site visit took place and is closed.",
    S.CANCELLED: "A site visit was canceled; the Department of Commerce says what follows.",
    S.NOT_CARRIED_OUT: "A site visit could not be carried out; the Department of Commerce says what follows.",
}


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """What the rules know of a visit when a case asks for evidence."""

    status: VisitStatus
    kind: str
    rating: str
    # Until when the place's ground stands; None where it does not stand.
    stands_until: datetime | None
    held: bool


def list_lacks(
    visit: VisitFacts, *, kinds: Sequence[str], ratings: Sequence[str], kind_titles: Sequence[str], at: datetime
) -> list[str]:
    """What keeps a visit from counting, each in a sentence with what would supply it."""
    lacks = []
    if kinds and visit.kind not in kinds:
        lacks.append(f"It is of another kind: {' or '.join(kind_titles).lower()} is needed.")
    if visit.status != S.CLOSED:
        lacks.append(LACKS[visit.status])
    if visit.rating and visit.rating not in ratings:
        wanted = " or ".join(Rating(rating).label.lower() for rating in ratings)
        lacks.append(
            f"It is rated {Rating(visit.rating).label.lower()}, and {wanted} is needed: another visit, or a change of "
            "the rating with its reason."
        )
    if visit.held:
        lacks.append("A hold for a finding of a visit is open on the installation: a visit supervisor has to lift it.")
    if not lacks and (visit.stands_until is None or at >= visit.stands_until):
        when = f" since {tell_instant(visit.stands_until)}" if visit.stands_until else ""
        lacks.append(f"It no longer counts{when}: another visit is needed.")
    return lacks
