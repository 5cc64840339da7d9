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
    surrendered: bool = False,
) -> str:
    """What a license is worth on a day; dates, acts and the ledger say it, no job has to run."""
    if surrendered:
        return "surrendered"
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


def tell_ended(number: str, *, on: date, expires_on: date, revoked: bool, surrendered: bool) -> str:
    """Why a license has ended by a day, so that it cannot be given up any more; empty while it has not."""
    how = "was surrendered" if surrendered else "was revoked" if revoked else "has expired" if on > expires_on else ""
    return (
        f"License {number} {how}, so it has ended already and cannot be given up. Nothing was changed." if how else ""
    )


# Reasons whose sentence carries counts of chips, by the first part of their rule.
COUNTED_RULES = ("counted", "tier")


def explain_to_applicant(result: Mapping[str, Any], *, discloses_counts: bool) -> tuple[dict[str, Any], bool]:
    """A determination as its applicant may read it, and whether anything was withheld.

    What other filings account for at an installation is protected by 50 USC 4820(h). Where the counts go
    beyond what this applicant declared, the numbers are left out and the answer says that.
    """
    shown = dict(result)
    if discloses_counts:
        return shown, False
    shown["counted"] = {**result["counted"], "quantity": None}
    shown["reasons"] = [_without_counts(reason, result["tier"]) for reason in result["reasons"]]
    return shown, True


def _without_counts(reason: Mapping[str, str], tier: str | None) -> Mapping[str, str]:
    kind = reason["rule"].split(".")[0]
    if kind not in COUNTED_RULES:
        return reason
    says = (
        f"The quantity that counts is in tier {tier}."
        if kind == "tier"
        else "The quantity that counts includes chips that the regulator's records show at this place. Their number "
        "may come from other filings and is protected from disclosure (50 USC 4820(h))."
    )
    return {**reason, "says": says}


def shorten(names: Sequence[str], most: int = 2) -> str:
    """A list of names for one line: the first ones, and how many more there are."""
    head = ", ".join(names[:most])
    return head if len(names) <= most else f"{head} and {len(names) - most} more"
