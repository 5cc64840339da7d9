"""Reads of instruments."""

from assurances.selectors.evidence import get_standing, list_evidence

__all__ = ["get_standing", "list_evidence"]
