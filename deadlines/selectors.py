"""Reads: clocks and what they show, the calendar, deadlines of a subject, and a person's inbox."""

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import User
from audit.models import Subject, identify
from deadlines import rules
from deadlines.models import Clock, Deadline, Holiday, Notification
from deadlines.statuses import CalendarName, DeadlineStatus, OwnerKind

INBOX_PAGE = 25
UNREAD_CAP = 100


def get_clock(subject: Subject, kind: str) -> Clock:
    """The clock of that kind of a subject. Raises Clock.DoesNotExist when it was never started."""
    subject_kind, subject_id = identify(subject)
    return Clock.objects.get(subject_kind=subject_kind, subject_id=subject_id, kind=kind)


def list_clocks_of(subject: Subject) -> list[Clock]:
    """Every clock of a subject with its events, in two queries; `get_reading` then asks nothing more."""
    subject_kind, subject_id = identify(subject)
    found = Clock.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
    return list(found.order_by("id").prefetch_related("events"))


def get_reading(clock: Clock, now: datetime) -> rules.ClockReading:
    """What the clock shows at `now`: elapsed, counted and stopped time, due instant, intervals to draw."""
    events = [rules.ClockEvent(e.kind, e.at, e.stop_key, e.ground) for e in clock.events.all()]
    return rules.compute(events, now, limit_days=clock.limit_days, tz=clock.time_zone)


def get_calendar(calendar: str = CalendarName.US_FEDERAL) -> rules.Calendar:
    """The holidays of a calendar and the years it knows, in one query.

    A year is known when its New Year's Day is there: a single closure added for some far year does not make
    that year known.
    """
    days = frozenset(Holiday.objects.filter(calendar=calendar).values_list("on", flat=True))
    return rules.Calendar(days, frozenset(day.year for day in days if (day.month, day.day) == (1, 1)))


def list_deadlines_of(subject: Subject) -> QuerySet[Deadline]:
    """The deadlines of a subject, open and closed, the soonest first."""
    subject_kind, subject_id = identify(subject)
    return Deadline.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("due_at", "id")


def list_open_deadlines_for(user: User, *, limit: int = 25) -> list[Deadline]:
    """What this user must do, alone or with unit or organization: open deadlines, the soonest first."""
    owners = Q(owner_kind=OwnerKind.USER, owner_id=user.pk)
    owners |= Q(owner_kind=OwnerKind.ORGANIZATION, owner_id=user.organization_id)
    if user.unit_id is not None:
        owners |= Q(owner_kind=OwnerKind.UNIT, owner_id=user.unit_id)
    found = Deadline.objects.filter(owners, status=DeadlineStatus.OPEN)
    return list(found.order_by("due_at", "id")[:limit])


def list_notifications(
    user: User, *, before: int | None = None, unread_only: bool = False, limit: int = INBOX_PAGE
) -> list[Notification]:
    """A page of the inbox, the newest first. For the next page pass the id of the last line as `before`."""
    found = Notification.objects.filter(user=user)
    if before is not None:
        found = found.filter(id__lt=before)
    if unread_only:
        found = found.filter(read_at=None)
    return list(found.order_by("-id")[:limit])


def get_notification(user: User, notification_id: int) -> Notification:
    """One line of this user's own inbox. Raises Notification.DoesNotExist for anybody else's."""
    return Notification.objects.get(user=user, id=notification_id)


def count_unread(user: User) -> int:
    """How many lines are unread; 100 stands for "100 or more", so that no page counts a whole inbox."""
    return Notification.objects.filter(user=user, read_at=None).order_by()[:UNREAD_CAP].count()
