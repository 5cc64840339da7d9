"""Everything a person can do with targets and visits: one function each."""

from .officers import (
    add_officer,
    change_officer,
    change_team,
    close_team,
    end_absence,
    enter_absence,
    form_team,
    renew_calendar_token,
    revoke_calendar_token,
)
from .onsite import add_paper, begin_visit, enter_answer, enter_result, leave_site, note_topology
from .reporting import add_finding, answer_action, recommend_action, submit_report, withdraw_finding
from .requesting import (
    bar_recommending_unit,
    bar_unit,
    cancel_visit,
    nominate_for_entity_list,
    notify_host,
    record_consent,
    record_not_carried_out,
    record_refusal,
    request_visit,
    send_to_unverified_list,
)
from .reviewing import accept_report, change_rating, close_visit, reopen_visit, return_report, take_up_review
from .scheduling import reschedule_visit, schedule_visit, unschedule_visit
from .serials import add_serial_list, draw_sample
from .targets import Choice, select_targets

__all__ = [
    "Choice",
    "accept_report",
    "add_finding",
    "add_officer",
    "add_paper",
    "add_serial_list",
    "answer_action",
    "bar_recommending_unit",
    "bar_unit",
    "begin_visit",
    "cancel_visit",
    "change_officer",
    "change_rating",
    "change_team",
    "close_team",
    "close_visit",
    "draw_sample",
    "end_absence",
    "enter_absence",
    "enter_answer",
    "enter_result",
    "form_team",
    "leave_site",
    "nominate_for_entity_list",
    "note_topology",
    "notify_host",
    "recommend_action",
    "record_consent",
    "record_not_carried_out",
    "record_refusal",
    "renew_calendar_token",
    "reopen_visit",
    "request_visit",
    "reschedule_visit",
    "return_report",
    "revoke_calendar_token",
    "schedule_visit",
    "select_targets",
    "send_to_unverified_list",
    "submit_report",
    "take_up_review",
    "unschedule_visit",
    "withdraw_finding",
]
