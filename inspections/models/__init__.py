"""Visits of export control officers: why a place was chosen, when and by whom, what was seen, and what came of it."""

from .onsite import (
    Answer,
    Checklist,
    Paper,
    Sample,
    SampleItem,
    Serial,
    SerialList,
    SerialResult,
    Topology,
)
from .report import ActionStep, CorrectiveAction, Finding, FindingWithdrawal, RatingChange, Report, Review
from .scheduling import CalendarToken, Engagement, Officer, Schedule, Team, TeamMember
from .targets import Candidate, SelectionRound
from .visits import RecommendingUnit, Visit, VisitStep

__all__ = [
    "ActionStep",
    "Answer",
    "CalendarToken",
    "Candidate",
    "Checklist",
    "CorrectiveAction",
    "Engagement",
    "Finding",
    "FindingWithdrawal",
    "Officer",
    "Paper",
    "RatingChange",
    "RecommendingUnit",
    "Report",
    "Review",
    "Sample",
    "SampleItem",
    "Schedule",
    "SelectionRound",
    "Serial",
    "SerialList",
    "SerialResult",
    "Team",
    "TeamMember",
    "Topology",
    "Visit",
    "VisitStep",
]
