"""docs/states.md, written from the transition tables so that the picture never drifts from the rule."""

from collections.abc import Sequence

from django.db.models import TextChoices

from allocations.rules import TRANSITIONS as ALLOCATION_TRANSITIONS
from allocations.statuses import AllocationStatus
from assurances.rules import TRANSITIONS as INSTRUMENT_TRANSITIONS
from assurances.statuses import InstrumentStatus
from inspections.rules.lifecycle import TRANSITIONS as VISIT_TRANSITIONS
from inspections.statuses import VisitStatus
from investments.rules import COMMITMENT_TRANSITIONS, SHORTFALL_TRANSITIONS
from investments.statuses import CommitmentStatus, ShortfallStatus
from licensing.rules import APPLICATION_TRANSITIONS, CASE_TRANSITIONS, REQUIREMENT_TRANSITIONS, Transition
from licensing.rules.transitions import CASE_STARTS
from licensing.statuses import ApplicationStatus, CaseStatus, RequirementStatus

HEAD = """# States

Written by `python manage.py write_states` from the transition tables in the code. Do not edit: `make check`
compares. An act that a table does not list is refused, and the database refuses a status that is not listed.
"""

LIFECYCLES = (
    (
        "An application",
        "From the first saved step to its end. The applicant owns it until it is filed.",
        APPLICATION_TRANSITIONS,
        ApplicationStatus,
        (ApplicationStatus.DRAFT,),
    ),
    (
        "A case",
        "What a filed application becomes. Barred and uncontrolled filings are answered as they come in.",
        CASE_TRANSITIONS,
        CaseStatus,
        CASE_STARTS,
    ),
    (
        "A requirement",
        "Satisfied with evidence, or waived by two officials.",
        REQUIREMENT_TRANSITIONS,
        RequirementStatus,
        (RequirementStatus.OPEN,),
    ),
    (
        "An allocation",
        "The chips of a country for a period. Two officials set the ceiling; its dates begin and end it.",
        ALLOCATION_TRANSITIONS,
        AllocationStatus,
        (AllocationStatus.PROPOSED,),
    ),
    (
        "An instrument",
        "A government's word on use and protection of chips. From its dates it also shows as expiring or expired.",
        INSTRUMENT_TRANSITIONS,
        InstrumentStatus,
        (InstrumentStatus.DRAFT,),
    ),
    (
        "A visit",
        "Officers see an installation, report, and a supervisor who did not go reviews the report.",
        VISIT_TRANSITIONS,
        VisitStatus,
        (VisitStatus.REQUESTED,),
    ),
    (
        "A commitment",
        "What a nation or a firm is bound to invest in AI data centers of the United States.",
        COMMITMENT_TRANSITIONS,
        CommitmentStatus,
        (CommitmentStatus.DRAFT,),
    ),
    (
        "A shortfall",
        "What of a milestone was not verified when its day was over.",
        SHORTFALL_TRANSITIONS,
        ShortfallStatus,
        (ShortfallStatus.OPEN,),
    ),
)


def render_states() -> str:
    """The whole page: for each lifecycle a diagram and a table of acts with their owners."""
    parts = [HEAD]
    for title, words, table, statuses, starts in LIFECYCLES:
        parts.append(f"## {title}\n\n{words}\n\n{_diagram(table, statuses, starts)}\n\n{_acts(table, statuses)}\n")
    return "\n".join(parts)


def _diagram(table: Sequence[Transition], statuses: type[TextChoices], starts: Sequence[str]) -> str:
    label = dict(statuses.choices)
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{label[status]}" as {status}' for status in label]
    lines += [f"    [*] --> {start}" for start in starts]
    lines += [f"    {step.source} --> {step.target}: {step.act.replace('_', ' ')}" for step in table]
    sources = {step.source for step in table if step.source != step.target}
    lines += [f"    {status} --> [*]" for status in label if status not in sources]
    return "\n".join([*lines, "```"])


def _acts(table: Sequence[Transition], statuses: type[TextChoices]) -> str:
    label = dict(statuses.choices)
    lines = ["| act | from | to | whose act |", "|---|---|---|---|"]
    lines += [
        f"| {step.act.replace('_', ' ')} | {label[step.source]} | {label[step.target]} | {step.owner} |"
        for step in table
    ]
    return "\n".join(lines)
