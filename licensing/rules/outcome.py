"""What a version's text hashes to, until when a license runs, what it is worth, what an applicant is told."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any


def content_hash(content: Mapping[str, Any]) -> str:
    """The hash that a signature is bound to: sha256 over the content as canonical JSON."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def expiry_of(valid_from: date, *, years: int, roll: Callable[[date], date]) -> date:
    """The last day of a license: its anniversary after so many years (EAR 750.7(g)).

    `roll` moves a legal holiday to the next business day (EAR 750.7(g)). February 29 has its anniversary
    on March 1 where the year has no such day.
    """
    try:
        anniversary = valid_from.replace(year=valid_from.year + years)
    except ValueError:
        anniversary = date(valid_from.year + years, 3, 1)
    return roll(anniversary)


def license_status(
    *,
    on: date,
    valid_from: date,
    expires_on: date,
    suspended: bool,
    revoked: bool,
    quantity_left: int,
) -> str:
    """What a license is worth on a day; dates, acts and the ledger say it, no job has to run."""
    if revoked:
        return "revoked"
    if suspended:
        return "suspended"
    if on > expires_on:
        return "expired"
    if quantity_left <= 0:
        return "exhausted"
    if on < valid_from:
        return "not_yet_valid"
    return "valid"


# Reasons that carry counts of chips, by the first part of their rule.
COUNTED_RULES = ("counted",)


def explain_to_applicant(result: Mapping[str, Any], *, discloses_counts: bool) -> tuple[dict[str, Any], bool]:
    """A determination as its applicant may read it, and whether anything was withheld.

    What other filings account for at an installation is protected by 50 USC 4820(h). Where the counts go
    beyond what this applicant declared or filed, the numbers are left out and the answer says that.
    """
    shown = dict(result)
    if discloses_counts:
        return shown, False
    shown["counted"] = {**(result.get("counted") or {}), "quantity": None}
    shown["reasons"] = [
        {
            **reason,
            "says": (
                "The quantity that counts includes chips that other filings account for. Their number is protected "
                "from disclosure (50 USC 4820(h))."
            ),
        }
        if reason["rule"].split(".")[0] in COUNTED_RULES
        else reason
        for reason in result["reasons"]
    ]
    return shown, True


def shorten(names: Sequence[str], most: int = 2) -> str:
    """A list of names for one line: the first ones, and how many more there are."""
    head = ", ".join(names[:most])
    return head if len(names) <= most else f"{head} and {len(names) - most} more"
