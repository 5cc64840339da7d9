"""One table for each lifecycle: which act leads from where to where, and whose act it is. Pure."""

from collections.abc import Collection

from investments.statuses import CommitmentStatus as C
from investments.statuses import ShortfallStatus as S
from registry.lifecycles import Transition

_OFFICER = "commitment officer"
_SYSTEM = "whoever looks: the schedule or an officer"
# Something is owed, so amounts are recorded, evidence is verified and due dates are watched.
LIVE: tuple[C, ...] = (C.IN_FORCE, C.SHORTFALL, C.IN_CURE, C.SHORTFALL_WAIVED, C.COMPLETED)
_RUNNING: tuple[C, ...] = (C.IN_FORCE, C.SHORTFALL, C.IN_CURE, C.SHORTFALL_WAIVED)
_TO: dict[C, str] = {
    C.IN_FORCE: "cure",
    C.SHORTFALL: "find_shortfall",
    C.IN_CURE: "record_plan",
    C.SHORTFALL_WAIVED: "complete_waiver",
}

COMMITMENT_TRANSITIONS: tuple[Transition, ...] = (
    Transition("save", C.DRAFT, C.DRAFT, _OFFICER),
    Transition("withdraw", C.DRAFT, C.WITHDRAWN, _OFFICER),
    Transition("sign", C.DRAFT, C.SIGNED, _OFFICER),
    Transition("bring_into_force", C.SIGNED, C.IN_FORCE, _OFFICER),
    Transition("terminate", C.SIGNED, C.TERMINATED, _OFFICER),
    *(
        Transition(_TO[target], source, target, _OFFICER if target is C.IN_CURE else _SYSTEM)
        for source in _RUNNING
        for target in _RUNNING
        if source is not target
    ),
    *(Transition("complete", source, C.COMPLETED, _OFFICER) for source in (C.IN_FORCE, C.SHORTFALL_WAIVED)),
    Transition("find_shortfall", C.COMPLETED, C.SHORTFALL, _SYSTEM),
    *(Transition("reopen", C.COMPLETED, target, _OFFICER) for target in (C.IN_FORCE, C.SHORTFALL_WAIVED)),
    *(Transition("terminate", source, C.TERMINATED, _OFFICER) for source in _RUNNING),
    *(Transition("record_amount", status, status, _OFFICER) for status in (C.SIGNED, *LIVE)),
    *(Transition("submit_evidence", status, status, _OFFICER) for status in _RUNNING),
    *(Transition("verify", status, status, _OFFICER) for status in _RUNNING),
    *(Transition("reverse", status, status, _OFFICER) for status in (*LIVE, C.TERMINATED)),
)

SHORTFALL_TRANSITIONS: tuple[Transition, ...] = (
    Transition("record_plan", S.OPEN, S.IN_CURE, _OFFICER),
    Transition("record_plan", S.IN_CURE, S.IN_CURE, _OFFICER),
    Transition("lapse", S.OPEN, S.LAPSED, _SYSTEM),
    Transition("lapse", S.IN_CURE, S.LAPSED, _SYSTEM),
    *(Transition("cure", status, S.CURED, _SYSTEM) for status in (S.OPEN, S.IN_CURE, S.LAPSED)),
    *(Transition("sign_waiver", status, status, "waiver official") for status in (S.OPEN, S.IN_CURE, S.LAPSED)),
    *(Transition("complete_waiver", status, S.WAIVED, "waiver official") for status in (S.OPEN, S.IN_CURE, S.LAPSED)),
)
OPEN_SHORTFALLS: tuple[S, ...] = (S.OPEN, S.IN_CURE, S.LAPSED)

# Completes the sentence "… cannot {} now".
WORDS = {
    "save": "be changed",
    "withdraw": "be withdrawn",
    "sign": "be signed",
    "bring_into_force": "be brought into force",
    "find_shortfall": "fall short",
    "record_plan": "take a cure plan",
    "cure": "be cured",
    "complete_waiver": "be waived",
    "sign_waiver": "be waived",
    "lapse": "lapse",
    "complete": "be completed",
    "reopen": "be opened again",
    "terminate": "be terminated",
    "record_amount": "take amounts",
    "submit_evidence": "take evidence",
    "verify": "have evidence verified",
    "reverse": "have a verification reversed",
}


def find_standing_status(status: C, shortfalls: Collection[S], *, is_whole: bool) -> C:
    """The status that a commitment has by its shortfalls, all that there ever were; what is not live keeps its own.

    One without a plan, or whose cure period is over, outweighs one in cure, and that outweighs a waived one. A
    completed commitment stays so only while all of it is verified or waived (`is_whole`).
    """
    if status not in LIVE:
        return status
    if S.OPEN in shortfalls or S.LAPSED in shortfalls:
        return C.SHORTFALL
    if S.IN_CURE in shortfalls:
        return C.IN_CURE
    if status is C.COMPLETED and is_whole:
        return status
    return C.SHORTFALL_WAIVED if S.WAIVED in shortfalls else C.IN_FORCE


def find_act(status: C, target: C) -> str:
    """The act of the table that leads a live commitment to the status that its shortfalls give it."""
    if status is C.COMPLETED and target is not C.SHORTFALL:
        return "reopen"
    return _TO[target]
