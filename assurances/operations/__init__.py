"""Everything that can be done with instruments of other governments."""

from assurances.operations.breaches import accept_cure, allege_breach, begin_cure, dismiss_breach, extend_cure
from assurances.operations.coverage import draw_coverage, give_back_coverage, release_coverage, reserve_coverage
from assurances.operations.drafting import (
    change_terms,
    note_undertakings,
    start_instrument,
)
from assurances.operations.forcing import (
    amend_instrument,
    bring_into_force,
    change_ceiling,
    renew_instrument,
    supersede_instrument,
)
from assurances.operations.negotiating import (
    agree_text,
    record_contact,
    record_receipt,
    reopen_negotiation,
    request_through_state,
    withdraw_instrument,
)
from assurances.operations.stopping import (
    record_expiring,
    record_expiry,
    restore_instrument,
    suspend_instrument,
    terminate_instrument,
)
from assurances.operations.texts import add_text, add_translation

__all__ = [
    "accept_cure",
    "add_text",
    "add_translation",
    "agree_text",
    "allege_breach",
    "amend_instrument",
    "begin_cure",
    "bring_into_force",
    "change_ceiling",
    "change_terms",
    "dismiss_breach",
    "draw_coverage",
    "extend_cure",
    "give_back_coverage",
    "note_undertakings",
    "record_contact",
    "record_expiring",
    "record_expiry",
    "record_receipt",
    "release_coverage",
    "renew_instrument",
    "reopen_negotiation",
    "request_through_state",
    "reserve_coverage",
    "restore_instrument",
    "start_instrument",
    "supersede_instrument",
    "suspend_instrument",
    "terminate_instrument",
    "withdraw_instrument",
]
