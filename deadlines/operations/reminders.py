"""The sweep: reminders that are due, each sent exactly once however many workers sweep at a time."""

from datetime import datetime

from django.db import connection

from accounts.models import User
from deadlines.models import Deadline, Notification, Reminder
from deadlines.rules import AGENCY_ZONE

# One statement, so one transaction: a reminder is there with all its notifications, or nothing is.
# Workers skip what another has locked; a row that another has finished meanwhile is looked at again by
# PostgreSQL after it is locked, and falls out; the unique keys are the last word.
_SWEEP = """
WITH due AS (
    SELECT id, owner_kind, owner_id, kind, says, url, due_at, moves, reminder_offsets, reminder_instants
    FROM {deadline}
    WHERE status = 'open' AND next_reminder_at <= %(at)s
    ORDER BY next_reminder_at, id
    LIMIT %(batch)s
    FOR NO KEY UPDATE SKIP LOCKED
), steps AS (
    SELECT due.id AS deadline_id, due.moves, due.due_at, step,
           row_number() OVER (PARTITION BY due.id ORDER BY instant DESC, step) > 1 AS folded
    FROM due, unnest(due.reminder_offsets, due.reminder_instants) AS planned (step, instant)
    WHERE instant <= %(at)s
), sent AS (
    INSERT INTO {reminder} (deadline_id, move, step, due_at, sent_at, folded)
    SELECT deadline_id, moves, step, due_at, %(at)s, folded FROM steps
    ON CONFLICT (deadline_id, move, step) DO NOTHING
    RETURNING id, deadline_id, folded
), readers AS (
    SELECT due.id AS deadline_id, reader.id AS user_id
    FROM due JOIN {user} reader ON reader.id = due.owner_id
    WHERE due.owner_kind = 'user' AND reader.is_active
    UNION ALL
    SELECT due.id, reader.id
    FROM due JOIN {user} reader ON reader.unit_id = due.owner_id
    WHERE due.owner_kind = 'unit' AND reader.is_active
    UNION ALL
    SELECT due.id, reader.id
    FROM due JOIN {user} reader ON reader.organization_id = due.owner_id
    WHERE due.owner_kind = 'organization' AND reader.is_active
), told AS (
    INSERT INTO {notification} (user_id, deadline_id, reminder_id, kind, says, url, created_at)
    SELECT readers.user_id, due.id, sent.id, due.kind,
           CASE WHEN due.due_at <= %(at)s THEN 'Was due ' ELSE 'Due ' END || CASE
               WHEN local::time = '00:00'
               THEN to_char(local - interval '1 day', '"by the end of" FMMonth FMDD, YYYY')
               ELSE to_char(local, 'FMMonth FMDD, YYYY "at" FMHH12:MI AM')
           END || ': ' || due.says,
           due.url, %(at)s
    FROM sent
    JOIN due ON due.id = sent.deadline_id
    JOIN readers ON readers.deadline_id = sent.deadline_id
    CROSS JOIN LATERAL (SELECT due.due_at AT TIME ZONE %(zone)s AS local) AS wall
    WHERE NOT sent.folded
    ON CONFLICT (reminder_id, user_id) DO NOTHING
)
UPDATE {deadline} AS deadline
SET next_reminder_at = (
    SELECT min(instant) FROM unnest(due.reminder_instants) AS instant WHERE instant > %(at)s
)
FROM due WHERE deadline.id = due.id
"""


def send_due_reminders(*, at: datetime, batch: int = 500) -> int:
    """Send the reminders of up to `batch` deadlines whose next step has come; returns of how many.

    Each step of a deadline makes one `Reminder`, and one `Notification` for every active user of its owner.
    Of several steps that came due together (after a downtime) only the latest is told, the others are kept as
    folded. Call it until it returns 0. Safe to run anywhere, any number of times, at once.
    """
    sweep = _SWEEP.format(
        deadline=Deadline._meta.db_table,
        reminder=Reminder._meta.db_table,
        notification=Notification._meta.db_table,
        user=User._meta.db_table,
    )
    with connection.cursor() as cursor:
        cursor.execute(sweep, {"at": at, "batch": batch, "zone": AGENCY_ZONE.key})
        return int(cursor.rowcount)
