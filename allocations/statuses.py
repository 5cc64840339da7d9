"""States of an allocation, and what a proposal asks for and comes to."""

from django.db import models


class AllocationStatus(models.TextChoices):
    """The first four are stored; that an approved one is in effect or has ended follows from its dates."""

    PROPOSED = "proposed", "Ceiling proposed"
    APPROVED = "approved", "Approved, not begun"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Proposal withdrawn"
    IN_EFFECT = "in_effect", "In effect"
    ENDED = "ended", "Ended"


STORED = (
    AllocationStatus.PROPOSED,
    AllocationStatus.APPROVED,
    AllocationStatus.DECLINED,
    AllocationStatus.WITHDRAWN,
)


class ProposalKind(models.TextChoices):
    NEW = "new", "A first ceiling"
    RAISE = "raise", "A higher ceiling"
    LOWER = "lower", "A lower ceiling"


class Outcome(models.TextChoices):
    APPROVED = "approved", "Approved by a second official"
    DECLINED = "declined", "Declined by a second official"
    WITHDRAWN = "withdrawn", "Taken back by who proposed it"
