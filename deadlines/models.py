"""What is stored about time: clocks and their events, holidays, deadlines, reminders and the inbox."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from audit.triggers import append_only, refuse
from deadlines.statuses import CalendarName, ClockEventKind, DeadlineStatus, OwnerKind


class Clock(models.Model):
    """One limit that runs for a subject. Its events are the truth; `due_at` and `running` serve lists."""

    subject_kind = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=60)
    time_zone = models.CharField(max_length=64)
    limit_days = models.PositiveIntegerField(help_text="Calendar days (15 CFR 750.4).")
    due_at = models.DateTimeField(null=True, help_text="Empty while a stop stands that moves it.")
    running = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "kind"], name="clock_one_for_each_kind"),
            models.CheckConstraint(condition=Q(limit_days__gte=1), name="clock_has_a_limit"),
        ]
        indexes = [models.Index(fields=["kind", "due_at", "id"], name="clock_running", condition=Q(running=True))]
        triggers = [
            refuse("no_delete", pgtrigger.Delete, "A clock cannot be deleted: its time was counted."),
            refuse(
                "no_new_terms",
                pgtrigger.Update,
                "A clock keeps its subject, kind, time zone and limit.",
                unless="(NEW.subject_kind, NEW.subject_id, NEW.kind, NEW.time_zone, NEW.limit_days)"
                " = (OLD.subject_kind, OLD.subject_id, OLD.kind, OLD.time_zone, OLD.limit_days)",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject_kind} {self.subject_id}"


class ClockEvent(models.Model):
    """One thing that happened to a clock. Never changed, never deleted, covered by the journal."""

    audit_covered = True

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=ClockEventKind.choices)
    stop_key = models.CharField(max_length=100, blank=True, default="")
    ground = models.CharField(max_length=300, blank=True, default="")
    ground_source = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField(help_text="The minute from which it counts.")
    recorded_at = models.DateTimeField()
    actor_label = models.CharField(max_length=300)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="start", stop_key="", ground="")
                | Q(kind="end", stop_key="", ground="")
                | (Q(kind="stop") & ~Q(stop_key="") & ~Q(ground="") & ~Q(ground_source=""))
                | (Q(kind="resume", ground="") & ~Q(stop_key="")),
                name="clock_event_stops_on_a_ground",
            ),
            models.CheckConstraint(condition=Q(recorded_at__gte=F("at")), name="clock_event_not_of_the_future"),
            models.UniqueConstraint(fields=["clock"], name="clock_starts_once", condition=Q(kind="start")),
            models.UniqueConstraint(fields=["clock"], name="clock_ends_once", condition=Q(kind="end")),
        ]
        triggers = append_only("A clock event")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.at:%Y-%m-%d %H:%M}"


class Holiday(models.Model):
    """A day on which nobody at Commerce works, with the source that says so."""

    calendar = models.CharField(max_length=30, choices=CalendarName.choices, default=CalendarName.US_FEDERAL)
    on = models.DateField()
    name = models.CharField(max_length=200)
    source = models.CharField(max_length=300)

    class Meta:
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "on"], name="holiday_once"),
            models.CheckConstraint(condition=~Q(source=""), name="holiday_has_a_source"),
        ]

    def __str__(self) -> str:
        return f"{self.on.isoformat()} {self.name}"


class Deadline(models.Model):
    """Something an owner must do by an instant. It can be moved, met or canceled, never deleted."""

    subject_kind = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=60)
    says = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True, default="")
    owner_kind = models.CharField(max_length=20, choices=OwnerKind.choices)
    owner_id = models.BigIntegerField()
    due_at = models.DateTimeField()
    set_at = models.DateTimeField(help_text="When it was set or last moved.")
    status = models.CharField(max_length=10, choices=DeadlineStatus.choices, default=DeadlineStatus.OPEN)
    closed_at = models.DateTimeField(null=True)
    reminder_offsets = ArrayField(models.IntegerField(), default=list, help_text="Calendar days before it is due.")
    # The instants of the offsets, found once where the time zone is known: the sweep only compares them.
    reminder_instants = ArrayField(models.DateTimeField(), default=list)
    moves = models.PositiveIntegerField(default=0, help_text="How often it was moved; each move reminds anew.")
    next_reminder_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "kind", "owner_kind", "owner_id"],
                condition=Q(status="open"),
                name="deadline_one_open",
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("set_at")), name="deadline_set_in_the_future"),
            models.CheckConstraint(
                condition=Q(status="open", closed_at__isnull=True)
                | Q(status__in=["met", "cancelled"], closed_at__isnull=False, next_reminder_at__isnull=True),
                name="deadline_closed_at_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(owner_kind__in=["user", "unit", "organization"]), name="deadline_has_an_owner"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_reminder_at", "id"],
                name="deadline_next_reminder",
                condition=Q(status="open", next_reminder_at__isnull=False),
            ),
            models.Index(fields=["subject_kind", "subject_id"], name="deadline_subject"),
            models.Index(
                fields=["owner_kind", "owner_id", "due_at", "id"],
                name="deadline_owner_open",
                condition=Q(status="open"),
            ),
        ]
        triggers = [
            refuse("no_delete", pgtrigger.Delete, "A deadline cannot be deleted: meet it or cancel it."),
            refuse(
                "closed_stays",
                pgtrigger.Update,
                "A deadline that was met or canceled stays as it is: set a new one.",
                unless="OLD.status = 'open'",
            ),
        ]

    def __str__(self) -> str:
        return self.says


class Reminder(models.Model):
    """The proof that a step of a deadline was dealt with, once. A folded step was overtaken by a later."""

    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="reminders")
    move = models.PositiveIntegerField(default=0)
    step = models.IntegerField(help_text="Calendar days before the deadline.")
    due_at = models.DateTimeField(help_text="The due instant it reminds of.")
    sent_at = models.DateTimeField()
    folded = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deadline", "move", "step"], name="reminder_once_for_each_step")]
        triggers = append_only("A reminder")

    def __str__(self) -> str:
        return f"{self.step} days before"


class Notification(models.Model):
    """A line in somebody's inbox. Only `read_at` ever changes."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notifications")
    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, null=True, related_name="notifications")
    reminder = models.ForeignKey(Reminder, on_delete=models.PROTECT, null=True, related_name="notifications")
    kind = models.CharField(max_length=60)
    says = models.CharField(max_length=500)
    url = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reminder", "user"], name="notification_once_for_each_reminder"),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_inbox"),
            models.Index(fields=["user", "-id"], name="notification_unread", condition=Q(read_at__isnull=True)),
        ]
        triggers = [
            refuse(
                "only_read",
                pgtrigger.Update,
                "A notification keeps its words and its reader: it can only be read, once.",
                unless="OLD.read_at IS NULL AND to_jsonb(NEW) - 'read_at' = to_jsonb(OLD) - 'read_at'",
            ),
        ]

    def __str__(self) -> str:
        return self.says
