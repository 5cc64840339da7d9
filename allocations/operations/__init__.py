"""Setting a country's ceiling by two persons, and counting chips against it."""

from .ceilings import approve_proposal, decline_proposal, propose_allocation, propose_change, withdraw_proposal
from .counting import draw_chips, draw_reserved_chips, give_back_chips, release_chips, reserve_chips

__all__ = [
    "approve_proposal",
    "decline_proposal",
    "draw_chips",
    "draw_reserved_chips",
    "give_back_chips",
    "propose_allocation",
    "propose_change",
    "release_chips",
    "reserve_chips",
    "withdraw_proposal",
]
