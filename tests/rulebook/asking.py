"""Orders for the tests of the rulebook, and the answers to them."""

from typing import Any

from rulebook.rules import Determination, Edition, determine, parse_facts
from rulebook.shipped import shipped_catalogue, shipped_edition


def facts(destination: str = "FR", model: str = "H100", quantity: int = 10, **more: Any) -> dict[str, Any]:
    """One line of chips for a destination in which the end user and its parent have their headquarters."""
    return {
        "destination": destination,
        "end_user": {"headquarters": destination, "ultimate_parent_headquarters": destination},
        "items": [{"kind": "chip", "model": model, "quantity": quantity}],
        **more,
    }


def ask(order: dict[str, Any], edition: Edition | str = "reported-2026-03") -> Determination:
    """The answer to an order under a shipped edition or another one."""
    applied = shipped_edition(edition) if isinstance(edition, str) else edition
    return determine(parse_facts(order, applied, shipped_catalogue()), applied)
