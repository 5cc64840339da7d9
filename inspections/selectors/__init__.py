"""Reading visits."""

from inspections.selectors.evidence import list_evidence

__all__ = ["list_evidence"]
