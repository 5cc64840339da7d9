"""Pure rules of instruments: their lifecycle, when they stand, what they cover, and what they still lack."""

from .comparing import ComparedLine, Piece, compare_texts
from .evidence import Instrument, list_lacks, tell_applicant
from .lifecycle import (
    BEFORE_FORCE,
    OPEN_TERMS,
    STANDING,
    STOPPED,
    TRANSITIONS,
    WORDS,
    begins_at,
    is_standing,
    needs_translation,
    standing_of,
    tell_day,
    tell_language,
)
from .terms import Coverage, Terms, check_ceiling, check_new_ceiling, check_period, check_terms
from .undertakings import Given, Wanted, check_undertaking, list_missing

__all__ = [
    "BEFORE_FORCE",
    "ComparedLine",
    "Coverage",
    "Given",
    "Instrument",
    "OPEN_TERMS",
    "Piece",
    "STANDING",
    "STOPPED",
    "TRANSITIONS",
    "Terms",
    "WORDS",
    "Wanted",
    "begins_at",
    "check_ceiling",
    "check_new_ceiling",
    "check_period",
    "check_terms",
    "check_undertaking",
    "compare_texts",
    "is_standing",
    "list_lacks",
    "list_missing",
    "needs_translation",
    "standing_of",
    "tell_applicant",
    "tell_day",
    "tell_language",
]
