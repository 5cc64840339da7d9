"""Which shape and color a status has. A new status gets its line here; until then it looks not begun."""

from collections.abc import Mapping

TONES: Mapping[str, str] = {
    "active": "a filled circle, blue: someone on this side is working on it",
    "waiting": "a half-filled circle, gold: someone else owes something",
    "open": "an empty circle, gray: not begun",
    "done": "a check mark, green: done, valid, approved",
    "stopped": "a square, red: refused, barred, revoked",
    "attention": "a triangle, orange: late, held, needs an eye",
    "closed": "a dash, gray: over without a result",
}

# The same word has the same shape everywhere, so the look belongs to the stored value, not to the page.
STATUS_TONES: Mapping[str, str] = {
    "draft": "open",
    "submitted": "active",
    "received": "active",
    "under_review": "active",
    "awaiting_information": "waiting",
    "recommended": "active",
    "countersigned": "active",
    "issued": "done",
    "exemption_accepted": "done",
    "not_controlled": "done",
    "denied": "stopped",
    "refused_barred": "stopped",
    "returned": "closed",
    "withdrawn": "closed",
    "closed": "closed",
    "valid": "done",
    "not_yet_valid": "open",
    "expired": "closed",
    "exhausted": "closed",
    "suspended": "attention",
    "revoked": "stopped",
    "open": "open",
    "satisfied": "done",
    "waived": "done",
    "approve": "done",
    "approve_with_conditions": "done",
    "approve_in_part": "done",
    "deny": "stopped",
    "return_without_action": "closed",
    "met": "done",
    "cancelled": "closed",
    "not_started": "open",
    "in_progress": "active",
    "complete": "done",
    "completed": "done",
    "blocked": "attention",
    "late": "attention",
    "overdue": "attention",
    "held": "attention",
    "clear": "done",
    "clean": "done",
    "active": "active",
    "pending": "waiting",
    "barred": "stopped",
    "restricted": "attention",
    "license_required": "active",
    "domestic": "closed",
    "proposed": "waiting",
    "ended": "closed",
    "in_effect": "done",
    "declined": "stopped",
    "approved": "done",
}


def get_tone(value: str, wanted: str = "") -> str:
    """The tone of a stored status, or `wanted` where a page knows better (when it is one of TONES)."""
    return wanted if wanted in TONES else STATUS_TONES.get(value, "open")
