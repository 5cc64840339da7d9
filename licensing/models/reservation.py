"""What a pending case holds of a ceiling that others draw from too."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from audit.triggers import refuse

from .case import Case


class Reservation(models.Model):
    """Units that a recommended case holds of one account: an allocation, or the coverage of an instrument."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reservations")
    account = models.ForeignKey("ledger.Account", on_delete=models.PROTECT, related_name="+")
    units = models.PositiveBigIntegerField()
    key = models.CharField(max_length=100)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="reservation_key", fields=["account", "key"]),
            models.UniqueConstraint(
                name="reservation_one_open", fields=["case", "account"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(name="reservation_some", condition=Q(units__gte=1)),
            models.CheckConstraint(
                name="reservation_period_in_order", condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("at"))
            ),
        ]
        triggers = [
            refuse("reservation_stays", pgtrigger.Delete, "A reservation cannot be deleted."),
            refuse(
                "reservation_ends_once",
                pgtrigger.Update,
                "A reservation only ends, and once.",
                unless="OLD.ended_at IS NULL AND (NEW.case_id, NEW.account_id, NEW.units, NEW.key, NEW.at)"
                " = (OLD.case_id, OLD.account_id, OLD.units, OLD.key, OLD.at)",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.units:,} for {self.case_id}"
