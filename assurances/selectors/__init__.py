"""Reads of instruments."""

from assurances.selectors.evidence import get_standing, list_evidence
from assurances.selectors.page import (
    BreachLine,
    InstrumentPage,
    UndertakingLine,
    get_breach,
    get_instrument,
    get_instrument_page,
    get_text,
    get_translation,
    list_candidates,
    list_models,
    list_successors,
    read_text,
)
from assurances.selectors.registers import (
    EntryPage,
    Filters,
    InstrumentRow,
    Register,
    list_countries,
    list_coverage_entries,
    list_ended,
    list_register,
)

__all__ = [
    "BreachLine",
    "EntryPage",
    "Filters",
    "InstrumentPage",
    "InstrumentRow",
    "Register",
    "UndertakingLine",
    "get_breach",
    "get_instrument",
    "get_instrument_page",
    "get_standing",
    "get_text",
    "get_translation",
    "list_candidates",
    "list_countries",
    "list_coverage_entries",
    "list_ended",
    "list_evidence",
    "list_models",
    "list_register",
    "list_successors",
    "read_text",
]
