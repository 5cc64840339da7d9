"""Which steps of a tranche plan are released at a verified amount, and what follows when it falls. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.rules import Refused
from investments.rules.money import write_units

MOST_STEPS = 50


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a plan: chips that are released once so much is verified, and how many of them are in the ceiling."""

    position: int
    required: int
    chips: int
    released: int = 0


@dataclass(frozen=True, slots=True)
class StepChange:
    """Chips to add to (or take from) the ceiling for one step; `kept` are shipped already and cannot be taken."""

    position: int
    chips: int
    kept: int = 0


def check_steps(steps: Sequence[tuple[int, int]], *, target: int, unit: str) -> list[Step]:
    """The steps of a new plan, given as (verified units wanted, chips). Refused, naming the step that is wrong."""
    if not steps:
        raise Refused("A plan has at least one step.", rule="tranche.some", field="steps")
    if len(steps) > MOST_STEPS:
        raise Refused(f"A plan has at most {MOST_STEPS} steps.", rule="tranche.most", field="steps")
    before = -1
    for position, (required, chips) in enumerate(steps, start=1):
        if chips < 1:
            raise Refused(f"Step {position} releases no chip.", rule="tranche.chips", field="steps")
        if required < 0 or required <= before:
            raise Refused(
                f"Step {position} wants {write_units(required, unit)} verified, which is no more than the step before. "
                "Each step wants more than the last.",
                rule="tranche.rising",
                field="steps",
            )
        if required > target:
            raise Refused(
                f"Step {position} wants {write_units(required, unit)} verified, but only {write_units(target, unit)} "
                "is committed, so it could never be released.",
                rule="tranche.reachable",
                field="steps",
            )
        before = required
    return [Step(position, required, chips) for position, (required, chips) in enumerate(steps, start=1)]


def count_released(steps: Sequence[Step], verified: int) -> int:
    """Chips of all steps whose verified amount is reached."""
    return sum(step.chips for step in steps if step.required <= verified)


def settle_steps(steps: Sequence[Step], *, verified: int, left: int, held: bool) -> list[StepChange]:
    """What must change so that the ceiling follows the verified amount, given what is left under it.

    Steps that are no longer reached are taken back from the last one on, down to what is drawn. What cannot be
    taken stays with its step; until that step is reached again nothing above it is released. While the plan is
    held nothing is added.
    """
    changes = []
    # The last steps first: what was released last is taken back first. So all steps below one that keeps chips are
    # whole, and nothing is added while chips stand that are no longer covered.
    for step in sorted(steps, key=lambda each: -each.position):
        if step.required > verified and step.released:
            taken = min(step.released, left)
            left -= taken
            changes.append(StepChange(step.position, -taken, kept=step.released - taken))
    if held:
        return changes
    for step in sorted(steps, key=lambda each: each.position):
        if step.required <= verified and step.released < step.chips:
            changes.append(StepChange(step.position, step.chips - step.released))
    return changes
