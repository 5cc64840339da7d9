"""From a certified draft to a numbered case: what counts is counted, determined, stored and set running."""

from .filing import Filed, certify_and_submit, determine_draft, file_application
from .opening import KINDS, open_requirements

__all__ = [
    "KINDS",
    "Filed",
    "certify_and_submit",
    "determine_draft",
    "file_application",
    "open_requirements",
]
