"""Everything a person can do with targets and visits: one function each."""

from .onsite import add_paper, begin_visit, enter_answer, enter_result, leave_site, note_topology
from .reporting import add_finding, answer_action, recommend_action, submit_report, withdraw_finding
from .requesting import (
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
from .serials import add_serial_list, draw_sample
from .targets import Choice, select_targets

__all__ = [
    "Choice",
    "accept_report",
    "add_finding",
    "add_paper",
    "add_serial_list",
    "answer_action",
    "bar_unit",
    "begin_visit",
    "cancel_visit",
    "change_rating",
    "close_visit",
    "draw_sample",
    "enter_answer",
    "enter_result",
    "leave_site",
    "nominate_for_entity_list",
    "note_topology",
    "notify_host",
    "recommend_action",
    "record_consent",
    "record_not_carried_out",
    "record_refusal",
    "reopen_visit",
    "request_visit",
    "return_report",
    "select_targets",
    "send_to_unverified_list",
    "submit_report",
    "take_up_review",
    "withdraw_finding",
]
