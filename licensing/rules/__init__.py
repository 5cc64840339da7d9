"""The pure rules of a case: no database, no clock, no web. Each function answers from what it is given."""

from registry.lifecycles import Transition

from .checks import (
    ApplicationFacts,
    Finding,
    ItemFacts,
    PartyFacts,
    check_application,
    check_decided_lines,
    check_denial_grounds,
    check_requirements_closed,
    put_unfinished,
)
from .counting import Counts, chips_in_unit, larger_counts, normalized, transaction_digest, worst_party
from .numbers import acn_of, exemption_number_of, license_number_of
from .outcome import COUNTED_RULES, content_hash, expiry_of, explain_to_applicant, license_status, shorten, tell_ended
from .shipping import ShipmentFacts, check_shipment, tolerance
from .standing import Ceiling, GroundState, find_line_past, ground_state
from .transitions import (
    APPLICATION_TRANSITIONS,
    CASE_TRANSITIONS,
    CLOCK,
    REQUIREMENT_TRANSITIONS,
    check_requirement_can_change,
    next_status,
)

__all__ = [
    "COUNTED_RULES",
    "APPLICATION_TRANSITIONS",
    "CASE_TRANSITIONS",
    "CLOCK",
    "REQUIREMENT_TRANSITIONS",
    "ApplicationFacts",
    "Ceiling",
    "Counts",
    "Finding",
    "GroundState",
    "ItemFacts",
    "PartyFacts",
    "ShipmentFacts",
    "Transition",
    "acn_of",
    "check_application",
    "check_decided_lines",
    "check_denial_grounds",
    "check_requirement_can_change",
    "check_requirements_closed",
    "check_shipment",
    "chips_in_unit",
    "content_hash",
    "exemption_number_of",
    "expiry_of",
    "explain_to_applicant",
    "find_line_past",
    "ground_state",
    "larger_counts",
    "license_number_of",
    "license_status",
    "next_status",
    "normalized",
    "put_unfinished",
    "shorten",
    "tell_ended",
    "tolerance",
    "transaction_digest",
    "worst_party",
]
