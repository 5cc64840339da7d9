"""Everything that goes out on paper: what a letter says, and how it is set. No database, no clock, no settings."""

from .blocks import Paper
from .facts import (
    AskedLine,
    Automatic,
    Envelope,
    ExemptionFacts,
    LicensedLine,
    LicenseFacts,
    NamedParty,
    Official,
    PendingCondition,
    Reason,
    Rules,
    Site,
    Verification,
)
from .grants import compose_exemption, compose_license
from .layout import render
from .refusals import compose_answer, compose_denial, compose_exemption_refusal, compose_refusal, compose_return
from .wording import spaced_code

__all__ = [
    "AskedLine",
    "Automatic",
    "Envelope",
    "ExemptionFacts",
    "LicenseFacts",
    "LicensedLine",
    "NamedParty",
    "Official",
    "Paper",
    "PendingCondition",
    "Reason",
    "Rules",
    "Site",
    "Verification",
    "compose_answer",
    "compose_denial",
    "compose_exemption",
    "compose_exemption_refusal",
    "compose_license",
    "compose_refusal",
    "compose_return",
    "render",
    "spaced_code",
]
