"""What an edition can be."""

from django.db import models


class EditionStatus(models.TextChoices):
    REPORTED = "reported", "Reported"
    PROPOSED = "proposed", "Proposed"
    IN_FORCE = "in_force", "In force"
    WITHDRAWN = "withdrawn", "Withdrawn"
    SUPERSEDED = "superseded", "Superseded"
