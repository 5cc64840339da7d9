"""May they? Oversight reads everything; nobody else reads anything here, and nobody writes."""

from typing import NoReturn

from accounts.permissions import NotPermitted, check_is_active, is_oversight
from accounts.rules import Principal


def check_can_read(by: Principal) -> None:
    """Only an auditor or an administrator reads in oversight."""
    check_is_active(by, to="read in oversight")
    if not is_oversight(by):
        raise NotPermitted(
            "Only an auditor or an administrator may read in oversight, where every organization's cases stand open."
            " An administrator grants those roles, to people who work on no case themselves."
        )


def can_read(by: Principal) -> bool:
    """Would `check_can_read` let this pass?"""
    return is_oversight(by)


def refuse_writing(what: str) -> NoReturn:
    """Nothing is added, changed or deleted in the reading room, whoever asks."""
    raise NotPermitted(
        f"Oversight is a reading room: {what} can be read here, not added, changed or deleted. A change is an act "
        "of the office that is responsible for it, made on its own page, where the journal records who made it."
    )
