"""How every app's models are read in oversight: one read-only admin, and the cells that its pages are made of."""

from audit.reading.cells import Cell, Fact, find_subject_model, get_model_url, get_subject_url, link_to
from audit.reading.papers import TABBED, Paper
from audit.reading.registers import ReadOnlyAdmin, Section

__all__ = [
    "TABBED",
    "Cell",
    "Fact",
    "Paper",
    "ReadOnlyAdmin",
    "Section",
    "find_subject_model",
    "get_model_url",
    "get_subject_url",
    "link_to",
]
