"""What was sent once and is carried out once: the API's answers, and the forms of the pages."""

import pgtrigger
from django.db import models
from django.db.models import Q

from audit.triggers import refuse


class StoredAnswer(models.Model):
    """The answer to one write, stored in the transaction of the write itself."""

    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    api_key = models.ForeignKey("accounts.ApiKey", on_delete=models.PROTECT, related_name="+")
    request_hash = models.CharField(max_length=64, help_text="SHA-256 of the method, the address and the content.")
    status = models.PositiveSmallIntegerField()
    body = models.TextField(help_text="JSON, byte for byte.")
    location = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="stored_answer_once", fields=["organization", "key"]),
            models.CheckConstraint(name="stored_answer_hash", condition=Q(request_hash__regex=r"^[0-9a-f]{64}$")),
            models.CheckConstraint(name="stored_answer_status", condition=Q(status__gte=200, status__lt=300)),
        ]
        indexes = [models.Index(name="stored_answer_at", fields=["at"])]
        triggers = [refuse("stored_answer_stays", pgtrigger.Update, "An answer stays as it was given.")]

    def __str__(self) -> str:
        return f"{self.status} under {self.key}"


class SentForm(models.Model):
    """A form of a page that was carried out, and what it made; stored in the transaction of the act itself."""

    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, help_text="SHA-256 of the page's token, its address and what was sent.")
    made = models.CharField(max_length=500, blank=True, help_text="Where what it made is found.")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="sent_form_at")]
        constraints = [
            models.UniqueConstraint(name="sent_form_once", fields=["organization", "key"]),
            models.CheckConstraint(name="sent_form_hash", condition=Q(key__regex=r"^[0-9a-f]{64}$")),
        ]
        triggers = [
            refuse("sent_form_stays", pgtrigger.Update, "A form that was carried out stays so.", unless="OLD.made = ''")
        ]

    def __str__(self) -> str:
        return f"A form that made {self.made}"
