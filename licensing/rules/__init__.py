"""The pure rules of a case: no database, no clock, no web. Each function answers from what it is given."""

from .checks import (
    ApplicationFacts,
    Finding,
    ItemFacts,
    PartyFacts,
    check_application,
    check_decided_lines,
    check_denial_grounds,
    check_requirements_closed,
)
from .counting import Counts, chips_in_unit, larger_counts, normalized, transaction_digest, worst_party
from .numbers import acn_of, exemption_number_of, license_number_of
from .outcome import COUNTED_RULES, content_hash, expiry_of, explain_to_applicant, license_status, shorten
from .transitions import (
    APPLICATION_TRANSITIONS,
    CASE_TRANSITIONS,
    CLOCK,
    REQUIREMENT_TRANSITIONS,
    Transition,
    next_status,
)

__all__ = [
    "COUNTED_RULES",
    "APPLICATION_TRANSITIONS",
    "CASE_TRANSITIONS",
    "CLOCK",
    "REQUIREMENT_TRANSITIONS",
    "ApplicationFacts",
    "Counts",
    "Finding",
    "ItemFacts",
    "PartyFacts",
    "Transition",
    "acn_of",
    "check_application",
    "check_decided_lines",
    "check_denial_grounds",
    "check_requirements_closed",
    "chips_in_unit",
    "content_hash",
    "exemption_number_of",
    "expiry_of",
    "explain_to_applicant",
    "larger_counts",
    "license_number_of",
    "license_status",
    "next_status",
    "normalized",
    "shorten",
    "transaction_digest",
    "worst_party",
]
