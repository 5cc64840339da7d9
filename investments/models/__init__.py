"""Commitments and their plan, what was paid and proved, and the tranches that hang on it."""

from investments.models.commitment import Asset, Commitment, Milestone, Paper
from investments.models.proof import AmountEntry, Evidence, Verification
from investments.models.shortfall import Shortfall, WaiverSignature
from investments.models.tranche import TrancheMove, TranchePlan, TrancheStep

__all__ = [
    "AmountEntry",
    "Asset",
    "Commitment",
    "Evidence",
    "Milestone",
    "Paper",
    "Shortfall",
    "TrancheMove",
    "TranchePlan",
    "TrancheStep",
    "Verification",
    "WaiverSignature",
]
