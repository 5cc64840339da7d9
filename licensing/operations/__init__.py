"""Everything a person can do with an application, a case and what comes of it: one function each."""

from .applications import (
    add_document,
    copy_application,
    keep_unfinished,
    remove_document,
    save_end_use,
    save_installation,
    save_items,
    save_parties,
    save_safeguards,
    start_application,
    withdraw_application,
)
from .decisions import accept_exemption, decide, refuse_exemption
from .evidence import Tranche, accept_evidence, reopen_ended, verify_condition
from .expiry import end_expired_licenses, surrender_license
from .requirements import reopen_requirement, satisfy_requirement, sign_waiver
from .review import (
    add_note,
    answer_information,
    assign_case,
    countersign,
    recommend,
    request_information,
    send_back,
)
from .shipments import Shipped, record_shipment
from .submission import Filed, certify_and_submit, determine_draft, file_application
from .visits import request_visit

__all__ = [
    "Filed",
    "Shipped",
    "Tranche",
    "accept_evidence",
    "accept_exemption",
    "add_document",
    "add_note",
    "answer_information",
    "assign_case",
    "certify_and_submit",
    "copy_application",
    "countersign",
    "decide",
    "end_expired_licenses",
    "determine_draft",
    "file_application",
    "keep_unfinished",
    "recommend",
    "record_shipment",
    "refuse_exemption",
    "remove_document",
    "reopen_ended",
    "reopen_requirement",
    "request_information",
    "request_visit",
    "satisfy_requirement",
    "save_end_use",
    "save_installation",
    "save_items",
    "save_parties",
    "save_safeguards",
    "send_back",
    "sign_waiver",
    "start_application",
    "surrender_license",
    "verify_condition",
    "withdraw_application",
]
