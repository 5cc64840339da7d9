"""Clocks, deadlines and the inbox in the reading room."""

from django.contrib import admin

from audit.reading import ReadOnlyAdmin, Section
from deadlines.models import Clock, ClockEvent, Deadline, Holiday, Notification, Reminder


@admin.register(Clock)
class ClockAdmin(ReadOnlyAdmin):
    says = "One limit that runs for a subject. Its events are the truth about its time."
    list_display = ("kind", "subject", "limit_days", "due_at", "running", "time_zone")
    list_filter = ("running", "due_at")
    search_fields = ("=subject_id", "kind")
    search_help_text = "A subject's number or a kind"
    ordering = ("-id",)
    subject_fields = ("subject_kind", "subject_id")
    sections = (Section("deadlines.clockevent", by="clock", title="Events", without=("clock",)),)


@admin.register(ClockEvent)
class ClockEventAdmin(ReadOnlyAdmin):
    says = "One thing that happened to a clock: it started, stopped on a ground, went on, or ended."
    list_display = ("at", "clock", "kind", "ground", "ground_source", "actor_label", "recorded_at")
    list_select_related = ("clock",)
    list_filter = ("kind", "at")
    search_fields = ("=stop_key", "ground", "actor_label")
    search_help_text = "The key of a stop, a ground, or who acted"


@admin.register(Holiday)
class HolidayAdmin(ReadOnlyAdmin):
    says = "A day on which nobody at Commerce works, with the source that says so."
    list_display = ("on", "name", "calendar", "source")
    list_filter = ("calendar", "on")
    search_fields = ("name",)
    search_help_text = "A name"


@admin.register(Deadline)
class DeadlineAdmin(ReadOnlyAdmin):
    says = "Something an owner must do by an instant."
    list_display = ("says", "subject", "status", "due_at", "owner_kind", "moves", "closed_at")
    list_filter = ("status", "due_at", "owner_kind")
    search_fields = ("=subject_id", "says")
    search_help_text = "A subject's number, or words of the deadline"
    ordering = ("-id",)
    subject_fields = ("subject_kind", "subject_id")
    sections = (
        Section("deadlines.reminder", by="deadline", without=("deadline",)),
        Section("deadlines.notification", by="deadline", without=("deadline",)),
    )


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    says = "The proof that a step of a deadline was dealt with, once."
    list_display = ("sent_at", "deadline", "step", "due_at", "folded")
    list_select_related = ("deadline",)
    list_filter = ("folded", "sent_at")
    search_fields = ("deadline__says",)
    search_help_text = "Words of the deadline"
    ordering = ("-id",)


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    title = "Inbox lines"
    says = "A line in somebody's inbox."
    list_display = ("created_at", "user", "says", "kind", "read_at")
    list_select_related = ("user", "user__organization", "deadline")
    list_filter = ("created_at",)
    search_fields = ("says", "user__name", "user__email")
    search_help_text = "Words of the line, or whose inbox"
    ordering = ("-id",)
