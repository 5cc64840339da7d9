"""What can be done about commitments: agree, record, prove, verify, reverse, cure, waive, end, and release tranches."""

from investments.operations.amounts import record_amount, reverse_amount
from investments.operations.assessing import assess_commitment
from investments.operations.drafting import (
    Terms,
    add_asset,
    add_milestone,
    draft_commitment,
    remove_asset,
    remove_milestone,
    save_commitment,
    withdraw_commitment,
)
from investments.operations.ending import complete_commitment, terminate_commitment
from investments.operations.papers import PaperIn
from investments.operations.proving import reverse_verification, submit_evidence, verify_evidence, withdraw_evidence
from investments.operations.shortfalls import record_cure_plan, sign_waiver
from investments.operations.signing import bring_into_force, sign_commitment
from investments.operations.tranches import draw_tranche, give_back_tranche, open_tranches

__all__ = [
    "PaperIn",
    "Terms",
    "add_asset",
    "add_milestone",
    "assess_commitment",
    "bring_into_force",
    "complete_commitment",
    "draft_commitment",
    "draw_tranche",
    "give_back_tranche",
    "open_tranches",
    "record_amount",
    "record_cure_plan",
    "remove_asset",
    "remove_milestone",
    "reverse_amount",
    "reverse_verification",
    "save_commitment",
    "sign_commitment",
    "sign_waiver",
    "submit_evidence",
    "terminate_commitment",
    "verify_evidence",
    "withdraw_commitment",
    "withdraw_evidence",
]
