"""The states and kinds of the app `deadlines`."""

from django.db.models import TextChoices


class ClockEventKind(TextChoices):
    START = "start", "started"
    STOP = "stop", "stopped"
    RESUME = "resume", "resumed"
    END = "end", "ended"


class DeadlineStatus(TextChoices):
    OPEN = "open", "Open"
    MET = "met", "Met"
    CANCELLED = "cancelled", "Canceled"


class OwnerKind(TextChoices):
    """Who must meet a deadline: one person, a unit of Commerce, or everybody of an organization."""

    USER = "user", "Person"
    UNIT = "unit", "Unit"
    ORGANIZATION = "organization", "Organization"


class CalendarName(TextChoices):
    US_FEDERAL = "us_federal", "US federal holidays"
