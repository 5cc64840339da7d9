"""What can be done about time: run clocks, set deadlines, remind, and tell people."""

from deadlines.operations.clocks import end_clock, resume_clock, start_clock, stop_clock
from deadlines.operations.deadlines import cancel_deadline, meet_deadline, set_deadline
from deadlines.operations.holidays import load_holidays
from deadlines.operations.inbox import mark_all_read, mark_read, notify
from deadlines.operations.reminders import send_due_reminders

__all__ = [
    "cancel_deadline",
    "end_clock",
    "load_holidays",
    "mark_all_read",
    "mark_read",
    "meet_deadline",
    "notify",
    "resume_clock",
    "send_due_reminders",
    "set_deadline",
    "start_clock",
    "stop_clock",
]
