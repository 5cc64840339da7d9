"""What is entered on site: answers, serial numbers and their results, the topology, photos and documents.

Answers and results are never changed: a later row of the same question or serial number counts.
"""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from audit.triggers import append_only
from inspections.models.visits import Visit, number_of
from inspections.statuses import MediaType, PaperKind, SerialOutcome

LONGEST_SERIAL = 40
LONGEST_PLACE = 80


class Checklist(models.Model):
    """The questions of a visit as the edition had them when the visit began. Written once."""

    audit_covered = True

    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, related_name="checklist")
    edition = models.CharField(max_length=60)
    questions = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("A checklist")]

    def __str__(self) -> str:
        return f"Checklist of {number_of(self.visit_id)}"


class Answer(models.Model):
    """An answer to a question of the checklist; the newest counts. Written once."""

    audit_covered = True

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="answers")
    question = models.CharField(max_length=60)
    value = models.TextField(help_text="yes, no, a count, or text.")
    note = models.TextField(blank=True, default="")
    client_key = models.CharField(max_length=64, help_text="Made where it was entered; one entry for each.")
    entered_at = models.DateTimeField(help_text="By the clock of the device.")
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["visit_id", "pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["visit", "question", "-id"], name="answer_newest"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "client_key"], name="answer_entered_once"),
            models.CheckConstraint(condition=~Q(question="") & ~Q(value="") & ~Q(client_key=""), name="answer_whole"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("An answer")]

    def __str__(self) -> str:
        return f"{self.question}: {self.value[:40]}"


class SerialList(models.Model):
    """A list of serial numbers that should be at the place, known by its hash. Written once."""

    audit_covered = True

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="serial_lists")
    number = models.PositiveIntegerField()
    source = models.CharField(max_length=300, help_text="Who declared it, and when.")
    count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, help_text="Of the numbers as they are stored, one a line.")
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["visit_id", "-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "number"], name="serial_list_number"),
            models.CheckConstraint(condition=Q(count__gte=1), name="serial_list_some"),
            models.CheckConstraint(condition=~Q(source=""), name="serial_list_source"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="serial_list_hash"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("A list of serial numbers")]

    def __str__(self) -> str:
        return f"List {self.number} of {number_of(self.visit_id)}"


class Serial(models.Model):
    """A serial number of a list, in its place from 1 on. Written once; the list's hash covers it."""

    list = models.ForeignKey(SerialList, on_delete=models.PROTECT, related_name="serials")
    position = models.PositiveIntegerField()
    serial = models.CharField(max_length=LONGEST_SERIAL)
    place = models.CharField(max_length=LONGEST_PLACE, blank=True, default="")

    class Meta:
        ordering: ClassVar[list[str]] = ["list_id", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["list", "position"], name="serial_position_once"),
            models.UniqueConstraint(fields=["list", "serial"], name="serial_once_in_a_list"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("A serial number")]

    def __str__(self) -> str:
        return self.serial


class Sample(models.Model):
    """A draw from a list: how many, why so many, and the seed with which anybody can repeat it. Written once."""

    audit_covered = True

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="samples")
    number = models.PositiveIntegerField()
    list = models.ForeignKey(SerialList, on_delete=models.PROTECT, related_name="samples")
    tolerated_percent = models.DecimalField(max_digits=6, decimal_places=3)
    confidence_percent = models.DecimalField(max_digits=6, decimal_places=3)
    count = models.PositiveIntegerField(help_text="Of the list, when it was drawn.")
    missing_to_meet = models.PositiveIntegerField(help_text="How many missing ones the sample must not overlook.")
    size = models.PositiveIntegerField()
    seed = models.CharField(max_length=64)
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["visit_id", "-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "number"], name="sample_number"),
            models.CheckConstraint(
                condition=Q(size__gte=1, size__lte=F("count"), missing_to_meet__gte=1, missing_to_meet__lte=F("count")),
                name="sample_of_the_list",
            ),
            models.CheckConstraint(condition=~Q(seed=""), name="sample_seed"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("A sample")]

    def __str__(self) -> str:
        return f"Sample {self.number} of {number_of(self.visit_id)}"


class SampleItem(models.Model):
    """A serial number that was drawn. Written once; the sample's seed and size say which they are."""

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveIntegerField(help_text="Its place in the list.")
    serial = models.CharField(max_length=LONGEST_SERIAL)
    place = models.CharField(max_length=LONGEST_PLACE, blank=True, default="")

    class Meta:
        ordering: ClassVar[list[str]] = ["sample_id", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sample", "position"], name="sample_item_once"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("A sampled serial number")]

    def __str__(self) -> str:
        return self.serial


class SerialResult(models.Model):
    """What was seen of a sampled serial number; the newest counts. Written once."""

    audit_covered = True

    item = models.ForeignKey(SampleItem, on_delete=models.PROTECT, related_name="results")
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="results")
    outcome = models.CharField(max_length=20, choices=SerialOutcome)
    seen_place = models.CharField(max_length=LONGEST_PLACE, blank=True, default="", help_text="For one that was moved.")
    seen_serial = models.CharField(
        max_length=LONGEST_SERIAL, blank=True, default="", help_text="For one that was substituted."
    )
    note = models.TextField(blank=True, default="")
    client_key = models.CharField(max_length=64)
    entered_at = models.DateTimeField(help_text="By the clock of the device.")
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["visit_id", "pk"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["item", "-id"], name="serial_result_newest")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "client_key"], name="serial_result_entered_once"),
            models.CheckConstraint(condition=Q(outcome__in=SerialOutcome.values), name="serial_outcome_known"),
            models.CheckConstraint(
                condition=~Q(outcome=SerialOutcome.MOVED) | ~Q(seen_place=""), name="serial_moved_where"
            ),
            models.CheckConstraint(
                condition=~Q(outcome=SerialOutcome.SUBSTITUTED) | ~Q(seen_serial=""), name="serial_substituted_by_what"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("The result of a serial number")]

    def __str__(self) -> str:
        return self.get_outcome_display()


class Topology(models.Model):
    """How the chips are connected: as declared, and as seen; the newest counts. Written once."""

    audit_covered = True

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="topologies")
    declared_chips = models.PositiveIntegerField(help_text="Chips declared at the place.")
    seen_chips = models.PositiveIntegerField()
    declared_fabric = models.PositiveIntegerField(help_text="The largest number of chips in one fabric, as declared.")
    seen_fabric = models.PositiveIntegerField()
    declared_says = models.TextField(help_text="Halls, racks and interconnect, as declared.")
    seen_says = models.TextField()
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["visit_id", "-pk"]
        verbose_name_plural = "topologies"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(declared_says="") & ~Q(seen_says=""), name="topology_says"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("A note of the topology")]

    def __str__(self) -> str:
        return f"Topology of {number_of(self.visit_id)}"


class Paper(models.Model):
    """A photo or a document of a visit, known by the hash of its bytes. Written once."""

    audit_covered = True

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=20, choices=PaperKind)
    says = models.CharField(max_length=300, help_text="What it shows.")
    media_type = models.CharField(max_length=40, choices=MediaType)
    file = models.FileField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_by_label = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["visit_id", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "sha256"], name="visit_paper_once"),
            models.CheckConstraint(condition=Q(kind__in=PaperKind.values), name="visit_paper_kind_known"),
            models.CheckConstraint(condition=Q(media_type__in=MediaType.values), name="visit_paper_media_type_known"),
            models.CheckConstraint(condition=~Q(says=""), name="visit_paper_says"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="visit_paper_hash"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*append_only("A paper of a visit")]

    def __str__(self) -> str:
        return self.says
